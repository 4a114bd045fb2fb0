// The request's pull request is the one that our App opened here, for `ledger`, with one commit that adds the one file. Whatever only looks like it does not exist for
// the Action, whoever approves it. The App is out of the way: the attacker has its key, or is quicker.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { audit, codesOf, createThief, issuedFor, type Thief } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
let thief: Thief;
let number: number;
let file: string;

/** A request whose own pull request is closed and gone, so that a stranger's has the name to itself. */
beforeEach(async () => {
  world = await createWorld({ cron: false });
  thief = createThief(world);
  number = world.people.ask("alice", { nodes: "r2d2-app-01" });
  await world.people.token("alice", number);
  await world.run();
  for (const app of world.apps) app.kill();
  file = world.shown.ledger(`request/${number}`).get(`approved/${number}.yaml`) ?? "";
  expect(file).toContain("i-0a0a0a0a0a0a0a0a1");
});
afterEach(() => world.close());

const repo = { owner: "acme", repo: "access" };
const path = () => `approved/${number}.yaml`;

/** Everybody approves it, the thief makes it green and merges it, and has it granted. */
async function approvedMergedAndDispatched(pull: number): Promise<void> {
  for (const approver of ["bob", "erin", "carol"] as const)
    await world.people.review(approver, pull, "APPROVE");
  await thief.merge(pull).catch(() => undefined);
  await thief.dispatch("grant", number);
  await world.run();
}

function nothingIsGranted(): void {
  expect(issuedFor(world, number)).toBe(0);
  expect(world.shown.ledger().has(`active/${number}.yaml`)).toBe(false);
}

/** None of the request's: its approvals are nobody's, and the request waits for people as before. */
async function isNobodys(pull: number): Promise<void> {
  nothingIsGranted();
  const { facts, verdict } = await audit(world, number);
  expect(facts.pulls.map((each) => each.number)).not.toContain(pull);
  expect(verdict).toMatchObject({ state: "pending", tally: { missing: [1, 2] } });
}

/** It would be the request's if it said the same; merged without an approval that counts, it ends the request. */
async function endsAs(why: string): Promise<void> {
  nothingIsGranted();
  expect((await audit(world, number)).verdict).toMatchObject({
    state: "over",
    record: { ended: { how: "failed", why: expect.stringContaining(why) } },
  });
}

describe("a branch request/N of somebody else", () => {
  test("cannot be pushed while the ruleset stands", () => {
    const sha = world.stage.github.commit({
      repository: world.stage.repository.fullName,
      parent: "ledger",
      files: { [path()]: file },
      message: "Access, please",
      by: "pat",
    });
    expect(() =>
      world.stage.github.push("pat", world.stage.repository.fullName, `request/${number}-2`, sha),
    ).toThrow();
  });

  test("opened as a pull request by its author is not the request's, though all approve it", async () => {
    await thief.branch(`request/${number}-2`);
    await thief.commit(`request/${number}-2`, { [path()]: file });
    const pulls = world.stage.as("pat").rest.pulls;
    const { data } = await pulls.create({
      ...repo,
      head: `request/${number}-2`,
      base: "ledger",
      title: "Access request",
    });
    await approvedMergedAndDispatched(data.number);
    await isNobodys(data.number);
  });

  test("of a fork is not the request's, though all approve it", async () => {
    const { github } = world.stage;
    github.addCollaborator(world.stage.repository.fullName, "dave", "write");
    const fork = github.fork("dave", world.stage.repository.fullName, { defaultBranchOnly: false });
    const sha = github.commit({
      repository: fork,
      parent: "ledger",
      files: { [path()]: file },
      message: "Access, please",
      by: "dave",
    });
    github.push("dave", fork, `request/${number}`, sha, { force: true });
    const { data } = await world.stage.as("dave").rest.pulls.create({
      ...repo,
      head: `dave:request/${number}`,
      base: "ledger",
      title: "Access request",
    });
    await approvedMergedAndDispatched(data.number);
    await isNobodys(data.number);
  });
});

