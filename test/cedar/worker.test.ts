import { afterEach, describe, expect, test } from "vitest";
import { inlineEngine, type PolicyEngine } from "../../cedar/engine.ts";
import type { PolicySet } from "../../cedar/policy-set.ts";
import { openEngine, type WorkerOptions } from "../../cedar/worker.ts";
import { load, permitWhen, question } from "./policies.ts";

const open: PolicyEngine[] = [];
function engine(options?: WorkerOptions): PolicyEngine {
  const opened = openEngine(options);
  open.push(opened);
  return opened;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

/** A set that the loader would have refused: what is left if a limit is ever too generous. */
function deadly(): PolicySet {
  const set = load(permitWhen("true"));
  const parentheses = `${"(".repeat(400)}true${")".repeat(400)}`;
  const policies = set.policies.map((policy) => ({ ...policy, text: permitWhen(parentheses) }));
  return { ...set, id: "deadly", policies };
}

async function loaded(by: PolicyEngine, text: string): Promise<PolicySet> {
  const result = await by.load([{ path: "p.cedar", text }]);
  if (!result.ok) throw new Error("refused");
  return result.set;
}

const codes = async (by: PolicyEngine, set: PolicySet): Promise<readonly string[]> =>
  (await by.ask(set, question())).flatMap(({ errors, permits }) => [
    ...errors.map(({ code }) => code),
    ...permits.map(() => "permit"),
  ]);

describe.each([
  ["in this thread", () => inlineEngine()],
  ["in a worker", () => engine()],
])("the engine %s", (_, opened) => {
  test("loads, asks and refuses alike", async () => {
    const by = opened();
    const set = await loaded(by, permitWhen('resource.account == "1"'));
    const answers = await by.ask(set, question({ nodes: [{ account: "1" }, { account: "2" }] }));
    expect(answers.map(({ permits }) => permits.map(({ name }) => name))).toEqual([["p.cedar:1"], []]);
    const refused = await by.load([{ path: "p.cedar", text: "permit (" }]);
    expect(refused.ok ? [] : refused.problems.map(({ code }) => code)).toEqual(["policy.parse"]);
    await by.close();
  });
});

describe("the worker", () => {
  test("a crash of the instance is answered as broken, and the next question is answered", async () => {
    const by = engine();
    const good = await loaded(by, permitWhen("true"));
    expect(await codes(by, deadly())).toEqual(["policy.engine"]);
    expect(await codes(by, good)).toEqual(["permit"]);
  });

  test("200 parentheses are refused by their limit, and the instance lives on", async () => {
    const by = engine();
    const text = permitWhen(`${"(".repeat(200)}true${")".repeat(200)}`);
    const refused = await by.load([{ path: "p.cedar", text }]);
    expect(refused.ok ? [] : refused.problems.map(({ code }) => code)).toEqual(["policy.too-deep"]);
    expect(await codes(by, await loaded(by, permitWhen("true")))).toEqual(["permit"]);
  });

  test("a time-out is answered as broken, never as an allow, and the next call gets a new thread", async () => {
    const hasty = engine({ timeout: 1 });
    expect(await codes(hasty, load(permitWhen("true")))).toEqual(["policy.engine"]);
    const refused = await hasty.load([{ path: "p.cedar", text: permitWhen("true") }]);
    expect(refused.ok ? [] : refused.problems.map(({ code }) => code)).toEqual(["policy.engine"]);
  });

  test("calls that wait for one that crashes are still answered", async () => {
    const by = engine();
    const good = load(permitWhen("true"));
    const all = await Promise.all([
      codes(by, good),
      codes(by, deadly()),
      codes(by, good),
      codes(by, deadly()),
      codes(by, good),
    ]);
    expect(all).toEqual([["permit"], ["policy.engine"], ["permit"], ["policy.engine"], ["permit"]]);
  });

  test("a set that the thread has forgotten is sent again", async () => {
    const by = engine();
    const sets = Array.from({ length: 7 }, (_, index) => load(permitWhen(`context.weekday < ${index + 2}`)));
    for (const set of [...sets, ...sets]) expect(await codes(by, set)).toEqual(["permit"]);
  });

  test("after it is closed nothing is allowed", async () => {
    const by = engine();
    const set = await loaded(by, permitWhen("true"));
    await by.close();
    expect(await codes(by, set)).toEqual(["policy.engine"]);
  });
});

test("an engine that broke in this thread stays broken and never allows", async () => {
  const by = inlineEngine();
  const good = load(permitWhen("true"));
  expect(await codes(by, deadly())).toEqual(["policy.engine"]);
  expect(await codes(by, good)).toEqual(["policy.engine"]);
});
