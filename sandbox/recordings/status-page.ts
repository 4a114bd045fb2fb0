// A comment of ours as GitHub shows it, near enough to be judged: the few kinds of Markdown that such a comment has, in GitHub's own proportions and colours.
// The chart is drawn here from the text that Mermaid would read, for Mermaid itself is 10 MB of dependencies.

import { ganttSvg } from "./gantt.ts";
import { escaped } from "./terminal-svg.ts";

/** @param width - of the window, in CSS pixels; a browser without a window may lay out wider than what it photographs. */
export const statusPage = (markdown: string, width: number): string => `<!doctype html><meta charset="utf-8">
<style>html { width: ${width}px } ${style}</style>
<main><header><b>acme-hallpass</b> <span class="bot">bot</span> commented</header><article>${bodyOf(markdown, width - around)}</article></main>
<script>document.documentElement.dataset.height = Math.ceil(document.querySelector("main").getBoundingClientRect().bottom + 16)</script>
`;

/** Margins and borders on both sides of what is said. */
const around = 66;

/** Blocks are parted by blank lines. */
function bodyOf(markdown: string, width: number): string {
  const blocks = markdown.replace(/^<!--.*-->\n/, "").split(/\n\n+/);
  return blocks.map((block) => blockOf(block, width)).join("\n");
}

function blockOf(block: string, width: number): string {
  const lines = block.split("\n");
  const [first = ""] = lines;
  const heading = /^### (.*)$/.exec(first)?.[1];
  if (heading !== undefined) return `<h3>${inline(heading)}</h3>`;
  const alert = /^> \[!(\w+)\]$/.exec(first)?.[1]?.toLowerCase();
  if (alert !== undefined) return alertOf(alert, lines.slice(1));
  if (first === "```mermaid") return `<figure>${ganttSvg(lines.slice(1, -1), width)}</figure>`;
  if (first.startsWith("- ")) return `<ul>${itemsOf(lines)}</ul>`;
  return `<p>${lines.map(inline).join("<br>")}</p>`;
}

function alertOf(kind: string, lines: readonly string[]): string {
  const title = `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`;
  const paragraphs = lines
    .map((line) => line.replace(/^> ?/, ""))
    .filter((line) => line !== "")
    .map((line) => `<p>${inline(line)}</p>`);
  return `<div class="alert ${kind}"><p class="title">${title}</p>${paragraphs.join("")}</div>`;
}

function itemsOf(lines: readonly string[]): string {
  const top = lines.flatMap((line, index) => (line.startsWith("- ") ? [index] : []));
  return top
    .map((start, at) => {
      const [first = "", ...below] = lines.slice(start, top[at + 1]);
      const inner = below.length === 0 ? "" : `<ul>${itemsOf(below.map((line) => line.slice(2)))}</ul>`;
      const box = /^- \[([ x])\] /.exec(first)?.[1];
      const text = inline(first.replace(/^- (?:\[[ x]\] )?/, ""));
      if (box === undefined) return `<li>${text}${inner}</li>`;
      return `<li class="task"><input type="checkbox" disabled${box === "x" ? " checked" : ""}> ${text}${inner}</li>`;
    })
    .join("");
}

/** Code first: nothing in it is anything else. Entities and `<wbr>` are ours. */
const inline = (text: string): string =>
  text
    .split(/(`[^`]+`)/)
    .map((part) =>
      part.startsWith("`") && part.length > 2 ? `<code>${literal(part.slice(1, -1))}</code>` : part,
    )
    .join("")
    .replace(/\*\*(.+?)\*\*/g, "<strong>$1</strong>")
    .replace(/\[((?:[^\][]|\\.)*)\]\(([^()\s]*)\)/g, '<a href="$2">$1</a>');

const literal = (code: string): string =>
  escaped(code).replace(/[*[\]()]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const style = `
body { margin: 0; padding: 16px; background: #fff; color: #1f2328; font: 14px/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, "Liberation Sans", sans-serif; }
main { border: 1px solid #d1d9e0; border-radius: 6px; }
header { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; border-radius: 6px 6px 0 0; padding: 8px 16px; color: #59636e; }
header b { color: #1f2328; } .bot { border: 1px solid #d1d9e0; border-radius: 2em; padding: 0 6px; font-size: 12px; }
article { padding: 16px; overflow-wrap: break-word; }
article > * { margin: 0 0 16px; } article > :last-child { margin-bottom: 0; }
h3 { font-size: 17.5px; line-height: 1.25; font-weight: 600; } p { margin: 0 0 16px; }
code { font: 85% ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; background: #818b981f; border-radius: 6px; padding: .2em .4em; white-space: break-spaces; }
a { color: #0969da; } strong { font-weight: 600; } ul { padding-left: 2em; } li + li { margin-top: .25em; }
.task { list-style: none; } .task input { margin: 0 .2em .25em -1.4em; vertical-align: middle; }
.alert { padding: 8px 16px; border-left: 4px solid var(--c); } .alert p:last-child { margin: 0; } .title { color: var(--c); font-weight: 500; }
.important { --c: #8250df; } .tip { --c: #1a7f37; } .warning { --c: #9a6700; } .caution { --c: #cf222e; } .note { --c: #0969da; }
figure { margin: 0 0 16px; } svg { width: 100%; height: auto; max-width: 100%; }
`;
