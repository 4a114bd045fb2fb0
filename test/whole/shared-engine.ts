// One policy engine for all processes of all worlds: what policies say depends on their text alone, and to check the same text anew costs more than all else.

import { inlineEngine, type PolicyEngine } from "../../cedar/engine.ts";

const engine = inlineEngine();
const loaded = new Map<string, ReturnType<PolicyEngine["load"]>>();

export const sharedEngine: PolicyEngine = {
  load: (files) => {
    const key = JSON.stringify(files);
    const known = loaded.get(key) ?? engine.load(files);
    loaded.set(key, known);
    return known;
  },
  ask: engine.ask,
  close: () => Promise.resolve(),
};
