import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import type { GitHubClient } from "../../github/client.ts";
import { commitToLedger, readLedgerFiles } from "../../github/ledger.ts";
import { performGitHubStep } from "../../github/perform.ts";
import { judgeProtection, type Protection } from "../../github/protection.ts";
import { readProtection } from "../../github/read-protection.ts";
import { readStart } from "../../github/read-start.ts";
import { accessRulesets, type Ruleset } from "../../github/rulesets.ts";
import { type AccessRepo, accessRepo, costOf, fails, fullName } from "./access-repo.ts";
import { gather, openPullStep } from "./facts.ts";

let world: AccessRepo;
beforeEach(async () => {
  world = await accessRepo();
});

/** Rulesets of the set-up, changed on the way: undefined leaves one out. */
async function setUp(change: (ruleset: Ruleset) => unknown = (ruleset) => ruleset): Promise<void> {
  for (const ruleset of accessRulesets(world.us.appId)) {
    const changed = change(ruleset);
    if (changed !== undefined) await world.as("ada", "POST", "/rulesets", changed);
  }
}

const law = async (client: GitHubClient) => ({ branch: "main", commit: (await readStart(client)).sha });

const problems = async () =>
  (await readProtection(world.client, world.us, await law(world.client))).map(
    ({ code, message }) => [code, message] as const,
  );

describe("a repository that is set up", () => {
  it("has no problem, and it costs six requests to know", async () => {
    await setUp();
    const client = world.newClient();
    const known = await law(client);
    let found: unknown;
    const cost = await costOf(client, async () => {
      found = await readProtection(client, world.us, known);
    });
    expect(found).toEqual([]);
    expect(cost).toEqual({ requests: 6, writes: 0 });
  });

  it("lets our App open, check, merge and record, and nobody else write there", async () => {
    await setUp();
    const facts = await gather(world, await world.ask());
    const step = openPullStep(facts);
    expect(() => world.github.push("dave", fullName, step.branch, facts.ledger.head)).toThrow();
    expect(() =>
      world.github.pushFiles("ada", fullName, "ledger", { "active/1.yaml": "x\n" }, "Forge"),
    ).toThrow();
    const opened = await performGitHubStep(world.client, step, facts);
    expect(() =>
      world.github.pushFiles("dave", fullName, step.branch, { "approved/x.yaml": "x\n" }, "Swap"),
    ).toThrow();
    const [pull] = opened.pulls;
    if (pull === undefined) throw new Error("no pull");
    const merged = await performGitHubStep(
      world.client,
      { do: "merge", pull: pull.number, head: pull.head, title: "Approve", message: "Hallpass-Request: 1" },
      opened,
    );
    expect((await gather(world, facts.subject.number)).ledger.approved).toEqual(merged.ledger.approved);
  });
});

describe("a stolen token of our App", () => {
  const sha = z.object({ sha: z.string() });
  const moveLedger = (to: string, force: boolean) =>
    world.client.send({
      method: "PATCH",
      path: "/repos/{owner}/{repo}/git/refs/heads/ledger",
      body: { sha: to, force },
    });

  it("cannot rewrite the ledger, delete it, or hide a grant behind a merge", async () => {
    await setUp();
    const { ledger } = await gather(world, await world.ask());
    const granted = await commitToLedger(world.client, {
      expectedHead: ledger.head,
      message: "Open",
      additions: [{ path: "active/12.yaml", content: "x: 1\n" }],
      deletions: [],
    });
    if (!granted.ok) throw new Error("moved");
    const { tree } = await world.client.get({
      path: "/repos/{owner}/{repo}/git/commits/{commit}",
      with: { commit: ledger.head },
      as: z.object({ tree: sha }),
    });
    // as if the grant had never been: the old tree, on top of both, the side without the grant first
    const merge = await world.client.send({
      method: "POST",
      path: "/repos/{owner}/{repo}/git/commits",
      body: { message: "Merge", tree: tree.sha, parents: [ledger.head, granted.head] },
      as: sha,
    });
    await fails(moveLedger(merge.sha, false), "unprocessable");
    await fails(moveLedger(ledger.head, true), "unprocessable");
    await fails(
      world.client.send({ method: "DELETE", path: "/repos/{owner}/{repo}/git/refs/heads/ledger" }),
      "unprocessable",
    );
    expect((await readLedgerFiles(world.client, ["active/12.yaml"])).texts.size).toBe(1);
  });
});

