// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are policy variables
import { describe, expect, it } from "vitest";
import { type Evaluation, evaluate } from "../../../sandbox/aws/iam/evaluate.ts";
import { parsePolicy } from "../../../sandbox/aws/iam/policy-document.ts";
import { requestContext } from "../../../sandbox/aws/iam/wildcards.ts";
import { allow, deny, policy } from "./fixture.ts";

const node = "arn:aws:ec2:us-east-1:111122223333:instance/i-1";

interface Question {
  readonly action?: string;
  readonly resource?: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

function ask(
  policies: { identity?: object[]; boundary?: object[]; session?: object[] },
  question: Question = {},
): Evaluation {
  const read = (statements: object[] | undefined) =>
    statements === undefined ? undefined : [parsePolicy(policy(...statements))];
  return evaluate(
    {
      action: question.action ?? "ssm:StartSession",
      resource: question.resource ?? node,
      context: requestContext(question.context ?? {}),
    },
    {
      identity: read(policies.identity) ?? [],
      boundary: read(policies.boundary),
      session: read(policies.session),
    },
  );
}

/** Whether one condition, on an otherwise allowing statement, holds. */
function holds(condition: object, context: Question["context"] = {}): boolean {
  return ask({ identity: [allow("*", "*", condition)] }, { context }).decision === "allow";
}

describe("policies together", () => {
  it("nothing is allowed that no policy allows", () => {
    expect(ask({}).decision).toBe("implicit-deny");
  });

  it("each kind of policy that is there must allow", () => {
    const yes = [allow("ssm:*")];
    const no = [allow("ec2:*")];
    expect(ask({ identity: yes, boundary: yes, session: yes }).decision).toBe("allow");
    expect(ask({ identity: no, boundary: yes, session: yes }).decision).toBe("implicit-deny");
    expect(ask({ identity: yes, boundary: no, session: yes }).decision).toBe("implicit-deny");
    expect(ask({ identity: yes, boundary: yes, session: no }).because).toContain("session policy");
  });

  it("an explicit deny in any of them wins", () => {
    const yes = [allow("*")];
    const no = [allow("*"), deny("ssm:StartSession")];
    for (const policies of [
      { identity: no },
      { identity: yes, boundary: no },
      { identity: yes, session: no },
    ]) {
      expect(ask(policies).decision).toBe("explicit-deny");
    }
  });
});

describe("actions and resources", () => {
  it.each([
    ["ssm:StartSession", true],
    ["SSM:startsession", true],
    ["ssm:Start*", true],
    ["ssm:StartSessio?", true],
    ["ssm:Start", false],
    ["*", true],
    ["ec2:*", false],
  ])("action %s", (action, expected) => {
    expect(ask({ identity: [allow(action)] }).decision === "allow").toBe(expected);
  });

  it.each([
    [node, true],
    ["arn:aws:ec2:us-east-1:111122223333:instance/*", true],
    ["arn:aws:ec2:*:*:instance/i-?", true],
    ["arn:aws:ec2:us-east-1:111122223333:INSTANCE/i-1", false],
    ["arn:aws:ec2:us-east-1:111122223333:instance/i-", false],
    ["arn:aws:ec2:*", true],
  ])("resource %s", (resource, expected) => {
    expect(ask({ identity: [allow("*", resource)] }).decision === "allow").toBe(expected);
  });

  it("NotAction and NotResource are everything else", () => {
    const but = (extra: object) => ask({ identity: [{ Effect: "Allow", ...extra }] }).decision;
    expect(but({ NotAction: "iam:*", Resource: "*" })).toBe("allow");
    expect(but({ NotAction: "ssm:*", Resource: "*" })).toBe("implicit-deny");
    expect(but({ Action: "*", NotResource: node })).toBe("implicit-deny");
    expect(but({ Action: "*", NotResource: "arn:aws:ec2:us-east-1:111122223333:instance/i-2" })).toBe(
      "allow",
    );
  });

  it("variables are filled in as literal text, and without a value match nothing", () => {
    const session = "arn:aws:ssm:us-east-1:111122223333:session/${aws:userid}-*";
    const at = (userid: string | undefined, resource: string) =>
      ask(
        { identity: [allow("*", session)] },
        { resource, context: userid === undefined ? {} : { "aws:userid": userid } },
      ).decision;
    expect(at("AROA1:x", "arn:aws:ssm:us-east-1:111122223333:session/AROA1:x-0f")).toBe("allow");
    expect(at("AROA1:x", "arn:aws:ssm:us-east-1:111122223333:session/AROA1:y-0f")).toBe("implicit-deny");
    expect(at("*", "arn:aws:ssm:us-east-1:111122223333:session/AROA1:x-0f")).toBe("implicit-deny");
    expect(at(undefined, "arn:aws:ssm:us-east-1:111122223333:session/-0f")).toBe("implicit-deny");
  });

  it("a policy of the old version has no variables", () => {
    const old = parsePolicy({
      Version: "2008-10-17",
      Statement: [allow("*", "*", { StringEquals: { "aws:userid": "${aws:userid}" } })],
    });
    const context = requestContext({ "aws:userid": "AROA1:x" });
    expect(evaluate({ action: "ssm:X", resource: node, context }, { identity: [old] }).decision).toBe(
      "implicit-deny",
    );
  });
});

describe("conditions", () => {
  it.each([
    ["StringEquals", "a", "a", true],
    ["StringEquals", "a*", "ab", false],
    ["StringEquals", "A", "a", false],
    ["StringNotEquals", "a", "b", true],
    ["StringEqualsIgnoreCase", "A", "a", true],
    ["StringNotEqualsIgnoreCase", "A", "a", false],
    ["StringLike", "a*c?", "abbbcd", true],
    ["StringLike", "a*", "ba", false],
    ["StringNotLike", "a*", "ab", false],
    ["NumericEquals", "10", "10.0", true],
    ["NumericLessThan", "10", "9", true],
    ["NumericGreaterThanEquals", "10", "10", true],
    ["NumericNotEquals", "10", "11", true],
    ["DateLessThan", "2026-03-02T10:00:00Z", "2026-03-02T09:59:59.999Z", true],
    ["DateLessThan", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z", false],
    ["DateLessThanEquals", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z", true],
    ["DateGreaterThan", "1772445600", "2026-03-02T10:00:01Z", true],
    ["DateGreaterThan", "2026-03-02T12:00:00+02:00", "2026-03-02T10:00:01Z", true],
    ["DateLessThan", "not a date", "2026-03-02T10:00:00Z", false],
    ["DateLessThan", "${aws:CurrentTime}", "2026-03-02T10:00:00Z", false],
    ["Bool", "true", "true", true],
    ["Bool", "true", "false", false],
    ["ArnLike", "arn:aws:iam::*:role/x*", "arn:aws:iam::1:role/xy", true],
    ["ArnLike", "arn:aws:*:role/x", "arn:aws:iam::1:role/x", false],
    ["ArnEquals", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/a/b", true],
    ["ArnNotLike", "arn:aws:iam::1:role/*", "arn:aws:iam::2:role/a", true],
  ])("%s %j against %j", (operator, wanted, given, expected) => {
    expect(holds({ [operator]: { "aws:Key": wanted } }, { "aws:key": given })).toBe(expected);
  });

  it.each([
    ["StringEquals", false],
    ["StringNotEquals", true],
    ["StringEqualsIfExists", true],
    ["BoolIfExists", true],
    ["DateLessThan", false],
    ["ArnNotLike", true],
    ["ForAllValues:StringEquals", true],
    ["ForAnyValue:StringEquals", false],
  ])("%s on a key that the request lacks", (operator, expected) => {
    expect(holds({ [operator]: { "aws:Key": "true" } })).toBe(expected);
  });

  it("Null asks whether the key is absent", () => {
    expect(holds({ Null: { "aws:Key": "true" } })).toBe(true);
    expect(holds({ Null: { "aws:Key": "false" } }, { "aws:Key": "x" })).toBe(true);
    expect(holds({ Null: { "aws:Key": "true" } }, { "aws:Key": "x" })).toBe(false);
  });

  it("several values are an or, for negated operators a nor; several keys are an and", () => {
    expect(holds({ StringEquals: { "aws:Key": ["a", "b"] } }, { "aws:Key": "b" })).toBe(true);
    expect(holds({ StringNotEquals: { "aws:Key": ["a", "b"] } }, { "aws:Key": "b" })).toBe(false);
    expect(holds({ StringEquals: { "aws:A": "1", "aws:B": "2" } }, { "aws:A": "1", "aws:B": "3" })).toBe(
      false,
    );
  });

  it("ForAnyValue wants one of the request's values, ForAllValues every one", () => {
    const keys = { "aws:TagKeys": ["a", "b"] };
    expect(holds({ "ForAnyValue:StringEquals": { "aws:TagKeys": ["a"] } }, keys)).toBe(true);
    expect(holds({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a"] } }, keys)).toBe(false);
    expect(holds({ "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b", "c"] } }, keys)).toBe(true);
    expect(holds({ "ForAnyValue:StringNotEquals": { "aws:TagKeys": ["a"] } }, keys)).toBe(true);
  });

  it("variables work in conditions on text and keep their asterisks literal", () => {
    const condition = { StringLike: { "ssm:resourceTag/owner": "${aws:userid}*" } };
    expect(holds(condition, { "aws:userid": "AROA1:x", "ssm:resourceTag/owner": "AROA1:x" })).toBe(true);
    expect(holds(condition, { "aws:userid": "AROA1:x", "ssm:resourceTag/owner": "AROA1:y" })).toBe(false);
    expect(holds({ StringEquals: { "aws:Key": "${aws:none, 'x'}" } }, { "aws:Key": "x" })).toBe(true);
  });
});
