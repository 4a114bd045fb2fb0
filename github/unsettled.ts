// What to look at again when events may have been lost: on start-up, on a timer, and by the sweep.

import * as z from "zod/mini";
import type { UsFacts } from "../core/facts.ts";
import type { RequestNumber } from "../core/ids.ts";
import { glassLabel, labelPrefix } from "../core/plan.ts";
import type { GitHubClient } from "./client.ts";
import { actor, pageOf, reshaped } from "./graphql-shape.ts";
import { isStateLabel, looksLikeForm } from "./is-request.ts";
import type { Actor } from "./reading.ts";

/** States that are not an end, as labels show them. A closed request that still shows one has something left to do. */
const unfinished = ["pending", "approved", "active", "invalid"] as const;

/** Numbers of all requests that may have something left to do: open ones, and closed ones that still show an unfinished state, or a broken glass that nobody has answered for. */
export async function listUnsettled(client: GitHubClient, us: UsFacts): Promise<readonly RequestNumber[]> {
  const found = new Set<number>();
  const after = new Map<string, string | undefined>(lists.map(({ name }) => [name, undefined]));
  while (after.size > 0) {
    const page = await nextPages(client, after);
    for (const { name, numberOf } of lists) {
      const list = page[name];
      if (list === undefined) continue;
      for (const item of list.nodes) {
        const number = numberOf(item, us);
        if (number !== undefined) found.add(number);
      }
      if (list.next === undefined) after.delete(name);
      else after.set(name, list.next);
    }
  }
  return [...found].sort((a, b) => a - b) as RequestNumber[];
}

interface Item {
  readonly number: number;
  readonly body: string | undefined;
  readonly labels: readonly string[];
  readonly branch: string | undefined;
  readonly author: Actor | undefined;
}

interface List {
  readonly name: string;
  readonly field: string;
  /** The request that an item is of; undefined: it is of none. */
  readonly numberOf: (item: Item, us: UsFacts) => number | undefined;
}

const labelled = (label: string) => `labels: ["${label}"]`;

const lists: readonly List[] = [
  {
    name: "issues",
    field: "issues(first: 100, states: OPEN",
    numberOf: ({ number, body, labels }) =>
      looksLikeForm(body ?? "") || labels.some(isStateLabel) ? number : undefined,
  },
  {
    name: "pulls",
    field: 'pullRequests(first: 100, states: OPEN, baseRefName: "ledger"',
    // our own pull request stands for its request, which may be closed already
    numberOf: ({ number, branch = "", author }, us) =>
      author?.id === us.botId
        ? Number(/^request\/(\d+)(?:-\d+)?$/.exec(branch)?.[1] ?? Number.NaN) || undefined
        : number,
  },
  {
    name: "issues_glass",
    field: `issues(first: 100, states: CLOSED, ${labelled(glassLabel)}`,
    numberOf: ({ number }) => number,
  },
  ...unfinished.flatMap((state): readonly List[] => [
    {
      name: `issues_${state}`,
      field: `issues(first: 100, states: CLOSED, ${labelled(labelPrefix + state)}`,
      numberOf: ({ number }) => number,
    },
    {
      name: `pulls_${state}`,
      field: `pullRequests(first: 100, states: [CLOSED, MERGED], baseRefName: "ledger", ${labelled(labelPrefix + state)}`,
      numberOf: ({ number }) => number,
    },
  ]),
];

const item = reshaped(
  z.object({
    number: z.int(),
    body: z.optional(z.string()),
    labels: z.optional(z.nullable(z.object({ nodes: z.array(z.object({ name: z.string() })) }))),
    headRefName: z.optional(z.string()),
    author: z.optional(actor),
  }),
  (value): Item => ({
    number: value.number,
    body: value.body,
    labels: (value.labels?.nodes ?? []).map(({ name }) => name),
    branch: value.headRefName,
    author: value.author,
  }),
);

const answer = z.object({ repository: z.record(z.string(), z.optional(pageOf(item))) });

/** One query for the next page of every list that goes on. */
async function nextPages(client: GitHubClient, after: ReadonlyMap<string, string | undefined>) {
  const { owner, repo } = client;
  const going = lists.filter(({ name }) => after.has(name));
  const { repository } = await client.query({
    text: unsettledQuery(going),
    variables: {
      owner,
      repo,
      ...Object.fromEntries(going.map(({ name }) => [name, after.get(name) ?? null])),
    },
    as: answer,
  });
  return repository;
}

const unsettledQuery = (going: readonly List[]): string => `
query Unsettled($owner: String!, $repo: String!${going.map(({ name }) => `, $${name}: String`).join("")}) {
  repository(owner: $owner, name: $repo) {
    ${going.map(({ name, field }) => `${name}: ${field}, after: $${name}) { pageInfo { hasNextPage endCursor } nodes { ${nodeOf(name)} } }`).join("\n")}
  }
}`;

function nodeOf(name: string): string {
  if (name === "issues") return "number body labels(first: 100) { nodes { name } }";
  if (name === "pulls")
    return "number headRefName author { __typename login ... on User { databaseId } ... on Bot { databaseId } }";
  return "number";
}
