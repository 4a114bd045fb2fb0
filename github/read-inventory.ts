// The inventory that the App decides upon, as the workflow last wrote it.

import * as z from "zod/mini";
import type { Instant, Sha } from "../core/ids.ts";
import {
  type InventoryPlace,
  inventoryPath,
  parseInventory,
  parseInventoryPath,
  parseUnread,
  parseUnreadPath,
} from "../core/inventory.ts";
import type { Node } from "../core/node.ts";
import { type PlaceReport, parseReport, parseReportPath } from "../core/preflight.ts";
import { accepted, type Parsed, unlessProblems } from "../core/problem.ts";
import type { GitHubClient } from "./client.ts";
import { GitHubError } from "./error.ts";
import { type FileText, fileText, instant } from "./graphql-shape.ts";
import { textOf } from "./read-blob.ts";

export interface InventoryFile extends InventoryPlace {
  readonly nodes: readonly Node[];
  /** What a grant needs there besides nodes; absent before anybody has looked. */
  readonly preflight?: PlaceReport;
  /** Since when the place cannot be read; absent while it can. */
  readonly unreadSince?: Instant;
  /** When anything of the inventory last changed: then every other place was read too. */
  readonly changedAt: Instant;
}

/** At one commit of its branch, in one query; files that have not changed since are not parsed again. */
export const readInventory = (client: GitHubClient, head: Sha): Promise<Parsed<readonly InventoryFile[]>> =>
  client.remember(`inventory ${head}`, async () => {
    const { files, changedAt } = await filesAt(client, head);
    const unread = await Promise.all(filesOf(files, parseUnreadPath).map((each) => unreadFile(client, each)));
    const reports = await Promise.all(
      filesOf(files, parseReportPath).map((each) => reportFile(client, each)),
    );
    const nodes = await Promise.all(
      filesOf(files, parseInventoryPath).map((each) => inventoryFile(client, each)),
    );
    const found = new Map(reports.flatMap((each) => (each.ok ? [each.value] : [])));
    const since = new Map(unread.flatMap((each) => (each.ok ? [each.value] : [])));
    return unlessProblems(
      [...nodes, ...reports, ...unread].flatMap((each) => (each.ok ? [] : each.problems)),
      nodes.flatMap((each) => (each.ok ? [{ ...each.value, ...about(each.value), changedAt }] : [])),
    );

    function about(place: InventoryPlace): Pick<InventoryFile, "preflight" | "unreadSince"> {
      const [preflight, unreadSince] = [found.get(inventoryPath(place)), since.get(inventoryPath(place))];
      return {
        ...(preflight === undefined ? {} : { preflight }),
        ...(unreadSince === undefined ? {} : { unreadSince }),
      };
    }
  });

interface Found {
  readonly path: string;
  readonly place: InventoryPlace;
  readonly file: FileText;
}

/** A README or the like is neither nodes nor report, and no reason to stop either. */
const filesOf = (
  files: ReadonlyMap<string, FileText>,
  parsePath: (path: string) => InventoryPlace | undefined,
): readonly Found[] =>
  [...files].flatMap(([path, file]) => {
    const place = parsePath(path);
    return place === undefined ? [] : [{ path, place, file }];
  });

/** Every file that lies two or three folders deep, by path. */
async function filesAt(
  client: GitHubClient,
  head: Sha,
): Promise<{ readonly files: ReadonlyMap<string, FileText>; readonly changedAt: Instant }> {
  const { owner, repo } = client;
  const { repository } = await client.query({
    text: inventoryQuery,
    variables: { owner, repo, head },
    as: inventoryAnswer,
  });
  if (repository.object === null)
    throw new GitHubError("not-found", { call: "Inventory", said: `commit ${head}` });
  const files = new Map<string, FileText>();
  const collect = (entries: readonly Entry[], folder: string): void => {
    for (const entry of entries) {
      const path = `${folder}${entry.name}`;
      const file = fileText.parse(entry.mode === undefined ? null : entry);
      if (file !== undefined) files.set(path, file);
      collect(entry.object?.entries ?? [], `${path}/`);
    }
  };
  collect(repository.object.tree.entries, "");
  return { files, changedAt: repository.object.committedDate };
}

const inventoryFile = (
  client: GitHubClient,
  { path, place, file }: Found,
): Promise<Parsed<InventoryPlace & { readonly nodes: readonly Node[] }>> =>
  client.remember(`inventory file ${path} ${file.oid}`, async () => {
    const nodes = parseInventory(await textOf(client, file), path);
    return nodes.ok ? accepted({ ...place, nodes: nodes.value }) : nodes;
  });

/** By the path of the nodes that it is about. */
const reportFile = (
  client: GitHubClient,
  { path, place, file }: Found,
): Promise<Parsed<readonly [string, PlaceReport]>> =>
  client.remember(`preflight file ${path} ${file.oid}`, async () => {
    const report = parseReport(await textOf(client, file), path);
    return report.ok ? accepted([inventoryPath(place), report.value] as const) : report;
  });

/** By the path of the nodes that it is about. */
const unreadFile = (
  client: GitHubClient,
  { path, place, file }: Found,
): Promise<Parsed<readonly [string, Instant]>> =>
  client.remember(`unread file ${path} ${file.oid}`, async () => {
    const since = parseUnread(await textOf(client, file), path);
    return since.ok ? accepted([inventoryPath(place), since.value] as const) : since;
  });

const inventoryQuery = `
query Inventory($owner: String!, $repo: String!, $head: GitObjectID!) {
  repository(owner: $owner, name: $repo) { object(oid: $head) { ... on Commit { committedDate tree { entries {
    name
    object { ... on Tree { entries {
      name mode
      object { ... on Blob { oid text isTruncated } ... on Tree { entries {
        name mode object { ... on Blob { oid text isTruncated } }
      } } }
    } } }
  } } } } }
}`;

interface Entry {
  readonly name: string;
  readonly mode?: unknown;
  readonly object?: { readonly entries?: readonly Entry[] | undefined } | null | undefined;
}

/** What a folder has inside; `fileText` reads what is a file. */
const folderOf = <T extends z.ZodMiniType>(entry: T) =>
  z.nullable(z.looseObject({ entries: z.optional(z.array(entry)) }));
const leaf = z.looseObject({ name: z.string() });
const inner = z.looseObject({ name: z.string(), object: folderOf(leaf) });
const outer = z.looseObject({ name: z.string(), object: folderOf(inner) });

const inventoryAnswer = z.object({
  repository: z.object({
    object: z.nullable(z.object({ committedDate: instant, tree: z.object({ entries: z.array(outer) }) })),
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
