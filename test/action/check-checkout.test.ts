// `check` without the App's key: what a pull request proposes is judged from its checkout.

import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkCheckout } from "../../action/check-checkout.ts";
import { checkoutToCheck } from "../../action/inputs.ts";
import { annotationOf } from "../../action/trouble.ts";
import { inlineEngine } from "../../cedar/engine.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const config = `app: 1
accounts:
  - id: "111122223333"
    regions: [eu-central-1]
    roles:
      inventory: arn:aws:iam::111122223333:role/I
      access: arn:aws:iam::111122223333:role/A
      revoke: arn:aws:iam::111122223333:role/R
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hallpass-check-"));
  await cp(join(root, "policies"), join(folder, "policies"), { recursive: true });
  await cp(join(root, ".github/ISSUE_TEMPLATE"), join(folder, ".github"), { recursive: true });
  await writeFile(join(folder, ".github/hallpass.yml"), config);
});
afterEach(() => rm(folder, { recursive: true }));

const said: string[] = [];
const check = () => checkCheckout(folder, { engine: inlineEngine(), say: (line) => said.push(line) });

describe("a checkout", () => {
  test("that is as its cases say has nothing wrong, and every case was run", async () => {
    expect(await check()).toEqual([]);
    expect(said.at(-1)).toMatch(/^\d+ policies, \d{2} cases, 0 not as expected$/);
  });

  test.each<[string, string, string, RegExp]>([
    ["a policy that does not load", "policies/x.cedar", "permit (", /^policies\/x\.cedar:1:\d+: /],
    [
      "a case that comes out otherwise",
      "policies/cases/x.yaml",
      "- { name: gets in, requester: eve, node: {}, expect: auto }\n",
      /^policies\/cases\/x\.yaml: gets in: expected .*auto.*got .*manual/,
    ],
    ["a case that is none", "policies/cases/x.yaml", "- {}\n", /^policies\/cases\/x\.yaml:1:/],
    [
      "a config with an unknown key",
      ".github/hallpass.yml",
      `${config}nope: 1\n`,
      /^\.github\/hallpass\.yml:\d+:/,
    ],
  ])("with %s fails", async (_, path, text, expected) => {
    await writeFile(join(folder, path), text);
    expect((await check())[0]?.message).toMatch(expected);
  });

  test.each([
    ["policies/cases/x.yaml", "\n- { name: x, requester: eve, node: {}, expect: auto }\n", 2],
    ["policies/x.cedar", "\n\npermit (", 3],
    [".github/hallpass.yml", `${config}nope: 1\n`, 9],
  ])("names the line of %s for GitHub to show it there", async (file, text, line) => {
    await writeFile(join(folder, file), text);
    expect((await check()).map(annotationOf)).toContainEqual({
      ...{ file, startLine: line, startColumn: expect.any(Number) },
    });
  });

  test("without any case fails: it would pass whatever the policies say", async () => {
    await rm(join(folder, "policies/cases"), { recursive: true });
    expect(await check()).toEqual([{ message: expect.stringContaining("no policy case") }]);
  });
});

describe("what is judged from the checkout", () => {
  const env = { INPUT_COMMAND: "check", GITHUB_WORKSPACE: "/w" };
  test.each<[string, Record<string, string>, string | undefined]>([
    ["check without the App", {}, "/w"],
    ["check with the App is through the API", { "INPUT_APP-ID": "1", "INPUT_PRIVATE-KEY": "k" }, undefined],
    ["half of the App is a mistake to be told", { "INPUT_APP-ID": "1" }, undefined],
    ["a grant never is", { INPUT_COMMAND: "grant" }, undefined],
  ])("%s", (_, more, expected) => {
    expect(checkoutToCheck({ ...env, ...more })).toBe(expected);
  });
});
