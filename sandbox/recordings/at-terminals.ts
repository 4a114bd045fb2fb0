// The people of the sandbox, each at a terminal of their own.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Person } from "../stage.ts";
import type { Sandbox } from "../start.ts";
import { type PseudoTerminal, type Started, startInTerminal } from "./pseudo-terminal.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** How a person starts `hallpass`, with nothing of theirs but a token and a home. */
export function hallpassOf(
  { awsUrl, githubUrl, stage }: Sandbox,
  home: string,
  login: Person,
): Pick<Started, "command" | "args" | "cwd" | "env"> {
  return {
    command: process.execPath,
    args: ["--import", import.meta.resolve("tsx"), join(root, "cli/main.ts")],
    cwd: home,
    env: {
      PATH: `${join(root, "sandbox/aws/bin")}:${process.env["PATH"] ?? ""}`,
      HOME: home,
      XDG_CONFIG_HOME: join(home, login),
      AWS_ENDPOINT_URL: awsUrl,
      AWS_EC2_METADATA_DISABLED: "true",
      GITHUB_API_URL: githubUrl,
      GITHUB_TOKEN: stage.github.personalToken(login),
      HALLPASS_REPOSITORY: stage.repository.fullName,
    },
  };
}

export function atTerminal(
  sandbox: Sandbox,
  home: string,
  login: Person,
  args: readonly string[],
  more: Partial<Pick<Started, "columns" | "rows">> = {},
): PseudoTerminal {
  const hallpass = hallpassOf(sandbox, home, login);
  return startInTerminal({ ...hallpass, ...more, args: [...hallpass.args, ...args] });
}
