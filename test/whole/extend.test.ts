// `/extend`: more time is a decision of its own, in an issue that the App opens and cannot misuse; the end that was agreed stays.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseExtension } from "../../core/extension.ts";
import { parseActive } from "../../core/parse-record.ts";
import { audit, createThief, issuedFor } from "./thief.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

let world: World;
const begin = async (options: WorldOptions = {}) => {
  world = await createWorld({ cron: false, ...options });
};
beforeEach(() => begin());
afterEach(() => world.close());

const repo = { owner: "acme", repo: "access" };

async function opened(nodes = "r2d2-dev-01"): Promise<number> {
  const number = world.people.ask("alice", { nodes, for: "1h" });
  await world.people.token("alice", number);
  await world.run();
  if (nodes !== "r2d2-dev-01") await approved(number);
  expect(world.shown.ledger().has(`active/${number}.yaml`)).toBe(true);
  return number;
}

async function approved(number: number): Promise<void> {
  for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
  await world.run();
}

/** What the App has opened because of `/extend`, oldest first. */
async function extensionsOf(first: number) {
  const { data } = await world.stage.as("olivia").rest.issues.listForRepo({ ...repo, state: "all" });
  return data
    .filter(({ body }) => parseExtension(body ?? "")?.request === first)
    .map(({ number, state, body }) => ({ number, state, body: body ?? "" }))
    .sort((a, b) => a.number - b.number);
}

async function extensionOf(first: number): Promise<number> {
  const all = await extensionsOf(first);
  expect(all).toHaveLength(1);
  return all[0]?.number ?? 0;
}

const recordOf = (number: number) => {
  const parsed = parseActive(
    world.shown.ledger().get(`active/${number}.yaml`) ?? "",
    `active/${number}.yaml`,
  );
  if (!parsed.ok) throw new Error(`#${number} is not open`);
  return parsed.value;
};

