import { describe, expect, it } from "vitest";
import { denyPolicyName, readDeny, writeDeny } from "../../aws/deny.ts";
import type { NodeId } from "../../core/ids.ts";
import { grant, operator } from "./operator.ts";
import { account, createSetting, region, repository } from "./setting.ts";

const denied = { name: "AccessDeniedException" };

async function withGrants(...numbers: readonly number[]) {
  const setting = createSetting();
  const node = setting.twin.addNode({ account: account.id, region, name: "web" }).id as NodeId;
  const until = setting.in(900);
  const operators = await Promise.all(
    numbers.map(async (number) =>
      operator(
        setting,
        await grant(setting, { nodes: [node], until, session: `hp.${repository}.${number}` }),
      ),
    ),
  );
  const revoked = (...which: readonly number[]) =>
    which.map((number) => ({ session: `hp.${repository}.${number}`, until, at: setting.in(0) }));
  const write = (...which: readonly number[]) =>
    writeDeny(setting.aws, { ...setting.at, repository, revoked: revoked(...which) });
  const inline = () =>
    setting.twin.account(account.id).roles.get("HallpassAccess")?.inline.at(setting.clock.now());
  return { ...setting, setting, node, operators, revoked, write, inline };
}

describe("the deny on the access role", () => {
  it("stops the revoked and nobody else", async () => {
    const { node, operators, write } = await withGrants(1, 12);
    expect(await write(1)).toEqual({ changed: true, everybody: false });
    await expect(operators[0]?.start(node)).rejects.toMatchObject(denied);
    await expect(operators[1]?.start(node)).resolves.toMatch(/^hp\.7001\.12-/);
  });

  it("is written whole: the next revocation keeps the first", async () => {
    const { node, operators, write } = await withGrants(1, 2);
    await write(1);
    await write(1, 2);
    await expect(operators[0]?.start(node)).rejects.toMatchObject(denied);
    await expect(operators[1]?.start(node)).rejects.toMatchObject(denied);
  });

  it("is not written again when it says so already", async () => {
    const { write, attempts } = await withGrants(1);
    await write(1);
    expect(await write(1)).toEqual({ changed: false, everybody: false });
    expect(attempts.filter((call) => call === "iam:PutRolePolicy")).toHaveLength(1);
  });

  it("goes when nothing is left to deny, and may go twice", async () => {
    const { aws, at, write, inline } = await withGrants(1);
    await write(1);
    expect([...(inline()?.keys() ?? [])]).toEqual([denyPolicyName(repository)]);
    expect(await write()).toEqual({ changed: true, everybody: false });
    expect(await write()).toEqual({ changed: false, everybody: false });
    expect([...(inline()?.keys() ?? [])]).toEqual([]);
    expect(await readDeny(aws, { ...at, repository })).toBeUndefined();
  });

  it("loses nobody to a ledger that cannot be read whole", async () => {
    const { node, operators, write, aws, at, revoked, clock } = await withGrants(1, 2);
    const keep = (...which: readonly number[]) =>
      writeDeny(aws, { ...at, repository, revoked: revoked(...which), keep: true });
    expect(await keep()).toEqual({ changed: false, everybody: false });
    await write(1);
    expect(await keep()).toEqual({ changed: false, everybody: false });
    expect(await keep(2)).toEqual({ changed: true, everybody: false });
    for (const each of operators) await expect(each.start(node)).rejects.toMatchObject(denied);
    await write(...Array.from({ length: 600 }, (_, index) => 100_000 + index));
    expect(await keep(2)).toEqual({ changed: false, everybody: true });
    // who is revoked after that may have been issued credentials after that
    await clock.advance(120_000);
    const now = clock.now();
    const since = revoked(2).map((each) => ({ ...each, at: now as never, until: (now + 600_000) as never }));
    const again = () => writeDeny(aws, { ...at, repository, revoked: since, keep: true });
    expect(await again()).toEqual({ changed: true, everybody: true });
    expect(await again()).toEqual({ changed: false, everybody: true });
  });

  it("goes once the old until has passed", async () => {
    const { write, clock, inline } = await withGrants(1);
    await write(1);
    await clock.advance(901_000);
    expect(await write(1)).toEqual({ changed: true, everybody: false });
    expect([...(inline()?.keys() ?? [])]).toEqual([]);
  });

  it("a lost answer is written all the same", async () => {
    const { node, operators, write, twin } = await withGrants(1);
    twin.faults.add({
      when: ({ operation }) => operation === "PutRolePolicy",
      error: "after-effect",
      times: 1,
    });
    await write(1);
    await expect(operators[0]?.start(node)).rejects.toMatchObject(denied);
  });

  it("fails closed when the names do not fit: everybody from before is out, who comes after is in", async () => {
    const { node, operators, write, setting, clock } = await withGrants(1, 2);
    const many = Array.from({ length: 600 }, (_, index) => 100_000 + index);
    expect(await write(...many)).toEqual({ changed: true, everybody: true });
    await expect(operators[0]?.start(node)).rejects.toMatchObject(denied);
    await expect(operators[1]?.start(node)).rejects.toMatchObject(denied);
    await clock.advance(31_000);
    const issued = await grant(setting, { nodes: [node], until: setting.in(300), session: "hp.7001.3" });
    await expect(operator(setting, issued).start(node)).resolves.toMatch(/^hp\.7001\.3-/);
  });

  it("leaves another access repo's denies alone, and fails closed where those leave no room", async () => {
    const { aws, at, write, inline, in: later } = await withGrants(1);
    const theirs = Array.from({ length: 400 }, (_, index) => ({
      session: `hp.7002.${100_000 + index}`,
      until: later(900),
      at: later(0),
    }));
    await writeDeny(aws, { ...at, repository: 7002, revoked: theirs });
    const many = Array.from({ length: 200 }, (_, index) => 100_000 + index);
    expect(await write(...many)).toEqual({ changed: true, everybody: true });
    expect([...(inline()?.keys() ?? [])].sort()).toEqual(["HallpassRevoked-7001", "HallpassRevoked-7002"]);
  });
});
