// What `hallpass status` takes.

import { type Describe, repoOption } from "../describe.ts";
import type { StatusOptions } from "../status.ts";

export const describeStatus: Describe = (program, run) => {
  program
    .command("status")
    .description("Show how a request stands: what was decided, who is waited for, until when it is open.")
    .argument("[id]", "number of the request (default: the newest of yours)")
    .option(...repoOption)
    .option(
      "--json",
      "one JSON object: request, url, state, open, by, opened, updated, nodes, access, forward, for, reason, ticket, from, what, next, since, text, credentials",
    )
    .addHelpText(
      "after",
      `
It shows what Hallpass's status comment says; what counts is what GitHub and the ledger hold.

Exits with 0 when there is such a request, 1 when you have asked for nothing yet, 2 when it could not look.

Examples:
  $ hallpass status
  $ hallpass status 12 --json | jq -r .state`,
    )
    .action((id: string | undefined, { json, ...rest }: { repo?: string; json?: true }) => {
      const options: StatusOptions = { ...rest, ...(id === undefined ? {} : { id }), json: json === true };
      return run(options, async () => (await import("../status.ts")).status);
    });
};
