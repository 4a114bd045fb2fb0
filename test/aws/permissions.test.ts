import { describe, expect, it } from "vitest";
import { type CallName, calls } from "../../aws/calls.ts";
import { evaluate } from "../../sandbox/aws/iam/evaluate.ts";
import { policiesOf, roleSession } from "../../sandbox/aws/iam/principal.ts";
import { requestContext } from "../../sandbox/aws/iam/wildcards.ts";
import { account, createSetting } from "./setting.ts";

const setting = createSetting();
const id = account.id;
const world = setting.twin.account(id);
const boundary = `arn:aws:iam::${id}:policy/HallpassBoundary`;

const arns = {
  schedule: `arn:aws:scheduler:eu-central-1:${id}:schedule/hallpass/hp.7001.12`,
  theirSchedule: `arn:aws:scheduler:eu-central-1:${id}:schedule/hallpass/hp.7002.12`,
  otherGroup: `arn:aws:scheduler:eu-central-1:${id}:schedule/default/hp.7001.12`,
  session: `arn:aws:ssm:eu-central-1:${id}:session/hp.7001.12-0a1b2c3d4e5f67890`,
  theirSession: `arn:aws:ssm:eu-central-1:${id}:session/hp.7002.12-0a1b2c3d4e5f67890`,
  likeSession: `arn:aws:ssm:eu-central-1:${id}:session/hp.70011.2-0a1b2c3d4e5f67890`,
  personSession: `arn:aws:ssm:eu-central-1:${id}:session/alice-0a1b2c3d4e5f67890`,
  node: `arn:aws:ec2:eu-central-1:${id}:instance/i-0a1b2c3d4e5f67890`,
  theirNode: "arn:aws:ec2:eu-central-1:999999999999:instance/i-0a1b2c3d4e5f67890",
  managed: `arn:aws:ssm:eu-central-1:${id}:managed-instance/mi-0a1b2c3d4e5f67890`,
  shell: `arn:aws:ssm:eu-central-1:${id}:document/Hallpass-Shell-60`,
  forward: `arn:aws:ssm:eu-central-1:${id}:document/Hallpass-Forward-postgres-60`,
  preferences: `arn:aws:ssm:eu-central-1:${id}:document/SSM-SessionManagerRunShell`,
  openEnded: "arn:aws:ssm:eu-central-1::document/AWS-StartPortForwardingSession",
  runbook: `arn:aws:ssm:eu-central-1:${id}:document/Hallpass-EndAccess`,
  execution: `arn:aws:ssm:eu-central-1:${id}:automation-execution/x`,
  definition: `arn:aws:ssm:eu-central-1:${id}:automation-definition/Hallpass-EndAccess:$DEFAULT`,
  otherRunbook: "arn:aws:ssm:eu-central-1::document/AWS-RunShellScript",
  bus: `arn:aws:events:eu-central-1:${id}:event-bus/default`,
  role: (name: string) => `arn:aws:iam::${id}:role/${name}`,
};

type Keys = Readonly<Record<string, string>>;

function may(role: string, action: string, resource: string, keys: Keys = {}): boolean {
  const found = world.roles.get(role);
  if (found === undefined) throw new Error(`no role ${role}`);
  const now = setting.clock.now();
  const principal = roleSession(found, "hp.7001.12", { issuedAt: now, expiresAt: now + 900_000 });
  const context = requestContext({ "aws:CurrentTime": new Date(now).toISOString(), ...keys });
  return evaluate({ action, resource, context }, policiesOf(principal, world, now)).decision === "allow";
}

const check: Keys = { "ssm:SessionDocumentAccessCheck": "true" };
const noCheck: Keys = { "ssm:SessionDocumentAccessCheck": "false" };
const bounded: Keys = { "iam:PermissionsBoundary": boundary };
const toScheduler: Keys = { "iam:PassedToService": "scheduler.amazonaws.com" };
const toSsm: Keys = { "iam:PassedToService": "ssm.amazonaws.com" };

/** The resource that each call of ours is about. */
const ownUse: Record<CallName, { readonly resource: string; readonly keys?: Keys }> = {
  "ec2:DescribeInstances": { resource: "*" },
  "ssm:DescribeDocument": { resource: arns.shell },
  "ssm:DescribeInstanceInformation": { resource: "*" },
  "ssm:ListTagsForResource": { resource: arns.managed },
  "tag:GetResources": { resource: "*" },
  "ssm:DescribeSessions": { resource: "*" },
  "ssm:TerminateSession": { resource: arns.session },
  "scheduler:CreateSchedule": { resource: arns.schedule },
  "scheduler:DeleteSchedule": { resource: arns.schedule },
  "scheduler:GetSchedule": { resource: arns.schedule },
  "iam:DeleteRolePolicy": { resource: arns.role("HallpassAccess"), keys: bounded },
  "iam:GetRolePolicy": { resource: arns.role("HallpassAccess") },
  "iam:PutRolePolicy": { resource: arns.role("HallpassAccess"), keys: bounded },
  "events:PutEvents": { resource: arns.bus, keys: { "events:source": "hallpass" } },
};

