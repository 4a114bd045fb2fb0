// All facts there can be about a request, likely and unlikely ones, with words that try to get out.

import fc from "fast-check";
import type { CommandFacts, Facts, PullFacts } from "../../core/facts.ts";
import type { Instant, Sha } from "../../core/ids.ts";
import type { Level } from "../../core/law.ts";
import { accepted, type Parsed, type Problem, problem, refused } from "../../core/problem.ts";
import type { AccessRequest } from "../../core/request.ts";
import type { Review } from "../../core/review.ts";
import { requests } from "./requests.ts";
import {
  account,
  active,
  activeRecord,
  answer,
  approvedRecord,
  asked,
  at,
  breaking,
  brokenGlassRecord,
  commit,
  endedGrant,
  endedUngranted,
  facts,
  head,
  hours,
  issue,
  later,
  law,
  leads,
  level,
  node,
  otherNode,
  permitted,
  policy,
  rule,
  security,
} from "./some-facts.ts";

/** Pieces of whatever means something to GitHub, to Markdown or to HTML. */
export const hostile: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."@ # : ` `` ``` | \\ < > [ ] ( ) ! * _ ~ $ & = - + . / \u202e".split(" "),
        " ",
        "\n",
        "\r\n",
        "\n\n",
        "    ",
        "@alice",
        "@acme/security",
        "#12",
        "GH-12",
        "acme/x#1",
        "https://evil.example",
        "www.evil.example",
        "[x](https://evil.example)",
        "![x](y)",
        "<img src=x>",
        "<!--",
        "-->",
        "&#64;alice",
        "\n### Nodes",
        "\n---\n",
        "| a | b |\n|---|---|\n",
        ":tada:",
        "$`x`$",
        "- [x] ",
        "\n> ",
        "0123456789abcdef",
      ),
      fc.constantFrom("INC-1234", "checkout", "is", "down", "ü", "🎉"),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

const words = hostile.map((text) => (text.trim() === "" ? "x" : text));
const people = fc.constantFrom("alice", "bob", "carol", "erin", "frank", "mallory");
const moment = fc.integer({ min: -1, max: 9 * 24 }).map((hour) => later(at("10:00:00"), hour * 3_600));

const problems = (...codes: readonly Problem["code"][]): fc.Arbitrary<Parsed<never>> =>
  fc
    .tuple(fc.constantFrom(...codes), words, fc.option(words, { nil: undefined }))
    .map(([code, message, field]) => refused(problem(code, message, field === undefined ? {} : { field })));

/** Of what can be asked for, what the facts of these tests are about. */
const someRequests: fc.Arbitrary<AccessRequest> = fc
  .record({
    any: requests,
    duration: fc.constantFrom(hours(1), hours(2)),
    from: fc.option(moment, { nil: undefined }),
  })
  .map(({ any: { from: _, ...any }, duration, from }) => ({
    ...any,
    for: duration,
    ...(from === undefined ? {} : { from }),
  }));

const reviews: fc.Arbitrary<readonly Review[]> = fc.array(
  fc
    .record({
      by: people.map((login) => account(login as "alice")),
      human: fc.boolean(),
      stance: fc.constantFrom("approved" as const, "approved" as const, "changes-requested" as const),
      onHead: fc.boolean(),
      at: moment,
      dismissedBy: fc.option(people, { nil: undefined }),
    })
    .map(({ dismissedBy, ...rest }) => ({
      ...rest,
      ...(dismissedBy === undefined ? {} : { dismissed: { by: dismissedBy } }),
    })),
  { maxLength: 4 },
);

const theirs = fc.constant(
  ["bob", "carol", "erin"].map(
    (login): Review => ({
      by: account(login as "bob"),
      human: true,
      stance: "approved",
      onHead: true,
      at: at("10:20:00"),
    }),
  ),
);

const pulls = (request: AccessRequest): fc.Arbitrary<readonly PullFacts[]> =>
  fc
    .array(
      fc.record({
        state: fc.constantFrom("open", "open", "closed", "merged"),
        says: fc.constantFrom("same", "same", "other", "nothing"),
        reviews: fc.oneof(reviews, theirs),
        asked: fc.boolean(),
        check: fc.constantFrom(undefined, false, true),
        barred: fc.subarray(["dave", "bob"]),
      }),
      { maxLength: 3 },
    )
    .map((all) =>
      all.map(({ state, says, check, ...rest }, index) => ({
        ...rest,
        number: 13 + index,
        branch: index === 0 ? "request/12" : `request/12-${index + 1}`,
        head: head(`${index}`),
        open: state === "open",
        merged: state === "merged",
        file:
          says === "nothing"
            ? refused(problem("record.malformed", "x"))
            : accepted(approvedRecord(says === "same" ? request : { ...request, for: hours(3) })),
        ...(check === undefined ? {} : { check: { id: index, done: check } }),
      })),
    );

const commands: fc.Arbitrary<readonly CommandFacts[]> = fc.array(
  fc
    .record({
      by: people.map((login) => account(login as "alice")),
      at: moment,
      allowed: fc.boolean(),
      comment: fc.integer({ min: 501, max: 504 }),
      said: fc.oneof(
        {
          weight: 4,
          arbitrary: fc.constant({ command: "token" as const, recipient: "age1x" }),
        },
        words.map((message) => ({
          command: "token" as const,
          problem: problem("command.token-malformed", message),
        })),
        fc
          .tuple(fc.constantFrom("revoke" as const, "revoke" as const, "cancel" as const), words)
          .map(([command, why]) => ({ command, why })),
        fc.constant({ command: "revoke" as const }),
        { weight: 4, arbitrary: words.map((why) => ({ command: "break-glass" as const, why })) },
        fc.constant({ command: "break-glass" as const }),
      ),
    })
    .map(({ said, ...rest }) => ({ ...rest, ...said })),
  { maxLength: 2 },
);

