// What `hallpass approve` takes.

import { type Describe, repoOption } from "../describe.ts";
import { reviewing, reviewJson } from "./reviewing.ts";

export const describeApprove: Describe = (program, run) => {
  program
    .command("approve")
    .description("Approve a request, after showing what it asks for.")
    .argument("<id>", "number of the request")
    .option("-m, --message <text>", "a word with it")
    .option("--yes", "do not ask; needed off a terminal")
    .option(...repoOption)
    .option("--json", reviewJson)
    .addHelpText(
      "after",
      `
It is a review of the request's pull request, of the very commit that was shown. Whether it counts, and whether more
are needed, the policies say: \`hallpass status\`.

Exits with 0 when the review is given, 1 when there is nothing to review, it is your own, or you say no, 2 when it could
not run.

Examples:
  $ hallpass list --for-me
  $ hallpass approve 12
  $ hallpass approve 12 --yes --json`,
    )
    .action(reviewing(run, "approve"));
};
