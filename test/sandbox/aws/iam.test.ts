import {
  CreateRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListRolePoliciesCommand,
  NoSuchEntityException,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { DescribeInstanceInformationCommand } from "@aws-sdk/client-ssm";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import {
  account,
  addAccessRole,
  allow,
  assume,
  codeOf,
  createFixture,
  deny,
  gitHubTrust,
  type Keys,
  policy,
} from "./fixture.ts";

const boundaryArn = `arn:aws:iam::${account}:policy/Boundary`;
const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;

const put = (PolicyDocument: string, RoleName = "HallpassAccess", PolicyName = "HallpassRevoked") =>
  new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument });

function prepared(parameters = {}) {
  const fixture = createFixture(parameters);
  const role = addAccessRole(fixture);
  fixture.aws.createManagedPolicy(account, "Boundary", policy(allow("ssm:*")));
  return { ...fixture, fixture, role, iam: fixture.clients(fixture.admin).iam };
}

describe("roles and their policies", () => {
  it("a role shows its trust and its boundary, and its inline policies by name", async () => {
    const { iam } = prepared();
    await iam.send(
      new PutRolePermissionsBoundaryCommand({ RoleName: "HallpassAccess", PermissionsBoundary: boundaryArn }),
    );
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: "HallpassAccess" }));
    expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""))).toEqual(
      JSON.parse(gitHubTrust()),
    );
    expect([Role?.PermissionsBoundary?.PermissionsBoundaryArn, Role?.MaxSessionDuration]).toEqual([
      boundaryArn,
      43_200,
    ]);
    const text = policy(deny("*"));
    await iam.send(put(text));
    const names = await iam.send(new ListRolePoliciesCommand({ RoleName: "HallpassAccess" }));
    expect([names.PolicyNames, names.IsTruncated]).toEqual([["HallpassRevoked", "access"], false]);
    const one = { RoleName: "HallpassAccess", PolicyName: "HallpassRevoked" };
    expect(decodeURIComponent((await iam.send(new GetRolePolicyCommand(one))).PolicyDocument ?? "")).toBe(
      text,
    );
    await iam.send(new DeleteRolePolicyCommand(one));
    await expect(iam.send(new GetRolePolicyCommand(one))).rejects.toBeInstanceOf(NoSuchEntityException);
  });

  it("a role's inline policies have 10,240 characters together, white space not counted", async () => {
    const { iam } = prepared();
    const text = policy(deny("*", "*", { StringLike: { "aws:userid": "x".repeat(10_000) } }));
    expect(await codeOf(iam.send(put(text.replaceAll(",", ",     "))))).toBe("none");
    expect(await codeOf(iam.send(put(policy(deny("*")), "HallpassAccess", "Another")))).toBe(
      "LimitExceededException",
    );
  });

  it("a malformed policy is refused and changes nothing", async () => {
    const { iam } = prepared();
    expect(await codeOf(iam.send(put("{}")))).toBe("MalformedPolicyDocumentException");
    expect((await iam.send(new ListRolePoliciesCommand({ RoleName: "HallpassAccess" }))).PolicyNames).toEqual(
      ["access"],
    );
  });

  it.each([
    ["no sub", { "token.actions.githubusercontent.com:sub": undefined }, "MalformedPolicyDocumentException"],
    [
      "a sub of wildcards only",
      { "token.actions.githubusercontent.com:sub": "*" },
      "MalformedPolicyDocumentException",
    ],
    [
      "one sub and a wildcard",
      { "token.actions.githubusercontent.com:sub": ["repo:a/b:*", "*"] },
      "MalformedPolicyDocumentException",
    ],
    [
      "both forms of sub",
      { "token.actions.githubusercontent.com:sub": ["repo:a/b:environment:e", "repo:a@1/b@2:environment:e"] },
      "none",
    ],
  ])("trust for GitHub's issuer with %s: %s", async (_, equals, code) => {
    const { iam } = prepared();
    const trust = gitHubTrust(equals);
    const created = iam.send(new CreateRoleCommand({ RoleName: "New", AssumeRolePolicyDocument: trust }));
    expect(await codeOf(created)).toBe(code);
    const update = iam.send(
      new UpdateAssumeRolePolicyCommand({ RoleName: "HallpassAccess", PolicyDocument: trust }),
    );
    expect(await codeOf(update)).toBe(code);
  });

  it("a change of trust spreads late too", async () => {
    const { iam, fixture, clock } = prepared({ iamDelay: 5_000 });
    const trust = gitHubTrust({ "token.actions.githubusercontent.com:sub": "repo:acme/other:environment:e" });
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "HallpassAccess", PolicyDocument: trust }));
    expect(await codeOf(assume(fixture))).toBe("none");
    await clock.advance(5_000);
    expect(await codeOf(assume(fixture))).toBe("AccessDenied");
  });

  it("a new role cannot be used before it has spread", async () => {
    const { iam, fixture, clock } = prepared({ iamDelay: 5_000 });
    await iam.send(new CreateRoleCommand({ RoleName: "New", AssumeRolePolicyDocument: gitHubTrust() }));
    expect(await codeOf(assume(fixture, { role: "New" }))).toBe("AccessDenied");
    await clock.advance(5_000);
    expect(await codeOf(assume(fixture, { role: "New" }))).toBe("none");
  });
});

