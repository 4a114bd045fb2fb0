import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPace, writeLimits } from "../../github/pace.ts";
import { start, virtualClock } from "./access-repo.ts";

/** When each of these writes started, in milliseconds from the beginning. */
async function startsOf(count: number, pause = 0): Promise<readonly number[]> {
  const clock = virtualClock();
  const pace = createPace(clock, writeLimits);
  const starts: number[] = [];
  for (let write = 0; write < count; write++) {
    await pace.run(async () => {
      starts.push(clock.now() - start);
    }, false);
    clock.pass(pause);
  }
  return starts;
}

/** The most starts in any window of that length. */
const busiest = (starts: readonly number[], window: number): number =>
  Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + window).length));

describe("the pace of writes", () => {
  it("lets the writes of one step go without making anybody wait", async () => {
    expect((await startsOf(10)).at(-1)).toBe(900);
  });

  it("stays within 80 a minute and 500 an hour however many there are", async () => {
    const starts = await startsOf(700);
    expect(busiest(starts, 60_000)).toBeLessThanOrEqual(80);
    expect(busiest(starts, 3_600_000)).toBeLessThanOrEqual(500);
  });

  it("stays within them whatever the pauses", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 20_000 }), async (pause) => {
        const starts = await startsOf(550, pause);
        return busiest(starts, 60_000) <= 80 && busiest(starts, 3_600_000) <= 500;
      }),
      { numRuns: 20 },
    );
  });

  it("runs one at a time", async () => {
    const pace = createPace(virtualClock(), writeLimits);
    let running = 0;
    let most = 0;
    const write = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => pace.run(write, false)));
    expect(most).toBe(1);
  });

  it("lets grants and ends go before what only shows something", async () => {
    const pace = createPace(virtualClock(), writeLimits);
    const done: string[] = [];
    const write = (name: string) => async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done.push(name);
    };
    await Promise.all([
      pace.run(write("first"), true),
      pace.run(write("status"), true),
      pace.run(write("labels"), true),
      pace.run(write("grant"), false),
    ]);
    expect(done).toEqual(["first", "grant", "status", "labels"]);
  });

  it("goes on after a write that failed, and answers its failure to its caller", async () => {
    const pace = createPace(virtualClock(), writeLimits);
    const failed = pace.run(() => Promise.reject(new Error("no")), false);
    const next = pace.run(async () => "yes", false);
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });

  it("holds still until GitHub's time is over", async () => {
    const clock = virtualClock();
    const pace = createPace(clock, writeLimits);
    pace.holdUntil(start + 60_000);
    await pace.run(async () => undefined, false);
    expect(clock.now()).toBe(start + 60_000);
  });
});
