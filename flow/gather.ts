// Everything that a decision about one request rests on, gathered first. Nodes are seen through the inventory; the Action then looks at them in AWS (`live.ts`).

import type { PolicyEngine } from "../cedar/engine.ts";
import type { NodeAnswer } from "../core/answer.ts";
import { checkRequest } from "../core/check-request.ts";
import { standingIn } from "../core/delegations.ts";
import type { Facts, LedgerFacts, PullFacts, RepositoryFacts, UsFacts } from "../core/facts.ts";
import { followUp } from "../core/follow-up.ts";
import { parseForm } from "../core/form.ts";
import { type RequestNumber, type Sha, sameLogin, type TeamHandle } from "../core/ids.ts";
import type { Config, Delegation, Level } from "../core/law.ts";
import type { Node } from "../core/node.ts";
import { accepted, type Parsed, problem, refused, unlessProblems } from "../core/problem.ts";
import type { ActiveRecord, EndedRecord } from "../core/record.ts";
import type { AccessRequest } from "../core/request.ts";
import { parseRequestFile, refuseRequestPath } from "../core/request-file.ts";
import { ruleFor } from "../core/rules.ts";
import type { GitHubClient } from "../github/client.ts";
import { commandFacts, editedCommands } from "../github/commands.ts";
import { handWrittenPull, judgePulls } from "../github/pulls.ts";
import { readAccess } from "../github/read-access.ts";
import { readRequest } from "../github/read-request.ts";
import { readTeams, type TeamsReading } from "../github/read-teams.ts";
import type { RequestReading } from "../github/reading.ts";
import { ledgerFacts } from "../github/records.ts";
import { shownFacts } from "../github/shown.ts";
import { subjectFacts } from "../github/subject.ts";
import type { Clock } from "./clock.ts";
import { type Extended, withExtensions, withRequester } from "./extension.ts";
import { withProvenKey } from "./keys.ts";
import type { LawStore, LoadedLaw } from "./law.ts";
import { nodesAsked } from "./nodes-asked.ts";
import { oldInventory } from "./old-inventory.ts";
import { type AskedFor, policyTeams, questionOf } from "./question.ts";
import { nobody, rolesOf } from "./roles.ts";

export interface GatherDeps {
  readonly client: GitHubClient;
  readonly us: UsFacts;
  readonly engine: PolicyEngine;
  readonly laws: LawStore;
  readonly clock: Clock;
}

export interface GatherOptions {
  /** Decide as if there were no record: what a run that died early has to show again before it goes on. */
  readonly asIfNeverGranted?: boolean;
}

/** The facts about request `number`; undefined when there is no such issue or pull request. Throws `GitHubError` when GitHub cannot be read. */
export async function gather(
  deps: GatherDeps,
  number: RequestNumber,
  { asIfNeverGranted = false }: GatherOptions = {},
): Promise<Facts | undefined> {
  const now = deps.clock.now() as Facts["now"];
  const read = await readRequest(deps.client, deps.us, number, now, { evenIfDecided: asIfNeverGranted });
  if (read === undefined) return undefined;
  const extended = await withRequester(deps.client, read, asIfNeverGranted);
  const { reading } = extended;
  const law = await deps.laws.at(reading.defaultHead);
  const ledger = ledgerFacts(reading);
  const found = await baseFacts(deps, reading, law, ledger);
  const base = asIfNeverGranted
    ? { ...found, ledger: { head: found.ledger.head, everActive: false } }
    : found;
  const { ended, active } = base.ledger;
  const record = ended ?? active;
  // what is over or open is no longer decided
  const facts =
    record !== undefined
      ? await reviewFacts(deps, law, base, record)
      : law.ok && ledger.ok
        ? await decisionFacts(deps, reading, law.value, base)
        : base;
  return withCommands(deps, extended, law, facts);
}

async function withCommands(
  { client }: GatherDeps,
  { reading, keys, extends: extension }: Extended,
  law: Parsed<LoadedLaw>,
  facts: Facts,
): Promise<Facts> {
  const said = commandFacts(reading, await rolesOf(client, reading, law, facts));
  return withExtensions(client, {
    ...facts,
    commands: await withProvenKey([...keys, ...said]),
    editedCommands: editedCommands(reading),
    ...(extension === undefined ? {} : { extends: extension }),
  });
}

/** Who may review a glass that was broken; of other records nothing more is needed. */
async function reviewFacts(
  deps: GatherDeps,
  law: Parsed<LoadedLaw>,
  facts: Facts,
  record: ActiveRecord | EndedRecord,
): Promise<Facts> {
  const open = followUp(facts, record);
  if (open === undefined) return facts;
  const teams = await teamsOf(deps, law.ok ? law.value.delegations : [], facts, open.glass.levels);
  return withTeams(facts, teams);
}

const withTeams = (facts: Facts, { memberships, unreadable, sizes }: TeamsReading): Facts => ({
  ...facts,
  memberships,
  unreadableTeams: unreadable,
  teamSizes: sizes,
});

async function baseFacts(
  deps: GatherDeps,
  reading: RequestReading,
  law: Parsed<LoadedLaw>,
  ledger: Parsed<LedgerFacts>,
): Promise<Facts> {
  const author = reading.subject.author;
  const hasAccess = author?.kind === "User" ? await readAccess(deps.client, author) : false;
  const notPublic = unlessPublic(law, reading.repository);
  return {
    now: reading.now,
    repository: reading.repository,
    us: deps.us,
    law: { commit: reading.defaultHead, law: ledger.ok ? notPublic : ledger },
    subject: subjectFacts(reading, hasAccess),
    asked: refused(problem("fact.unavailable", "the request has not been read")),
    ...judgePulls(reading),
    memberships: new Map(),
    unreadableTeams: [],
    teamSizes: new Map(),
    ledger: ledger.ok ? ledger.value : { head: reading.ledger.head, everActive: reading.ledger.everActive },
    // the requester's own; whose others count is looked up at the end
    commands: commandFacts(reading, nobody),
    shown: shownFacts(reading),
  };
}

