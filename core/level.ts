// One level of manual approval as text: `[N of] HANDLE…`.

import type { TeamHandle } from "./ids.ts";
import type { Level } from "./law.ts";
import { parseLogin, parseTeamHandle } from "./parse-ids.ts";
import { accepted, type Parsed, type Problem, problem, refused, unlessProblems } from "./problem.ts";
import { quoted } from "./text.ts";

export function parseLevel(text: string): Parsed<Level> {
  const folded = text.trim().replace(/\s+/g, " ");
  const counted = /^(\d{1,4}) of(?: |$)/.exec(folded);
  const need = Number(counted?.[1] ?? 1);
  const rest = folded.slice(counted?.[0].length);
  const handles = rest.split(" ").filter((handle) => handle !== "");
  if (handles.length === 0)
    return refused(
      problem("rules.level-empty", `level ${quoted(text)} names nobody; add \`@user\` or \`@org/team\``),
    );
  const { people, teams, problems } = readHandles(handles);
  const level = { text: need === 1 ? rest : `${need} of ${rest}`, need, people, teams };
  const impossible = problems.length > 0 ? undefined : whyImpossible(level);
  return impossible === undefined
    ? unlessProblems(problems, level)
    : refused(problem("rules.level-impossible", impossible));
}

/** What the text alone shows; whether teams have enough members is judged when the level is used. */
function whyImpossible({ text, need, people, teams }: Level): string | undefined {
  if (need === 0)
    return `level ${quoted(text)} needs nobody; write at least \`1 of\`, or a policy that permits`;
  return teams.length === 0 && need > people.length
    ? `level ${quoted(text)} needs ${need} different people and names ${people.length}; name more, or need fewer`
    : undefined;
}

function readHandles(handles: readonly string[]) {
  const people = new Map<string, string>();
  const teams = new Set<TeamHandle>();
  const problems: Problem[] = [];
  for (const handle of handles) {
    const read = parseHandle(handle);
    if (!read.ok) problems.push(...read.problems);
    else if ("team" in read.value) teams.add(read.value.team);
    else if (!people.has(read.value.login.toLowerCase()))
      people.set(read.value.login.toLowerCase(), read.value.login);
  }
  return { people: [...people.values()], teams: [...teams], problems };
}

export type Handle = { readonly login: string } | { readonly team: TeamHandle };

/** `@user` or `@org/team`. */
export function parseHandle(handle: string): Parsed<Handle> {
  const team = parseTeamHandle(handle);
  if (team !== undefined) return accepted({ team });
  const login = handle.startsWith("@") ? parseLogin(handle.slice(1)) : undefined;
  if (login !== undefined) return accepted({ login });
  const message = handle.endsWith("[bot]")
    ? `${quoted(handle)} is a bot, which cannot approve; name people`
    : `${quoted(handle)} is no handle; expected \`@user\` or \`@org/team\``;
  return refused(problem("rules.handle-malformed", message));
}