describe("an extension", () => {
  test("is decided anew, begins before the first end and lasts as long as was asked beyond it", async () => {
    const first = await opened();
    const { until } = recordOf(first).granted;
    await world.advance(600);
    await world.people.comment("alice", first, "/extend 2h\nthe queue is long");
    await world.run();
    const second = await extensionOf(first);
    expect((await audit(world, second)).verdict).toMatchObject({ state: "approved", waitingFor: "start" });
    expect(issuedFor(world, second)).toBe(0);
    expect(await world.shown.status(first)).toContain(`2h more is asked for in #${second}`);
    expect(await world.shown.status(second)).toContain(`extends #${first}`);
    await world.advanceTo(until - 60_000);
    await world.run();
    // the key that alice posted on the first one serves
    expect(issuedFor(world, second)).toBe(1);
    const operator = world.operator("alice");
    const { record, credentials } = await operator.take(second);
    const [issued] = credentials;
    if (issued === undefined) throw new Error("nothing was issued");
    await operator.start(issued, "i-0d0d0d0d0d0d0d0d1", "Hallpass-Shell-240");
    expect(record.requester.login).toBe("alice");
    expect(record.granted.at).toBeLessThan(until);
    expect(Math.abs(record.granted.until - (until + 2 * 3_600_000))).toBeLessThan(60_000);
    // the first one ends when it was to end
    expect(recordOf(first).granted.until).toBe(until);
    await world.advanceTo(until + 600_000);
    await world.people.dispatch("pat", "sweep");
    await world.run();
    expect(await world.shown.labels(first)).toEqual(["access: expired"]);
    expect(await world.shown.labels(second)).toEqual(["access: active"]);
    expect(world.shown.sessions(second)).toMatchObject([{ open: true }]);
  });

  test("of what people approved is approved by people again, and none of them is its requester", async () => {
    const first = await opened("r2d2-app-01");
    await world.people.comment("alice", first, "/extend 1h");
    await world.run();
    const second = await extensionOf(first);
    await world.people.approve("alice", second);
    await world.run();
    expect((await audit(world, second)).verdict).toMatchObject({
      state: "pending",
      tally: { missing: [1, 2] },
    });
    await approved(second);
    await world.advance(3_600 - 200);
    await world.run();
    expect(issuedFor(world, second)).toBe(1);
  });

  test("over the limit is refused, and the first grant goes on", async () => {
    const first = await opened();
    await world.people.comment("alice", first, "/extend 9h");
    await world.run();
    const second = await extensionOf(first);
    expect(await world.shown.status(second)).toContain("over the limit of 8h");
    expect(await world.shown.labels(first)).toEqual(["access: active"]);
  });

  test("asked for in the last minutes begins at once", async () => {
    const first = await opened();
    await world.advance(3_600 - 120);
    await world.people.comment("alice", first, "/extend 1h");
    await world.run();
    const second = await extensionOf(first);
    const { granted } = recordOf(second);
    expect(Math.abs(granted.until - (recordOf(first).granted.until + 3_600_000))).toBeLessThan(60_000);
  });

  test("is not granted when the first grant was revoked meanwhile", async () => {
    const first = await opened();
    await world.people.comment("alice", first, "/extend 1h");
    await world.run();
    const second = await extensionOf(first);
    await world.people.comment("pat", first, "/revoke");
    await world.run();
    await world.advance(3_600);
    await world.run();
    expect(issuedFor(world, second)).toBe(0);
    expect(await world.shown.labels(second)).toEqual(["access: cancelled"]);
    expect(world.shown.record(second)?.text).toContain("ended early: revoked");
  });

  test("can be extended itself, and revoked, and its key changed", async () => {
    const first = await opened();
    await world.advance(3_500);
    await world.people.comment("alice", first, "/extend 1h");
    await world.run();
    const second = await extensionOf(first);
    await world.people.token("alice", second);
    await world.people.comment("alice", second, "/extend 30m");
    await world.run();
    expect(issuedFor(world, second)).toBe(2);
    const third = await extensionOf(second);
    await world.people.comment("alice", second, "/revoke");
    await world.run();
    expect(await world.shown.labels(second)).toEqual(["access: revoked"]);
    await world.advance(3_600);
    await world.run();
    expect(issuedFor(world, third)).toBe(0);
  });

  test("is asked for three times at most", async () => {
    const first = await opened();
    for (let i = 0; i < 5; i++) await world.people.comment("alice", first, "/extend 1h");
    await world.run();
    expect(await extensionsOf(first)).toHaveLength(3);
    expect(await world.shown.status(first)).toContain("only the first three count");
  });

  test("of two that two processes opened the lower counts, and the other is closed", async () => {
    const first = await opened();
    const [app] = world.apps;
    app?.kill();
    await world.people.comment("alice", first, "/extend 1h");
    const { octokit } = createThief(world);
    world.startApp();
    await world.run();
    const second = await extensionOf(first);
    const { data } = await octokit.rest.issues.get({ ...repo, issue_number: second });
    const twin = await octokit.rest.issues.create({ ...repo, title: data.title, body: data.body ?? "" });
    await world.run();
    await createThief(world).dispatch("grant", twin.data.number);
    await world.run();
    expect(await world.shown.state(twin.data.number)).toBe("closed");
    expect(world.shown.record(twin.data.number)?.text).toContain(`#${second} answers the same`);
    expect(await world.shown.state(second)).toBe("open");
  });
});

describe("by the workflow alone", () => {
  test("an extension is opened and decided in the run that the comment starts", async () => {
    world.close();
    await begin({ serverless: true });
    const first = await opened();
    await world.people.comment("alice", first, "/extend 1h");
    await world.run();
    const second = await extensionOf(first);
    expect(await world.shown.status(second)).toContain(`extends #${first}`);
  });
});

describe("nothing is opened for an /extend", () => {
  test.each([
    ["of somebody else", "pat", "/extend 1h"],
    ["that cannot be read", "alice", "/extend soon"],
  ] as const)("%s", async (_, login, text) => {
    const first = await opened();
    await world.people.comment(login, first, text);
    await world.run();
    expect(await extensionsOf(first)).toEqual([]);
    expect(await world.shown.status(first)).toContain("`/extend`");
  });

  test("that was edited", async () => {
    const first = await opened();
    const comment_id = await world.people.comment("alice", first, "thanks");
    const { rest } = world.stage.as("pat");
    await rest.issues.updateComment({ ...repo, comment_id, body: "/extend 4h" });
    await world.run();
    expect(await extensionsOf(first)).toEqual([]);
    expect(await world.shown.status(first)).toContain("the comment was edited");
  });
});

