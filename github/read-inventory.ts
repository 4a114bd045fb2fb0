// The inventory that the App decides upon, as the workflow last wrote it.

import * as z from "zod/mini";
import type { Instant, Sha } from "../core/ids.ts";
import { type InventoryPlace, parseInventory, parseInventoryPath } from "../core/inventory.ts";
import type { Node } from "../core/node.ts";
import { accepted, type Parsed, unlessProblems } from "../core/problem.ts";
import type { GitHubClient } from "./client.ts";
import { GitHubError } from "./error.ts";
import { type FileText, fileText, instant } from "./graphql-shape.ts";
import { textOf } from "./read-blob.ts";

export interface InventoryFile extends InventoryPlace {
  readonly nodes: readonly Node[];
}

/** At one commit of its branch, in one query; files that have not changed since are not parsed again. */
export const readInventory = (client: GitHubClient, head: Sha): Promise<Parsed<readonly InventoryFile[]>> =>
  client.remember(`inventory ${head}`, async () => {
    const files = await filesAt(client, head);
    const read = await Promise.all(files.map((file) => inventoryFile(client, file)));
    return unlessProblems(
      read.flatMap((each) => (each.ok ? [] : each.problems)),
      read.flatMap((each) => (each.ok ? [each.value] : [])),
    );
  });

interface Found {
  readonly path: string;
  readonly place: InventoryPlace;
  readonly file: FileText;
}

async function filesAt(client: GitHubClient, head: Sha): Promise<readonly Found[]> {
  const { owner, repo } = client;
  const { repository } = await client.query({
    text: inventoryQuery,
    variables: { owner, repo, head },
    as: inventoryAnswer,
  });
  if (repository.object === null)
    throw new GitHubError("not-found", { call: "Inventory", said: `commit ${head}` });
  return repository.object.tree.entries.flatMap(({ name: account, object }) =>
    (object?.entries ?? []).flatMap((entry) => {
      const path = `${account}/${entry.name}`;
      const [place, file] = [parseInventoryPath(path), fileText.parse(entry)];
      // a README or the like is no inventory, and no reason to stop either
      return place === undefined || file === undefined ? [] : [{ path, place, file }];
    }),
  );
}

const inventoryFile = (client: GitHubClient, { path, place, file }: Found): Promise<Parsed<InventoryFile>> =>
  client.remember(`inventory file ${path} ${file.oid}`, async () => {
    const nodes = parseInventory(await textOf(client, file), path);
    return nodes.ok ? accepted({ ...place, nodes: nodes.value }) : nodes;
  });

const inventoryQuery = `
query Inventory($owner: String!, $repo: String!, $head: GitObjectID!) {
  repository(owner: $owner, name: $repo) { object(oid: $head) { ... on Commit { tree { entries {
    name
    object { ... on Tree { entries { name mode object { ... on Blob { oid text isTruncated } } } } }
  } } } } }
}`;

const inventoryAnswer = z.object({
  repository: z.object({
    object: z.nullable(
      z.object({
        tree: z.object({
          entries: z.array(
            z.object({
              name: z.string(),
              object: z.nullable(
                z.object({ entries: z.optional(z.array(z.looseObject({ name: z.string() }))) }),
              ),
            }),
          ),
        }),
      }),
    ),
  }),
});

/** When the last `inventory` run succeeded: the inventory's age. Undefined when none of the last 100 good runs was one. */
export async function readInventoryTime(client: GitHubClient): Promise<Instant | undefined> {
  const { workflow_runs: runs } = await client.get({
    path: "/repos/{owner}/{repo}/actions/workflows/access.yml/runs",
    query: { status: "success", per_page: 100 },
    as: z.object({ workflow_runs: z.array(z.object({ display_title: z.string(), updated_at: instant })) }),
  });
  return runs.find(({ display_title }) => /^inventory\b/.test(display_title))?.updated_at;
}
