import { CreateTagsCommand, DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { GetResourcesCommand } from "@aws-sdk/client-resource-groups-tagging-api";
import {
  AddTagsToResourceCommand,
  DescribeInstanceInformationCommand,
  type DescribeInstanceInformationCommandInput,
  InvalidFilterKey,
  ListTagsForResourceCommand,
} from "@aws-sdk/client-ssm";
import { describe, expect, it } from "vitest";
import { account, codeOf, createFixture, region } from "./fixture.ts";

function prepared() {
  const fixture = createFixture();
  const { aws } = fixture;
  aws.addNode({ account, region, id: "i-0a", name: "web", tags: { Env: "prod" } });
  aws.addNode({
    account,
    region,
    id: "i-0b",
    tags: { Env: "dev" },
    agent: "ConnectionLost",
    platform: "Windows",
  });
  aws.addNode({ account, region, id: "i-0c", agent: "none" });
  aws.addNode({ account, region, id: "mi-0d", type: "hybrid", name: "rack-7", tags: { Env: "prod" } });
  aws.addNode({ account, region: "eu-central-1", id: "i-0e" });
  return { ...fixture, ...fixture.clients(fixture.admin) };
}

describe("DescribeInstanceInformation", () => {
  it("shows the managed nodes of one Region, hybrid ones with their name", async () => {
    const { ssm } = prepared();
    const { InstanceInformationList } = await ssm.send(new DescribeInstanceInformationCommand({}));
    expect(InstanceInformationList).toMatchObject([
      { InstanceId: "i-0a", PingStatus: "Online", PlatformType: "Linux", ResourceType: "EC2Instance" },
      { InstanceId: "i-0b", PingStatus: "ConnectionLost", PlatformType: "Windows" },
      { InstanceId: "mi-0d", ResourceType: "ManagedInstance", Name: "rack-7" },
    ]);
    expect(InstanceInformationList?.[0]?.Name).toBeUndefined();
  });

  it.each([
    ["InstanceIds", ["i-0b", "i-0e"], ["i-0b"]],
    ["PingStatus", ["Online"], ["i-0a", "mi-0d"]],
    ["PlatformTypes", ["Windows"], ["i-0b"]],
    ["ResourceType", ["ManagedInstance"], ["mi-0d"]],
    ["tag:Env", ["prod"], ["i-0a", "mi-0d"]],
    ["tag-key", ["Name"], ["i-0a"]],
  ])("filters by %s", async (Key, Values, expected) => {
    const { ssm } = prepared();
    const answer = await ssm.send(new DescribeInstanceInformationCommand({ Filters: [{ Key, Values }] }));
    expect(answer.InstanceInformationList?.map(({ InstanceId }) => InstanceId)).toEqual(expected);
  });

  it("pages by 5 to 50, and refuses unknown filters and tokens", async () => {
    const { ssm, aws } = prepared();
    for (let count = 0; count < 60; count++) aws.addNode({ account, region });
    const ask = (input: DescribeInstanceInformationCommandInput) =>
      ssm.send(new DescribeInstanceInformationCommand(input));
    const first = await ask({ MaxResults: 50 });
    const second = await ask({ MaxResults: 50, NextToken: first.NextToken });
    expect([first.InstanceInformationList?.length, second.InstanceInformationList?.length]).toEqual([50, 13]);
    expect(second.NextToken).toBeUndefined();
    expect(await codeOf(ask({ MaxResults: 4 }))).toBe("ValidationException");
    expect(await codeOf(ask({ MaxResults: 51 }))).toBe("ValidationException");
    expect(await codeOf(ask({ NextToken: "x" }))).toBe("InvalidNextToken");
    await expect(ask({ Filters: [{ Key: "Colour", Values: ["red"] }] })).rejects.toBeInstanceOf(
      InvalidFilterKey,
    );
  });
});

describe("tags", () => {
  it("EC2 has those of instances, agent or not", async () => {
    const { ec2 } = prepared();
    const ids = async (input: object) =>
      (await ec2.send(new DescribeInstancesCommand(input))).Reservations?.flatMap(({ Instances }) =>
        Instances?.map((i) => i.InstanceId),
      );
    expect(await ids({})).toEqual(["i-0a", "i-0b", "i-0c"]);
    expect(await ids({ Filters: [{ Name: "tag:Env", Values: ["d*"] }] })).toEqual(["i-0b"]);
    expect(await ids({ Filters: [{ Name: "tag-key", Values: ["Name"] }] })).toEqual(["i-0a"]);
    expect(await ids({ InstanceIds: ["i-0c"] })).toEqual(["i-0c"]);
    expect(await codeOf(ids({ InstanceIds: ["i-0none"] }))).toBe("InvalidInstanceID.NotFound");
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: ["i-0a"] }));
    expect(Reservations?.[0]?.Instances?.[0]?.Tags).toEqual([
      { Key: "Name", Value: "web" },
      { Key: "Env", Value: "prod" },
    ]);
  });

  it("Systems Manager has those of hybrid nodes, and of no instance", async () => {
    const { ssm } = prepared();
    const list = (ResourceId: string) =>
      ssm.send(new ListTagsForResourceCommand({ ResourceType: "ManagedInstance", ResourceId }));
    await ssm.send(
      new AddTagsToResourceCommand({
        ResourceType: "ManagedInstance",
        ResourceId: "mi-0d",
        Tags: [{ Key: "Rack", Value: "7" }],
      }),
    );
    expect((await list("mi-0d")).TagList).toEqual([
      { Key: "Env", Value: "prod" },
      { Key: "Rack", Value: "7" },
    ]);
    expect(await codeOf(list("i-0a"))).toBe("InvalidResourceId");
  });

  it("the tagging service has both, by type, tag and page; CreateTags shows at once", async () => {
    const { ec2, tagging } = prepared();
    await ec2.send(new CreateTagsCommand({ Resources: ["i-0c"], Tags: [{ Key: "Env", Value: "prod" }] }));
    const ask = (input: object) => tagging.send(new GetResourcesCommand(input));
    const prod = { TagFilters: [{ Key: "Env", Values: ["prod"] }] };
    const arns = (await ask(prod)).ResourceTagMappingList?.map(({ ResourceARN }) => ResourceARN);
    expect(arns).toEqual([
      `arn:aws:ec2:${region}:${account}:instance/i-0a`,
      `arn:aws:ec2:${region}:${account}:instance/i-0c`,
      `arn:aws:ssm:${region}:${account}:managed-instance/mi-0d`,
    ]);
    const instances = await ask({ ...prod, ResourceTypeFilters: ["ec2:instance"], ResourcesPerPage: 1 });
    expect(instances.ResourceTagMappingList).toHaveLength(1);
    const rest = await ask({
      ...prod,
      ResourceTypeFilters: ["ec2:instance"],
      ResourcesPerPage: 1,
      PaginationToken: instances.PaginationToken,
    });
    expect([rest.ResourceTagMappingList?.length, rest.PaginationToken]).toEqual([1, ""]);
  });
});