describe("whoever has the App's key", () => {
  /** The App's own extension, changed as the thief likes before it is opened. */
  async function forged(change: (body: string) => string, said = "/extend 1h"): Promise<number> {
    const first = await opened();
    for (const app of world.apps) app.kill();
    const comment = await world.people.comment("alice", first, said);
    const { octokit } = createThief(world);
    const [real] = await bodies(first, comment);
    const { data } = await octokit.rest.issues.create({ ...repo, title: "Extend", body: change(real ?? "") });
    await createThief(world).dispatch("grant", data.number);
    await world.run();
    await world.advance(3_500);
    await createThief(world).dispatch("grant", data.number);
    await world.run();
    return data.number;
  }

  /** What the App writes for it, taken from an App that then forgets. */
  async function bodies(first: number, comment: number): Promise<readonly string[]> {
    const { renderExtension } = await import("../../core/extension.ts");
    const { data } = await world.stage.as("olivia").rest.issues.getComment({ ...repo, comment_id: comment });
    const at = Date.parse(data.created_at) as never;
    return [renderExtension(recordOf(first), { comment, at, for: 3_600 as never })];
  }

  test("opens what the comment asks for, and nothing is gained", async () => {
    const number = await forged((body) => body);
    expect(issuedFor(world, number)).toBe(1);
  });

  test.each([
    ["other nodes", (body: string) => body.replace("i-0d0d0d0d0d0d0d0d1", "i-0d0d0d0d0d0d0d0d2")],
    ["longer", (body: string) => body.replace("### For\n\n1h5m", "### For\n\n4h5m")],
    ["at once", (body: string) => body.replace(/### From\n\n.*/, "### From\n\n_No response_")],
    ["for another comment", (body: string) => body.replace(/(extend \d+) \d+/, "$1 999999")],
    ["for another request", (body: string) => body.replace(/extend \d+/, "extend 999")],
  ])("asks for %s in vain", async (_, change) => {
    const number = await forged((body) => {
      expect(change(body)).not.toBe(body);
      return change(body);
    });
    expect(issuedFor(world, number)).toBe(0);
    expect(world.shown.record(number)?.text).toContain("how: cancelled");
  });

  test("cannot use what is no /extend", async () => {
    expect(issuedFor(world, await forged((body) => body, "/extend soon"))).toBe(0);
  });

  test("cannot use an /extend of somebody else", async () => {
    const first = await opened();
    for (const app of world.apps) app.kill();
    const comment = await world.people.comment("mallory", first, "/extend 1h");
    const [body = ""] = await bodies(first, comment);
    const { data } = await createThief(world).octokit.rest.issues.create({ ...repo, title: "Extend", body });
    await world.people.token("mallory", data.number);
    await world.advance(3_500);
    await createThief(world).dispatch("grant", data.number);
    await world.run();
    expect(issuedFor(world, data.number)).toBe(0);
    expect(world.shown.record(data.number)?.text).toContain("is not of its requester");
  });
});

describe("an extension whose text or comment is touched before it begins", () => {
  test.each([
    [
      "its text, by somebody else",
      async (second: number) => world.people.edit("pat", second, (body) => body.replace("1h5m", "4h5m")),
    ],
    [
      "it is withdrawn by its requester",
      async (second: number) => world.people.comment("alice", second, "/cancel"),
    ],
  ])("is granted nothing: %s", async (_, touch) => {
    const first = await opened();
    await world.people.comment("alice", first, "/extend 1h");
    await world.run();
    const second = await extensionOf(first);
    await touch(second);
    await world.run();
    await world.advance(3_500);
    await world.run();
    expect(issuedFor(world, second)).toBe(0);
  });

  test.each([
    [
      "edited",
      async (comment_id: number) =>
        world.stage.as("pat").rest.issues.updateComment({ ...repo, comment_id, body: "/extend 1h " }),
    ],
    [
      "deleted",
      async (comment_id: number) => world.stage.as("pat").rest.issues.deleteComment({ ...repo, comment_id }),
    ],
  ])("is granted nothing: its comment is %s", async (_, touch) => {
    const first = await opened();
    const comment = await world.people.comment("alice", first, "/extend 1h");
    await world.run();
    const second = await extensionOf(first);
    await touch(comment);
    await world.advance(3_500);
    await world.run();
    expect(issuedFor(world, second)).toBe(0);
    expect(await world.shown.labels(second)).toEqual(["access: cancelled"]);
  });

  test("goes on when its comment is deleted after it began", async () => {
    const first = await opened();
    await world.advance(3_500);
    const comment_id = await world.people.comment("alice", first, "/extend 1h");
    await world.run();
    const second = await extensionOf(first);
    await world.stage.as("pat").rest.issues.deleteComment({ ...repo, comment_id });
    await world.people.token("alice", second);
    await world.run();
    expect(issuedFor(world, second)).toBe(2);
    expect(await world.shown.labels(second)).toEqual(["access: active"]);
  });
});
