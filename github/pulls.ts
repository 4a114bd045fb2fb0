// Which pull requests are the request's own. Any writer can push a branch of the right name or open one from a fork: only what our App opened, in
// this repository, to the ledger, adding the one record, counts.

import type { PullFacts } from "../core/facts.ts";
import { parseApproved } from "../core/parse-record.ts";
import { type Problem, problem, unlessProblems } from "../core/problem.ts";
import { accountOf } from "./account.ts";
import { otherThanAdding } from "./added-record.ts";
import type { PullReading, RequestReading } from "./reading.ts";
import { reviewsOf } from "./reviews.ts";

export interface JudgedPulls {
  /** The request's own, oldest first. */
  readonly pulls: readonly PullFacts[];
  /** `trust.pull-lookalike`: why the others that are open are nobody's, for showing. */
  readonly lookalikes: readonly Problem[];
}

export function judgePulls(reading: RequestReading): JudgedPulls {
  const judged = reading.pulls.map((pull) => ({ pull, because: lookalike(pull, reading) }));
  return {
    pulls: judged.flatMap(({ pull, because }) => (because === undefined ? [ownPull(pull, reading)] : [])),
    lookalikes: judged.flatMap(({ pull, because }) =>
      because === undefined || pull.state !== "OPEN"
        ? []
        : [
            problem(
              "trust.pull-lookalike",
              `#${pull.number} is not this request's pull request: it ${because}; reviews of it count for nothing, close it`,
            ),
          ],
    ),
  };
}

/** Why a pull request is nobody's, to follow "it"; undefined for the request's own. */
function lookalike(pull: PullReading, { us, repository, subject }: RequestReading): string | undefined {
  if (pull.author?.id !== us.botId)
    return `was opened by \`${accountOf(pull.author).login}\`, not by the App`;
  if (pull.headRepository !== repository.id) return "comes from another repository";
  if (pull.base !== "ledger") return `goes to \`${pull.base}\`, not to \`ledger\``;
  if (!new RegExp(`^request/${subject.number}(?:-\\d+)?$`).test(pull.branch))
    return `has the branch \`${pull.branch}\``;
  if (pull.commit === undefined || pull.commits !== 1) return `has ${pull.commits} commits: expected one`;
  const other = otherThanAdding(`${subject.number}.yaml`, pull.commit);
  if (other !== undefined) return other;
  return pull.commit.record === undefined ? "adds what is not text" : undefined;
}

function ownPull(pull: PullReading, reading: RequestReading): PullFacts {
  const path = `approved/${reading.subject.number}.yaml`;
  return {
    ...common(pull, reading),
    file: parseApproved(pull.commit?.record ?? "", path),
    barred: [],
  };
}

/**
 * A pull request written by hand, as the one under review. `record` is what its file asks for with the nodes it names. Undefined when the
 * subject is no such pull request.
 */
export function handWrittenPull(reading: RequestReading, record: PullFacts["file"]): PullFacts | undefined {
  const { pull } = reading.subject;
  if (pull === undefined) return undefined;
  const unfit = openToOthers(pull, reading);
  return {
    ...common(pull, reading),
    file: unfit === undefined || !record.ok ? record : unlessProblems([unfit], record.value),
    barred: pull.hands.filter((login) => login !== undefined),
  };
}

/** ATTACK: with "allow edits by maintainers" any writer pushes to the fork's branch, and GitHub does not tell us who did. */
function openToOthers(pull: PullReading, { repository }: RequestReading): Problem | undefined {
  if (pull.headRepository === repository.id || !pull.maintainerCanModify) return undefined;
  return problem(
    "trust.pull-lookalike",
    "maintainers may push to its branch: expected its author alone; untick `Allow edits by maintainers`",
  );
}

/** Who could not be asked for a review by then was mentioned in the pull request, and is not asked for ever. In milliseconds. */
const askingGoesOn = 60 * 60_000;

function common(pull: PullReading, { us, now, ledger }: RequestReading): Omit<PullFacts, "file" | "barred"> {
  const askedByUs = pull.events.some((each) => each.event === "review-requested" && each.by?.id === us.botId);
  return {
    number: pull.number,
    branch: pull.branch,
    head: pull.head,
    open: pull.state === "OPEN",
    merged: pull.state === "MERGED",
    reviews: reviewsOf(pull, ledger.active !== undefined),
    asked: askedByUs || now - pull.createdAt > askingGoesOn,
    ...(pull.check === undefined ? {} : { check: pull.check }),
  };
}
