// Who among those who gave a command is what. Looked up only for people other than the requester, and only where it matters.

import type { Facts } from "../core/facts.ts";
import type { UserId } from "../core/ids.ts";
import type { ApprovalRule } from "../core/law.ts";
import type { Node } from "../core/node.ts";
import type { Parsed } from "../core/problem.ts";
import { ruleFor } from "../core/rules.ts";
import type { GitHubClient } from "../github/client.ts";
import { othersToCheck, type Roles } from "../github/commands.ts";
import { counted } from "../github/counted.ts";
import { readWriters } from "../github/read-access.ts";
import { readTeams } from "../github/read-teams.ts";
import type { Actor, RequestReading } from "../github/reading.ts";
import type { LoadedLaw } from "./law.ts";

export const nobody: Roles = { writer: new Set(), approver: new Set() };

export async function rolesOf(
  client: GitHubClient,
  reading: RequestReading,
  law: Parsed<LoadedLaw>,
  facts: Facts,
): Promise<Roles> {
  // nothing that is said after the end changes anything
  if (facts.ledger.ended !== undefined) return nobody;
  const writer = await readWriters(client, othersToCheck(reading, "writer"));
  const others = othersToCheck(reading, "approver").filter(({ id }) => !writer.has(id));
  if (others.length === 0) return { ...nobody, writer };
  const rules = law.ok ? rulesOf(law.value, facts) : [];
  return { writer, approver: new Set([...counted(reading), ...(await listed(client, others, rules))]) };
}

/** The rules of the nodes that are asked for or open. */
function rulesOf(law: LoadedLaw, { nodes, ledger }: Facts): readonly ApprovalRule[] {
  // a record does not say what only the inventory knows; a rule that asks for it matches nothing then
  const open = (ledger.active?.nodes ?? []).map((node): Node => ({ agent: "unknown", ...node }));
  return (nodes?.ok === true ? nodes.value : open).flatMap((node) => ruleFor(law.rules, node) ?? []);
}

/** INVARIANT: a team that cannot be read has no members here; who approved already does not depend on it. */
async function listed(
  client: GitHubClient,
  people: readonly Actor[],
  rules: readonly ApprovalRule[],
): Promise<readonly UserId[]> {
  const levels = rules.flatMap((rule) => rule.levels);
  const logins = people.map(({ login }) => login);
  const { memberships } = await readTeams(
    client,
    levels.flatMap(({ teams }) => teams),
    logins,
  );
  const named = new Set([
    ...levels.flatMap((level) => level.people.map((login) => login.toLowerCase())),
    ...[...memberships.values()].flatMap((members) => [...members]),
  ]);
  return people.filter(({ login }) => named.has(login.toLowerCase())).map(({ id }) => id);
}