const roleOf = { inventory: "HallpassInventory", revoke: "HallpassRevoke" } as const;
const callNames = Object.keys(calls) as CallName[];

/** Actions that a role's own policies allow. */
function allowedActions(role: string): readonly string[] {
  const found = world.roles.get(role);
  if (found === undefined) throw new Error(`no role ${role}`);
  const now = setting.clock.now();
  const principal = roleSession(found, "hallpass", { issuedAt: now, expiresAt: now });
  const actions = policiesOf(principal, world, now).identity.flatMap(({ statements }) =>
    statements
      .filter(({ effect }) => effect === "Allow")
      .flatMap((statement) => [...statement.actions.values]),
  );
  return [...new Set(actions)].sort();
}

describe("permissions of the templates", () => {
  it.each(callNames)("%s is allowed to the role that makes it", (call) => {
    const { resource, keys } = ownUse[call];
    expect(may(roleOf[calls[call].role], call, resource, keys)).toBe(true);
  });

  it.each(callNames)("%s is allowed to no other role of the Action", (call) => {
    const { resource, keys } = ownUse[call];
    const others = Object.values(roleOf).filter((role) => role !== roleOf[calls[call].role]);
    for (const role of others) expect(may(role, call, resource, keys)).toBe(false);
  });

  it.each(["inventory", "revoke"] as const)("the %s role may do nothing that nothing does", (kind) => {
    const made = callNames.filter((call) => calls[call].role === kind);
    const passed = made.flatMap((call) => ("passes" in calls[call] ? ["iam:PassRole"] : []));
    expect(allowedActions(roleOf[kind])).toEqual([...new Set([...made, ...passed])].sort());
  });

  it("AWS's own two roles may do what the schedule and the runbook do, and no more", () => {
    expect(allowedActions("HallpassScheduler")).toEqual(["iam:PassRole", "ssm:StartAutomationExecution"]);
    expect(allowedActions("HallpassEndAccess")).toEqual(["ssm:DescribeSessions", "ssm:TerminateSession"]);
  });

  it("no policy of ours uses a wildcard in an action", () => {
    for (const role of world.roles.keys())
      for (const action of allowedActions(role)) expect(action).not.toMatch(/[*?]/);
  });

  const table: readonly (readonly [boolean, string, string, string, Keys?])[] = [
    // the access role: sessions on nodes of this account by our documents
    [true, "HallpassAccess", "ssm:StartSession", arns.node, check],
    [true, "HallpassAccess", "ssm:StartSession", arns.managed, check],
    [true, "HallpassAccess", "ssm:StartSession", arns.shell, check],
    [true, "HallpassAccess", "ssm:StartSession", arns.forward, check],
    [false, "HallpassAccess", "ssm:StartSession", arns.node, noCheck],
    [false, "HallpassAccess", "ssm:StartSession", arns.preferences, check],
    [false, "HallpassAccess", "ssm:StartSession", arns.openEnded, check],
    [false, "HallpassAccess", "ssm:StartSession", arns.runbook, check],
    [false, "HallpassAccess", "ssm:StartSession", arns.theirNode, check],
    [true, "HallpassAccess", "ssm:TerminateSession", arns.session],
    [true, "HallpassAccess", "ssm:ResumeSession", arns.session],
    [true, "HallpassAccess", "ssmmessages:OpenDataChannel", arns.session],
    [false, "HallpassAccess", "ssm:TerminateSession", arns.theirSession],
    [false, "HallpassAccess", "ssm:TerminateSession", arns.likeSession],
    [false, "HallpassAccess", "ssm:TerminateSession", arns.personSession],
    [false, "HallpassAccess", "ssm:SendCommand", arns.node],
    [false, "HallpassAccess", "ssm:StartAutomationExecution", arns.runbook],
    [false, "HallpassAccess", "sts:AssumeRole", arns.role("HallpassRevoke")],
    [false, "HallpassAccess", "iam:PutRolePolicy", arns.role("HallpassAccess"), bounded],
    // the revoke role opens nothing, and cannot reach for more
    [false, "HallpassRevoke", "ssm:StartSession", arns.node, check],
    [false, "HallpassRevoke", "ssm:ResumeSession", arns.session],
    [false, "HallpassRevoke", "ssm:TerminateSession", arns.theirSession],
    [false, "HallpassRevoke", "ssm:TerminateSession", arns.personSession],
    [false, "HallpassRevoke", "ssm:StartAutomationExecution", arns.runbook],
    [false, "HallpassRevoke", "scheduler:CreateSchedule", arns.theirSchedule],
    [false, "HallpassRevoke", "scheduler:CreateSchedule", arns.otherGroup],
    [false, "HallpassRevoke", "scheduler:UpdateSchedule", arns.schedule],
    [true, "HallpassRevoke", "iam:PassRole", arns.role("HallpassScheduler"), toScheduler],
    [false, "HallpassRevoke", "iam:PassRole", arns.role("HallpassScheduler"), toSsm],
    [false, "HallpassRevoke", "iam:PassRole", arns.role("HallpassEndAccess"), toSsm],
    [false, "HallpassRevoke", "iam:PassRole", arns.role("Admin"), toScheduler],
    [false, "HallpassRevoke", "iam:PutRolePolicy", arns.role("HallpassAccess")],
    [
      false,
      "HallpassRevoke",
      "iam:PutRolePolicy",
      arns.role("HallpassAccess"),
      { "iam:PermissionsBoundary": "x" },
    ],
    [false, "HallpassRevoke", "iam:PutRolePolicy", arns.role("HallpassRevoke"), bounded],
    [false, "HallpassRevoke", "iam:PutRolePolicy", arns.role("Admin"), bounded],
    [false, "HallpassRevoke", "iam:DeleteRolePermissionsBoundary", arns.role("HallpassAccess"), bounded],
    [false, "HallpassRevoke", "iam:PutRolePermissionsBoundary", arns.role("HallpassAccess"), bounded],
    [false, "HallpassRevoke", "iam:AttachRolePolicy", arns.role("HallpassAccess"), bounded],
    [false, "HallpassRevoke", "iam:UpdateAssumeRolePolicy", arns.role("HallpassAccess"), bounded],
    [false, "HallpassRevoke", "sts:AssumeRole", arns.role("HallpassAccess")],
    [false, "HallpassRevoke", "events:PutEvents", arns.bus, { "events:source": "other" }],
    // the inventory role only reads
    [false, "HallpassInventory", "ssm:StartSession", arns.node, check],
    [false, "HallpassInventory", "ssm:DescribeDocument", arns.preferences],
    [false, "HallpassInventory", "ec2:CreateTags", arns.node],
    // AWS's services
    [true, "HallpassScheduler", "ssm:StartAutomationExecution", arns.runbook],
    [true, "HallpassScheduler", "ssm:StartAutomationExecution", arns.execution],
    [true, "HallpassScheduler", "ssm:StartAutomationExecution", arns.definition],
    [false, "HallpassScheduler", "ssm:StartAutomationExecution", arns.otherRunbook],
    [true, "HallpassScheduler", "iam:PassRole", arns.role("HallpassEndAccess"), toSsm],
    [false, "HallpassScheduler", "iam:PassRole", arns.role("Admin"), toSsm],
    [true, "HallpassEndAccess", "ssm:TerminateSession", arns.session],
    [true, "HallpassEndAccess", "ssm:TerminateSession", arns.theirSession],
    [false, "HallpassEndAccess", "ssm:TerminateSession", arns.personSession],
    [false, "HallpassEndAccess", "ssm:StartSession", arns.node, check],
  ];
  it.each(table.map(([allowed, ...question]) => ({ allowed, question })))(
    "$allowed: $question",
    ({ allowed, question }) => {
      expect(may(...question)).toBe(allowed);
    },
  );

  it("an inline policy, whoever writes it, adds nothing to the access role", async () => {
    await setting.aws.send(setting.at, "iam:PutRolePolicy", {
      RoleName: "HallpassAccess",
      PolicyName: "Evil",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
      }),
    });
    expect(may("HallpassAccess", "ssm:SendCommand", arns.node)).toBe(false);
    expect(may("HallpassAccess", "ssm:StartSession", arns.preferences, check)).toBe(false);
    expect(may("HallpassAccess", "iam:CreateUser", `arn:aws:iam::${id}:user/x`)).toBe(false);
    expect(may("HallpassAccess", "ssm:StartSession", arns.shell, check)).toBe(true);
  });
});
