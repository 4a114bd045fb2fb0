// The status comment: one a request, edited in place. What was decided, by which policy, what is missing and exactly who can give it, and what happens next.
// Pure; nothing in it changes with the clock alone, so that looking again writes nothing.

import type { Facts } from "./facts.ts";
import { formatInstant, type Instant } from "./ids.ts";
import type { Problem } from "./problem.ts";
import type { EndedRecord, Granted, SessionEnd } from "./record.ts";
import { decidedByPeople, decidedByPolicy } from "./render-decision.ts";
import { code, inertMessage, listed, person, policiesLink, sentence } from "./render-markdown.ts";
import { notes } from "./render-notes.ts";
import { requestLines } from "./render-request.ts";
import { shown } from "./text.ts";
import type { Active, Verdict } from "./verdict.ts";

export const statusMarker = "<!-- hallpass:status -->";

/** What there is to show: the other verdicts are passed through in the same breath. */
export type Shown = Exclude<
  Verdict,
  | { readonly state: "ending" }
  | { readonly state: "pending"; readonly pull?: undefined }
  | { readonly state: "approved"; readonly waitingFor: "merge" }
>;

type Of<State extends Shown["state"]> = Extract<Shown, { readonly state: State }>;

export function statusComment(facts: Facts, verdict: Shown): string {
  return [statusMarker, ...sections(facts, verdict), ...mentions(facts)].join("\n");
}

/** GitHub tells of a mention once, when the comment is new; its later edits tell nobody. INVARIANT: only handles that the config's parser took stand outside of code. */
const mentions = ({ law: { law } }: Facts): readonly string[] =>
  law.ok && law.value.config.notify.length > 0 ? ["", `cc ${law.value.config.notify.join(" ")}`] : [];

function sections(facts: Facts, verdict: Shown): readonly string[] {
  switch (verdict.state) {
    case "invalid":
      return [...invalidSections(facts, verdict), ...notes(facts, { isOpen: false })];
    case "broken":
      return [...brokenSections(facts, verdict), ...notes(facts, { isOpen: false })];
    case "pending":
      return [...pendingSections(facts, verdict), ...notes(facts, { isOpen: false })];
    case "approved":
      return [...approvedSections(facts, verdict), ...notes(facts, { isOpen: false })];
    case "active":
      return [...activeSections(facts, verdict), ...notes(facts, { isOpen: true })];
    // nothing that is said after the end changes anything
    case "over":
      return overSections(facts, verdict.record);
  }
}

const heading = ({ subject }: Facts, what: string): readonly string[] => [
  `### Access request #${subject.number}: ${what}`,
  "",
];

function invalidSections(facts: Facts, { problems, lapsesAt }: Of<"invalid">): readonly string[] {
  const { subject } = facts;
  const text = subject.kind === "pull" ? "file" : "issue";
  const mendable = problems.every(({ code: each }) => /^(?:form|request)\./.test(each));
  const next = mendable
    ? `${person(subject.author.login)} edits the ${text}; it is decided again at once.`
    : "what each line above says; it is looked at again then.";
  return [
    ...heading(facts, "cannot be decided as it is written"),
    ...problemLines(problems),
    "",
    `**Next:** ${next} It lapses at ${formatInstant(lapsesAt)}.`,
  ];
}

const brokenSections = (facts: Facts, { problems }: Of<"broken">): readonly string[] => [
  ...heading(
    facts,
    facts.ledger.active === undefined ? "cannot be decided now" : "no credentials can be issued now",
  ),
  "Nothing is granted while this stands:",
  "",
  ...problemLines(problems),
  "",
  "**Next:** an admin mends it. The request stays where it is and is decided again.",
];

function pendingSections(facts: Facts, verdict: Of<"pending">): readonly string[] {
  const { pull, outcome, tally, outOfReach, lapsesAt } = verdict;
  const where = facts.subject.kind === "pull" ? "this pull request" : `#${pull.number}`;
  return [
    ...heading(facts, "waiting for approval"),
    ...requestLines(verdict.request, verdict.nodes),
    "",
    ...decidedByPeople(facts, outcome, tally, outOfReach),
    "",
    `**Next:** the people named review ${where}. It lapses at ${formatInstant(lapsesAt)}.`,
    "",
    `Access opens when they have approved and ${keyHint(facts)}.`,
  ];
}

/** The same with and without a key, so that posting one costs no write. */
const keyHint = ({ subject }: Facts): string =>
  `${person(subject.author.login)} has posted the key to seal the credentials to, in a comment \`/token age1…\``;

