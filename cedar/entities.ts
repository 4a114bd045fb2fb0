// A question as Cedar takes it: the requester, one node, and the facts of the request, by the schema.

import type { CedarValueJson, Context, EntityJson, TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";
import type { Principal, QuestionContext } from "../core/answer.ts";
import type { Node } from "../core/node.ts";
import type { PolicySet } from "./policy-set.ts";

/** What all nodes of one question have in common. */
export interface Asker {
  readonly principal: TypeAndId;
  readonly context: Context;
  /** Of the principal and the principal tags. */
  readonly entities: readonly EntityJson[];
}

export function askerOf(set: PolicySet, principal: Principal, context: QuestionContext): Asker {
  const uid = { type: "AWS::IdentityStore::User", id: principal.entityId };
  const tags = { type: "AWS::IAM::PrincipalTags", id: principal.entityId };
  return {
    principal: uid,
    context: contextOf(context, tags),
    entities: [
      { uid, attrs: attributesOf(principal), parents: parentsOf(set, principal) },
      { uid: tags, attrs: {}, parents: [], tags: { ...principal.principalTags } },
    ],
  };
}

function attributesOf({ login, githubId, attributes }: Principal): Record<string, CedarValueJson> {
  return { login: login.toLowerCase(), githubId, ...present({ ...attributes }) };
}

/** Policies may spell a team in any letter case; GitHub knows it in all of them. */
function parentsOf(set: PolicySet, { groups, teams }: Principal): TypeAndId[] {
  const handles = new Set<string>(teams.map((team) => team.toLowerCase()));
  const asWritten = set.teams.filter((team) => handles.has(team.toLowerCase()));
  return [
    ...groups.map((id) => ({ type: "AWS::IdentityStore::Group", id })),
    ...[...new Set([...handles, ...asWritten])].map((id) => ({ type: "GitHub::Team", id })),
  ];
}

function contextOf(context: QuestionContext, principalTags: TypeAndId): Context {
  return {
    iam: { principalTags: { __entity: principalTags } },
    now: extension("datetime", new Date(context.now).toISOString()),
    start: extension("datetime", new Date(context.start).toISOString()),
    weekday: context.weekday,
    timeOfDay: extension("duration", `${context.timeOfDay}ms`),
    duration: extension("duration", `${context.duration}s`),
    access: context.access,
    reason: context.reason,
    ...present({ ticket: context.ticket }),
  };
}

const extension = (fn: string, arg: string): CedarValueJson => ({ __extn: { fn, arg } });

export function nodeEntity(node: Node): EntityJson {
  return {
    uid: { type: node.type, id: node.id },
    attrs: {
      account: node.account,
      region: node.region,
      ...present({ name: node.name, platform: node.platform }),
    },
    parents: [],
    tags: { ...node.tags },
  };
}

function present(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
