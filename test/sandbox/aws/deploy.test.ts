// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are CloudFormation's own
import { GetRoleCommand } from "@aws-sdk/client-iam";
import { GetDocumentCommand } from "@aws-sdk/client-ssm";
import { describe, expect, it } from "vitest";
import { account, assume, codeOf, createFixture, region } from "./fixture.ts";

const template = `
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Repository: { Type: String, AllowedPattern: "[a-z]+/[a-z]+" }
  ExistingProvider: { Type: String, Default: "" }
  Minutes: { Type: CommaDelimitedList, Default: "15,60" }
Conditions:
  MakesProvider: !Equals [!Ref ExistingProvider, ""]
  HasProvider: !Not [!Condition MakesProvider]
  Always: !Or [!Condition MakesProvider, !And [!Condition HasProvider, !Equals [a, a]]]
Resources:
  Access:
    Type: AWS::IAM::Role
    Condition: Always
    Properties:
      RoleName: HallpassAccess
      MaxSessionDuration: 43200
      PermissionsBoundary: !Ref Boundary
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { Federated: !If [MakesProvider, !GetAtt Provider.Arn, !Ref ExistingProvider] }
            Action: sts:AssumeRoleWithWebIdentity
            Condition:
              StringEquals:
                token.actions.githubusercontent.com:aud: sts.amazonaws.com
                token.actions.githubusercontent.com:sub: !Sub "repo:\${Repository}:environment:hallpass"
      Policies:
        - PolicyName: sessions
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: ssm:StartSession
                Resource: !Sub
                  - "arn:\${AWS::Partition}:ssm:*:\${AWS::AccountId}:document/\${Prefix}-*"
                  - { Prefix: !Join ["", [Hall, pass]] }
              - Effect: Allow
                Action: ssm:TerminateSession
                Resource: !Sub "arn:aws:ssm:*:*:session/\${!aws:userid}-*"
  Provider:
    Type: AWS::IAM::OIDCProvider
    Condition: MakesProvider
    Properties: { Url: "https://token.actions.githubusercontent.com", ClientIdList: [sts.amazonaws.com] }
  Boundary:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "ssm:*", Resource: "*" }] }
  Shell:
    Type: AWS::SSM::Document
    DependsOn: Group
    Properties:
      Name: !Sub "Hallpass-Shell-\${AWS::Region}"
      DocumentType: Session
      Content:
        schemaVersion: "1.0"
        sessionType: Standard_Stream
        inputs: { maxSessionDuration: !Select [1, !Ref Minutes], kmsKeyId: !Ref AWS::NoValue }
  Group: { Type: AWS::Scheduler::ScheduleGroup, Properties: { Name: hallpass } }
  Topic: { Type: AWS::SNS::Topic, Properties: { DisplayName: Hallpass } }
  Rule:
    Type: AWS::Events::Rule
    Properties: { EventPattern: { source: [hallpass] }, Targets: [{ Id: topic, Arn: !Ref Topic }] }
  Chat: { Type: AWS::Chatbot::SlackChannelConfiguration, Properties: { SnsTopicArns: [!Ref Topic] } }
Outputs:
  RoleArn: { Value: !GetAtt Access.Arn }
  ProviderArn: { Value: !Ref Provider, Condition: MakesProvider }
  Existing: { Value: !Ref ExistingProvider, Condition: HasProvider }
`;

const given = { Repository: "acme/access" };

