// Looks at requests: when they come again by themselves, after a failure and at the instants that a verdict waits for.

import { generateKeyPairSync } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import type { LogFields } from "../../app/log.ts";
import { createRepositories, type Repositories, type RepositoryId } from "../../app/repositories.ts";
import { renderInventory } from "../../core/inventory.ts";
import { realClock } from "../../sandbox/real-clock.ts";
import { type Stage, setStage } from "../../sandbox/stage.ts";
import { sharedEngine } from "../whole/shared-engine.ts";

const start = Date.parse("2026-12-01T09:00:00Z");
const repo = { owner: "acme", repo: "access" } as const;

interface Timer {
  readonly wait: number;
  readonly ring: () => void;
  off: boolean;
}

// only jobs' tokens are signed with it, and none is asked for here
const { privateKey: oidcKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
let stage: Stage;
let now: number;
let timers: Timer[];
let log: ({ readonly level: string; readonly message: string } & LogFields)[];
let repositories: Repositories;
let id: RepositoryId;

/** Clock that sleeps by moving on: the client's own pauses cost nothing here. */
const clock = {
  now: () => now,
  sleep: async (milliseconds: number) => {
    now += milliseconds;
  },
};

beforeEach(async () => {
  now = start;
  timers = [];
  log = [];
  stage = await setStage({
    clock: { ...realClock, now: () => now },
    url: "http://github.test",
    oidcKey,
    executor: {
      javaScript: () => Promise.resolve({ exitCode: 0, log: "" }),
      shell: () => Promise.resolve({ exitCode: 0, log: "" }),
    },
    files: { "action/dist/main.cjs": "// never run here\n" },
  });
  writeInventory(stage);
  id = { ...repo, name: repo.repo, installation: stage.app.installation };
  repositories = createRepositories({
    appId: stage.app.id,
    privateKey: stage.app.privateKey,
    apiUrl: stage.github.url,
    clock,
    log: (level, message, fields) => log.push({ level, message, ...fields }),
    fetch: stage.github.fetch,
    engine: sharedEngine,
    after: (wait, then) => {
      const timer: Timer = { wait, ring: then, off: false };
      timers.push(timer);
      return () => {
        timer.off = true;
      };
    },
  });
});

function writeInventory({ github }: Stage): void {
  const nodes = [
    ["i-0d0d0d0d0d0d0d0d1", "r2d2-dev-01", { Environment: "Development" }],
    ["i-0a0a0a0a0a0a0a0a1", "r2d2-app-01", { Environment: "Production", Workload: "Application01" }],
  ].map(([id, name, tags]) => ({ type: "AWS::EC2::Instance", id, name, agent: "online", tags }) as never);
  const head = github.commit({
    repository: "acme/access",
    parent: null,
    files: { "111122223333/eu-central-1.json": renderInventory(nodes) },
    message: "inventory",
    by: "olivia",
  });
  github.push("olivia", "acme/access", "inventory", head);
}

const ask = (fields: Readonly<Record<string, string>> = {}): number =>
  stage.github.submitForm("alice", "acme/access", "access-request.yml", {
    nodes: "r2d2-dev-01",
    access: "shell",
    for: "1h",
    reason: "INC-1 checkout is down",
    ...fields,
  });

const waiting = (): readonly Timer[] => timers.filter((timer) => !timer.off);
const ring = async (): Promise<void> => {
  const timer = waiting().at(-1);
  if (timer === undefined) throw new Error("no timer is set");
  now += timer.wait;
  timer.off = true;
  timer.ring();
  await repositories.idle();
};
const errors = () => log.filter(({ level }) => level === "error");

describe("after a failure", () => {
  test("a request is looked at again, later each time, until it works", async () => {
    const number = ask();
    let broken = true;
    stage.github.faults.add({
      when: ({ graphql }) => broken && graphql?.operations.includes("Request") === true,
      respond: () => new Response("<html>", { status: 502 }),
    });
    await repositories.look(id, number);
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      waits.push(waiting().at(-1)?.wait ?? 0);
      await ring();
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600].map((each) => each * 1000));
    expect(errors()).toHaveLength(13);
    expect(errors()[0]).toMatchObject({
      message: "could not look; trying again",
      repository: "acme/access",
      request: number,
    });
    expect(errors()[0]?.error).toContain("unavailable (502)");

    broken = false;
    await ring();
    expect(log.at(-1)).toMatchObject({ message: "looked", state: "approved" });
    // the next failure begins with a short wait again
    broken = true;
    await repositories.look(id, number);
    expect(waiting().at(-1)?.wait).toBe(2_000);
  });

  test("to connect, the next look connects anew", async () => {
    const number = ask();
    stage.github.faults.add({
      when: ({ path }) => path.endsWith("/installation"),
      times: 1,
      respond: () => new Response("{}", { status: 404 }),
    });
    await repositories.look(id, number);
    expect(errors()).toHaveLength(1);
    await ring();
    expect(log.at(-1)).toMatchObject({ message: "looked", state: "approved" });
  });

  test("of one request, others are looked at all the same", async () => {
    const [first, second] = [ask(), ask()];
    stage.github.faults.add({
      when: ({ graphql, body }) =>
        graphql?.operations.includes("Request") === true && body.includes(`"number":${first},`),
      respond: () => new Response("{}", { status: 500 }),
    });
    await repositories.lookAtAll(id);
    expect(log.filter(({ message }) => message === "looked").map(({ request }) => request)).toEqual([second]);
  });
});

