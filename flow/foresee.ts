// What would be decided if somebody asked now, without asking: the App's own facts about an issue that is not there, gathered with a person's token, and the App's own
// decision on them. Nothing is written.

import type { PolicyEngine } from "../cedar/engine.ts";
import { decide } from "../core/decide.ts";
import { narrowed, standingIn } from "../core/delegations.ts";
import type { Facts, SubjectFacts } from "../core/facts.ts";
import { type Choice, fewestPeople } from "../core/fewest-people.ts";
import {
  type Account,
  type Instant,
  type RequestNumber,
  sameLogin,
  type TeamHandle,
  type UserId,
} from "../core/ids.ts";
import type { Delegation, Level } from "../core/law.ts";
import { type Parsed, problem, refused } from "../core/problem.ts";
import type { AccessRequest } from "../core/request.ts";
import type { RequestDraft } from "../core/request-draft.ts";
import type { Verdict } from "../core/verdict.ts";
import type { GitHubClient } from "../github/client.ts";
import { isGitHubError } from "../github/error.ts";
import { readAccess } from "../github/read-access.ts";
import { readPerson, readStanding, type Standing } from "../github/read-standing.ts";
import { readMembers, type TeamMembers } from "../github/read-teams.ts";
import { answersOf, onceAsked, unlessPublic } from "./gather.ts";
import { createLawStore, type LoadedLaw } from "./law.ts";
import { asForm } from "./prepare-request.ts";

export interface ForeseeDeps {
  /** Acts as whoever looks, who may see less than the App. */
  readonly client: GitHubClient;
  readonly engine: PolicyEngine;
}

export interface Wish {
  readonly draft: RequestDraft;
  /** Login of who would ask; absent: whoever looks. */
  readonly as?: string;
}

export interface Foreseen {
  readonly facts: Facts;
  readonly verdict: Verdict;
  /** Undefined: it does not load, and the verdict says why. */
  readonly law: LoadedLaw | undefined;
  readonly unseen: Unseen;
}

/** What the App sees and whoever looks does not: it was taken for not there, and the App may decide otherwise. */
export interface Unseen {
  readonly teams: readonly TeamHandle[];
  /** Whether who would ask may read the repository. */
  readonly access: boolean;
}

/** Throws `GitHubError` when GitHub cannot be read, and an error with what to do where nobody would decide. */
export async function foresee({ client, engine }: ForeseeDeps, { draft, as }: Wish): Promise<Foreseen> {
  const standing = await readStanding(client);
  if (standing.ledger === undefined)
    throw new Error(
      `${client.owner}/${client.repo} has no branch \`ledger\`: Hallpass is not set up there; check --repo`,
    );
  const now = client.clock.now() as Instant;
  const read = await createLawStore({ client, engine }).at(standing.head);
  const law = unlessPublic(read, standing.repository);
  const asker = await askerOf(client, standing, as);
  const base = baseFacts(standing, law, { now, asker });
  const seen = { law: law.ok ? law.value : undefined, unseen: { teams: [], access: asker.unseen } };
  if (!law.ok) return { ...seen, facts: base, verdict: decide(base) };
  const asked = asForm(draft, law.value.config, now);
  if (!asked.ok) {
    const facts = { ...base, asked };
    return { ...seen, facts, verdict: decide(facts) };
  }
  const { request } = asked.value;
  const gathered = await onceAsked(
    { client, engine },
    law.value,
    { ...base, asked: { ok: true, value: request } },
    { request, inventory: standing.inventory },
  );
  const facts = await asFarAsSeen(engine, law.value, gathered, request);
  const teams = facts.unreadableTeams;
  return { ...seen, facts, verdict: decide(facts), unseen: { teams, access: asker.unseen } };
}

interface Asker {
  readonly account: Account;
  readonly isPerson: boolean;
  readonly hasAccess: boolean;
  /** Whether they have access cannot be seen. */
  readonly unseen: boolean;
}

async function askerOf(client: GitHubClient, { viewer }: Standing, as: string | undefined): Promise<Asker> {
  // who reads the repository with their own token has read access
  if (as === undefined || sameLogin(as, viewer.login))
    return { account: viewer, isPerson: true, hasAccess: true, unseen: false };
  const { account, isPerson } = await existing(as, () => readPerson(client, as));
  try {
    return { account, isPerson, hasAccess: await readAccess(client, account), unseen: false };
  } catch (error) {
    // GitHub tells of others' access only to those who may write
    if (!isGitHubError(error, "forbidden")) throw error;
    return { account, isPerson, hasAccess: true, unseen: true };
  }
}

async function existing<T>(login: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isGitHubError(error, "not-found")) throw error;
    throw new Error(`GitHub knows nobody called \`${login}\`; check --as`);
  }
}

