// What `hallpass reject` takes.

import { type Describe, repoOption } from "../describe.ts";
import { reviewing, reviewJson } from "./reviewing.ts";

export const describeReject: Describe = (program, run) => {
  program
    .command("reject")
    .description("Reject a request, after showing what it asks for.")
    .argument("<id>", "number of the request")
    .requiredOption("-m, --message <text>", "why; whoever asked reads it")
    .option("--yes", "do not ask; needed off a terminal")
    .option(...repoOption)
    .option("--json", reviewJson)
    .addHelpText(
      "after",
      `
It is a review that requests changes. From anyone who could approve it ends the request.

Exits with 0 when the review is given, 1 when there is nothing to review or you say no, 2 when it could not run.

Examples:
  $ hallpass reject 12 -m "use the replica"
  $ hallpass reject 12 -m "not tonight" --yes`,
    )
    .action(reviewing(run, "reject"));
};
