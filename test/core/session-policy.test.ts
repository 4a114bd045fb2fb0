import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AccountId, Instant, Region } from "../../core/ids.ts";
import { accessModes } from "../../core/request.ts";
import {
  documentStem,
  longestSessionPolicy,
  maxNodesPerGrant,
  type SessionPolicyInput,
  sessionPolicy,
} from "../../core/session-policy.ts";
import { codesOf, problemsOf, valueIn } from "./parsed.ts";
import { nodeIds } from "./requests.ts";

const account = "111122223333" as AccountId;
const region = "eu-central-1" as Region;
const node = (id: string) => ({ account, region, id: id as never });
const input: SessionPolicyInput = {
  mode: "shell",
  nodes: [node("i-0123456789abcdef0"), node("mi-0123456789abcdef0")],
  partition: "aws",
  account,
  region,
  session: "hp.5.12",
  until: Date.parse("2026-12-01T22:00:00.900Z") as Instant,
  document: "Hallpass-Shell",
};

describe("the session policy", () => {
  test("is for these nodes, this document, until this instant, and this owner's sessions", () => {
    const text = valueIn(sessionPolicy(input));
    const DateLessThan = { "aws:CurrentTime": "2026-12-01T22:00:00Z" };
    expect(JSON.parse(text)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "ssm:StartSession",
          Resource: [
            "arn:aws:ssm:eu-central-1:111122223333:document/Hallpass-Shell",
            "arn:aws:ec2:eu-central-1:111122223333:instance/i-0123456789abcdef0",
            "arn:aws:ssm:eu-central-1:111122223333:managed-instance/mi-0123456789abcdef0",
          ],
          Condition: { DateLessThan, BoolIfExists: { "ssm:SessionDocumentAccessCheck": "true" } },
        },
        {
          Effect: "Allow",
          Action: ["ssm:TerminateSession", "ssm:ResumeSession", "ssmmessages:OpenDataChannel"],
          Resource: "arn:aws:ssm:eu-central-1:111122223333:session/hp.5.12-*",
          Condition: { DateLessThan },
        },
      ],
    });
    expect(text).not.toMatch(/\s/);
  });

  test.each([
    ["shell", undefined, "Hallpass-Shell"],
    ["ssh", undefined, "Hallpass-SSH"],
    ["rdp", undefined, "Hallpass-RDP"],
    ["port-forward", "postgres", "Hallpass-Forward-postgres"],
  ] as const)("%s %s starts %s", (mode, forward, document) => {
    expect(documentStem(mode, forward)).toBe(document);
    const fields = {
      ...input,
      mode,
      document: `${document}-4h`,
      ...(forward === undefined ? {} : { forward }),
    };
    expect(valueIn(sessionPolicy(fields))).toContain(`:document/${document}-4h"`);
  });

  test.each<[string, Partial<SessionPolicyInput>]>([
    ["no node", { nodes: [] }],
    ["a wildcard for a node", { nodes: [node("*")] }],
    [
      "a node of another account",
      { nodes: [{ ...node("i-0123456789abcdef0"), account: "444455556666" as AccountId }] },
    ],
    [
      "a node of another Region",
      { nodes: [{ ...node("i-0123456789abcdef0"), region: "us-east-1" as Region }] },
    ],
    ["a session name that is none", { session: "*" }],
    ["a partition that is none", { partition: "*" }],
    ["AWS's own document", { document: "AWS-StartPortForwardingSession" }],
    ["all documents", { document: "*" }],
    ["all of our documents", { document: "Hallpass-Shell-*" }],
    ["another mode's document", { document: "Hallpass-SSH" }],
    ["another forward's document", { mode: "port-forward", forward: "web", document: "Hallpass-Forward-db" }],
    ["a forward without its name", { mode: "port-forward", document: "Hallpass-Forward-db" }],
  ])("refuses %s", (_, fields) => {
    expect(codesOf(sessionPolicy({ ...input, ...fields }))).toEqual(["grant.refused"]);
  });

  const many = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, i) => node(`${prefix}${(i + 1).toString(16).padStart(17, "0")}`));

  test.each([
    ["i-", "AWS::EC2::Instance"],
    ["mi-", "AWS::SSM::ManagedInstance"],
  ] as const)("says how many %s nodes fit, and refuses the next", (prefix, type) => {
    const fit = maxNodesPerGrant(input, type);
    expect(fit).toBeGreaterThanOrEqual(15);
    expect(sessionPolicy({ ...input, nodes: many(fit, prefix) }).ok).toBe(true);
    const over = sessionPolicy({ ...input, nodes: many(fit + 1, prefix) });
    expect(codesOf(over)).toEqual(["grant.policy-too-large"]);
    expect(problemsOf(over)[0]?.message).toContain(`${maxNodesPerGrant(input)} do`);
  });

  test("without a kind it counts with the longer one", () => {
    expect(maxNodesPerGrant(input)).toBe(maxNodesPerGrant(input, "AWS::SSM::ManagedInstance"));
    expect(maxNodesPerGrant(input)).toBeLessThan(maxNodesPerGrant(input, "AWS::EC2::Instance"));
  });

  test("is always JSON that fits, and never reaches beyond what was asked", () => {
    const inputs = fc.record({
      mode: fc.constantFrom(...accessModes),
      nodes: fc.array(nodeIds.map(node), { minLength: 1, maxLength: 30 }),
      partition: fc.constantFrom("aws", "aws-cn", "aws-us-gov"),
      session: fc.tuple(fc.integer({ min: 1 }), fc.integer({ min: 1 })).map(([a, b]) => `hp.${a}.${b}`),
      until: fc.integer({ min: 0, max: 4e12 }).map((at) => at as Instant),
    });
    fc.assert(
      fc.property(inputs, (fields) => {
        const document = documentStem(fields.mode, "db");
        const answer = sessionPolicy({ ...input, forward: "db", ...fields, document });
        if (!answer.ok) return expect(codesOf(answer)).toEqual(["grant.policy-too-large"]);
        expect(answer.value.length).toBeLessThanOrEqual(longestSessionPolicy);
        const { Statement } = JSON.parse(answer.value) as {
          Statement: { Resource: string | string[]; Condition: { DateLessThan: object } }[];
        };
        expect(Statement.every(({ Condition }) => "aws:CurrentTime" in Condition.DateLessThan)).toBe(true);
        const resources = Statement.flatMap(({ Resource }) => Resource);
        expect(resources.filter((each) => each.includes("*"))).toEqual([
          `arn:${fields.partition}:ssm:${region}:${account}:session/${fields.session}-*`,
        ]);
        expect(resources.filter((each) => each.includes(":document/"))).toHaveLength(1);
        expect(answer.value).not.toContain("?");
      }),
    );
  });

  test("hostile ids never make a policy", () => {
    const id = fc.oneof(
      fc.string(),
      fc.constantFrom("*", "i-*", "i-0123456789abcdef0*", '"', "i-0123456789abcdef0\n"),
    );
    fc.assert(
      fc.property(id, (text) => {
        fc.pre(!/^(i-([0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17})$/.test(text));
        expect(sessionPolicy({ ...input, nodes: [node(text)] }).ok).toBe(false);
      }),
    );
  });
});
