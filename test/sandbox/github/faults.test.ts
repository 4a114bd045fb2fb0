import { Octokit } from "@octokit/rest";
import { describe, expect, test } from "vitest";
import { secondaryLimit } from "../../../sandbox/github/faults.ts";
import { createJudge } from "../../../sandbox/github/judge.ts";
import { listen } from "../../../sandbox/github/listen.ts";
import { access, createAcme, quiet } from "./acme.ts";
import { refused } from "./refused.ts";

const creatingIssue = ({ method, path }: { method: string; path: string }) =>
  method === "POST" && path.endsWith("/issues");

describe("faults", () => {
  test("a timeout loses the request: nothing has happened", async () => {
    const { github, as } = createAcme();
    github.faults.add({ when: creatingIssue, times: 1, respond: "timeout" });
    await expect(as("alice").rest.issues.create({ ...access, title: "x" })).rejects.toThrow();
    expect((await as("alice").rest.issues.listForRepo(access)).data).toEqual([]);
    await as("alice").rest.issues.create({ ...access, title: "x" });
    expect((await as("alice").rest.issues.listForRepo(access)).data).toHaveLength(1);
  });

  test("after-effect loses the answer only: it has happened", async () => {
    const { github, as } = createAcme();
    github.faults.add({ when: creatingIssue, times: 1, respond: "after-effect" });
    await expect(as("alice").rest.issues.create({ ...access, title: "x" })).rejects.toThrow();
    expect((await as("alice").rest.issues.listForRepo(access)).data).toHaveLength(1);
    expect(github.requests.find(creatingIssue)?.status).toBe(0);
  });

  test("a response in its stead: nothing has happened", async () => {
    const { github, as } = createAcme();
    github.faults.add({ when: creatingIssue, respond: () => secondaryLimit(60) });
    const answer = await refused(as("alice").rest.issues.create({ ...access, title: "x" }));
    expect(answer).toMatchObject({ status: 403, message: expect.stringContaining("secondary") });
    github.faults.clear();
    await as("alice").rest.issues.create({ ...access, title: "x" });
  });

  test("stale: a read answers as it did before, as a replica that lags", async () => {
    const { github, as } = createAcme();
    const alice = as("alice");
    let lagging = false;
    github.faults.add({ when: ({ method }) => lagging && method === "GET", times: 1, respond: "stale" });
    const list = async () => (await alice.rest.issues.listForRepo(access)).data.length;
    expect(await list()).toBe(0);
    await alice.rest.issues.create({ ...access, title: "x" });
    lagging = true;
    expect([await list(), await list()]).toEqual([0, 1]);
  });

  test("may pick a GraphQL operation by its name", async () => {
    const { github, as } = createAcme();
    const respond = () => new Response("bad gateway", { status: 502 });
    github.faults.add({ when: ({ graphql }) => graphql?.operations.includes("Who") === true, respond });
    await expect(as("alice").graphql("query Who { viewer { login } }")).rejects.toMatchObject({
      status: 502,
    });
    await as("alice").graphql("query Other { viewer { login } }");
  });
});

describe("the request log", () => {
  test("tells who asked what, and which GraphQL requests write", async () => {
    const { github, as, bot, root } = createAcme();
    const octokit = await bot();
    github.requests.length = 0;
    await as("alice").rest.repos.get(access);
    const input = {
      branch: { repositoryNameWithOwner: "acme/access", branchName: "main" },
      expectedHeadOid: root,
      message: { headline: "m" },
    };
    await octokit.graphql(
      "mutation Record($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { clientMutationId } }",
      { input },
    );
    expect(
      github.requests.map(({ method, path, actor, tokenKind, graphql }) => [
        method,
        path,
        actor,
        tokenKind,
        graphql,
      ]),
    ).toEqual([
      ["GET", "/repos/acme/access", "alice", "user", undefined],
      ["POST", "/graphql", "hallpass[bot]", "installation", { operations: ["Record"], mutation: true }],
    ]);
  });

  test("of one story is the same in each run", async () => {
    const play = async () => {
      const { github, as, propose } = createAcme();
      await as("alice").rest.issues.create({ ...access, title: "x" });
      const { number, head } = await propose("carol", "topic", { a: "1" });
      await as("carol").rest.pulls.merge({ ...access, pull_number: number, sha: head });
      const { data } = await as("alice").rest.repos.listCommits(access);
      return JSON.stringify([github.requests, data]);
    };
    expect(await play()).toBe(await play());
  });
});

describe("the judge", () => {
  const judge = createJudge();

  test.each([
    ["a missing member", { id: 1 }],
    ["a wrong type", { key_id: 1, key: "x" }],
    ["an invented member", { key_id: "1", key: "x", colour: "red" }],
  ])("sees %s", (_, body) => {
    const pattern = "/repos/{owner}/{repo}/actions/secrets/public-key";
    const route = { method: "GET", pattern, expression: /x/, names: [], handle: () => ({ status: 200 }) };
    const asked = {
      method: "GET",
      path: "/",
      query: new URLSearchParams(),
      headers: new Headers(),
      body: "",
      graphql: undefined,
    };
    expect(() => judge.response(asked, route, { status: 200, body })).toThrow(/not what GitHub describes/);
    expect(() =>
      judge.response(asked, route, { status: 200, body: { key_id: "1", key: "x" } }),
    ).not.toThrow();
    expect(() => judge.response(asked, route, { status: 207, body: {} })).toThrow(/never answers so/);
    expect(() => judge.response(asked, { ...route, pattern: "/made/up" }, { status: 200 })).toThrow(
      /not in the slice/,
    );
    expect(() => judge.webhook("issues", "exploded", {})).toThrow(/not in the slice/);
    expect(() => judge.webhook("issues", "opened", {})).toThrow(/not what GitHub describes/);
  });
});

describe("over loopback", () => {
  test("the same world answers, and a lost connection is lost", async () => {
    const { github } = createAcme();
    const { server, port } = await listen(github.handle, 0);
    try {
      const octokit = new Octokit({
        auth: github.personalToken("alice"),
        baseUrl: `http://127.0.0.1:${port}`,
        log: quiet,
      });
      const { data } = await octokit.rest.issues.create({ ...access, title: "x" });
      expect(data.user?.login).toBe("alice");
      github.faults.add({ when: () => true, times: 1, respond: "timeout" });
      await expect(octokit.rest.repos.get(access)).rejects.toMatchObject({ status: 500 });
      await octokit.rest.repos.get(access);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
