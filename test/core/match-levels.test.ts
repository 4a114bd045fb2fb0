import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchLevels, type Places } from "../../core/match-levels.ts";

/** Every way to give each candidate one level or none, by brute force; the best by the design's order. */
function bestByBruteForce(levels: readonly Places[], candidates: number) {
  let best: { filled: number; complete: number; which: string } | undefined;
  const better = (a: typeof best, b: NonNullable<typeof best>): boolean =>
    a === undefined ||
    b.filled > a.filled ||
    (b.filled === a.filled && (b.complete > a.complete || (b.complete === a.complete && b.which > a.which)));
  const assign = (candidate: number, counts: readonly number[]): void => {
    if (candidate === candidates) {
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
    assign(candidate + 1, counts);
    for (const [index, level] of levels.entries())
      if (level.takes[candidate] === true && (counts[index] ?? 0) < level.need)
        assign(
          candidate + 1,
          counts.map((count, at) => (at === index ? count + 1 : count)),
        );
  };
  assign(
    0,
    levels.map(() => 0),
  );
  return best;
}

describe("matching people to levels", () => {
  it("fills the most places, completes the most levels, then the lower ones, and gives each person one place", () => {
    const problem = fc.integer({ min: 0, max: 5 }).chain((candidates) =>
      fc.record({
        candidates: fc.constant(candidates),
        levels: fc.array(
          fc.record({
            need: fc.integer({ min: 1, max: 3 }),
            takes: fc.array(fc.boolean(), { minLength: candidates, maxLength: candidates }),
          }),
          { minLength: 1, maxLength: 4 },
        ),
      }),
    );
    fc.assert(
      fc.property(problem, ({ levels, candidates }) => {
        const filled = matchLevels(levels);
        const everybody = filled.flat();
        expect(new Set(everybody).size).toBe(everybody.length);
        for (const [index, level] of levels.entries()) {
          expect(filled[index]?.length).toBeLessThanOrEqual(level.need);
          for (const candidate of filled[index] ?? []) expect(level.takes[candidate]).toBe(true);
        }
        const complete = levels.map((level, index) => filled[index]?.length === level.need);
        expect({
          filled: everybody.length,
          complete: complete.filter(Boolean).length,
          which: complete.map((each) => (each ? "1" : "0")).join(""),
        }).toEqual(bestByBruteForce(levels, candidates));
      }),
      { numRuns: 500 },
    );
  });

  it("moves a person to the level that nobody else can fill", () => {
    const filled = matchLevels([
      { need: 1, takes: [true, true] },
      { need: 1, takes: [true, false] },
    ]);
    expect(filled).toEqual([[1], [0]]);
  });
});
