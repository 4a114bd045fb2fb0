// The status comment: one a request, edited in place. First what happens next and who does it, then what was decided and by which policy, what was asked for, and when.
// Pure; nothing in it changes with the clock alone, so that looking again writes nothing.

import type { Facts } from "./facts.ts";
import { fewestPeople } from "./fewest-people.ts";
import type { Instant } from "./ids.ts";
import type { Problem } from "./problem.ts";
import type { EndedRecord, Granted, SessionEnd } from "./record.ts";
import { decidedByPeople, decidedByPolicy, whoFinishes } from "./render-decision.ts";
import { glassBlock, reviewed } from "./render-glass.ts";
import { code, inertMessage, listed, person, policiesLink, sentence, when } from "./render-markdown.ts";
import { notes } from "./render-notes.ts";
import { requestLines } from "./render-request.ts";
import { type Bar, timeline } from "./render-timeline.ts";
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

/** Lines that belong together. Blank lines stand between blocks; one without lines is left out. */
type Block = readonly string[];

export function statusComment(facts: Facts, verdict: Shown): string {
  const blocks = [...sections(facts, verdict), mentions(facts)].filter((lines) => lines.length > 0);
  return [statusMarker, blocks.map((lines) => lines.join("\n")).join("\n\n")].join("\n");
}

/** GitHub tells of a mention once, when the comment is new; its later edits tell nobody. INVARIANT: only handles that the config's parser took stand outside of code. */
const mentions = ({ law: { law } }: Facts): Block =>
  law.ok && law.value.config.notify.length > 0 ? [`cc ${law.value.config.notify.join(" ")}`] : [];

function sections(facts: Facts, verdict: Shown): readonly Block[] {
  switch (verdict.state) {
    case "invalid":
      return [...invalidSections(facts, verdict), ...notes(facts, { isOpen: false, isWaiting: true })];
    case "broken":
      return [...brokenSections(facts, verdict), ...notes(facts, { isOpen: false, isWaiting: false })];
    case "pending":
      return [...pendingSections(facts, verdict), ...notes(facts, { isOpen: false, isWaiting: true })];
    case "approved":
      return [...approvedSections(facts, verdict), ...notes(facts, { isOpen: false, isWaiting: false })];
    case "active":
      return [...activeSections(facts, verdict), ...notes(facts, { isOpen: true, isWaiting: false })];
    // nothing that is said after the end changes anything
    case "over":
      return overSections(facts, verdict);
  }
}

const heading = ({ subject }: Facts, what: string): Block => [
  `### Access request #${subject.number}: ${what}`,
];

/** The colour of the box that says what happens next: somebody is waited for, access is open, something is wrong, it was refused, it is over. */
type Colour = "IMPORTANT" | "TIP" | "WARNING" | "CAUTION" | "NOTE";

/** What happens next and who does it, in a box of GitHub's, each of the paragraphs one line. */
const next = (colour: Colour, first: string, ...others: readonly string[]): Block => [
  `> [!${colour}]`,
  `> **Next:** ${first}`,
  ...others.flatMap((paragraph) => [">", `> ${paragraph}`]),
];

function invalidSections(facts: Facts, { problems, lapsesAt }: Of<"invalid">): readonly Block[] {
  const { subject } = facts;
  const text = subject.kind === "pull" ? "file" : "issue";
  const mendable = problems.every(({ code: each }) => /^(?:form|request)\./.test(each));
  const todo = mendable
    ? `${person(subject.author.login)} edits the ${text}; it is decided again at once.`
    : "what each line below says; it is looked at again then.";
  return [
    heading(facts, "cannot be decided as it is written"),
    next("WARNING", `${todo} It lapses at ${when(lapsesAt)}.`),
    problemLines(problems),
  ];
}

const brokenSections = (facts: Facts, { problems }: Of<"broken">): readonly Block[] => [
  heading(
    facts,
    facts.ledger.active === undefined ? "cannot be decided now" : "no credentials can be issued now",
  ),
  next("WARNING", "an admin mends it. The request stays where it is and is decided again."),
  ["Nothing is granted while this stands:"],
  problemLines(problems),
];

