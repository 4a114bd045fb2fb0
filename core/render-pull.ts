// The words of a request's pull request: what approvers see where they review. Pure.

import type { Facts } from "./facts.ts";
import type { Level } from "./law.ts";
import type { PinnedNode } from "./record.ts";
import { person } from "./render-markdown.ts";
import { requestLines } from "./render-request.ts";
import type { AccessRequest } from "./request.ts";
import type { ApprovedTally, RejectedTally, Tally } from "./tally.ts";
import type { ByPeople } from "./verdict.ts";

export const pullTitle = (facts: Facts): string =>
  `Access request #${facts.subject.number} by ${facts.subject.author.login}`;

/** What a pull request asks people for. */
export interface Proposed {
  readonly request: AccessRequest;
  readonly nodes: readonly PinnedNode[];
  readonly levels: readonly Level[];
}

const whileItWaits =
  "Review it as you review code: *Approve*, or *Request changes* to reject. Hallpass merges it when every level is filled.";
const afterwards =
  "The glass was broken: access was given before anybody had approved. Review it all the same: *Approve*, or *Request changes*, which ends access that is still open. It is not merged.";

export function pullBody(
  { subject: { number, author } }: Facts,
  { request, nodes, levels }: Proposed,
  when: "while it waits" | "afterwards",
): string {
  return [
    `Access request #${number} of ${person(author.login)}. What you approve is the one file in this pull request; it never changes.`,
    "",
    ...requestLines(request, nodes),
    "",
    "**Who has to approve**, each person for one level only:",
    "",
    ...levels.map((level, index) => `${index + 1}. ${calling(level)}`),
    "",
    when === "afterwards" ? afterwards : whileItWaits,
  ].join("\n");
}

/** These are the only mentions that we write: they call whoever GitHub does not let us ask for a review. Handles are of the approval rules, which parse nothing else. */
const calling = ({ need, people, teams }: Level): string =>
  `${need} of ${[...people, ...teams].map((handle) => `@${handle}`).join(", ")}`;

/** In the line that GitHub shows beside the check. Written twice a pull request: when it opens and when it is decided. */
export const openTitle = (levels: readonly Level[]): string =>
  `needs ${levels.length} ${levels.length === 1 ? "level" : "levels"} of approval`;

/** The commit that writes the answer into the record says who gave it, as a merge would have. */
export function reviewMessage({ subject, law }: Facts, tally: ApprovedTally | RejectedTally): string {
  return [
    `Review the broken glass of access request #${subject.number}: ${tally.approval}`,
    "",
    `Hallpass-Request: ${subject.number}`,
    `Hallpass-Policies: ${law.commit}`,
    ...levelTrailers(tally),
  ].join("\n");
}

const levelTrailers = (tally: Tally): readonly string[] =>
  tally.levels.flatMap((level) =>
    level.filledBy.map((login) => `Hallpass-Level: ${level.number} ${inWhoseStead(login, tally)}`),
  );

/** The merge commit says for good who approved which level under which policy commit. */
export function mergeMessage(
  facts: Facts,
  { tally }: ByPeople,
): { readonly title: string; readonly message: string } {
  const { number } = facts.subject;
  return {
    title: `Approve access request #${number}`,
    message: [
      `Hallpass-Request: ${number}`,
      `Hallpass-Policies: ${facts.law.commit}`,
      ...levelTrailers(tally),
    ].join("\n"),
  };
}

/** `carol for bob`; both are logins, so the trailer reads as one. */
function inWhoseStead(login: string, { standsFor }: Tally): string {
  const owner = standsFor.get(login);
  return owner === undefined ? login : `${login} for ${owner}`;
}
