// A request by pull request, written by hand or by a tool: from a branch of the access repo or from a fork, it goes the whole way as an issue does.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Person } from "../../sandbox/stage.ts";
import { audit, codesOf, issuedFor } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ cron: false });
});
afterEach(() => world.close());

const repo = { owner: "acme", repo: "access" };
const fullName = "acme/access";
const dev = "i-0d0d0d0d0d0d0d0d1";
const production = "i-0a0a0a0a0a0a0a0a1";
const vault = "i-0b0b0b0b0b0b0b0b1";

const file = (node: string, more = "for: 1h\n") =>
  `nodes: [${node}]\n${more}reason: INC-1 checkout is down\n`;

interface Written {
  readonly pull: number;
  /** Where the branch is, and what it is called. */
  readonly from: string;
  readonly branch: string;
}

type Road = "a branch" | "a fork";

/** Dave's branch from the head of `ledger`, and his pull request. */
async function written(
  road: Road,
  content: string,
  { path = "approved/dave-fix.yaml", message = "Access, please", edits = false, branch = "fix" } = {},
): Promise<Written> {
  const { github } = world.stage;
  if (road === "a branch") github.addCollaborator(fullName, "dave", "write");
  else github.addCollaborator(fullName, "dave", "read");
  const from = road === "a branch" ? fullName : github.fork("dave", fullName, { defaultBranchOnly: false });
  const sha = github.commit({
    repository: from,
    parent: "ledger",
    files: { [path]: content },
    message,
    by: "dave",
  });
  github.push("dave", from, branch, sha, { force: true });
  const { data } = await world.stage.as("dave").rest.pulls.create({
    ...repo,
    head: road === "a branch" ? branch : `dave:${branch}`,
    base: "ledger",
    title: "Access",
    maintainer_can_modify: edits,
  });
  await world.run();
  return { pull: data.number, from, branch };
}

async function approvedBy(pull: number, ...people: readonly Person[]): Promise<void> {
  for (const login of people) await world.people.review(login, pull, "APPROVE");
  await world.run();
}

const tallyOf = async (pull: number) => {
  const { verdict } = await audit(world, pull);
  return "tally" in verdict ? verdict.tally : undefined;
};

const label = async (pull: number) => (await world.shown.labels(pull)).join();

/** Another commit on its branch. */
function pushed(
  { from, branch }: Written,
  by: Person,
  { content = file(production, "for: 2h\n"), author = by }: { content?: string; author?: Person } = {},
): void {
  const { github } = world.stage;
  const sha = github.commit({
    repository: from,
    parent: branch,
    files: { "approved/dave-fix.yaml": content },
    message: "More",
    by,
    author: { name: author, email: `${author}@users.noreply.github.com` },
  });
  github.push(by, from, branch, sha);
}

