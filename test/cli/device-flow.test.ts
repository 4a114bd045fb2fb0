// Signing in by code, for what takes time: the client's patience under a virtual clock, and where each GitHub has its pages.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { renewSignIn, signInByCode } from "../../cli/device-flow.ts";
import { createGitHub } from "../../sandbox/github/github.ts";
import { realClock } from "../../sandbox/real-clock.ts";

beforeEach(() => void vi.useFakeTimers({ now: Date.parse("2026-01-05T12:00:00Z") }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function world() {
  const github = createGitHub({ clock: realClock, url: "http://127.0.0.1:4100" });
  github.createUser({ login: "alice" });
  github.createUser({ login: "acme" });
  const { clientId } = github.createApp({ slug: "hallpass", owner: "acme", permissions: {}, events: [] });
  github.deviceFlow.enable("hallpass");
  let told = "";
  const said: unknown[] = [];
  const codes: string[] = [];
  const start = () => {
    const done = signInByCode({
      clientId,
      apiUrl: github.url,
      err: (text) => {
        told += text;
      },
      fetch: async (input, init) => {
        const response = await github.fetch(input, init);
        const { error, device_code } = (await response.clone().json()) as Record<string, string>;
        if (device_code === undefined) said.push(error);
        else codes.push(device_code);
        return response;
      },
    });
    // what rejects while the clock is moved is looked at later
    done.catch(() => {});
    return done;
  };
  const code = () => /enter ([A-Z0-9-]+)/.exec(told)?.[1] ?? "";
  /** Somebody else asks with the same code, and the device pays for it. */
  const askBetween = () =>
    github.fetch(`${github.url}/login/oauth/access_token`, {
      method: "POST",
      body: new URLSearchParams({
        client_id: clientId,
        device_code: codes[0] ?? "",
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      }),
    });
  return { github, start, said, code, askBetween };
}

test("told to slow down, it does so for good: each next question comes late enough", async () => {
  const { github, start, said, code, askBetween } = world();
  const done = start();
  await vi.advanceTimersByTimeAsync(3_000);
  await askBetween();
  await vi.advanceTimersByTimeAsync(90_000);
  expect(said.slice(0, 2)).toEqual(["authorization_pending", "slow_down"]);
  expect(new Set(said.slice(2))).toEqual(new Set(["authorization_pending"]));
  github.deviceFlow.authorize("alice", code());
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await done).toMatchObject({ token: expect.stringMatching(/^ghu_/) });
});

test("a code that nobody enters ends with what to do, after 15 minutes", async () => {
  const done = world().start();
  await vi.advanceTimersByTimeAsync(16 * 60_000);
  await expect(done).rejects.toThrow(
    /^nobody entered the code in time; run the command again.*\[expired_token\]$/,
  );
});

test("an App that has it switched off says who switches it on", async () => {
  const { github, start } = world();
  github.deviceFlow.enable("hallpass", false);
  await expect(start()).rejects.toThrow(/its owner ticks `Enable Device Flow`/);
});

test("what is not GitHub's answer is not repeated", async () => {
  const fetch = async () => new Response("<html>ghu_aSecret</html>", { status: 500 });
  const done = signInByCode({ clientId: "x", apiUrl: "https://api.github.com", err: () => {}, fetch });
  await expect(done).rejects.toThrow(/^signing in at github\.com did not work; check your connection/);
  await expect(done).rejects.not.toThrow(/ghu_/);
});

describe.each([
  ["https://api.github.com", "https://github.com"],
  ["https://api.acme.ghe.com", "https://acme.ghe.com"],
  ["https://github.acme.example/api/v3", "https://github.acme.example"],
  ["http://127.0.0.1:4100", "http://127.0.0.1:4100"],
])("with the API at %s", (apiUrl, web) => {
  test("the code is asked for, and a sign-in renewed, on the web's host", async () => {
    const asked: string[] = [];
    const fetch = async (url: string | URL | Request) => {
      asked.push(String(url));
      return new Response("{}", { status: 404, headers: { "content-type": "application/json" } });
    };
    await expect(signInByCode({ clientId: "x", apiUrl, err: () => {}, fetch })).rejects.toThrow();
    vi.spyOn(globalThis, "fetch").mockImplementation(fetch);
    const old = { clientId: "x", token: "ghu_old", refreshToken: "ghr_old" };
    expect(await renewSignIn(old, apiUrl)).toBeUndefined();
    expect(asked).toEqual([`${web}/login/device/code`, `${web}/login/oauth/access_token`]);
  });
});
