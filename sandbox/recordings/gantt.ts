// The chart of a window, drawn from the text that Mermaid reads, in Mermaid's manner.

import { escaped } from "./terminal-svg.ts";

interface Bar {
  readonly label: string;
  readonly look: string;
  readonly from: number;
  readonly to: number;
}

const size = { left: 140, right: 24, row: 28, top: 36, bottom: 26 };

export function ganttSvg(lines: readonly string[], width: number): string {
  const bars = lines.flatMap(barOf);
  const title = lines.find((line) => line.startsWith("title "))?.slice(6) ?? "";
  const from = Math.min(...bars.map((bar) => bar.from));
  const to = Math.max(...bars.map((bar) => bar.to));
  const height = size.top + bars.length * size.row + size.bottom;
  const x = (at: number): number =>
    size.left + ((at - from) / (to - from)) * (width - size.left - size.right);
  const ticks = (width < 500 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1]).map(
    (part) => from + part * (to - from),
  );
  return [
    `<svg width="${width}" height="${height}" font-size="12" font-family="trebuchet ms,verdana,arial,sans-serif">`,
    `<text x="${width / 2}" y="18" text-anchor="middle" font-size="14">${escaped(title)}</text>`,
    ...ticks.map(
      (at) =>
        `<line x1="${x(at)}" x2="${x(at)}" y1="${size.top - 6}" y2="${height - size.bottom}" stroke="#d3d3d3"/><text x="${x(at)}" y="${height - 8}" text-anchor="middle" font-size="10">${labelOf(at, to - from)}</text>`,
    ),
    ...bars.map(({ label, look, ...bar }, row) => {
      const y = size.top + row * size.row;
      const colour = look === "active" ? "#8a90dd" : "#d3d3d3";
      return `<rect x="${x(bar.from)}" y="${y}" width="${x(bar.to) - x(bar.from)}" height="${size.row - 6}" rx="3" fill="${colour}"/><text x="${size.left - 10}" y="${y + 16}" text-anchor="end">${escaped(label)}</text>`;
    }),
    "</svg>",
  ].join("");
}

function barOf(line: string): readonly Bar[] {
  const [, label, look, start, seconds] = /^(.+) :(\w+), (\S+), ([\d.]+)s$/.exec(line) ?? [];
  if (label === undefined || look === undefined) return [];
  const from = Date.parse(start ?? "");
  return [{ label, look, from, to: from + Number(seconds) * 1_000 }];
}

const labelOf = (at: number, length: number): string => {
  const time = new Date(at).toISOString();
  return length > 2 * 86_400_000 ? time.slice(5, 10) : time.slice(11, 16);
};
