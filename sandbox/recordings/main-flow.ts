// The main flow at terminals: alice asks and waits, three people approve, alice is in. What each saw, and the status comment meanwhile.

import type { Person } from "../stage.ts";
import type { Sandbox } from "../start.ts";
import { atTerminal } from "./at-terminals.ts";
import { masking } from "./mask.ts";
import type { PseudoTerminal } from "./pseudo-terminal.ts";
import { type Frame, linesOf } from "./terminal-svg.ts";

export const columns = 92;

export interface MainFlow {
  readonly frames: readonly Frame[];
  readonly comments: { readonly pending: string; readonly active: string };
}

const repo = { owner: "acme", repo: "access" } as const;

export async function playMainFlow(sandbox: Sandbox, home: string): Promise<MainFlow> {
  const mask = masking(Date.now(), home, sandbox.githubUrl);
  const frames: Frame[] = [];
  const show = (title: string, { screen }: PseudoTerminal, seconds: number) => {
    const lines = linesOf(screen).map((pieces) =>
      pieces.map(({ text, style }) => ({ text: mask(text), style })),
    );
    frames.push({ title, lines, seconds });
  };
  const statusComment = async (): Promise<string> => {
    const { data } = await sandbox.stage.as("alice").rest.issues.listComments({ ...repo, issue_number: 1 });
    return mask(data.find(({ body = "" }) => body.startsWith("<!-- hallpass:status"))?.body ?? "");
  };

  const alice = typed(sandbox, home, "alice", ["connect", "r2d2-app-01", "--for", "2h"]);
  await alice.shows("Reason:");
  alice.type("INC-1234 checkout is down\r");
  await alice.shows(/Level 2[\s\S]*Ctrl-C leaves it standing/, 60_000);
  show("alice", alice, 5);
  await approve(sandbox, home, "bob", (terminal) => show("bob, one of @acme/devops-leads", terminal, 8));
  await alice.shows("approved by @bob", 60_000);
  show("alice", alice, 3);
  const pending = await statusComment();
  await approve(sandbox, home, "erin", () => {});
  await alice.shows("1 of 2 by @erin", 60_000);
  await approve(sandbox, home, "carol", () => {});
  await alice.shows("Starting session with SessionId", 60_000);
  alice.type("hostname\r");
  await alice.shows("$ hostname\ni-");
  const active = await statusComment();
  alice.type("exit\r");
  await alice.ended;
  show("alice", alice, 10);
  return { frames, comments: { pending, active } };
}

async function approve(
  sandbox: Sandbox,
  home: string,
  login: Person,
  onEnd: (terminal: PseudoTerminal) => void,
): Promise<void> {
  const terminal = typed(sandbox, home, login, ["approve", "1"]);
  await terminal.shows("[y/n]");
  terminal.type("y\r");
  await terminal.ended;
  onEnd(terminal);
}

/** With the line that started it above, as a shell would show it. */
function typed(sandbox: Sandbox, home: string, login: Person, args: readonly string[]): PseudoTerminal {
  const terminal = atTerminal(sandbox, home, login, args, { columns, rows: 50 });
  terminal.screen.write(`$ hallpass ${args.join(" ")}\r\n`);
  return terminal;
}
