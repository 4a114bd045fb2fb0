// Our own comments as a terminal shows them: the words, without Markdown.

import { visible } from "../core/text.ts";

/** INVARIANT: what can move a cursor or hide text is made visible last, when all that could spell it is read. */
export function plainText(markdown: string): string {
  const text = markdown
    .replace(/^```[\s\S]*?^```$/gm, "")
    .split("\n")
    .filter((line) => !/^<!--.*-->$/.test(line) && !/^> \[!\w+\]$/.test(line) && !/^cc @/.test(line))
    .map(plainLine)
    .join("\n");
  return visible(text)
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

const plainLine = (line: string): string =>
  line
    .replace(/^>( |$)/, "")
    .replace(/^#{1,6} /, "")
    .replace(/^(\s*)- \[x\]/, "$1✓")
    .replace(/^(\s*)- \[ \]/, "$1·")
    .replaceAll("**", "")
    .replace(/\[((?:[^\][]|\\.)*)\]\([^()\s]*\)/g, "$1")
    .replaceAll("<wbr>", "")
    .replaceAll("<br>", "\n  ")
    .replace(/&#(\d{1,7});/g, (_, code: string) => String.fromCodePoint(Math.min(Number(code), 0x10ffff)));

/** What it is called and what happens next, of a status comment. */
export function gist(markdown: string): { readonly what: string; readonly next: string } {
  const lines = markdown.split("\n");
  const of = (pattern: RegExp): string =>
    plainText(lines.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined) ?? "");
  return { what: of(/^### Access request #\d+: (.*)$/), next: of(/^> \*\*Next:\*\* (.*)$/) };
}
