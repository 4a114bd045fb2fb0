// `hallpass approve`, `reject`, `revoke`, `cancel` and `extend`: options to requests, output and exit code.

import { beforeEach, describe, expect, test } from "vitest";
import { type Person, region } from "../../sandbox/stage.ts";
import { repo, withGitHub } from "./github.ts";

const twin = withGitHub();
let number = 0;
let pull = 0;

beforeEach(async () => {
  const { out } = await twin.as("alice", ["request", "r2d2-app-01", "--reason", "INC-1", "--json"]);
  number = (JSON.parse(out) as { request: number }).request;
  await twin.answer(number, "pending", [
    `### Access request #${number}: waiting for approval`,
    "- [x] **Level 1**, 1 of `@acme/devops-leads`: approved by `@bob`",
    "- [ ] **Level 2**, 1 of `@carol`: 0 of 1",
  ]);
  pull = await twin.openPull(number, { people: ["carol"], teams: [] });
  twin.writes();
});

const reviews = async () => {
  const { data } = await twin.stage.as("olivia").rest.pulls.listReviews({ ...repo, pull_number: pull });
  return data.map(({ user, state, body, commit_id }) => ({
    by: user?.login,
    state,
    body,
    commit: commit_id,
  }));
};
const head = async () =>
  (await twin.stage.as("olivia").rest.pulls.get({ ...repo, pull_number: pull })).data.head.sha;

