// How a request names nodes, and which nodes that is.

import type { AccountId } from "./ids.ts";
import type { AccountConfig } from "./law.ts";
import { suggestion } from "./nearest.ts";
import { type Node, nodeKey } from "./node.ts";
import { parseNodeId, parseRegion } from "./parse-ids.ts";
import { accepted, type Parsed, type Problem, problem, refused, unlessProblems } from "./problem.ts";
import type { NodeSelector } from "./request.ts";
import { hiddenCharacter, quoted } from "./text.ts";

const tagPrefix = "tag:";
const longest = 512;
/** More are refused unread: each costs a look through the whole inventory. */
const mostSelectors = 200;
/** After so many the rest is not looked at: each unknown name costs a search for the nearest ones. */
const mostProblems = 20;
const mostCandidates = 10;

/** An id, `account/region/name` (or `…/id`), `tag:Key=Value` for all that match, or else a name. */
export function parseSelector(text: string): Parsed<NodeSelector> {
  const hidden = hiddenCharacter(text);
  if (hidden !== undefined)
    return refused(
      problem("request.characters", `${quoted(text)}: character ${hidden.name} cannot be seen; take it out`),
    );
  const malformed = whyMalformed(text);
  if (malformed !== undefined)
    return refused(problem("request.node-malformed", `${quoted(text)} ${malformed}`));
  const id = parseNodeId(text);
  if (id !== undefined) return accepted({ by: "id", id });
  if (text.startsWith(tagPrefix)) {
    const [key = "", ...value] = text.slice(tagPrefix.length).split("=");
    return accepted({ by: "tag", key, value: value.join("=") });
  }
  const [account = "", region = "", ...name] = text.split("/");
  return name.length > 0 && parseRegion(region) !== undefined
    ? accepted({ by: "path", account, region, name: name.join("/") })
    : accepted({ by: "name", name: text });
}

