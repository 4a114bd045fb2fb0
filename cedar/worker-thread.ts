// The entry of the policy engine's thread.

import { parentPort } from "node:worker_threads";
import { ask } from "./ask.ts";
import { reasonOf } from "./engine.ts";
import { loadPolicies } from "./load.ts";
import type { PolicySet } from "./policy-set.ts";
import type { Asked, Reply } from "./worker-messages.ts";

/** The sets used last, as many as the engine keeps prepared. */
const known = new Map<string, PolicySet>();

function remember(set: PolicySet): PolicySet {
  known.delete(set.id);
  known.set(set.id, set);
  const [oldest] = known.keys();
  if (known.size > 4 && oldest !== undefined) known.delete(oldest);
  return set;
}

function answer(asked: Asked): Reply {
  if ("load" in asked) {
    const loaded = loadPolicies(asked.load);
    if (loaded.ok) remember(loaded.set);
    return { loaded };
  }
  const set = asked.set ?? known.get(asked.of);
  if (set === undefined) return { unknown: true };
  return { answers: ask(remember(set), asked.ask) };
}

parentPort?.on("message", (asked: Asked) => {
  let reply: Reply;
  try {
    reply = answer(asked);
  } catch (error) {
    reply = { failed: reasonOf(error) };
  }
  parentPort?.postMessage(reply);
});
