// The entry of the bundle that `action.yml` names. Errors are caught here and nowhere else.

process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

import { systemClock } from "../flow/clock.ts";
import { type ActionInputs, InputError, readInputs } from "./inputs.ts";
import { runAction } from "./run.ts";

async function main(): Promise<void> {
  const core = await import("@actions/core");
  try {
    const inputs: ActionInputs = readInputs(process.env);
    core.setSecret(inputs.privateKey);
    const done = await runAction(inputs, {
      clock: systemClock,
      oidcToken: (audience) => core.getIDToken(audience),
      say: (line) => core.info(line),
    });
    core.setOutput("state", done.state);
    core.setOutput("until", done.until);
    for (const problem of done.problems) core.error(problem);
    if (done.problems.length > 0) core.setFailed(done.problems[0] ?? "failed");
    else core.info(`done: ${done.state}${done.until === "" ? "" : ` until ${done.until}`}`);
  } catch (error) {
    core.setFailed(error instanceof InputError ? error.message : describe(error));
  }
}

// our own errors carry no secret and say what to do; of anything else only the message is shown, never a stack with values in it
const describe = (error: unknown): string => (error instanceof Error ? error.message : "an unknown error");

void main();
