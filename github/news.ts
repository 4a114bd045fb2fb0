// What has happened since the sweep before this one, by GitHub's own clock. A sweep's window is from the start of the one before to its own: windows touch and never
// overlap, so each thing falls into exactly one, and nobody has to note what was told.

import * as z from "zod/mini";
import type { UsFacts } from "../core/facts.ts";
import type { Instant, RequestNumber } from "../core/ids.ts";
import { parseRequestNumber } from "../core/parse-ids.ts";
import type { GitHubClient } from "./client.ts";
import { actor, instant, pageOf } from "./graphql-shape.ts";

export interface News {
  /** Requests whose end was written to the ledger. */
  readonly ended: readonly RequestNumber[];
  /** Requests whose pull request was opened, and still is. */
  readonly opened: readonly RequestNumber[];
}

interface Window {
  readonly from: Instant;
  /** Not in it any more. */
  readonly to: Instant;
}

/** What is older is history: nobody waits for a message about it. */
const oldest = 24 * 3_600_000;

export interface Asking {
  /** The sweep that asks. */
  readonly run: number;
  readonly defaultBranch: string;
}

export async function readNews(client: GitHubClient, us: UsFacts, asking: Asking): Promise<News> {
  const window = await windowOf(client, asking);
  const within = (at: Instant): boolean => at >= window.from && at < window.to;
  const ended = new Set<RequestNumber>();
  const opened = new Set<RequestNumber>();
  let [commits, pulls]: (string | null | undefined)[] = [null, null];
  do {
    const page = await pagesOf(client, window, { commits, pulls });
    for (const { committedDate, message } of page.commits.nodes)
      if (within(committedDate)) for (const number of requestsOf(message)) ended.add(number);
    for (const pull of page.pulls.nodes) {
      const number = requestOfPull(pull, us);
      if (number !== undefined && within(pull.createdAt)) opened.add(number);
    }
    commits = page.commits.next;
    // newest first: what follows is older still
    pulls = page.pulls.nodes.some(({ createdAt }) => createdAt < window.from) ? undefined : page.pulls.next;
  } while (commits !== undefined || pulls !== undefined);
  return { ended: [...ended], opened: [...opened] };
}

const runsAnswer = z.object({
  workflow_runs: z.array(
    z.object({
      id: z.number(),
      display_title: z.string(),
      created_at: instant,
      conclusion: z.nullish(z.string()),
    }),
  ),
});

/** Ends of runs that never came to act. */
const didNothing: readonly unknown[] = [
  "cancelled",
  "skipped",
  "startup_failure",
  "action_required",
  "stale",
];

// ATTACK: anybody who can write may start a run of that title on a branch of their own, which the environment refuses: only the default branch's count
async function windowOf(client: GitHubClient, { run, defaultBranch: branch }: Asking): Promise<Window> {
  const { workflow_runs: runs } = await client.get({
    path: "/repos/{owner}/{repo}/actions/workflows/access.yml/runs",
    query: { branch, per_page: 100 },
    as: runsAnswer,
  });
  const sweeps = runs.filter(({ display_title }) => display_title.trim() === "sweep");
  const to = sweeps.find(({ id }) => id === run)?.created_at ?? (client.clock.now() as Instant);
  const before = sweeps
    .filter(
      ({ id, created_at, conclusion }) => id < run && created_at <= to && !didNothing.includes(conclusion),
    )
    .map(({ created_at }) => created_at);
  return { from: Math.max(to - oldest, ...before) as Instant, to };
}

const trailer = /^Hallpass-Request: ([1-9]\d{0,14})$/gm;

const requestsOf = (message: string): readonly RequestNumber[] =>
  message.startsWith("End ")
    ? [...message.matchAll(trailer)].flatMap(([, digits]) => parseRequestNumber(Number(digits)) ?? [])
    : [];

const pullShape = z.object({ number: z.int(), createdAt: instant, headRefName: z.string(), author: actor });

function requestOfPull(
  { number, headRefName, author }: z.output<typeof pullShape>,
  us: UsFacts,
): RequestNumber | undefined {
  if (author?.id !== us.botId) return parseRequestNumber(number);
  return parseRequestNumber(Number(/^request\/(\d+)(?:-\d+)?$/.exec(headRefName)?.[1]));
}

const answer = z.object({
  repository: z.object({
    ledger: z.nullable(
      z.object({
        target: z.object({ history: pageOf(z.object({ committedDate: instant, message: z.string() })) }),
      }),
    ),
    pullRequests: pageOf(pullShape),
  }),
});

type Cursors = Readonly<Record<"commits" | "pulls", string | null | undefined>>;
const nothing = { nodes: [], next: undefined };

async function pagesOf(client: GitHubClient, { from, to }: Window, { commits, pulls }: Cursors) {
  const { owner, repo } = client;
  const { repository } = await client.query({
    text: newsQuery,
    variables: {
      owner,
      repo,
      since: new Date(from).toISOString(),
      until: new Date(to).toISOString(),
      commits: commits ?? null,
      pulls: pulls ?? null,
    },
    as: answer,
  });
  return {
    commits: commits === undefined ? nothing : (repository.ledger?.target.history ?? nothing),
    pulls: pulls === undefined ? nothing : repository.pullRequests,
  };
}

const newsQuery = `
query News($owner: String!, $repo: String!, $since: GitTimestamp!, $until: GitTimestamp!, $commits: String, $pulls: String) {
  repository(owner: $owner, name: $repo) {
    ledger: ref(qualifiedName: "refs/heads/ledger") { target { ... on Commit {
      history(first: 100, path: "ended", since: $since, until: $until, after: $commits) {
        pageInfo { hasNextPage endCursor } nodes { committedDate message }
      }
    } } }
    pullRequests(first: 100, states: OPEN, baseRefName: "ledger", orderBy: { field: CREATED_AT, direction: DESC }, after: $pulls) {
      pageInfo { hasNextPage endCursor }
      nodes { number createdAt headRefName author { __typename login ... on User { databaseId } ... on Bot { databaseId } } }
    }
  }
}`;