describe.each<Road>(["a branch", "a fork"])("from %s", (road) => {
  test("a policy grants it at once, its end is recorded and the pull request is closed", async () => {
    const { pull } = await written(road, file(dev));
    expect(await world.shown.status(pull)).toContain("/token age1…");
    await world.people.token("dave", pull);
    await world.run();
    expect(issuedFor(world, pull)).toBe(1);
    const operator = world.operator("dave");
    const { record, credentials } = await operator.take(pull);
    expect(record.subject).toEqual({ kind: "pull", number: pull });
    const [issued] = credentials;
    if (issued === undefined) throw new Error("nothing was issued");
    await operator.start(issued, dev);
    await world.advance(3_600 + 300);
    await world.people.dispatch("pat", "sweep");
    await world.run();
    expect(await label(pull)).toBe("access: expired");
    expect(await world.shown.state(pull)).toBe("closed");
    expect(world.shown.record(pull)?.path).toMatch(/^ended\//);
    expect(world.shown.sessions(pull)).toMatchObject([{ open: false }]);
  });

  test("two levels approve it, the App merges it, and it is granted", async () => {
    const { pull } = await written(road, file(production));
    await world.people.token("dave", pull);
    await approvedBy(pull, "bob", "erin");
    expect(await tallyOf(pull)).toMatchObject({ missing: [2] });
    await approvedBy(pull, "carol");
    expect(issuedFor(world, pull)).toBe(1);
    expect(await label(pull)).toBe("access: active");
    const { data } = await world.stage.as("olivia").rest.pulls.get({ ...repo, pull_number: pull });
    expect(data.merged).toBe(true);
  });

  test("a guardrail denies it", async () => {
    const { pull } = await written(road, file(vault));
    expect(await label(pull)).toBe("access: denied");
    expect(await world.shown.state(pull)).toBe("closed");
  });

  test("a reviewer rejects it", async () => {
    const { pull } = await written(road, file(production));
    await world.people.review("bob", pull, "REQUEST_CHANGES");
    await world.run();
    expect(await label(pull)).toBe("access: rejected");
    expect(await world.shown.state(pull)).toBe("closed");
  });

  test("a bad file is told, and mended by another commit", async () => {
    const at = await written(road, file(production, "for: soon\n"));
    expect(await codesOf(world, at.pull)).toEqual(["request.duration-malformed"]);
    expect(await world.shown.status(at.pull)).toContain("soon");
    pushed(at, "dave");
    await world.people.token("dave", at.pull);
    await world.run();
    await approvedBy(at.pull, "bob", "erin", "carol");
    expect(issuedFor(world, at.pull)).toBe(1);
  });

  test.each([
    ["called after nobody", "approved/fix.yaml", "request.path"],
    ["called after somebody else", "approved/bob-fix.yaml", "request.path"],
    ["that looks like a record", "approved/7.yaml", "request.path"],
    ["somewhere else", "active/dave-fix.yaml", "request.files"],
  ])("a file %s asks for nothing", async (_, path, code) => {
    const { pull } = await written(road, file(dev), { path });
    expect(await codesOf(world, pull)).toEqual([code]);
    await world.people.token("dave", pull);
    await world.run();
    expect(issuedFor(world, pull)).toBe(0);
  });

  test("an approval before a later push counts for nothing", async () => {
    const at = await written(road, file(production));
    await world.people.token("dave", at.pull);
    await approvedBy(at.pull, "bob", "erin");
    pushed(at, "dave");
    await world.run();
    await approvedBy(at.pull, "carol");
    expect(await tallyOf(at.pull)).toMatchObject({ missing: [1, 2] });
    expect(issuedFor(world, at.pull)).toBe(0);
  });

  test("whoever is named as a co-author cannot approve it", async () => {
    const message = "Access, please\n\nCo-authored-by: Bob <bob@users.noreply.github.com>";
    const { pull } = await written(road, file(production), { message });
    await world.people.token("dave", pull);
    await approvedBy(pull, "bob", "erin", "carol");
    expect(await tallyOf(pull)).toMatchObject({
      approval: "pending",
      ignored: [{ because: "pushed-to-the-branch" }],
    });
    expect(issuedFor(world, pull)).toBe(0);
  });

  test("whoever authored a commit that its author pushed cannot approve it", async () => {
    const at = await written(road, file(production));
    await world.people.token("dave", at.pull);
    pushed(at, "dave", { author: "bob" });
    await world.run();
    await approvedBy(at.pull, "bob", "erin", "carol");
    expect(await tallyOf(at.pull)).toMatchObject({ approval: "pending" });
    expect(issuedFor(world, at.pull)).toBe(0);
  });

  test("is revoked by who approved it, without write access", async () => {
    const { pull } = await written(road, file(production));
    await world.people.token("dave", pull);
    await approvedBy(pull, "bob", "erin", "carol");
    await world.people.comment("carol", pull, "/revoke that will do");
    await world.run();
    expect(world.shown.record(pull)?.text).toMatch(/how: revoked\n {2}by: carol/);
  });
});

describe("a fork", () => {
  test("that lets maintainers edit asks for nothing until that is unticked: GitHub does not say who pushed", async () => {
    const at = await written("a fork", file(production), { edits: true });
    await world.people.token("dave", at.pull);
    await approvedBy(at.pull, "bob", "erin", "carol");
    expect(await codesOf(world, at.pull)).toEqual(["trust.pull-lookalike"]);
    expect(await world.shown.status(at.pull)).toContain("Allow edits by maintainers");
    expect(issuedFor(world, at.pull)).toBe(0);
    const { rest } = world.stage.as("dave");
    await rest.pulls.update({ ...repo, pull_number: at.pull, maintainer_can_modify: false });
    world.apps[0]?.look(at.pull);
    await world.run();
    expect(issuedFor(world, at.pull)).toBe(1);
  });

  test("whose branch is called like one of ours is looked at as itself", async () => {
    const { pull } = await written("a fork", file(dev), { branch: "request/1" });
    expect(await world.shown.status(pull)).toContain("/token age1…");
  });

  test("whose pull request is closed while it waits is over, and nothing is granted", async () => {
    const { pull } = await written("a fork", file(production));
    await world.people.token("dave", pull);
    await world.stage.as("dave").rest.pulls.update({ ...repo, pull_number: pull, state: "closed" });
    await world.run();
    await approvedBy(pull, "bob", "erin", "carol").catch(() => undefined);
    expect(issuedFor(world, pull)).toBe(0);
    expect(await label(pull)).toBe("access: cancelled");
  });
});

test("/extend on a pull request asks in an issue", async () => {
  const { pull } = await written("a fork", file(dev));
  await world.people.token("dave", pull);
  await world.run();
  await world.people.comment("dave", pull, "/extend 1h");
  await world.run();
  expect(await world.shown.status(pull)).toMatch(/1h more is asked for in #\d+/);
});
