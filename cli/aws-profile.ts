// One profile in the text of an AWS config file. INVARIANT: no line of another profile, and no comment between two, is touched.

export interface Profile {
  readonly name: string;
  readonly command: string;
  readonly region: string;
}

export type Edited =
  | { readonly did: "made" | "changed" | "same" | "removed" | "absent"; readonly text: string }
  /** There is one of that name that `hallpass configure` has not written. */
  | { readonly did: "foreign" };

const marker = "# written by `hallpass configure`";

/** What AWS's tools read in a name without quotes. */
export const isProfileName = (name: string): boolean => /^[A-Za-z0-9][\w.@+-]{0,63}$/.test(name);

export const renderProfile = (profile: Profile, end = "\n"): string => render(profile, [], end).join("");

/** @param force - takes the place of one that is somebody else's. */
export function writeProfile(text: string, profile: Profile, force = false): Edited {
  const end = lineEnd(text);
  const lines = linesOf(text);
  const found = findSection(lines, profile.name);
  if (found === undefined) {
    const finished = text === "" || text.endsWith("\n") ? text : `${text}${end}`;
    const gap = finished === "" || finished.endsWith(`${end}${end}`) ? "" : end;
    return { did: "made", text: `${finished}${gap}${renderProfile(profile, end)}` };
  }
  const own = lines.slice(found.from, found.to);
  if (!isOurs(own) && !force) return { did: "foreign" };
  // what somebody added to a profile of ours stays; what made another's a profile would fight with ours
  const added = isOurs(own) ? own.slice(1).filter(isAdded) : [];
  const next = replaced(lines, found, render(profile, added, end));
  return { did: next === text ? "same" : "changed", text: next };
}

export function removeProfile(text: string, name: string, force = false): Edited {
  const lines = linesOf(text);
  const found = findSection(lines, name);
  if (found === undefined) return { did: "absent", text };
  if (!isOurs(lines.slice(found.from, found.to)) && !force) return { did: "foreign" };
  // the empty line that parted it from what is before
  const from = found.from > 0 && lines[found.from - 1]?.trim() === "" ? found.from - 1 : found.from;
  return { did: "removed", text: replaced(lines, { from, to: found.to }, []) };
}

/** Whether a file of credentials has keys under this name: AWS's tools would take those and never ask the process. */
export const hasCredentials = (text: string, name: string): boolean =>
  linesOf(text).some((line) => /^\s*\[\s*(.*?)\s*\]/.exec(line)?.[1] === name);

function render(
  { name, command, region }: Profile,
  added: readonly string[],
  end: string,
): readonly string[] {
  const header = name === "default" ? "[default]" : `[profile ${name}]`;
  const ours = [
    header,
    `${marker}, which changes and removes it`,
    `credential_process = ${command}`,
    `region = ${region}`,
  ];
  return [...ours.map((line) => `${line}${end}`), ...added];
}

const linesOf = (text: string): readonly string[] => (text === "" ? [] : text.split(/(?<=\n)/));
const lineEnd = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n");

interface Section {
  /** Of lines: the header, and after the last setting. Comments that follow belong to what comes next. */
  readonly from: number;
  readonly to: number;
}

const replaced = (lines: readonly string[], { from, to }: Section, by: readonly string[]): string =>
  [...lines.slice(0, from), ...by, ...lines.slice(to)].join("");

function findSection(lines: readonly string[], name: string): Section | undefined {
  const starts = lines.flatMap((line, i) => (profileOf(line) === name ? [i] : []));
  const [from, another] = starts;
  if (from === undefined) return undefined;
  if (another !== undefined)
    throw new Error(
      `line ${from + 1} and line ${another + 1} both begin the profile \`${name}\`; remove one`,
    );
  const next = lines.findIndex((line, i) => i > from && isHeader(line));
  const all = lines.slice(from, next === -1 ? undefined : next);
  return {
    from,
    to: from + all.findLastIndex((line, i) => i === 0 || isSetting(line) || line.startsWith(marker)) + 1,
  };
}

const isHeader = (line: string): boolean => /^\s*\[[^\]]*\]/.test(line);
const isSetting = (line: string): boolean => !/^\s*(?:[#;].*)?$/.test(line.trimEnd());

/** `[profile x]`, `[profile "x"]`, `[default]`, and `[profile default]`, which means the same. */
const profileOf = (line: string): string | undefined => {
  const [, , quoted] = /^\s*\[\s*profile\s+(["']?)(.*?)\1\s*\]/.exec(line) ?? [];
  return quoted ?? (/^\s*\[\s*default\s*\]/.test(line) ? "default" : undefined);
};

const isOurs = (own: readonly string[]): boolean =>
  own.some((line) => line.startsWith(marker)) &&
  own.some((line) => /^credential_process = .* credentials \d+ --repo \S/.test(line));

const isAdded = (line: string): boolean =>
  !line.startsWith(marker) && !/^\s*(?:credential_process|region)\s*=/.test(line);
