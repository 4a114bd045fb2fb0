import { describe, expect, it } from "vitest";
import { durationUntil, issueCredentials } from "../../aws/credentials.ts";
import type { NodeId } from "../../core/ids.ts";
import { grant, operator } from "./operator.ts";
import { account, createSetting, otherRegion, region, session } from "./setting.ts";

function withNodes(parameters = {}) {
  const setting = createSetting(parameters);
  const add = (name: string, type: "ec2" | "hybrid" = "ec2") =>
    setting.twin.addNode({ account: account.id, region, name, type }).id as NodeId;
  return { ...setting, setting, node: add("app-01"), other: add("app-02"), hybrid: add("printer", "hybrid") };
}

const denied = { name: "AccessDeniedException" };

describe("credentials of a grant", () => {
  it.each([
    [-100, 900],
    [1_000, 900],
    [900_000, 900],
    [900_001, 901],
    [3_600_000, 3_600],
    [43_200_000, 43_200],
    [1_209_600_000, 43_200],
  ])("%i ms before the end they are asked for %i s", (left, duration) => {
    expect(durationUntil(1_000_000 + left, 1_000_000)).toBe(duration);
  });

  it("belong to the session name, and end at until even when STS gives more", async () => {
    const { setting, node, in: later, twin } = withNodes();
    const issued = await grant(setting, { nodes: [node], until: later(300) });
    expect(issued).toMatchObject({ account: account.id, region, Expiration: "2026-12-01T12:05:00Z" });
    await operator(setting, issued).start(node);
    expect(twin.sessions().map(({ owner }) => owner)).toEqual([
      `arn:aws:sts::${account.id}:assumed-role/HallpassAccess/${session}`,
    ]);
  });

  it("open this node by this document in this Region, and nothing else", async () => {
    const { setting, node, other, in: later } = withNodes();
    const issued = await grant(setting, { nodes: [node], until: later(3_600) });
    const { start } = operator(setting, issued);
    await expect(start(node)).resolves.toMatch(new RegExp(`^${session}-`));
    await expect(start(other)).rejects.toMatchObject(denied);
    await expect(start(node, "Hallpass-Shell-240")).rejects.toMatchObject(denied);
    await expect(start(node, "Hallpass-SSH-60")).rejects.toMatchObject(denied);
    await expect(start(node, "AWS-StartPortForwardingSession")).rejects.toMatchObject(denied);
    await expect(operator(setting, issued, otherRegion).start(node)).rejects.toMatchObject(denied);
  });

  it.each(["skipped", "enforced"] as const)(
    "open no default shell without a document's name, where AWS's own check is %s",
    async (defaultDocumentCheck) => {
      const { setting, node, in: later } = withNodes({ defaultDocumentCheck });
      const issued = await grant(setting, { nodes: [node], until: later(3_600), kind: { mode: "ssh" } });
      await expect(operator(setting, issued).start(node, "")).rejects.toMatchObject(denied);
    },
  );

  it("open managed instances outside EC2 too", async () => {
    const { setting, hybrid, in: later } = withNodes();
    const issued = await grant(setting, { nodes: [hybrid], until: later(3_600) });
    await expect(operator(setting, issued).start(hybrid)).resolves.toMatch(/^hp\./);
  });

  it("open nothing from until on, though STS would let them live for 15 minutes", async () => {
    const { setting, node, in: later, clock } = withNodes();
    const issued = await grant(setting, { nodes: [node], until: later(300) });
    const { start } = operator(setting, issued);
    await clock.advance(299_000);
    await expect(start(node)).resolves.toMatch(/^hp\./);
    await clock.advance(1_000);
    await expect(start(node)).rejects.toMatchObject(denied);
  });

  it("end their own sessions and nobody else's", async () => {
    const { setting, node, in: later } = withNodes();
    const until = later(3_600);
    const mine = operator(setting, await grant(setting, { nodes: [node], until }));
    const longer = operator(setting, await grant(setting, { nodes: [node], until, session: `${session}3` }));
    const theirs = await longer.start(node);
    await expect(mine.terminate(theirs)).rejects.toMatchObject(denied);
    await expect(mine.terminate(await mine.start(node))).resolves.toBeUndefined();
  });

  it("are refused for another access repo's session name", async () => {
    const { setting, node, in: later } = withNodes();
    await expect(
      grant(setting, { nodes: [node], until: later(3_600), session: "hp.7002.12" }),
    ).rejects.toMatchObject({ code: "not-authorized" });
  });

  it.each([
    ["{", "malformed-policy"],
    [JSON.stringify({ Version: "2012-10-17", Statement: [] }).padEnd(2_049), "invalid"],
  ])("a policy that STS does not take is a coded error: %.20s", async (policy, code) => {
    const { aws, at, in: later } = createSetting();
    await expect(issueCredentials(aws, { ...at, session, until: later(60), policy })).rejects.toMatchObject({
      code,
    });
  });

  it("a policy that packs too large is a coded error", async () => {
    const { setting, node, in: later } = withNodes({ packedPolicyBytes: 10 });
    await expect(grant(setting, { nodes: [node], until: later(60) })).rejects.toMatchObject({
      code: "policy-too-large",
    });
  });
});
