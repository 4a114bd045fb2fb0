// The texts of an access repo that are nobody's file in this project.

import { stringify } from "yaml";
import type { SetUp } from "./set-up.ts";
import { roleArn } from "./set-up-aws.ts";

export function configFile({ appId, timeZone, accounts }: SetUp): string {
  const rest = {
    app: appId,
    timeZone,
    accounts: accounts.map(({ id, name, regions }) => ({
      id,
      ...(name === undefined ? {} : { name }),
      regions,
      roles: {
        inventory: roleArn("Inventory", id, regions),
        access: roleArn("Access", id, regions),
        revoke: roleArn("Revoke", id, regions),
      },
    })),
    modes: { shell: {} },
  };
  return `# yaml-language-server: $schema=hallpass.schema.json
# Where and for how long access may be asked for. Defaults, and all that can stand here, are in the schema beside it.
${stringify(rest, { lineWidth: 0 })}`;
}

export function codeOwners({ owner, teams, action }: SetUp): string {
  const admins = `@${owner}/${teams.platform}`;
  const paths = [
    "/policies/",
    "/.github/",
    "/aws/",
    ...(action.kind === "vendored" ? ["/action/", "/action.yml"] : []),
  ];
  const lines = paths.map((path) => `${path.padEnd(27)} ${admins}`);
  return `# Who may change the law. The ruleset of the default branch asks for their review.\n${lines.join("\n")}\n`;
}

export const pullRequestTemplate = `\
<!-- A request for access by file needs nothing of this: delete it, and add one file approved/<your login>-<anything>.yaml to the branch ledger. -->

What changes, and why:

Who could misuse it, and what stops them:

- [ ] a change of the law has its policy case
`;

export const ledgerReadme = `\
# Ledger

Every request for access to a node is one file here. Its folder says how far it has come; its name is the number of
the issue or pull request that asked.

| folder | means |
|---|---|
| \`approved/\` | decided, not begun. A person may add a request by hand here, as \`approved/<login>-<anything>.yaml\`, by pull request |
| \`active/\` | access is open, until the instant \`granted.until\` in the file |
| \`ended/<year>/<month>/\` | over: how it ended, when, by whom, and every session that was opened |

A request moves from folder to folder and is never deleted, so \`git log\` is the whole history, and
\`git log -- active/12.yaml\` is when the access of request 12 was open.

The nodes that requests ask for are on the branch \`inventory\`: \`<account>/<region>.json\` what there is,
\`preflight/<account>/<region>.json\` what would keep a grant from working, and \`unread/<account>/<region>.json\`, as long
as that Region cannot be read, since when.

Only the Hallpass App writes here, and nobody can rewrite what was written. Files here open nothing: whoever edits or
forges one changes what people read, not what AWS lets anybody do.
`;