describe("a permissions boundary", () => {
  it("limits what a role's own policies allow", async () => {
    const world = prepared();
    world.aws.createRole(account, {
      name: "Bounded",
      trust: gitHubTrust(),
      inline: { all: policy(allow("*")) },
      boundary: boundaryArn,
    });
    const { ssm, iam } = world.clients(await assume(world.fixture, { role: "Bounded" }));
    expect(await codeOf(ssm.send(new DescribeInstanceInformationCommand({})))).toBe("none");
    expect(await codeOf(iam.send(new GetRoleCommand({ RoleName: "Bounded" })))).toBe("AccessDenied");
  });

  it("iam:PermissionsBoundary says what boundary the role has, so that a thief of the revoke role gains nothing", async () => {
    const world = prepared();
    const bounded = { StringEquals: { "iam:PermissionsBoundary": boundaryArn } };
    world.aws.createRole(account, {
      name: "Revoke",
      trust: gitHubTrust(),
      inline: {
        revoke: policy(
          allow(["iam:PutRolePolicy", "iam:DeleteRolePolicy"], roleArn("HallpassAccess"), bounded),
        ),
      },
    });
    const thief: Keys = await assume(world.fixture, { role: "Revoke" });
    const { iam } = world.clients(thief);
    const everything = policy(allow("*"));
    expect(await codeOf(iam.send(put(everything)))).toBe("AccessDenied");
    await world.iam.send(
      new PutRolePermissionsBoundaryCommand({ RoleName: "HallpassAccess", PermissionsBoundary: boundaryArn }),
    );
    expect(await codeOf(iam.send(put(everything)))).toBe("none");
    const access = world.clients(await assume(world.fixture));
    expect(await codeOf(access.iam.send(new GetRoleCommand({ RoleName: "Revoke" })))).toBe("AccessDenied");
    for (const command of [
      new DeleteRolePermissionsBoundaryCommand({ RoleName: "HallpassAccess" }),
      new PutRolePermissionsBoundaryCommand({ RoleName: "HallpassAccess", PermissionsBoundary: boundaryArn }),
    ]) {
      expect(await codeOf(iam.send(command as DeleteRolePermissionsBoundaryCommand))).toBe("AccessDenied");
    }
    expect(await codeOf(iam.send(put(everything, "Revoke")))).toBe("AccessDenied");
    expect(
      await codeOf(
        iam.send(
          new UpdateAssumeRolePolicyCommand({ RoleName: "HallpassAccess", PolicyDocument: gitHubTrust() }),
        ),
      ),
    ).toBe("AccessDenied");
  });
});

describe("AssumeRole", () => {
  const trustAccount = (principal: string) =>
    policy({ Effect: "Allow", Principal: { AWS: principal }, Action: "sts:AssumeRole" });

  it("needs the trust of the role and, by way of the account, a permission of the caller's", async () => {
    const world = prepared();
    world.aws.createRole(account, { name: "ByAccount", trust: trustAccount(`arn:aws:iam::${account}:root`) });
    world.aws.createRole(account, { name: "ByName", trust: trustAccount(roleArn("HallpassAccess")) });
    world.aws.createRole(account, { name: "ByNobody", trust: gitHubTrust() });
    const { sts } = world.clients(await assume(world.fixture));
    const become = (name: string, DurationSeconds?: number) =>
      sts.send(
        new AssumeRoleCommand({ RoleArn: roleArn(name), RoleSessionName: "chained", DurationSeconds }),
      );
    expect(await codeOf(become("ByAccount"))).toBe("AccessDenied");
    expect(await codeOf(become("ByName"))).toBe("none");
    expect(await codeOf(become("ByNobody"))).toBe("AccessDenied");
    await world.iam.send(put(policy(allow("sts:AssumeRole")), "HallpassAccess", "chain"));
    expect(await codeOf(become("ByAccount"))).toBe("none");
    expect(await codeOf(become("ByNobody"))).toBe("AccessDenied");
  });

  it("a role taken on by a role lasts an hour at most", async () => {
    const world = prepared();
    world.aws.createRole(account, {
      name: "Chained",
      trust: trustAccount(roleArn("HallpassAccess")),
      maxSessionDuration: 43_200,
    });
    const { sts } = world.clients(await assume(world.fixture));
    const become = (DurationSeconds: number) =>
      sts.send(
        new AssumeRoleCommand({ RoleArn: roleArn("Chained"), RoleSessionName: "chained", DurationSeconds }),
      );
    expect(await codeOf(become(3_600))).toBe("none");
    expect(await codeOf(become(3_601))).toBe("ValidationError");
  });
});
