// Every step is an ensure: whatever goes wrong on the way, state stays consistent, and doing it again finishes.

import { beforeAll, describe, expect, it } from "vitest";
import type { Facts } from "../../core/facts.ts";
import type { EndedRecord } from "../../core/record.ts";
import type { GitHubStep } from "../../core/step.ts";
import { isGitHubError } from "../../github/error.ts";
import { performGitHubStep } from "../../github/perform.ts";
import type { Asked, Fault } from "../../sandbox/github/faults.ts";
import { type AccessRepo, accessRepo, costOf } from "./access-repo.ts";
import { gather, openPullStep } from "./facts.ts";

const status: GitHubStep = { do: "status", body: "<!-- hallpass:status -->\nhello" };
const reviewers = (facts: Facts, people: readonly string[], teams: readonly string[] = []): GitHubStep => ({
  do: "ask-reviewers",
  pull: facts.pulls[0]?.number ?? 0,
  people,
  teams,
});

const mergeStep = (facts: Facts): GitHubStep => {
  const [pull] = facts.pulls;
  if (pull === undefined) throw new Error("no pull");
  return {
    do: "merge",
    pull: pull.number,
    head: pull.head,
    title: "Approve access request",
    message: `Hallpass-Request: ${facts.subject.number}`,
  };
};

const endStep = (facts: Facts): Extract<GitHubStep, { do: "record-end" }> => {
  const record: EndedRecord = {
    folder: "ended",
    requester: facts.subject.author,
    subject: { kind: facts.subject.kind, number: facts.subject.number },
    ended: { at: facts.now, how: "cancelled", by: "alice", why: "no more needed", sessions: [] },
  };
  return { do: "record-end", record, removes: [] };
};

async function withPull(world: AccessRepo): Promise<Facts> {
  const facts = await gather(world, await world.ask());
  return performGitHubStep(world.client, openPullStep(facts), facts);
}

interface Case {
  readonly name: string;
  readonly prepare: (world: AccessRepo) => Promise<Facts>;
  readonly step: (facts: Facts) => GitHubStep;
  /** Requests and writes when nothing goes wrong. */
  readonly cost: readonly [requests: number, writes: number];
  /** What must be so, once, however often it was tried. */
  readonly holds: (facts: Facts, world: AccessRepo) => void | Promise<void>;
  /** `knowing`: only a pass that has looked again does it right a second time. Default: one that knows nothing of the first does. */
  readonly repeats?: "knowing";
}

const justAsked = async (world: AccessRepo) => gather(world, await world.ask());

const cases: readonly Case[] = [
  {
    name: "open-pull",
    prepare: justAsked,
    step: (facts) => openPullStep(facts),
    cost: [3, 3],
    holds: ({ pulls }) => {
      expect(pulls).toHaveLength(1);
      expect(pulls[0]).toMatchObject({ open: true, merged: false, file: { ok: true }, reviews: [] });
    },
  },
  {
    name: "close-pull",
    prepare: withPull,
    step: ({ pulls }) => ({ do: "close-pull", pull: pulls[0]?.number ?? 0 }),
    cost: [1, 1],
    holds: ({ pulls }) => expect(pulls).toMatchObject([{ open: false, merged: false }]),
  },
  {
    name: "reopen-pull",
    prepare: async (world) => {
      const facts = await withPull(world);
      await world.as("dave", "PATCH", `/pulls/${facts.pulls[0]?.number}`, { state: "closed" });
      return gather(world, facts.subject.number);
    },
    step: ({ pulls }) => ({ do: "reopen-pull", pull: pulls[0]?.number ?? 0 }),
    cost: [1, 1],
    holds: ({ pulls }) => expect(pulls).toMatchObject([{ open: true }]),
  },
  {
    name: "ask-reviewers",
    prepare: withPull,
    step: (facts) => reviewers(facts, ["bob", "carol"], ["security"]),
    cost: [1, 1],
    holds: ({ pulls }) => expect(pulls).toMatchObject([{ asked: true }]),
  },
  {
    name: "check",
    prepare: withPull,
    step: ({ pulls: [pull] }) => ({
      do: "check",
      pull: pull?.number ?? 0,
      head: pull?.head ?? ("" as never),
      title: "waiting",
      summary: "for people",
    }),
    cost: [1, 1],
    holds: ({ pulls }) => expect(pulls).toMatchObject([{ check: { done: false } }]),
  },
  {
    name: "check, done",
    prepare: async (world) => {
      const facts = await withPull(world);
      const [pull] = facts.pulls;
      if (pull === undefined) throw new Error("no pull");
      const { number, head } = pull;
      return performGitHubStep(
        world.client,
        { do: "check", pull: number, head, title: "waiting", summary: "for people" },
        facts,
      );
    },
    step: ({ pulls: [pull] }) => ({
      do: "check",
      pull: pull?.number ?? 0,
      head: pull?.head ?? ("" as never),
      conclusion: "success",
      title: "approved",
      summary: "by people",
    }),
    cost: [1, 1],
    holds: ({ pulls }) => expect(pulls).toMatchObject([{ check: { done: true } }]),
  },
  {
    name: "merge",
    prepare: withPull,
    step: mergeStep,
    cost: [1, 1],
    holds: async ({ pulls, ledger, subject }, world) => {
      expect(pulls).toMatchObject([{ open: false, merged: true }]);
      expect(ledger.approved?.subject.number).toBe(subject.number);
      expect(await commitsOf(world, `approved/${subject.number}.yaml`)).toBe(1);
    },
  },
  {
    name: "dispatch",
    prepare: justAsked,
    step: ({ subject }) => ({ do: "dispatch", command: "grant", request: subject.number }),
    cost: [2, 1],
    holds: async ({ subject }, world) => expect(await runsOf(world, `grant ${subject.number}`)).toBe(1),
  },
  {
    name: "record-end",
    prepare: justAsked,
    step: endStep,
    cost: [1, 1],
    holds: async ({ ledger, subject }, world) => {
      expect(ledger.ended).toMatchObject({ ended: { how: "cancelled", by: "alice" } });
      expect(await commitsOf(world, `ended/2026/12/${subject.number}.yaml`)).toBe(1);
    },
  },
  {
    name: "status",
    prepare: justAsked,
    step: () => status,
    // and a look whether another process has just made one
    cost: [2, 1],
    repeats: "knowing",
    holds: ({ shown }) =>
      expect(shown.statuses.map(({ body }) => body)).toEqual(["<!-- hallpass:status -->\nhello"]),
  },
  {
    name: "status again",
    prepare: async (world) => {
      const facts = await justAsked(world);
      return performGitHubStep(world.client, status, facts);
    },
    step: () => ({ do: "status", body: "<!-- hallpass:status -->\nbye" }),
    cost: [1, 1],
    repeats: "knowing",
    // a comment that looked gone may still be there: then there are two, and the next pass removes one
    holds: ({ shown }) =>
      expect(new Set(shown.statuses.map(({ body }) => body))).toEqual(
        new Set(["<!-- hallpass:status -->\nbye"]),
      ),
  },
  {
    name: "remove-status",
    prepare: async (world) => {
      const facts = await justAsked(world);
      return performGitHubStep(world.client, status, facts);
    },
    step: ({ shown }) => ({ do: "remove-status", comment: shown.statuses[0]?.id ?? 0 }),
    cost: [1, 1],
    holds: ({ shown }) => expect(shown.statuses).toEqual([]),
  },
  {
    name: "labels",
    prepare: justAsked,
    step: () => ({ do: "labels", labels: ["access: active", "other"] }),
    cost: [1, 1],
    holds: ({ shown }) => expect([...shown.labels].sort()).toEqual(["access: active", "other"]),
  },
  {
    name: "close",
    prepare: justAsked,
    step: () => ({ do: "close", labels: ["access: expired"], reason: "completed" }),
    cost: [1, 1],
    holds: ({ subject, shown }) => {
      expect(subject).toMatchObject({ open: false });
      expect(shown.labels).toEqual(["access: expired"]);
    },
  },
];