describe("by themselves requests are looked at again", () => {
  test("when an undecided one lapses", async () => {
    const number = ask({ nodes: "r2d2-app-01" });
    await repositories.look(id, number);
    expect(log.at(-1)).toMatchObject({ state: "pending" });
    // of reminders, and of the end: a timer waits a day at most
    for (let times = 0; times < 20 && log.at(-1)?.["state"] === "pending"; times++) await ring();
    expect(log.at(-1)).toMatchObject({ state: "over" });
    expect(now - start).toBeGreaterThanOrEqual(7 * 86_400_000);
    const { data } = await stage.as("alice").rest.issues.get({ ...repo, issue_number: number });
    expect(data).toMatchObject({ state: "closed", labels: [{ name: "access: lapsed" }] });
    expect(waiting()).toEqual([]);
  });

  test("when one that is to begin later begins", async () => {
    const number = ask({ from: "2026-12-01T12:00:00Z" });
    await repositories.look(id, number);
    expect(log.at(-1)).toMatchObject({ state: "approved" });
    expect(now + (waiting().at(-1)?.wait ?? 0)).toBe(Date.parse("2026-12-01T12:00:00Z"));
  });

  test("once, however often they were looked at before", async () => {
    const number = ask({ nodes: "r2d2-app-01" });
    for (let i = 0; i < 5; i++) await repositories.look(id, number);
    expect(waiting()).toHaveLength(1);
  });

  test("and not at all once the server is closed", async () => {
    const number = ask({ nodes: "r2d2-app-01" });
    await repositories.look(id, number);
    await repositories.close();
    expect(waiting()).toEqual([]);
    const before = stage.github.requests.length;
    await repositories.look(id, number);
    expect(stage.github.requests).toHaveLength(before);
  });
});

describe("a repository", () => {
  test("is connected to once, and again when the App was taken off and put back on", async () => {
    const number = ask();
    await Promise.all([1, 2, 3].map(() => repositories.look(id, number)));
    const connects = () =>
      stage.github.requests.filter(({ path }) => path === "/repos/acme/access/installation").length;
    expect(connects()).toBe(1);
    expect(repositories.known()).toEqual([id]);

    stage.github.uninstallApp(stage.app.slug, "acme");
    const { id: installation } = stage.github.installApp(stage.app.slug, "acme", {
      repositories: ["access"],
    });
    await repositories.look({ ...id, installation }, number);
    expect(connects()).toBe(2);
    expect(log.at(-1)).toMatchObject({ message: "looked", state: "approved" });
  });

  test("holds issues that are no requests, and numbers of nothing", async () => {
    const { data } = await stage.as("alice").rest.issues.create({ ...repo, title: "hello", body: "hello" });
    await repositories.look(id, data.number);
    await repositories.look(id, 999_999);
    expect(errors()).toEqual([]);
    expect(await repositories.botId(id)).toBe(stage.app.botUserId);
    const { data: comments } = await stage
      .as("alice")
      .rest.issues.listComments({ ...repo, issue_number: data.number });
    expect(comments).toEqual([]);
  });
});
