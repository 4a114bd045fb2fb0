// What `hallpass aws session-policy` takes.

import type { Describe } from "../describe.ts";

export const describeAws: Describe = (program, run) => {
  const aws = program
    .command("aws")
    .description("What Hallpass does in AWS, for reading and for other tools.");
  aws
    .command("session-policy")
    .description("Print the session policies of an active record, read from standard input.")
    .option("--json", "one JSON array: account, region, document, session, until, nodes, policy")
    .option("--partition <name>", "aws, aws-cn or aws-us-gov", "aws")
    .addHelpText(
      "after",
      `
Exits with 0 when every policy fits, 1 when one does not, 2 when the record cannot be read.

Examples:
  $ git show origin/ledger:active/12.yaml | hallpass aws session-policy
  $ hallpass aws session-policy --json < 12.yaml | jq '.[].policy'`,
    )
    .action(({ json, ...rest }: { json?: true; partition: string }) =>
      run(
        { ...rest, json: json === true },
        async () => (await import("../aws-session-policy.ts")).awsSessionPolicy,
      ),
    );
};
