import {
  DescribeAutomationExecutionsCommand,
  GetAutomationExecutionCommand,
  StartAutomationExecutionCommand,
  StartSessionCommand,
  StopAutomationExecutionCommand,
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
  policy,
  region,
  serviceTrust,
} from "./fixture.ts";

const runbookRole = `arn:aws:iam::${account}:role/Runbook`;

/** Ends an owner's sessions: looks them up, looks at each owner again, terminates, waits and does it again. */
const endAccess = `
schemaVersion: "0.3"
description: ends the sessions of one owner
assumeRole: ${runbookRole}
parameters:
  Owner: { type: String, allowedPattern: "^arn:aws:sts::[0-9]{12}:assumed-role/[A-Za-z]+/hp[.][0-9.]+$" }
  Until: { type: String }
  Settle: { type: String, default: PT60S }
mainSteps:
  - { name: sleepUntil, action: "aws:sleep", inputs: { Timestamp: "{{ Until }}" } }
  - name: twice
    action: aws:loop
    inputs:
      MaxIterations: 2
      LoopCondition: { Variable: "{{ twice.CurrentIteration }}", NumericLesser: 2 }
      Steps:
        - name: list
          action: aws:executeAwsApi
          inputs: { Service: ssm, Api: DescribeSessions, State: Active, Filters: [{ key: Owner, value: "{{ Owner }}" }] }
          outputs: [{ Name: Ids, Selector: "$.Sessions[*].SessionId", Type: StringList }]
        - { name: settle, action: "aws:sleep", inputs: { Duration: "{{ Settle }}" } }
  - name: each
    action: aws:loop
    inputs:
      Iterators: "{{ list.Ids }}"
      Steps:
        - name: look
          action: aws:executeAwsApi
          inputs: { Service: ssm, Api: DescribeSessions, State: Active, Filters: [{ key: SessionId, value: "{{ each.CurrentIteratorValue }}" }] }
          outputs: [{ Name: Owner, Selector: "$.Sessions[0].Owner", Type: String }]
        - name: isTheirs
          action: aws:branch
          inputs:
            Choices: [{ NextStep: terminate, Variable: "{{ look.Owner }}", StringEquals: "{{ Owner }}" }]
          isEnd: true
        - name: terminate
          action: aws:executeAwsApi
          inputs: { Service: ssm, Api: TerminateSession, SessionId: "{{ each.CurrentIteratorValue }}" }
outputs: [list.Ids]
`;

function prepared(parameters: Partial<Parameters> = {}) {
  const fixture = createFixture(parameters);
  const { aws } = fixture;
  addAccessRole(fixture);
  aws.addNode({ account, region, id: "i-0a" });
  aws.createRole(account, {
    name: "Runbook",
    trust: serviceTrust("ssm.amazonaws.com", { StringEquals: { "aws:SourceAccount": account } }),
    inline: {
      run: policy(
        allow("ssm:DescribeSessions"),
        allow("ssm:TerminateSession", `arn:aws:ssm:*:${account}:session/hp.*`),
      ),
    },
  });
  const { ssm } = fixture.clients(fixture.admin);
  const save = (name: string, text: string) =>
    aws.createDocument(account, region, { name, type: "Automation", format: "YAML", text });
  const start = async (DocumentName: string, Parameters?: Record<string, string[]>) =>
    (await ssm.send(new StartAutomationExecutionCommand({ DocumentName, Parameters }))).AutomationExecutionId;
  const result = async (AutomationExecutionId: string | undefined) =>
    (await ssm.send(new GetAutomationExecutionCommand({ AutomationExecutionId }))).AutomationExecution;
  const openShell = async (name: string) => {
    const operator = fixture.clients(await assume(fixture, { name })).ssm;
    return aws.openShell(await operator.send(new StartSessionCommand({ Target: "i-0a" })));
  };
  return { ...fixture, fixture, ssm, save, start, result, openShell };
}

const owner = (name: string) => `arn:aws:sts::${account}:assumed-role/HallpassAccess/${name}`;
const step = (text: string) => `schemaVersion: "0.3"\nmainSteps:\n${text}`;

/** Runs a runbook of some steps to its end. */
async function ran(steps: string) {
  const world = prepared();
  world.save("Steps", step(steps));
  const id = await world.start("Steps");
  await world.clock.advance(3_600_000);
  return { ...world, execution: await world.result(id) };
}

