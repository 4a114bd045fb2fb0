import { describe, expect, test } from "vitest";
import type { CommandWord } from "../../core/commands.ts";
import { commandRules, commandTable, givenBy, mayGive, type Role } from "../../core/may-command.ts";

describe("who may give a command", () => {
  test.each<[CommandWord, readonly Role[]]>([
    ["token", ["requester"]],
    ["extend", ["requester"]],
    ["cancel", ["requester"]],
    ["revoke", ["requester", "writer", "approver"]],
    ["retry", ["requester", "writer"]],
    ["refresh", ["requester", "writer"]],
  ])("%s: %s", (word, roles) => {
    for (const role of ["requester", "writer", "approver"] as const)
      expect(mayGive(word, new Set([role]))).toBe(roles.includes(role));
    expect(mayGive(word, new Set())).toBe(false);
  });

  test("is looked up for these only", () => {
    expect(givenBy("approver")).toEqual(["revoke"]);
    expect(givenBy("writer")).toEqual(["revoke", "retry", "refresh"]);
  });
});

test("the table has a row for each command, and a cell for each role", () => {
  const rows = commandTable().split("\n");
  expect(rows).toHaveLength(2 + Object.keys(commandRules).length);
  expect(rows[1]).toBe("| --- | --- | --- | --- | --- |");
  expect(rows).toContainEqual(expect.stringMatching(/^\| `\/revoke` \| yes \| yes \| yes \| /));
  expect(rows).toContainEqual(expect.stringMatching(/^\| `\/extend 1h` \| yes \| {2}\| {2}\| /));
});
