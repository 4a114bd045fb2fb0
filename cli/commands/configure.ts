// What `hallpass configure` takes.

import type { ConfigureOptions } from "../configure.ts";
import { type Describe, identityOption, repoOption } from "../describe.ts";

type Flag = "force" | "remove" | "print" | "json";
type Typed = Omit<ConfigureOptions, "what" | Flag> & { [F in Flag]?: true };

export const describeConfigure: Describe = (program, run) => {
  program
    .command("configure")
    .description("Write an AWS profile that takes its credentials from your grant.")
    .argument("<id-or-node>", "number of the request, or a node that one of yours is open for")
    .option("--profile <name>", "what it is called (default: hallpass-<id>)")
    .option("--place <account/region>", "which of them, when the grant is in several")
    .option(...repoOption)
    .option(...identityOption)
    .option("--force", "take the place of a profile that is somebody else's")
    .option("--remove", "remove the profile again")
    .option("--print", "only print what would be written")
    .option("--json", "one JSON object: did, profile, file, account, region, credential_process")
    .addHelpText(
      "after",
      `
Writes into AWS_CONFIG_FILE, else ~/.aws/config, and leaves every other profile as it is. Nothing secret is written:
AWS's tools run \`hallpass credentials\` when they need credentials, and again when these have ended.

Exits with 0 when the profile is as it should be, 1 when nothing is open, 2 when it could not run.

Examples:
  $ hallpass configure 12
  $ aws --profile hallpass-12 ssm start-session --target i-0a0a0a0a0a0a0a0a1 --document-name Hallpass-Shell-60
  $ hallpass configure r2d2-app-01 --profile r2d2
  $ hallpass configure 12 --remove`,
    )
    .action((what: string, { force, remove, print, json, ...rest }: Typed) =>
      run(
        {
          ...rest,
          what,
          force: force === true,
          remove: remove === true,
          print: print === true,
          json: json === true,
        },
        async () => (await import("../configure.ts")).configure,
      ),
    );
};
