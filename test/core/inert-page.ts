// What GitHub would find in a comment or a pull request of ours, beyond what we put there ourselves.

import { expect } from "vitest";

/** As Markdown cuts a line: code is between two rows of equally many backticks. Answers what is outside of code. */
export function outsideCode(line: string): string {
  let rest = line;
  let outside = "";
  for (;;) {
    const [row = ""] = /`+/.exec(rest) ?? [];
    if (row === "") return outside + rest;
    const start = rest.indexOf(row);
    outside += `${rest.slice(0, start)}${code}`;
    rest = rest.slice(start + row.length);
    const end = [...rest.matchAll(/`+/g)].find(([other]) => other.length === row.length);
    // a row without its twin is no code, and none of ours is alone
    expect(end, `code without an end: ${line}`).toBeDefined();
    rest = rest.slice(Number(end?.index) + row.length);
  }
}

/** Stands where code was. */
const code = "\u0000";

const marker = "<!-- hallpass:status -->";
const links =
  /\[[^[\]]*\]\(https:\/\/github\.example\/acme\/access\/(?:blob|tree|actions)\/[\w./%-]+(?:#L\d+)?\)/g;
const ours =
  /^(?:### Access request #12: [a-z ]+|(?: {2})?- (?:\[[x ]\] )?|\d+\. |> \[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]$|> |>$)/;
/** A chart has nothing but these lines in it, so nothing that anybody wrote. */
const chart =
  /^```mermaid\ngantt\n(?:(?:title|dateFormat|axisFormat|tickInterval|todayMarker) [\w :%-]+\n)+(?:[A-Z][a-z0-9 ]+ :(?:done|active), \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, \d+s\n)+```$/gm;

/** One heading at most, lists, quotes and paragraphs; and in their words no mention, reference, link, image, HTML, emoji, formula, table or emphasis but ours. */
export function expectInertPage(page: string): void {
  const lines = page
    .replace(chart, "")
    .split("\n")
    .filter((line) => line !== marker);
  expect(lines.filter((line) => line.startsWith("#")).length).toBeLessThan(2);
  for (const line of lines) {
    const words = outsideCode(line)
      .replace(ours, "")
      .replace(links, "")
      .replace(/(?:approve|approves|review|can review) #1\d\b|request #12\b/g, "")
      .replace(/\*\*|\*(?:Approve|Request changes)\*/g, "");
    const bare = words.replace(/<wbr>|<br>|&#\d{2,3};/g, "x");
    expect(bare).not.toMatch(/[<>[\]`@#|*_~$\\&"!=+{}^\t\r]|^\s*(?:[-+#>]|\d+[.)])|^ {4}/);
    for (const part of words.replaceAll(code, "<wbr>").split(/<wbr>|<br>/)) {
      const seen = part.replace(/&#(\d+);/g, (_, letter) => String.fromCharCode(Number(letter)));
      expect(seen).not.toMatch(/@[a-z0-9]|\S@\S|#\d|:\/\/|www\.|\bgh-\d|:[a-z+_-][a-z0-9+_-]*:|[0-9a-f]{7}/i);
    }
  }
}
