// What `hallpass init` takes.

import { type Describe, each } from "../describe.ts";
import type { InitOptions } from "../init.ts";

export const describeInit: Describe = (program, run) => {
  program
    .command("init")
    .description("Write an access repository into a folder, or propose it as a pull request.")
    .argument("[dir]", "the folder; made if need be", ".")
    .option("--repo <owner/name>", "the access repository (default: the folder's remote `origin`)")
    .option("--app <id>", "id of your GitHub App")
    .option(
      "--account <id=regions>",
      "an AWS account, 111122223333=eu-central-1,us-east-1; again for more",
      each,
    )
    .option(
      "--team <role=slug>",
      "a team of the starter policies, platform=platform-team; again for more",
      each,
    )
    .option("--time-zone <name>", "of weekday and time of day in policies (default: UTC)")
    .option("--default-branch <name>", "of the access repository (default: main)")
    .option(
      "--host <name>",
      "an Enterprise Server, or TENANT.ghe.com (default: of GITHUB_API_URL or GH_HOST, else github.com)",
    )
    .option("--action <owner/name@sha>", "use a published Action (default: a copy in the access repository)")
    .option("--answers <file>", "all of this as YAML or JSON; - reads standard input")
    .option("--pull-request", "propose the files on GitHub instead of writing them here")
    .option("--dry-run", "show what would be written")
    .option("--force", "overwrite Hallpass's own files that differ; never policies, config or CODEOWNERS")
    .option("--json", "one JSON object: files, steps, pullRequest")
    .addHelpText(
      "after",
      `
Asks on a terminal for what it cannot know; anywhere else, what is missing is an error that names the flag. A second
run changes nothing. Ends with the few steps that only a human can do.

Teams: platform (needed: owns the law), devops, devops-leads, security, on-call, contractors. Policies about a team
that you do not name are left out.

Exits with 0 when the files are there, 2 when it could not run.

Examples:
  $ hallpass init access --repo acme/access
  $ hallpass init --repo acme/access --app 123456 --account 111122223333=eu-central-1 --team platform=platform
  $ hallpass init --pull-request --repo acme/access --answers answers.yaml --json`,
    )
    .action((dir: string, options: Omit<InitOptions, "dir">) => {
      const { pullRequest = false, dryRun = false, force = false, json = false } = options;
      return run(
        { ...options, dir, pullRequest, dryRun, force, json },
        async () => (await import("../init.ts")).init,
      );
    });
};
