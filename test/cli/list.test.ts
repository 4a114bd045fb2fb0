// `hallpass status` and `hallpass list`: options to requests, output and exit code. They show, and change nothing.

import { beforeAll, describe, expect, test } from "vitest";
import { grantedEnds, ungrantedEnds } from "../../core/record.ts";
import { repo, withGitHub } from "./github.ts";

const twin = withGitHub();
const json = async (login: "alice" | "bob" | "erin" | "carol" | "dave", args: readonly string[]) => {
  const { code, out, err } = await twin.as(login, [...args, "--json"]);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out) as Record<string, unknown>;
};
const rows = async (...given: Parameters<typeof json>) =>
  (await json(...given)) as unknown as readonly Record<string, unknown>[];

const status = (number: number) => [
  `### Access request #${number}: waiting for approval`,
  "",
  "> [!IMPORTANT]",
  "> **Next:** 1 more person approves #9: `@bob` or somebody in `@acme/devops-leads`. It lapses at 2026-12-01 22:00 UTC.",
  "",
  "- [ ] **Level 1**, 1 of `@acme/devops-leads`: 0 of 1",
  "- **Reason:** INC&#45;1 is&#58; &#27;[31mdown",
  "```mermaid",
  "gantt",
  "```",
  "cc @acme/on-call",
];

const numbers: Record<"waiting" | "open" | "over" | "bobs", number> = {
  waiting: 0,
  open: 0,
  over: 0,
  bobs: 0,
};
let pull = 0;

beforeAll(async () => {
  const ask = async (login: "alice" | "bob", node: string) =>
    Number((await json(login as "alice", ["request", node, "--reason", "INC-1"]))["request"]);
  numbers.over = await ask("alice", "c3po-vault-01");
  numbers.open = await ask("alice", "r2d2-dev-01");
  numbers.bobs = await ask("bob", "r2d2-app-02");
  numbers.waiting = await ask("alice", "r2d2-app-01");
  const { rest } = twin.stage.as("olivia");
  await rest.issues.create({ ...repo, title: "The coffee machine", body: "is broken" });
  await twin.answer(numbers.open, "active", [`### Access request #${numbers.open}: access is open`]);
  await twin.answer(numbers.over, "denied", [`### Access request #${numbers.over}: denied by policy`]);
  await rest.issues.update({ ...repo, issue_number: numbers.over, state: "closed" });
  await twin.answer(numbers.waiting, "pending", status(numbers.waiting));
  pull = await twin.openPull(numbers.waiting, { people: ["carol"], teams: ["devops-leads"] });
  twin.writes();
});

