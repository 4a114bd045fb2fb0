import { describe, expect, it } from "vitest";
import type { SubjectReading } from "../../github/reading.ts";
import { subjectFacts } from "../../github/subject.ts";
import { alice, at, bob, bot, mannequin, reading, subject } from "./readings.ts";

const facts = (more: Partial<SubjectReading>) => subjectFacts(reading({ subject: subject(more) }), true);
const distrust = (more: Partial<SubjectReading>) => facts(more).distrust.map(({ code }) => code);

describe("who asks", () => {
  it.each([
    ["a person", alice, { login: "alice", person: true }],
    ["a bot", bot, { login: "hallpass[bot]", person: false }],
    ["an import's mannequin", mannequin, { login: "imported", person: false }],
    ["a deleted account", undefined, { login: "ghost", person: false }],
    [
      "the ghost itself",
      { ...alice, login: "ghost", id: 10_137 as never },
      { login: "ghost", person: false },
    ],
  ] as const)("%s", (_, author, { login, person }) => {
    expect(facts({ author })).toMatchObject({ author: { login }, authorIsPerson: person });
  });

  it("has access or not as it was looked up", () => {
    expect(subjectFacts(reading(), false).authorHasAccess).toBe(false);
  });
});

describe("whether the text is its author's own", () => {
  const own = { editor: alice, at: at(2) };
  it.each<[string, Partial<SubjectReading>, readonly string[]]>([
    ["never edited", {}, []],
    ["edited by its author", { lastEditedAt: at(2), edits: [own, own] }, []],
    ["transferred", { transferred: true }, ["issue.transferred"]],
    [
      "edited by another",
      { lastEditedAt: at(3), edits: [own, { editor: bob, at: at(3) }] },
      ["issue.edited-by-another"],
    ],
    ["edited by our own App", { edits: [{ editor: bot, at: at(3) }] }, ["issue.edited-by-another"]],
    [
      "edited by a deleted account",
      { edits: [own, { editor: undefined, at: at(3) }] },
      ["issue.edited-by-another"],
    ],
    [
      "edited by a deleted account, written by one",
      { author: undefined, edits: [{ editor: undefined, at: at(3) }] },
      ["issue.edited-by-another"],
    ],
    ["edits that GitHub does not show", { edits: undefined }, ["issue.edits-unreadable"]],
    ["edited, with no edit in the list", { lastEditedAt: at(2) }, ["issue.edits-unreadable"]],
    [
      "everything at once",
      { transferred: true, edits: [{ editor: bob, at: at(3) }] },
      ["issue.transferred", "issue.edited-by-another"],
    ],
  ])("%s", (_, more, codes) => {
    expect(distrust(more)).toEqual(codes);
  });

  it("was written when it was last edited", () => {
    expect(facts({}).writtenAt).toBe(at(0));
    expect(facts({ lastEditedAt: at(4) }).writtenAt).toBe(at(4));
  });
});

describe("whether it was ever closed", () => {
  const closings = [
    { by: bob, at: at(5) },
    { by: alice, at: at(9) },
  ];
  it("is so from the first closing, reopened or not", () => {
    expect(facts({ closings, open: true }).everClosed).toEqual({ by: "bob", at: at(5) });
  });

  it("is not so without one", () => {
    expect(facts({})).not.toHaveProperty("everClosed");
  });

  it("does not take a merge, which closes too, for an end", () => {
    const merged = { kind: "pull", mergedAt: at(9) } as const;
    expect(facts({ ...merged, closings: [{ by: bot, at: at(9) }] })).not.toHaveProperty("everClosed");
    expect(facts({ ...merged, closings: [{ by: bot, at: (at(9) - 1000) as never }] })).not.toHaveProperty(
      "everClosed",
    );
    expect(facts({ ...merged, closings }).everClosed).toEqual({ by: "bob", at: at(5) });
  });

  it("was closed by somebody whose account is gone", () => {
    expect(facts({ closings: [{ by: undefined, at: at(5) }] }).everClosed).toEqual({
      by: "ghost",
      at: at(5),
    });
  });
});
