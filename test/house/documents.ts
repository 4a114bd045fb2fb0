// The documents that people read, cut into the parts that tests compare with the code.

import { readFileSync } from "node:fs";
import { root } from "./sources.ts";

export const documents = [
  "README.md",
  ".github/CONTRIBUTING.md",
  ".github/SECURITY.md",
  ".github/PULL_REQUEST_TEMPLATE.md",
] as const;

export const readDocument = (path: string): string => readFileSync(`${root}${path}`, "utf8");

/** What stands between this heading and the next one that is not below it. Throws where there is no such heading. */
export function section(text: string, heading: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.replace(/^#+ /, "") === heading && line.startsWith("#"));
  if (start < 0) throw new Error(`there is no heading "${heading}"`);
  const depth = /^#+/.exec(lines[start] ?? "")?.[0].length ?? 0;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^#+ /.test(line) && (/^#+/.exec(line)?.[0].length ?? 0) <= depth);
  return (end < 0 ? rest : rest.slice(0, end)).join("\n");
}

/** The rows of the first table, without its head; cells trimmed, with their Markdown. */
export function tableIn(text: string): readonly (readonly string[])[] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => /^\|[-| :]+\|$/.test(line));
  if (start < 0) throw new Error("there is no table");
  const rows = lines.slice(start + 1);
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return (end < 0 ? rows : rows.slice(0, end)).map((row) =>
    row
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll("\\|", "|")),
  );
}

/** Texts in single backticks, code blocks left out. */
export const codeIn = (text: string): readonly string[] =>
  [...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? "");

/** The first text in backticks of each row's first cell. */
export const namesIn = (rows: readonly (readonly string[])[]): readonly string[] =>
  rows.map(([first = ""]) => codeIn(first)[0] ?? first);

/** The README's example of `.github/hallpass.yml`. */
export const configExample = (readme: string): string =>
  /```yaml\n(# \.github\/hallpass\.yml\n[\s\S]*?)```/.exec(readme)?.[1] ?? "";
