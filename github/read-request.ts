import type { UsFacts } from "../core/facts.ts";
import type { Instant, RequestNumber } from "../core/ids.ts";
import type { GitHubClient } from "./client.ts";
import type { RequestReading } from "./reading.ts";

/** Everything about one request in one query, pages apart. Undefined when there is no issue or pull request of that number. */
export declare function readRequest(
  client: GitHubClient,
  us: UsFacts,
  number: RequestNumber,
  now: Instant,
): Promise<RequestReading | undefined>;