function pendingSections(facts: Facts, verdict: Of<"pending">): readonly Block[] {
  const { pull, outcome, tally, outOfReach, lapsesAt } = verdict;
  const where = facts.subject.kind === "pull" ? "this pull request" : `#${pull.number}`;
  const who =
    outOfReach.length > 0
      ? `an admin mends what puts a level out of reach, below; the people named can review ${where} already.`
      : whoFinishes(fewestPeople(facts, tally, pull.barred), where);
  return [
    heading(facts, "waiting for approval"),
    next(
      "IMPORTANT",
      `${who} It lapses at ${when(lapsesAt)}.`,
      `Access opens when they have approved and ${keyHint(facts)}.`,
    ),
    ...decidedByPeople(facts, outcome, tally, outOfReach),
    ...askedFor(verdict.request, verdict.nodes),
    timeline({
      bars: [
        { label: "Can be approved", from: facts.subject.createdAt, to: lapsesAt, look: "active" },
        ...plannedWindow(verdict),
      ],
    }),
  ];
}

/** Its heading parts it from the list before it, which Markdown would take it to go on with. */
const askedFor = (...asked: Parameters<typeof requestLines>): readonly Block[] => [
  ["**Asked for:**"],
  requestLines(...asked),
];

/** The same with and without a key, so that posting one costs no write. */
const keyHint = ({ subject }: Facts): string =>
  `${person(subject.author.login)} has posted the key to seal the credentials to, in a comment \`/token age1…\``;

/** Where the request says when: without it the clock starts with the grant. */
function plannedWindow({ request }: Of<"pending"> | Of<"approved">): readonly Bar[] {
  const { from } = request;
  return from === undefined
    ? []
    : [{ label: "Access at the earliest", from, to: (from + request.for * 1_000) as Instant, look: "done" }];
}

function approvedSections(facts: Facts, verdict: Of<"approved">): readonly Block[] {
  return [
    heading(facts, verdict.glass === undefined ? "approved" : "the glass is broken"),
    next("IMPORTANT", nextWhenApproved(facts, verdict)),
    glassBlock(facts, verdict.glass && { ...verdict.glass, pull: verdict.pull.number }),
    ...(verdict.tally === undefined
      ? [[decidedByPolicy(facts, verdict.outcome)]]
      : decidedByPeople(facts, verdict.outcome, verdict.tally, [])),
    ...askedFor(verdict.request, verdict.nodes),
    timeline({
      bars: [
        {
          label: "Can be opened",
          from: verdict.request.from ?? decidedAt(facts, verdict),
          to: verdict.goodUntil,
          look: "active",
        },
        ...plannedWindow(verdict),
      ],
    }),
  ];
}

const decidedAt = ({ subject }: Facts, { glass, tally }: Of<"approved">): Instant =>
  glass?.at ?? (tally?.approval === "approved" ? tally.lastCounted : subject.createdAt);

function nextWhenApproved(facts: Facts, verdict: Of<"approved">): string {
  switch (verdict.waitingFor) {
    case "start":
      return `access opens at ${when(verdict.opensAt)}, if by then ${keyHint(facts)}.`;
    case "key":
      return `access opens when ${keyHint(facts)}. The clock starts then, not now. The decision is good until ${when(verdict.goodUntil)}.`;
    case "grant":
      return "the workflow opens access; this takes less than a minute.";
  }
}

function activeSections(facts: Facts, { record, endBecause, followUp }: Active): readonly Block[] {
  const { htmlUrl } = facts.repository;
  const { at, until, session, run } = record.granted;
  return [
    heading(facts, endBecause === undefined ? "access is open" : "access is being revoked"),
    endBecause === undefined
      ? next(
          "TIP",
          `${person(record.requester.login)} connects with ${code(connectLine(record))}, or opens the sealed credentials with \`hallpass credentials ${facts.subject.number}\`. **Open until ${when(until)}.**`,
          `More credentials inside the window: comment \`/token age1…\`. To end it early: comment \`/revoke\`${facts.subject.open ? ", or close this" : ""}.`,
        )
      : next(
          "WARNING",
          `the workflow ends it early, for ${code(endBecause.by)}: ${sentence(endBecause.why)}`,
        ),
    glassBlock(facts, reviewed(record, followUp)),
    timeline({ bars: [{ label: "Access is open", from: at, to: until, look: "active" }] }),
    ...askedFor(record.request, record.nodes),
    [
      `Open from ${when(at)} to ${when(until)}, session ${code(session)}, opened by [run ${run}](${htmlUrl}/actions/runs/${run}) under the ${policiesLink(facts, record.policies)}.`,
    ],
  ];
}

