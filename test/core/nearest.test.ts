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
  ["a".repeat(65), ["a".repeat(65)], []],
])("near %j of %j: %j", (word, candidates, expected) => {
  expect(nearest(word, candidates)).toEqual(expected);
});

test("the suggestion names them or says nothing", () => {
  expect(suggestion("nmae", ["name"])).toBe("; did you mean `name`?");
  expect(suggestion("web1", ["web2", "web3"])).toBe("; did you mean `web2` or `web3`?");
  expect(suggestion("zzz", ["name"])).toBe("");
});
