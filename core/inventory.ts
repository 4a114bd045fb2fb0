// The inventory: `<account>/<region>.json` on the branch `inventory`. Sorted and without a time, so that it changes only when nodes do.

import * as z from "zod/mini";
import { type AccountId, formatInstant, type Instant, type NodeId, type Region } from "./ids.ts";
import { type Node, nodeType } from "./node.ts";
import { parseAccountId, parseInstant, parseNodeId, parseRegion } from "./parse-ids.ts";
import { accepted, type Parsed, problem, refused } from "./problem.ts";
import { quoted, shown } from "./text.ts";

export interface InventoryPlace {
  readonly account: AccountId;
  readonly region: Region;
}

export const inventoryPath = ({ account, region }: InventoryPlace): string => `${account}/${region}.json`;

export function parseInventoryPath(path: string): InventoryPlace | undefined {
  const [folder = "", file = ""] = path.split("/");
  const account = parseAccountId(folder);
  const region = parseRegion(file.replace(/\.json$/, ""));
  const place = account === undefined || region === undefined ? undefined : { account, region };
  return place !== undefined && inventoryPath(place) === path ? place : undefined;
}

const unreadFolder = "unread/";

/** There while the place cannot be read: its nodes are as they were before. Says since when, and is written once, so that it changes only when that does. */
export const unreadPath = (place: InventoryPlace): string => `${unreadFolder}${inventoryPath(place)}`;

export const parseUnreadPath = (path: string): InventoryPlace | undefined =>
  path.startsWith(unreadFolder) ? parseInventoryPath(path.slice(unreadFolder.length)) : undefined;

export const renderUnread = (since: Instant): string => `{"since": "${formatInstant(since)}"}\n`;

export function parseUnread(content: string, path: string): Parsed<Instant> {
  const [, text] = /^\{"since": "([\dTZ:-]+)"\}\n$/.exec(content) ?? [];
  const since = text === undefined ? undefined : parseInstant(text);
  return since === undefined ? malformed(path, 'expected {"since": an instant}') : accepted(since);
}

/** What is known of nodes and is old: of one place, which cannot be read since then, or of all, because nobody has read them since. */
export interface OldInventory {
  readonly place?: InventoryPlace;
  readonly since: Instant;
}

type Tags = Readonly<Record<string, string>>;

// `z.record` drops a key `__proto__`, which AWS allows as a tag
const tags = z.custom<Tags>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((tag) => typeof tag === "string"),
  "expected a map of text",
);

const file = z.strictObject({
  nodes: z.array(
    z.strictObject({
      id: z.custom<NodeId>(
        (value) => typeof value === "string" && parseNodeId(value) !== undefined,
        "no node id",
      ),
      type: z.enum(["AWS::EC2::Instance", "AWS::SSM::ManagedInstance"]),
      name: z.exactOptional(z.string()),
      platform: z.exactOptional(z.string()),
      agent: z.enum(["online", "offline", "unknown"]),
      tags,
    }),
  ),
});

/** The nodes of one account and Region, which its path names. */
export function parseInventory(content: string, path: string): Parsed<readonly Node[]> {
  const place = parseInventoryPath(path);
  if (place === undefined) return malformed(path, "expected <account>/<region>.json");
  const json = parseJson(content);
  if (json === undefined) return malformed(path, "expected JSON");
  const read = file.safeParse(json);
  if (!read.success) {
    const [{ path: way, message }] = read.error.issues as [z.core.$ZodIssue];
    return malformed(path, `${shown(way.join("."))}: ${message}`);
  }
  const { nodes } = read.data;
  const wrong = nodes.find(({ id, type }, i) => nodeType(id) !== type || id <= (nodes[i - 1]?.id ?? ""));
  if (wrong !== undefined)
    return malformed(path, `node ${wrong.id} is out of order, there twice, or of another type`);
  return accepted(nodes.map((node): Node => ({ ...place, ...node })));
}

/** The same nodes are always the same bytes: one line a node, sorted by id, keys in one order. */
export function renderInventory(nodes: readonly Node[]): string {
  const lines = nodes
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, type, name, platform, agent, tags: own }) =>
      JSON.stringify({ id, type, name, platform, agent, tags: sorted(own) }),
    );
  return `{"nodes": [${lines.map((line) => `\n${line}`).join(",")}\n]}\n`;
}

const sorted = (own: Tags): Tags =>
  Object.fromEntries(Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Undefined for what is no JSON; no JSON text means undefined. */
function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

const malformed = (path: string, message: string): Parsed<never> =>
  refused(
    problem("inventory.malformed", `${quoted(path)} is no inventory: ${message}; run the inventory again`, {
      place: { file: path, line: 1, column: 1 },
    }),
  );
