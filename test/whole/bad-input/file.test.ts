// Pull requests that ask by a file which is wrong: answered on the pull request, nothing granted, and mended by a push.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codesOf, issuedFor } from "../thief.ts";
import { createWorld, type World } from "../world.ts";
import { asRead } from "./as-read.ts";

const fullName = "acme/access";
const repo = { owner: "acme", repo: "access" };

const good = [
  "nodes: [i-0d0d0d0d0d0d0d0d1]",
  "access: shell",
  "for: 1h",
  "reason: INC-1 checkout is down",
  "",
].join("\n");

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string | null>>;
  readonly codes: readonly string[];
  readonly says: RegExp;
}

const path = "approved/dave-fix.yaml";
const text = (name: string, content: string, code: string, says: RegExp): Case => ({
  name,
  files: { [path]: content },
  codes: [code],
  says,
});
const files = (name: string, all: Case["files"], code: string, says: RegExp): Case => ({
  name,
  files: all,
  codes: [code],
  says,
});

const bomb = [
  "a: &a [x, x, x, x, x, x, x, x, x]",
  ...[..."bcdefgh"].map(
    (letter, i) => `${letter}: &${letter} [${Array(9).fill(`*${"abcdefgh"[i]}`).join(", ")}]`,
  ),
  "",
].join("\n");