describe("deploying a template", () => {
  it("makes what it describes, in the order that its references ask for", async () => {
    const fixture = createFixture();
    const { outputs, resources } = fixture.aws.deploy(account, region, template, given);
    expect(outputs).toEqual({
      RoleArn: `arn:aws:iam::${account}:role/HallpassAccess`,
      ProviderArn: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`,
    });
    expect(resources["Shell"]).toBe("Hallpass-Shell-us-east-1");
    const { iam, ssm } = fixture.clients(fixture.admin);
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: "HallpassAccess" }));
    expect(Role?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(resources["Boundary"]);
    const { Content } = await ssm.send(new GetDocumentCommand({ Name: "Hallpass-Shell-us-east-1" }));
    expect(JSON.parse(Content ?? "").inputs).toEqual({ maxSessionDuration: "60" });
    const inline =
      fixture.aws.account(account).roles.get("HallpassAccess")?.inline.latest.get("sessions")?.text ?? "";
    expect(inline).toContain(`arn:aws:ssm:*:${account}:document/Hallpass-*`);
    expect(inline).toContain("session/${aws:userid}-*");
    expect(await codeOf(assume(fixture))).toBe("none");
  });

  it("takes JSON as well, and records what it does not know", () => {
    const { aws } = createFixture();
    aws.deploy(
      account,
      region,
      JSON.stringify({
        Resources: { Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "logs" } } },
      }),
    );
    expect(aws.region(account, region).recorded).toMatchObject([
      { type: "AWS::S3::Bucket", properties: { BucketName: "logs" } },
    ]);
  });

  it("uses a provider that is there, where it is named", () => {
    const { aws } = createFixture();
    const ExistingProvider = aws.createOidcProvider(account, {
      url: "https://token.actions.githubusercontent.com",
      clientIds: ["sts.amazonaws.com"],
    }).arn;
    const { outputs, resources } = aws.deploy(account, region, template, { ...given, ExistingProvider });
    expect([outputs["Existing"], resources["Provider"]]).toEqual([ExistingProvider, undefined]);
  });

  it("global names cannot be made twice in one account: not from a second Region either", () => {
    const { aws } = createFixture();
    aws.deploy(account, region, template, given);
    expect(() => aws.deploy(account, "eu-central-1", template, given)).toThrow(/EntityAlreadyExists/);
  });

  it.each([
    ["a parameter that is missing", template, {}, /parameter Repository must have a value/],
    ["a parameter off its pattern", template, { Repository: "Acme/access" }, /must match pattern/],
    ["a parameter it does not have", template, { ...given, Colour: "red" }, /no parameter `Colour`/],
    [
      "a reference to nothing",
      template.replace("!Ref Boundary", "!Ref Nothing"),
      given,
      /unresolved reference `Nothing`/,
    ],
    [
      "a substitution of nothing",
      template.replace("${Repository}", "${Repo}"),
      given,
      /unresolved reference `Repo`/,
    ],
    [
      "an attribute that is not there",
      template.replace("Access.Arn", "Access.Name"),
      given,
      /no attribute `Name`/,
    ],
    [
      "a condition that is not there",
      template.replace("Condition: Always", "Condition: Never"),
      given,
      /no condition `Never`/,
    ],
    [
      "an unknown property",
      template.replace("MaxSessionDuration", "MaxSessionLength"),
      given,
      /unknown property `MaxSessionLength`/,
    ],
    [
      "an unknown attribute of a resource",
      template.replace("DependsOn", "NeedsFirst"),
      given,
      /unknown attribute `NeedsFirst`/,
    ],
    ["an unknown section", `${template}\nExtras: {}`, given, /unknown section/],
    ["what IAM would refuse", template.replace(/"repo:[^"]*"/, '"*"'), given, /MalformedPolicyDocument/],
    [
      "what Systems Manager would refuse",
      template.replace("Standard_Stream", "Screen"),
      given,
      /InvalidDocumentContent/,
    ],
    ["no resource", "Parameters: {}", {}, /at least one Resource/],
    ["broken YAML", "Resources: {", {}, /does not parse/],
  ])("%s is refused", (_, text, parameters, reason) => {
    const { aws } = createFixture();
    expect(() => aws.deploy(account, region, text, parameters)).toThrow(reason);
  });

  it("a circle of references is refused", () => {
    const { aws } = createFixture();
    const circle =
      "Resources: { A: { Type: AWS::X::Y, Properties: { V: !Ref B } }, B: { Type: AWS::X::Y, Properties: { V: !Ref A } } }";
    expect(() => aws.deploy(account, region, circle)).toThrow(/circular/);
  });
});