const records: fc.Arbitrary<Facts["ledger"]> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ head: head("1"), everActive: false }) },
  fc.constantFrom<Facts["ledger"]>(
    { head: head("1"), everActive: true },
    { head: head("1"), everActive: false, approved: approvedRecord() },
    active,
  ),
  words.map((why) => ({
    ...active,
    active: { ...activeRecord, breakGlass: { ...brokenGlassRecord, why } },
  })),
  words.map((why) => ({
    ...active,
    ended: { ...endedGrant, breakGlass: { ...brokenGlassRecord, why } },
  })),
  words.map((reason) => ({ ...active, active: { ...activeRecord, request: { ...asked, reason } } })),
  words.map((why) => ({
    ...active,
    ended: {
      ...endedGrant,
      ended: {
        ...endedGrant.ended,
        why,
        by: why,
        sessions: [
          { id: why, node: node.id, started: at("10:30:00"), how: "left" as const },
          {
            id: "s-2",
            node: node.id,
            started: at("10:30:00"),
            ended: at("10:31:00"),
            how: "terminated" as const,
            log: why,
          },
        ],
      },
    },
  })),
  fc
    .constantFrom(
      "denied" as const,
      "rejected" as const,
      "lapsed" as const,
      "cancelled" as const,
      "failed" as const,
    )
    .map((how) => ({ head: head("1"), everActive: false, ended: endedUngranted(how) })),
);

const levels: fc.Arbitrary<readonly [Level, ...Level[]]> = fc.constantFrom<readonly [Level, ...Level[]]>(
  [level(1, leads), level(2, security, "carol")],
  [level(1, "bob", "erin")],
  [level(1, "alice")],
  [level(3, "acme/gone", "frank")],
);

const laws: fc.Arbitrary<Facts["law"]["law"]> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .record({ name: words, levels, covered: fc.boolean() })
      .map(({ name, levels: each, covered }) =>
        accepted({
          ...law,
          rules: covered ? [{ ...rule, levels: each }] : [{ ...rule, name, levels: each, max: hours(2) }],
        }),
      ),
  },
  problems("policy.parse", "config.missing", "record.malformed"),
);

const answers: fc.Arbitrary<NonNullable<Facts["answers"]>> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(accepted([answer(), answer()])) },
  { weight: 2, arbitrary: fc.constant(accepted([permitted, permitted])) },
  { weight: 4, arbitrary: fc.constant(accepted([breaking, breaking])) },
  fc.constant(accepted([permitted, answer()])),
  words.map((name) =>
    accepted([answer({ permits: [{ ...policy, name, file: `policies/${name}` }] }), permitted]),
  ),
  words.map((name) => accepted([answer({ guardrails: [{ ...policy, name }] }), permitted])),
  words.map((message) =>
    accepted([answer({ errors: [{ ...problem("policy.evaluation", message), policy }] }), answer()]),
  ),
  problems("team.unreadable", "policy.engine"),
);

const nodes: fc.Arbitrary<NonNullable<Facts["nodes"]>> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(words, fc.boolean())
      .map(([name, one]) =>
        accepted(one ? [{ ...node, name, tags: { Name: name } }] : [{ ...node, name }, otherNode]),
      ),
  },
  problems("request.node-unknown", "fact.unavailable"),
);

const subjects: fc.Arbitrary<Facts["subject"]> = fc
  .record({
    kind: fc.constantFrom("issue" as const, "issue" as const, "pull" as const),
    authorIsPerson: fc.constantFrom(true, true, true, false),
    authorHasAccess: fc.constantFrom(true, true, true, false),
    open: fc.boolean(),
    distrust: fc.constantFrom<readonly Problem[]>([], [], [], [problem("issue.transferred", "moved")]),
    closed: fc.constantFrom(undefined, undefined, undefined, at("10:15:00")),
    writtenAt: moment,
  })
  .map(({ closed, ...rest }) =>
    issue({ ...rest, ...(closed === undefined ? {} : { everClosed: { by: "bob", at: closed } }) }),
  );

const shown: fc.Arbitrary<Facts["shown"]> = fc.record({
  labels: fc.subarray([
    "access: pending",
    "access: approved",
    "access: active",
    "break-glass: unanswered",
    "urgent",
  ]),
  statuses: fc
    .uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 3 })
    .map((ids) => ids.sort().map((id) => ({ id, body: "<!-- hallpass:status -->\nold" }))),
  reminders: fc
    .uniqueArray(fc.constantFrom("1", "2", "4", "review-0", "review-3"), { maxLength: 2 })
    .map((keys) => keys.map((key, i) => ({ id: 801 + i, key }))),
  answered: fc.subarray([501, 502]),
  dispatched: fc.boolean(),
});

export const anyFacts: fc.Arbitrary<Facts> = someRequests.chain((request) =>
  fc
    .record({
      now: moment as fc.Arbitrary<Instant>,
      law: laws.map((each) => ({ commit: commit as Sha, law: each })),
      subject: subjects,
      asked: fc.oneof(
        { weight: 8, arbitrary: fc.constant(accepted(request)) },
        problems("request.reason-empty", "form.heading-missing"),
      ),
      nodes,
      answers,
      pulls: pulls(request),
      lookalikes: fc.constant([]),
      ledger: records,
      commands,
      shown,
      unreadableTeams: fc.subarray([leads]),
    })
    .map((each) => facts(each)),
);
