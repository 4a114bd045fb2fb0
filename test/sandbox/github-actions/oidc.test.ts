import { createPublicKey, verify } from "node:crypto";
import { expect, test } from "vitest";
import type { Actions, ActionsOptions } from "../../../sandbox/github/actions/actions.ts";
import type { RepoRef } from "../../../sandbox/github/actions-port.ts";
import { alice, pullEvent, setUp } from "./small-world.ts";

// OIDC tokens as jobs ask for them.

const PATH = ".github/workflows/x.yml";
const workflow = (on: string, job = "") => `name: access
on: ${on}
jobs:
  grant:
    runs-on: ubuntu-latest
    permissions: { id-token: write }
    ${job}
    steps:
      - run: ask
`;

interface Asked {
  request: Request;
  status: number;
  token: string;
  claims: Record<string, unknown>;
}

async function publishedKeys({ host }: Actions): Promise<Record<string, unknown>[]> {
  const response = await host.answer(new Request("http://github.test/_oidc/.well-known/jwks"));
  const body = await response?.json();
  return (body as { keys: Record<string, unknown>[] }).keys;
}

/** A world whose jobs ask for a token, and keep the request to try it again. */
function asking(job = "", repository: Partial<RepoRef> = {}, options: Partial<ActionsOptions> = {}) {
  const asked: Asked[] = [];
  const all = setUp(
    { [PATH]: workflow("[workflow_dispatch, issues, pull_request_target]", job) },
    {
      ask: async (env) => {
        const request = new Request(`${env["ACTIONS_ID_TOKEN_REQUEST_URL"]}&audience=sts.amazonaws.com`, {
          headers: { authorization: `bearer ${env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]}` },
        });
        const response = await all.actions.host.answer(request);
        const body = (await response?.json()) as { value?: string } | undefined;
        const value = body?.value ?? "";
        const claims = JSON.parse(Buffer.from(value.split(".")[1] ?? "", "base64url").toString() || "{}");
        asked.push({ request, status: response?.status ?? 0, token: value, claims });
        return {};
      },
    },
    { repository, ...options },
  );
  return { ...all, asked };
}

test("a token says what GitHub's says, for five minutes, signed with the published key", async () => {
  const { world, repo, actions, runs, asked, done } = asking("environment: hallpass");
  world.environments.set("hallpass", { branches: ["main"], secrets: {} });
  actions.host.dispatch(repo, PATH, "main", {}, alice);
  await done();
  const [run] = runs();
  const { sha } = world.defaultBranch(repo);
  const now = world.clock.now() / 1000;
  const workflowRef = `acme/access/${PATH}@refs/heads/main`;
  expect(asked[0]?.claims).toEqual({
    jti: expect.any(String),
    iss: "http://github.test/_oidc",
    aud: "sts.amazonaws.com",
    sub: "repo:acme/access:environment:hallpass",
    iat: now,
    nbf: now - 10,
    exp: now + 300,
    ref: "refs/heads/main",
    ref_type: "branch",
    ref_protected: "false",
    sha,
    repository: "acme/access",
    repository_id: String(repo.id),
    repository_owner: "acme",
    repository_owner_id: "77",
    repository_visibility: "private",
    run_id: String(run?.id),
    run_number: "1",
    run_attempt: "1",
    actor: "alice",
    actor_id: "101",
    workflow: "access",
    workflow_ref: workflowRef,
    workflow_sha: sha,
    job_workflow_ref: workflowRef,
    job_workflow_sha: sha,
    event_name: "workflow_dispatch",
    head_ref: "",
    base_ref: "",
    environment: "hallpass",
    runner_environment: "github-hosted",
    check_run_id: String(actions.jobs(run?.id ?? 0)[0]?.info.id),
  });
  const [header = "", payload = "", signature = ""] = asked[0]?.token.split(".") ?? [];
  const keys = await publishedKeys(actions);
  const { kid } = JSON.parse(Buffer.from(header, "base64url").toString());
  const key = createPublicKey({ key: keys.find((one) => one["kid"] === kid) ?? {}, format: "jwk" });
  expect(
    verify("RSA-SHA256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url")),
  ).toBe(true);
});

