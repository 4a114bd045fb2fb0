import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { run } from "../../cli/program.ts";

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "hallpass-cli-"));
  folders.push(path);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return path;
}

interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function hallpass(cwd: string, args: string, colours = false): Promise<Told> {
  let [out, err] = ["", ""];
  const code = await run({
    args: args.split(" ").filter((each) => each !== ""),
    cwd,
    env: {},
    input: async () => "",
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    outColours: colours,
    errColours: colours,
  });
  return { code, out, err };
}

const auto = 'action == AWS::SSM::Action::"getTokenForInstanceAccess"';
const open = `permit (principal, ${auto}, resource);\n`;
const isAuto = "- { name: gets in, requester: alice, node: {}, expect: auto }\n";
const isDenied = "- { name: stays out, requester: alice, node: {}, expect: denied, by: [x] }\n";

describe("policy test", () => {
  test("all as expected: exit 0", async () => {
    const cwd = await folder({ "p/a.cedar": open, "c/one.yaml": isAuto });
    expect(await hallpass(cwd, "policy test c --policies p")).toEqual({
      code: 0,
      out: "ok  one.yaml  gets in\n\n1 case, all as expected\n",
      err: "",
    });
  });

  test("one is not: exit 1, and it says what was expected and got", async () => {
    const cwd = await folder({ "p/a.cedar": open, "c/one.yaml": isAuto + isDenied });
    const { code, out } = await hallpass(cwd, "policy test c --policies p");
    expect(code).toBe(1);
    expect(out).toContain(
      "NOT OK  one.yaml  stays out\n        expect: expected denied, got auto\n        by: expected x, got a.cedar:1\n",
    );
    expect(out).toContain("2 cases, 1 not as expected");
  });

  test("--json: one object a line, in the order of the files, and nothing else", async () => {
    const cases = JSON.stringify([{ name: "j", requester: "a", node: {}, expect: "auto" }]);
    const cwd = await folder({
      "p/a.cedar": `${open}${open.replace(";", " when { false };")}`,
      "c/b.yaml": isAuto,
      "c/a.json": cases,
      "c/c.yml": isDenied,
      "c/README.md": "# no case",
    });
    const { code, out, err } = await hallpass(cwd, "policy test c --policies p --json");
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    const got = { expect: "auto", by: ["a.cedar:1"], levels: [], approval: null, missing: [], errors: [] };
    expect({ code, err, lines }).toEqual({
      code: 1,
      err: "",
      lines: [
        { file: "a.json", name: "j", ok: true, expected: { expect: "auto" }, got },
        { file: "b.yaml", name: "gets in", ok: true, expected: { expect: "auto" }, got },
        { file: "c.yml", name: "stays out", ok: false, expected: { expect: "denied", by: ["x"] }, got },
      ],
    });
  });

  test("policies or cases that do not load: exit 2, all of it on standard error with file, line and column, nothing on standard output", async () => {
    const cwd = await folder({
      "p/a.cedar": `\npermit (principal, action, resource);`,
      "p/approvals.yaml": "- nodes: '*'\n  levels: []\n",
      "c/one.yaml": "- name: n\n  requester: alice\n  node: {}\n  expect: maybe\n",
    });
    for (const json of ["", " --json"]) {
      const { code, out, err } = await hallpass(cwd, `policy test c --policies p${json}`);
      expect([code, out]).toEqual([2, ""]);
      expect(err.split("\n").map((line) => line.split(": ")[0])).toEqual([
        "p/a.cedar:2:1",
        "p/approvals.yaml:2:11",
        "c/one.yaml:4:11",
        "",
      ]);
      expect(err).toContain("[policy.no-action]");
    }
  });

  test("files of the policies folder may be missing", async () => {
    const cwd = await folder({
      "p/README.md": "",
      "c/one.yaml": "- { name: n, requester: a, node: {}, expect: denied, by: [] }",
    });
    expect((await hallpass(cwd, "policy test c --policies p")).code).toBe(0);
  });

  test.each([
    [
      "no cases folder",
      "policy test nowhere --policies p",
      "`nowhere` cannot be read: there is no such folder",
    ],
    [
      "no policies folder",
      "policy test c --policies nowhere",
      "`nowhere` cannot be read: there is no such folder",
    ],
    ["a file for a folder", "policy test c/one.yaml --policies p", "it is not a folder"],
    ["a folder without cases", "policy test p --policies p", "there is no case here"],
    [
      "an unknown time zone",
      "policy test c --policies p --time-zone Mars/Olympus",
      "`Mars/Olympus` is no time zone",
    ],
    ["an unknown option", "policy test c --polices p", "unknown option '--polices'"],
    ["an unknown command", "policy tset", "unknown command 'tset'"],
    ["too much", "policy test c p", "too many arguments"],
  ])("%s: exit 2 with what to do", async (_, args, message) => {
    const cwd = await folder({ "p/a.cedar": open, "c/one.yaml": isAuto });
    const { code, out, err } = await hallpass(cwd, args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });

  test.each([
    ["an empty list", { "c/one.yaml": "[]\n" }, /into `one.yaml`/],
    ["empty lists", { "c/one.yaml": "[]\n", "c/two.json": "[]" }, /into `one.yaml`/],
    ["other files only", { "c/README.md": "soon" }, /into a `.yaml` or `.json` file/],
    ["cases further down only", { "c/more/one.yaml": isAuto }, /into a `.yaml` or `.json` file/],
  ])("%s is no test that passes: exit 2", async (_, files, message) => {
    const cwd = await folder({ "p/a.cedar": open, ...files });
    for (const json of ["", " --json"]) {
      const { code, out, err } = await hallpass(cwd, `policy test c --policies p${json}`);
      expect([code, out]).toEqual([2, ""]);
      expect(err).toMatch(/there is no case here, .*; write a list of cases/);
      expect(err).toMatch(message);
    }
  });

  test("an empty list beside cases is fine", async () => {
    const cwd = await folder({ "p/a.cedar": open, "c/one.yaml": isAuto, "c/two.yaml": "[]" });
    expect((await hallpass(cwd, "policy test c --policies p")).code).toBe(0);
  });

  test("a policy in a folder below is refused, and not passed over", async () => {
    const cwd = await folder({
      "p/a.cedar": open,
      "p/docs/README.md": "",
      "p/node_modules/x/y.cedar": "",
      "p/guardrails/night/b.cedar": open,
      "c/one.yaml": isAuto,
    });
    for (const args of ["policy test c --policies p", "policy check p"]) {
      const { code, err } = await hallpass(cwd, args);
      expect(code).toBe(2);
      expect(err).toBe(
        "p/guardrails/night/b.cedar:1:1: error: a policy in a folder below is not loaded; move it up, beside the other policies [policy.misplaced]\n",
      );
    }
  });

  test("cases and policies may share a folder", async () => {
    const cwd = await folder({
      "p/a.cedar": open,
      "p/approvals.yaml": "",
      "p/people.yaml": "",
      "p/cases.yaml": isAuto,
    });
    expect((await hallpass(cwd, "policy test p --policies p")).code).toBe(0);
  });

  test("the defaults are those of an access repository", async () => {
    const cwd = await folder({ "policies/a.cedar": open, "policies/cases/one.yaml": isAuto });
    expect((await hallpass(cwd, "policy test")).code).toBe(0);
  });

  test("--time-zone moves the clock on the wall", async () => {
    const cwd = await folder({
      "p/a.cedar": open.replace(";", ' when { context.timeOfDay == duration("13h") };'),
      "c/one.yaml": isAuto,
    });
    expect((await hallpass(cwd, "policy test c --policies p --time-zone Europe/Berlin")).code).toBe(0);
    expect((await hallpass(cwd, "policy test c --policies p")).code).toBe(1);
  });

  test("warnings go to standard error and spoil nothing", async () => {
    const cwd = await folder({
      "p/a.cedar": open.replace(";", " when { false };") + open,
      "c/one.yaml": isAuto,
    });
    const { code, err } = await hallpass(cwd, "policy test c --policies p");
    expect(code).toBe(0);
    expect(err).toContain("p/a.cedar:1:1: warning: policy is impossible");
  });

  test("colours only where they are wanted", async () => {
    const cwd = await folder({ "p/a.cedar": open, "c/one.yaml": isAuto });
    expect((await hallpass(cwd, "policy test c --policies p", true)).out).toContain("\u001b[32mok\u001b[0m");
    expect((await hallpass(cwd, "policy test c --policies p")).out).not.toContain("\u001b");
  });
});

describe("policy check", () => {
  test("loads everything and counts it", async () => {
    const cwd = await folder({
      "policies/a.cedar": open,
      "policies/approvals.yaml": "- { nodes: '*', levels: ['@a'] }",
      "policies/cases/one.yaml": isAuto,
    });
    expect(await hallpass(cwd, "policy check")).toEqual({
      code: 0,
      out: "ok  policies: 1 policy, 1 approval rule, 0 entries for people, 1 case\n",
      err: "",
    });
  });

  test("a folder without cases is fine", async () => {
    const cwd = await folder({ "p/a.cedar": open });
    expect((await hallpass(cwd, "policy check p")).code).toBe(0);
  });

  test("every problem of every file: exit 2", async () => {
    const cwd = await folder({
      "p/a.cedar": `${open}\npermit (principal, ${auto}, resource) when { context.ticket == "x" };`,
      "p/b.cedar": `permit (principal, ${auto}, resource) when { ${"(".repeat(200)}true${")".repeat(200)} };`,
      "p/people.yaml": "alice: { nickname: al }",
      "p/schema.cedarschema": "entity A;",
      "p/cases/one.yaml": "- {}",
    });
    const { code, out, err } = await hallpass(cwd, "policy check p");
    expect([code, out]).toEqual([2, ""]);
    expect(err.split("\n").map((line) => line.split(": ")[0])).toEqual([
      "p/a.cedar:3:94",
      "p/b.cedar:1:1",
      "p/schema.cedarschema:1:1",
      "p/people.yaml:1:10",
      "p/cases/one.yaml:1:3",
      "p/cases/one.yaml:1:3",
      "p/cases/one.yaml:1:3",
      "",
    ]);
  });
});

describe("help", () => {
  test.each([
    ["", "Commands:"],
    ["--help", "policy"],
    ["policy test --help", "Examples:"],
    ["policy check --help", "Examples:"],
  ])("hallpass %s", async (args, expected) => {
    const { code, out, err } = await hallpass("/", args);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain(expected);
  });
});
