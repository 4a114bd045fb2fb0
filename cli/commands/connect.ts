// What `hallpass connect` takes.

import type { ConnectOptions } from "../connect.ts";
import { type Describe, identityOption, repoOption } from "../describe.ts";
import { asking } from "./asking.ts";

type Typed = Omit<ConnectOptions, "node" | "json"> & { json?: true };

export const describeConnect: Describe = (program, run) => {
  asking(
    program
      .command("connect")
      .description("Open a session on a node: asks if need be, waits for the decision, connects.")
      .argument("<node>", "an id, a name, or account/region/name"),
  )
    .option(
      "--local-port <port>",
      "with port-forward and rdp: the port on this machine (default: a free one)",
    )
    .option("--wait <duration>", "the longest wait for a decision (default: until there is one)")
    .option(...identityOption)
    .option(...repoOption)
    .option(
      "--json",
      "progress as JSON, one object a line, on standard error: event (found, asked, key, warning, status, open, session, ended, over, waiting), and what belongs to it",
    )
    .addHelpText(
      "after",
      `
Goes on with a request of yours for this node that is open or still waits; otherwise asks. Posts your key, makes one
the first time. Standard input and output are the session's; what happens is told on standard error. Ctrl-C while it
waits leaves the request standing; the same command goes on with it.

Standard input that is no terminal should end with \`exit\`. Where it does not, the shell is ended when the node has said
nothing for 10 seconds, and the exit code is 1: what was typed may not be done.

Needs AWS's session-manager-plugin. --access ssh prints a line for your terminal, and works as an ssh ProxyCommand.

Exits with 0 when the session has ended, 1 when it was not granted or the session failed or was cut, 2 when it could
not run, 3 when --wait is over and nothing is decided, 130 after Ctrl-C.

Examples:
  $ hallpass connect r2d2-app-01 --for 2h --reason "INC-1234 checkout is down"
  $ printf 'uptime\\nexit\\n' | hallpass connect i-0a0a0a0a0a0a0a0a1 --reason INC-1 --wait 10m --json
  $ hallpass connect db-01 --access port-forward --forward postgres --local-port 5432 --reason "slow queries"
  $ ssh -o ProxyCommand="hallpass connect %h --access ssh --reason INC-1" ec2-user@r2d2-app-01`,
    )
    .action((node: string, { json, ...rest }: Typed) =>
      run({ ...rest, node, json: json === true }, async () => (await import("../connect.ts")).connect),
    );
};
