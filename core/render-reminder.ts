// The words of a reminder: whom we wait for, and who is asked next. Pure.

import type { Facts } from "./facts.ts";
import { type Choice, fewestPeople } from "./fewest-people.ts";
import type { Waiting } from "./reminders.ts";
import { person, sentence } from "./render-markdown.ts";

/** Of a comment of ours: which reminder it is, if it is one. */
export const reminderKey = (body: string): string | undefined =>
  /^<!-- hallpass:reminder ([a-z0-9-]{1,30}) -->(?:\n|$)/.exec(body)?.[1];

/** INVARIANT: only handles that the parser of approval rules or of the config took stand outside of code: they are mentions, and tell whoever they name. */
export function reminderBody(facts: Facts, waiting: Waiting, key: string, nth: number): string {
  const { tally, barred } = waiting;
  const choices = fewestPeople(facts, tally, barred) ?? missing(waiting);
  const who = choices.map(calling).join(", and ");
  return [
    `<!-- hallpass:reminder ${key} -->`,
    ...(waiting.for === "approval"
      ? approvalLines(facts, waiting, who)
      : reviewLines(facts, waiting, who, nth)),
    "",
    `Next to ask: @${nextToAsk(choices, nth)}.`,
  ].join("\n");
}

const approvalLines = ({ subject }: Facts, { pull }: Waiting, who: string): readonly string[] => [
  `Access request #${subject.number} of ${person(subject.author.login)} waits for approval of #${pull} by ${who}.`,
];

/** After a day without an answer those whom the config names are told too. */
function reviewLines(facts: Facts, { pull, why = "" }: Waiting, who: string, nth: number): readonly string[] {
  const { subject, law } = facts;
  const notify = law.law.ok && nth >= 4 ? law.law.value.config.notify : [];
  return [
    `${person(subject.author.login)} broke the glass: access is given before anybody has approved. ${sentence(why)}`,
    "",
    `Nobody waited for ${who}: review ${pull === undefined ? "the pull request that is opened for it" : `#${pull}`} now. *Approve*, or *Request changes*, which ends access that is still open. This stays open until it is answered.`,
    ...(notify.length === 0 ? [] : ["", `cc ${notify.join(" ")}`]),
  ];
}

/** When nobody can say who finishes it: whoever could fill what is missing. */
const missing = ({ tally }: Waiting): readonly Choice[] =>
  tally.levels
    .filter(({ complete }) => !complete)
    .map(({ level: { need, people, teams }, filledBy }) => ({ need: need - filledBy.length, people, teams }));

const calling = ({ need, people, teams }: Choice): string =>
  `${need} of ${[...people, ...teams].map((handle) => `@${handle}`).join(", ")}`;

/** Each reminder names another one, people before teams. INVARIANT: a level names somebody, so a choice does. */
function nextToAsk(choices: readonly Choice[], nth: number): string {
  const all = [...choices.flatMap(({ people }) => people), ...choices.flatMap(({ teams }) => teams)];
  return all[Math.max(0, nth - 1) % all.length] as string;
}
