// Which node is meant, where a name or a tag is several: a person at a terminal chooses, a script gets an error with the candidates.

import { type Node, nodeKey } from "../core/node.ts";
import { accepted, type Parsed } from "../core/problem.ts";
import type { NodeSelector } from "../core/request.ts";
import { describeNode, parseSelector } from "../core/selectors.ts";
import { findNodes, type Ground } from "../flow/prepare-request.ts";
import { searchNodes } from "../flow/search-nodes.ts";
import { pick } from "./pick.ts";
import type { Terminal } from "./terminal.ts";

type Known = Pick<Ground, "config" | "inventory">;

/** A session is on one. */
export async function oneNode(terminal: Terminal, known: Known, text: string): Promise<Parsed<Node>> {
  const selector = parseSelector(text);
  if (!selector.ok) return selector;
  const found = findNodes(known, { nodes: [selector.value] });
  const [node, another] = found.ok ? found.value : [];
  if (node !== undefined && another === undefined) return accepted(node);
  const candidates = found.ok ? found.value : namesakes(known, selector.value);
  const picked = candidates.length > 1 ? await choose(terminal, known, text, candidates) : undefined;
  if (picked !== undefined) return accepted(picked);
  if (!found.ok) return found;
  const names = found.value.map(({ name, id }) => name ?? id).join(", ");
  throw new Error(`\`${text}\` is ${found.value.length} nodes, and a session is on one; name it: ${names}`);
}

/** What was typed, each name that is several nodes' replaced by what the person chose. A tag means all that have it. */
export async function settleNames(
  terminal: Terminal,
  known: Known,
  texts: readonly string[],
): Promise<readonly string[]> {
  const settled: string[] = [];
  for (const text of texts) {
    const selector = terminal.ask === undefined ? undefined : parseSelector(text);
    const candidates =
      selector?.ok === true && selector.value.by !== "tag" ? namesakes(known, selector.value) : [];
    const picked = candidates.length > 1 ? await choose(terminal, known, text, candidates) : undefined;
    settled.push(picked === undefined ? text : onlyName(known, picked));
  }
  return settled;
}

/** What to type next, for each part of a name that was typed as if it were the whole. */
export function furtherSearch({ config, inventory }: Known, texts: readonly string[]): readonly string[] {
  return texts
    .filter(
      (text) => /^\w[\w.-]*$/.test(text) && inventory.every(({ id, name }) => text !== name && text !== id),
    )
    .map((text) => ({
      text,
      found: searchNodes(inventory, config.accounts, { words: [text], tags: [], online: false }).length,
    }))
    .filter(({ found }) => found > 0)
    .map(
      ({ text, found }) =>
        `\`hallpass nodes ${text}\` lists ${found === 1 ? "the one" : `the ${found}`} that it finds`,
    );
}

/** By the same rule as the App's, one node at a time. */
const namesakes = ({ config, inventory }: Known, selector: NodeSelector): readonly Node[] =>
  inventory.filter((node) => findNodes({ config, inventory: [node] }, { nodes: [selector] }).ok);

const choose = (terminal: Terminal, { config }: Known, text: string, nodes: readonly Node[]) => {
  const choices = nodes
    .toSorted((a, b) => (nodeKey(a) < nodeKey(b) ? -1 : 1))
    .map((node) => ({ label: describeNode(node, config.accounts), value: node }));
  return pick(terminal, `\`${text}\` is ${nodes.length} nodes. Which one?`, choices);
};

const onlyName = ({ inventory }: Known, node: Node): string =>
  inventory.filter(({ id }) => id === node.id).length === 1
    ? node.id
    : `${node.account}/${node.region}/${node.id}`;
