// OAuth's device flow, by the client that programs use: what GitHub documents, from the code to the renewed token.

import { createOAuthDeviceAuth } from "@octokit/auth-oauth-device";
import { Octokit } from "@octokit/rest";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { realClock } from "../../../sandbox/real-clock.ts";
import { access, createAcme, quiet } from "./acme.ts";
import { refused } from "./refused.ts";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse("2026-01-05T12:00:00Z") }));
afterEach(() => void vi.useRealTimers());

const minute = 60_000;

function world({ enabled = true } = {}) {
  const acme = createAcme({ clock: realClock });
  const { github, app } = acme;
  if (enabled) github.deviceFlow.enable(app.slug);
  const answers: { readonly at: number; readonly path: string; readonly said: Record<string, unknown> }[] =
    [];
  const started = Date.now();
  const fetch = async (input: string, init: RequestInit): Promise<Response> => {
    const response = await github.fetch(input, init);
    const said = (await response.clone().json()) as Record<string, unknown>;
    answers.push({ at: (Date.now() - started) / 1_000, path: new URL(input).pathname, said });
    return response;
  };
  const { request } = new Octokit({ baseUrl: github.url, request: { fetch }, log: quiet });
  /** The code that the person is shown, and what the client has in the end. */
  const signIn = (clientId = app.clientId) => {
    let shown = "";
    const auth = createOAuthDeviceAuth({
      clientType: "github-app",
      clientId,
      request,
      onVerification: ({ user_code }) => {
        shown = user_code;
      },
    });
    const done = auth({ type: "oauth" });
    // whoever only looks at the code must not leave an error unhandled
    done.catch(() => {});
    return { code: () => shown, done };
  };
  const post = async (path: string, body: Record<string, string>) =>
    (await (
      await github.fetch(`${github.url}${path}`, {
        method: "POST",
        headers: { accept: "application/json", "content-type": "application/json" },
        body: JSON.stringify(body),
      })
    ).json()) as Record<string, unknown>;
  return { ...acme, answers, signIn, post };
}

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

describe("a device", () => {
  test("asks until the person has entered the code, every five seconds", async () => {
    const { signIn, github, answers } = world();
    const { code, done } = signIn();
    await vi.advanceTimersByTimeAsync(11_000);
    expect(code()).toMatch(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
    github.deviceFlow.authorize("alice", code());
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await done).toMatchObject({
      token: expect.stringMatching(/^ghu_/),
      refreshToken: expect.stringMatching(/^ghr_/),
      expiresAt: "2026-01-05T20:00:15.000Z",
    });
    expect(answers.map(({ at, path, said }) => [at, path, said["error"]])).toEqual([
      [0, "/login/device/code", undefined],
      [0, "/login/oauth/access_token", "authorization_pending"],
      [5, "/login/oauth/access_token", "authorization_pending"],
      [10, "/login/oauth/access_token", "authorization_pending"],
      [15, "/login/oauth/access_token", undefined],
    ]);
  });

  test("that asks too soon is told to slow down, by five seconds more each time", async () => {
    const { post, app } = world();
    const { device_code } = await post("/login/device/code", { client_id: app.clientId });
    const ask = () =>
      post("/login/oauth/access_token", {
        client_id: app.clientId,
        device_code: String(device_code),
        grant_type: deviceGrant,
      });
    expect((await ask())["error"]).toBe("authorization_pending");
    vi.advanceTimersByTime(4_000);
    expect(await ask()).toMatchObject({ error: "slow_down", interval: 10 });
    vi.advanceTimersByTime(9_000);
    expect(await ask()).toMatchObject({ error: "slow_down", interval: 15 });
    vi.advanceTimersByTime(15_000);
    expect((await ask())["error"]).toBe("authorization_pending");
  });

  test.each<[string, (at: ReturnType<typeof world>, code: string) => void, string]>([
    ["the person says no", ({ github }, code) => github.deviceFlow.deny(code), "access_denied"],
    ["nobody comes in 15 minutes", () => void vi.advanceTimersByTime(15 * minute), "expired_token"],
  ])("%s", async (_, happens, error) => {
    const at = world();
    const { code, done } = at.signIn();
    await vi.advanceTimersByTimeAsync(1_000);
    happens(at, code());
    await vi.advanceTimersByTimeAsync(10_000);
    await expect(done).rejects.toThrow(error);
    expect(() => at.github.deviceFlow.authorize("alice", "AAAA-0000")).toThrow("no device waits");
  });

  test("of an App that has not switched it on, or of none, gets no code", async () => {
    await expect(world({ enabled: false }).signIn().done).rejects.toThrow("device_flow_disabled");
    const { done } = world().signIn("Iv23linobody");
    expect((await refused(done)).status).toBe(404);
  });

  test.each([
    [{ device_code: "dc_nobody's", grant_type: deviceGrant }, "incorrect_device_code"],
    [{ device_code: "any", grant_type: "password" }, "unsupported_grant_type"],
    [{ grant_type: deviceGrant, client_id: "Iv23linobody" }, "incorrect_client_credentials"],
  ])("%j: %s", async (body, error) => {
    const { post, app } = world();
    expect(await post("/login/oauth/access_token", { client_id: app.clientId, ...body })).toMatchObject({
      error,
    });
  });

  test("that does not ask for JSON gets a form", async () => {
    const { github, app } = world();
    const response = await github.fetch(`${github.url}/login/device/code`, {
      method: "POST",
      body: new URLSearchParams({ client_id: app.clientId }),
    });
    const form = new URLSearchParams(await response.text());
    expect([form.get("interval"), form.get("verification_uri")]).toEqual(["5", `${github.url}/login/device`]);
  });
});