/** How many commits of the ledger touch a path. */
async function commitsOf({ as }: AccessRepo, path: string): Promise<number> {
  const commits = (await as("ada", "GET", `/commits?sha=ledger&path=${path}`)) as unknown[];
  return commits.length;
}

async function runsOf({ as }: AccessRepo, title: string): Promise<number> {
  const { workflow_runs } = (await as("ada", "GET", "/actions/runs?per_page=100")) as {
    workflow_runs: { display_title: string }[];
  };
  return workflow_runs.filter(({ display_title }) => display_title === title).length;
}

const json = (status: number, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ message: `fault ${status}` }), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });

const faults: Readonly<Record<string, Fault["respond"]>> = {
  "the connection broke": "timeout",
  "it happened, but the answer was lost": "after-effect",
  "401": () => json(401),
  "403": () => json(403),
  "404": () => json(404),
  "409": () => json(409),
  "422": () => json(422),
  "429": () => json(429, { "retry-after": "3" }),
  "a secondary limit": () => json(403, { "retry-after": "3" }),
  "500": () => json(500),
  "502": () => json(502),
};

/** Strikes the nth request of our App from now on, once. */
function strikeNth({ github }: AccessRepo, nth: number, respond: Fault["respond"]): void {
  let seen = 0;
  const when = (asked: Asked) =>
    !asked.path.includes("/access_tokens") &&
    asked.headers.get("user-agent") === "hallpass" &&
    seen++ === nth;
  github.faults.clear();
  github.faults.add({ when, times: 1, respond });
}

let world: AccessRepo;
beforeAll(async () => {
  world = await accessRepo();
});

describe.each(cases)("$name", ({ prepare, step, cost, holds, repeats }) => {
  it("does it, answers the facts as they are then, and costs what it should", async () => {
    const facts = await prepare(world);
    const client = world.newClient();
    let after = facts;
    const spent = await costOf(client, async () => {
      after = await performGitHubStep(client, step(facts), facts);
    });
    expect([spent.requests, spent.writes]).toEqual(cost);
    await holds(after, world);
    await holds(await gather(world, facts.subject.number), world);
  });

  const strikes = Object.entries(faults).flatMap(([fault, respond]) =>
    Array.from({ length: cost[0] }, (_, nth) => ({ fault, respond, nth })),
  );

  it.each(strikes)("$fault at request $nth: a second pass finishes", async ({ respond, nth }) => {
    const facts = await prepare(world);
    strikeNth(world, nth, respond);
    await performGitHubStep(world.newClient(), step(facts), facts).catch((error: unknown) => {
      if (!isGitHubError(error, ...codes)) throw error;
    });
    world.github.faults.clear();
    const again = await gather(world, facts.subject.number);
    const stale = repeats === "knowing" ? again : facts;
    if (repeats !== "knowing" || !(await held(holds, again))) {
      const after = await performGitHubStep(world.newClient(), step(stale), stale);
      await holds(after, world);
    }
    await holds(await gather(world, facts.subject.number), world);
  });
});

const codes = [
  "unauthorized",
  "forbidden",
  "not-found",
  "conflict",
  "unprocessable",
  "unavailable",
  "timeout",
] as const;

async function held(holds: Case["holds"], facts: Facts): Promise<boolean> {
  try {
    await holds(facts, world);
    return true;
  } catch {
    return false;
  }
}
