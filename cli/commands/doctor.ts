// What `hallpass doctor` takes.

import { type Describe, each, repoOption } from "../describe.ts";
import type { DoctorOptions } from "../doctor.ts";

export const describeDoctor: Describe = (program, run) => {
  program
    .command("doctor")
    .description("Look at a live set-up from end to end, and say what to mend.")
    .option(...repoOption)
    .option(
      "--host <name>",
      "an Enterprise Server, or TENANT.ghe.com (default: of GITHUB_API_URL, the remote or GH_HOST, else github.com)",
    )
    .option(
      "--trust-policy <file>",
      "a role's trust policy as JSON, to compare with this repository; again for more",
      each,
    )
    .option("--aws", "read the roles of the account that you are signed in to, as the AWS CLI would")
    .option("--json", "one JSON array: name, state, found, todo")
    .addHelpText(
      "after",
      `
Signs in with GH_TOKEN, GITHUB_TOKEN or \`gh auth token\`; an owner of the organization sees everything. With APP_ID and
PRIVATE_KEY, as the server has them, the App's webhook deliveries are looked at too.

Exits with 0 when nothing has failed (warnings, and what could not be looked at, are shown), 1 when something has, 2 when
it could not look at all.

Examples:
  $ hallpass doctor --repo acme/access
  $ AWS_PROFILE=workloads hallpass doctor --repo acme/access --aws
  $ hallpass doctor --json | jq '.[] | select(.state != "ok")'`,
    )
    .action((options: Partial<DoctorOptions>) => {
      const { trustPolicy = [], aws = false, json = false } = options;
      return run({ ...options, trustPolicy, aws, json }, async () => (await import("../doctor.ts")).doctor);
    });
};