describe("a pull request that the App's key opened", () => {
  /** One branch of the thief's, as they like it, with a pull request. */
  async function opened(branch: string, ...commits: readonly Record<string, string>[]): Promise<number> {
    await thief.branch(branch);
    for (const files of commits) await thief.commit(branch, files);
    return thief.pull(branch);
  }

  test.each([
    ["changes two files", () => [{ [path()]: file, "README.md": "Nothing to see here\n" }]],
    ["adds a second record", () => [{ [path()]: file, "approved/999.yaml": file }]],
    ["has a second commit", () => [{ [path()]: file }, { "README.md": "Nothing to see here\n" }]],
    ["adds a record of another number", () => [{ "approved/999.yaml": file }]],
  ])("and that %s is nobody's, though all approve it", async (_, commits) => {
    const pull = await opened(`request/${number}-2`, ...commits());
    await approvedMergedAndDispatched(pull);
    await isNobodys(pull);
  });

  test.each([
    ["other nodes", () => file.replaceAll("r2d2-app-01", "c3po-vault-01")],
    ["more time", () => file.replace("for: 1h", "for: 8h")],
    ["somebody else", () => file.replace("login: alice", "login: mallory").replace(/id: \d+/, "id: 1")],
  ])(
    "and that asks for %s than the issue is not what was asked, though all approve it",
    async (_, content) => {
      await approvedMergedAndDispatched(await opened(`request/${number}-2`, { [path()]: content() }));
      await endsAs("edited before it was granted");
    },
  );

  test("and that adds what is no record breaks the request, though all approve it", async () => {
    const forged = { [path()]: "nodes: [i-0b0b0b0b0b0b0b0b1]\n" };
    await approvedMergedAndDispatched(await opened(`request/${number}-2`, forged));
    nothingIsGranted();
    expect(await codesOf(world, number)).toContain("record.malformed");
  });

  test("and that pins nodes which the issue does not name is granted nothing, whatever people approved", async () => {
    await pinsOthers(await opened(`request/${number}-2`, { [path()]: another() }));
  });

  test("and that pins one more node than the issue names is granted nothing", async () => {
    const one = /^ {2}- account:[\s\S]*?(?=^\S)/m.exec(file)?.[0] ?? "";
    const more = file.replace(one, one + one.replace("i-0a0a0a0a0a0a0a0a1", "i-0a0a0a0a0a0a0a0a2"));
    expect(more).toContain("i-0a0a0a0a0a0a0a0a2");
    await pinsOthers(await opened(`request/${number}-2`, { [path()]: more }));
  });

  test("and that pins another node of the same name is granted nothing", async () => {
    const { account, region, aws } = world.stage;
    const other = aws.region(account, region).nodes.get("i-0a0a0a0a0a0a0a0a2");
    if (other === undefined) throw new Error("there is no such node");
    aws.retag(other, { Name: "r2d2-app-01", Environment: "Production" });
    await world.people.dispatch("pat", "inventory");
    await world.run();
    await pinsOthers(await opened(`request/${number}-2`, { [path()]: another() }));
  });

  const another = () => file.replace("i-0a0a0a0a0a0a0a0a1", "i-0a0a0a0a0a0a0a0a2");

  /** Nothing moves, people read what to do before they approve, and whoever asked can still take it back. */
  async function pinsOthers(pull: number): Promise<void> {
    await world.people.dispatch("pat", "reconcile", number);
    await world.run();
    expect(await world.shown.status(number)).toContain(
      `\`#${pull}\` pins other nodes than are asked for now`,
    );
    await approvedMergedAndDispatched(pull);
    nothingIsGranted();
    expect(await codesOf(world, number)).toEqual(["trust.pinned-nodes"]);
    await world.people.comment("alice", number, "/cancel");
    await world.people.dispatch("pat", "reconcile", number);
    await world.run();
    expect(await world.shown.labels(number)).toEqual(["access: cancelled"]);
  }

  test.each([
    ["a symbolic link", "120000"],
    ["a program", "100755"],
  ] as const)("and that adds %s is nobody's, though all approve it", async (_, mode) => {
    const { git } = thief.octokit.rest;
    const { data: base } = await git.getRef({ ...repo, ref: "heads/ledger" });
    const { data: blob } = await git.createBlob({ ...repo, content: file });
    const { data: tree } = await git.createTree({
      ...repo,
      base_tree: base.object.sha,
      tree: [{ path: path(), mode, type: "blob", sha: blob.sha }],
    });
    const { data: commit } = await git.createCommit({
      ...repo,
      message: "Access, please",
      tree: tree.sha,
      parents: [base.object.sha],
    });
    await git.createRef({ ...repo, ref: `refs/heads/request/${number}-2`, sha: commit.sha });
    const pull = await thief.pull(`request/${number}-2`);
    await approvedMergedAndDispatched(pull);
    await isNobodys(pull);
  });

  test("beside one that people approved makes the approvals of the first count for nothing", async () => {
    for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
    const pull = await opened(`request/${number}-2`, { [path()]: file });
    await thief.merge(pull);
    await thief.dispatch("grant", number);
    await world.run();
    await endsAs("not filled");
  });
});