// as long as a number ever gets: it is part of the session's name, which has to fit into a policy
const noNumber = 9_999_999 as RequestNumber;

function baseFacts(
  { repository, head, ledger }: Standing,
  law: Parsed<LoadedLaw>,
  { now, asker }: { readonly now: Instant; readonly asker: Asker },
): Facts {
  const subject: SubjectFacts = {
    kind: "issue",
    number: noNumber,
    author: asker.account,
    authorIsPerson: asker.isPerson,
    authorHasAccess: asker.hasAccess,
    createdAt: now,
    writtenAt: now,
    open: true,
    distrust: [],
  };
  return {
    now,
    repository,
    // nobody has commented yet, so whose comments would count decides nothing
    us: { appId: law.ok ? law.value.config.app : 0, slug: "", botId: 0 as UserId },
    law: { commit: head, law },
    subject,
    asked: refused(problem("fact.unavailable", "nothing is asked yet")),
    pulls: [],
    lookalikes: [],
    memberships: new Map(),
    unreadableTeams: [],
    teamSizes: new Map(),
    ledger: { head: ledger ?? head, everActive: false },
    commands: [],
    shown: { labels: [], statuses: [], reminders: [], answered: [], dispatched: false },
  };
}

/** The App would decide nothing on a team that it cannot see; here it is probably only we who cannot: a secret team shows itself to its members. */
async function asFarAsSeen(
  engine: PolicyEngine,
  law: LoadedLaw,
  facts: Facts,
  request: AccessRequest,
): Promise<Facts> {
  if (facts.nodes?.ok !== true || facts.unreadableTeams.length === 0) return facts;
  const seen = { ...facts, unreadableTeams: [] };
  return { ...facts, answers: await answersOf({ engine }, law, seen, { request, nodes: facts.nodes.value }) };
}

/** Who can fill a level. */
export interface Candidate {
  readonly login: string;
  /** Whom they stand in for while these are away; absent: they are in the level themselves. */
  readonly for?: string;
}

export interface LevelAhead {
  readonly level: Level;
  readonly number: number;
  readonly people: readonly Candidate[];
  /** How many of large teams are not named in `people`. */
  readonly more: number;
}

/** What a manual decision would wait for. */
export interface Approval {
  readonly levels: readonly LevelAhead[];
  /** Undefined when it is not known that people can finish it. */
  readonly fewest: readonly Choice[] | undefined;
  /** Whether it can be had, as far as can be seen. */
  readonly possible: boolean;
}

export async function approvalOf(
  client: GitHubClient,
  { facts, law, verdict, unseen }: Foreseen,
): Promise<Approval | undefined> {
  if (verdict.state !== "pending" || law === undefined) return undefined;
  const { levels } = verdict.outcome;
  const members = await readMembers(
    client,
    levels.flatMap(({ teams }) => teams),
  );
  const standIns = standingIn(law.delegations, facts.now);
  const isUnseen = (team: TeamHandle) => unseen.teams.includes(team);
  return {
    levels: levels.map((level, index) => ({
      level,
      number: index + 1,
      ...candidatesOf(level, members, { standIns, requester: facts.subject.author.login }),
    })),
    fewest: fewestPeople(facts, verdict.tally, []),
    possible: verdict.outOfReach.every(({ level }) => levels[level - 1]?.teams.some(isUnseen) === true),
  };
}

function candidatesOf(
  level: Level,
  members: ReadonlyMap<TeamHandle, TeamMembers>,
  { standIns, requester }: { readonly standIns: readonly Delegation[]; readonly requester: string },
): Pick<LevelAhead, "people" | "more"> {
  const teams = level.teams.flatMap((team) => members.get(team) ?? []);
  const namedIn = ({ people, teams: handles }: Pick<Level, "people" | "teams">) => [
    ...people,
    ...handles.flatMap((team) => members.get(team)?.members ?? []),
  ];
  const named = namedIn(level);
  const own = new Map(named.map((login) => [login.toLowerCase(), { login }] as const));
  // INVARIANT: nobody approves their own request, and nobody does so in their stead
  own.delete(requester.toLowerCase());
  const away = standIns.filter(
    ({ from, to, only }) =>
      own.has(from.toLowerCase()) &&
      namedIn(narrowed(level, only)).some((login) => sameLogin(login, from)) &&
      !own.has(to.toLowerCase()) &&
      !sameLogin(to, requester),
  );
  return {
    people: [...own.values(), ...away.map(({ from, to }) => ({ login: to, for: from }))],
    more: teams.reduce((sum, team) => sum + team.size - team.members.length, 0),
  };
}