function whyMalformed(text: string): string | undefined {
  if (text === "" || text.trim() !== text || text.length > longest)
    return `is no node; expected an id, a name, account/region/name or tag:Key=Value, up to ${longest} characters`;
  // the form parts nodes by lines and commas, and a line that begins with # could be a heading
  if (/[,\n\t]|^#/.test(text))
    return "has a comma, a tab, a line end or begins with `#`; name the node by its id";
  if (text.startsWith(tagPrefix))
    return /^tag:[^=]+=./u.test(text) ? undefined : "is no tag; expected `tag:Key=Value`";
  if (/^m?i-[0-9a-f]+$/i.test(text) && parseNodeId(text) === undefined)
    return "is no node id; expected `i-` with 8 or 17 lower-case hex digits, or `mi-` with 17";
  return /^[^/]*\/[^/]*\/$/.test(text) ? "has no name; expected account/region/name" : undefined;
}

/** The inverse of `parseSelector`. */
export function formatSelector(selector: NodeSelector): string {
  switch (selector.by) {
    case "id":
      return selector.id;
    case "name":
      return selector.name;
    case "path":
      return `${selector.account}/${selector.region}/${selector.name}`;
    case "tag":
      return `${tagPrefix}${selector.key}=${selector.value}`;
  }
}

/** For people: `account/region/name (id)`, the account by its name in the config. */
export function describeNode(node: Node, accounts: readonly AccountConfig[]): string {
  const account = accounts.find(({ id }) => id === node.account)?.name ?? node.account;
  return `${account}/${node.region}/${node.name ?? node.id} (${node.id})`;
}

export interface Lookup {
  readonly inventory: readonly Node[];
  readonly accounts: readonly AccountConfig[];
  readonly maxNodes: number;
  /** Of the problems. */
  readonly field?: string;
}

/** The nodes that the selectors name, each once, by account, region and id; or every selector that names none or more than one. */
export function resolveNodes(selectors: readonly NodeSelector[], lookup: Lookup): Parsed<readonly Node[]> {
  const where = lookup.field === undefined ? {} : { field: lookup.field };
  const distinct = new Map(selectors.map((selector) => [formatSelector(selector), selector]));
  if (distinct.size > mostSelectors) return refused(tooMany(distinct.size, lookup.maxNodes, where));
  const problems: Problem[] = [];
  const found = new Map<string, Node>();
  for (const selector of distinct.values()) {
    if (problems.length === mostProblems) break;
    const nodes = select(selector, lookup);
    if (nodes.length === 0) problems.push(unknown(selector, lookup, where));
    else if (nodes.length > 1 && selector.by !== "tag")
      problems.push(ambiguous(selector, nodes, lookup, where));
    else for (const node of nodes) found.set(nodeKey(node), node);
  }
  if (found.size > lookup.maxNodes) problems.push(tooMany(found.size, lookup.maxNodes, where));
  return unlessProblems(problems, [...found.values()].sort(byPlace));
}

/**
 * The pinned nodes, if what is asked names these and no others. A tag may have come to name more since, which are not asked for; a name that has come to be another
 * node's too names neither.
 *
 * ATTACK: whoever can tag moves a name or a tag to another node, and whoever has the App's key pins other nodes under the names that people expect.
 */
export function stillNamed(
  selectors: readonly NodeSelector[],
  pinned: readonly Node[],
  lookup: Lookup,
): Parsed<readonly Node[]> {
  const named = resolveNodes(selectors, { ...lookup, inventory: pinned });
  if (!named.ok) return named;
  const keys = new Set(named.value.map(nodeKey));
  const unnamed = pinned.map(nodeKey).filter((key) => !keys.has(key));
  if (unnamed.length > 0)
    return refused(
      problem(
        "trust.different-answer",
        `nothing that is asked for names ${unnamed.slice(0, mostCandidates).map(quoted).join(", ")} now; ask anew`,
        lookup.field === undefined ? {} : { field: lookup.field },
      ),
    );
  const everywhere = resolveNodes(selectors, { ...lookup, maxNodes: Number.POSITIVE_INFINITY });
  return everywhere.ok ? named : everywhere;
}

const byPlace = (a: Node, b: Node): number => {
  const [left, right] = [nodeKey(a), nodeKey(b)];
  return left < right ? -1 : Number(left > right);
};

function select(selector: NodeSelector, { inventory, accounts }: Lookup): readonly Node[] {
  switch (selector.by) {
    case "id":
      return inventory.filter((node) => node.id === selector.id);
    case "name":
      return inventory.filter((node) => node.name === selector.name);
    case "tag":
      return inventory.filter(
        ({ tags }) => Object.hasOwn(tags, selector.key) && tags[selector.key] === selector.value,
      );
    case "path":
      return inventory.filter(
        (node) =>
          node.region === selector.region &&
          (node.name === selector.name || node.id === selector.name) &&
          isAccount(selector.account, node.account, accounts),
      );
  }
}

const isAccount = (written: string, id: AccountId, accounts: readonly AccountConfig[]): boolean =>
  written === id || accounts.some((account) => account.name === written && account.id === id);

type Where = { readonly field?: string };

function unknown(selector: NodeSelector, lookup: Lookup, where: Where): Problem {
  const text = quoted(formatSelector(selector));
  if (selector.by === "tag") {
    const message = `no node has ${text}; expected a tag that a node carries (letter case counts)`;
    return problem("request.node-unknown", message, where);
  }
  const word = selector.by === "id" ? selector.id : selector.name;
  const known = lookup.inventory.flatMap(({ id, name }) =>
    selector.by === "id" || name === undefined ? [id] : [name],
  );
  const near = suggestion(word, known) || "; expected one of the inventory, which is refreshed on a timer";
  return problem("request.node-unknown", `no node is ${text}${near}`, where);
}

function ambiguous(selector: NodeSelector, nodes: readonly Node[], lookup: Lookup, where: Where): Problem {
  const candidates = nodes.toSorted(byPlace).map((node) => describeNode(node, lookup.accounts));
  const more = candidates.length - mostCandidates;
  const listed = candidates.slice(0, mostCandidates).join(", ") + (more > 0 ? ` and ${more} more` : "");
  const message = `${nodes.length} nodes are ${quoted(formatSelector(selector))}: ${listed}; name one by its id`;
  return problem("request.node-ambiguous", message, where);
}

const tooMany = (count: number, most: number, where: Where): Problem =>
  problem(
    "request.nodes-too-many",
    `${count} nodes, expected at most ${most} (\`limits.maxNodes\`); ask for fewer`,
    where,
  );
