// What programs that we start get to know: Hallpass's own secrets are nothing to them.

import type { Terminal } from "./terminal.ts";

const ours: readonly string[] = [
  ...["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"],
  ...["PRIVATE_KEY", "AWS_PROFILE"],
];

export function childEnv(env: Terminal["env"]): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.includes(name)));
}
