// What `hallpass console` takes.

import type { ConsoleOptions } from "../console.ts";
import { type Describe, identityOption, repoOption } from "../describe.ts";

type Typed = Omit<ConsoleOptions, "id" | "print" | "json"> & { print?: true; json?: true };

export const describeConsole: Describe = (program, run) => {
  program
    .command("console")
    .description("Sign in to AWS's browser shell with the credentials of your grant.")
    .argument("<id>", "number of the request")
    .option("--place <account/region>", "which of them, when the grant is in several")
    .option("--node <node>", "id or name of one of them, when the grant is for several")
    .option(...repoOption)
    .option(...identityOption)
    .option("--print", "only print the link, which is a secret: whoever has it is signed in")
    .option("--json", "one JSON object: request, node, account, region, until, opened, and with --print url")
    .addHelpText(
      "after",
      `
Checks the credentials as \`hallpass credentials\` does, and opens the page of Session Manager for the node. You are
signed in no longer than they are good, and may do there what the grant allows: start its one document on its nodes.
Lists (of nodes, documents, sessions) stay empty, and AWS's page begins with its own default document, which a grant
does not allow: where it is refused, \`hallpass connect\` opens the shell. Nobody has tried it on a real account yet.

The browser is told the link as an argument, which other users of the same machine may see.
AWS_ENDPOINT_URL_SIGNIN is another address of AWS's sign-in.

Exits with 0 when the page was opened, 1 when there are no credentials to be trusted, 2 when it could not run.

Examples:
  $ hallpass console 12
  $ hallpass console 12 --node r2d2-app-01 --print`,
    )
    .action((id: string, { print, json, ...rest }: Typed) =>
      run(
        { ...rest, id, print: print === true, json: json === true },
        async () => (await import("../console.ts")).openConsole,
      ),
    );
};
