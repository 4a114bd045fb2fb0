// `/extend`: which of them count, and what is asked because of one.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkRequest } from "../../core/check-request.ts";
import { decide } from "../../core/decide.ts";
import {
  formOfExtension,
  heededExtends,
  parseExtension,
  renderExtension,
  saysTheSame,
} from "../../core/extension.ts";
import type { CommandFacts } from "../../core/facts.ts";
import { parseForm } from "../../core/form.ts";
import type { Seconds } from "../../core/ids.ts";
import { plan } from "../../core/plan.ts";
import { problem } from "../../core/problem.ts";
import type { AccessRequest } from "../../core/request.ts";
import { requests } from "./requests.ts";
import { statusOf } from "./situations.ts";
import {
  account,
  active,
  activeRecord,
  asked,
  at,
  commit,
  config,
  endedUngranted,
  facts,
  hours,
  issue,
  later,
  number,
  pull,
} from "./some-facts.ts";

const { until } = activeRecord.granted;

const extend = (
  comment: number,
  when = at("11:00:00"),
  { allowed = true, more = 3_600 } = {},
): CommandFacts => ({
  comment,
  by: account("alice"),
  at: when,
  allowed,
  command: "extend",
  for: more as Seconds,
});

const unread: CommandFacts = {
  comment: 509,
  by: account("alice"),
  at: at("11:00:00"),
  allowed: true,
  command: "extend",
  problem: problem("command.extend-malformed", "expected `/extend` and a duration, got `soon`"),
};

describe("an /extend counts", () => {
  test.each<[string, CommandFacts, boolean]>([
    ["of the requester, while access is open", extend(501), true],
    ["in the first second", extend(501, activeRecord.granted.at), true],
    ["not before", extend(501, later(activeRecord.granted.at, -1)), false],
    ["not when access is over", extend(501, until), false],
    ["not of somebody else", extend(501, at("11:00:00"), { allowed: false }), false],
    ["not one that cannot be read", unread, false],
  ])("%s", (_, said, counts) => {
    expect(heededExtends([said], activeRecord)).toHaveLength(counts ? 1 : 0);
  });
  test("three times at most", () => {
    const all = [501, 502, 503, 504].map((comment) => extend(comment));
    expect(heededExtends(all, activeRecord).map(({ comment }) => comment)).toEqual([501, 502, 503]);
  });
});

describe("the text of an extension", () => {
  const text = (when = at("11:00:00"), record = activeRecord) =>
    renderExtension(record, { comment: 501, at: when, for: hours(1) });
  const draftOf = (body: string) => {
    const draft = parseForm(formOfExtension(body));
    if (!draft.ok) throw new Error(draft.problems[0].message);
    return checkRequest(draft.value, config, at("11:00:00"));
  };

  test("names the request and the comment, and asks for the pinned nodes from five minutes before the end", () => {
    expect(parseExtension(text())).toEqual({ request: number, comment: 501 });
    expect(draftOf(text())).toMatchObject({
      ok: true,
      value: {
        nodes: [{ by: "path", name: "i-0123456789abcdef0" }],
        for: 3_900,
        from: later(until, -300),
        reason: asked.reason,
      },
    });
  });

  test("said in the last five minutes asks for a beginning at once, and for no longer", () => {
    const body = text(later(until, -100));
    expect(draftOf(body)).toMatchObject({ ok: true, value: { for: 3_700 } });
    expect(draftOf(body)).not.toHaveProperty("value.from");
  });

  test("is a request that can be read back, whatever was asked first", () => {
    fc.assert(
      fc.property(requests, (request: AccessRequest) => {
        const body = text(at("11:00:00"), { ...activeRecord, request });
        expect(parseForm(formOfExtension(body))).toMatchObject({ ok: true });
      }),
    );
  });

  test.each([
    "",
    "### Nodes",
    "<!-- hallpass:extend 12 -->",
    "<!-- hallpass:extend 0 5 -->",
    " <!-- hallpass:extend 12 5 -->",
    "<!-- hallpass:extend 9007199254740993 5 -->",
  ])("is none that begins with %j", (body) => {
    expect(parseExtension(body)).toBeUndefined();
  });

  test("is the same with the web's line ends, and with nothing else", () => {
    expect(saysTheSame(`${text().replaceAll("\n", "\r\n")}\r\n`, text())).toBe(true);
    expect(saysTheSame(text().replace("1h5m", "2h5m"), text())).toBe(false);
  });
});

