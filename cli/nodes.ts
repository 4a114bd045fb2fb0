// `hallpass nodes`: what there is to ask for, as the inventory has it.

import type { Instant } from "../core/ids.ts";
import type { Node } from "../core/node.ts";
import { accepted, problem, refused } from "../core/problem.ts";
import { howOld } from "../core/render-old-inventory.ts";
import { quoted, shown, visible } from "../core/text.ts";
import { oldInventory } from "../flow/old-inventory.ts";
import { type Ground, readGround } from "../flow/prepare-request.ts";
import { accountNames, nearestWords, type Search, searchNodes } from "../flow/search-nodes.ts";
import type { GitHubClient } from "../github/client.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { rememberNodes } from "./known-names.ts";
import { refuse } from "./request.ts";
import { plainText } from "./show-markdown.ts";
import { signInHere } from "./sign-in.ts";
import { painter, type Terminal } from "./terminal.ts";

export interface NodesOptions extends Search {
  readonly repo?: string;
  readonly json: boolean;
}

export async function nodes(terminal: Terminal, { repo, json, ...search }: NodesOptions): Promise<ExitCode> {
  const client = await signInHere(terminal, repo);
  const read = await readGround(client);
  if (!read.ok) return refuse(terminal, read.problems);
  const ground = read.value;
  void rememberNodes(terminal, client, ground);
  const found = searchNodes(ground.inventory, ground.config.accounts, search);
  await sayHowOld(terminal, client, ground, found);
  const name = accountNames(ground.config.accounts);
  if (json) terminal.out(`${JSON.stringify(found.map((node) => nodeJson(node, name(node))))}\n`);
  else if (found.length > 0) terminal.out(listed(terminal, found, name));
  if (found.length > 0) return exitCode.ok;
  terminal.err(`${noneMatches(ground, search)}\n`);
  return exitCode.notOk;
}

/** Of what was found; where nothing was, of every place: what is looked for may be in any of them. */
async function sayHowOld(
  { err }: Terminal,
  client: GitHubClient,
  { config, inventoryHead }: Ground,
  found: readonly Node[],
): Promise<void> {
  const nodes = found.length > 0 ? accepted(found) : refused(problem("request.node-unknown", "none"));
  const old = await oldInventory(client, inventoryHead, { nodes, now: Date.now() as Instant });
  for (const line of howOld(old, config.accounts)) err(`${plainText(line)}\n`);
}

function noneMatches({ inventory, config }: Ground, search: Search): string {
  const typed = [...search.words, ...search.tags.map((tag) => `tag:${tag}`)];
  if (typed.length === 0) return "no node matches";
  // the word that finds nothing by itself is the one to mend
  const wrong = typed.filter((word) => {
    const alone: Search = { words: [word], tags: [], online: false };
    return searchNodes(inventory, config.accounts, alone).length === 0;
  });
  if (wrong.length === 0) return `no node matches all of ${typed.map(quoted).join(", ")}`;
  return wrong
    .map((word) => {
      const near = nearestWords(inventory, word).map(quoted);
      return `no node matches ${quoted(word)}${near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`}`;
    })
    .join("\n");
}

const nodeJson = ({ account, region, id, name, type, platform, agent, tags }: Node, accountName: string) => ({
  ...{ account, accountName, region, id, name, type, platform, agent, tags },
});

const heads = ["NAME", "ID", "ACCOUNT", "REGION", "PLATFORM", "AGENT", "TAGS"] as const;

/** A table on a terminal; for other programs a node a line, parted by tabs, whole and without heads. */
function listed(terminal: Terminal, found: readonly Node[], accountName: (node: Node) => string): string {
  const rows = found.map((node) => [
    ...[node.name ?? "", node.id, accountName(node), node.region, node.platform ?? "", node.agent],
    Object.entries(node.tags)
      .filter(([key]) => key !== "Name")
      .map(([key, value]) => `${key}=${value}`)
      .join(" "),
  ]);
  if (terminal.outColumns === undefined)
    return rows.map((row) => `${row.map(oneLine).join("\t")}\n`).join("");
  const cells = rows.map((row) => row.map(shown));
  const widths = heads.map((head, i) =>
    cells.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), head.length),
  );
  const line = (row: readonly string[]): string =>
    fitted(row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  "), terminal.outColumns?.() ?? 80);
  return [painter(terminal.outColours)("faint", line(heads)), ...cells.map(line), ""].join("\n");
}

/** INVARIANT: nothing that somebody called a node or a tag begins a line or a column of its own, or moves a cursor. */
const oneLine = (text: string): string => visible(text).replace(/[\t\n]/g, " ");

/** The tags come last: they are what is cut. */
function fitted(line: string, columns: number): string {
  const text = line.trimEnd();
  return text.length > columns ? `${text.slice(0, Math.max(1, columns - 1))}…` : text;
}
