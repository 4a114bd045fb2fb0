import { describe, expect, it } from "vitest";
import { isRequest } from "../../github/is-request.ts";
import type { RequestReading, SubjectReading } from "../../github/reading.ts";
import { alice, bob, bot, comment, oid, pull, reading, subject } from "./readings.ts";

const body = (...headings: readonly string[]) =>
  headings.map((each) => `### ${each}\r\n\r\nx\r\n`).join("\n");

describe("what is a request", () => {
  const plain = { body: "Hello", labels: [] };
  const byHand = { ...pull({ author: alice }), added: { problem: "none" }, hands: [] };
  it.each<[string, Partial<SubjectReading>, boolean]>([
    ["the form's first heading", { labels: [] }, true],
    ["the heading with CRLF", { body: "### Nodes\r\n\r\nx", labels: [] }, true],
    ["a label of ours, which anybody with triage sets", { ...plain, labels: ["access: pending"] }, false],
    ["an ordinary issue", plain, false],
    ["a form without its first heading", { body: body("Access", "For", "Reason", "From"), labels: [] }, true],
    ["an issue with some of its headings", { body: body("Access", "For", "Reason"), labels: [] }, false],
    ["one heading, again and again", { body: body("For", "For", "For", "For", "For"), labels: [] }, false],
    ["a heading that only begins like it", { body: "### Nodes and more", labels: [] }, false],
    ["another label", { ...plain, labels: ["bug", "access"] }, false],
    ["a pull request to the ledger by hand", { ...plain, kind: "pull", pull: byHand }, true],
    ["any other pull request", { ...plain, kind: "pull", labels: ["access: pending"] }, false],
    [
      "one with a status of ours",
      { ...plain, comments: [comment({ author: bot, body: "<!-- hallpass:status -->" })] },
      true,
    ],
    [
      "one with a status by somebody else",
      { ...plain, comments: [comment({ author: bob, body: "<!-- hallpass:status -->" })] },
      false,
    ],
  ])("%s", (_, more, is) => {
    expect(isRequest(reading({ subject: subject(more) }))).toBe(is);
  });

  const head = oid("f");
  it.each<[string, Partial<RequestReading>, boolean]>([
    ["approved once", { ledger: { head, everActive: false, approved: "x" } }, true],
    ["active once", { ledger: { head, everActive: true } }, true],
    [
      "ended",
      { ledger: { head, everActive: false, ended: { path: "ended/2026/12/12.yaml", text: "x" } } },
      true,
    ],
    [
      "a pull request that was active and goes elsewhere now",
      { subject: subject({ ...plain, kind: "pull" }), ledger: { head, everActive: true } },
      true,
    ],
    ["with a pull request of ours", { pulls: [pull()] }, true],
    ["with a pull request by somebody else", { pulls: [pull({ author: bob })] }, false],
  ])("stays one whatever its text has become: %s", (_, more, is) => {
    expect(isRequest(reading({ subject: subject(plain), ...more }))).toBe(is);
  });
});
