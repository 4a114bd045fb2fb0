// What `hallpass revoke` takes.

import { type Describe, repoOption } from "../describe.ts";
import { sayExits, saying, sayJson, type Typed } from "./saying.ts";

export const describeRevoke: Describe = (program, run) => {
  program
    .command("revoke")
    .description("End open access early: your own, or as an approver or with write access anybody's.")
    .argument("<id>", "number of the request")
    .option("-m, --message <text>", "why")
    .option(...repoOption)
    .option("--json", sayJson)
    .addHelpText("after", `\n${sayExits}\n\nExamples:\n  $ hallpass revoke 12 -m "done early"`)
    .action((id: string, typed: Typed) => saying(run, { id, word: "revoke" }, typed));
};
