import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestMatching, matchLevels, type Places, waysToChoose } from "../../core/match-levels.ts";

interface Matter {
  readonly levels: readonly Places[];
  readonly seats: readonly (readonly number[])[];
}

/** Every way to give each candidate one seat at one level or nothing, no seat twice, by brute force; the best by the design's order. */
function bestByBruteForce({ levels, seats }: Matter) {
  let best: { filled: number; complete: number; which: string } | undefined;
  const better = (a: typeof best, b: NonNullable<typeof best>): boolean =>
    a === undefined ||
    b.filled > a.filled ||
    (b.filled === a.filled && (b.complete > a.complete || (b.complete === a.complete && b.which > a.which)));
  const assign = (candidate: number, counts: readonly number[], used: readonly number[]): void => {
    const theirs = seats[candidate];
    if (theirs === undefined) {
      const complete = levels.map((level, index) => (counts[index] ?? 0) >= level.need);
      const here = {
        filled: counts.reduce((sum, count) => sum + count, 0),
        complete: complete.filter(Boolean).length,
        // "1" sorts after "0": a lower level that is complete makes the string larger
        which: complete.map((each) => (each ? "1" : "0")).join(""),
      };
      if (better(best, here)) best = here;
      return;
    }
    assign(candidate + 1, counts, used);
    for (const seat of theirs.filter((each) => !used.includes(each)))
      for (const [index, level] of levels.entries())
        if (level.takes[seat] === true && (counts[index] ?? 0) < level.need)
          assign(
            candidate + 1,
            counts.map((count, at) => (at === index ? count + 1 : count)),
            [...used, seat],
          );
  };
  assign(
    0,
    levels.map(() => 0),
    [],
  );
  return best;
}

const matters = fc
  .record({ candidates: fc.integer({ min: 0, max: 4 }), away: fc.integer({ min: 0, max: 2 }) })
  .chain(({ candidates, away }) => {
    const all = Array.from({ length: candidates + away }, (_, seat) => seat);
    return fc.record({
      seats: fc.tuple(
        ...all
          .slice(0, candidates)
          .map((own) =>
            fc.subarray(all, { maxLength: Math.min(2, all.length) }).map((of) => [...new Set([own, ...of])]),
          ),
      ),
      levels: fc.array(
        fc.record({
          need: fc.integer({ min: 1, max: 3 }),
          takes: fc.array(fc.boolean(), { minLength: all.length, maxLength: all.length }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    });
  });

describe("matching people to levels", () => {
  it("fills the most places, completes the most levels, then the lower ones, and gives each person one place", () => {
    fc.assert(
      fc.property(matters, ({ levels, seats }) => {
        const filled = matchLevels(levels, seats);
        const everybody = filled.flat();
        expect(new Set(everybody.map(({ candidate }) => candidate)).size).toBe(everybody.length);
        expect(new Set(everybody.map(({ seat }) => seat)).size).toBe(everybody.length);
        for (const [index, level] of levels.entries()) {
          expect(filled[index]?.length).toBeLessThanOrEqual(level.need);
          for (const { candidate, seat } of filled[index] ?? []) {
            expect(level.takes[seat]).toBe(true);
            expect(seats[candidate]).toContain(seat);
          }
        }
        const complete = levels.map((level, index) => filled[index]?.length === level.need);
        expect({
          filled: everybody.length,
          complete: complete.filter(Boolean).length,
          which: complete.map((each) => (each ? "1" : "0")).join(""),
        }).toEqual(bestByBruteForce({ levels, seats }));
      }),
      { numRuns: 1_000 },
    );
  });

  it("moves a person to the level that nobody else can fill", () => {
    const filled = matchLevels(
      [
        { need: 1, takes: [true, true] },
        { need: 1, takes: [true, false] },
      ],
      [[0], [1]],
    );
    expect(filled.map((each) => each.map(({ candidate }) => candidate))).toEqual([[1], [0]]);
  });

  it("fills one place on one seat, though its owner and two who stand in for them act on it", () => {
    const filled = matchLevels([{ need: 3, takes: [true, false, false] }], [[0], [1, 0], [2, 0]]);
    expect(filled).toEqual([[{ candidate: 0, seat: 0 }]]);
  });

  it("moves whoever stands in to another seat when its owner is needed on it", () => {
    const levels = [{ need: 2, takes: [true, false, true] }];
    // the first acts on either absent seat, the second on the first one only
    expect(
      matchLevels(levels, [
        [0, 2],
        [1, 0],
      ]),
    ).toEqual([
      [
        { candidate: 0, seat: 2 },
        { candidate: 1, seat: 0 },
      ],
    ]);
  });
});

describe("several ways", () => {
  it("are all combinations, in order, and few where they would be many", () => {
    expect(waysToChoose([])).toEqual([[]]);
    expect(waysToChoose([["a", "b"], ["c"], ["d", "e"]])).toEqual([
      ["a", "c", "d"],
      ["a", "c", "e"],
      ["b", "c", "d"],
      ["b", "c", "e"],
    ]);
    const many = waysToChoose(Array.from({ length: 40 }, (_, i) => [i, -i]));
    expect(many).toHaveLength(256);
    expect(new Set(many.map((way) => way.length))).toEqual(new Set([40]));
  });

  it("the one that fills the most places, then levels, then the lower ones, and the first of equals", () => {
    const levels = [{ need: 1 }, { need: 2 }];
    const way = (...fill: readonly (readonly number[])[]) => ({
      takes: fill.map((seats) => [0, 1, 2].map((seat) => seats.includes(seat))),
      seats: [[0], [1], [2]],
    });
    const seatsOf = (...ways: readonly ReturnType<typeof way>[]) =>
      bestMatching(levels, ways).map((level) => level.map(({ seat }) => seat));
    expect(seatsOf(way([0], []), way([0], [1]))).toEqual([[0], [1]]);
    expect(seatsOf(way([], [0, 1]), way([0], [1]))).toEqual([[0], [1]]);
    expect(seatsOf(way([0], [1]), way([0], [2]))).toEqual([[0], [1]]);
    expect(seatsOf(way([], [1]), way([], []))).toEqual([[], [1]]);
  });
});
