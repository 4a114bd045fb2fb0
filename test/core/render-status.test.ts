// The status comment: what was decided and by which policy, what is missing and who can give it, what happens next.

import { describe, expect, test } from "vitest";
import type { Facts } from "../../core/facts.ts";
import type { Level } from "../../core/law.ts";
import { accepted, problem, refused } from "../../core/problem.ts";
import { statusComment } from "../../core/render-status.ts";
import { auto, merged, over, statusOf } from "./situations.ts";
import {
  active,
  asked,
  at,
  command,
  commit,
  endedGrant,
  endedUngranted,
  facts,
  issue,
  law,
  level,
  node,
  policy,
  pull,
  review,
  rule,
  security,
  token,
} from "./some-facts.ts";

const request = `**Asked for:**

- **Node:** \`r2d2-app-01\` \`111122223333/eu-central-1/i-0123456789abcdef0\`
- **Access:** shell for 2h
- **Reason:** INC-1234 checkout is down`;
/** As GitHub takes it for Mermaid's. */
const chart = (axis: string, tick: string, ...lines: readonly string[]) =>
  [
    "```mermaid",
    "gantt",
    "title In your own time zone",
    "dateFormat YYYY-MM-DDTHH:mm:ssZ",
    `axisFormat ${axis}`,
    `tickInterval ${tick}`,
    ...lines,
    "```",
  ].join("\n");
const blob = `https://github.example/acme/access/blob/${commit}/policies`;
const tree = `[policies at \`ccccccc\`](https://github.example/acme/access/tree/${commit}/policies)`;
const key = "`@alice` has posted the key to seal the credentials to, in a comment `/token age1…`";

