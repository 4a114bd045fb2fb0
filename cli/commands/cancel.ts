// What `hallpass cancel` takes.

import { type Describe, repoOption } from "../describe.ts";
import { sayExits, saying, sayJson, type Typed } from "./saying.ts";

export const describeCancel: Describe = (program, run) => {
  program
    .command("cancel")
    .description("Withdraw a request of yours that is not open yet.")
    .argument("<id>", "number of the request")
    .option("-m, --message <text>", "why")
    .option(...repoOption)
    .option("--json", sayJson)
    .addHelpText("after", `\n${sayExits}\n\nExamples:\n  $ hallpass cancel 12`)
    .action((id: string, typed: Typed) => saying(run, { id, word: "cancel" }, typed));
};