describe("approve and reject", () => {
  test.each<[string, readonly string[], string, string]>([
    ["approve", ["approve", "--yes"], "APPROVED", ""],
    ["approve, with a word", ["approve", "--yes", "-m", "go ahead"], "APPROVED", "go ahead"],
    ["reject", ["reject", "--yes", "-m", "use the replica"], "CHANGES_REQUESTED", "use the replica"],
  ])("%s: one review of the head that was shown", async (_, [command = "", ...args], state, body) => {
    const { code, out, err } = await twin.as("carol", [command, String(number), ...args]);
    expect([code, err]).toEqual([0, ""]);
    expect(twin.writes()).toEqual([`POST /repos/acme/access/pulls/${pull}/reviews`]);
    expect(await reviews()).toEqual([{ by: "carol", state, body, commit: await head() }]);
    const shown = out.split("\n");
    expect(shown[0]).toMatch(new RegExp(`^Access request #${number} by alice: http`));
    expect(shown.slice(1, 9)).toEqual([
      "shell for 1h on",
      `  r2d2-app-01 (111122223333/${region}/i-0a0a0a0a0a0a0a0a1)`,
      "Reason: INC-1",
      expect.stringMatching(/^Asked: 20\d\d-\d\d-\d\d \d\d:\d\d UTC$/),
      "Needs:",
      "  ✓ Level 1, 1 of @acme/devops-leads: approved by @bob",
      "  · Level 2, 1 of @carol: 0 of 1",
      "",
    ]);
    expect(out).toContain(`added approved/${number}.yaml`);
    expect(out).toContain("+requester:");
  });

  test("--json keeps standard output for programs", async () => {
    const { code, out, err } = await twin.as("carol", ["approve", `#${pull}`, "--yes", "--json"]);
    expect([code, JSON.parse(out)]).toEqual([
      0,
      { request: number, pull, head: await head(), did: "approved", url: expect.stringMatching(/^http/) },
    ]);
    expect(err).toContain("Reason: INC-1");
  });

  test.each<[string, readonly string[], number, number]>([
    ["yes", ["what?", "y"], 0, 1],
    ["no", ["n"], 1, 0],
  ])("on a terminal it asks, and %s is taken", async (_, answers, code, count) => {
    const told = await twin.as("carol", ["approve", String(number)], { answers });
    expect([told.code, told.asked.at(-1)]).toEqual([
      code,
      "Do you approve shell for 1h on r2d2-app-01 for alice? [y/n]",
    ]);
    expect(await reviews()).toHaveLength(count);
  });

  test("what is edited or ends while somebody reads it is not reviewed, and they are told", async () => {
    const answer = async () => {
      await twin.stage.as("olivia").rest.pulls.update({ ...repo, pull_number: pull, state: "closed" });
      twin.writes();
      return "y";
    };
    const { code, err } = await twin.as("carol", ["approve", String(number)], { answers: [answer] });
    expect([code, err]).toEqual([1, expect.stringContaining(`#${number} has changed or ended while you`)]);
    expect(twin.writes()).toEqual([]);
  });

  test("what waits for nobody: no review, exit 1", async () => {
    await twin.stage.as("olivia").rest.pulls.update({ ...repo, pull_number: pull, state: "closed" });
    twin.writes();
    const { code, out, err } = await twin.as("carol", ["approve", String(number), "--yes"]);
    expect([code, out, twin.writes()]).toEqual([1, "", []]);
    expect(err).toMatch(`nothing waits for a review in #${number}`);
  });

  test.each<[string, Person, () => readonly string[], number, RegExp]>([
    ["off a terminal without --yes", "carol", () => ["approve", String(number)], 2, /--yes/],
    ["a rejection without a reason", "carol", () => ["reject", String(number), "--yes"], 2, /--message/],
    [
      "one's own",
      "alice",
      () => ["approve", String(number), "--yes"],
      1,
      /nobody approves their own request/,
    ],
    ["what is not there", "carol", () => ["approve", "4711", "--yes"], 2, /acme\/access has no #4711/],
    ["no number", "carol", () => ["approve", "soon", "--yes"], 2, /expected the number of a request/],
  ])("%s: no review", async (_, login, args, code, expected) => {
    const told = await twin.as(login, args());
    expect([told.code, told.out]).toEqual([code, ""]);
    expect(told.err).toMatch(expected);
    expect(twin.writes()).toEqual([]);
  });
});

describe("revoke, cancel and extend", () => {
  const said = async () => {
    const { data } = await twin.stage
      .as("olivia")
      .rest.issues.listComments({ ...repo, issue_number: number });
    return data.filter(({ user }) => user?.login === "alice").map(({ body }) => body);
  };

  test.each<[string, string, readonly string[], string]>([
    ["revoke", "active", ["revoke"], "/revoke"],
    ["revoke before the label says that it is open", "pending", ["revoke"], "/revoke"],
    ["revoke with a reason of two lines", "active", ["revoke", "-m", "done\nearly"], "/revoke done early"],
    ["cancel", "pending", ["cancel"], "/cancel"],
    ["cancel with a reason", "pending", ["cancel", "-m", "not needed"], "/cancel not needed"],
    ["extend", "active", ["extend", "1h30m"], "/extend 1h30m"],
  ])("%s: one comment", async (_, state, [command = "", ...args], expected) => {
    await twin.answer(number, state, []);
    twin.writes();
    const given =
      command === "extend" ? [command, String(number), ...args] : [command, String(number), ...args];
    const { code, out, err } = await twin.as("alice", [...given, "--json"]);
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toMatchObject({ request: number, said: expected });
    expect(twin.writes()).toEqual([`POST /repos/acme/access/issues/${number}/comments`]);
    expect(await said()).toEqual([expected]);
  });

  test.each<[string, string, readonly string[], number, RegExp]>([
    ["extend what is not open", "pending", ["extend", "1h"], 1, /is not open \(pending\)/],
    ["extend by what is no duration", "active", ["extend", "soon"], 2, /expected `\/extend` and a duration/],
    ["cancel what is open", "active", ["cancel"], 1, /hallpass revoke/],
    ["extend without how long", "active", ["extend"], 2, /missing required argument/],
  ])("%s: nothing is said", async (_, state, [command = "", ...args], code, expected) => {
    await twin.answer(number, state, []);
    twin.writes();
    const told = await twin.as("alice", [command, String(number), ...args]);
    expect([told.code, told.out]).toEqual([code, ""]);
    expect(told.err).toMatch(expected);
    expect(twin.writes()).toEqual([]);
  });

  test("the number of the pull request means its request", async () => {
    const { code, out } = await twin.as("alice", ["cancel", String(pull), "--json"]);
    expect([code, JSON.parse(out)]).toMatchObject([0, { request: number, said: "/cancel" }]);
    expect(twin.writes()).toEqual([`POST /repos/acme/access/issues/${number}/comments`]);
  });

  test.each(["revoke", "cancel"])("%s what is over: nothing is said, exit 1", async (command) => {
    await twin.answer(number, "cancelled", []);
    await twin.stage.as("alice").rest.issues.update({ ...repo, issue_number: number, state: "closed" });
    twin.writes();
    expect(await twin.as("alice", [command, String(number)])).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("is over (cancelled)"),
    });
    expect(twin.writes()).toEqual([]);
  });
});
