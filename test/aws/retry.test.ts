import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AwsError, type AwsErrorCode } from "../../aws/errors.ts";
import { waitBefore, withRetries } from "../../aws/retry.ts";

const place = { call: "ssm:DescribeSessions", account: "1", region: "r", role: "role" };

function setting(codes: readonly AwsErrorCode[]) {
  let time = 0;
  const waits: number[] = [];
  const left = [...codes];
  const clock = {
    now: () => time,
    sleep: async (ms: number) => {
      waits.push(ms);
      time += ms;
    },
  };
  const policy = { total: 60_000, first: 250, most: 8_000, jitter: () => 0 };
  const toError = (thrown: unknown) => thrown as AwsError;
  const run = () =>
    withRetries({ clock, policy, toError }, async () => {
      const code = left.shift();
      if (code !== undefined) throw new AwsError(code, place);
      return "done";
    });
  return { run, waits, time: () => time, left };
}

describe("retries", () => {
  it.each(["throttled", "unavailable", "network", "clock", "expired", "not-authorized"] as const)(
    "%s is tried again, with longer waits each time",
    async (code) => {
      const { run, waits } = setting([code, code, code]);
      await expect(run()).resolves.toBe("done");
      expect(waits).toEqual([250, 500, 1_000]);
    },
  );

  it.each([
    "conflict",
    "not-found",
    "malformed-policy",
    "policy-too-large",
    "invalid",
    "limit-reached",
    "unknown",
  ] as const)("%s is not tried again", async (code) => {
    const { run, waits, left } = setting([code, code]);
    await expect(run()).rejects.toMatchObject({ code });
    expect([waits, left]).toEqual([[], [code]]);
  });

  it.each([
    ["throttled", 60_000],
    ["not-authorized", 10_000],
    ["expired", 5_000],
  ] as const)("%s for ever ends within %i ms", async (code, limit) => {
    const { run, time } = setting(new Array(1_000).fill(code));
    await expect(run()).rejects.toMatchObject({ code });
    expect(time()).toBeLessThanOrEqual(limit);
    expect(time()).toBeGreaterThan(limit / 3);
  });

  it("a lasting refusal after throttling does not get its time again", async () => {
    const { run, time } = setting([
      ...new Array(8).fill("throttled"),
      ...new Array(100).fill("not-authorized"),
    ]);
    await expect(run()).rejects.toMatchObject({ code: "not-authorized" });
    expect(time()).toBeLessThan(60_000);
  });

  it("a wait is never longer than the longest, nor shorter than three quarters of it", () => {
    fc.assert(
      fc.property(fc.nat(60), fc.double({ min: 0, max: 1, noNaN: true }), (tries, chance) => {
        const wait = waitBefore(tries, { total: 0, first: 250, most: 8_000, jitter: () => chance });
        const full = Math.min(8_000, 250 * 2 ** tries);
        expect(wait).toBeLessThanOrEqual(full);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(full * 0.75));
      }),
    );
  });
});
