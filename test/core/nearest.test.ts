import fc from "fast-check";
import { expect, test } from "vitest";
import { nearest, suggestion } from "../../core/nearest.ts";

test.each([
  ["level", ["levels", "name", "nodes"], ["levels"]],
  ["LEVELS", ["levels"], ["levels"]],
  ["lveels", ["levels"], ["levels"]],
  ["nmae", ["name", "nodes"], ["name"]],
  ["web-1", ["web-01", "web-2", "db-1", "web-1", "web-1"], ["web-1", "web-01", "web-2"]],
  ["web01", ["web02", "web03", "web04", "web05"], ["web02", "web03", "web04"]],
  ["abcdefghij", ["zyxwvutsrq"], []],
  ["x", ["y"], []],
  ["", ["a"], []],
  ["a", ["abc"], []],
  [
    "r2d2",
    ["R2D2-dev-01", "r2d3", "c3po-01", "r2d2-app-02", "r2d2-app-01", "old-r2d2"],
    ["old-r2d2", "R2D2-dev-01", "r2d2-app-01"],
  ],
  ["r2d2", ["r2d3", "r2d2-app-01"], ["r2d2-app-01", "r2d3"]],
  ["a".repeat(65), ["a".repeat(65)], []],
])("near %j of %j: %j", (word, candidates, expected) => {
  expect(nearest(word, candidates)).toEqual(expected);
});

test("counts the fewest edits", () => {
  /** Optimal string alignment by the book. */
  const edits = (a: string, b: string): number => {
    if (a === "" || b === "") return Math.max(a.length, b.length);
    const swap = a[0] === b[1] && a[1] === b[0] ? 1 + edits(a.slice(2), b.slice(2)) : 99;
    const step = edits(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1);
    return Math.min(1 + edits(a.slice(1), b), 1 + edits(a, b.slice(1)), step, swap);
  };
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 4, maxLength: 6 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(nearest(a, [b])).toEqual(edits(a, b) <= 2 ? [b] : []);
    }),
    { numRuns: 500 },
  );
});

test("the suggestion names them or says nothing", () => {
  expect(suggestion("nmae", ["name"])).toBe("; did you mean `name`?");
  expect(suggestion("web1", ["web2", "web3"])).toBe("; did you mean `web2` or `web3`?");
  expect(suggestion("zzz", ["name"])).toBe("");
});
