import {
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  InvalidIdentityTokenException,
} from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import {
  account,
  addAccessRole,
  allow,
  assume,
  codeOf,
  createFixture,
  gitHubTrust,
  policy,
} from "./fixture.ts";
import { jobClaims, signToken } from "./token-issuer.ts";

const gitHub = "token.actions.githubusercontent.com";

function prepared(parameters = {}) {
  const fixture = createFixture(parameters);
  const role = addAccessRole(fixture);
  return { ...fixture, fixture, role };
}

describe("AssumeRoleWithWebIdentity", () => {
  it("a job's token opens a session named as asked, without any signature", async () => {
    const { fixture, role } = prepared();
    const { sts } = fixture.clients(await assume(fixture, { name: "hp.4242.12" }));
    const { Arn, UserId } = await sts.send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe(`arn:aws:sts::${account}:assumed-role/HallpassAccess/hp.4242.12`);
    expect(UserId).toBe(`${role.id}:hp.4242.12`);
  });

  it.each([
    ["expired", { exp: 1 }, "ExpiredTokenException"],
    ["not valid yet", { nbf: 4e9 }, "InvalidIdentityTokenException"],
    ["for another audience", { aud: "somebody-else" }, "InvalidIdentityTokenException"],
    [
      "of an issuer the account does not know",
      { iss: "https://evil.example" },
      "InvalidIdentityTokenException",
    ],
    ["without an expiry", { exp: undefined }, "InvalidIdentityTokenException"],
    ["of another repository", { sub: "repo:acme/other:environment:hallpass" }, "AccessDenied"],
    ["of another environment", { sub: "repo:acme/access:environment:dev" }, "AccessDenied"],
  ])("a token %s is refused", async (_, claims, code) => {
    const { fixture } = prepared();
    expect(await codeOf(assume(fixture, { claims }))).toBe(code);
  });

  it("a token signed by anybody else is refused, and one without RS256", async () => {
    const { clients, admin, clock } = prepared();
    const { sts } = clients(admin);
    const token = signToken(jobClaims(clock.now()));
    const [header, , signature] = token.split(".");
    const forged = Buffer.from(JSON.stringify({ ...jobClaims(clock.now()), repository: "x" })).toString(
      "base64url",
    );
    const send = (WebIdentityToken: string) =>
      sts.send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: `arn:aws:iam::${account}:role/HallpassAccess`,
          RoleSessionName: "hp.4242.1",
          WebIdentityToken,
        }),
      );
    await expect(send(`${header}.${forged}.${signature}`)).rejects.toBeInstanceOf(
      InvalidIdentityTokenException,
    );
    const none = signToken(jobClaims(clock.now()), { alg: "none", kid: "key-1" });
    await expect(send(none)).rejects.toBeInstanceOf(InvalidIdentityTokenException);
    const unknownKey = signToken(jobClaims(clock.now()), { alg: "RS256", kid: "other" });
    await expect(send(unknownKey)).rejects.toBeInstanceOf(InvalidIdentityTokenException);
  });

  it("an issuer that cannot be reached is said to be so", async () => {
    const { fixture, aws } = prepared();
    aws.createOidcProvider(account, { url: "https://away.example", clientIds: ["sts.amazonaws.com"] });
    expect(await codeOf(assume(fixture, { claims: { iss: "https://away.example" } }))).toBe(
      "IDPCommunicationErrorException",
    );
  });

  it("the claims of GitHub's tokens are conditions: repository id, environment, workflow", async () => {
    const { fixture, aws } = prepared();
    const pinned = {
      [`${gitHub}:repository_id`]: "4242",
      [`${gitHub}:environment`]: "hallpass",
      [`${gitHub}:job_workflow_ref`]: "acme/access/.github/workflows/access.yml@refs/heads/main",
    };
    aws.createRole(account, { name: "Pinned", trust: gitHubTrust(pinned) });
    expect(await codeOf(assume(fixture, { role: "Pinned" }))).toBe("none");
    for (const claims of [
      { repository_id: "4243" },
      { environment: "dev" },
      { job_workflow_ref: "acme/access/.github/workflows/evil.yml@refs/heads/main" },
      { repository_id: undefined },
    ]) {
      expect(await codeOf(assume(fixture, { role: "Pinned", claims }))).toBe("AccessDenied");
    }
  });

  it("claims that AWS does not read deny everything when a trust policy asks for them", async () => {
    const { fixture, aws } = prepared();
    aws.createRole(account, { name: "RunId", trust: gitHubTrust({ [`${gitHub}:run_id`]: "1" }) });
    expect(await codeOf(assume(fixture, { role: "RunId", claims: { run_id: "1" } }))).toBe("AccessDenied");
  });

  it("the trust policy can pin the session's name", async () => {
    const { fixture, aws } = prepared();
    const statement = JSON.parse(gitHubTrust()).Statement[0];
    const trust = policy({
      ...statement,
      Condition: { ...statement.Condition, StringLike: { "sts:RoleSessionName": "hp.4242.*" } },
    });
    aws.createRole(account, { name: "Named", trust });
    expect(await codeOf(assume(fixture, { role: "Named", name: "hp.4242.1" }))).toBe("none");
    expect(await codeOf(assume(fixture, { role: "Named", name: "hp.1.1" }))).toBe("AccessDenied");
  });

  it.each([
    [899, "ValidationError"],
    [900, "none"],
    [43_200, "none"],
    [43_201, "ValidationError"],
  ])("a duration of %i seconds: %s", async (seconds, code) => {
    const { fixture } = prepared();
    expect(await codeOf(assume(fixture, { seconds }))).toBe(code);
  });

  it("a duration over the role's own maximum is refused", async () => {
    const { fixture, aws } = prepared();
    aws.createRole(account, { name: "Short", trust: gitHubTrust() });
    expect(await codeOf(assume(fixture, { role: "Short", seconds: 3_600 }))).toBe("none");
    expect(await codeOf(assume(fixture, { role: "Short", seconds: 3_601 }))).toBe("ValidationError");
  });

  it.each(["h", "with space", "ü-name", "n".repeat(65)])("the session name %j is refused", async (name) => {
    const { fixture } = prepared();
    expect(await codeOf(assume(fixture, { name }))).toBe("ValidationError");
  });

  it("a session policy may have 2,048 characters and not one more", async () => {
    const { fixture } = prepared();
    const sized = (length: number) => {
      const bare = policy(allow("ssm:StartSession"));
      return bare.replace('"*"', `"*"${" ".repeat(length - bare.length)}`);
    };
    expect(await codeOf(assume(fixture, { policy: sized(2_048) }))).toBe("none");
    expect(await codeOf(assume(fixture, { policy: sized(2_049) }))).toBe("ValidationError");
  });

  it("a session policy has a packed size of its own", async () => {
    const { fixture } = prepared({ packedPolicyBytes: 60 });
    const nodes = Array.from(
      { length: 9 },
      (_, index) => `arn:aws:ec2:us-east-1:${account}:instance/i-${index * 7_919_113}`,
    );
    expect(await codeOf(assume(fixture, { policy: policy(allow("ssm:StartSession", nodes)) }))).toBe(
      "PackedPolicyTooLargeException",
    );
  });

  it.each([
    ["{", "no JSON"],
    [
      JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "ssm:*" }] }),
      "no resource",
    ],
    [policy(allow("StartSession")), "an action without a vendor"],
    [policy(allow("ssm:*", "instance/*")), "a resource that is no ARN"],
    [policy(allow("ssm:*", "*", { StringIs: { "aws:userid": "x" } })), "an unknown operator"],
    [policy({ ...allow("ssm:*"), Principal: "*" }), "a principal"],
  ])("the session policy %s is malformed: %s", async (text) => {
    const { fixture } = prepared();
    expect(await codeOf(assume(fixture, { policy: text }))).toBe("MalformedPolicyDocumentException");
  });

  it("a role that does not exist looks like one that is not allowed", async () => {
    const { fixture } = prepared();
    expect(await codeOf(assume(fixture, { role: "Nobody" }))).toBe("AccessDenied");
  });

  it("AWS's clock may be behind: a fresh token is not valid yet", async () => {
    const { fixture } = prepared({ clockSkew: -60_000 });
    expect(await codeOf(assume(fixture))).toBe("InvalidIdentityTokenException");
  });
});
