// Long lines on a terminal, broken between words: what breaks them otherwise breaks inside of a name.

/** Lines that go on are indented as their first, and two more. Undefined: there is no width to keep to. */
export const wrap = (text: string, columns: number | undefined): string =>
  columns === undefined
    ? text
    : text
        .split("\n")
        .flatMap((line) => (line.length < columns ? [line] : wrapLine(line, columns)))
        .join("\n");

/** A word that is longer than the line, such as an address, stays whole. */
function wrapLine(line: string, columns: number): readonly string[] {
  const [, before = "", rest = ""] = /^(\s*)(.*)$/.exec(line) ?? [];
  const lines: string[] = [];
  let current = before;
  for (const word of rest.split(" ")) {
    const start = current.trim() === "";
    if (!start && current.length + 1 + word.length >= columns) {
      lines.push(current);
      current = `${before}  ${word}`;
    } else current += start ? word : ` ${word}`;
  }
  return [...lines, current];
}
