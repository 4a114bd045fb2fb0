// Situations that many rules speak of, as what is different from the facts of `some-facts.ts`.

import { expect, test } from "vitest";
import { decide } from "../../core/decide.ts";
import type { Facts, PullFacts } from "../../core/facts.ts";
import { plan } from "../../core/plan.ts";
import { accepted, problem, refused } from "../../core/problem.ts";
import type { GitHubStep } from "../../core/step.ts";
import { settle } from "./performed.ts";
import {
  approvals,
  approvedRecord,
  asked,
  commit,
  facts,
  head,
  hours,
  permitted,
  pull,
} from "./some-facts.ts";

type Given = Partial<Facts>;

/** What policies permit. */
export const auto: Given = { answers: accepted([permitted]) };
export const badLaw = { commit, law: refused(problem("policy.parse", "no")) };
export const wrong: Given = { asked: refused(problem("request.reason-empty", "say why")) };

export const approvedPull = pull({ reviews: approvals });
export const merged: PullFacts = { ...approvedPull, open: false, merged: true };
/** Says something else than what is asked now. */
export const outdated = pull({ file: accepted(approvedRecord({ ...asked, for: hours(1) })) });

export const over = (ended: NonNullable<Facts["ledger"]["ended"]>): Given => ({
  ledger: { head: head("3"), everActive: false, ended },
});

export type Row = readonly [rule: string, given: Given, stands: object];

/** One test a row: where the request stands. */
export const table = (rows: readonly Row[]): void => {
  test.each(rows)("%s", (_, given, stands) => {
    expect({ pull: undefined, ...decide(facts(given)) }).toMatchObject(stands);
  });
};

type Step<Do> = Extract<GitHubStep, { do: Do }>;

/** The step of that name, which must be among those planned next. */
export const step = <Do extends GitHubStep["do"]>(given: Given, name: Do): Step<Do> =>
  plan(facts(given), decide(facts(given))).find((each) => each.do === name) as Step<Do>;

/** The status comment that it comes to. */
export const statusOf = (given: Given): string =>
  settle(facts(given))
    .facts.shown.statuses.map(({ body }) => body)
    .join();