describe("whole comments", () => {
  test("waiting for approval", () => {
    expect(
      statusOf({ pulls: [pull({ reviews: [review("bob"), review("alice")] })] }),
    ).toBe(`<!-- hallpass:status -->
### Access request #12: waiting for approval

> [!IMPORTANT]
> **Next:** 2 more people approve #13: 2 of \`@carol\` or \`@acme/security\`. It lapses at 2026-12-08 10:00 UTC.
>
> Access opens when they have approved and ${key}.

**Decided by people**, as [\`application01\`](${blob}/approvals.yaml#L4) asks, each person for one level only:

- [x] **Level 1**, 1 of \`@acme/devops-leads\`: approved by \`@bob\`
- [ ] **Level 2**, 2 of \`@carol\` or \`@acme/security\`: 0 of 2
- The review by \`@alice\` does not count: nobody approves their own request.

${request}

${chart("%d %b", "2day", "Can be approved :active, 2026-12-01T10:00:00Z, 604800s")}`);
  });

  test("approved by policy", () => {
    expect(statusOf(auto)).toBe(`<!-- hallpass:status -->
### Access request #12: approved

> [!IMPORTANT]
> **Next:** access opens when ${key}. The clock starts then, not now. The decision is good until 2026-12-02 10:00 UTC.

**Decided by** [\`dev-nodes\`](${blob}/dev.cedar#L3): automatic, nobody has to approve.

${request}

${chart("%d %b %H:%M", "12hour", "Can be opened :active, 2026-12-01T10:00:00Z, 86400s")}`);
  });

  test("open", () => {
    expect(statusOf({ ledger: active })).toBe(`<!-- hallpass:status -->
### Access request #12: access is open

> [!TIP]
> **Next:** \`@alice\` connects with \`hallpass connect i-0123456789abcdef0\`, or opens the sealed credentials with \`hallpass credentials 12\`. **Open until 2026-12-01 12:10 UTC.**
>
> More credentials inside the window: comment \`/token age1…\`. To end it early: comment \`/revoke\`, or close this.

${chart("%H:%M", "30minute", "Access is open :active, 2026-12-01T10:10:00Z, 7200s")}

${request}

Open from 2026-12-01 10:10 UTC to 2026-12-01 12:10 UTC, session \`hp.4711.12\`, opened by [run 900](https://github.example/acme/access/actions/runs/900) under the ${tree}.`);
  });

  test.each<[string, Partial<typeof active.active.request>, readonly (typeof node)[], string]>([
    ["ssh", { access: "ssh" }, [node], "i-0123456789abcdef0 --access ssh"],
    [
      "a forward",
      { access: "port-forward", forward: "postgres" },
      [node],
      "i-0123456789abcdef0 --access port-forward --forward postgres",
    ],
    ["one of several nodes", {}, [node, node], "NODE"],
  ])("open, by %s: how to connect", (_, more, nodes, words) => {
    const record = { ...active.active, request: { ...active.active.request, ...more }, nodes };
    expect(statusOf({ ledger: { ...active, active: record } })).toContain(
      `connects with \`hallpass connect ${words}\`, or opens`,
    );
  });

  test("ended", () => {
    const sessions = [
      {
        id: "hp.4711.12-abc",
        node: node.id,
        started: at("10:20:00"),
        ended: at("12:10:00"),
        how: "terminated",
        log: "s3://logs/a",
      },
      { id: "hp.4711.12-def", node: node.id, started: at("10:21:00"), how: "left" },
    ] as const;
    expect(
      statusOf(over({ ...endedGrant, ended: { ...endedGrant.ended, sessions } })),
    ).toBe(`<!-- hallpass:status -->
### Access request #12: access has ended

> [!NOTE]
> **Next:** who needs more time asks anew in a new issue.

**expired** at 2026-12-01 12:11 UTC by \`schedule\`: the agreed time is over. Under the ${tree}.

${chart("%H:%M", "30minute", "todayMarker off", "Access was open :active, 2026-12-01T10:10:00Z, 7200s", "Session 1 :done, 2026-12-01T10:20:00Z, 6600s")}

Access was open from 2026-12-01 10:10 UTC to 2026-12-01 12:10 UTC, session \`hp.4711.12\`.

- \`hp.4711.12-abc\` on \`i-0123456789abcdef0\`: 2026-12-01 10:20 UTC to 2026-12-01 12:10 UTC, terminated, log \`s3://logs/a\`
- \`hp.4711.12-def\` on \`i-0123456789abcdef0\`: 2026-12-01 10:21 UTC, left

${request}`);
  });

  test("ended, with more sessions than anybody reads", () => {
    const sessions = Array.from({ length: 30 }, () => ({
      id: "hp.4711.12-abc",
      node: node.id,
      started: at("10:20:00"),
      how: "left" as const,
    }));
    const body = statusOf(over({ ...endedGrant, ended: { ...endedGrant.ended, sessions } }));
    expect(body).toContain("- And 5 more in the record.");
  });

  test("denied", () => {
    const answers = accepted([{ guardrails: [policy], permits: [], denies: [], errors: [] }]);
    expect(statusOf({ answers })).toBe(`<!-- hallpass:status -->
### Access request #12: denied by policy

> [!CAUTION]
> **Next:** no approver can override this. Ask in a new issue for other nodes or less time, or ask the admins to change the policies.

**denied** at 2026-12-01 10:30 UTC by \`policy\`: forbidden by the guardrail \`dev-nodes\` at \`policies/dev.cedar:3\` &#40;\`111122223333/eu-central-1/i-0123456789abcdef0\`&#41;. Under the ${tree}.

${request}`);
  });

  test("wrong", () => {
    const wrong = refused(
      problem("request.reason-empty", "say why", { field: "Reason" }),
      problem("form.heading-order", "no"),
    );
    expect(statusOf({ asked: wrong })).toBe(`<!-- hallpass:status -->
### Access request #12: cannot be decided as it is written

> [!WARNING]
> **Next:** \`@alice\` edits the issue; it is decided again at once. It lapses at 2026-12-08 10:00 UTC.

- **\`Reason\`:** say why
- no`);
  });

  test("broken", () => {
    const place = { file: "policies/a.cedar", line: 3, column: 5 };
    const law = {
      commit,
      law: refused(problem("policy.parse", "unexpected token `{`; take it out", { place })),
    };
    expect(statusOf({ law })).toBe(`<!-- hallpass:status -->
### Access request #12: cannot be decided now

> [!WARNING]
> **Next:** an admin mends it. The request stays where it is and is decided again.

Nothing is granted while this stands:

- **\`policies/a.cedar:3:5\`:** unexpected token \`{\`; take it out`);
  });
});

test("what holds back credentials of open access does not say that it is undecided", () => {
  const problems = [problem("fact.unavailable", "AWS does not answer; try again")];
  const body = statusComment(facts({ ledger: active }), { state: "broken", problems });
  expect(body).toContain("### Access request #12: no credentials can be issued now");
});

/** A law whose one rule has these levels. */
const ruled = (...levels: readonly [Level, ...Level[]]): Partial<Facts> => ({
  law: { commit, law: accepted({ ...law, rules: [{ ...rule, levels }] }) },
});

