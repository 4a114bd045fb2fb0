import { describe, expect, test } from "vitest";
import { alice, pullEvent, type Scripts, setUp } from "./small-world.ts";

// The table of what a workflow runs as, row by row.

const on = (trigger: string, extra = "") => `
on: ${trigger}
permissions: { contents: write, id-token: write }
jobs:
  tell:
    runs-on: ubuntu-latest
    ${extra}
    steps:
      - run: tell
`;

interface Told {
  ref: string;
  sha: string;
  workflowRef: string;
  oidc: boolean;
  event: string;
}

function teller() {
  const told: Told[] = [];
  const scripts: Scripts = {
    tell: (env) => {
      told.push({
        ref: env["GITHUB_REF"] ?? "",
        sha: env["GITHUB_SHA"] ?? "",
        workflowRef: env["GITHUB_WORKFLOW_REF"] ?? "",
        oidc: "ACTIONS_ID_TOKEN_REQUEST_URL" in env,
        event: env["GITHUB_EVENT_NAME"] ?? "",
      });
      return {};
    },
  };
  return { told, scripts };
}

const PATH = ".github/workflows/x.yml";

describe("which ref's file runs, and as which ref", () => {
  test.each(["issues", "issue_comment", "repository_dispatch"])(
    "%s runs the default branch",
    async (name) => {
      const { told, scripts } = teller();
      const { world, repo, emit, done } = setUp({ [PATH]: on(name) }, scripts);
      world.commit(repo, "refs/heads/other", { [PATH]: "on: push\njobs: {}" });
      emit(name, "created");
      await done();
      const { sha } = world.defaultBranch(repo);
      expect(told).toEqual([
        {
          ref: "refs/heads/main",
          sha,
          workflowRef: `acme/access/${PATH}@refs/heads/main`,
          oidc: true,
          event: name,
        },
      ]);
    },
  );

  test("a dispatch runs the file of the ref given, with that ref", async () => {
    const { told, scripts } = teller();
    const { world, repo, actions, done } = setUp({ [PATH]: on("workflow_dispatch") }, scripts);
    const sha = world.commit(repo, "refs/heads/side", {});
    world.commit(repo, "refs/heads/side-2", {});
    world.commit(repo, "refs/heads/side", { [PATH]: on("workflow_dispatch"), more: sha });
    actions.host.dispatch(repo, "x.yml", "side", {}, alice);
    await done();
    expect(told[0]).toMatchObject({
      ref: "refs/heads/side",
      sha: world.resolveRef(repo, "side")?.sha,
      workflowRef: `acme/access/${PATH}@refs/heads/side`,
    });
  });

  test("a review runs the workflow of the merge ref without secrets", async () => {
    const { told, scripts } = teller();
    const { world, repo, actions, emit, runs, done } = setUp({}, scripts, {
      repository: { visibility: "public" },
    });
    world.repositorySecrets["KEY"] = "hunter2hunter2";
    const merge = world.commit(repo, "refs/pull/7/merge", { [PATH]: on("pull_request_review") });
    emit("pull_request_review", "submitted", pullEvent(7, { fromFork: true }));
    await done();
    expect(told).toEqual([
      {
        ref: "refs/pull/7/merge",
        sha: merge,
        workflowRef: `acme/access/${PATH}@refs/pull/7/merge`,
        oidc: false,
        event: "pull_request_review",
      },
    ]);
    const [run] = runs();
    expect(run).toMatchObject({
      event: "pull_request_review",
      headBranch: "request/12",
      headSha: "a".repeat(40),
    });
    expect(actions.jobs(run?.id ?? 0)[0]?.grants).toEqual({
      token: { metadata: "read", contents: "read" },
      idToken: false,
      secrets: [],
      environment: undefined,
    });
  });

  test("a review on a branch of the same repository has secrets and id-token", async () => {
    const { told, scripts } = teller();
    const { world, repo, actions, emit, runs, done } = setUp({}, scripts);
    world.repositorySecrets["KEY"] = "hunter2hunter2";
    world.commit(repo, "refs/pull/7/merge", { [PATH]: on("pull_request_review") });
    emit("pull_request_review", "submitted", pullEvent(7));
    await done();
    expect(told[0]?.oidc).toBe(true);
    expect(actions.jobs(runs()[0]?.id ?? 0)[0]?.grants?.secrets).toEqual(["KEY"]);
  });

  test("the review of a pull request whose branches have no workflow file starts nothing", async () => {
    const { world, repo, emit, runs, done } = setUp({ [PATH]: on("pull_request_review") });
    world.commit(repo, "refs/pull/7/merge", { "approved/7.yaml": "" });
    emit("pull_request_review", "submitted", pullEvent(7));
    await done();
    expect(runs()).toEqual([]);
  });

  test("a pull request in conflict has no merge ref and starts nothing", async () => {
    const { emit, runs, done } = setUp({ [PATH]: on("pull_request") });
    emit("pull_request", "opened", pullEvent(8));
    await done();
    expect(runs()).toEqual([]);
  });

  test("pull requests from forks start nothing in a private repository", async () => {
    const { world, repo, emit, runs, done } = setUp({ [PATH]: on("pull_request_target") });
    world.commit(repo, "refs/pull/7/merge", { ".github/workflows/y.yml": on("pull_request") });
    emit("pull_request", "opened", pullEvent(7, { fromFork: true }));
    await done();
    expect(runs().map((run) => run.event)).toEqual(["pull_request_target"]);
  });

  test("pull_request_target runs the default branch, with secrets, whatever the base", async () => {
    const { told, scripts } = teller();
    const { world, repo, actions, emit, runs, done } = setUp({ [PATH]: on("pull_request_target") }, scripts);
    world.repositorySecrets["KEY"] = "hunter2hunter2";
    emit("pull_request", "opened", pullEvent(7, { fromFork: true }));
    await done();
    expect(told[0]).toMatchObject({ ref: "refs/heads/main", sha: world.defaultBranch(repo).sha, oidc: true });
    expect(actions.jobs(runs()[0]?.id ?? 0)[0]?.grants?.secrets).toEqual(["KEY"]);
  });

  test("a push runs the file of the pushed ref", async () => {
    const { told, scripts } = teller();
    const { world, repo, emit, done } = setUp({}, scripts);
    const sha = world.commit(repo, "refs/heads/side", { [PATH]: on("push") });
    emit("push", undefined, { payload: { ref: "refs/heads/side", after: sha } });
    await done();
    expect(told[0]).toMatchObject({ ref: "refs/heads/side", sha });
  });

  test("a deleted branch starts nothing", async () => {
    const { emit, runs, done } = setUp({ [PATH]: on("push") });
    emit("push", undefined, { payload: { ref: "refs/heads/main", after: "0".repeat(40), deleted: true } });
    await done();
    expect(runs()).toEqual([]);
  });

  test("a file that is no workflow is a failed run of each push, and says why", async () => {
    const { world, repo, actions, emit, runs, done } = setUp({ [PATH]: on("{ push: { branch: [main] } }") });
    emit("push", undefined, { payload: { ref: "refs/heads/main", after: world.defaultBranch(repo).sha } });
    emit("issues", "opened");
    await done();
    expect(runs().map((run) => [run.event, run.name, run.conclusion])).toEqual([["push", PATH, "failure"]]);
    expect(actions.problem(runs()[0]?.id ?? 0)).toContain('Unrecognized key: "branch"');
  });

  test("a push whose commit says so is skipped", async () => {
    const { world, repo, emit, runs, done } = setUp({ [PATH]: on("push") });
    const after = world.defaultBranch(repo).sha;
    emit("push", undefined, {
      payload: { ref: "refs/heads/main", after, head_commit: { message: "Fix it [skip ci]" } },
    });
    await done();
    expect(runs()).toEqual([]);
  });

  test("a merged pull request's `closed` runs on the branch it went into", async () => {
    const { told, scripts } = teller();
    const { world, repo, emit, done } = setUp(
      { [PATH]: on("{ pull_request: { types: [closed] } }") },
      scripts,
    );
    const { sha } = world.defaultBranch(repo);
    emit("pull_request", "closed", pullEvent(7, { merged: sha }));
    await done();
    expect(told[0]).toMatchObject({ ref: "refs/heads/main", sha });
  });

  test("workflow_run follows a run on another branch, on the default branch, with its environment", async () => {
    const { told, scripts } = teller();
    const follow = on("{ workflow_run: { workflows: [wake], types: [completed] } }", "environment: prod");
    const { world, repo, actions, emit, runs, done } = setUp(
      { ".github/workflows/follow.yml": follow },
      scripts,
    );
    world.environments.set("prod", { branches: ["main"], secrets: { KEY: "hunter2hunter2" } });
    const wake = `name: wake\n${on("pull_request_review")}`;
    world.commit(repo, "refs/pull/7/merge", { ".github/workflows/wake.yml": wake });
    emit("pull_request_review", "submitted", pullEvent(7));
    await done();
    expect(told.map(({ ref, event }) => ({ ref, event }))).toEqual([
      { ref: "refs/pull/7/merge", event: "pull_request_review" },
      { ref: "refs/heads/main", event: "workflow_run" },
    ]);
    expect(actions.jobs(runs()[1]?.id ?? 0)[0]?.grants?.secrets).toEqual(["KEY"]);
  });
});

