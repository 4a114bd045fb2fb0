import { describe, expect, it } from "vitest";
import type { UserId } from "../../core/ids.ts";
import { commandFacts, editedCommands, othersToCheck } from "../../github/commands.ts";
import type { Actor, CommentReading } from "../../github/reading.ts";
import { alice, at, bob, bot, carol, comment, mannequin, reading, subject } from "./readings.ts";

const dan: Actor = { kind: "User", login: "dan", id: 1004 as UserId };
const key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

const said = (comments: readonly Partial<CommentReading>[]) =>
  reading({ subject: subject({ comments: comments.map((each, i) => comment({ id: i + 1, ...each })) }) });

const commands = (
  comments: readonly Partial<CommentReading>[],
  writers: readonly UserId[] = [],
  approvers: readonly UserId[] = [],
) => commandFacts(said(comments), { writer: new Set(writers), approver: new Set(approvers) });

describe("who may command", () => {
  it.each([
    ["the requester's key", { body: `/token ${key}` }, true],
    ["somebody else's key", { body: `/token ${key}`, author: bob }, false],
    ["the requester's cancel", { body: "/cancel" }, true],
    ["somebody else's cancel", { body: "/cancel", author: bob }, false],
    ["the requester's revoke", { body: "/revoke" }, true],
    ["a writer's revoke", { body: "/revoke now", author: bob }, true],
    ["a reader's revoke", { body: "/revoke", author: carol }, false],
    ["an approver's revoke", { body: "/revoke", author: dan }, true],
    ["an approver's retry", { body: "/retry", author: dan }, false],
    ["a writer's retry", { body: "/retry", author: bob }, true],
    ["a reader's refresh", { body: "/refresh", author: carol }, false],
    ["the requester's extend", { body: "/extend 1h" }, true],
    ["the requester's extend that cannot be read", { body: "/extend soon" }, true],
    ["a writer's extend", { body: "/extend 1h", author: bob }, false],
    ["a writer's cancel", { body: "/cancel", author: bob }, false],
    ["one who took the requester's login", { author: { ...bob, login: "alice", id: 4000 as UserId } }, false],
  ] as const)("%s", (_, more, allowed) => {
    expect(commands([more], [bob.id], [dan.id])).toMatchObject([{ allowed }]);
  });
});

describe("what commands nothing", () => {
  it.each([
    ["an edited comment", { edited: true }],
    ["a bot's", { author: bot }],
    ["a mannequin's", { author: mannequin }],
    ["a deleted account's", { author: undefined }],
    ["an ordinary comment", { body: "please /cancel" }],
    ["a quoted command", { body: "> /cancel" }],
  ] as const)("%s", (_, more) => {
    expect(commands([more])).toEqual([]);
  });
});

it("says what is wrong with a key that is none", () => {
  expect(commands([{ body: "/token ssh-rsa AAAA" }])).toMatchObject([
    { command: "token", allowed: true, problem: { code: "command.token-malformed" } },
  ]);
});

it("keeps commands in the order in which they were written", () => {
  const written = commands([
    { id: 9, at: at(9), body: "/cancel later" },
    { id: 3, at: at(2), body: `/token ${key}` },
    { id: 2, at: at(2), body: "/cancel first" },
  ]);
  expect(written.map((each) => each.comment)).toEqual([2, 3, 9]);
});

it("asks about the permission of others who revoke, once each, and of nobody else", () => {
  const comments = [
    comment({ author: alice, body: "/revoke" }),
    comment({ author: bob, body: "/revoke" }),
    comment({ author: bob, body: "/revoke again" }),
    comment({ author: carol, body: "/cancel" }),
    comment({ author: carol, body: "/revoke", edited: true }),
  ];
  const given = reading({ subject: subject({ comments }) });
  expect(othersToCheck(given, "writer")).toEqual([bob]);
  expect(othersToCheck(given, "approver")).toEqual([bob]);
});

it("names what would have been a command, had nobody edited it", () => {
  const edited = [
    { body: "/revoke", edited: true, author: bob },
    { body: "/token nothing", edited: true },
    { body: "hello", edited: true },
    { body: "/cancel", edited: true, author: bot },
    { body: "/cancel" },
  ];
  expect(editedCommands(said(edited))).toEqual([{ command: "revoke", by: { login: "bob", id: bob.id } }]);
});
