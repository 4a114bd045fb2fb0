// The files a step writes to: GITHUB_OUTPUT, GITHUB_ENV, GITHUB_STATE are `NAME=value` or `NAME<<MARK` … `MARK`.

/** The texts of the files after a step. */
export interface CommandFiles {
  output: string;
  env: string;
  path: string;
  state: string;
  summary: string;
}

export const NO_COMMAND_FILES: CommandFiles = { output: "", env: "", path: "", state: "", summary: "" };

export function parseCommandFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const equals = line.indexOf("=");
    const heredoc = line.indexOf("<<");
    if (heredoc > 0 && (equals < 0 || heredoc < equals)) {
      const end = lines.indexOf(line.slice(heredoc + 2), at + 1);
      if (end < 0) throw new Error(`\`${line}\`: the closing mark is missing`);
      values[line.slice(0, heredoc)] = lines.slice(at + 1, end).join("\n");
      at = end;
    } else if (equals > 0) values[line.slice(0, equals)] = line.slice(equals + 1);
    else if (line !== "") throw new Error(`\`${line}\` is neither \`name=value\` nor \`name<<mark\``);
  }
  return values;
}

/** What a step may put into the environment of those after it; the rest is refused, as by the runner. */
export function environmentFrom(text: string): { set: Record<string, string>; refused: string[] } {
  const asked = Object.entries(parseCommandFile(text));
  const forbidden = (name: string) =>
    /^(GITHUB_|RUNNER_)/i.test(name) || name.toUpperCase() === "NODE_OPTIONS";
  return {
    set: Object.fromEntries(asked.filter(([name]) => !forbidden(name))),
    refused: asked.map(([name]) => name).filter(forbidden),
  };
}
