// `policies/delegations.yaml`: who stands in for whom while they are away. Reviewed like any policy, and never longer than it says.

import type { Instant } from "./ids.ts";
import { sameLogin } from "./ids.ts";
import type { Delegation, Level } from "./law.ts";
import { type Handle, parseHandle } from "./level.ts";
import { parseInstant, parseLogin } from "./parse-ids.ts";
import type { Parsed } from "./problem.ts";
import {
  audited,
  converted,
  list,
  object,
  optional,
  orNothing,
  parsedText,
  readFile,
  required,
  type Shape,
} from "./shape.ts";
import { oneCode } from "./yaml-read.ts";

export const delegationsPath = "policies/delegations.yaml";

const codes = oneCode("delegations.malformed");

export const parseDelegations = (
  content: string,
  file: string = delegationsPath,
): Parsed<readonly Delegation[]> =>
  readFile(content, { file, codes, maxBytes: 64 * 1024 }, orNothing(list(delegation, 0, 1_000), []));

/** Those whose window is open. */
export const standingIn = (delegations: readonly Delegation[], now: Instant): readonly Delegation[] =>
  delegations.filter(({ since, until }) => since <= now && now < until);

/** What of a level somebody may answer for in another's stead. */
export const narrowed = (
  { people, teams }: Pick<Level, "people" | "teams">,
  only: Delegation["only"],
): Pick<Level, "people" | "teams"> =>
  only === undefined
    ? { people, teams }
    : {
        people: people.filter((login) => only.people.some((each) => sameLogin(each, login))),
        teams: teams.filter((team) => only.teams.includes(team)),
      };

const day = 24 * 3_600_000;

/** A day, in UTC, from its beginning (`since`) or to its end (`until`); or a moment with its offset. */
const moment = (ofDay: "begins" | "ends"): Shape<Instant> =>
  parsedText((written) => {
    if (!/^\d{4}-\d\d-\d\d$/.test(written)) return parseInstant(written);
    const begins = parseInstant(`${written}T00:00:00Z`);
    return begins === undefined ? undefined : ((begins + (ofDay === "begins" ? 0 : day)) as Instant);
  }, "a day such as `2026-12-01` (in UTC), or a moment such as `2026-12-01T22:00:00Z`");

const login = parsedText(parseLogin, "a person's login without `@`");

const handle = parsedText<Handle>((written) => {
  const parsed = parseHandle(written);
  return parsed.ok ? parsed.value : undefined;
}, "a handle of a level, `@user` or `@org/team`");

const handlesOf = (only: readonly Handle[]): NonNullable<Delegation["only"]> => ({
  people: only.flatMap((each) => ("login" in each ? [each.login] : [])),
  teams: only.flatMap((each) => ("team" in each ? [each.team] : [])),
});

const written = audited(
  object({
    from: required(login),
    to: required(login),
    since: required(moment("begins")),
    until: required(moment("ends")),
    only: optional(list(handle, 1, 100)),
  }),
  ({ from, to, since, until, only = [] }) => [
    ...(sameLogin(from, to)
      ? [{ at: ["to"], message: "nobody stands in for themselves; name another" }]
      : []),
    ...(since < until ? [] : [{ at: ["until"], message: "expected to be after `since`" }]),
    ...only.flatMap((each, i) =>
      "login" in each && !sameLogin(each.login, from)
        ? [{ at: ["only", i], message: `expected teams of \`${from}\`, or \`@${from}\`, got another person` }]
        : [],
    ),
  ],
);

const delegation = converted(
  written,
  ({ only, ...rest }): Delegation => ({ ...rest, ...(only === undefined ? {} : { only: handlesOf(only) }) }),
);
