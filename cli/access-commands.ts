// The commands of operators and approvers, and their help.

import { type Command, Option } from "commander";
import type { ConnectOptions } from "./connect.ts";
import type { ExitCode } from "./exit-code.ts";
import type { KeyOptions } from "./key.ts";
import type { Which } from "./list.ts";
import type { RequestOptions } from "./request.ts";
import type { Terminal } from "./terminal.ts";

type Finish = (code: ExitCode) => void;

const repoOption = [
  "--repo <owner/name>",
  "the access repository (default: HALLPASS_REPOSITORY, else the remote `origin`)",
] as const;
const identityOption = [
  "--identity <file>",
  "your age identity (default: HALLPASS_IDENTITY, else ~/.config/hallpass/identity)",
] as const;

export function describeKey(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command("key")
    .description("Show the public key that credentials are sealed to; make it the first time.")
    .option(...identityOption)
    .option("--rotate", "make a new one; the old one is kept beside, with a number")
    .option("--post-quantum", "make a post-quantum hybrid key (age1pq1…)")
    .option("--json", "one JSON object: did (shown, made, rotated), file, recipient, kept")
    .addHelpText(
      "after",
      `
Only you may read the file (mode 0600). One that is there is never overwritten.

Exits with 0 when there is a key, 2 when there is none.

Examples:
  $ hallpass key
  $ hallpass key --rotate
  $ gh issue comment 12 --repo acme/access --body "/token $(hallpass key)"`,
    )
    .action(async (options: Partial<KeyOptions>) => {
      const { key } = await import("./key.ts");
      const { rotate = false, postQuantum = false, json = false } = options;
      finish(await key(terminal, { ...options, rotate, postQuantum, json }));
    });
}

/** What is asked for, in `request` and `connect`. */
function asking(command: Command): Command {
  return command
    .option("--for <duration>", "how long, from when access opens", "1h")
    .option("--reason <text>", "why; asked for on a terminal when missing")
    .option("--access <mode>", "shell, ssh, port-forward or rdp", "shell")
    .option("--forward <name>", "with port-forward: one of the config's")
    .option("--ticket <id>", "a ticket, for policies and for the record");
}

export function describeRequest(program: Command, terminal: Terminal, finish: Finish): void {
  asking(
    program
      .command("request")
      .description("Ask for access: opens the issue that the form would.")
      .argument("<node...>", "an id, a name, account/region/name, or tag:Key=Value for all that match"),
  )
    .option("--from <time>", "not before, 2026-12-01T22:00:00Z")
    .option(...repoOption)
    .option("--json", "one JSON object: request, url, nodes, access, forward, for, reason, ticket, from")
    .addHelpText(
      "after",
      `
Everything is checked first, as Hallpass will: what could not be decided is not posted.

Exits with 0 when it is asked, 2 when it is not, and why.

Examples:
  $ hallpass request r2d2-app-01 --for 2h --reason "INC-1234 checkout is down"
  $ hallpass request tag:Workload=Application01 --reason patching --from 2026-12-01T22:00:00Z
  $ hallpass request db-01 --access port-forward --forward postgres --reason "slow queries" --json | jq .url`,
    )
    .action(async (nodes: readonly string[], options: Omit<RequestOptions, "nodes">) => {
      const { request } = await import("./request.ts");
      finish(await request(terminal, { ...options, nodes, json: options.json === true }));
    });
}

export function describeConnect(program: Command, terminal: Terminal, finish: Finish): void {
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
      "progress as JSON, one object a line, on standard error: event (found, asked, key, status, open, session, ended, over, waiting), and what belongs to it",
    )
    .addHelpText(
      "after",
      `
Goes on with a request of yours for this node that is open or still waits; otherwise asks. Posts your key, makes one
the first time. Standard input and output are the session's; what happens is told on standard error. Ctrl-C while it
waits leaves the request standing; the same command goes on with it.

Needs AWS's session-manager-plugin. --access ssh prints a line for your terminal, and works as an ssh ProxyCommand.

Exits with 0 when the session has ended, 1 when it was not granted or the session failed, 2 when it could not run,
3 when --wait is over and nothing is decided, 130 after Ctrl-C.

Examples:
  $ hallpass connect r2d2-app-01 --for 2h --reason "INC-1234 checkout is down"
  $ echo uptime | hallpass connect i-0a0a0a0a0a0a0a0a1 --reason INC-1 --wait 10m --json
  $ hallpass connect db-01 --access port-forward --forward postgres --local-port 5432 --reason "slow queries"
  $ ssh -o ProxyCommand="hallpass connect %h --access ssh --reason INC-1" ec2-user@r2d2-app-01`,
    )
    .action(async (node: string, options: Omit<ConnectOptions, "node">) => {
      const { connect } = await import("./connect.ts");
      finish(await connect(terminal, { ...options, node, json: options.json === true }));
    });
}

export function describeStatus(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command("status")
    .description("Show how a request stands: what was decided, who is waited for, until when it is open.")
    .argument("[id]", "number of the request (default: the newest of yours)")
    .option(...repoOption)
    .option(
      "--json",
      "one JSON object: request, url, state, open, by, opened, updated, nodes, access, forward, for, reason, ticket, from, what, next, since, text, credentials",
    )
    .addHelpText(
      "after",
      `
It shows what Hallpass's status comment says; what counts is what GitHub and the ledger hold.

Exits with 0 when there is such a request, 1 when you have asked for nothing yet, 2 when it could not look.

Examples:
  $ hallpass status
  $ hallpass status 12 --json | jq -r .state`,
    )
    .action(async (id: string | undefined, options: { repo?: string; json?: true }) => {
      const { status } = await import("./status.ts");
      finish(
        await status(terminal, {
          ...options,
          ...(id === undefined ? {} : { id }),
          json: options.json === true,
        }),
      );
    });
}

export function describeList(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command("list")
    .description("List requests: yours, those that wait for you, those that are open.")
    .addOption(which("mine", "open requests of yours (default)"))
    .addOption(which("for-me", "those whose review is asked of you, or of a team of yours"))
    .addOption(which("active", "those with open access, of everybody"))
    .addOption(which("all", "the newest 100 of everybody, over or not"))
    .option(...repoOption)
    .option(
      "--json",
      "one JSON array: request, url, state, open, by, opened, updated, nodes, access, forward, for, reason, ticket, from, pull",
    )
    .addHelpText(
      "after",
      `
Exits with 0 when it could look, with none found too, 2 when it could not.

Examples:
  $ hallpass list
  $ hallpass list --for-me
  $ hallpass list --all --json | jq '.[] | select(.state == "denied")'`,
    )
    .action(async (options: { [W in Which]?: true } & { forMe?: true; repo?: string; json?: true }) => {
      const { list } = await import("./list.ts");
      const { mine: _, forMe, active, all, json, ...rest } = options;
      const chosen: Which = forMe ? "for-me" : active ? "active" : all ? "all" : "mine";
      finish(await list(terminal, { ...rest, which: chosen, json: json === true }));
    });
}

const lists: readonly Which[] = ["mine", "for-me", "active", "all"];
/** As commander calls them. */
const optionName = (name: Which): string => (name === "for-me" ? "forMe" : name);

const which = (name: Which, text: string): Option =>
  new Option(`--${name}`, text).conflicts(lists.filter((each) => each !== name).map(optionName));