describe("a repository that is not", () => {
  it("has everything wrong when there are no rulesets, each with what to do", async () => {
    const found = await problems();
    expect(found.map(([code]) => code)).toEqual([
      ...Array(6).fill("trust.law-unprotected"),
      ...Array(9).fill("trust.ledger-unprotected"),
    ]);
    for (const [, message] of found) expect(message).toMatch(/expected .*; an admin sets/);
  });

  const without = (type: string, name: RegExp) => (ruleset: Ruleset) =>
    name.test(ruleset.name)
      ? { ...ruleset, rules: ruleset.rules.filter((rule) => rule.type !== type) }
      : ruleset;
  const rules = (name: RegExp, change: (rule: Ruleset["rules"][number]) => unknown) => (ruleset: Ruleset) =>
    name.test(ruleset.name) ? { ...ruleset, rules: ruleset.rules.map(change) } : ruleset;
  const reviews = (changed: Readonly<Record<string, unknown>>) =>
    rules(/law/, (rule) =>
      rule.type === "pull_request" ? { ...rule, parameters: { ...rule.parameters, ...changed } } : rule,
    );
  const bypassed =
    (name: RegExp, mode = "always") =>
    (ruleset: Ruleset) =>
      name.test(ruleset.name)
        ? {
            ...ruleset,
            bypass_actors: [{ actor_id: world.us.appId, actor_type: "Integration", bypass_mode: mode }],
          }
        : ruleset;

  it.each<[string, (ruleset: Ruleset) => unknown, string, RegExp, number]>([
    [
      "no pull request for the law",
      without("pull_request", /law/),
      "trust.law-unprotected",
      /pull request|a push|last push/,
      4,
    ],
    [
      "no approval",
      reviews({ required_approving_review_count: 0 }),
      "trust.law-unprotected",
      /at least one approval/,
      1,
    ],
    [
      "no code-owner review",
      reviews({ require_code_owner_review: false }),
      "trust.law-unprotected",
      /code-owner/,
      1,
    ],
    [
      "approvals that outlive a push",
      reviews({ dismiss_stale_reviews_on_push: false }),
      "trust.law-unprotected",
      /a push to dismiss/,
      1,
    ],
    [
      "a last push that its pusher approves",
      reviews({ require_last_push_approval: false }),
      "trust.law-unprotected",
      /approve the last push/,
      1,
    ],
    [
      "a law that can be rewritten",
      without("non_fast_forward", /law/),
      "trust.law-unprotected",
      /force-push/,
      1,
    ],
    ["a law that can be deleted", without("deletion", /law/), "trust.law-unprotected", /deletion/, 1],
    ["a law that the App may write", bypassed(/law/), "trust.law-unprotected", /also for the App/, 6],
    [
      "a law that the App may merge",
      bypassed(/law/, "pull_request"),
      "trust.law-unprotected",
      /also for the App/,
      6,
    ],
    [
      "a ledger that others may write",
      without("update", /writes the ledger/),
      "trust.ledger-unprotected",
      /updates/,
      1,
    ],
    [
      "no check",
      without("required_status_checks", /writes/),
      "trust.ledger-unprotected",
      /check `hallpass`/,
      1,
    ],
    [
      "a check that any workflow may report",
      rules(/writes/, (rule) =>
        rule.type === "required_status_checks"
          ? { ...rule, parameters: { ...rule.parameters, required_status_checks: [{ context: "hallpass" }] } }
          : rule,
      ),
      "trust.ledger-unprotected",
      /reported by this App/,
      1,
    ],
    [
      "history that can be rewritten",
      without("non_fast_forward", /append-only/),
      "trust.ledger-unprotected",
      /force-push/,
      1,
    ],
    [
      "history that can be deleted",
      without("deletion", /append-only/),
      "trust.ledger-unprotected",
      /deletion/,
      1,
    ],
    [
      "history that the App may rewrite",
      bypassed(/append-only/),
      "trust.ledger-unprotected",
      /also for the App/,
      3,
    ],
    [
      "request branches that others make",
      without("creation", /request branches/),
      "trust.ledger-unprotected",
      /creation/,
      1,
    ],
    [
      "request branches that others change",
      without("update", /request branches/),
      "trust.ledger-unprotected",
      /updates/,
      1,
    ],
    [
      "request branches that others delete",
      without("deletion", /opens request branches/),
      "trust.ledger-unprotected",
      /deletion/,
      1,
    ],
    [
      "request branches that the App may rewrite",
      bypassed(/never change/),
      "trust.ledger-unprotected",
      /also for the App/,
      1,
    ],
    [
      "a ruleset that only watches",
      (ruleset) => (/law/.test(ruleset.name) ? { ...ruleset, enforcement: "disabled" } : ruleset),
      "trust.law-unprotected",
      /expected/,
      6,
    ],
  ])("is refused for %s", async (_, change, code, message, count) => {
    await setUp(change);
    const found = await problems();
    expect(found).toHaveLength(count);
    for (const each of found) {
      expect(each[0]).toBe(code);
      expect(each[1]).toMatch(message);
    }
  });

  it("does not take what GitHub leaves unsaid for binding", () => {
    const reviews = { approvals: 1, codeOwners: true, dismissesStale: true, lastPush: true };
    const rule = { ruleset: 1, reviews, checks: [{ context: "hallpass", integration: 7 }] };
    const every = [
      "pull_request",
      "non_fast_forward",
      "deletion",
      "update",
      "creation",
      "required_status_checks",
      "required_linear_history",
    ].map((type) => ({ ...rule, type }));
    const all: Protection = {
      defaultBranch: "main",
      appId: 7,
      onDefault: every,
      onLedger: every,
      onRequests: every,
      binding: new Set([1]),
    };
    expect(judgeProtection(all)).toEqual([]);
    expect(judgeProtection({ ...all, binding: new Set() })).toHaveLength(10);
    expect(judgeProtection({ ...all, appId: 8 })).toHaveLength(1);
  });
});

