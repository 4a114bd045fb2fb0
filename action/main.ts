// The entry of the bundle that `action.yml` names. Errors are caught here and nowhere else.

process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

import { setFlagsFromString } from "node:v8";
import { ExitCode, error, getIDToken, info, setFailed, setOutput, setSecret } from "@actions/core";
import { systemClock } from "../flow/clock.ts";
import { httpFetch } from "../github/http-fetch.ts";
import { checkoutToCheck, InputError, readInputs } from "./inputs.ts";
import { type ActionResult, runAction } from "./run.ts";
import { annotationOf } from "./trouble.ts";

// A run asks Cedar a handful of questions. Optimising its WebAssembly for many more costs several times what they do, so V8 is told to wait for very long.
setFlagsFromString("--wasm-tiering-budget=1000000000");
// Each function is checked when it is first called, and not all 7,000 of them when the module is loaded: half of what loading costs.
setFlagsFromString("--wasm-lazy-validation");

async function main(): Promise<void> {
  try {
    const checkout = checkoutToCheck(process.env);
    const done = checkout === undefined ? await act() : await checked(checkout);
    setOutput("state", done.state);
    setOutput("until", done.until);
    for (const trouble of done.problems) error(trouble.message, annotationOf(trouble));
    if (done.problems.length > 0) process.exitCode = ExitCode.Failure;
    else info(`done: ${done.state}${done.until === "" ? "" : ` until ${done.until}`}`);
  } catch (thrown) {
    setFailed(thrown instanceof InputError ? thrown.message : describe(thrown));
  }
}

async function act(): Promise<ActionResult> {
  const inputs = readInputs(process.env);
  setSecret(inputs.privateKey);
  return runAction(inputs, {
    clock: systemClock,
    fetch: httpFetch,
    oidcToken: getIDToken,
    proposedCommit: async () => (await import("./check.ts")).proposedCommit(),
    say: info,
  });
}

async function checked(folder: string): Promise<ActionResult> {
  const { checkCheckout } = await import("./check-checkout.ts");
  const { inlineEngine } = await import("../cedar/engine.ts");
  const problems = await checkCheckout(folder, { engine: inlineEngine(), say: info });
  return { state: problems.length === 0 ? "checked" : "broken", until: "", problems };
}

// our own errors carry no secret and say what to do; of anything else only the message is shown, never a stack with values in it
const describe = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : "an unknown error");

void main();
