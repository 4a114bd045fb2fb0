// What was asked for, as a list that a phone can show: the same in the pull request and in the status comment.

import { formatDuration } from "./duration.ts";
import { nodeKey } from "./node.ts";
import type { PinnedNode } from "./record.ts";
import { code, listed, when } from "./render-markdown.ts";
import type { AccessRequest } from "./request.ts";
import { inertMarkdown, shown } from "./text.ts";

/** `nodes` is empty where nobody ever knew which they are. */
export function requestLines(request: AccessRequest, nodes: readonly PinnedNode[]): readonly string[] {
  return [
    ...nodeLines(nodes),
    `- **Access:** ${accessOf(request)} for ${formatDuration(request.for)}`,
    ...(request.from === undefined ? [] : [`- **From:** ${when(request.from)}`]),
    `- **Reason:** ${inertMarkdown(request.reason)}`,
    ...(request.ticket === undefined ? [] : [`- **Ticket:** ${code(request.ticket)}`]),
  ];
}

function nodeLines(nodes: readonly PinnedNode[]): readonly string[] {
  const [first, ...others] = nodes.map(describeNode);
  if (first === undefined) return [];
  if (others.length === 0) return [`- **Node:** ${first}`];
  const lines = [first, ...others].map((node) => `  - ${node}`);
  return [`- **Nodes:** ${nodes.length}`, ...listed(lines, (count) => `  - and ${count} more`)];
}

const describeNode = (node: PinnedNode): string =>
  node.name === undefined ? code(nodeKey(node)) : `${code(shown(node.name))} ${code(nodeKey(node))}`;

const accessOf = ({ access, forward }: AccessRequest): string =>
  forward === undefined ? access : `${access} to ${code(forward)}`;