/** By id: it is pasted into a shell, and names are tags, which many may write. */
function connectLine({ request: { access, forward }, nodes: [first, ...others] }: Active["record"]): string {
  const node = others.length === 0 && first !== undefined ? first.id : "NODE";
  const options = [
    ...(access === "shell" ? [] : ["--access", access]),
    ...(forward === undefined ? [] : ["--forward", forward]),
  ];
  return ["hallpass connect", node, ...options].join(" ");
}

interface EndSaid {
  readonly what: string;
  readonly colour: Colour;
  readonly next: string;
}

const endings: Readonly<Record<EndedRecord["ended"]["how"], EndSaid>> = {
  expired: {
    what: "access has ended",
    colour: "NOTE",
    next: "who needs more time asks anew in a new issue.",
  },
  revoked: {
    what: "access was revoked",
    colour: "NOTE",
    next: "who still needs it asks anew in a new issue, and says why.",
  },
  denied: {
    what: "denied by policy",
    colour: "CAUTION",
    next: "no approver can override this. Ask in a new issue for other nodes or less time, or ask the admins to change the policies.",
  },
  rejected: {
    what: "rejected",
    colour: "CAUTION",
    next: "talk to whoever rejected it; a new issue asks anew.",
  },
  cancelled: { what: "cancelled", colour: "NOTE", next: "a new issue asks anew." },
  lapsed: { what: "lapsed", colour: "NOTE", next: "a new issue asks anew." },
  invalid: {
    what: "was never in a form that could be decided",
    colour: "NOTE",
    next: "a new issue asks anew.",
  },
  failed: {
    what: "could not be granted",
    colour: "CAUTION",
    next: "when the reason is mended, a new issue asks anew.",
  },
};

function overSections(facts: Facts, { record, followUp }: Of<"over">): readonly Block[] {
  const { ended, granted, request, nodes = [], policies } = record;
  const said = endings[ended.how];
  const under = policies === undefined ? "" : ` Under the ${policiesLink(facts, policies)}.`;
  return [
    heading(facts, said.what),
    next(said.colour, said.next),
    [`**${ended.how}** at ${when(ended.at)} by ${code(ended.by)}: ${sentence(ended.why)}${under}`],
    glassBlock(facts, reviewed(record, followUp)),
    ...(granted === undefined ? [] : grantBlocks(granted, ended)),
    ...(request === undefined ? [] : askedFor(request, nodes)),
  ];
}

function grantBlocks({ at, until, session }: Granted, ended: EndedRecord["ended"]): readonly Block[] {
  const end = Math.min(ended.at, until) as Instant;
  return [
    timeline({ bars: [...windowBars(at, end, until), ...ended.sessions.flatMap(sessionBar)], over: true }),
    [`Access was open from ${when(at)} to ${when(end)}, session ${code(session)}.`],
    listed(ended.sessions.map(sessionLine), (count) => `- And ${count} more in the record.`),
  ];
}

const windowBars = (at: Instant, end: Instant, until: Instant): readonly Bar[] => [
  { label: "Access was open", from: at, to: end, look: "active" },
  { label: "Not used", from: end, to: until, look: "done" },
];

/** A chart of more would be taller than the screen; the list below it has them. */
const mostSessionBars = 6;

const sessionBar = ({ started, ended }: SessionEnd, index: number): readonly Bar[] =>
  ended === undefined || index >= mostSessionBars
    ? []
    : [{ label: `Session ${index + 1}`, from: started, to: ended, look: "done" }];

function sessionLine({ id, node, started, ended, how, log }: SessionEnd): string {
  const end = ended === undefined ? "" : ` to ${when(ended)}`;
  const kept = log === undefined ? "" : `, log ${code(log)}`;
  return `- ${code(id)} on ${code(node)}: ${when(started)}${end}, ${how}${kept}`;
}

const problemLines = (problems: readonly Problem[]): Block =>
  listed(problems.map(problemLine), (count) => `- And ${count} more like these.`);

function problemLine({ message, field, place }: Problem): string {
  const where = place === undefined ? field : `${place.file}:${place.line}:${place.column}`;
  return `- ${where === undefined ? "" : `**${code(shown(where))}:** `}${inertMessage(message, 500)}`;
}