describe("while access is open", () => {
  const open = (commands: readonly CommandFacts[], more = {}) =>
    facts({ ledger: active, commands, now: at("11:01:00"), ...more });
  const stepsOf = (given: ReturnType<typeof open>) => plan(given, decide(given));

  test("each /extend gets one issue", () => {
    const given = open([extend(501), extend(502)]);
    expect(stepsOf(given)).toMatchObject([
      { do: "open-extension", said: { comment: 501 }, title: "Extend access request #12" },
      { do: "open-extension", said: { comment: 502 } },
    ]);
    const answered = { ...given, extensions: [{ number: 20 as typeof number, comment: 501 }] };
    expect(stepsOf(answered)).toMatchObject([{ do: "open-extension", said: { comment: 502 } }]);
  });

  test("it is linked", () => {
    const numbered = (each: number, comment: number) => ({ number: each as typeof number, comment });
    const extensions = [numbered(20, 501), numbered(21, 501), numbered(22, 999)];
    const status = statusOf({ ledger: active, commands: [extend(501), extend(502)], extensions });
    expect(status).toContain("1h more is asked for in #20");
    expect(status).not.toMatch(/#2[12]/);
  });

  test("what does not count is told so", () => {
    const all = [501, 502, 503, 504].map((comment) => extend(comment));
    expect(statusOf({ ledger: active, commands: all })).toContain("only the first three count");
    expect(statusOf({ ledger: active, commands: [unread] })).toContain("`/extend` could not be read");
  });
});

describe("before access is open", () => {
  test("there is nothing to extend, and that is told", () => {
    const given = { pulls: [pull()], commands: [extend(501, at("10:25:00"))] };
    expect(statusOf(given)).toContain("access is not open yet");
    expect(statusOf({ pulls: [pull()], commands: [unread] })).not.toContain("did nothing");
  });
});

describe("an extension that answers no /extend", () => {
  const of = { request: number, comment: 501 };
  test("is over at once, by nobody's word", () => {
    const given = facts({ extends: { ...of, unfounded: "the `/extend` on #12 is gone" } });
    expect(decide(given)).toMatchObject({ state: "ending", how: "cancelled", by: "hallpass" });
    expect(decide(facts({ extends: of }))).toMatchObject({ state: "pending" });
  });
  test("leads back to what it extends", () => {
    expect(statusOf({ extends: of, pulls: [pull()] })).toContain("> This extends #12");
  });
});

describe("/retry and /refresh", () => {
  const said = (word: "retry" | "refresh", allowed = true): CommandFacts => ({
    comment: 510,
    by: account("alice"),
    at: at("10:25:00"),
    allowed,
    command: word,
  });
  const token: CommandFacts = { ...said("retry"), command: "token", recipient: "age1x" };
  const stepsOf = (given: ReturnType<typeof facts>) => plan(given, decide(given));

  test("a run is asked for as one that is tried again", () => {
    const given = facts({ ledger: active, commands: [token, said("retry")] });
    expect(stepsOf(given)).toMatchObject([{ do: "dispatch", retriedAt: at("10:25:00") }]);
    const stranger = facts({ ledger: active, commands: [token, said("retry", false)] });
    expect(stepsOf(stranger)[0]).not.toHaveProperty("retriedAt");
  });

  test("the inventory is read anew, once, within a quarter of an hour, and never for what is over", () => {
    const given = facts({ pulls: [pull()], commands: [said("refresh")] });
    expect(stepsOf(given)).toMatchObject([{ do: "refresh", askedAt: at("10:25:00") }]);
    const done = { ...given, shown: { ...given.shown, refreshed: true } };
    expect(stepsOf(done).map((step) => step.do)).not.toContain("refresh");
    expect(stepsOf({ ...given, now: at("10:41:00") }).map((step) => step.do)).not.toContain("refresh");
    const over = facts({
      ledger: { head: commit, everActive: false, ended: endedUngranted("lapsed") },
      subject: issue(),
      commands: [said("refresh")],
    });
    expect(stepsOf(over).map((step) => step.do)).not.toContain("refresh");
  });

  test("who asked is told when it was read", () => {
    const status = statusOf({ pulls: [pull()], commands: [said("refresh")] });
    expect(status).toContain("> Looked at afresh for `@alice`, who asked at 2026-12-01T10:25:00Z.");
    expect(status).not.toContain("did nothing");
  });
});

test("an edited command is told to have done nothing", () => {
  const editedCommands = [{ command: "revoke" as const, by: account("bob") }];
  expect(statusOf({ pulls: [pull()], editedCommands })).toContain(
    "`/revoke` by `@bob` did nothing: the comment was edited",
  );
});
