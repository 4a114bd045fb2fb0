// What `hallpass can` takes.

import type { Describe } from "../describe.ts";
import { exits, foreseeing, optionsOf, type Typed } from "./foreseeing.ts";

export const describeCan: Describe = (program, run) => {
  foreseeing(program.command("can").description("Say what would happen if you asked now, without asking."))
    .option(
      "--json",
      "one JSON object: verdict (auto, manual, denied, invalid, broken), possible, requester, at, policies, access, for, nodes, until, by, levels, fewest, outOfReach, why, problems, unseen",
    )
    .addHelpText(
      "after",
      `
Decided as Hallpass would, on the policies of the default branch and on the inventory, as far as you may see.

${exits}

Examples:
  $ hallpass can r2d2-app-01
  $ hallpass can r2d2-app-01 --for 2h --ticket INC-1234 --as dave
  $ hallpass can tag:Workload=Application01 --json | jq -r .verdict`,
    )
    .action((nodes: readonly string[], typed: Typed) =>
      run(optionsOf(nodes, typed), async () => (await import("../can.ts")).can),
    );
};