describe("a runbook that ends access", () => {
  it("sleeps to its instant and ends the sessions of one owner, and of nobody else", async () => {
    const world = prepared();
    world.save("EndAccess", endAccess);
    const [mine, other] = [await world.openShell("hp.4242.7"), await world.openShell("hp.4242.8")];
    const until = new Date(world.clock.now() + 300_000).toISOString();
    const id = await world.start("EndAccess", {
      Owner: [owner("hp.4242.7")],
      Until: [until],
      Settle: ["PT10S"],
    });
    await world.clock.advance(310_000);
    expect([mine.open, other.open, (await world.result(id))?.AutomationExecutionStatus]).toEqual([
      true,
      true,
      "InProgress",
    ]);
    await world.clock.advance(10_000);
    expect([mine.ended?.how, other.open]).toEqual(["terminated", true]);
    const execution = await world.result(id);
    expect([execution?.AutomationExecutionStatus, execution?.Outputs?.["list.Ids"]]).toEqual([
      "Success",
      [mine.sessionId],
    ]);
    expect(execution?.StepExecutions?.map(({ StepName }) => StepName)).toEqual([
      "sleepUntil",
      "twice",
      "list",
      "settle",
      "list",
      "settle",
      "each",
      "look",
      "isTheirs",
      "terminate",
    ]);
  });

  it("works with the runbook role's permissions, not with those of who started it", async () => {
    const world = prepared();
    world.save("EndAccess", endAccess);
    const shell = await world.openShell("hp.4242.7");
    const role = world.aws.account(account).roles.get("Runbook");
    role?.inline.set(new Map([...role.inline.latest].filter(() => false)), 0);
    const id = await world.start("EndAccess", {
      Owner: [owner("hp.4242.7")],
      Until: ["2026-01-01T00:00:00Z"],
    });
    await world.clock.advance(600_000);
    const execution = await world.result(id);
    expect([shell.ended?.how, execution?.AutomationExecutionStatus]).not.toContain("terminated");
    expect(execution?.FailureMessage).toContain("AccessDeniedException");
    expect(world.aws.calls.at(-2)).toMatchObject({
      caller: `arn:aws:sts::${account}:assumed-role/Runbook/Automation-${id}`,
    });
  });

  it.each([
    [{ Owner: ["arn:aws:sts::1:assumed-role/x/y"], Until: ["2026-01-01T00:00:00Z"] }],
    [{ Until: ["2026-01-01T00:00:00Z"] }],
    [{ Owner: [owner("hp.1.2")], Until: ["x"], Colour: ["red"] }],
    [{ Owner: [owner("hp.1.2"), owner("hp.1.3")], Until: ["x"] }],
  ])("parameters that its declaration does not allow start nothing: %j", async (given) => {
    const world = prepared();
    world.save("EndAccess", endAccess);
    expect(await codeOf(world.start("EndAccess", given))).toBe(
      "InvalidAutomationExecutionParametersException",
    );
  });
});

