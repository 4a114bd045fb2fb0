// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are policy variables
import {
  DescribeSessionsCommand,
  GetConnectionStatusCommand,
  ResumeSessionCommand,
  StartSessionCommand,
  type StartSessionCommandInput,
  TargetNotConnected,
  TerminateSessionCommand,
} from "@aws-sdk/client-ssm";
import { describe, expect, it } from "vitest";
import type { Parameters } from "../../../sandbox/aws/parameters.ts";
import {
  account,
  addAccessRole,
  allow,
  assume,
  codeOf,
  createFixture,
  deny,
  policy,
  region,
} from "./fixture.ts";

const shell = "Hallpass-Shell";
const documentArn = (name: string) => `arn:aws:ssm:${region}:${account}:document/${name}`;
const nodeArn = (id: string) => `arn:aws:ec2:${region}:${account}:instance/${id}`;
const session = `arn:aws:ssm:*:*:session/hp.4242.7-*`;
const checked = { BoolIfExists: { "ssm:SessionDocumentAccessCheck": "true" } };

function shellDocument(inputs: object = {}): string {
  return JSON.stringify({
    schemaVersion: "1.0",
    description: "a shell",
    sessionType: "Standard_Stream",
    inputs,
  });
}

function prepared(parameters: Partial<Parameters> = {}) {
  const fixture = createFixture(parameters);
  addAccessRole(fixture);
  const { aws } = fixture;
  const node = aws.addNode({ account, region, id: "i-0aaa", name: "web", tags: { Env: "dev" } });
  const other = aws.addNode({ account, region, id: "i-0bbb" });
  const offline = aws.addNode({ account, region, id: "i-0ccc", agent: "ConnectionLost" });
  aws.createDocument(account, region, {
    name: shell,
    type: "Session",
    text: shellDocument({ maxSessionDuration: "60" }),
  });
  aws.createDocument(account, region, {
    name: "Hallpass-Postgres",
    type: "Session",
    text: JSON.stringify({
      schemaVersion: "1.0",
      sessionType: "Port",
      parameters: { localPortNumber: { type: "String", default: "0", allowedPattern: "^[0-9]{1,5}$" } },
      properties: {
        host: "db.internal",
        portNumber: "5432",
        type: "LocalPortForwarding",
        localPortNumber: "{{ localPortNumber }}",
      },
    }),
  });
  return { ...fixture, fixture, node, other, offline };
}

/** What a grant carries: this node, this document, its own sessions. */
const grant = (id = "i-0aaa", document = shell) =>
  policy(
    allow("ssm:StartSession", [nodeArn(id), documentArn(document)], checked),
    allow(["ssm:TerminateSession", "ssm:ResumeSession"], session),
  );

async function granted(world: ReturnType<typeof prepared>, text = grant()) {
  const { ssm } = world.clients(await assume(world.fixture, { policy: text }));
  const start = (input: StartSessionCommandInput) => ssm.send(new StartSessionCommand(input));
  return { ssm, start };
}

