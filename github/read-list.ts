// Lists are read to their end, or not at all.

import type { GitHubClient } from "./client.ts";
import { GitHubError } from "./error.ts";
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
  const { owner, repo } = client;
  const shape = pageShapes[name] as unknown as Shape<Page<ItemOf<Name>>>;
  const items = [...first.nodes];
  let after = first.next;
  for (let pages = 1; after !== undefined; pages++) {
    if (pages >= mostPages) throw new GitHubError("truncated", { call: "More", said: name });
    const answer = await client.query({
      text: moreQuery(name),
      variables: { owner, repo, number, after },
      as: moreAnswer(shape),
    });
    const { nodes, next } = answer.repository.subject.list;
    items.push(...nodes);
    after = next;
  }
  return items;
}