describe("starting a runbook", () => {
  const input = {
    DocumentName: "EndAccess",
    Parameters: { Owner: [owner("hp.4242.7")], Until: ["2026-01-01T00:00:00Z"] },
  };
  const documentArn = `arn:aws:ssm:${region}:${account}:document/EndAccess`;
  const executions = `arn:aws:ssm:${region}:${account}:automation-execution/*`;
  const pass = allow("iam:PassRole", runbookRole, {
    StringEquals: { "iam:PassedToService": "ssm.amazonaws.com" },
  });

  async function startWith(text: string, parameters: Partial<Parameters> = {}) {
    const world = prepared(parameters);
    world.save("EndAccess", endAccess);
    world.aws.account(account).roles.get("HallpassAccess")?.inline.set(new Map(), 0);
    const role = world.aws.createRole(account, {
      name: "Starter",
      trust: world.aws.account(account).roles.get("HallpassAccess")?.trust.latest?.text ?? "",
      inline: { start: text },
    });
    const { ssm } = world.clients(await assume(world.fixture, { role: role.name }));
    return codeOf(ssm.send(new StartAutomationExecutionCommand(input)));
  }

  it("needs the document, the execution, and the role to be passed", async () => {
    expect(
      await startWith(policy(allow("ssm:StartAutomationExecution", [documentArn, executions]), pass)),
    ).toBe("none");
    expect(await startWith(policy(allow("ssm:StartAutomationExecution", documentArn), pass))).toBe(
      "AccessDeniedException",
    );
    expect(await startWith(policy(allow("ssm:StartAutomationExecution", [documentArn, executions])))).toBe(
      "AccessDeniedException",
    );
    const elsewhere = allow("iam:PassRole", runbookRole, {
      StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" },
    });
    expect(
      await startWith(policy(allow("ssm:StartAutomationExecution", [documentArn, executions]), elsewhere)),
    ).toBe("AccessDeniedException");
  });

  it("needed the definition instead, as AWS had it before", async () => {
    const definition = documentArn.replace(":document/", ":automation-definition/");
    const before = { automationResources: "definition" } as const;
    expect(
      await startWith(policy(allow("ssm:StartAutomationExecution", `${definition}:*`), pass), before),
    ).toBe("none");
    expect(
      await startWith(policy(allow("ssm:StartAutomationExecution", [documentArn, executions]), pass), before),
    ).toBe("AccessDeniedException");
  });

  it("a role that does not trust Systems Manager from this account starts nothing", async () => {
    const world = prepared();
    world.aws.createRole(account, {
      name: "Elsewhere",
      trust: serviceTrust("ssm.amazonaws.com", { StringEquals: { "aws:SourceAccount": "999999999999" } }),
    });
    world.save("EndAccess", endAccess.replace(runbookRole, `arn:aws:iam::${account}:role/Elsewhere`));
    expect(await codeOf(world.ssm.send(new StartAutomationExecutionCommand(input)))).toBe(
      "InvalidAutomationExecutionParametersException",
    );
  });

  it("a ClientToken starts once, and with other parameters is refused", async () => {
    const world = prepared();
    world.save("EndAccess", endAccess);
    const ClientToken = "01234567-89ab-4cde-8f01-23456789abcd";
    const send = (extra: object = {}) =>
      world.ssm.send(new StartAutomationExecutionCommand({ ...input, ClientToken, ...extra }));
    expect((await send()).AutomationExecutionId).toBe((await send()).AutomationExecutionId);
    expect(await codeOf(send({ Parameters: { ...input.Parameters, Settle: ["PT1S"] } }))).toBe(
      "IdempotentParameterMismatch",
    );
  });

  it("a stopped execution goes no further, and executions are found by status and name", async () => {
    const world = prepared();
    world.save("EndAccess", endAccess);
    const shell = await world.openShell("hp.4242.7");
    const id = await world.start("EndAccess", {
      Owner: [owner("hp.4242.7")],
      Until: [new Date(world.clock.now() + 60_000).toISOString()],
    });
    await world.ssm.send(new StopAutomationExecutionCommand({ AutomationExecutionId: id, Type: "Cancel" }));
    await world.clock.advance(600_000);
    expect([shell.open, (await world.result(id))?.AutomationExecutionStatus]).toEqual([true, "Cancelled"]);
    const find = async (Key: "ExecutionStatus" | "DocumentNamePrefix", value: string) =>
      (await world.ssm.send(new DescribeAutomationExecutionsCommand({ Filters: [{ Key, Values: [value] }] })))
        .AutomationExecutionMetadataList?.length;
    expect([
      await find("ExecutionStatus", "Cancelled"),
      await find("ExecutionStatus", "Success"),
      await find("DocumentNamePrefix", "End"),
    ]).toEqual([1, 0, 1]);
  });
});

