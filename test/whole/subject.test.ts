// Whose request it is. The text must be its author's own, and the author a person who has access to the repository now.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Person } from "../../sandbox/stage.ts";
import { audit, codesOf, createThief, issuedFor } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ cron: false });
});
afterEach(() => world.close());

const fullName = "acme/access";
const repo = { owner: "acme", repo: "access" };

const pulls = async (number: number) => (await world.shown.pulls(number)).length;

/** Key and dispatch, whatever the App thinks of it. */
async function nothingIsGranted(number: number, login: Person = "alice"): Promise<void> {
  await world.people.token(login, number).catch(() => undefined);
  await createThief(world).dispatch("grant", number);
  await world.run();
  expect(issuedFor(world, number)).toBe(0);
  expect(world.shown.ledger().has(`active/${number}.yaml`)).toBe(false);
}

describe("an issue is not its author's own request", () => {
  test("when somebody else has edited it", async () => {
    const number = world.people.ask("alice");
    await world.people.edit("pat", number, (body) => body.replace("r2d2-dev-01", "r2d2-dev-02"));
    await world.run();
    expect(await codesOf(world, number)).toEqual(["issue.edited-by-another"]);
    expect(await world.shown.status(number)).toContain("`pat`");
    await nothingIsGranted(number);
  });

  test("when somebody else has edited it and the author edited it after them", async () => {
    const number = world.people.ask("alice");
    await world.people.edit("pat", number, (body) => body.replace("1h", "8h"));
    await world.people.edit("alice", number, (body) => `${body}\n`);
    await world.run();
    expect(await codesOf(world, number)).toEqual(["issue.edited-by-another"]);
    await nothingIsGranted(number);
  });

  test("when it came from another repository, where others may have edited it", async () => {
    const { github } = world.stage;
    github.createRepository({
      owner: "acme",
      name: "elsewhere",
      visibility: "private",
      files: { ".github/ISSUE_TEMPLATE/access-request.yml": form() },
    });
    github.addCollaborator("acme/elsewhere", "alice", "read");
    github.addCollaborator("acme/elsewhere", "mallory", "write");
    const there = github.submitForm("alice", "acme/elsewhere", "access-request.yml", {
      nodes: "r2d2-dev-01",
      access: "shell",
      for: "1h",
      reason: "INC-1 checkout is down",
    });
    const number = github.transferIssue("olivia", "acme/elsewhere", there, fullName);
    await world.run();
    expect(await codesOf(world, number)).toContain("issue.transferred");
    await nothingIsGranted(number);
  });

  test("when its author's account is gone", async () => {
    const number = world.people.ask("alice");
    await world.people.token("alice", number);
    for (const app of world.apps) app.kill();
    world.stage.github.deleteUser("alice");
    expect(await codesOf(world, number)).toContain("requester.not-a-person");
    await createThief(world).dispatch("grant", number);
    await world.run();
    expect(issuedFor(world, number)).toBe(0);
  });

  test("when a bot wrote it: the App's key asks for nobody", async () => {
    const { octokit } = createThief(world);
    const body = (await bodyOf(world.people.ask("alice"))).trim();
    const { data } = await octokit.rest.issues.create({ ...repo, title: "Access request", body });
    await world.run();
    expect(await codesOf(world, data.number)).toContain("requester.not-a-person");
    await nothingIsGranted(data.number);
  });
});

describe("a requester without access to the repository", () => {
  test("has no request: who left before the grant is granted nothing", async () => {
    const number = world.people.ask("alice");
    await world.people.token("alice", number);
    for (const app of world.apps) app.kill();
    world.stage.github.removeMember("acme", "alice");
    expect(await codesOf(world, number)).toEqual(["requester.no-access"]);
    await createThief(world).dispatch("grant", number);
    await world.run();
    expect(issuedFor(world, number)).toBe(0);
  });

  test("has no access any more: who leaves during the grant is revoked by the next sweep", async () => {
    const { people, shown } = world;
    const number = people.ask("alice");
    await people.token("alice", number);
    await world.run();
    const operator = world.operator("alice");
    const { record, credentials } = await operator.take(number);
    const [issued] = credentials;
    if (issued === undefined) throw new Error("nothing was issued");
    await operator.start(issued, "i-0d0d0d0d0d0d0d0d1");
    world.stage.github.removeMember("acme", "alice");
    await world.advance(600);
    await people.dispatch("pat", "sweep");
    await world.run();
    expect(shown.sessions(number)).toMatchObject([{ open: false }]);
    await expect(operator.start(issued, "i-0d0d0d0d0d0d0d0d1")).rejects.toThrow();
    expect(world.time.now()).toBeLessThan(record.granted.until);
    expect(shown.record(number)?.text).toMatch(/how: revoked\n {2}by: hallpass/);
    expect(await shown.labels(number)).toEqual(["access: revoked"]);
    expect(await shown.state(number)).toBe("closed");
  });
});

describe("a key", () => {
  test("of somebody else is nobody's key", async () => {
    const number = world.people.ask("alice");
    await world.people.token("mallory", number);
    await world.run();
    expect((await audit(world, number)).verdict).toMatchObject({ state: "approved", waitingFor: "key" });
    expect(issuedFor(world, number)).toBe(0);
  });

  test("in a comment that was edited is no key: any writer edits anybody's comment", async () => {
    const number = world.people.ask("alice");
    const comment_id = await world.people.comment("alice", number, "/token age1…");
    await world.run();
    const mallorys = await world.people.token("mallory", number);
    const { data } = await world.stage.as("pat").rest.issues.getComment({ ...repo, comment_id: mallorys });
    await world.stage.as("pat").rest.issues.updateComment({ ...repo, comment_id, body: data.body ?? "" });
    await world.run();
    expect((await audit(world, number)).verdict).toMatchObject({ state: "approved", waitingFor: "key" });
    expect(issuedFor(world, number)).toBe(0);
  });
});

describe("/revoke", () => {
  test.each([
    ["the requester", "alice", true],
    ["somebody who may write", "pat", true],
    ["somebody who may only read", "mallory", false],
  ] as const)("by %s (%s) ends access: %s", async (_, login, ends) => {
    const number = world.people.ask("alice");
    await world.people.token("alice", number);
    await world.run();
    await world.people.comment(login, number, "/revoke seen enough");
    await world.run();
    const text = world.shown.record(number)?.text ?? "";
    if (ends) expect(text).toMatch(new RegExp(`how: revoked\\n {2}by: ${login}\\n {2}why: seen enough`));
    else expect(text).not.toContain("ended:");
  });
});

const bodyOf = async (issue_number: number): Promise<string> =>
  (await world.stage.as("olivia").rest.issues.get({ ...repo, issue_number })).data.body ?? "";

const form = (): string => {
  const { actionsWorld } = world.stage.github;
  const repository = actionsWorld.repository(fullName);
  if (repository === undefined) throw new Error("the access repo is gone");
  const { sha } = actionsWorld.defaultBranch(repository);
  const bytes = actionsWorld.readFile(repository, sha, ".github/ISSUE_TEMPLATE/access-request.yml");
  return Buffer.from(bytes ?? []).toString("utf8");
};

test("an issue that asks for nothing is nobody's business", async () => {
  const { data } = await world.stage.as("alice").rest.issues.create({ ...repo, title: "The coffee machine" });
  await world.run();
  expect(await pulls(data.number)).toBe(0);
  expect(await world.shown.comments(data.number)).toEqual([]);
  expect(await world.shown.labels(data.number)).toEqual([]);
});