describe("list", () => {
  test.each<
    [
      string,
      "alice" | "bob" | "erin" | "carol" | "dave",
      readonly string[],
      readonly (keyof typeof numbers)[],
    ]
  >([
    ["nothing said: mine", "alice", [], ["waiting", "open"]],
    ["--mine", "bob", ["--mine"], ["bobs"]],
    ["--for-me, by name", "carol", ["--for-me"], ["waiting"]],
    ["--for-me, by a team", "dave", ["--for-me"], ["waiting"]],
    ["--for-me, not asked", "erin", ["--for-me"], []],
    ["--active", "erin", ["--active"], ["open"]],
    ["--all", "erin", ["--all"], ["waiting", "bobs", "open", "over"]],
  ])("%s", async (_, login, args, expected) => {
    const found = await rows(login, ["list", ...args]);
    expect(found.map(({ request }) => request)).toEqual(expected.map((name) => numbers[name]));
    expect(twin.writes()).toEqual([]);
  });

  test("--json has what it says in the help", async () => {
    const [row] = await rows("carol", ["list", "--for-me"]);
    expect(row).toEqual({
      request: numbers.waiting,
      url: expect.stringMatching(/\/issues\/\d+$/),
      state: "pending",
      open: true,
      by: "alice",
      opened: expect.stringMatching(/^20\d\d-/),
      updated: expect.stringMatching(/^20\d\d-/),
      nodes: ["r2d2-app-01"],
      access: "shell",
      for: "1h",
      reason: "INC-1",
      pull,
    });
  });

  test("--help has every state", async () => {
    const { out } = await twin.as("alice", ["list", "--help"]);
    for (const state of [
      "new",
      "closed",
      "invalid",
      "pending",
      "approved",
      "active",
      ...grantedEnds,
      ...ungrantedEnds,
    ])
      expect(out.split("Exits with")[0]).toMatch(new RegExp(`\\b${state}\\b`, "i"));
  });

  test("without it a table, and nothing on standard output where there is none", async () => {
    const { out } = await twin.as("alice", ["list", "--all"]);
    expect(out.split("\n")[0]).toMatch(/^# +STATE +BY +NODES +FOR +OPENED$/);
    expect(out).toMatch(new RegExp(`^#${numbers.over} +denied +alice +c3po-vault-01 +shell 1h +20`, "m"));
    expect(await twin.as("erin", ["list"])).toMatchObject({
      code: 0,
      out: "",
      err: "none of your requests is open\n",
    });
  });

  test.each([
    [["--mine", "--all"], /cannot be used with/],
    [["--nope"], /unknown option/],
  ] as const)("%s: exit 2", async (args, expected) => {
    const { code, out, err } = await twin.as("alice", ["list", ...args]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(expected);
  });
});

describe("status", () => {
  test("is the App's comment in plain words, and cannot move the cursor", async () => {
    const { code, out } = await twin.as("erin", ["status", `#${numbers.waiting}`]);
    expect([code, out.trimEnd().split("\n")]).toEqual([
      0,
      [
        `Access request #${numbers.waiting}: waiting for approval`,
        "",
        "Next: 1 more person approves #9: @bob or somebody in @acme/devops-leads. It lapses at 2026-12-01 22:00 UTC.",
        "",
        "· Level 1, 1 of @acme/devops-leads: 0 of 1",
        "- Reason: INC-1 is: [U+001B][31mdown",
        "",
        expect.stringMatching(/\/issues\/\d+$/),
      ],
    ]);
    expect(twin.writes()).toEqual([]);
  });

  test("of the pull request's number it is the request's", async () => {
    const { out } = await twin.as("erin", ["status", String(pull)]);
    expect(out).toEqual((await twin.as("erin", ["status", String(numbers.waiting)])).out);
    expect(out).toContain(`Access request #${numbers.waiting}: waiting for approval`);
  });

  test("two pull requests that name each other are not followed for ever", async () => {
    const other = await twin.openPull(pull + 2, { people: ["carol"], teams: [] });
    expect(other).toBe(pull + 1);
    expect(await twin.openPull(other, { people: ["carol"], teams: [] })).toBe(pull + 2);
    expect(await json("erin", ["status", String(other)])).toMatchObject({ request: pull + 2 });
  });

  test("--json has the comment in parts; without a number it is the newest of mine", async () => {
    expect(await json("alice", ["status"])).toMatchObject({
      request: numbers.waiting,
      state: "pending",
      by: "alice",
      nodes: ["r2d2-app-01"],
      what: "waiting for approval",
      next: expect.stringMatching(/^1 more person approves #9/),
      since: expect.stringMatching(/^20/),
      credentials: false,
    });
  });

  test("a comment that only looks like the App's is not shown", async () => {
    const body = `<!-- hallpass:status -->\n### Access request #${numbers.bobs}: access is open`;
    await twin.stage.as("alice").rest.issues.createComment({ ...repo, issue_number: numbers.bobs, body });
    const { out } = await twin.as("bob", ["status", String(numbers.bobs)]);
    expect(out).toContain(`#${numbers.bobs} by bob: new. Hallpass has not answered yet.`);
  });

  test("an issue that asks for nothing is not called a request", async () => {
    const { data } = await twin.stage.as("bob").rest.issues.create({ ...repo, title: "The door squeaks" });
    const { out } = await twin.as("bob", ["status", String(data.number)]);
    expect(out).toMatch(
      new RegExp(`^#${data.number} by bob: new\\. It is not the form of an access request`),
    );
  });

  test("whoever has asked for nothing is told so: exit 1", async () => {
    expect(await twin.as("erin", ["status"])).toMatchObject({ code: 1, out: "" });
  });

  test.each([
    ["soon", /expected the number of a request, got `soon`/],
    ["0", /expected the number of a request/],
    ["4711", /acme\/access has no #4711.*hallpass list --all/],
  ])("%s: exit 2", async (id, expected) => {
    const { code, out, err } = await twin.as("alice", ["status", id]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(expected);
  });
});
