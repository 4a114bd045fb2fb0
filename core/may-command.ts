// Who may give which command: one table, read by the code and by the README.

import type { CommandWord } from "./commands.ts";

/** `approver`: whose review counted for the request, or who is in a level's list of the rule for its nodes. */
export type Role = "requester" | "writer" | "approver";

interface Rule {
  /** As people write it. */
  readonly form: string;
  readonly by: readonly [Role, ...Role[]];
  /** For the README. */
  readonly does: string;
  /** What is said to whoever else gives it. */
  readonly otherwise: string;
}

export const commandRules: Readonly<Record<CommandWord, Rule>> = {
  token: {
    form: "/token age1…",
    by: ["requester"],
    does: "names the key that credentials are sealed to (`hallpass key` makes one, or `age-keygen`; X25519, post-quantum, or of a hardware key, `age1tag1…`). Again while access is open: fresh credentials",
    otherwise: "the key comes only from the requester",
  },
  extend: {
    form: "/extend 1h",
    by: ["requester"],
    does: "while access is open: asks for that much more, in a new issue that is decided like any other. The end that was agreed stays",
    otherwise: "only the requester extends; who needs access too asks in an own issue",
  },
  cancel: {
    form: "/cancel",
    by: ["requester"],
    does: "withdraws what is not open yet; so does closing the issue",
    otherwise: "only the requester cancels; to reject, *Request changes*; to end open access, `/revoke`",
  },
  revoke: {
    form: "/revoke",
    by: ["requester", "writer", "approver"],
    does: "ends open access before its time; so does closing the issue",
    otherwise: "only the requester, its approvers and people who may write to this repository revoke",
  },
  "break-glass": {
    form: "/break-glass INC-1234",
    by: ["requester"],
    does: "opens access at once where a policy permits `breakGlass`, and has every skipped approver review it afterwards",
    otherwise: "only the requester breaks the glass",
  },
  retry: {
    form: "/retry",
    by: ["requester", "writer"],
    does: "after a run that failed: tries again now, without the pause that follows a failure",
    otherwise: "only the requester and people who may write to this repository start a run",
  },
  refresh: {
    form: "/refresh",
    by: ["requester", "writer"],
    does: "reads the nodes in AWS anew, unless that was done in the last ten minutes, and looks again",
    otherwise: "only the requester and people who may write to this repository start a run",
  },
};

export const mayGive = (word: CommandWord, roles: ReadonlySet<Role>): boolean =>
  commandRules[word].by.some((role) => roles.has(role));

/** The words that somebody in this role may give. */
export const givenBy = (role: Role): readonly CommandWord[] =>
  (Object.keys(commandRules) as CommandWord[]).filter((word) => commandRules[word].by.includes(role));

const called: Readonly<Record<Role, string>> = {
  requester: "requester",
  writer: "write access",
  approver: "approver",
};

/** The README's table. */
export function commandTable(): string {
  const roles = Object.keys(called) as Role[];
  const rows = Object.values(commandRules).map(({ form, by, does }) => [
    `\`${form}\``,
    ...roles.map((role) => (by.includes(role) ? "yes" : "")),
    does,
  ]);
  const head = ["comment", ...roles.map((role) => called[role]), "does"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
