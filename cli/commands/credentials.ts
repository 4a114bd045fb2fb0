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
Takes only what the App wrote, nobody edited, and AWS says belongs to this grant. An identity in hardware
(AGE-PLUGIN-…) is opened by \`age\` with its plugin. Where nobody sits at a terminal, as for a \`credential_process\`,
you are signed in by GH_TOKEN, GITHUB_TOKEN, \`gh auth token\` or the system's keychain.

Exits with 0 when credentials were printed, 1 when there are none to be trusted, 2 when it could not look.

Examples:
  $ hallpass credentials 12 --repo acme/access
  $ hallpass configure 12`,
    )
    .action((id: string, options: Omit<CredentialsOptions, "id">) =>
      run({ ...options, id }, async () => (await import("../credentials.ts")).credentials),
    );
};
