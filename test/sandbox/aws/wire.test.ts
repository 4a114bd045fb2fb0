import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { DeleteRolePolicyCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { GetScheduleCommand } from "@aws-sdk/client-scheduler";
import {
  DescribeInstanceInformationCommand,
  InternalServerError,
  StartSessionCommand,
  TargetNotConnected,
  TerminateSessionCommand,
  ThrottlingException,
} from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { writeAnswer } from "../../../sandbox/aws/wire/response.ts";
import { serviceModels } from "../../../sandbox/aws/wire/service-models.ts";
import { account, addAccessRole, assume, codeOf, createFixture, region } from "./fixture.ts";

function prepared() {
  const fixture = createFixture();
  addAccessRole(fixture);
  fixture.aws.addNode({ account, region, id: "i-0a" });
  return { ...fixture, fixture, ...fixture.clients(fixture.admin) };
}

const status = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (reason: { name: string; $metadata: { httpStatusCode: number } }) => reason,
  );
  return [error?.name, error?.$metadata.httpStatusCode];
};

describe("requests are held to AWS's own schemas", () => {
  // the SDK's serializers would leave these out, so they are sent as a careless client would
  it.each([
    ["an unknown member", { Target: "i-0a", Colour: "red" }, "SerializationException"],
    ["a wrong type", { Target: 7 }, "SerializationException"],
    ["a wrong type inside", { Target: "i-0a", Parameters: { port: "22" } }, "SerializationException"],
    ["a missing member", { DocumentName: "X-Doc" }, "ValidationException"],
    ["a member that is too long", { Target: "x".repeat(401) }, "ValidationException"],
    ["a pattern missed", { Target: "i-0a", DocumentName: "no spaces" }, "ValidationException"],
  ])("JSON with %s is refused", async (_, body, code) => {
    const { ssm } = prepared();
    ssm.middlewareStack.add(
      (next) => (args) => {
        Object.assign(args.request as object, { body: JSON.stringify(body) });
        return next(args);
      },
      { step: "build", priority: "low" },
    );
    expect(await codeOf(ssm.send(new StartSessionCommand({ Target: "i-0a" })))).toBe(code);
  });

  it("forms are too: unknown members, missing ones, numbers that are none", async () => {
    const { aws, clock } = prepared();
    const send = async (members: Record<string, string>) => {
      const form = {
        Action: "AssumeRoleWithWebIdentity",
        Version: "2011-06-15",
        RoleArn: `arn:aws:iam::${account}:role/X`,
        ...members,
      };
      const response = await aws.handle(
        new Request("https://sts.us-east-1.amazonaws.com/", {
          method: "POST",
          body: new URLSearchParams(form),
        }),
      );
      return /<Code>(.*)<\/Code><Message>(.*)<\/Message>/.exec(await response.text())?.slice(1);
    };
    const whole = { RoleSessionName: "name", WebIdentityToken: "a.b.c" };
    expect(await send({ ...whole, Colour: "red" })).toEqual([
      "ValidationError",
      expect.stringContaining("Colour"),
    ]);
    expect(await send({ RoleSessionName: "name" })).toEqual([
      "ValidationError",
      expect.stringContaining("webIdentityToken"),
    ]);
    expect(await send({ ...whole, DurationSeconds: "soon" })).toEqual([
      "ValidationError",
      expect.stringContaining("number"),
    ]);
    expect(clock.now()).toBeGreaterThan(0);
  });

  it("an answer that AWS's schema does not allow never gets out", () => {
    const operation = serviceModels.ssm.operations.get("TerminateSession");
    if (operation === undefined) throw new Error("no operation");
    const write = (output: object) => writeAnswer(serviceModels.ssm, operation, output as never, "id", 0);
    expect(() => write({ Sessionid: "x" })).toThrow(/not a member of TerminateSessionResponse/);
    expect(() => write({ SessionId: 7 })).toThrow(/must be a string/);
    expect(write({ SessionId: "x" }).status).toBe(200);
  });
});

describe("errors arrive as the SDK's classes, with AWS's statuses", () => {
  it("of each protocol", async () => {
    const { ssm, iam, scheduler } = prepared();
    await expect(ssm.send(new StartSessionCommand({ Target: "i-0none" }))).rejects.toBeInstanceOf(
      TargetNotConnected,
    );
    expect(await status(ssm.send(new StartSessionCommand({ Target: "i-0none" })))).toEqual([
      "TargetNotConnected",
      400,
    ]);
    const missing = iam.send(new DeleteRolePolicyCommand({ RoleName: "Nobody", PolicyName: "x" }));
    expect(await status(missing)).toEqual(["NoSuchEntityException", 404]);
    expect(await status(scheduler.send(new GetScheduleCommand({ Name: "x" })))).toEqual([
      "ResourceNotFoundException",
      404,
    ]);
  });

  it("a refusal names who, what and why, in the words of each protocol", async () => {
    const world = prepared();
    world.aws.account(account).roles.get("HallpassAccess")?.inline.set(new Map(), 0);
    const { ssm, iam, ec2, scheduler } = world.clients(await assume(world.fixture));
    expect(await status(ssm.send(new DescribeInstanceInformationCommand({})))).toEqual([
      "AccessDeniedException",
      400,
    ]);
    expect(await status(iam.send(new ListRolesCommand({})))).toEqual(["AccessDenied", 403]);
    expect(await status(ec2.send(new DescribeInstancesCommand({})))).toEqual(["UnauthorizedOperation", 403]);
    expect(await status(scheduler.send(new GetScheduleCommand({ Name: "x" })))).toEqual([
      "AccessDeniedException",
      403,
    ]);
    await expect(ssm.send(new DescribeInstanceInformationCommand({}))).rejects.toThrow(
      /assumed-role\/HallpassAccess\/hp\.4242\.7 is not authorized to perform: ssm:DescribeInstanceInformation on resource: .* because no identity-based policy allows/,
    );
  });

  it("what the sandbox does not have it says loudly", async () => {
    const { ssm } = prepared();
    const { GetInventoryCommand } = await import("@aws-sdk/client-ssm");
    expect(await status(ssm.send(new GetInventoryCommand({})))).toEqual(["UnknownOperationException", 501]);
  });
});

