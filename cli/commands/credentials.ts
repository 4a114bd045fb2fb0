// What `hallpass credentials` takes.

import type { CredentialsOptions } from "../credentials.ts";
import { type Describe, identityOption, repoOption } from "../describe.ts";

export const describeCredentials: Describe = (program, run) => {
  program
    .command("credentials")
    .description("Open the sealed credentials of your grant and print them as a `credential_process` does.")
    .argument("<id>", "number of the request")
    .option(...repoOption)
    .option(...identityOption)
    .option("--place <account/region>", "which of them, when the grant is in several")
    .addHelpText(
      "after",
      `
Takes only what the App wrote, nobody edited, and AWS says belongs to this grant. Signs in with GH_TOKEN,
GITHUB_TOKEN or \`gh auth token\`.

Exits with 0 when credentials were printed, 1 when there are none to be trusted, 2 when it could not look.

Examples:
  $ hallpass credentials 12 --repo acme/access
  $ aws configure set credential_process "hallpass credentials 12 --repo acme/access" --profile grant-12`,
    )
    .action((id: string, options: Omit<CredentialsOptions, "id">) =>
      run({ ...options, id }, async () => (await import("../credentials.ts")).credentials),
    );
};
