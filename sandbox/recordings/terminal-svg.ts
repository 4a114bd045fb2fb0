// What terminals showed, as one picture: each screen for some seconds, then the next. Text stays text.

import type { Screen } from "./pseudo-terminal.ts";

type Style = "" | "good" | "bad" | "faint" | "strong";

export interface Piece {
  readonly text: string;
  readonly style: Style;
}

export interface Frame {
  /** Whose terminal it is. */
  readonly title: string;
  readonly lines: readonly (readonly Piece[])[];
  readonly seconds: number;
}

/** All that was written, in pieces of one look, without empty lines at the end. */
export function linesOf({ buffer: { active }, cols }: Screen): readonly (readonly Piece[])[] {
  const lines = Array.from({ length: active.length }, (_, row) => {
    const line = active.getLine(row);
    const pieces: Piece[] = [];
    for (let column = 0; column < cols; column++) {
      const cell = line?.getCell(column);
      const text = cell?.getChars() || " ";
      const style = cell === undefined ? "" : styleOf(cell);
      const last = pieces.at(-1);
      if (last?.style === style) pieces.splice(-1, 1, { text: last.text + text, style });
      else pieces.push({ text, style });
    }
    return trimmed(pieces);
  });
  const end = lines.findLastIndex((pieces) => pieces.length > 0);
  return lines.slice(0, end + 1);
}

const trimmed = (pieces: readonly Piece[]): readonly Piece[] => {
  const last = pieces.at(-1);
  const text = last?.text.trimEnd() ?? "";
  return last === undefined
    ? []
    : text === ""
      ? pieces.slice(0, -1)
      : [...pieces.slice(0, -1), { ...last, text }];
};

const styleOf = (cell: {
  isBold(): number;
  isDim(): number;
  isFgPalette(): boolean;
  getFgColor(): number;
}): Style => {
  if (cell.isFgPalette() && cell.getFgColor() === 2) return "good";
  if (cell.isFgPalette() && cell.getFgColor() === 1) return "bad";
  return cell.isBold() !== 0 ? "strong" : cell.isDim() !== 0 ? "faint" : "";
};

const size = { line: 17, character: 7.83, font: 13, margin: 16, bar: 34 };

export function terminalSvg(
  { title, columns }: { readonly title: string; readonly columns: number },
  frames: readonly Frame[],
): string {
  const rows = Math.max(...frames.map(({ lines }) => lines.length));
  const width = Math.ceil(columns * size.character + 2 * size.margin);
  const height = size.bar + rows * size.line + 2 * size.margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${styles(frames)}</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...frames.map((frame, index) => frameSvg(frame, index, width)),
    "</svg>",
    "",
  ].join("\n");
}

/** Whoever wants no motion sees the last screen. */
function styles(frames: readonly Frame[]): string {
  const whole = frames.reduce((sum, { seconds }) => sum + seconds, 0);
  const shows = frames.map(({ seconds }, index) => {
    const before = frames.slice(0, index).reduce((sum, each) => sum + each.seconds, 0);
    const [from, to] = [before, before + seconds].map((at) => ((at / whole) * 100).toFixed(2));
    // each step holds until the next
    return `@keyframes k${index}{0%,${to}%,100%{opacity:0}${from}%{opacity:1}}.k${index}{opacity:0;animation:k${index} ${whole}s step-end infinite}`;
  });
  return [
    `text{font:${size.font}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre;fill:#e6edf3}`,
    ".good{fill:#3fb950}.bad{fill:#ff7b72}.faint{fill:#8b949e}.strong{font-weight:600}",
    ...shows,
    `@media(prefers-reduced-motion){${frames.map((_, index) => `.k${index}{animation:none${index === frames.length - 1 ? ";opacity:1" : ""}}`).join("")}}`,
  ].join("");
}

function frameSvg({ title, lines }: Frame, index: number, width: number): string {
  const dots = ["#ff5f57", "#febc2e", "#28c840"].map(
    (colour, dot) => `<circle cx="${size.margin + 6 + dot * 18}" cy="18" r="5" fill="${colour}"/>`,
  );
  return [
    `<g class="k${index}">`,
    ...dots,
    `<text x="${width / 2}" y="22" text-anchor="middle" class="faint">${escaped(title)}</text>`,
    ...lines.map((pieces, row) => lineSvg(pieces, size.bar + size.margin + (row + 0.5) * size.line)),
    "</g>",
  ].join("\n");
}

const lineSvg = (pieces: readonly Piece[], y: number): string =>
  `<text x="${size.margin}" y="${y}">${pieces
    .map(({ text, style }) =>
      style === "" ? escaped(text) : `<tspan class="${style}">${escaped(text)}</tspan>`,
    )
    .join("")}</text>`;

export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