function approvedSections(facts: Facts, verdict: Of<"approved">): readonly string[] {
  return [
    ...heading(facts, "approved"),
    ...requestLines(verdict.request, verdict.nodes),
    "",
    ...(verdict.tally === undefined
      ? [decidedByPolicy(facts, verdict.outcome)]
      : decidedByPeople(facts, verdict.outcome, verdict.tally, [])),
    "",
    `**Next:** ${nextWhenApproved(facts, verdict)}`,
  ];
}

function nextWhenApproved(facts: Facts, verdict: Of<"approved">): string {
  switch (verdict.waitingFor) {
    case "start":
      return `access opens at ${formatInstant(verdict.opensAt)}, if by then ${keyHint(facts)}.`;
    case "key":
      return `access opens when ${keyHint(facts)}. The clock starts then, not now. The decision is good until ${formatInstant(verdict.goodUntil)}.`;
    case "grant":
      return "the workflow opens access; this takes less than a minute.";
  }
}

function activeSections(facts: Facts, { record, endBecause }: Active): readonly string[] {
  const { htmlUrl } = facts.repository;
  const { at, until, session, run } = record.granted;
  const next =
    endBecause === undefined
      ? `${person(record.requester.login)} opens the sealed credentials with \`hallpass credentials ${facts.subject.number}\`. More credentials inside the window: comment \`/token age1…\`. To end it early: comment \`/revoke\`${facts.subject.open ? ", or close this" : ""}.`
      : `the workflow ends it early, for ${code(endBecause.by)}: ${sentence(endBecause.why)}`;
  return [
    ...heading(facts, endBecause === undefined ? "access is open" : "access is being revoked"),
    ...requestLines(record.request, record.nodes),
    "",
    `Open from ${formatInstant(at)} **until ${formatInstant(until)}**, session ${code(session)}, opened by [run ${run}](${htmlUrl}/actions/runs/${run}) under the ${policiesLink(facts, record.policies)}.`,
    "",
    `**Next:** ${next}`,
  ];
}

const endings: Readonly<Record<EndedRecord["ended"]["how"], readonly [what: string, next: string]>> = {
  expired: ["access has ended", "who needs more time asks anew in a new issue."],
  revoked: ["access was revoked", "who still needs it asks anew in a new issue, and says why."],
  denied: [
    "denied by policy",
    "no approver can override this. Ask in a new issue for other nodes or less time, or ask the admins to change the policies.",
  ],
  rejected: ["rejected", "talk to whoever rejected it; a new issue asks anew."],
  cancelled: ["cancelled", "a new issue asks anew."],
  lapsed: ["lapsed", "a new issue asks anew."],
  invalid: ["was never in a form that could be decided", "a new issue asks anew."],
  failed: ["could not be granted", "when the reason is mended, a new issue asks anew."],
};

function overSections(facts: Facts, record: EndedRecord): readonly string[] {
  const { ended, granted, request, nodes = [], policies } = record;
  const [what, next] = endings[ended.how];
  const under = policies === undefined ? "" : ` Under the ${policiesLink(facts, policies)}.`;
  return [
    ...heading(facts, what),
    ...(request === undefined ? [] : [...requestLines(request, nodes), ""]),
    `**${ended.how}** at ${formatInstant(ended.at)} by ${code(ended.by)}: ${sentence(ended.why)}${under}`,
    ...(granted === undefined ? [] : ["", ...grantLines(granted, ended)]),
    "",
    `**Next:** ${next}`,
  ];
}

function grantLines({ at, until, session }: Granted, ended: EndedRecord["ended"]): readonly string[] {
  const end = Math.min(ended.at, until) as Instant;
  return [
    `Access was open from ${formatInstant(at)} to ${formatInstant(end)}, session ${code(session)}.`,
    ...listed(ended.sessions.map(sessionLine), (count) => `- And ${count} more in the record.`),
  ];
}

function sessionLine({ id, node, started, ended, how, log }: SessionEnd): string {
  const end = ended === undefined ? "" : ` to ${formatInstant(ended)}`;
  const kept = log === undefined ? "" : `, log ${code(log)}`;
  return `- ${code(id)} on ${code(node)}: ${formatInstant(started)}${end}, ${how}${kept}`;
}

const problemLines = (problems: readonly Problem[]): readonly string[] =>
  listed(problems.map(problemLine), (count) => `- And ${count} more like these.`);

function problemLine({ message, field, place }: Problem): string {
  const where = place === undefined ? field : `${place.file}:${place.line}:${place.column}`;
  return `- ${where === undefined ? "" : `**${code(shown(where))}:** `}${inertMessage(message, 500)}`;
}
