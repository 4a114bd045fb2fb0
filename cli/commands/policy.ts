// What `hallpass policy test` and `hallpass policy check` take.

import type { Describe } from "../describe.ts";

export const describePolicy: Describe = (program, run) => {
  const policy = program
    .command("policy")
    .description("Test and check the policies of an access repository.");
  policy
    .command("test")
    .description("Run policy cases: is everybody decided upon as the cases say?")
    .argument("[cases]", "folder of YAML or JSON files, each a list of cases", "policies/cases")
    .option(
      "--policies <dir>",
      "folder of *.cedar, approvals.yaml, people.yaml and delegations.yaml",
      "policies",
    )
    .option("--json", "one JSON object a line, one line a case, and nothing else")
    .option("--time-zone <name>", "time zone of weekday and timeOfDay", "UTC")
    .addHelpText(
      "after",
      `
Exits with 0 when every case is as expected, 1 when one is not, 2 when policies or cases do not load.

Examples:
  $ hallpass policy test
  $ hallpass policy test policies/cases --policies policies
  $ hallpass policy test policies/cases --json | jq 'select(.ok | not)'
  $ hallpass policy test --time-zone Europe/Berlin`,
    )
    .action((cases: string, { json, ...rest }: { policies: string; json?: true; timeZone: string }) =>
      run(
        { ...rest, cases, json: json === true },
        async () => (await import("../policy-test.ts")).policyTest,
      ),
    );
  policy
    .command("check")
    .description("Load policies, approval rules, people and cases, and show every problem at its place.")
    .argument("[dir]", "the policies folder", "policies")
    .addHelpText(
      "after",
      `
Exits with 0 when everything loads (warnings are shown), 2 when it does not.

Examples:
  $ hallpass policy check
  $ hallpass policy check ../access/policies`,
    )
    .action((dir: string) => run({ dir }, async () => (await import("../policy-check.ts")).policyCheck));
};
