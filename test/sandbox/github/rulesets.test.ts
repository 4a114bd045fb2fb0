import { describe, expect, test } from "vitest";
import { ownersOf, parseCodeOwners } from "../../../sandbox/github/codeowners.ts";
import { fnmatch } from "../../../sandbox/github/rulesets.ts";
import { type Acme, access, createAcme } from "./acme.ts";
import { refused, refusedGraphql } from "./refused.ts";

interface Rules {
  include: string[];
  rules: object[];
  bypass?: object[];
  name?: string;
}

function rule(acme: Acme, { include, rules, bypass = [], name = "rules" }: Rules) {
  return acme.as("olga").request("POST /repos/{owner}/{repo}/rulesets", {
    ...access,
    name,
    target: "branch",
    enforcement: "active",
    bypass_actors: bypass,
    conditions: { ref_name: { include, exclude: [] } },
    rules,
  } as never);
}

const byApp = (acme: Acme, bypass_mode = "always") => ({
  actor_id: acme.app.id,
  actor_type: "Integration",
  bypass_mode,
});

const pullRequestRule = (parameters: object = {}) => ({
  type: "pull_request",
  parameters: {
    required_approving_review_count: 0,
    dismiss_stale_reviews_on_push: false,
    require_code_owner_review: false,
    require_last_push_approval: false,
    required_review_thread_resolution: false,
    ...parameters,
  },
});

const checkRule = (integration_id: number | undefined, strict = false) => ({
  type: "required_status_checks",
  parameters: {
    strict_required_status_checks_policy: strict,
    do_not_enforce_on_create: true,
    required_status_checks: [
      integration_id === undefined ? { context: "hallpass" } : { context: "hallpass", integration_id },
    ],
  },
});

const commit = (head: string, branch: string) => ({
  input: {
    branch: { repositoryNameWithOwner: "acme/access", branchName: branch },
    expectedHeadOid: head,
    message: { headline: "record" },
    fileChanges: { additions: [{ path: "active/1.yaml", contents: Buffer.from("x").toString("base64") }] },
  },
});

const mutation =
  "mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }";

describe("patterns", () => {
  test.each([
    ["refs/heads/request/**", "refs/heads/request/12", true],
    ["refs/heads/request/**", "refs/heads/request/12/x", false],
    ["refs/heads/request/**/*", "refs/heads/request/12/x", true],
    ["refs/heads/*", "refs/heads/a/b", false],
    ["refs/heads/ledger", "refs/heads/ledger2", false],
    ["refs/heads/v?.x", "refs/heads/v1.x", true],
  ])("%s against %s: %s", (pattern, ref, expected) => {
    expect(fnmatch(pattern, ref)).toBe(expected);
  });

  test("CODEOWNERS: the last match wins, and one without owners takes them away", () => {
    const rules = parseCodeOwners("* @a\n/policies/ @b @acme/sec\n*.md\ndocs/* @c # note\n");
    expect(ownersOf(rules, "x/y.ts")).toEqual(["@a"]);
    expect(ownersOf(rules, "policies/deep/x.cedar")).toEqual(["@b", "@acme/sec"]);
    expect(ownersOf(rules, "policies/README.md")).toEqual([]);
    expect(ownersOf(rules, "docs/a.txt")).toEqual(["@c"]);
    expect(ownersOf(rules, "docs/deep/a.txt")).toEqual(["@a"]);
  });
});

