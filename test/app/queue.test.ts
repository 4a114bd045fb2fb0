import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createQueue } from "../../app/queue.ts";

interface Gate {
  readonly open: () => void;
  readonly opened: Promise<void>;
}

function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const quiet = { onError: () => undefined };

describe("the queue", () => {
  test("runs one key's work one at a time, and what is asked meanwhile once more and not once each", async () => {
    const queue = createQueue({ atOnce: 4, ...quiet });
    const gates = [gate(), gate()];
    const ran: number[] = [];
    const work = (): Promise<void> => {
      const mine = gates[ran.length];
      ran.push(ran.length + 1);
      return mine?.opened ?? Promise.resolve();
    };
    const first = queue.add("a", work);
    const others = Array.from({ length: 5 }, () => queue.add("a", work));
    await turn();
    expect(ran).toEqual([1]);
    gates[0]?.open();
    await first;
    await turn();
    expect(ran).toEqual([1, 2]);
    gates[1]?.open();
    await Promise.all(others);
    await queue.idle();
    expect(ran).toEqual([1, 2]);
  });

  test("runs many keys at once, up to its limit, and lets the next in as one leaves", async () => {
    const queue = createQueue({ atOnce: 2, ...quiet });
    const gates = new Map(["a", "b", "c"].map((key) => [key, gate()]));
    const began: string[] = [];
    for (const [key, { opened }] of gates)
      void queue.add(key, () => {
        began.push(key);
        return opened;
      });
    await turn();
    expect(began).toEqual(["a", "b"]);
    gates.get("b")?.open();
    await turn();
    expect(began).toEqual(["a", "b", "c"]);
    for (const { open } of gates.values()) open();
    await queue.idle();
  });

  test("tells of an error once, goes on with the same key, and keeps its places", async () => {
    const errors: [string, unknown][] = [];
    const queue = createQueue({ atOnce: 1, onError: (key, error) => errors.push([key, error]) });
    const failure = new Error("failed");
    await queue.add("a", () => Promise.reject(failure));
    await queue.add("a", () => {
      throw failure;
    });
    let ran = false;
    await queue.add("a", async () => {
      ran = true;
    });
    expect(errors).toEqual([
      ["a", failure],
      ["a", failure],
    ]);
    expect(ran).toBe(true);
  });

  test("is idle when it was never asked anything", async () => {
    await createQueue({ atOnce: 1, ...quiet }).idle();
  });

  test("for any order of asking and finishing: never two of one key, never over the limit, every asking is followed by a run that began after it", async () => {
    const asking = fc.record({ key: fc.constantFrom("a", "b", "c", "d"), fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.oneof(asking, fc.constant("finish" as const)), { maxLength: 40 }),
        async (atOnce, steps) => {
          const queue = createQueue({ atOnce, ...quiet });
          const running: { key: string; end: () => void }[] = [];
          const begins = new Map<string, number>();
          const seen: (() => boolean)[] = [];
          for (const step of steps) {
            if (step === "finish") {
              running.shift()?.end();
              await turn();
              continue;
            }
            const { key, fails } = step;
            const before = begins.get(key) ?? 0;
            const done = queue.add(key, async () => {
              begins.set(key, (begins.get(key) ?? 0) + 1);
              const mine = gate();
              const entry = { key, end: mine.open };
              running.push(entry);
              expect(running.filter((each) => each.key === key)).toHaveLength(1);
              expect(running.length).toBeLessThanOrEqual(atOnce);
              await mine.opened;
              const at = running.indexOf(entry);
              if (at >= 0) running.splice(at, 1);
              if (fails) throw new Error("failed");
            });
            void done.then(() => seen.push(() => (begins.get(key) ?? 0) > before));
          }
          for (let left = 200; left > 0; left--) {
            running.shift()?.end();
            await turn();
          }
          await queue.idle();
          const askings = steps.filter((step) => step !== "finish").length;
          expect(seen).toHaveLength(askings);
          expect(seen.every((each) => each())).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