describe("faults", () => {
  const terminate = () => new TerminateSessionCommand({ SessionId: "x" });

  it("strike as often as they are told, and only where they are told", async () => {
    const { aws, ssm, sts } = prepared();
    aws.faults.add({
      when: ({ operation }) => operation === "TerminateSession",
      times: 2,
      error: "InternalServerError",
    });
    await expect(ssm.send(terminate())).rejects.toBeInstanceOf(InternalServerError);
    expect(await codeOf(sts.send(new GetCallerIdentityCommand({})))).toBe("none");
    expect(await status(ssm.send(terminate()))).toEqual(["InternalServerError", 500]);
    expect(await codeOf(ssm.send(terminate()))).toBe("none");
    expect(aws.calls.map(({ outcome }) => outcome)).toEqual([
      "InternalServerError",
      "ok",
      "InternalServerError",
      "ok",
    ]);
  });

  it("throttling and outages have their statuses, and go when they are taken away", async () => {
    const { aws, ssm, ec2 } = prepared();
    const away = aws.faults.add({ when: ({ service }) => service === "ssm", error: "ThrottlingException" });
    await expect(ssm.send(terminate())).rejects.toBeInstanceOf(ThrottlingException);
    away();
    expect(await codeOf(ssm.send(terminate()))).toBe("none");
    aws.faults.add({ when: () => true, error: "RequestLimitExceeded" });
    expect(await status(ec2.send(new DescribeInstancesCommand({})))).toEqual(["RequestLimitExceeded", 503]);
    aws.faults.clear();
    expect(await codeOf(ec2.send(new DescribeInstancesCommand({})))).toBe("none");
  });

  it("a timeout loses the call; after-effect loses only the answer", async () => {
    const { aws, ssm } = prepared();
    const start = () => ssm.send(new StartSessionCommand({ Target: "i-0a" }));
    aws.faults.add({ when: ({ operation }) => operation === "StartSession", times: 1, error: "timeout" });
    expect([await codeOf(start()), aws.sessions().length]).toEqual(["TimeoutError", 0]);
    aws.faults.add({
      when: ({ operation }) => operation === "StartSession",
      times: 1,
      error: "after-effect",
    });
    expect([await codeOf(start()), aws.sessions().length]).toEqual(["TimeoutError", 1]);
    expect(aws.calls.map(({ outcome }) => outcome)).toEqual(["timeout", "timeout"]);
  });
});

describe("what is written down", () => {
  it("each call with who, where, what and how it ended, without tokens", async () => {
    const world = prepared();
    await assume(world.fixture, { name: "hp.4242.7" });
    expect(world.aws.calls).toEqual([
      expect.objectContaining({
        at: world.clock.now(),
        account,
        region,
        service: "sts",
        operation: "AssumeRoleWithWebIdentity",
        caller: "",
        input: expect.objectContaining({ RoleSessionName: "hp.4242.7", WebIdentityToken: "(removed)" }),
        outcome: "ok",
      }),
    ]);
  });

  it("every secret that was ever issued", async () => {
    const world = prepared();
    const keys = await assume(world.fixture);
    const secrets = world.aws.issuedSecrets();
    for (const secret of [keys.secretAccessKey, keys.sessionToken, world.admin.secretAccessKey])
      expect(secrets).toContain(secret);
    expect(JSON.stringify(world.aws.calls)).not.toContain(keys.secretAccessKey);
  });
});

describe("PutEvents", () => {
  const entry = {
    Source: "hallpass",
    DetailType: "Requester Access Request Status Update",
    Detail: '{"OpsItemId":"12"}',
  };

  it("keeps events under any source but AWS's own", async () => {
    const { aws, events } = prepared();
    const answer = await events.send(
      new PutEventsCommand({ Entries: [entry, { ...entry, Source: "aws.ssm" }, { ...entry, Detail: "{" }] }),
    );
    expect(answer.FailedEntryCount).toBe(2);
    expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      "NotAuthorizedForSourceException",
      "MalformedDetail",
    ]);
    expect(aws.region(account, region).events).toMatchObject([
      { source: "hallpass", detail: { OpsItemId: "12" } },
    ]);
  });

  it("takes ten at a time", async () => {
    const { events } = prepared();
    expect(
      await codeOf(events.send(new PutEventsCommand({ Entries: Array.from({ length: 11 }, () => entry) }))),
    ).toBe("ValidationException");
  });
});