describe("restricted updates", () => {
  test("bind everybody on every road but the bypassing App", async () => {
    const acme = createAcme();
    const { github, as, bot, root } = acme;
    github.push("carol", "acme/access", "ledger", root);
    await rule(acme, { include: ["refs/heads/ledger"], rules: [{ type: "update" }], bypass: [byApp(acme)] });
    const sha = github.commit({
      repository: "acme/access",
      parent: root,
      files: { a: "1" },
      message: "m",
      by: "olga",
    });
    expect(() => github.push("olga", "acme/access", "ledger", sha)).toThrow(
      /Cannot update this protected ref/,
    );
    const update = as("olga").rest.git.updateRef({ ...access, ref: "heads/ledger", sha });
    expect(await refused(update)).toMatchObject({
      status: 422,
      message: expect.stringContaining("Repository rule violations found"),
    });
    const content = { ...access, path: "x", message: "m", content: "", branch: "ledger" };
    expect((await refused(as("olga").rest.repos.createOrUpdateFileContents(content))).status).toBe(409);
    expect(await refusedGraphql(as("olga").graphql(mutation, commit(root, "ledger")))).toMatchObject([
      { type: "UNPROCESSABLE" },
    ]);
    const octokit = await bot();
    await octokit.graphql(mutation, commit(root, "ledger"));
  });

  test("stop a human merge, not the App's", async () => {
    const acme = createAcme();
    acme.github.push("carol", "acme/access", "ledger", acme.root);
    await rule(acme, { include: ["refs/heads/ledger"], rules: [{ type: "update" }], bypass: [byApp(acme)] });
    const { number } = await acme.propose("carol", "topic", { a: "1" }, "ledger");
    const pull = { ...access, pull_number: number };
    expect((await refused(acme.as("olga").rest.pulls.merge(pull))).status).toBe(405);
    await (await acme.bot()).rest.pulls.merge(pull);
  });

  test("a GITHUB_TOKEN is not the App, and the Actions App cannot be a bypass actor", async () => {
    const acme = createAcme();
    const { github, withToken, root } = acme;
    github.push("carol", "acme/access", "ledger", root);
    const actions = { actor_id: 15_368, actor_type: "Integration", bypass_mode: "always" };
    expect(
      (await refused(rule(acme, { include: ["~ALL"], rules: [{ type: "update" }], bypass: [actions] })))
        .status,
    ).toBe(422);
    await rule(acme, { include: ["refs/heads/ledger"], rules: [{ type: "update" }], bypass: [byApp(acme)] });
    const repo = github.actionsWorld.repository("acme/access");
    if (repo === undefined) throw new Error("no repository");
    const token = github.actionsWorld.mintActionsToken(repo, { contents: "write" }, 1);
    expect(await refusedGraphql(withToken(token).graphql(mutation, commit(root, "ledger")))).toMatchObject([
      { type: "UNPROCESSABLE" },
    ]);
  });
});

describe("creation, deletion and force-pushes", () => {
  test("restricted creation leaves request branches to the App", async () => {
    const acme = createAcme();
    await rule(acme, {
      include: ["refs/heads/request/**"],
      rules: [{ type: "creation" }, { type: "update" }, { type: "deletion" }],
      bypass: [byApp(acme)],
    });
    const ref = { ...access, ref: "refs/heads/request/1", sha: acme.root };
    expect((await refused(acme.as("carol").rest.git.createRef(ref))).status).toBe(422);
    await (await acme.bot()).rest.git.createRef(ref);
    expect(
      (await refused(acme.as("carol").rest.git.deleteRef({ ...access, ref: "heads/request/1" }))).status,
    ).toBe(422);
  });

  test("a ruleset without bypass bars force-push and deletion for the App too, whatever another ruleset lets it", async () => {
    const acme = createAcme();
    const { github, bot, root } = acme;
    const head = github.pushFiles("carol", "acme/access", "ledger", { a: "1" }, "m");
    await rule(acme, {
      name: "A",
      include: ["refs/heads/ledger"],
      rules: [{ type: "update" }],
      bypass: [byApp(acme)],
    });
    await rule(acme, {
      name: "B",
      include: ["refs/heads/ledger"],
      rules: [{ type: "non_fast_forward" }, { type: "deletion" }],
    });
    const { rest, graphql } = await bot();
    const back = rest.git.updateRef({ ...access, ref: "heads/ledger", sha: root, force: true });
    expect((await refused(back)).message).toContain("Cannot force-push");
    expect((await refused(rest.git.deleteRef({ ...access, ref: "heads/ledger" }))).status).toBe(422);
    await graphql(mutation, commit(head, "ledger"));
  });
});