describe("steps", () => {
  it("a Timestamp that is past goes on at once; one over seven days fails", async () => {
    const past = await ran(
      '  - { name: past, action: "aws:sleep", inputs: { Timestamp: "2020-01-01T00:00:00Z" } }',
    );
    expect(past.execution?.ExecutionEndTime).toEqual(past.execution?.ExecutionStartTime);
    const long = await ran('  - { name: long, action: "aws:sleep", inputs: { Duration: P8D } }');
    expect([long.execution?.AutomationExecutionStatus, long.execution?.FailureMessage]).toEqual([
      "Failed",
      expect.stringContaining("604799"),
    ]);
  });

  it("a failed step ends the run, unless it may go on; a critical one still fails it in the end", async () => {
    const failing = (extra: string) => `
  - name: fails
    action: aws:assertAwsResourceProperty
    ${extra}
    inputs: { Service: ssm, Api: GetConnectionStatus, Target: i-0none, PropertySelector: $.Status, DesiredValues: [connected] }
  - { name: after, action: "aws:sleep", inputs: { Duration: PT1S } }
  - { name: last, action: "aws:sleep", inputs: { Duration: PT1S } }`;
    const steps = async (extra: string) => {
      const { execution } = await ran(failing(extra));
      return [
        execution?.AutomationExecutionStatus,
        ...(execution?.StepExecutions ?? []).map(({ StepName }) => StepName),
      ];
    };
    expect(await steps("")).toEqual(["Failed", "fails"]);
    expect(await steps("onFailure: Continue")).toEqual(["Failed", "fails", "after", "last"]);
    expect(await steps("onFailure: Continue\n    isCritical: false")).toEqual([
      "Success",
      "fails",
      "after",
      "last",
    ]);
    expect(await steps("onFailure: step:last")).toEqual(["Failed", "fails", "last"]);
    expect(await steps("maxAttempts: 3")).toEqual(["Failed", "fails"]);
  });

  it("waits for a property until it is as wished", async () => {
    const world = prepared();
    const node = world.aws.addNode({ account, region, id: "i-0late", agent: "ConnectionLost" });
    world.save(
      "Wait",
      step(
        "  - name: online\n    action: aws:waitForAwsResourceProperty\n    inputs: { Service: ssm, Api: GetConnectionStatus, Target: i-0late, PropertySelector: $.Status, DesiredValues: [connected] }",
      ),
    );
    const id = await world.start("Wait");
    await world.clock.advance(25_000);
    expect((await world.result(id))?.AutomationExecutionStatus).toBe("InProgress");
    world.aws.setAgentStatus(node, "Online");
    await world.clock.advance(10_000);
    expect((await world.result(id))?.AutomationExecutionStatus).toBe("Success");
  });

  it.each([
    ["StringEquals: abc", true],
    ["EqualsIgnoreCase: ABC", true],
    ["StartsWith: ab", true],
    ["EndsWith: ab", false],
    ["Contains: b", true],
  ])("aws:branch compares by %s", async (operator, expected) => {
    const { execution } = await ran(`
  - name: choose
    action: aws:branch
    inputs:
      Choices: [{ NextStep: yes_, And: [{ Variable: abc, ${operator} }, { Not: { Variable: abc, StringEquals: x } }] }]
      Default: no_
  - { name: yes_, action: "aws:sleep", inputs: { Duration: PT1S }, isEnd: true }
  - { name: no_, action: "aws:sleep", inputs: { Duration: PT1S } }`);
    expect(execution?.StepExecutions?.map(({ StepName }) => StepName)).toEqual([
      "choose",
      expected ? "yes_" : "no_",
    ]);
  });

  it("a loop over an empty list does nothing; a path to nothing fails its step", async () => {
    const list = (selector: string, type: string) => `
  - name: list
    action: aws:executeAwsApi
    inputs: { Service: ssm, Api: DescribeSessions, State: Active }
    outputs: [{ Name: Found, Selector: "${selector}", Type: ${type} }]
  - name: each
    action: aws:loop
    inputs: { Iterators: "{{ list.Found }}", Steps: [{ name: inner, action: "aws:sleep", inputs: { Duration: PT1S } }] }`;
    const empty = await ran(list("$.Sessions[*].SessionId", "StringList"));
    expect([empty.execution?.AutomationExecutionStatus, empty.execution?.StepExecutions?.length]).toEqual([
      "Success",
      2,
    ]);
    const nothing = await ran(list("$.Sessions[0].SessionId", "String"));
    expect(nothing.execution?.AutomationExecutionStatus).toBe("Failed");
  });

  it.each([
    ["an unknown action", "  - { name: one, action: aws:teleport, inputs: {} }"],
    [
      "a step that goes nowhere",
      '  - { name: one, action: "aws:sleep", inputs: { Duration: PT1S }, nextStep: two }',
    ],
    [
      "a reference to nothing",
      '  - { name: one, action: "aws:sleep", inputs: { Duration: "{{ Length }}" } }',
    ],
    [
      "a filter in a selector",
      '  - { name: one, action: "aws:executeAwsApi", inputs: { Service: ssm, Api: DescribeSessions }, outputs: [{ Name: X, Selector: "$.Sessions[?(@.Owner)]" }] }',
    ],
    [
      "over 100 iterations",
      '  - { name: one, action: "aws:loop", inputs: { MaxIterations: 101, LoopCondition: { Variable: a, StringEquals: b }, Steps: [{ name: two, action: "aws:sleep", inputs: { Duration: PT1S } }] } }',
    ],
    [
      "an unknown operator",
      '  - { name: one, action: "aws:branch", inputs: { Choices: [{ NextStep: one, Variable: a, Matches: b }] } }',
    ],
    [
      "two steps of one name",
      '  - { name: one, action: "aws:sleep", inputs: { Duration: PT1S } }\n  - { name: one, action: "aws:sleep", inputs: { Duration: PT1S } }',
    ],
    ["an unknown field", '  - { name: one, action: "aws:sleep", input: { Duration: PT1S } }'],
  ])("a runbook with %s is not saved", (_, steps) => {
    const world = prepared();
    expect(() => world.save("Bad", step(steps))).toThrow(
      expect.objectContaining({ code: "InvalidDocumentContent" }),
    );
  });
});

describe("a run in its starter's own name", () => {
  it("is over after twelve hours", async () => {
    const world = prepared();
    world.save("Long", step('  - { name: long, action: "aws:sleep", inputs: { Duration: P1D } }'));
    const id = await world.start("Long");
    await world.clock.advance(12 * 3_600_000 - 1);
    expect((await world.result(id))?.AutomationExecutionStatus).toBe("InProgress");
    await world.clock.advance(1);
    expect((await world.result(id))?.AutomationExecutionStatus).toBe("TimedOut");
  });
});