test("the subject without an environment is the ref, and `pull_request` for a pull request", async () => {
  const { world, repo, emit, asked, done } = asking();
  world.commit(repo, "refs/pull/7/merge", { [PATH]: workflow("[pull_request, pull_request_review]") });
  emit("issues", "opened");
  emit("pull_request", "opened", pullEvent(7));
  emit("pull_request_review", "submitted", pullEvent(7));
  await done();
  const subjects = asked.map(({ claims }) => [
    claims["event_name"],
    claims["sub"],
    claims["ref"],
    claims["head_ref"],
  ]);
  expect(subjects).toEqual(
    expect.arrayContaining([
      ["issues", "repo:acme/access:ref:refs/heads/main", "refs/heads/main", ""],
      ["pull_request", "repo:acme/access:pull_request", "refs/pull/7/merge", "request/12"],
      ["pull_request_review", "repo:acme/access:pull_request", "refs/pull/7/merge", "request/12"],
      ["pull_request_target", "repo:acme/access:ref:refs/heads/main", "refs/heads/main", "request/12"],
    ]),
  );
  expect(subjects).toHaveLength(4);
});

test.each([
  [Date.UTC(2026, 6, 15), "repo:acme/access:ref:refs/heads/main"],
  [Date.UTC(2026, 6, 16), "repo:acme@77/access@1001:ref:refs/heads/main"],
])("a repository made at %i has the subject %s", async (createdAt, subject) => {
  const { emit, asked, done } = asking("", { createdAt });
  emit("issues", "opened");
  await done();
  expect(asked[0]?.claims["sub"]).toBe(subject);
});

test("an environment's name cannot imitate another subject", async () => {
  const { emit, asked, done } = asking("environment: 'x:ref:refs/heads/main'");
  emit("issues", "opened");
  await done();
  expect(asked[0]?.claims["sub"]).toBe("repo:acme/access:environment:x%3Aref%3Arefs/heads/main");
});

test("a job that is over gets no token, and no job gets another's", async () => {
  const { emit, actions, asked, done } = asking();
  emit("issues", "opened");
  await done();
  const [first] = asked;
  expect(first?.status).toBe(200);
  const late = first && (await actions.host.answer(first.request));
  expect(late?.status).toBe(401);
});

test("a wrong bearer gets no token while the job runs", async () => {
  const statuses: (number | undefined)[] = [];
  const { repo, actions, done } = setUp(
    { [PATH]: workflow("workflow_dispatch") },
    {
      ask: async (env) => {
        const url = env["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? "";
        for (const authorization of ["bearer wrong", ""]) {
          statuses.push(
            (await actions.host.answer(new Request(url, { headers: { authorization } })))?.status,
          );
        }
        return {};
      },
    },
  );
  actions.host.dispatch(repo, PATH, "main", {}, alice);
  await done();
  expect(statuses).toEqual([401, 401]);
});

test("the issuer can bear GitHub's own name", async () => {
  const { emit, asked, actions, done } = asking(
    "",
    {},
    { oidc: { issuer: "https://token.actions.githubusercontent.com" } },
  );
  emit("issues", "opened");
  await done();
  expect(asked[0]?.claims["iss"]).toBe("https://token.actions.githubusercontent.com");
  expect(actions.oidc.jwks().keys).toHaveLength(1);
});

test("the issuer publishes where its keys are; other paths are not its own", async () => {
  const { actions } = setUp({});
  expect(actions.host.answer(new Request("http://github.test/repos/acme/access"))).toBeUndefined();
  const discovery = await actions.host.answer(
    new Request("http://github.test/_oidc/.well-known/openid-configuration"),
  );
  expect(await discovery?.json()).toMatchObject({
    issuer: "http://github.test/_oidc",
    jwks_uri: "http://github.test/_oidc/.well-known/jwks",
  });
});
