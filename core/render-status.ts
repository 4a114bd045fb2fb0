// The status comment: one a request, edited in place. What was decided, by which policy, what is missing and exactly who can give it, and what happens next.
// Pure; nothing in it changes with the clock alone, so that looking again writes nothing.

import type { PolicyRef } from "./answer.ts";
import { troubledKey } from "./decide.ts";
import { formatDuration } from "./duration.ts";
import type { Facts } from "./facts.ts";
import { formatInstant } from "./ids.ts";
import type { Outcome } from "./outcome.ts";
import type { Problem } from "./problem.ts";
import type { ActiveRecord, EndedRecord } from "./record.ts";
import { requestTable } from "./render-pull.ts";
import type { IgnoredBecause, LevelTally, Tally } from "./tally.ts";
import { inertMarkdown } from "./text.ts";
import type { Verdict } from "./verdict.ts";

export const statusMarker = "<!-- hallpass:status -->";

export function statusComment(facts: Facts, verdict: Verdict): string {
  return [statusMarker, ...sections(facts, verdict), ...notes(facts)].join("\n").trimEnd();
}

function sections(facts: Facts, verdict: Verdict): readonly string[] {
  switch (verdict.state) {
    case "invalid":
      return [
        heading(facts, "cannot be decided as it is written"),
        ...problemList(verdict.problems),
        "",
        `**Next:** edit this ${facts.subject.kind === "pull" ? "pull request" : "issue"}; it is looked at again at once. It lapses at ${formatInstant(verdict.lapsesAt)}.`,
      ];
    case "broken":
      return [
        heading(facts, "cannot be decided now"),
        "Nothing is granted while this stands:",
        "",
        ...problemList(verdict.problems),
        "",
        "**Next:** an admin mends it; the request stays where it is and is decided again.",
      ];
    case "pending":
      return pendingSections(facts, verdict);
    case "approved":
      return [
        heading(facts, "approved"),
        ...requestTable(verdict.request, verdict.nodes),
        "",
        ...decidedBy(facts, verdict.outcome, verdict.tally),
        "",
        `**Next:** ${nextWhenApproved(facts, verdict)}`,
      ];
    case "active":
      return activeSections(facts, verdict.record);
    case "ending":
      return [heading(facts, verdict.how), inertMarkdown(verdict.why)];
    case "over":
      return overSections(facts, verdict.record);
  }
}

const heading = (facts: Facts, what: string): string =>
  `### Access request #${facts.subject.number}: ${what}\n`;

function pendingSections(facts: Facts, verdict: Extract<Verdict, { state: "pending" }>): readonly string[] {
  const where =
    verdict.pull === undefined ? "the pull request that opens in a moment" : `#${verdict.pull.number}`;
  return [
    heading(facts, "waiting for approval"),
    ...requestTable(verdict.request, verdict.nodes),
    "",
    ...decidedBy(facts, verdict.outcome, verdict.tally),
    ...verdict.outOfReach.map(
      ({ level, why }) =>
        `- **Level ${level} is out of reach**: ${why}. An admin has to mend \`approvals.yaml\` or the team.`,
    ),
    "",
    `**Next:** review ${where}. It lapses at ${formatInstant(verdict.lapsesAt)}.`,
  ];
}

function nextWhenApproved(facts: Facts, verdict: Extract<Verdict, { state: "approved" }>): string {
  const { login } = facts.subject.author;
  switch (verdict.waitingFor) {
    case "merge":
      return "Hallpass merges the pull request.";
    case "start":
      return `access opens at ${formatInstant(verdict.request.from ?? facts.now)}. **${login}** posts \`/token age1…\` before that.`;
    case "key":
      return `**${login}** comments \`/token age1…\` with the key to seal the credentials to (\`hallpass\` does this by itself). The clock starts then, not now. Good until ${formatInstant(verdict.goodUntil)}.`;
    case "grant":
      return "the workflow opens the access; this takes less than a minute.";
  }
}

function activeSections(facts: Facts, record: ActiveRecord): readonly string[] {
  const run = `[run ${record.granted.run}](${facts.repository.htmlUrl}/actions/runs/${record.granted.run})`;
  return [
    heading(facts, "access is open"),
    ...requestTable(record.request, record.nodes),
    "",
    `Open from ${formatInstant(record.granted.at)} **until ${formatInstant(record.granted.until)}** (${run}), session \`${record.granted.session}\`.`,
    "",
    `**Next:** **${record.requester.login}** runs \`hallpass connect\`. More credentials inside the window: \`/token age1…\`. To end it early: \`/revoke\`, or close this.`,
  ];
}

