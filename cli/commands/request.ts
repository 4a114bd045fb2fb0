// What `hallpass request` takes.

import { type Describe, repoOption } from "../describe.ts";
import type { RequestOptions } from "../request.ts";
import { asking } from "./asking.ts";

type Typed = Omit<RequestOptions, "nodes" | "json"> & { json?: true };

export const describeRequest: Describe = (program, run) => {
  asking(
    program
      .command("request")
      .description("Ask for access: opens the issue that the form would.")
      .argument("<node...>", "an id, a name, account/region/name, or tag:Key=Value for all that match"),
  )
    .option("--from <time>", "not before, 2026-12-01T22:00:00Z")
    .option(...repoOption)
    .option("--json", "one JSON object: request, url, nodes, access, forward, for, reason, ticket, from")
    .addHelpText(
      "after",
      `
Everything is checked first, as Hallpass will: what could not be decided is not posted.

Exits with 0 when it is asked, 2 when it is not, and why.

Examples:
  $ hallpass request r2d2-app-01 --for 2h --reason "INC-1234 checkout is down"
  $ hallpass request tag:Workload=Application01 --reason patching --from 2026-12-01T22:00:00Z
  $ hallpass request db-01 --access port-forward --forward postgres --reason "slow queries" --json | jq .url`,
    )
    .action((nodes: readonly string[], { json, ...rest }: Typed) =>
      run({ ...rest, nodes, json: json === true }, async () => (await import("../request.ts")).request),
    );
};
