// What the server tells of itself: whether it is ready, and its metrics.

import { afterEach, describe, expect, test, vi } from "vitest";
import { createMetrics } from "../../app/metrics.ts";
import { ask, eventually, type Loopback, lastDelivery, post, startLoopback } from "./loopback.ts";

let loopback: Loopback | undefined;
afterEach(async () => {
  await loopback?.stop();
  loopback = undefined;
});

const statusOf = async (url: string, path: string): Promise<string> => {
  const answer = await fetch(`${url}${path}`);
  return `${answer.status} ${(await answer.text()).trim()}`;
};

describe("readiness", () => {
  test("begins with a whole look at everything, and ends with being told to stop", async () => {
    loopback = await startLoopback({ hold: true, options: { drain: 1 } });
    const { url, server } = loopback;
    expect(await statusOf(url, "/readyz")).toBe("503 starting");
    expect(await statusOf(url, "/healthz")).toBe("200 ok");
    loopback.letGo();
    await eventually(async () => (await statusOf(url, "/readyz")) === "200 ready");
    const closed = server.close();
    expect(await statusOf(url, "/readyz")).toBe("503 stopping");
    expect(await statusOf(url, "/healthz")).toBe("200 ok");
    await closed;
    await expect(fetch(`${url}/readyz`)).rejects.toThrow();
  });

  test("does not come with a key that GitHub refuses", async () => {
    loopback = await startLoopback({ options: { appId: 4_711 } });
    const { log, url } = loopback;
    const said = vi.spyOn(console, "error");
    await eventually(() => log.some(({ message }) => message.startsWith("could not list the repositories")));
    expect(await statusOf(url, "/readyz")).toBe("503 starting");
    expect(await statusOf(url, "/healthz")).toBe("200 ok");
    expect(said).not.toHaveBeenCalled();
  });
});

describe("`/metrics`", () => {
  test("counts looks, states, GitHub's quota and webhooks, and holds nothing of a request but its repository", async () => {
    loopback = await startLoopback();
    const number = ask(loopback);
    await post(loopback, lastDelivery(loopback, "issues"));
    await eventually(() => loopback?.log.some(({ request }) => request === number) === true);
    await loopback.idle();
    const { url } = loopback;
    await eventually(async () =>
      (await statusOf(url, "/metrics")).includes("hallpass_webhook_lag_seconds_count"),
    );
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toContain('hallpass_requests{repository="acme/access",state="broken"} 1');
    expect(text).toContain('hallpass_verdicts_total{repository="acme/access",state="broken"} 1');
    expect(text).toContain('hallpass_reconcile_seconds_count{repository="acme/access",result="done"}');
    expect(text).toContain('hallpass_webhook_lag_seconds_count{event="issues"} 1');
    expect(text).toMatch(
      /hallpass_github_quota_remaining\{repository="acme\/access",resource="graphql"\} \d+/,
    );
    expect(text).toMatch(/hallpass_github_answers_total\{repository="acme\/access",status="2xx"\} \d+/);
    expect(text).not.toMatch(/alice|checkout|r2d2|PRIVATE KEY|gh[a-z]_/);
  });

  test("is not there unless it was asked for", async () => {
    loopback = await startLoopback({ options: { metrics: false } });
    expect((await fetch(`${loopback.url}/metrics`)).status).toBe(404);
  });

  test("has no label for an event that is not ours", async () => {
    loopback = await startLoopback();
    ask(loopback);
    await post(loopback, lastDelivery(loopback, "issues"), { event: "sponsorship" });
    await loopback.idle();
    expect(await statusOf(loopback.url, "/metrics")).not.toContain("sponsorship");
  });
});

describe("time in a state", () => {
  const at = (minutes: number): number => minutes * 60_000;
  const looked = { repository: "acme/access", request: 7, over: false, openedAt: at(10) };

  test("is counted when a request leaves the state, from its opening on", async () => {
    let now = at(5);
    const metrics = createMetrics(() => now);
    now = at(11);
    metrics.looked({ ...looked, state: "pending" });
    now = at(20);
    metrics.looked({ ...looked, state: "pending" });
    metrics.looked({ ...looked, state: "approved" });
    now = at(21);
    metrics.looked({ ...looked, state: "expired", over: true });
    const text = await metrics.text();
    expect(text).toContain('hallpass_state_seconds_sum{repository="acme/access",state="pending"} 600');
    expect(text).toContain('hallpass_state_seconds_sum{repository="acme/access",state="approved"} 60');
    expect(text).toContain('hallpass_verdicts_total{repository="acme/access",state="expired"} 1');
    expect(text).not.toContain("hallpass_requests{");
  });

  test("that began before the process is not counted", async () => {
    const metrics = createMetrics(() => at(60));
    metrics.looked({ ...looked, state: "pending" });
    metrics.looked({ ...looked, state: "active" });
    expect(await metrics.text()).not.toContain("hallpass_state_seconds_sum{");
  });

  test("is forgotten with a request that is unsettled no more", async () => {
    const metrics = createMetrics(() => at(60));
    metrics.looked({ ...looked, state: "pending" });
    metrics.looked({ ...looked, request: 8, state: "active" });
    metrics.unsettled("acme/access", [8]);
    const text = await metrics.text();
    expect(text).toContain('hallpass_requests{repository="acme/access",state="active"} 1');
    expect(text).not.toContain('state="pending"} 1\nhallpass_requests');
    expect(text).not.toContain('hallpass_requests{repository="acme/access",state="pending"}');
  });
});