describe("required pull requests", () => {
  const codeowners = ".github/CODEOWNERS";

  test("bar direct pushes; merging needs approvals by people who can write", async () => {
    const acme = createAcme();
    const { number, head } = await acme.propose("carol", "topic", { a: "1" });
    await rule(acme, {
      include: ["~DEFAULT_BRANCH"],
      rules: [pullRequestRule({ required_approving_review_count: 1 })],
    });
    expect(() => acme.github.push("olga", "acme/access", "main", head)).toThrow(/through a pull request/);
    const pull = { ...access, pull_number: number };
    const review = (login: string, event: "APPROVE" | "REQUEST_CHANGES") =>
      acme.as(login).rest.pulls.createReview({ ...pull, event, body: "w" });
    const merge = () => acme.as("carol").rest.pulls.merge(pull);
    await review("alice", "APPROVE");
    expect((await refused(merge())).message).toContain("At least 1 approving review");
    await review("bob", "REQUEST_CHANGES");
    await review("olga", "APPROVE");
    expect((await refused(merge())).message).toContain("Changes have been requested");
    await review("bob", "APPROVE");
    await merge();
  });

  test("code owners of the base branch must agree, for each file they own", async () => {
    const acme = createAcme();
    acme.github.pushFiles(
      "carol",
      "acme/access",
      "main",
      { [codeowners]: "/policies/ @acme/devops-leads\n" },
      "owners",
    );
    const { number } = await acme.propose("carol", "topic", {
      "policies/x.cedar": "permit",
      [codeowners]: "",
    });
    await rule(acme, {
      include: ["~DEFAULT_BRANCH"],
      rules: [pullRequestRule({ require_code_owner_review: true })],
    });
    const pull = { ...access, pull_number: number };
    const approve = (login: string) => acme.as(login).rest.pulls.createReview({ ...pull, event: "APPROVE" });
    await approve("olga");
    expect((await refused(acme.as("carol").rest.pulls.merge(pull))).message).toContain("code owner");
    await approve("bob");
    await acme.as("carol").rest.pulls.merge(pull);
  });

  test("the App, no bypass actor of the default branch, commits nothing there", async () => {
    const acme = createAcme();
    await rule(acme, { include: ["~DEFAULT_BRANCH"], rules: [pullRequestRule()] });
    const { graphql } = await acme.bot();
    expect(await refusedGraphql(graphql(mutation, commit(acme.root, "main")))).toMatchObject([
      { message: expect.stringContaining("pull request") },
    ]);
  });

  test("bypass in mode pull_request helps a merge and no push", async () => {
    const acme = createAcme();
    const { number, head } = await acme.propose("carol", "topic", { a: "1" });
    const parameters = pullRequestRule({ required_approving_review_count: 1 });
    const admins = { actor_id: 5, actor_type: "RepositoryRole", bypass_mode: "pull_request" };
    await rule(acme, { include: ["~DEFAULT_BRANCH"], rules: [parameters], bypass: [admins] });
    expect(() => acme.github.push("olga", "acme/access", "main", head)).toThrow();
    await acme.as("olga").rest.pulls.merge({ ...access, pull_number: number });
  });

  test("an organization's ruleset binds beside the repository's", async () => {
    const acme = createAcme();
    acme.github.push("carol", "acme/access", "ledger", acme.root);
    await rule(acme, { include: ["refs/heads/ledger"], rules: [{ type: "update" }], bypass: [byApp(acme)] });
    await acme.as("olga").request("POST /orgs/{org}/rulesets", {
      org: "acme",
      name: "everywhere",
      enforcement: "active",
      conditions: {
        ref_name: { include: ["~ALL"], exclude: [] },
        repository_name: { include: ["~ALL"], exclude: [] },
      },
      rules: [pullRequestRule()],
    } as never);
    const { graphql, rest } = await acme.bot();
    expect(await refusedGraphql(graphql(mutation, commit(acme.root, "ledger")))).toHaveLength(1);
    const { data } = await rest.repos.getBranchRules({ ...access, branch: "ledger" });
    expect(data.map((one) => [one.type, one.ruleset_source_type])).toEqual([
      ["update", "Repository"],
      ["pull_request", "Organization"],
    ]);
  });
});

