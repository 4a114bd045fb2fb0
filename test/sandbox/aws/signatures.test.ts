import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { DescribeInstanceInformationCommand } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { addAccessRole, assume, codeOf, createFixture } from "./fixture.ts";

describe("signatures", () => {
  it("keys that the twin issued open it", async () => {
    const { clients, admin } = createFixture();
    const identity = await clients(admin).sts.send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe("arn:aws:iam::111122223333:user/administrator");
  });

  it("a wrong secret does not sign, in the words of each protocol", async () => {
    const { clients, admin } = createFixture();
    const wrong = clients({ ...admin, secretAccessKey: "wrong" });
    expect(await codeOf(wrong.sts.send(new GetCallerIdentityCommand({})))).toBe("SignatureDoesNotMatch");
    expect(await codeOf(wrong.ssm.send(new DescribeInstanceInformationCommand({})))).toBe(
      "InvalidSignatureException",
    );
  });

  it("an unknown key is refused, in the words of each protocol", async () => {
    const { clients, admin } = createFixture();
    const unknown = clients({ ...admin, accessKeyId: "AKIAUNKNOWN" });
    expect(await codeOf(unknown.sts.send(new GetCallerIdentityCommand({})))).toBe("InvalidClientTokenId");
    expect(await codeOf(unknown.ssm.send(new DescribeInstanceInformationCommand({})))).toBe(
      "UnrecognizedClientException",
    );
    expect(await codeOf(unknown.ec2.send(new DescribeInstancesCommand({})))).toBe("AuthFailure");
  });

  it("temporary keys need their own session token", async () => {
    const fixture = createFixture();
    addAccessRole(fixture);
    const keys = await assume(fixture);
    const { sessionToken: _, ...bare } = keys;
    expect(await codeOf(fixture.clients(bare).sts.send(new GetCallerIdentityCommand({})))).toBe(
      "InvalidClientTokenId",
    );
    const other = { ...keys, sessionToken: `${keys.sessionToken}x` };
    expect(await codeOf(fixture.clients(other).sts.send(new GetCallerIdentityCommand({})))).toBe(
      "InvalidClientTokenId",
    );
    expect(await codeOf(fixture.clients(keys).sts.send(new GetCallerIdentityCommand({})))).toBe("none");
  });

  it("temporary keys end at their expiration", async () => {
    const fixture = createFixture();
    addAccessRole(fixture);
    const clients = fixture.clients(await assume(fixture, { seconds: 900 }));
    await fixture.clock.advance(899_999);
    expect(await codeOf(clients.sts.send(new GetCallerIdentityCommand({})))).toBe("none");
    await fixture.clock.advance(1);
    expect(await codeOf(clients.sts.send(new GetCallerIdentityCommand({})))).toBe("ExpiredToken");
    expect(await codeOf(clients.ssm.send(new DescribeInstanceInformationCommand({})))).toBe(
      "ExpiredTokenException",
    );
  });

  it("a signature from another hour is refused, and the SDK corrects its clock by the answer", async () => {
    const { clients, admin } = createFixture({ signatureSkew: 300_000 });
    const { sts } = clients(admin);
    expect(await codeOf(sts.send(new GetCallerIdentityCommand({})))).toBe("SignatureDoesNotMatch");
    expect(await codeOf(sts.send(new GetCallerIdentityCommand({})))).toBe("none");
  });

  it("keys do not work in a Region that the account has not", async () => {
    const { clients, admin } = createFixture();
    const { ssm } = clients(admin, "ap-south-1");
    expect(await codeOf(ssm.send(new DescribeInstanceInformationCommand({})))).toBe(
      "UnrecognizedClientException",
    );
  });

  it("a request without a signature is refused", async () => {
    const { aws } = createFixture();
    const body = new URLSearchParams({ Action: "GetCallerIdentity", Version: "2011-06-15" });
    const response = await aws.handle(
      new Request("https://sts.us-east-1.amazonaws.com/", { method: "POST", body }),
    );
    expect([response.status, await response.text()]).toEqual([
      403,
      expect.stringContaining("MissingAuthenticationToken"),
    ]);
  });
});
