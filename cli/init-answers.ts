// What `hallpass init` has to be told: from flags, a file of answers, what is there already, or by asking. Everything that is missing is named at once.

import { suggestion } from "../core/nearest.ts";
import {
  integer,
  list,
  object,
  optional,
  orNothing,
  parsedText,
  readFile,
  required,
  text,
  textAsWritten,
} from "../core/shape.ts";
import { oneCode } from "../core/yaml-read.ts";
import type { SetUp, SetUpAccount } from "../flow/set-up.ts";
import { appRegistrationUrl } from "../flow/set-up-app.ts";
import { type GitHubHost, hostForm, parseHost } from "../flow/set-up-aws.ts";
import { roleNames, type TeamRole, type Teams, teamRoles } from "../flow/set-up-policies.ts";
import { ask } from "./ask.ts";
import type { Terminal } from "./terminal.ts";

/** All that may be given beforehand; a flag wins over the file of answers, which wins over what is there. */
export interface Answers {
  readonly repo?: string | undefined;
  readonly host?: string | undefined;
  readonly app?: number | undefined;
  readonly defaultBranch?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly accounts?: readonly SetUpAccount[] | undefined;
  readonly teams?: Partial<Teams> | undefined;
  readonly action?: string | undefined;
}

export const branchForm = "a branch such as `main`";

/** It stands in commands that people paste into a shell. */
export function parseBranch(written: string): string | undefined {
  return /^(?!.*(?:\/\/|\.\.|\.lock$))[A-Za-z0-9_][A-Za-z0-9_./-]*(?<![./])$/.test(written)
    ? written
    : undefined;
}

const slugs = Object.fromEntries(
  roleNames.map((role) => [role, optional(parsedText(parseTeam, "a team's slug, such as `platform`"))]),
);

const answersShape = orNothing(
  object({
    repo: optional(text),
    host: optional(parsedText(parseHost, hostForm)),
    app: optional(integer(1, 999_999_999_999)),
    defaultBranch: optional(parsedText(parseBranch, branchForm)),
    timeZone: optional(text),
    accounts: optional(
      list(
        object({
          id: required(textAsWritten),
          name: optional(text),
          regions: required(list(text, 1, 50)),
        }),
        1,
        1_000,
      ),
    ),
    teams: optional(object(slugs)),
    action: optional(text),
  }),
  {},
);

/** A file of answers, JSON or YAML. Throws with everything that is wrong in it. */
export function parseAnswers(content: string, file: string): Answers {
  const source = { file, codes: oneCode("config.malformed"), maxBytes: 64 * 1024 };
  const read = readFile(content, source, answersShape);
  if (read.ok) return read.value;
  const problems = read.problems.map(({ message, place }) =>
    place === undefined ? `${file}: ${message}` : `${file}:${place.line}:${place.column}: ${message}`,
  );
  throw new Error(problems.join("\n"));
}

/** `111122223333=eu-central-1,us-east-1`, or with a name before it, `workloads:111122223333=…`. */
export function parseAccount(text: string): SetUpAccount | undefined {
  const [, name, id, regions] =
    /^(?:([A-Za-z][\w.-]*):)?(\d{12})=([a-z0-9-]+(?:,[a-z0-9-]+)*)$/.exec(text) ?? [];
  if (id === undefined || regions === undefined) return undefined;
  return { id, ...(name === undefined ? {} : { name }), regions: regions.split(",") };
}

export const accountForm = "`111122223333=eu-central-1,us-east-1`, with `name:` before it if you like";

/** `role=slug`; the slug may be written as a handle. */
export function parseTeams(entries: readonly (readonly [string, string])[]): Partial<Teams> {
  return Object.fromEntries(
    entries.map(([role, written]) => {
      if (!roleNames.includes(role as TeamRole))
        throw new Error(
          `\`${role}\` is no team of the starter policies, there are ${roleNames.join(", ")}${suggestion(role, roleNames)}`,
        );
      const team = parseTeam(written);
      if (team === undefined)
        throw new Error(`\`${written}\` is no team; give its slug, such as \`platform\``);
      return [role, team];
    }),
  );
}

/** As written, perhaps as a handle: whose organization it is of is known only later. */
function parseTeam(written: string): string | undefined {
  return /^(?:@[A-Za-z0-9-]+\/)?[A-Za-z0-9][\w.-]*$/.test(written) ? written : undefined;
}

/** Throws for a team of another organization, which cannot be given access to this one's repository. */
function ownTeams(teams: Partial<Teams>, owner: string): Partial<Teams> {
  return Object.fromEntries(
    Object.entries(teams).map(([role, written]) => {
      const slug = slugIn(owner)(written);
      if (slug === undefined)
        throw new Error(
          `\`${written}\` is a team of another organization; give one of \`${owner}\` by its slug, such as \`${role}=platform\``,
        );
      return [role, slug];
    }),
  );
}

const slugIn =
  (owner: string) =>
  (written: string): string | undefined => {
    const [, organization, slug] = /^(?:@([^/]+)\/)?(.+)$/.exec(parseTeam(written) ?? "") ?? [];
    return organization === undefined || organization.toLowerCase() === owner.toLowerCase()
      ? slug
      : undefined;
  };

const parseRepo = (written: string): string | undefined =>
  /^[A-Za-z0-9-]+\/(?!\.{1,2}$)[\w.-]+$/.test(written) ? written : undefined;

