// The law is the default branch at its present head, protected. The Action grants under it, or not at all.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { appPermissions } from "../../sandbox/stage.ts";
import { changeLaw } from "./law-change.ts";
import { audit, codesOf, issuedFor } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld({ cron: false });
});
afterEach(() => world.close());

const repo = { owner: "acme", repo: "access" };
const olivia = () => world.stage.as("olivia");

interface Ruleset {
  readonly id: number;
  readonly name: string;
}

async function rulesets(): Promise<readonly Ruleset[]> {
  const { data } = await olivia().request("GET /repos/{owner}/{repo}/rulesets", repo);
  return data as readonly Ruleset[];
}

const killApp = (): void => {
  for (const app of world.apps) app.kill();
};

/** Granted, but for the run: the App is out of the way, and somebody dispatches by hand. */
async function readyToGrant(): Promise<number> {
  const number = world.people.ask("alice");
  await world.run();
  killApp();
  await world.people.token("alice", number);
  return number;
}

async function grant(number: number) {
  await world.people.dispatch("pat", "grant", number);
  await world.run();
  const run = world.runs.filter(({ command }) => command === "grant").at(-1);
  return { state: run?.state, problems: run?.problems.join("\n") ?? "" };
}

const names = [
  ["Hallpass: the law", "`main`"],
  ["Hallpass: only the App writes the ledger", "`ledger`"],
  ["Hallpass: the ledger is append-only", "`ledger`"],
  ["Hallpass: only the App opens request branches", "`request/**`"],
  ["Hallpass: request branches never change", "`request/**`"],
] as const;

describe("the Action refuses to grant", () => {
  test("under every ruleset that there is, each by its name below", async () => {
    expect((await rulesets()).map(({ name }) => name).sort()).toEqual(names.map(([name]) => name).sort());
    expect((await grant(await readyToGrant())).state).toBe("active");
  });

  test.each(names)("without the ruleset `%s`", async (name, branch) => {
    const number = await readyToGrant();
    const ruleset_id = (await rulesets()).find((each) => each.name === name)?.id ?? 0;
    await olivia().request("DELETE /repos/{owner}/{repo}/rulesets/{ruleset_id}", { ...repo, ruleset_id });
    const { state, problems } = await grant(number);
    expect(state).toBe("refused");
    expect(problems).toContain(branch);
    expect(issuedFor(world, number)).toBe(0);
  });

  test.each(names.filter(([name]) => !name.includes("only the App")))(
    "when the App could bypass the ruleset `%s`",
    async (name, branch) => {
      const number = await readyToGrant();
      const ruleset_id = (await rulesets()).find((each) => each.name === name)?.id ?? 0;
      await olivia().request("PUT /repos/{owner}/{repo}/rulesets/{ruleset_id}", {
        ...repo,
        ruleset_id,
        bypass_actors: [{ actor_id: world.stage.app.id, actor_type: "Integration", bypass_mode: "always" }],
      });
      const { state, problems } = await grant(number);
      expect(state).toBe("refused");
      expect(problems).toContain(branch);
      expect(problems).toContain("bypass");
      expect(issuedFor(world, number)).toBe(0);
    },
  );

  test("when a ruleset is only tried out", async () => {
    const number = await readyToGrant();
    const ruleset_id = (await rulesets()).find(({ name }) => name.includes("law"))?.id ?? 0;
    await olivia().request("PUT /repos/{owner}/{repo}/rulesets/{ruleset_id}", {
      ...repo,
      ruleset_id,
      enforcement: "evaluate",
    });
    expect((await grant(number)).state).toBe("refused");
  });

  test("when nobody owns the policies", async () => {
    const number = await readyToGrant();
    await changeLaw(world, { ".github/CODEOWNERS": "/.github/ @acme/platform\n" });
    const { state, problems } = await grant(number);
    expect(state).toBe("refused");
    expect(problems).toContain("`policies/`");
    expect(issuedFor(world, number)).toBe(0);
  });

  test("in a public repository", async () => {
    world.close();
    world = await createWorld({ cron: false, visibility: "public" });
    const number = await readyToGrant();
    expect((await grant(number)).state).toBe("refused");
    expect(await codesOf(world, number)).toEqual(["trust.repository-public"]);
    expect(issuedFor(world, number)).toBe(0);
  });

  test("under policies that do not load", async () => {
    const number = await readyToGrant();
    await changeLaw(world, { "policies/broken.cedar": "permit (principal, action, resource" });
    expect((await grant(number)).state).toBe("refused");
    expect(await codesOf(world, number)).toEqual(["policy.parse"]);
  });

  test("while a policy lies where none is loaded", async () => {
    const number = await readyToGrant();
    await changeLaw(world, {
      "policies/night/guardrail.cedar":
        'forbid (principal, action == AWS::SSM::Action::"startAccessRequest", resource);\n',
    });
    expect((await grant(number)).state).toBe("refused");
    expect(await codesOf(world, number)).toEqual(["policy.misplaced"]);
    expect(issuedFor(world, number)).toBe(0);
  });

  test.each([
    [
      "a policy forbids something to",
      {
        "policies/interns.cedar":
          '@id("interns") forbid (principal in GitHub::Team::"acme/interns", action == AWS::SSM::Action::"startAccessRequest", resource);\n',
      },
    ],
    [
      "people.yaml gives something to",
      { "policies/people.yaml": '"@acme/interns": { division: Interns }\n' },
    ],
  ])("when a team that %s does not answer: not there is not the same as not in it", async (_, files) => {
    const number = await readyToGrant();
    await changeLaw(world, files);
    expect((await grant(number)).state).toBe("refused");
    expect(await codesOf(world, number)).toEqual(["team.unreadable"]);
    expect(issuedFor(world, number)).toBe(0);
  });

  test("when the App may not read teams any more", async () => {
    const number = await readyToGrant();
    loseMembersPermission();
    expect((await grant(number)).state).toBe("refused");
    expect(await codesOf(world, number)).toContain("team.unreadable");
    expect(issuedFor(world, number)).toBe(0);
  });
});