const endings: Readonly<Record<EndedRecord["ended"]["how"], string>> = {
  expired: "access has ended",
  revoked: "access was revoked",
  denied: "denied by policy",
  rejected: "rejected",
  cancelled: "cancelled",
  lapsed: "lapsed",
  invalid: "was never in a form that could be decided",
  failed: "could not be granted",
};

function overSections(facts: Facts, record: EndedRecord): readonly string[] {
  const { ended, granted, request, nodes } = record;
  const sessions = ended.sessions.map(
    (each) =>
      `| \`${each.id}\` | \`${each.node}\` | ${formatInstant(each.started)} | ${each.ended === undefined ? "" : formatInstant(each.ended)} | ${each.how} |`,
  );
  return [
    heading(facts, endings[ended.how]),
    ...(request === undefined ? [] : requestTable(request, nodes ?? [])),
    "",
    `**${ended.how}** at ${formatInstant(ended.at)} by ${inertMarkdown(ended.by)}: ${inertMarkdown(ended.why)}`,
    ...(granted === undefined
      ? []
      : [
          "",
          `Access was open from ${formatInstant(granted.at)} to ${formatInstant(ended.at < granted.until ? ended.at : granted.until)}.`,
        ]),
    ...(sessions.length === 0
      ? []
      : ["", "| session | node | started | ended | how |", "|---|---|---|---|---|", ...sessions]),
  ];
}

function decidedBy(facts: Facts, outcome: Outcome, tally: Tally | undefined): readonly string[] {
  switch (outcome.outcome) {
    case "auto":
      return [
        `**Decided by** ${outcome.policies.map((policy) => policyLink(facts, policy)).join(", ")}: automatic, nobody has to approve.`,
      ];
    case "manual": {
      const rules = outcome.rules.map((rule) =>
        policyLink(facts, { name: rule.name, file: "approvals.yaml", line: rule.line }),
      );
      return [
        `**Decided by people**, as ${rules.join(", ")} asks:`,
        "",
        ...(tally === undefined ? [] : tallyLines(tally)),
      ];
    }
    case "denied":
    case "broken":
      return [];
  }
}

const policyLink = (facts: Facts, { name, file, line }: PolicyRef): string =>
  `[${inertMarkdown(name)}](${facts.repository.htmlUrl}/blob/${facts.law.commit}/policies/${file}#L${line})`;

function tallyLines(tally: Tally): readonly string[] {
  return [
    ...tally.levels.map(levelLine),
    ...tally.spare.map((login) => `- ${login} approved too; the places they could fill are taken.`),
    ...tally.ignored.map(
      ({ login, because }) => `- ${login}'s review does not count: ${ignoredBecause(because)}.`,
    ),
  ];
}

function levelLine({ level, number, filledBy, complete }: LevelTally): string {
  const by = filledBy.length === 0 ? "" : `: ${filledBy.join(", ")}`;
  const who = [
    ...level.people.map((login) => `\`@${login}\``),
    ...level.teams.map((team) => `\`@${team}\``),
  ].join(" or ");
  const count = complete ? "approved" : `${filledBy.length} of ${level.need}`;
  return `- [${complete ? "x" : " "}] **Level ${number}**, ${level.need} of ${who}: ${count}${by}`;
}

function ignoredBecause(because: IgnoredBecause): string {
  switch (because) {
    case "is-the-requester":
      return "nobody approves their own request";
    case "pushed-to-the-branch":
      return "they wrote or pushed what is to be approved";
    case "is-not-a-person":
      return "only people count";
    case "is-in-no-level":
      return "they are in no level of this request";
    case "is-of-another-head":
      return "it was given for another version of the request; review again";
    case "was-dismissed":
      return "it was dismissed";
  }
}

function problemList(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ message, field, place }) => {
    const where = place === undefined ? field : `${place.file}:${place.line}:${place.column}`;
    return `- ${where === undefined ? "" : `**${inertMarkdown(where)}**: `}${inertMarkdown(message)}`;
  });
}

/** Commands that did nothing, with the reason. */
function notes(facts: Facts): readonly string[] {
  const key = troubledKey(facts);
  const ignored = facts.commands.filter((each) => !each.allowed);
  return [
    ...(key === undefined
      ? []
      : ["", `> \`/token\` could not be read: ${inertMarkdown(key.problem.message)}`]),
    ...ignored.map(
      (each) => `\n> \`/${each.command}\` by ${each.by.login} was ignored: ${mayNot(each.command)}`,
    ),
  ];
}

function mayNot(command: "token" | "revoke" | "cancel"): string {
  switch (command) {
    case "token":
      return "the key comes only from the requester.";
    case "cancel":
      return "only the requester can cancel; use `/revoke` to end open access, or *Request changes* to reject.";
    case "revoke":
      return "only the requester and people with write access to this repository can revoke.";
  }
}
