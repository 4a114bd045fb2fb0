// Nodes of the inventory by what people remember of them. For showing: a request names nodes by `core/selectors.ts`, where letter case counts.

import { matchesGlob } from "../core/glob.ts";
import type { AccountConfig } from "../core/law.ts";
import { nearest } from "../core/nearest.ts";
import { type Node, nodeKey } from "../core/node.ts";

export interface Search {
  /** Each must match: part of a name, an id, an account, a Region or `account/region/name`, a glob of one of these, or a tag. */
  readonly words: readonly string[];
  /** Id or name, or a glob of one. */
  readonly account?: string;
  readonly region?: string;
  /** `Key` or `Key=Value`, the value a glob. Each must match. */
  readonly tags: readonly string[];
  readonly online: boolean;
}

/** Sorted by name, those without one last. */
export function searchNodes(
  nodes: readonly Node[],
  accounts: readonly AccountConfig[],
  { words, account, region, tags, online }: Search,
): readonly Node[] {
  const name = accountNames(accounts);
  const tests = [
    ...(account === undefined ? [] : [isIn(account, (node) => [node.account, name(node)])]),
    ...(region === undefined ? [] : [isIn(region, (node) => [node.region])]),
    ...tags.map(hasTag),
    ...words.map((word) => matchesWord(word, name)),
    ...(online ? [({ agent }: Node) => agent === "online"] : []),
  ];
  return nodes
    .filter((node) => tests.every((matches) => matches(node)))
    .map((node) => ({ node, key: `${node.name ?? "\uffff"}\n${nodeKey(node)}` }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ node }) => node);
}

/** Names and tags that a word may have been meant for. */
export function nearestWords(nodes: readonly Node[], word: string): readonly string[] {
  const tag = tagOf(word);
  return nearest(
    word.replace(/^tag:/, ""),
    tag === undefined
      ? nodes.map(({ name, id }) => name ?? id)
      : nodes.flatMap(({ tags }) => Object.entries(tags).map(([key, value]) => `${key}=${value}`)),
  );
}

/** Of an account, as the config has it; its id where it has none. */
export function accountNames(accounts: readonly AccountConfig[]): (node: Pick<Node, "account">) => string {
  const names = new Map(accounts.map(({ id, name }) => [id, name ?? id] as const));
  return ({ account }) => names.get(account) ?? account;
}

type Test = (node: Node) => boolean;

function isIn(wanted: string, texts: (node: Node) => readonly string[]): Test {
  const glob = wanted.toLowerCase();
  return (node) => texts(node).some((text) => matchesGlob(glob, text.toLowerCase()));
}

function matchesWord(word: string, accountName: (node: Node) => string): Test {
  if (word.startsWith("tag:")) return hasTag(word.slice(4));
  const isTag = tagOf(word);
  const lower = word.toLowerCase();
  const isFound = (lines: string): boolean =>
    lower.includes("*") ? lines.split("\n").some((line) => matchesGlob(lower, line)) : lines.includes(lower);
  return (node) => isTag?.(node) === true || isFound(linesOf(node, accountName(node)).toLowerCase());
}

/** What a node can be found by, each on a line. */
const linesOf = ({ name = "", id, account, region }: Node, accountName: string): string =>
  [
    ...[name, id, account, accountName, region],
    ...[`${accountName}/${region}/${name || id}`, `${account}/${region}/${id}`],
  ].join("\n");

/** Undefined where a word cannot be a tag. */
const tagOf = (word: string): Test | undefined =>
  word.startsWith("tag:") ? hasTag(word.slice(4)) : /^[^=]+=/.test(word) ? hasTag(word) : undefined;

/** Whoever searches does not know the letter case. */
function hasTag(text: string): Test {
  const [key = "", ...value] = text.toLowerCase().split("=");
  const glob = value.length === 0 ? "*" : value.join("=");
  return ({ tags }) =>
    Object.entries(tags).some(
      ([own, is]) => own.toLowerCase() === key && matchesGlob(glob, is.toLowerCase()),
    );
}
