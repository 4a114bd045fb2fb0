// What `hallpass extend` takes.

import { type Describe, repoOption } from "../describe.ts";
import { sayExits, saying, sayJson, type Typed } from "./saying.ts";

export const describeExtend: Describe = (program, run) => {
  program
    .command("extend")
    .description("Ask for more time while your access is open. It is decided like any other request.")
    .argument("<id>", "number of the request")
    .argument("<duration>", "how much more, 1h")
    .option(...repoOption)
    .option("--json", sayJson)
    .addHelpText("after", `\n${sayExits}\n\nExamples:\n  $ hallpass extend 12 1h`)
    .action((id: string, duration: string, typed: Typed) =>
      saying(run, { id, word: "extend" }, { ...typed, message: duration }),
    );
};