const cases: readonly Case[] = [
  files(
    "the name of a record of ours",
    { "approved/12.yaml": good },
    "request.path",
    /approved\/dave-<anything>\.yaml/,
  ),
  files(
    "the name of somebody else",
    { "approved/mallory-fix.yaml": good },
    "request.path",
    /approved\/dave-<anything>\.yaml/,
  ),
  files(
    "another extension",
    { "approved/dave-fix.yml": good },
    "request.path",
    /approved\/dave-<anything>\.yaml/,
  ),
  files("another folder", { "active/dave-fix.yaml": good }, "request.files", /approved\//),
  files("a folder in the folder", { "approved/dave/fix.yaml": good }, "request.files", /approved\//),
  files(
    "two files",
    { [path]: good, "approved/dave-two.yaml": good },
    "request.files",
    /2 files: expected one/,
  ),
  files(
    "a file, and another taken away",
    { [path]: good, "README.md": null },
    "request.files",
    /2 files: expected one/,
  ),
  files(
    "a change of a file that is there",
    { "README.md": "changed\n" },
    "request.files",
    /modified: expected it to be added/,
  ),
  text("a key that there is not", `${good}approved: true\n`, "request.unknown-key", /approved/),
  {
    name: "a misspelt key",
    files: { [path]: good.replace("reason", "raeson") },
    codes: ["request.unknown-key", "request.wrong-type"],
    says: /raeson.*reason/,
  },
  text("anchors that multiply", bomb, "request.not-yaml", /anchor/),
  text("an anchor", good.replace("shell", "&a shell"), "request.not-yaml", /anchor/),
  text("a tag", good.replace("shell", "!!js/function shell"), "request.not-yaml", /tag/),
  text(
    "nodes that are a number",
    good.replace(/nodes: .*/, "nodes: 5"),
    "request.wrong-type",
    /dave-fix.yaml:1:8.*expected a list.*got `5`/,
  ),
  text(
    "a reason that is a list",
    good.replace(/reason: .*/, "reason: [a, b]"),
    "request.wrong-type",
    /dave-fix.yaml:4:9.*expected text, got a list/,
  ),
  text("no duration", good.replace("for: 1h\n", ""), "request.wrong-type", /`for` is missing/),
  text(
    "a name in place of an id",
    good.replace("i-0d0d0d0d0d0d0d0d1", "r2d2-dev-01"),
    "request.node-malformed",
    /a file spells node ids/,
  ),
  text(
    "a tag in place of an id",
    good.replace("[i-0d0d0d0d0d0d0d0d1]", '["tag:Environment=Development"]'),
    "request.node-malformed",
    /a file spells node ids/,
  ),
  text(
    "an id that there is not",
    good.replace("i-0d0d0d0d0d0d0d0d1", "i-0000000000000000f"),
    "request.node-unknown",
    /i-0000000000000000f/,
  ),
  text("a key twice", `${good}for: 8h\n`, "request.not-yaml", /twice/),
  text("two documents", `${good}---\n${good}`, "request.not-yaml", /second document/),
  text("what is no YAML", "nodes: [", "request.not-yaml", /:1:|:2:/),
  text("nothing", "", "request.wrong-type", /map/),
  text("16 KB and more", `${good}# ${"x".repeat(17_000)}\n`, "request.too-large", /expected at most 16384/),
  text("10,000 brackets", "[".repeat(10_000), "request.not-yaml", /nested deeper/),
  text(
    "a right-to-left override",
    good.replace("checkout", "\u202etuokcehc"),
    "request.characters",
    /U\+202E/,
  ),
  text("a byte that is no text", good.replace("checkout", "\u0000"), "request.characters", /U\+0000/),
  text("a duration over the limit", good.replace("1h", "9h"), "request.duration-over-limit", /limit of 8h/),
];

let world: World;
const pulls = new Map<string, number>();
const pullOf = (name: string): number => pulls.get(name) ?? 0;

/** Pushes a commit of dave's with these files, upon the ledger. */
function push(branch: string, changed: Case["files"]): void {
  const { github } = world.stage;
  const sha = github.commit({
    repository: fullName,
    parent: "ledger",
    files: changed as Record<string, string>,
    message: "ask",
    by: "dave",
  });
  github.push("dave", fullName, branch, sha, { force: true });
}

beforeAll(async () => {
  world = await createWorld({ cron: false });
  world.stage.github.addCollaborator(fullName, "dave", "write");
  for (const [i, each] of cases.entries()) {
    push(`dave-${i}`, each.files);
    const { data } = await world.stage
      .as("dave")
      .rest.pulls.create({ ...repo, head: `dave-${i}`, base: "ledger", title: "Access" });
    pulls.set(each.name, data.number);
    await world.people.token("dave", data.number);
  }
  await world.run();
}, 60_000);
afterAll(() => world.close());

describe("a file with", () => {
  test.each(cases)("$name is answered", async ({ name, codes, says }) => {
    const number = pullOf(name);
    expect(new Set(await codesOf(world, number))).toEqual(new Set(codes));
    const status = asRead(await world.shown.status(number));
    expect(status).toMatch(says);
    expect(status).toContain("**Next:**");
    expect(await world.shown.labels(number)).toEqual(["access: invalid"]);
    expect(await world.shown.state(number)).toBe("open");
    expect(issuedFor(world, number)).toBe(0);
  });

  test("any of these is merged by nobody and starts nothing", () => {
    expect(world.runs.filter(({ command }) => command !== "inventory")).toEqual([]);
    expect([...world.shown.ledger().keys()].sort()).toEqual([".github/workflows/wake.yml", "README.md"]);
  });

  test("any of these that is mended by a push goes on", async () => {
    for (const [i, { name }] of cases.entries()) {
      push(`dave-${i}`, { [`approved/dave-${i}.yaml`]: good });
      expect(pullOf(name)).toBeGreaterThan(0);
    }
    await world.run();
    // so many at once wait for GitHub's limits, and a label that came late is set right by the next look
    world.apps[0]?.lookAtAll();
    await world.run();
    for (const { name } of cases) {
      const number = pullOf(name);
      expect([name, await world.shown.labels(number)]).toEqual([name, ["access: active"]]);
      expect(await world.shown.tally(number)).toMatchObject({ grants: 1, sealed: 1, statuses: 1 });
    }
    expect(world.apps[0]?.log.filter((line) => line.startsWith("error"))).toEqual([]);
  }, 60_000);
});