describe("a user access token", () => {
  const signedIn = async () => {
    const at = world();
    const { code, done } = at.signIn();
    await vi.advanceTimersByTimeAsync(1_000);
    at.github.deviceFlow.authorize("alice", code());
    await vi.advanceTimersByTimeAsync(5_000);
    const { token, refreshToken = "" } = (await done) as { token: string; refreshToken?: string };
    const renew = (refresh_token: string) =>
      at.post("/login/oauth/access_token", {
        client_id: at.app.clientId,
        grant_type: "refresh_token",
        refresh_token,
      });
    return { ...at, token, refreshToken, renew, user: at.withToken(token) };
  };

  test("is the person's, and what it writes says through which App", async () => {
    const { user, app, as } = await signedIn();
    const { data: issue } = await user.rest.issues.create({ ...access, title: "A need", body: "x" });
    const { data: comment } = await user.rest.issues.createComment({
      ...access,
      issue_number: issue.number,
      body: "/token age1",
    });
    for (const said of [issue, comment])
      expect([said.user?.login, said.user?.type, said.performed_via_github_app?.id]).toEqual([
        "alice",
        "User",
        app.id,
      ]);
    const own = await as("alice").rest.issues.createComment({
      ...access,
      issue_number: issue.number,
      body: "hi",
    });
    expect(own.data.performed_via_github_app).toBeNull();
  });

  test("may no more than the App and the person both may, where the App is installed", async () => {
    const { user, github } = await signedIn();
    github.createRepository({ owner: "acme", name: "elsewhere" });
    github.addCollaborator("acme/elsewhere", "alice", "admin");
    github.uninstallApp("hallpass", "acme");
    github.installApp("hallpass", "acme", { repositories: ["access"], permissions: { issues: "read" } });
    expect((await refused(user.rest.repos.get({ ...access, repo: "elsewhere" }))).status).toBe(404);
    expect((await refused(user.rest.issues.create({ ...access, title: "x" }))).status).toBe(403);
    expect((await user.rest.issues.listForRepo(access)).status).toBe(200);
  });

  test("is good for eight hours, and is renewed with what came along, once", async () => {
    const { user, token, refreshToken, renew, withToken } = await signedIn();
    vi.advanceTimersByTime(8 * 60 * minute);
    expect((await refused(user.rest.users.getAuthenticated())).status).toBe(401);
    const renewed = await renew(refreshToken);
    expect(renewed).toMatchObject({ expires_in: 28_800, token_type: "bearer" });
    expect(renewed["access_token"]).not.toBe(token);
    const { data } = await withToken(String(renewed["access_token"])).rest.users.getAuthenticated();
    expect(data.login).toBe("alice");
    expect(await renew(refreshToken)).toMatchObject({ error: "bad_refresh_token" });
  });

  test("is no good once the person has taken it back", async () => {
    const { user, refreshToken, renew, github } = await signedIn();
    github.deviceFlow.revoke("alice");
    expect((await refused(user.rest.users.getAuthenticated())).status).toBe(401);
    expect(await renew(refreshToken)).toMatchObject({ error: "bad_refresh_token" });
  });
});
