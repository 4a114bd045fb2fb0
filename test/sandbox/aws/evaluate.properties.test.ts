import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate } from "../../../sandbox/aws/iam/evaluate.ts";
import { parsePolicy } from "../../../sandbox/aws/iam/policy-document.ts";
import { requestContext } from "../../../sandbox/aws/iam/wildcards.ts";
import { policy } from "./fixture.ts";

const node = "arn:aws:ec2:us-east-1:111122223333:instance/i-1";
const oneOrMore = (values: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });

const condition = fc.oneof(
  fc.record({ StringLike: fc.record({ "ssm:resourceTag/Env": oneOrMore(["d*", "prod", "*"]) }) }),
  fc.record({ StringNotEqualsIfExists: fc.record({ "ssm:resourceTag/Env": oneOrMore(["dev", "prod"]) }) }),
  fc.record({
    DateLessThan: fc.record({
      "aws:CurrentTime": fc.constantFrom("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    }),
  }),
  fc.record({
    BoolIfExists: fc.record({ "ssm:SessionDocumentAccessCheck": fc.constantFrom("true", "false") }),
  }),
);

const statement = (effect: fc.Arbitrary<string>) =>
  fc.record(
    {
      Effect: effect,
      Action: oneOrMore(["*", "ssm:*", "ssm:StartSession", "ssm:Terminate*", "ec2:*"]),
      Resource: oneOrMore(["*", node, "arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:*:*:instance/i-2"]),
      Condition: condition,
    },
    { requiredKeys: ["Effect", "Action", "Resource"] },
  );

const either = statement(fc.constantFrom("Allow", "Deny"));
const policies = fc
  .array(either, { minLength: 1, maxLength: 4 })
  .map((statements) => parsePolicy(policy(...statements)));

const request = fc
  .record(
    {
      "ssm:resourceTag/Env": fc.constantFrom("dev", "prod"),
      "ssm:SessionDocumentAccessCheck": fc.constantFrom("true", "false"),
      "aws:CurrentTime": fc.constant("2026-06-01T00:00:00Z"),
    },
    { requiredKeys: ["aws:CurrentTime"] },
  )
  .map((context) => ({ action: "ssm:StartSession", resource: node, context: requestContext(context) }));

describe("for all policies and requests", () => {
  it("a session policy and a boundary only ever take away", () => {
    fc.assert(
      fc.property(request, policies, policies, policies, (asked, identity, session, boundary) => {
        const narrowed = evaluate(asked, { identity: [identity], session: [session], boundary: [boundary] });
        const each = [identity, session, boundary].map(
          (one) => evaluate(asked, { identity: [one] }).decision,
        );
        expect(narrowed.decision === "allow").toBe(each.every((decision) => decision === "allow"));
        expect(narrowed.decision === "explicit-deny").toBe(each.includes("explicit-deny"));
      }),
    );
  });

  it("one more deny never allows more, one more allow never denies more", () => {
    fc.assert(
      fc.property(
        request,
        policies,
        statement(fc.constant("Deny")),
        statement(fc.constant("Allow")),
        (asked, before, deny, allow) => {
          const decide = (...extra: object[]) =>
            evaluate(asked, { identity: [before, ...extra.map((one) => parsePolicy(policy(one)))] }).decision;
          if (decide(deny) === "allow") expect(decide()).toBe("allow");
          expect(decide(allow) === "explicit-deny").toBe(decide() === "explicit-deny");
          if (decide() === "allow") expect(decide(allow)).toBe("allow");
        },
      ),
    );
  });
});
