// The starter policies, held against their cases, and each rule against a case that would notice if it were gone.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { inlineEngine } from "../../cedar/engine.ts";
import { schemaText } from "../../cedar/schema.ts";
import { parsePolicyCases } from "../../core/policy-case.ts";
import { isPolicyFile, type LoadedPolicies, loadPolicyFolder } from "../../flow/policy-folder.ts";
import { runCase } from "../../flow/policy-test.ts";

const folder = new URL("../../policies/", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, folder), "utf8");
const files = readdirSync(folder)
  .filter(isPolicyFile)
  .map((path) => ({ path, text: read(path) }));
const cases = readdirSync(new URL("cases/", folder)).flatMap((file) => {
  const parsed = parsePolicyCases(read(`cases/${file}`), file);
  if (!parsed.ok) throw new Error(parsed.problems[0].message);
  return parsed.value;
});
const engine = inlineEngine();

async function load(changed: typeof files): Promise<LoadedPolicies> {
  const loaded = await loadPolicyFolder(engine, changed);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  return loaded.value;
}

async function failures(changed: typeof files): Promise<readonly string[]> {
  const policies = await load(changed);
  const results = await Promise.all(
    cases.map((each) => runCase({ engine, policies, timeZone: "UTC" }, each)),
  );
  return results.filter(({ ok }) => !ok).map(({ name }) => name);
}

test("every case is as expected", async () => {
  expect(cases.length).toBeGreaterThan(40);
  expect(await failures(files)).toEqual([]);
});

test("the names of cases are their own", () => {
  const names = cases.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("nothing loads with a warning", async () => {
  expect((await load(files)).set.warnings).toEqual([]);
});

test("the editors' schema is the built-in one", () => {
  expect(read("schema.cedarschema")).toBe(schemaText);
});

test("AWS's announcement stands in it word for word", () => {
  const announced = readFileSync(new URL("../fixtures/aws/announcement.cedar", import.meta.url), "utf8");
  expect(read("auto-approval.cedar")).toContain(announced.trim());
});

describe("each policy and rule is held by a case", async () => {
  const { set } = await load(files);
  test.each(set.policies.map((policy) => [policy.ref.name, policy] as const))("%s", async (_, policy) => {
    const without = files.map((file) =>
      // as many lines as before, so that the names of the others stay
      file.path === policy.ref.file
        ? { ...file, text: file.text.replace(policy.text, policy.text.replace(/[^\n]/g, " ")) }
        : file,
    );
    expect(await failures(without)).not.toEqual([]);
  });

  test.each(["approvals.yaml", "people.yaml"])("%s", async (path) => {
    expect(await failures(files.filter((file) => file.path !== path))).not.toEqual([]);
  });

  test("every guardrail and deny says what to do", () => {
    for (const policy of set.policies.filter(({ effect }) => effect === "forbid"))
      expect(policy.annotations["advice"]).toBeTruthy();
  });
});
