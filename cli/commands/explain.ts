// What `hallpass explain` takes.

import type { Describe } from "../describe.ts";
import { exits, foreseeing, optionsOf, type Typed } from "./foreseeing.ts";

export const describeExplain: Describe = (program, run) => {
  foreseeing(
    program
      .command("explain")
      .description("Say why: by which policies and rule at which commit, and on what facts, without asking."),
  )
    .option(
      "--json",
      "one JSON object: all of `hallpass can`, with principal, context and of each node verdict, guardrails, permits, denies, unmatched, rule (name, file, line, url, inputs, advice, max)",
    )
    .addHelpText(
      "after",
      `
${exits}

Examples:
  $ hallpass explain c3po-vault-01
  $ hallpass explain r2d2-app-01 --access ssh --as dave
  $ hallpass explain r2d2-app-01 --json | jq -r '.nodes[].rule.url'`,
    )
    .action((nodes: readonly string[], typed: Typed) =>
      run(optionsOf(nodes, typed), async () => (await import("../explain.ts")).explain),
    );
};