/** The law, unless the repository is public and its config does not say that it may be. */
export const unlessPublic = (
  law: Parsed<LoadedLaw>,
  { closed, owner, name }: RepositoryFacts,
): Parsed<LoadedLaw> =>
  law.ok && !closed && !law.value.config.allowPublic
    ? refused(
        problem(
          "trust.repository-public",
          `\`${owner}/${name}\` is public: everybody could read who gets access where; make it private, or set \`allowPublic: true\` in the config`,
        ),
      )
    : law;

async function decisionFacts(
  deps: GatherDeps,
  reading: RequestReading,
  law: LoadedLaw,
  base: Facts,
): Promise<Facts> {
  const asked = askedBy(reading, law.config);
  if (!asked.ok) return { ...base, asked };
  const pulls = reading.subject.kind === "pull" ? handWritten(reading, base, asked.value) : base.pulls;
  const known: Facts = { ...base, asked, pulls };
  return onceAsked(deps, law, known, { request: asked.value, inventory: reading.inventory });
}

/** The rest of what a decision rests on. `inventory` is the head of its branch. */
export async function onceAsked(
  deps: Pick<GatherDeps, "client" | "engine">,
  law: LoadedLaw,
  known: Facts,
  { request, inventory }: { readonly request: AccessRequest; readonly inventory: Sha | undefined },
): Promise<Facts> {
  const nodes = await nodesAsked(deps.client, inventory, { config: law.config, facts: known, request });
  const old = await oldInventory(deps.client, inventory, { nodes, now: known.now });
  if (!nodes.ok) return { ...known, nodes, oldInventory: old };
  const teams = await teamsAtHand(deps, law, known, nodes.value);
  const facts = withTeams({ ...known, nodes, oldInventory: old }, teams);
  return {
    ...facts,
    answers: await answersOf(deps, law, facts, { request, nodes: nodes.value }),
  };
}

function askedBy(reading: RequestReading, config: Config): Parsed<AccessRequest> {
  const { subject } = reading;
  const written = subject.lastEditedAt ?? subject.createdAt;
  if (subject.pull === undefined) {
    const draft = parseForm(subject.body);
    return draft.ok ? checkRequest(draft.value, config, written) : draft;
  }
  const { added } = subject.pull;
  if ("problem" in added) return refused(problem("request.files", added.problem));
  const misplaced = refuseRequestPath(added.path, subject.author?.login ?? "");
  if (misplaced !== undefined) return refused(misplaced);
  const draft = parseRequestFile(added.text, added.path);
  return draft.ok ? checkRequest(draft.value, config, written) : draft;
}

/** A pull request that asks is its own pull request under review, pinned by the ids it spells. */
function handWritten(reading: RequestReading, facts: Facts, request: AccessRequest): readonly PullFacts[] {
  const pull = handWrittenPull(
    reading,
    accepted({
      folder: "approved",
      request,
      requester: facts.subject.author,
      subject: { kind: "pull", number: facts.subject.number },
      nodes: [],
      policies: facts.law.commit,
    }),
  );
  return pull === undefined ? [] : [pull];
}

/** The teams that this decision needs, for the people at hand, and no others. */
function teamsAtHand(
  deps: Pick<GatherDeps, "client">,
  law: LoadedLaw,
  facts: Facts,
  nodes: readonly Node[],
): Promise<TeamsReading> {
  const levels = nodes.flatMap((node) => ruleFor(law.rules, node)?.levels ?? []);
  return teamsOf(deps, law.delegations, facts, levels, policyTeams(law));
}

async function teamsOf(
  deps: Pick<GatherDeps, "client">,
  delegations: readonly Delegation[],
  facts: Facts,
  levels: readonly Level[],
  others: readonly TeamHandle[] = [],
): Promise<TeamsReading> {
  const reviewers = facts.pulls.flatMap((pull) => pull.reviews.map((review) => review.by.login));
  const away = standingIn(delegations, facts.now);
  const theirSeats = away.filter(({ to }) => reviewers.some((login) => sameLogin(login, to)));
  // in one query: who is in a team, and whether the team can be read, are then of one moment
  return readTeams(
    deps.client,
    [...others, ...levels.flatMap((level) => level.teams)],
    [facts.subject.author.login, ...reviewers, ...theirSeats.map(({ from }) => from)],
    // so that whoever stands in can be asked
    away.map(({ from }) => from),
  );
}

/** Asks Cedar about these nodes. Teams that did not answer make every answer *broken*. */
export async function answersOf(
  deps: Pick<GatherDeps, "engine">,
  law: LoadedLaw,
  facts: Facts,
  asked: AskedFor,
): Promise<NonNullable<Facts["answers"]>> {
  const unread = policyTeams(law).filter((team) => facts.unreadableTeams.includes(team));
  // a 404 may mean "no such team" or "no permission": read as "not a member" it could open a `forbid`
  if (unread.length > 0)
    return unlessProblems<readonly NodeAnswer[]>(
      unread.map((team) =>
        problem(
          "team.unreadable",
          `team \`@${team}\`, which policies or people.yaml name, cannot be read: expected it to exist and the App to have \`members: read\``,
        ),
      ),
      [],
    );
  return accepted(await deps.engine.ask(law.policies, questionOf(law, facts, asked)));
}
