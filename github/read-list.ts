// Lists are read to their end, or not at all.

import type { GitHubClient } from "./client.ts";
import { GitHubError, isGitHubError } from "./error.ts";
import type { Page, Shape } from "./graphql-shape.ts";
import { type ListName, moreQuery } from "./request-query.ts";
import { moreAnswer, pageShapes } from "./request-shape.ts";

type ItemOf<Name extends ListName> =
  ReturnType<(typeof pageShapes)[Name]["parse"]> extends Page<infer T> ? T : never;

/** More than this is nobody's ordinary request, and would eat the hourly limit of all others. */
const mostPages = 50;

export async function restOfList<Name extends ListName>(
  client: GitHubClient,
  number: number,
  name: Name,
  first: Page<ItemOf<Name>>,
): Promise<readonly ItemOf<Name>[]> {
  const { items, whole } = await read(client, number, name, first);
  if (!whole) throw new GitHubError("truncated", { call: "More", said: name });
  return items;
}

/** As much as is read of a list too long: what ends open access must not fail for all the rest. */
export async function startOfList<Name extends ListName>(
  client: GitHubClient,
  number: number,
  name: Name,
  first: Page<ItemOf<Name>>,
): Promise<readonly ItemOf<Name>[]> {
  return (await read(client, number, name, first)).items;
}

/** While access is open, undefined for what GitHub does not give whole: that must stop no end. */
export async function unlessCut<T>(open: boolean, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (open && isGitHubError(error, "truncated")) return undefined;
    throw error;
  }
}

async function read<Name extends ListName>(
  client: GitHubClient,
  number: number,
  name: Name,
  first: Page<ItemOf<Name>>,
): Promise<{ readonly items: readonly ItemOf<Name>[]; readonly whole: boolean }> {
  const { owner, repo } = client;
  const shape = pageShapes[name] as unknown as Shape<Page<ItemOf<Name>>>;
  const items = [...first.nodes];
  let after = first.next;
  for (let pages = 1; after !== undefined; pages++) {
    if (pages >= mostPages) return { items, whole: false };
    const answer = await client.query({
      text: moreQuery(name),
      variables: { owner, repo, number, after },
      as: moreAnswer(shape),
    });
    const { nodes, next } = answer.repository.subject.list;
    items.push(...nodes);
    after = next;
  }
  return { items, whole: true };
}
