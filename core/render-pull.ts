// The words of a request's pull request: what approvers see where they review. Pure; everything an operator wrote is made inert first.

import { formatDuration } from "./duration.ts";
import type { Facts } from "./facts.ts";
import { formatInstant } from "./ids.ts";
import { nodeKey } from "./node.ts";
import type { PinnedNode } from "./record.ts";
import type { AccessRequest } from "./request.ts";
import { inertMarkdown } from "./text.ts";
import type { Verdict } from "./verdict.ts";

type Pending = Extract<Verdict, { state: "pending" }>;
type Approved = Extract<Verdict, { state: "approved" }>;

export const pullTitle = (facts: Facts): string =>
  `Access request #${facts.subject.number} by ${facts.subject.author.login}`;

export function pullBody(facts: Facts, verdict: Pending): string {
  const { number, author } = facts.subject;
  const levels = verdict.outcome.levels.map((level, index) => `${index + 1}. ${level.text}`);
  return [
    `Access request #${number} of **${author.login}**. What you approve is the one file in this pull request; it never changes.`,
    "",
    ...requestTable(verdict.request, verdict.nodes),
    "",
    "**Who has to approve**, each person for one level only:",
    "",
    ...levels,
    "",
    "Review it as you review code: *Approve*, or *Request changes* to reject. Hallpass merges it when every level is filled.",
  ].join("\n");
}

/** The request as a table, for the pull request and the status comment. */
export function requestTable(request: AccessRequest, nodes: readonly PinnedNode[]): readonly string[] {
  const row = (name: string, value: string) => `| ${name} | ${value} |`;
  return [
    "| | |",
    "|---|---|",
    row("Nodes", nodes.map(describeNode).join("<br>")),
    row(
      "Access",
      request.forward === undefined ? request.access : `${request.access} to \`${request.forward}\``,
    ),
    row("For", formatDuration(request.for)),
    ...(request.from === undefined ? [] : [row("From", formatInstant(request.from))]),
    row("Reason", inertMarkdown(request.reason)),
    ...(request.ticket === undefined ? [] : [row("Ticket", inertMarkdown(request.ticket))]),
  ];
}

const describeNode = (node: PinnedNode): string =>
  `${node.name === undefined ? "" : `**${inertMarkdown(node.name)}** `}\`${nodeKey(node)}\``;

/** How far it is, in the line that GitHub shows beside the check. */
export function checkTitle(verdict: Pending | Approved): string {
  switch (verdict.state) {
    case "pending": {
      const { levels, missing } = verdict.tally;
      return `waiting for ${missing.length} of ${levels.length} ${levels.length === 1 ? "level" : "levels"}`;
    }
    case "approved":
      return "approved";
  }
}

/** The merge commit says for good who approved which level under which policy commit. */
export function mergeMessage(
  facts: Facts,
  verdict: Approved,
): { readonly title: string; readonly message: string } {
  const levels = verdict.tally?.levels ?? [];
  return {
    title: `Approve access request #${facts.subject.number}`,
    message: [
      `Hallpass-Request: ${facts.subject.number}`,
      `Hallpass-Policies: ${facts.law.commit}`,
      ...levels.flatMap((level) => level.filledBy.map((login) => `Hallpass-Level: ${level.number} ${login}`)),
    ].join("\n"),
  };
}
