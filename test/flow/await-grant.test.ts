// Waiting for a grant: how often GitHub is asked, and what that costs its limit.

import { expect, test } from "vitest";
import { awaitGrant, pauseAfter } from "../../flow/await-grant.ts";
import { createClient } from "../../github/client.ts";
import { realClock } from "../../sandbox/real-clock.ts";
import { setStage } from "../../sandbox/stage.ts";

test.each([
  [0, 750],
  [15_000, 750],
  [40_000, 2_000],
  [100_000, 5_000],
  [86_400_000, 5_000],
])("%d ms after the last change the next look comes in %d ms", (unchanged, expected) => {
  expect(pauseAfter(unchanged)).toBe(expected);
});

const nothingRuns = () => Promise.resolve({ exitCode: 0, log: "" });

/** Waits as alice for a request that nobody answers, for so many looks after the first; `meanwhile` is called before each. */
async function waited(
  looks: number,
  meanwhile: (look: number, comment: (body: string) => Promise<unknown>) => Promise<unknown> = async () => {},
) {
  const stage = await setStage({
    clock: realClock,
    url: "http://github.test",
    executor: { javaScript: nothingRuns, shell: nothingRuns },
  });
  const where = { owner: "acme", repo: "access" };
  const alice = stage.as("alice").rest.issues;
  const { data } = await alice.create({ ...where, title: "Access request", body: "text" });
  const asked: string[] = [];
  const pauses: number[] = [];
  const stop = new AbortController();
  let now = 0;
  const client = createClient({
    ...where,
    baseUrl: stage.github.url,
    token: () => stage.github.personalToken("alice"),
    fetch: async (url, init) => {
      const answer = await stage.github.fetch(url, init);
      asked.push(`${init?.method ?? "GET"} ${answer.status}`);
      return answer;
    },
    clock: {
      now: () => now,
      sleep: async (milliseconds) => {
        pauses.push(milliseconds);
        now += milliseconds;
        if (pauses.length > looks) stop.abort();
        else
          await meanwhile(pauses.length, (body) =>
            alice.createComment({ ...where, issue_number: data.number, body }),
          );
      },
    },
  });
  const awaited = await awaitGrant(
    {
      client,
      login: "alice",
      app: stage.app.id,
      recipient: "age1key",
      unseal: () => Promise.reject(new Error("nothing is sealed")),
      whoAmI: () => Promise.reject(new Error("nobody is asked")),
      onLook: () => {},
      signal: stop.signal,
    },
    { request: data.number, isNew: true },
  );
  expect(awaited.got).toBe("stopped");
  stage.aws.close();
  return { asked, pauses };
}

test("of a new request the key is posted at once, and what has not changed costs the limit nothing", async () => {
  const { asked } = await waited(30);
  expect(asked.slice(0, 3).sort()).toEqual(["GET 200", "GET 200", "POST 201"]);
  const counted = asked.slice(3).filter((each) => !each.endsWith(" 304"));
  // the key itself is a change: of the issue, and of its comments
  expect(counted).toEqual(["GET 200", "GET 200"]);
  expect(asked).toHaveLength(3 + 2 * 30);
});

test("looks become more seldom while nothing happens, and frequent again when something does", async () => {
  const { pauses } = await waited(60, async (look, comment) => (look === 50 ? comment("on it") : undefined));
  expect(pauses[0]).toBe(750);
  expect(pauses.slice(1, 50).every((pause, i) => pause >= (pauses[i] ?? 0))).toBe(true);
  expect(pauses[49]).toBeGreaterThan(2_000);
  expect(pauses[50]).toBe(750);
});