describe("StartSession", () => {
  it("opens a session named after the role session, owned by it, of the node and the document granted", async () => {
    const world = prepared();
    const { start } = await granted(world);
    const started = await start({ Target: "i-0aaa", DocumentName: shell, Reason: "INC-1" });
    expect(started.SessionId).toMatch(/^hp\.4242\.7-[0-9a-f]{17}$/);
    expect(started.StreamUrl).toMatch(/^wss:\/\/ssmmessages\.us-east-1\.amazonaws\.com\/v1\/data-channel\//);
    const { ssm } = world.clients(world.admin);
    const { Sessions } = await ssm.send(new DescribeSessionsCommand({ State: "Active" }));
    expect(Sessions).toMatchObject([
      {
        SessionId: started.SessionId,
        Owner: `arn:aws:sts::${account}:assumed-role/HallpassAccess/hp.4242.7`,
        Target: "i-0aaa",
        DocumentName: shell,
        Status: "Connected",
        Reason: "INC-1",
        MaxSessionDuration: "60",
      },
    ]);
  });

  it.each([
    ["another node", { Target: "i-0bbb", DocumentName: shell }, "AccessDeniedException"],
    ["another document", { Target: "i-0aaa", DocumentName: "Hallpass-Postgres" }, "AccessDeniedException"],
    [
      "a document of AWS's",
      { Target: "i-0aaa", DocumentName: "AWS-StartSSHSession" },
      "AccessDeniedException",
    ],
    ["no document", { Target: "i-0aaa" }, "AccessDeniedException"],
    [
      "a document that does not exist",
      { Target: "i-0aaa", DocumentName: "Nothing" },
      "AccessDeniedException",
    ],
    ["an empty reason", { Target: "i-0aaa", DocumentName: shell, Reason: "" }, "ValidationException"],
    [
      "a parameter the document has not",
      { Target: "i-0aaa", DocumentName: shell, Parameters: { host: ["x"] } },
      "ValidationException",
    ],
  ])("%s is refused", async (_, input, code) => {
    const { start } = await granted(prepared());
    expect(await codeOf(start(input))).toBe(code);
  });

  it("another Region is refused", async () => {
    const world = prepared();
    world.aws.addNode({ account, region: "eu-central-1", id: "i-0aaa" });
    const { ssm } = world.clients(await assume(world.fixture, { policy: grant() }), "eu-central-1");
    expect(await codeOf(ssm.send(new StartSessionCommand({ Target: "i-0aaa", DocumentName: shell })))).toBe(
      "AccessDeniedException",
    );
  });

  it("the node and the document must both be allowed", async () => {
    const onlyNode = await granted(prepared(), policy(allow("ssm:StartSession", nodeArn("i-0aaa"))));
    expect(await codeOf(onlyNode.start({ Target: "i-0aaa", DocumentName: shell }))).toBe(
      "AccessDeniedException",
    );
    const onlyDocument = await granted(prepared(), policy(allow("ssm:StartSession", documentArn(shell))));
    expect(await codeOf(onlyDocument.start({ Target: "i-0aaa", DocumentName: shell }))).toBe(
      "AccessDeniedException",
    );
  });

  it("without a document's name a port-forward grant is a shell, unless its statement asks for the check", async () => {
    const forward = [nodeArn("i-0aaa"), documentArn("Hallpass-Postgres")];
    const unchecked = await granted(prepared(), policy(allow("ssm:StartSession", forward)));
    expect(await codeOf(unchecked.start({ Target: "i-0aaa" }))).toBe("none");
    const withCheck = await granted(prepared(), policy(allow("ssm:StartSession", forward, checked)));
    expect(await codeOf(withCheck.start({ Target: "i-0aaa" }))).toBe("AccessDeniedException");
    expect(await codeOf(withCheck.start({ Target: "i-0aaa", DocumentName: "Hallpass-Postgres" }))).toBe(
      "none",
    );
  });

  it("where AWS always checks the default document, neither is", async () => {
    const world = prepared({ defaultDocumentCheck: "enforced" });
    const { start } = await granted(world, policy(allow("ssm:StartSession", nodeArn("i-0aaa"))));
    expect(await codeOf(start({ Target: "i-0aaa" }))).toBe("AccessDeniedException");
    const named = await granted(
      prepared({ defaultDocumentCheck: "enforced" }),
      grant("i-0aaa", "SSM-SessionManagerRunShell"),
    );
    expect(await codeOf(named.start({ Target: "i-0aaa" }))).toBe("none");
  });

  it("a node whose agent is away is not connected", async () => {
    const world = prepared();
    const { ssm } = world.clients(world.admin);
    const start = (Target: string) => ssm.send(new StartSessionCommand({ Target, DocumentName: shell }));
    await expect(start("i-0ccc")).rejects.toBeInstanceOf(TargetNotConnected);
    await expect(start("i-0none")).rejects.toBeInstanceOf(TargetNotConnected);
    world.aws.setAgentStatus(world.offline, "Online");
    expect(await codeOf(start("i-0ccc"))).toBe("none");
    const { Status } = await ssm.send(new GetConnectionStatusCommand({ Target: "i-0none" }));
    expect(Status).toBe("notconnected");
  });

  it("a document's parameters hold to their pattern, and fixed hosts cannot be changed", async () => {
    const world = prepared();
    const { start } = await granted(world, grant("i-0aaa", "Hallpass-Postgres"));
    const forward = (Parameters: Record<string, string[]>) =>
      start({ Target: "i-0aaa", DocumentName: "Hallpass-Postgres", Parameters });
    expect(await codeOf(forward({ localPortNumber: ["15432"] }))).toBe("none");
    expect(await codeOf(forward({ localPortNumber: ["x"] }))).toBe("ValidationException");
    expect(await codeOf(forward({ host: ["other.internal"] }))).toBe("ValidationException");
  });

  it("an Automation document opens no session, nor does one that is not there", async () => {
    const world = prepared();
    const { ssm } = world.clients(world.admin);
    const mainSteps = [{ name: "wait", action: "aws:sleep", inputs: { Duration: "PT1S" } }];
    world.aws.createDocument(account, region, {
      name: "Runbook",
      type: "Automation",
      text: JSON.stringify({ schemaVersion: "0.3", mainSteps }),
    });
    for (const DocumentName of ["Runbook", "Nothing"]) {
      expect(await codeOf(ssm.send(new StartSessionCommand({ Target: "i-0aaa", DocumentName })))).toBe(
        "InvalidDocument",
      );
    }
  });

  it("tags decide where a policy says so", async () => {
    const world = prepared();
    const dev = { StringEquals: { "ssm:resourceTag/Env": "dev" } };
    const text = policy(
      allow("ssm:StartSession", "arn:aws:ec2:*:*:instance/*", dev),
      allow("ssm:StartSession", documentArn(shell)),
    );
    const { start } = await granted(world, text);
    expect(await codeOf(start({ Target: "i-0aaa", DocumentName: shell }))).toBe("none");
    world.aws.retag(world.node, { Env: "prod" });
    expect(await codeOf(start({ Target: "i-0aaa", DocumentName: shell }))).toBe("AccessDeniedException");
  });

  it("a grant ends at its instant although its keys live on", async () => {
    const world = prepared();
    const until = new Date(world.clock.now() + 60_000).toISOString();
    const text = policy(allow("ssm:StartSession", "*", { DateLessThan: { "aws:CurrentTime": until } }));
    const { start } = await granted(world, text);
    await world.clock.advance(59_999);
    expect(await codeOf(start({ Target: "i-0aaa", DocumentName: shell }))).toBe("none");
    await world.clock.advance(1);
    expect(await codeOf(start({ Target: "i-0aaa", DocumentName: shell }))).toBe("AccessDeniedException");
  });

  it("a deny on the role by user id ends one grant's calls once it has spread, and leaves the others", async () => {
    const world = prepared({ iamDelay: 8_000 });
    const role = world.aws.account(account).roles.get("HallpassAccess");
    const text = grant().replace("hp.4242.7-", "hp.*-");
    const revoked = await granted(world, text);
    const { ssm } = world.clients(await assume(world.fixture, { name: "hp.4242.8", policy: text }));
    const { PutRolePolicyCommand } = await import("@aws-sdk/client-iam");
    await world.clients(world.admin).iam.send(
      new PutRolePolicyCommand({
        RoleName: "HallpassAccess",
        PolicyName: "HallpassRevoked",
        PolicyDocument: policy(deny("*", "*", { StringLike: { "aws:userid": `${role?.id}:hp.4242.7` } })),
      }),
    );
    const input = { Target: "i-0aaa", DocumentName: shell };
    await world.clock.advance(7_999);
    expect(await codeOf(revoked.start(input))).toBe("none");
    await world.clock.advance(1);
    expect(await codeOf(revoked.start(input))).toBe("AccessDeniedException");
    expect(await codeOf(ssm.send(new StartSessionCommand(input)))).toBe("none");
  });
});

describe("the life of a session", () => {
  async function opened(world: ReturnType<typeof prepared>, DocumentName = shell) {
    const { ssm, start } = await granted(world, grant("i-0aaa", DocumentName));
    const started = await start({ Target: "i-0aaa", DocumentName });
    return { ssm, started, shell: world.aws.openShell(started) };
  }

  it("its token opens the stream once, and no other does", async () => {
    const world = prepared();
    const { started, shell } = await opened(world);
    expect(shell.open).toBe(true);
    expect(() => world.aws.openShell(started)).toThrow();
    expect(() => world.aws.openShell({ ...started, TokenValue: "guess" })).toThrow();
  });

  it("expired and denied keys do not close an open shell", async () => {
    const world = prepared();
    const { ssm, shell } = await opened(world);
    world.aws.account(account).roles.get("HallpassAccess")?.inline.set(new Map(), 0);
    for (let minute = 0; minute < 20; minute++) {
      shell.type();
      await world.clock.advance(60_000);
    }
    expect(await codeOf(ssm.send(new DescribeSessionsCommand({ State: "Active" })))).toBe(
      "ExpiredTokenException",
    );
    expect(shell.open).toBe(true);
  });

  it("TerminateSession closes it before the person's eyes, and is content with unknown sessions", async () => {
    const world = prepared();
    const { ssm, started, shell } = await opened(world);
    const seen: string[] = [];
    shell.onEnd((how) => seen.push(how));
    await ssm.send(new TerminateSessionCommand({ SessionId: started.SessionId }));
    await ssm.send(new TerminateSessionCommand({ SessionId: started.SessionId }));
    await ssm.send(new TerminateSessionCommand({ SessionId: "hp.4242.7-0" }));
    expect([seen, shell.open, shell.ended?.how]).toEqual([["terminated"], false, "terminated"]);
    expect(world.aws.sessions().map(({ ended }) => ended?.how)).toEqual(["terminated"]);
  });

  it("somebody else's session cannot be terminated or resumed with a grant", async () => {
    const world = prepared();
    const { started } = await opened(world);
    const own = policy(
      allow(["ssm:TerminateSession", "ssm:ResumeSession"], "arn:aws:ssm:*:*:session/hp.4242.8-*"),
    );
    const { ssm } = world.clients(await assume(world.fixture, { name: "hp.4242.8", policy: own }));
    const { SessionId } = started;
    expect(await codeOf(ssm.send(new TerminateSessionCommand({ SessionId })))).toBe("AccessDeniedException");
    expect(await codeOf(ssm.send(new ResumeSessionCommand({ SessionId })))).toBe("AccessDeniedException");
  });

  it("sessions carry their owner's user id and their node as tags", async () => {
    const world = prepared();
    const { started } = await opened(world);
    const own = { StringLike: { "ssm:resourceTag/aws:ssmmessages:session-id": "${aws:userid}*" } };
    const keys = await assume(world.fixture, { policy: policy(allow("ssm:TerminateSession", "*", own)) });
    const end = world.clients(keys).ssm.send(new TerminateSessionCommand({ SessionId: started.SessionId }));
    expect(await codeOf(end)).toBe("none");
    const other = await assume(world.fixture, {
      name: "hp.4242.8",
      policy: policy(allow("ssm:TerminateSession", "*", own)),
    });
    const refused = world
      .clients(other)
      .ssm.send(new TerminateSessionCommand({ SessionId: started.SessionId }));
    expect(await codeOf(refused)).toBe("AccessDeniedException");
  });

  it("ResumeSession gives a new token for a session that is open, and none for one that is over", async () => {
    const world = prepared();
    const { ssm, started } = await opened(world);
    const { SessionId } = started;
    const resumed = await ssm.send(new ResumeSessionCommand({ SessionId }));
    expect(world.aws.openShell(resumed).open).toBe(true);
    await ssm.send(new TerminateSessionCommand({ SessionId }));
    expect(await codeOf(ssm.send(new ResumeSessionCommand({ SessionId })))).toBe("DoesNotExistException");
  });

  it("the document's maximum ends a session however busy it is", async () => {
    const world = prepared();
    const { shell } = await opened(world);
    for (let minute = 0; minute < 59; minute++) {
      shell.type();
      await world.clock.advance(60_000);
    }
    expect(shell.open).toBe(true);
    shell.type();
    await world.clock.advance(60_000);
    expect(shell.ended?.how).toBe("max-duration");
  });

  it("twenty idle minutes end a session, unless the document says otherwise", async () => {
    const world = prepared();
    const { shell } = await opened(world);
    await world.clock.advance(15 * 60_000);
    shell.type();
    await world.clock.advance(20 * 60_000 - 1);
    expect(shell.open).toBe(true);
    await world.clock.advance(1);
    expect(shell.ended?.how).toBe("idle");
    world.aws.createDocument(account, region, {
      name: "Brief",
      type: "Session",
      text: shellDocument({ idleSessionTimeout: "1" }),
    });
    const brief = await opened(world, "Brief");
    await world.clock.advance(60_000);
    expect(brief.shell.ended?.how).toBe("idle");
  });

  it("ended sessions are history, with their end, for thirty days", async () => {
    const world = prepared();
    const { shell } = await opened(world);
    await world.clock.advance(1_000);
    shell.leave();
    const { ssm } = world.clients(world.admin);
    const history = () => ssm.send(new DescribeSessionsCommand({ State: "History" }));
    expect((await history()).Sessions).toMatchObject([
      { Status: "Terminated", EndDate: new Date(world.clock.now()) },
    ]);
    expect((await ssm.send(new DescribeSessionsCommand({ State: "Active" }))).Sessions).toEqual([]);
    await world.clock.advance(30 * 86_400_000);
    expect((await history()).Sessions).toEqual([]);
    expect(world.aws.sessions()[0]?.ended?.how).toBe("left");
  });

  it("DescribeSessions filters by owner, node and time, and pages by 200", async () => {
    const world = prepared();
    const { start } = await granted(world);
    for (let count = 0; count < 201; count++) await start({ Target: "i-0aaa", DocumentName: shell });
    const { ssm } = world.clients(world.admin);
    await ssm.send(new StartSessionCommand({ Target: "i-0bbb", DocumentName: shell }));
    const list = (
      key: "Owner" | "Target" | "InvokedAfter" | "SessionId",
      value: string,
      NextToken?: string,
    ) => ssm.send(new DescribeSessionsCommand({ State: "Active", Filters: [{ key, value }], NextToken }));
    const owner = `arn:aws:sts::${account}:assumed-role/HallpassAccess/hp.4242.7`;
    const first = await list("Owner", owner);
    const second = await list("Owner", owner, first.NextToken);
    expect([first.Sessions?.length, second.Sessions?.length, second.NextToken]).toEqual([200, 1, undefined]);
    expect((await list("Target", "i-0bbb")).Sessions).toHaveLength(1);
    expect((await list("InvokedAfter", new Date(world.clock.now()).toISOString())).Sessions).toHaveLength(0);
    expect(await codeOf(list("Owner", owner, "made-up"))).toBe("InvalidNextToken");
  });

  it("every token of a stream counts as a secret", async () => {
    const world = prepared();
    const { started } = await opened(world);
    expect(world.aws.issuedSecrets()).toContain(started.TokenValue);
  });
});
