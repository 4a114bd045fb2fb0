import { describe, expect, test } from "vitest";
import { access, createAcme } from "./acme.ts";
import { refused } from "./refused.ts";

describe("check runs", () => {
  test("are written by Apps, changed by the App that made them alone", async () => {
    const { as, bot, github, root, withToken } = createAcme();
    expect(
      (await refused(as("carol").rest.checks.create({ ...access, name: "x", head_sha: root }))).status,
    ).toBe(403);
    const { rest } = await bot();
    const { data } = await rest.checks.create({
      ...access,
      name: "hallpass",
      head_sha: root,
      output: { title: "waiting", summary: "s" },
    });
    expect(data).toMatchObject({ status: "queued", conclusion: null, app: { slug: "hallpass" } });
    const repo = github.actionsWorld.repository("acme/access");
    if (repo === undefined) throw new Error("no repository");
    const run = withToken(github.actionsWorld.mintActionsToken(repo, { checks: "write" }, 1));
    const change = { ...access, check_run_id: data.id, conclusion: "success" } as const;
    expect((await refused(run.rest.checks.update(change))).status).toBe(403);
    const done = await rest.checks.update({ ...change, output: { title: "done", summary: "s" } });
    expect(done.data).toMatchObject({
      status: "completed",
      conclusion: "success",
      output: { title: "done" },
    });
  });

  test("of a commit are listed by name and App, the latest of each", async () => {
    const { bot, root, app } = createAcme();
    const { rest } = await bot();
    for (const conclusion of ["failure", "success"] as const) {
      await rest.checks.create({ ...access, name: "hallpass", head_sha: root, conclusion });
    }
    const list = async (more: object) =>
      (await rest.checks.listForRef({ ...access, ref: "main", ...more })).data.check_runs.map(
        ({ conclusion }) => conclusion,
      );
    expect(await list({})).toEqual(["success"]);
    expect(await list({ filter: "all", app_id: app.id })).toEqual(["success", "failure"]);
    expect(await list({ check_name: "other" })).toEqual([]);
    const suites = await rest.checks.listSuitesForRef({ ...access, ref: "main" });
    expect(suites.data.check_suites).toHaveLength(1);
  });

  test("completing without a conclusion, and a commit that is not there, are 422", async () => {
    const { bot, root } = createAcme();
    const { rest } = await bot();
    const create = (more: object) =>
      rest.checks.create({ ...access, name: "x", head_sha: root, ...more } as never);
    expect((await refused(create({ head_sha: "0".repeat(40) }))).status).toBe(422);
    expect((await refused(create({ status: "completed" }))).status).toBe(422);
  });
});

describe("commit statuses", () => {
  test("combine to the worst of the latest of each context", async () => {
    const { as, root } = createAcme();
    const { rest } = as("carol");
    const set = (context: string, state: "success" | "failure" | "pending") =>
      rest.repos.createCommitStatus({ ...access, sha: root, context, state });
    const combined = async () => (await rest.repos.getCombinedStatusForRef({ ...access, ref: "main" })).data;
    expect(await combined()).toMatchObject({ state: "pending", total_count: 0 });
    await set("a", "failure");
    await set("b", "success");
    expect((await combined()).state).toBe("failure");
    await set("a", "success");
    expect(await combined()).toMatchObject({ state: "success", total_count: 2 });
    const { data } = await rest.repos.listCommitStatusesForRef({ ...access, ref: "main" });
    expect(data.map(({ context, state }) => `${context} ${state}`)).toEqual([
      "a success",
      "b success",
      "a failure",
    ]);
  });
});

describe("deployments", () => {
  test("have statuses, and make the environment they name", async () => {
    const { bot } = createAcme();
    const { rest } = await bot();
    const { data } = await rest.repos.createDeployment({
      ...access,
      ref: "main",
      environment: "hallpass",
      required_contexts: [],
    });
    if (!("id" in data)) throw new Error("no deployment");
    await rest.repos.createDeploymentStatus({ ...access, deployment_id: data.id, state: "success" });
    const statuses = await rest.repos.listDeploymentStatuses({ ...access, deployment_id: data.id });
    expect(statuses.data.map(({ state }) => state)).toEqual(["success"]);
    const list = await rest.repos.listDeployments({ ...access, environment: "hallpass" });
    expect(list.data).toHaveLength(1);
    await rest.repos.getEnvironment({ ...access, environment_name: "hallpass" });
  });
});