describe("who starts workflows", () => {
  test("events by GITHUB_TOKEN start nothing", async () => {
    const { emit, runs, done } = setUp({ [PATH]: on("issues") });
    emit("issues", "opened", { byGitHubToken: true });
    await done();
    expect(runs()).toEqual([]);
  });

  test("a repository_dispatch by GITHUB_TOKEN starts workflows", async () => {
    const { emit, runs, done } = setUp({ [PATH]: on("repository_dispatch") });
    emit("repository_dispatch", "wake", { byGitHubToken: true });
    await done();
    expect(runs()).toHaveLength(1);
  });

  test("events by an App's token start workflows, and its `if` can refuse them", async () => {
    const bot = { payload: { sender: { login: "hallpass[bot]", type: "Bot" } } };
    const { emit, runs, done } = setUp({
      [PATH]: on("issues"),
      ".github/workflows/y.yml": on("issues", "if: github.event.sender.type != 'Bot'"),
    });
    emit("issues", "opened", bot);
    await done();
    expect(runs().map((run) => [run.path, run.conclusion])).toEqual([
      [PATH, "failure"],
      [".github/workflows/y.yml", "skipped"],
    ]);
  });

  test("a workflow that is switched off starts nothing, and cannot be dispatched", async () => {
    const { repo, actions, emit, runs, done } = setUp({ [PATH]: on("[issues, workflow_dispatch]") });
    expect(actions.host.setWorkflowState(repo, "x.yml", "disabled_manually")).toBe(true);
    emit("issues", "opened");
    expect(actions.host.dispatch(repo, "x.yml", "main", {}, alice)).toMatchObject({ status: 422 });
    await done();
    expect(runs()).toEqual([]);
  });

  test("workflow_run chains end after three", async () => {
    const chain = (name: string, after: string) =>
      `name: ${name}\n${on(`{ workflow_run: { workflows: [${after}], types: [requested] } }`)}`;
    const { emit, runs, done } = setUp({
      ".github/workflows/0.yml": `name: w0\n${on("issues")}`,
      ".github/workflows/1.yml": chain("w1", "w0"),
      ".github/workflows/2.yml": chain("w2", "w1"),
      ".github/workflows/3.yml": chain("w3", "w2"),
      ".github/workflows/4.yml": chain("w4", "w3"),
    });
    emit("issues", "opened");
    await done();
    expect(runs().map((run) => run.name)).toEqual(["w0", "w1", "w2", "w3"]);
  });
});
