import { describe, expect, it } from "vitest";
import { describeNodes, listNodes } from "../../aws/nodes.ts";
import type { NodeSpec } from "../../sandbox/aws/world-builder.ts";
import { account, createSetting, nodeId, otherRegion, region } from "./setting.ts";

function withNodes() {
  const setting = createSetting();
  const add = (spec: Partial<NodeSpec>) =>
    nodeId(setting.twin.addNode({ account: account.id, region, ...spec }).id);
  return { ...setting, add };
}

describe("nodes, live", () => {
  it("are what EC2 and Systems Manager say, in the order asked", async () => {
    const { aws, at, add } = withNodes();
    const web = add({ name: "web", tags: { Workload: "Shop", Environment: "Development" } });
    const desk = add({ name: "desk", platform: "Windows", agent: "ConnectionLost" });
    const bare = add({ agent: "none" });
    const printer = add({ name: "printer", type: "hybrid", tags: { Floor: "3" } });
    add({ name: "not-asked-for" });
    expect(await describeNodes(aws, { ...at, ids: [printer, web, desk, bare, web] })).toEqual([
      {
        type: "AWS::SSM::ManagedInstance",
        account: account.id,
        region,
        id: printer,
        name: "printer",
        platform: "Linux",
        agent: "online",
        tags: { Floor: "3" },
      },
      {
        type: "AWS::EC2::Instance",
        account: account.id,
        region,
        id: web,
        name: "web",
        platform: "Linux",
        agent: "online",
        tags: { Environment: "Development", Name: "web", Workload: "Shop" },
      },
      {
        type: "AWS::EC2::Instance",
        account: account.id,
        region,
        id: desk,
        name: "desk",
        platform: "Windows",
        agent: "offline",
        tags: { Name: "desk" },
      },
      {
        type: "AWS::EC2::Instance",
        account: account.id,
        region,
        id: bare,
        platform: "Linux",
        agent: "unknown",
        tags: {},
      },
    ]);
  });

  it("unknown ones are left out and hide no other", async () => {
    const { aws, at, add } = withNodes();
    const web = add({ name: "web" });
    const ids = [nodeId("i-00000000000000000"), web, nodeId("mi-00000000000000000")];
    expect((await describeNodes(aws, { ...at, ids })).map(({ id }) => id)).toEqual([web]);
  });

  it("none asked for is no call", async () => {
    const { aws, at, attempts } = createSetting();
    expect(await describeNodes(aws, { ...at, ids: [] })).toEqual([]);
    expect(attempts).toEqual([]);
  });

  it("of another Region are not here", async () => {
    const { aws, at, add } = withNodes();
    const far = add({ name: "far", region: otherRegion });
    expect(await describeNodes(aws, { ...at, ids: [far] })).toEqual([]);
  });

  it("more than any page holds are all there, sorted, with the tags of managed ones", async () => {
    const { aws, at, add } = withNodes();
    const ec2 = Array.from({ length: 1_205 }, (_, index) => add({ name: `n${index}` }));
    const hybrid = Array.from({ length: 120 }, (_, index) =>
      add({ name: `h${index}`, type: "hybrid", tags: { Index: String(index) } }),
    );
    const nodes = await listNodes(aws, at);
    expect(nodes.map(({ id }) => id)).toEqual([...ec2, ...hybrid].sort());
    expect(nodes.filter(({ tags }) => tags["Index"] !== undefined)).toHaveLength(120);
    expect((await describeNodes(aws, { ...at, ids: [...ec2.slice(0, 300), ...hybrid] })).length).toBe(420);
  });

  it("a tag called __proto__ is a tag", async () => {
    const { aws, at, twin, add } = withNodes();
    const web = add({ name: "web" });
    twin.region(account.id, region).nodes.get(web)?.tags.set("__proto__", "x");
    const [node] = await describeNodes(aws, { ...at, ids: [web] });
    expect(Object.keys(node?.tags ?? {})).toContain("__proto__");
  });
});