describe("a law without an owner", () => {
  it.each<[string, string | null, RegExp]>([
    ["no CODEOWNERS", null, /has no CODEOWNERS/],
    ["none for policies", "/.github/ @acme/leads\n", /no owner for `policies\/`;/],
    ["none for the config", "* @acme/leads\n/.github/hallpass.yml\n", /line 2 .* `\/.github\/hallpass.yml`;/],
    [
      "none for a policy that is not there yet",
      "* @acme/leads\n/policies/secret.cedar\n",
      /line 2 .* takes the owner away from `\/policies\/secret.cedar`;/,
    ],
    [
      "a team that is none beside one that is",
      "* @acme/leads\n/policies/ @acme/leads @acme/ghosts\n",
      /line 2 .*: `make sure the team @acme\/ghosts exists, .* write access to the repository`;/,
    ],
    [
      "a team that may not write",
      "* @acme/leads\n/policies/ @acme/security\n",
      /line 2 .*: `make sure the team @acme\/security exists, .* write access to the repository`;/,
    ],
    [
      "a person who may not write",
      "* @acme/leads\n/.github/ @eve\n",
      /line 2 .*: `make sure @eve exists and has/,
    ],
    ["no name at all", "* @acme/leads\n/.github/ @\n", /line 2 .*: `Invalid owner`;/],
  ])("is refused: %s", async (_, owners, message) => {
    world.github.pushFiles("ada", fullName, "main", { ".github/CODEOWNERS": owners }, "Change");
    await setUp();
    const found = await problems();
    expect(found).toEqual([["trust.law-unprotected", expect.stringMatching(message)]]);
    expect(found[0]?.[1]).toMatch(/an admin gives .* an owner in `.github\/CODEOWNERS`/);
  });

  it.each<[string, string, readonly unknown[]]>([
    ["none", "", [["trust.law-unprotected", expect.stringMatching(/`action.yml`, `action\/dist\/`/)]]],
    ["one", "/action.yml @acme/leads\n/action/ @acme/leads\n", []],
  ])("asks who owns the Action's own copy, the code that holds the power: %s", async (_, more, expected) => {
    const owners = `/policies/ @acme/leads\n/.github/ @acme/leads\n${more}`;
    const files = { ".github/CODEOWNERS": owners, "action.yml": "name: x\n" };
    world.github.pushFiles("ada", fullName, "main", files, "Copy the Action");
    await setUp();
    expect(await problems()).toEqual(expected);
  });
});

it("is an error, and not a pass, when GitHub cannot say", async () => {
  await setUp();
  world.github.faults.add({
    when: ({ path }) => /\/rulesets\/\d+$/.test(path),
    respond: () => new Response("{}", { status: 404 }),
  });
  await expect(problems()).rejects.toMatchObject({ code: "not-found" });
});