function loseMembersPermission(): void {
  const { github, app } = world.stage;
  const { members: _, ...permissions } = appPermissions;
  github.uninstallApp(app.slug, "acme");
  github.installApp(app.slug, "acme", { repositories: ["access"], permissions });
}

describe("a decision is made under the policies of the moment", () => {
  const forbid =
    '@id("closed") forbid (principal, action == AWS::SSM::Action::"startAccessRequest", resource);\n';

  test("a policy that came between the approval and the grant denies it", async () => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
    await world.run();
    expect((await world.shown.tally(number)).merges).toBe(1);
    killApp();
    await world.people.token("alice", number);
    await changeLaw(world, { "policies/closed.cedar": forbid });
    expect((await grant(number)).state).not.toBe("active");
    expect(issuedFor(world, number)).toBe(0);
    expect((await audit(world, number)).verdict).toMatchObject({
      state: "over",
      record: { ended: { how: "denied" } },
    });
  });

  test("a level that came between the approval and the grant is asked for too", async () => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    for (const approver of ["bob", "erin", "carol"] as const) await world.people.approve(approver, number);
    await world.run();
    killApp();
    await world.people.token("alice", number);
    await changeLaw(world, {
      "policies/approvals.yaml": '- nodes: "*"\n  levels: ["@acme/devops-leads", "@pat"]\n',
    });
    await grant(number);
    expect(issuedFor(world, number)).toBe(0);
    expect(world.shown.record(number)?.text).toMatch(/how: failed[\s\S]*level 2 is not filled/);
  });

  test("a team that nobody can read decides nothing once somebody has reviewed", async () => {
    const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
    await world.run();
    await world.people.approve("bob", number);
    await changeLaw(world, {
      "policies/approvals.yaml": '- nodes: "*"\n  levels: ["@acme/devops-leads", "@acme/nobody"]\n',
    });
    await world.run();
    expect(await codesOf(world, number)).toEqual(["team.unreadable"]);
    expect(await world.shown.status(number)).toContain("acme/nobody");
  });

  test("what is open is not closed by a policy of later: only revocation, leaving and time end it", async () => {
    const number = await readyToGrant();
    expect((await grant(number)).state).toBe("active");
    await changeLaw(world, { "policies/closed.cedar": forbid });
    await world.people.token("alice", number);
    expect((await grant(number)).state).toBe("active");
    expect(issuedFor(world, number)).toBe(2);
  });
});

describe("the nodes are looked at again in AWS", () => {
  const node = (id: string) => {
    const { account, region, aws } = world.stage;
    const found = aws.region(account, region).nodes.get(id);
    if (found === undefined) throw new Error(`there is no node ${id}`);
    return found;
  };

  test("a tag that moved between the inventory and the grant takes the request with it", async () => {
    const number = world.people.ask("alice", { nodes: "tag:Environment=Staging" });
    await world.run();
    killApp();
    await world.people.token("alice", number);
    await world.people.approve("pat", number);
    world.stage.aws.retag(node("i-0c0c0c0c0c0c0c0c1"), { Name: "bb8-batch-01", Environment: "Production" });
    world.stage.aws.retag(node("i-0b0b0b0b0b0b0b0b1"), { Name: "c3po-vault-01", Environment: "Staging" });
    await grant(number);
    expect(issuedFor(world, number)).toBe(0);
  });

  test("a tag that took the node out of what is permitted at once fails the request", async () => {
    const number = await readyToGrant();
    world.stage.aws.retag(node("i-0d0d0d0d0d0d0d0d1"), { Name: "r2d2-dev-01", Environment: "Production" });
    expect((await grant(number)).state).toBe("failed");
    expect(issuedFor(world, number)).toBe(0);
    expect(world.shown.record(number)?.text).toContain("how: failed");
  });

  test("a name that moved to another node fails the request", async () => {
    const number = await readyToGrant();
    world.stage.aws.retag(node("i-0d0d0d0d0d0d0d0d1"), { Name: "old", Environment: "Development" });
    world.stage.aws.retag(node("i-0d0d0d0d0d0d0d0d2"), { Name: "r2d2-dev-01", Environment: "Development" });
    expect((await grant(number)).state).toBe("failed");
    expect(issuedFor(world, number)).toBe(0);
  });

  test("a node that is gone fails the request", async () => {
    const number = await readyToGrant();
    const { account, region, aws } = world.stage;
    aws.region(account, region).nodes.delete("i-0d0d0d0d0d0d0d0d1");
    expect((await grant(number)).state).toBe("failed");
    expect(world.shown.record(number)?.text).toContain("i-0d0d0d0d0d0d0d0d1");
  });
});
