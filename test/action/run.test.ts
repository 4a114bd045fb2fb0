// Each command from its inputs to what it leaves behind, and the replay guard: an old run sends nothing but a new dispatch.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ActionInputs } from "../../action/inputs.ts";
import { type ActionResult, runAction } from "../../action/run.ts";
import { parseRequestNumber } from "../../core/parse-ids.ts";
import { sharedEngine } from "../whole/shared-engine.ts";
import { createWorld, type World } from "../whole/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld({ cron: false, lookEvery: Number.POSITIVE_INFINITY });
});
afterAll(() => world.close());

const headOf = (branch: string): string => {
  const { actionsWorld } = world.stage.github;
  const repository = actionsWorld.repository("acme/access");
  if (repository === undefined) throw new Error("the access repo is gone");
  return actionsWorld.resolveRef(repository, `refs/heads/${branch}`)?.sha ?? "";
};

const inputs = (change: Partial<ActionInputs>): ActionInputs => ({
  command: "grant",
  appId: world.stage.app.id,
  privateKey: world.stage.app.privateKey,
  owner: "acme",
  repo: "access",
  repositoryId: world.stage.repository.id,
  run: 1,
  attempt: 1,
  sha: headOf("main"),
  apiUrl: world.stage.github.url,
  ...change,
});

interface Ran {
  readonly done: ActionResult;
  /** What went out, in order, numbers left out. */
  readonly sent: readonly string[];
  readonly said: readonly string[];
}

/** Outside a job: nobody gives it a token, so it can do nothing in AWS. */
async function run(change: Partial<ActionInputs>): Promise<Ran> {
  const sent: string[] = [];
  const said: string[] = [];
  const { fetch } = world.stage.github;
  const done = await runAction(inputs(change), {
    clock: world.time,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const { pathname } = new URL(request.url);
      const text = await request.clone().text();
      sent.push(
        /(?:query|mutation) (\w+)/.exec(text)?.[1] ?? `${request.method} ${pathname.replace(/\/\d+/g, "/N")}`,
      );
      return fetch(request);
    },
    engine: sharedEngine,
    awsHandler: { handle: () => Promise.reject(new Error("AWS was called")) } as never,
    oidcToken: () => Promise.reject(new Error("a token was asked for")),
    proposedCommit: () => Promise.resolve(undefined),
    say: (line) => said.push(line),
  });
  return { done, sent, said };
}

const number = (of: number) => parseRequestNumber(of) as NonNullable<ReturnType<typeof parseRequestNumber>>;
const dispatch = "POST /repos/acme/access/actions/workflows/access.yml/dispatches";
const isWrite = (sent: string): boolean =>
  /^(?:POST|PUT|PATCH|DELETE)/.test(sent) && !/\/access_tokens$/.test(sent);

describe("a run that is a re-run, or of another commit", () => {
  test.each([
    ["its second attempt", { attempt: 2 }],
    ["its hundredth attempt", { attempt: 100 }],
    ["a commit that is not the head", { sha: "0".repeat(40) }],
    ["both", { attempt: 2, sha: "0".repeat(40) }],
  ] as const)("%s: does nothing but dispatch anew, of every command", async (_, change) => {
    for (const command of ["reconcile", "grant", "end"] as const) {
      const { done, sent } = await run({ ...change, command, request: number(4_000_001) });
      expect(done).toEqual({ state: "dispatched", until: "", problems: [] });
      expect(sent.filter(isWrite)).toEqual([dispatch]);
      expect(sent).not.toContain("Request");
    }
    for (const command of ["sweep", "inventory"] as const)
      expect((await run({ ...change, command })).sent.filter(isWrite)).toEqual([dispatch]);
    await world.run();
  });

  test("of `check` it checks: that holds no power", async () => {
    const { done, sent } = await run({ command: "check", attempt: 2 });
    expect(done).toEqual({ state: "checked", until: "", problems: [] });
    expect(sent.filter(isWrite)).toEqual([]);
  });
});

describe("a first run of the head", () => {
  test("of a number that is no request does nothing", async () => {
    for (const command of ["reconcile", "grant", "end"] as const) {
      const { done, sent } = await run({ command, request: number(4_000_000) });
      expect(done.problems).toEqual([]);
      expect(done.state).toMatch(/no access request/);
      expect(sent.filter(isWrite)).toEqual([]);
    }
  });

  test("each command says what it came to", async () => {
    const { people } = world;
    const open = people.ask("alice", { for: "1h" });
    await people.token("alice", open);
    await world.run();
    const last = (command: string) => world.runs.filter((each) => each.command === command).at(-1);
    expect(last("grant")).toMatchObject({ state: "active", problems: [] });
    for (const command of ["reconcile", "sweep", "inventory"]) {
      await people.dispatch("pat", command, command === "reconcile" ? open : undefined);
      await world.run();
    }
    expect(last("reconcile")).toMatchObject({ state: "active", problems: [] });
    expect(last("sweep")).toMatchObject({ state: "swept", problems: [] });
    expect(last("inventory")).toMatchObject({ state: "inventoried", problems: [] });
    await people.comment("alice", open, "/revoke");
    await world.run();
    expect(last("end")).toMatchObject({ state: "revoked", problems: [] });
    await people.dispatch("pat", "end", open);
    await world.run();
    expect(last("end")).toMatchObject({ problems: [], state: expect.stringContaining("over") });
  });
});
