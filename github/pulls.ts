import type { PullFacts } from "../core/facts.ts";
import type { Problem } from "../core/problem.ts";
import type { RequestReading } from "./reading.ts";

export interface JudgedPulls {
  /** The request's own, oldest first. */
  readonly pulls: readonly PullFacts[];
  /** `trust.pull-lookalike`: why the others are nobody's, for showing. */
  readonly lookalikes: readonly Problem[];
}

/** Which pull requests are the request's own. Of a request asked by pull request, see `handWrittenPull`. */
export declare function judgePulls(reading: RequestReading): JudgedPulls;

/**
 * A pull request written by hand, as the pull request under review. `record` is what its file asks for with the nodes it names; the text
 * itself is in `reading.subject.pull.added`.
 */
export declare function handWrittenPull(
  reading: RequestReading,
  record: PullFacts["file"],
): PullFacts | undefined;
