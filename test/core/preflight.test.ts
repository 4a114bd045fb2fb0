import { describe, expect, test } from "vitest";
import type { AccountId, NodeId, Region } from "../../core/ids.ts";
import type { Node } from "../../core/node.ts";
import {
  mendedByTheWorld,
  type PlaceReport,
  type PlaceToGrant,
  parseReport,
  parseReportPath,
  preflight,
  renderReport,
  reportPath,
} from "../../core/preflight.ts";
import { accepted, problem, refused } from "../../core/problem.ts";

const place = { account: "111122223333" as AccountId, region: "eu-central-1" as Region };
const path = "preflight/111122223333/eu-central-1.json";
const roles = {
  access: "arn:aws:iam::111122223333:role/HallpassAccess",
  revoke: "arn:aws:iam::111122223333:role/HallpassRevoke",
};
const well: PlaceReport = {
  roles: { access: "reachable", revoke: "reachable" },
  documents: { "Hallpass-Shell-60": "active", "Hallpass-EndAccess": "active" },
};
const node = (agent: Node["agent"], name?: string): Node => ({
  ...place,
  type: "AWS::EC2::Instance",
  id: "i-0a1b2c3d4e5f67890" as NodeId,
  agent,
  tags: {},
  ...(name === undefined ? {} : { name }),
});

function toGrant(change: Partial<PlaceToGrant> = {}, policy = accepted("{}")): PlaceToGrant {
  const documents = ["Hallpass-Shell-60", "Hallpass-EndAccess"];
  return {
    ...place,
    nodes: [node("online")],
    configured: { roles, documents, policy },
    report: well,
    ...change,
  };
}
const found = (change: Partial<PlaceToGrant>) =>
  preflight([toGrant(change)], "live").map(({ code, message }) => `${code} ${message}`);

describe("looking ahead", () => {
  test("finds nothing where a grant would work, nor before anybody has looked", () => {
    expect(preflight([toGrant()], "inventory")).toEqual([]);
    const { report: _, ...unseen } = toGrant();
    expect(preflight([unseen], "inventory")).toEqual([]);
  });

  test.each([
    ["offline", undefined, "does not answer"],
    ["offline", "web-1", "(`web-1`) in 111122223333/eu-central-1 does not answer"],
    ["unknown", undefined, "has never registered"],
  ] as const)("an agent that is %s (%s)", (agent, name, words) => {
    const [problem, ...others] = found({ nodes: [node("online"), node(agent, name)] });
    expect(others).toEqual([]);
    expect(problem).toMatch(/^node\.agent-offline /);
    expect(problem).toContain(words);
  });

  test.each([
    ["access", "not-trusted", roles.access, "aws/account.yaml"],
    ["revoke", "not-trusted", roles.revoke, "trust policy"],
    ["access", "region-disabled", roles.access, "enables it"],
    ["revoke", "refused", roles.revoke, "aws/account.yaml"],
  ] as const)("the %s role when it is %s", (kind, state, arn, next) => {
    const [problem, ...others] = found({ report: { ...well, roles: { ...well.roles, [kind]: state } } });
    expect(others).toEqual([]);
    expect(problem).toMatch(/^grant\.refused /);
    expect(problem).toContain(arn);
    expect(problem).toContain(next);
  });

  test.each([
    ["Hallpass-Shell-60", "missing", "there is no document `Hallpass-Shell-60`"],
    ["Hallpass-EndAccess", "inactive", "document `Hallpass-EndAccess` is not active"],
  ] as const)("document %s when it is %s", (name, state, words) => {
    const [problem, ...others] = found({
      report: { ...well, documents: { ...well.documents, [name]: state } },
    });
    expect(others).toEqual([]);
    expect(problem).toContain(words);
    expect(problem).toContain("aws/region.yaml");
  });

  test("a document that nobody has looked for is no problem, and one that is not asked for neither", () => {
    expect(found({ report: { ...well, documents: { "Hallpass-SSH-60": "missing" } } })).toEqual([]);
  });

  test("an account or Region that the config has dropped", () => {
    const { configured: _, ...dropped } = toGrant({ nodes: [node("offline")] });
    expect(preflight([dropped], "live")).toMatchObject([{ code: "grant.refused", field: "Nodes" }]);
  });

  test("a session policy that does not fit", () => {
    const unfit = refused(problem("grant.policy-too-large", "ask for fewer"));
    expect(preflight([toGrant({}, unfit)], "live")).toMatchObject([{ code: "grant.policy-too-large" }]);
  });

  test("tells everything at once, of every place, and says when it was seen", () => {
    const bad = toGrant({
      nodes: [node("offline")],
      report: {
        roles: { access: "refused", revoke: "refused" },
        documents: { "Hallpass-Shell-60": "missing" },
      },
    });
    const problems = preflight([bad, bad], "inventory");
    expect(problems).toHaveLength(8);
    for (const { message } of problems) expect(message).toContain("the last `inventory` run");
  });

  test("the author mends a policy that is too large, the world the others", () => {
    const codes = [
      "node.agent-offline",
      "grant.refused",
      "grant.policy-too-large",
      "request.node-unknown",
    ] as const;
    expect(codes.map((code) => mendedByTheWorld(problem(code, "x")))).toEqual([true, true, false, false]);
  });
});

describe("the file of a place", () => {
  test("lies beside the nodes, and is called after its place", () => {
    expect(reportPath(place)).toBe(path);
    expect(parseReportPath(path)).toEqual(place);
  });

  test.each([
    "111122223333/eu-central-1.json",
    "preflight/eu-central-1.json",
    "preflight/111122223333/eu-central-1.yaml",
    "preflight/111122223333/a/eu-central-1.json",
    "preflight/11112222333/eu-central-1.json",
    "preflight/111122223333/README.json",
  ])("%s is none", (other) => {
    expect(parseReportPath(other)).toBeUndefined();
  });

  test("comes back as it was written, and is the same bytes in any order", () => {
    expect(parseReport(renderReport(well), path)).toEqual(accepted(well));
    const { roles: both, documents } = well;
    const turned = {
      documents: Object.fromEntries(Object.entries(documents).reverse()),
      roles: { revoke: both.revoke, access: both.access },
    };
    expect(renderReport(turned)).toBe(renderReport(well));
    expect(renderReport(well)).toBe(
      '{\n "roles": {\n  "access": "reachable",\n  "revoke": "reachable"\n },\n "documents": {\n  "Hallpass-EndAccess": "active",\n  "Hallpass-Shell-60": "active"\n }\n}\n',
    );
  });

  test.each([
    "{",
    "[]",
    "null",
    '{"roles": {"access": "reachable"}, "documents": {}}',
    '{"roles": {"access": "reachable", "revoke": "no"}, "documents": {}}',
    '{"roles": {"access": "reachable", "revoke": "reachable"}, "documents": {"a b c": "active"}}',
    '{"roles": {"access": "reachable", "revoke": "reachable"}, "documents": {"abc": "there"}}',
    '{"roles": {"access": "reachable", "revoke": "reachable"}, "documents": {}, "more": 1}',
  ])("%s is refused, with its place", (content) => {
    expect(parseReport(content, path)).toMatchObject({
      ok: false,
      problems: [{ code: "inventory.malformed", place: { file: path } }],
    });
  });
});