const parseApp = (text: string): number | undefined =>
  /^[1-9]\d{0,11}$/.test(text) ? Number(text) : undefined;

/** The first that has an answer, key by key. */
export function mergeAnswers(...all: readonly Answers[]): Answers {
  const keys = ["repo", "host", "app", "defaultBranch", "timeZone", "accounts", "action"] as const;
  const merged = Object.fromEntries(
    keys.map((key) => [key, all.find((each) => each[key] !== undefined)?.[key]]),
  );
  const teams = Object.assign({}, ...all.toReversed().map((each) => each.teams ?? {})) as Partial<Teams>;
  return { ...merged, teams };
}

export type Told = Pick<SetUp, "owner" | "repo" | "appId" | "accounts" | "teams">;

/** Asks for the repository alone: where to look for all else follows from it. */
export async function completeRepo(
  terminal: Terminal,
  { repo }: Answers,
): Promise<readonly [string, string]> {
  const given =
    repo ??
    (terminal.ask === undefined
      ? undefined
      : await ask(
          { ...terminal, ask: terminal.ask },
          {
            text: "Access repository, owner/name:",
            read: parseRepo,
            expected: "a repository such as `acme/access`",
          },
        ));
  if (given === undefined) throw new Error(missing(["--repo owner/name: the access repository"]));
  const [owner, name] = parseRepo(given)?.split("/") ?? [];
  if (owner === undefined || name === undefined)
    throw new Error(`\`${given}\` is no repository; give --repo owner/name`);
  return [owner, name];
}

export interface Asking {
  readonly terminal: Terminal;
  readonly host: GitHubHost;
  readonly owner: string;
  readonly repo: string;
  readonly manifest: string;
  /** There are policies already: nobody needs to be asked whom the starter set should name. */
  readonly hasPolicies: boolean;
}

/** The rest, asked for on a terminal; off it an error that names each flag. */
export async function completeAnswers(asking: Asking, given: Answers): Promise<Told> {
  const { owner, repo, terminal } = asking;
  const { app, accounts } = given;
  const teams = ownTeams(given.teams ?? {}, owner);
  if (terminal.ask !== undefined)
    return { owner, repo, ...(await askForRest(asking, terminal.ask, { ...given, teams })) };
  const platform = teams.platform;
  if (app === undefined || accounts === undefined || platform === undefined)
    throw new Error(
      missing([
        ...(app === undefined
          ? [
              `--app <id>: your GitHub App; register it at ${appRegistrationUrl(asking.host, asking, asking.manifest)}`,
            ]
          : []),
        ...(accounts === undefined ? [`--account <id=regions>: an AWS account, ${accountForm}`] : []),
        ...(platform === undefined ? [`--team platform=<slug>: the team that ${teamRoles.platform}`] : []),
      ]),
    );
  return { owner, repo, appId: app, accounts, teams: { ...teams, platform } };
}

const missing = (what: readonly string[]): string =>
  `this cannot be known from here; give it as a flag, or in a file with --answers\n${what.map((each) => `  ${each}`).join("\n")}`;

async function askForRest(
  asking: Asking,
  prompt: NonNullable<Terminal["ask"]>,
  { app, accounts, teams = {} }: Answers,
): Promise<Omit<Told, "owner" | "repo">> {
  const terminal = { ...asking.terminal, ask: prompt };
  if (app === undefined)
    terminal.err(
      `Register the App, if there is none yet:\n  ${appRegistrationUrl(asking.host, asking, asking.manifest)}\n`,
    );
  const appId =
    app ??
    (await ask(terminal, {
      text: "The App's id:",
      read: parseApp,
      expected: "a number, from the App's settings",
    }));
  return {
    appId,
    accounts: accounts ?? (await askForAccounts(terminal)),
    teams: await askForTeams(terminal, teams, asking),
  };
}

type Asker = Terminal & { readonly ask: NonNullable<Terminal["ask"]> };

async function askForAccounts(terminal: Asker): Promise<readonly SetUpAccount[]> {
  const accounts: SetUpAccount[] = [];
  for (;;) {
    const more = accounts.length > 0;
    const next = await ask<SetUpAccount | "no more">(terminal, {
      text: more ? "Another account (Enter: no more):" : `AWS account and its Regions, ${accountForm}:`,
      read: (answer) => (more && answer === "" ? "no more" : parseAccount(answer)),
      expected: accountForm,
    });
    if (next === "no more") return accounts;
    accounts.push(next);
  }
}

async function askForTeams(
  terminal: Asker,
  given: Partial<Teams>,
  { owner, hasPolicies }: Asking,
): Promise<Teams> {
  const question = (role: TeamRole, end: string) => `Team \`${role}\` (${teamRoles[role]}), its slug${end}:`;
  const platform =
    given.platform ??
    (await ask(terminal, {
      text: question("platform", ""),
      read: slugIn(owner),
      expected: `the slug of a team of \`${owner}\`, such as \`platform\``,
    }));
  const teams: Record<string, string> = { ...given, platform };
  for (const role of hasPolicies ? [] : roleNames.filter((each) => teams[each] === undefined)) {
    const slug = await ask(terminal, {
      text: question(role, ", Enter for none"),
      read: (answer) => (answer === "" ? "" : slugIn(owner)(answer)),
      expected: `the slug of a team of \`${owner}\`, or nothing`,
    });
    if (slug !== "") teams[role] = slug;
  }
  return { ...teams, platform };
}