describe("it says", () => {
  const from = { asked: accepted({ ...asked, from: at("12:00:00") }) };
  test.each<[what: string, given: Partial<Facts>, says: string]>([
    [
      "who approved, when it waits for the key",
      { pulls: [merged] },
      "- [x] **Level 2**, 2 of `@carol` or `@acme/security`: approved by `@carol`, `@erin`",
    ],
    ["when access starts", { ...auto, ...from }, `access opens at 2026-12-01 12:00 UTC, if by then ${key}.`],
    ["that the workflow is on its way", { ...auto, commands: [token()] }, "the workflow opens access"],
    [
      "that nobody by whom it is needed is asked by mistake",
      { pulls: [pull({ reviews: [review("frank")] })] },
      "`@frank` does not count: they are in no level of this request.",
    ],
    [
      "that bots do not count",
      { pulls: [pull({ reviews: [review("bob", "yes", { human: false })] })] },
      "only people count",
    ],
    [
      "that a review is of an older version",
      { pulls: [pull({ reviews: [review("bob", "yes", { onHead: false })] })] },
      "another version of the request; review again",
    ],
    [
      "that a review was dismissed",
      { pulls: [pull({ reviews: [review("bob", "yes", { dismissed: { by: "frank" } })] })] },
      "it was dismissed; review again",
    ],
    [
      "that whoever pushed does not count",
      {
        subject: issue({ kind: "pull" }),
        pulls: [pull({ number: 12, barred: ["bob"], reviews: [review("bob")] })],
      },
      "they wrote or pushed what is to be approved",
    ],
    [
      "that a place is taken",
      {
        pulls: [pull({ reviews: [review("bob"), review("erin"), review("carol", "yes"), review("frank")] })],
        memberships: new Map(
          [...facts().memberships].map(([team]) => [team, new Set(["bob", "erin", "frank"])]),
        ),
        nodes: accepted([node]),
      },
      "`@frank` approved too",
    ],
    [
      "which levels are out of reach, and who mends it",
      { pulls: [pull()], teamSizes: new Map() },
      "- **Level 1 is out of reach:** it needs 1, and at most 0 can approve. An admin mends `approvals.yaml` or the team.",
    ],
    [
      "to review this very pull request",
      { subject: issue({ kind: "pull" }), pulls: [pull({ number: 12 })] },
      "**Next:** 3 more people approve this pull request: somebody in `@acme/devops-leads`, and 2 of `@carol` or `@acme/security`.",
    ],
    [
      "that an admin is next where a level is out of reach",
      { pulls: [pull()], teamSizes: new Map() },
      "> **Next:** an admin mends what puts a level out of reach, below; the people named can review #13 already.",
    ],
    [
      "what was not used of a window that ended early",
      over({ ...endedGrant, ended: { ...endedGrant.ended, at: at("11:10:00"), how: "revoked" } }),
      "Not used :done, 2026-12-01T11:10:00Z, 3600s",
    ],
    [
      "who can finish it, where that is all who are named",
      { ...ruled(level(2, "bob", "carol")), pulls: [pull()] },
      "> **Next:** 2 more people approve #13: `@bob` and `@carol`. It lapses",
    ],
    [
      "no names where it is not known that people can finish it",
      {
        ...ruled(level(1, "bob"), level(3, security)),
        pulls: [pull({ reviews: [review("bob"), review("erin")] })],
      },
      "> **Next:** the people named below review #13. It lapses",
    ],
    [
      "in whose stead somebody has approved",
      {
        law: {
          commit,
          law: accepted({
            ...law,
            rules: [{ ...rule, levels: [level(1, "bob"), level(1, "frank")] }],
            delegations: [{ from: "bob", to: "carol", since: at("09:00:00"), until: at("20:00:00") }],
          }),
        },
        pulls: [pull({ reviews: [review("carol")] })],
      },
      "- [x] **Level 1**, 1 of `@bob`: approved by `@carol` for `@bob`",
    ],
    [
      "a few of many who can finish it",
      { ...ruled(level(1, "bob", "carol", "erin", "frank", "mallory", "dave", "olivia")), pulls: [pull()] },
      "`@mallory` or `@dave` or another of that level. It lapses",
    ],
    ["to edit the file", { subject: issue({ kind: "pull" }), pulls: [] }, "`@alice` edits the file"],
    [
      "nothing of editing where that does not help",
      { subject: issue({ authorHasAccess: false }) },
      "**Next:** what each line below says",
    ],
    [
      "that it is being revoked, and by whom",
      { ledger: active, commands: [command("revoke", "alice", { why: "done, thanks." })] },
      "**Next:** the workflow ends it early, for `alice`: done, thanks.",
    ],
    [
      "that a merged pull request is ended by a command",
      { ledger: active, subject: issue({ kind: "pull", open: false }) },
      "comment `/revoke`.",
    ],
    [
      "that a granted request ended early",
      over({ ...endedGrant, ended: { ...endedGrant.ended, at: at("11:00:00"), how: "revoked" } }),
      "to 2026-12-01 11:00 UTC",
    ],
    [
      "as much as was ever known",
      over(endedUngranted("lapsed")),
      "> **Next:** a new issue asks anew.\n\n**lapsed** at 2026-12-01 10:40 UTC by `bob`: because.",
    ],
    [
      "what was asked, though nobody knew the nodes",
      over({ ...endedUngranted("cancelled"), request: asked }),
      "because.\n\n**Asked for:**\n\n- **Access:** shell for 2h",
    ],
  ])("%s", (_, given, says) => {
    expect(statusOf(given)).toContain(says);
  });
});
