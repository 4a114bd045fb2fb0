// What is said to commands that do nothing.

import { describe, expect, test } from "vitest";
import type { Facts } from "../../core/facts.ts";
import { accepted, problem, refused } from "../../core/problem.ts";
import { over, statusOf } from "./situations.ts";
import {
  account,
  active,
  at,
  command,
  commit,
  endedUngranted,
  law,
  node,
  pull,
  token,
} from "./some-facts.ts";

/** Each stands apart; the box that says what is next does too, and has a colour. */
const notesOf = (body: string) => body.split("\n\n").filter((block) => /^> (?!\[!)/.test(block));

describe("a command never goes unanswered", () => {
  const unread = {
    comment: 1,
    by: account("alice"),
    at: at("10:01:00"),
    allowed: true,
    command: "token" as const,
    problem: problem("command.token-malformed", "expected `/token age1…`, got `x`"),
  };
  test.each<[rule: string, given: Partial<Facts>, says: string]>([
    [
      "a key that cannot be read",
      { commands: [unread] },
      "> `/token` could not be read: expected `/token age1…`, got `x`.",
    ],
    [
      "a key of somebody else",
      { commands: [token({}, "bob")] },
      "> `/token` by `@bob` did nothing: the key comes only from the requester.",
    ],
    [
      "a cancel by somebody else",
      { commands: [command("cancel", "bob")] },
      "> `/cancel` by `@bob` did nothing: only the requester cancels",
    ],
    [
      "a cancel of what is open",
      { ledger: active, commands: [command("cancel")] },
      "access is open by now; to end it, comment `/revoke`.",
    ],
    [
      "a glass that is broken where access is open",
      { ledger: active, commands: [{ ...command("break-glass"), at: at("23:00:00") }] },
      "> `/break-glass` by `@alice` did nothing: access is open already.",
    ],
    [
      "a retry where nobody has tried",
      { commands: [command("retry")] },
      "> `/retry` by `@alice` did nothing: no run has failed;",
    ],
    [
      "a revoke by somebody who may not",
      { ledger: active, commands: [command("revoke", "mallory")] },
      "only the requester, its approvers and people who may write",
    ],
    [
      "the same again says nothing new",
      { commands: [command("cancel", "bob"), command("cancel", "bob")] },
      "`/revoke`.",
    ],
  ])("%s", (_, given, says) => {
    const body = statusOf({ pulls: [pull()], ...given });
    expect(body).toContain(says);
    expect(notesOf(body)).toHaveLength(1);
  });
  test("but heard ones do", () => {
    expect(notesOf(statusOf({ pulls: [pull()], commands: [token()] }))).toEqual([]);
    expect(notesOf(statusOf({ pulls: [pull()], commands: [unread, token()] }))).toEqual([]);
    expect(notesOf(statusOf({ ledger: active, commands: [command("revoke")] }))).toEqual([]);
    expect(notesOf(statusOf({ ledger: active, commands: [command("retry")] }))).toEqual([]);
    expect(
      notesOf(
        statusOf({ ledger: active, commands: [command("break-glass", "alice", { at: at("10:05:00") })] }),
      ),
    ).toEqual([]);
  });
  test("however many there are, they fit", () => {
    const commands = Array.from({ length: 60 }, (_, i) => ({
      ...command("cancel", "bob"),
      by: { ...account("bob"), login: `bob${i}` },
    }));
    expect(statusOf({ pulls: [pull()], commands })).toContain("> And 35 more commands.");
  });
  test("and after the end nothing changes it any more", () => {
    const given = over(endedUngranted("lapsed"));
    expect(statusOf({ ...given, commands: [command("cancel", "bob"), command("revoke"), unread] })).toBe(
      statusOf(given),
    );
  });
});

describe("a pull request that only looks like the request's own", () => {
  const lookalike = (number: number) =>
    problem("trust.pull-lookalike", `#${number} is not this request's pull request: it comes from a fork`);
  const lines = (given: Partial<Facts>) =>
    statusOf(given)
      .split("\n")
      .filter((line) => /comes from a fork|more like these/.test(line));

  test("is named with the reason, on one line", () => {
    expect(lines({ lookalikes: [lookalike(7)] })).toEqual([expect.stringContaining("7 is not this request")]);
  });
  test("costs no write after the first three, however many there are", () => {
    const many = [1, 2, 3, 4, 5].map(lookalike);
    expect(lines({ lookalikes: many })).toHaveLength(4);
    expect(statusOf({ lookalikes: many })).toBe(statusOf({ lookalikes: many.slice(0, 4) }));
  });
  test("is not spoken of once access is open", () => {
    expect(lines({ ledger: active, lookalikes: [lookalike(7)] })).toEqual([]);
  });
});

describe("an inventory that is old", () => {
  const account = { id: node.account, name: "workloads", regions: [node.region], roles: {} as never };
  const named = { commit, law: accepted({ ...law, config: { ...law.config, accounts: [account] } }) };
  const since = at("08:00:00");
  const place = { account: node.account, region: node.region };
  test.each<[what: string, given: Partial<Facts>, says: string]>([
    [
      "of an account, by its name",
      { law: named, oldInventory: [{ place, since }] },
      "> `workloads/eu-central-1` cannot be read since 2026-12-01 08:00 UTC: its nodes",
    ],
    [
      "of an account without a name, by its id",
      { oldInventory: [{ place, since }] },
      "> `111122223333/eu-central-1` cannot be read since",
    ],
    [
      "of an account, while the law cannot be read",
      { law: { commit, law: refused(problem("policy.parse", "no")) }, oldInventory: [{ place, since }] },
      "> `111122223333/eu-central-1` cannot be read since",
    ],
    [
      "of all",
      { oldInventory: [{ since }] },
      "> No run of `inventory` is known to have succeeded since 2026-12-01 08:00 UTC: nodes and tags are as they were then.",
    ],
  ])("%s", (_, given, says) => expect(statusOf({ pulls: [pull()], ...given })).toContain(says));
  test("of many places is not said of each", () => {
    const old = Array.from({ length: 9 }, () => ({ place, since }));
    const said = statusOf({ pulls: [pull()], oldInventory: old });
    expect(said.match(/cannot be read since/g)).toHaveLength(5);
    expect(said).toContain("> And more accounts and Regions like these.");
  });
  test("is not spoken of once access is open", () => {
    expect(statusOf({ ledger: active, oldInventory: [{ since }] })).not.toContain("is known to have");
  });
});

test("who is to be notified is mentioned, and nobody else", () => {
  const told = { ...law, config: { ...law.config, notify: ["@acme/on-call", "@olivia"] } };
  const status = statusOf({ law: { commit, law: accepted(told) } });
  expect(status.split("\n").at(-1)).toBe("cc @acme/on-call @olivia");
  expect(statusOf({})).not.toContain("cc @");
});
