import { describe, expect, it } from "vitest";
import type { CommentReading } from "../../github/reading.ts";
import { shownFacts } from "../../github/shown.ts";
import { bob, bot, comment, otherBot, reading, subject } from "./readings.ts";

const shown = (comments: readonly Partial<CommentReading>[]) =>
  shownFacts(
    reading({
      subject: subject({ comments: comments.map((each, i) => comment({ id: i + 1, author: bot, ...each })) }),
    }),
  );

const status = "<!-- hallpass:status -->\nhello";
const credentials = "<!-- hallpass:credentials -->\n<!-- answers: 7 -->\n\n```age\nx\n```";

describe("status comments", () => {
  it("are ours that begin with the marker, the lowest id first", () => {
    expect(
      shown([
        { id: 9, body: status },
        { id: 4, body: `${status} too` },
      ]).statuses,
    ).toEqual([
      { id: 4, body: `${status} too` },
      { id: 9, body: status },
    ]);
  });

  it("compare as written, whatever line ends the web gave them", () => {
    expect(shown([{ body: status.replace("\n", "\r\n") }]).statuses).toMatchObject([{ body: status }]);
  });

  it.each([
    ["a person's", { author: bob, body: status }],
    ["another App's", { author: otherBot, body: status }],
    ["a deleted account's", { author: undefined, body: status }],
    ["ours about something else", { body: "hello" }],
    ["ours that quotes one", { body: `> ${status}` }],
  ] as const)("are not: %s", (_, more) => {
    expect(shown([more]).statuses).toEqual([]);
  });
});

describe("keys that were answered", () => {
  it("are named on the second line of our credentials comments", () => {
    expect(
      shown([{ body: credentials }, { body: credentials.replace("7", "8").replaceAll("\n", "\r\n") }])
        .answered,
    ).toEqual([7, 8]);
  });

  it.each([
    ["a person's", { author: bob, body: credentials }],
    ["without the marker", { body: "<!-- answers: 7 -->" }],
    ["on another line", { body: "<!-- hallpass:credentials -->\n\n<!-- answers: 7 -->" }],
    ["of no number", { body: "<!-- hallpass:credentials -->\n<!-- answers: x -->" }],
  ] as const)("are not: %s", (_, more) => {
    expect(shown([more]).answered).toEqual([]);
  });
});

it("shows labels, and nothing as dispatched by this pass", () => {
  expect(shown([])).toMatchObject({ labels: ["access: pending"], dispatched: false });
});
