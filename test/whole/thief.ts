// Whoever has stolen our App's key: everything that its token may do on GitHub, done without our App. And an auditor, who sees what our code would decide.

import { Octokit } from "@octokit/rest";
import { decide } from "../../core/decide.ts";
import type { Facts } from "../../core/facts.ts";
import type { Instant, RequestNumber, Sha, UserId } from "../../core/ids.ts";
import { parseActive } from "../../core/parse-record.ts";
import { type ActiveRecord, renderRecord } from "../../core/record.ts";
import type { Verdict } from "../../core/verdict.ts";
import { gather } from "../../flow/gather.ts";
import { createLawStore } from "../../flow/law.ts";
import { appIdentity } from "../../github/app-tokens.ts";
import { createClient } from "../../github/client.ts";
import { commitToBranch } from "../../github/commit.ts";
import type { Stage } from "../../sandbox/stage.ts";
import { sharedEngine } from "./shared-engine.ts";
import type { World } from "./world.ts";

const repo = { owner: "acme", repo: "access" };

export interface Files {
  /** Path → content; null deletes. */
  readonly [path: string]: string | null;
}

export interface Thief {
  readonly octokit: Octokit;
  /** One commit on a branch, with the App's rights; its SHA. */
  readonly commit: (branch: string, files: Files) => Promise<string>;
  /** A branch at the ledger's head. */
  readonly branch: (name: string) => Promise<void>;
  /** A pull request into `ledger`; its number. */
  readonly pull: (branch: string, title?: string) => Promise<number>;
  /** Our check, green, on the head of a pull request; then the merge. */
  readonly merge: (pull: number) => Promise<void>;
  readonly dispatch: (command: string, request: number) => Promise<void>;
}

const silent = (): void => undefined;
/** What is refused is asserted, not printed. */
const log = { debug: silent, info: silent, warn: silent, error: silent };

const quick = { burst: 1_000, perSecond: 1_000 };

type AppKey = Pick<Stage["app"], "id" | "privateKey">;

function clientOf({ stage, time }: Pick<World, "stage" | "time">, app: AppKey = stage.app) {
  const wire = { ...repo, baseUrl: stage.github.url, fetch: stage.github.fetch, clock: time };
  const identity = appIdentity({ ...wire, appId: app.id, privateKey: app.privateKey });
  const client = createClient({
    ...wire,
    token: identity.token,
    // nobody paces a thief
    writeLimits: { interval: 0, minute: quick, hour: quick },
  });
  return { client, identity };
}

/** With our App's key, or another's. */
export function createThief(world: Pick<World, "stage" | "time">, app?: AppKey): Thief {
  const { stage } = world;
  const { client, identity } = clientOf(world, app);
  // tokens live for an hour: each call takes one that is good
  const withToken: typeof fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("authorization", `Bearer ${await identity.token()}`);
    return stage.github.fetch(input, { ...init, headers });
  };
  const octokit = new Octokit({ baseUrl: stage.github.url, request: { fetch: withToken }, log });
  const headOf = async (branch: string): Promise<string> =>
    (await octokit.rest.git.getRef({ ...repo, ref: `heads/${branch}` })).data.object.sha;
  return {
    octokit,
    commit: async (branch, files) => {
      const entries = Object.entries(files);
      const done = await commitToBranch(client, branch, {
        expectedHead: (await headOf(branch)) as Sha,
        message: "Nothing to see here",
        additions: entries.flatMap(([path, content]) => (content === null ? [] : [{ path, content }])),
        deletions: entries.flatMap(([path, content]) => (content === null ? [path] : [])),
      });
      if (!done.ok) throw new Error(`${branch} has moved`);
      return done.head;
    },
    branch: async (name) => {
      await octokit.rest.git.createRef({ ...repo, ref: `refs/heads/${name}`, sha: await headOf("ledger") });
    },
    pull: async (head, title = "Access request") =>
      (await octokit.rest.pulls.create({ ...repo, head, base: "ledger", title })).data.number,
    merge: async (pull_number) => {
      const { head } = (await octokit.rest.pulls.get({ ...repo, pull_number })).data;
      await octokit.rest.checks.create({
        ...repo,
        name: "hallpass",
        head_sha: head.sha,
        status: "completed",
        conclusion: "success",
      });
      await octokit.rest.pulls.merge({ ...repo, pull_number, merge_method: "squash" });
    },
    dispatch: async (command, request) => {
      await octokit.rest.actions.createWorkflowDispatch({
        ...repo,
        workflow_id: "access.yml",
        ref: "main",
        inputs: { command, request: String(request) },
      });
    },
  };
}

export interface Seen {
  readonly facts: Facts;
  readonly verdict: Verdict;
}

/** What our code would decide now. Nothing is written. */
export async function audit(world: Pick<World, "stage" | "time">, number: number): Promise<Seen> {
  const { client } = clientOf(world);
  const { app } = world.stage;
  const facts = await gather(
    {
      client,
      us: { appId: app.id, slug: app.slug, botId: app.botUserId as UserId },
      engine: sharedEngine,
      laws: createLawStore({ client, engine: sharedEngine }),
      clock: world.time,
    },
    number as RequestNumber,
  );
  if (facts === undefined) throw new Error(`#${number} is no access request`);
  return { facts, verdict: decide(facts) };
}

/** Codes of a verdict that says what is wrong. */
export async function codesOf(world: Pick<World, "stage" | "time">, number: number): Promise<string[]> {
  const { verdict } = await audit(world, number);
  return verdict.state === "invalid" || verdict.state === "broken"
    ? verdict.problems.map(({ code }) => code)
    : [];
}

/** The request's active record as the ledger has it, changed. */
export function forgeActive(
  world: World,
  number: number,
  change: (record: ActiveRecord) => ActiveRecord,
): string {
  const path = `active/${number}.yaml`;
  const record = parseActive(world.shown.ledger().get(path) ?? "", path);
  if (!record.ok) throw new Error(`${path} is no record`);
  return renderRecord(change(record.value));
}

export const later = (instant: number, seconds: number): Instant => (instant + seconds * 1000) as Instant;

/** How many credentials of the access role AWS has ever issued for a request. */
export const issuedFor = ({ stage }: Pick<World, "stage">, number: number): number =>
  stage.aws.calls.filter(
    ({ operation, outcome, input }) =>
      operation === "AssumeRoleWithWebIdentity" &&
      outcome === "ok" &&
      input["RoleSessionName"] === `hp.${(stage as Stage).repository.id}.${number}`,
  ).length;
