// What programs that we start get to know: Hallpass's own secrets are nothing to them.

import type { Terminal } from "./terminal.ts";

export function childEnv(env: Terminal["env"]): NodeJS.ProcessEnv {
  const { GH_TOKEN: _, GITHUB_TOKEN: __, PRIVATE_KEY: ___, AWS_PROFILE: ____, ...others } = env;
  return others;
}
