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
    .replace(/`(@[\w/-]+)`/g, "$1")
    .replace(/\[((?:[^\][]|\\.)*)\]\([^()\s]*\)/g, "$1")
    .replaceAll("<wbr>", "")
    .replaceAll("<br>", "\n  ")
    .replace(/&#(\d{1,7});/g, (_, code: string) => String.fromCodePoint(Math.min(Number(code), 0x10ffff)));

export interface Gist {
  /** What it is called. */
  readonly what: string;
  /** What happens next, and who does it. */
  readonly next: string;
  /** Access is open: what follows is what this very program does. */
  readonly open: boolean;
}

/** Of a status comment. */
export function gist(markdown: string): Gist {
  const lines = markdown.split("\n");
  const of = (pattern: RegExp): string =>
    plainText(lines.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined) ?? "");
  return {
    what: of(/^### Access request #\d+: (.*)$/),
    next: of(/^> \*\*Next:\*\* (.*)$/),
    open: lines.includes("> [!TIP]"),
  };
}

/** Who has to approve and who has, a line a level, of a status comment. Nothing that anybody wrote begins a line of it. */
export const levelsOf = (markdown: string): readonly string[] =>
  markdown
    .split("\n")
    .filter((line) => /^- \[[ x]\] \*\*Level \d/.test(line))
    .map(plainText);