describe("required checks", () => {
  const passing = { ...access, name: "hallpass", status: "completed", conclusion: "success" } as const;

  test("count from the named App only", async () => {
    const acme = createAcme();
    const { number, head } = await acme.propose("carol", "topic", { a: "1" });
    await rule(acme, { include: ["~DEFAULT_BRANCH"], rules: [checkRule(acme.app.id)] });
    const repo = acme.github.actionsWorld.repository("acme/access");
    if (repo === undefined) throw new Error("no repository");
    const run = acme.withToken(
      acme.github.actionsWorld.mintActionsToken(repo, { checks: "write", statuses: "write" }, 1),
    );
    await run.rest.checks.create({ ...passing, head_sha: head });
    await run.rest.repos.createCommitStatus({ ...access, sha: head, state: "success", context: "hallpass" });
    const merge = () => acme.as("carol").rest.pulls.merge({ ...access, pull_number: number });
    expect(await refused(merge())).toMatchObject({
      status: 405,
      message: expect.stringContaining('"hallpass" is expected'),
    });
    const { rest } = await acme.bot();
    await rest.checks.create({ ...passing, conclusion: "failure", head_sha: head });
    expect((await refused(merge())).message).toContain("failing");
    await rest.checks.create({ ...passing, head_sha: head });
    await merge();
  });

  test("without a named App any token with checks: write satisfies them", async () => {
    const acme = createAcme();
    const { number, head } = await acme.propose("carol", "topic", { a: "1" });
    await rule(acme, { include: ["~DEFAULT_BRANCH"], rules: [checkRule(undefined)] });
    const repo = acme.github.actionsWorld.repository("acme/access");
    if (repo === undefined) throw new Error("no repository");
    const run = acme.withToken(acme.github.actionsWorld.mintActionsToken(repo, { checks: "write" }, 1));
    await run.rest.checks.create({ ...passing, head_sha: head });
    await acme.as("carol").rest.pulls.merge({ ...access, pull_number: number });
  });

  test("block createCommitOnBranch, whose commit no check has seen, unless the App bypasses always", async () => {
    const acme = createAcme();
    const { github, root } = acme;
    github.push("carol", "acme/access", "ledger", root);
    const { data } = await rule(acme, {
      include: ["refs/heads/ledger"],
      rules: [checkRule(acme.app.id)],
      bypass: [byApp(acme, "pull_request")],
    });
    const { graphql } = await acme.bot();
    expect(await refusedGraphql(graphql(mutation, commit(root, "ledger")))).toHaveLength(1);
    const ruleset_id = (data as { id: number }).id;
    await acme.as("olga").request("PUT /repos/{owner}/{repo}/rulesets/{ruleset_id}", {
      ...access,
      ruleset_id,
      bypass_actors: [byApp(acme)],
    } as never);
    await graphql(mutation, commit(root, "ledger"));
  });

  test("strict ones want the head up to date, others do not", async () => {
    const acme = createAcme();
    const { number, head } = await acme.propose("carol", "topic", { a: "1" });
    const { rest } = await acme.bot();
    await rest.checks.create({ ...passing, head_sha: head });
    const { data } = await rule(acme, {
      include: ["~DEFAULT_BRANCH"],
      rules: [checkRule(acme.app.id, true)],
      bypass: [byApp(acme)],
    });
    await rest.repos.createOrUpdateFileContents({ ...access, path: "b", message: "m", content: "" });
    const merge = () => acme.as("carol").rest.pulls.merge({ ...access, pull_number: number });
    expect((await refused(merge())).message).toContain("out of date");
    const ruleset_id = (data as { id: number }).id;
    await acme.as("olga").request("PUT /repos/{owner}/{repo}/rulesets/{ruleset_id}", {
      ...access,
      ruleset_id,
      rules: [checkRule(acme.app.id)],
    } as never);
    await merge();
  });
});

describe("reading rulesets", () => {
  test("tells everyone whether they could bypass, and only admins who else could", async () => {
    const acme = createAcme();
    const { data } = await rule(acme, {
      include: ["~DEFAULT_BRANCH"],
      rules: [{ type: "deletion" }],
      bypass: [byApp(acme)],
    });
    const ruleset = { ...access, ruleset_id: (data as { id: number }).id };
    const seen = async (octokit: { rest: ReturnType<Acme["as"]>["rest"] }) => {
      const { data: shown } = await octokit.rest.repos.getRepoRuleset(ruleset);
      return [shown.current_user_can_bypass, shown.bypass_actors?.length];
    };
    expect(await seen(acme.as("olga"))).toEqual(["never", 1]);
    expect(await seen(acme.as("alice"))).toEqual(["never", undefined]);
    expect(await seen(await acme.bot())).toEqual(["always", undefined]);
    expect((await refused(acme.as("carol").rest.repos.deleteRepoRuleset(ruleset))).status).toBe(403);
  });

  test("a disabled or evaluated ruleset binds nobody", async () => {
    const acme = createAcme();
    const { data } = await rule(acme, { include: ["~DEFAULT_BRANCH"], rules: [{ type: "update" }] });
    const ruleset_id = (data as { id: number }).id;
    await acme.as("olga").request("PUT /repos/{owner}/{repo}/rulesets/{ruleset_id}", {
      ...access,
      ruleset_id,
      enforcement: "evaluate",
    });
    acme.github.pushFiles("carol", "acme/access", "main", { a: "1" }, "m");
    const rules = await acme.as("alice").rest.repos.getBranchRules({ ...access, branch: "main" });
    expect(rules.data).toEqual([]);
  });

  test("a rule that the twin does not enforce is refused, not ignored", async () => {
    const acme = createAcme();
    expect(
      (await refused(rule(acme, { include: ["~ALL"], rules: [{ type: "required_signatures" }] }))).message,
    ).toContain("does not implement");
  });
});
