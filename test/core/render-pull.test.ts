import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "../../core/decide.ts";
import { accepted } from "../../core/problem.ts";
import { type Proposed, pullBody, pullTitle } from "../../core/render-pull.ts";
import { requestLines } from "../../core/render-request.ts";
import { hostile } from "./any-facts.ts";
import { expectInertPage } from "./inert-page.ts";
import { asked, at, facts, node, otherNode } from "./some-facts.ts";

function pending(given = facts()): Proposed {
  const verdict = decide(given);
  if (verdict.state !== "pending") throw new Error(`it is ${verdict.state}`);
  return { ...verdict, levels: verdict.outcome.levels };
}

describe("the pull request says what is approved and who has to", () => {
  test("in a title", () => expect(pullTitle(facts())).toBe("Access request #12 by alice"));
  test("and in a body, whose only mentions are of the approvers", () => {
    expect(pullBody(facts(), pending(), "while it waits")).toBe(
      `Access request #12 of \`@alice\`. What you approve is the one file in this pull request; it never changes.

- **Node:** \`r2d2-app-01\` \`111122223333/eu-central-1/i-0123456789abcdef0\`
- **Access:** shell for 2h
- **Reason:** INC-1234 checkout is down

**Who has to approve**, each person for one level only:

1. 1 of @acme/devops-leads
2. 2 of @carol, @acme/security

Review it as you review code: *Approve*, or *Request changes* to reject. Hallpass merges it when every level is filled.`,
    );
  });
  test("and after a broken glass that it is reviewed all the same", () => {
    expect(pullBody(facts(), pending(), "afterwards")).toContain("It is not merged.");
    expect(pullBody(facts(), pending(), "afterwards")).toContain("@acme/devops-leads");
  });
  test("lets nothing out of what was asked", () => {
    fc.assert(
      fc.property(hostile, hostile, (reason, name) => {
        const given = facts({
          asked: accepted({ ...asked, reason, ticket: name }),
          nodes: accepted([{ ...node, name }]),
        });
        const [page = ""] = pullBody(given, pending(given), "while it waits").split("**Who has to approve**");
        expectInertPage(page);
      }),
    );
  });
});

describe("a request is a list that a phone can show", () => {
  test("with what was asked for", () => {
    const request = {
      ...asked,
      access: "port-forward" as const,
      forward: "postgres",
      ticket: "INC-1234",
      from: at("12:00:00"),
    };
    expect(requestLines(request, [node, { ...otherNode, name: undefined } as never])).toEqual([
      "- **Nodes:** 2",
      "  - `r2d2-app-01` `111122223333/eu-central-1/i-0123456789abcdef0`",
      "  - `111122223333/eu-central-1/i-0123456789abcdef1`",
      "- **Access:** port-forward to `postgres` for 2h",
      "- **From:** 2026-12-01 12:00 UTC",
      "- **Reason:** INC-1234 checkout is down",
      "- **Ticket:** `INC-1234`",
    ]);
  });
  test("that ends", () => {
    const lines = requestLines(
      asked,
      Array.from({ length: 30 }, () => node),
    );
    expect(lines).toHaveLength(1 + 25 + 1 + 2);
    expect(lines).toContain("  - and 5 more");
  });
  test("without nodes where nobody ever knew them", () => {
    expect(requestLines(asked, [])).toEqual([
      "- **Access:** shell for 2h",
      "- **Reason:** INC-1234 checkout is down",
    ]);
  });
});
