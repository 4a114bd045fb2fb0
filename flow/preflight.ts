// Looking ahead by what the last run of the inventory saw: what would stand in the way of a grant. The Action looks again, live, in `preflight-live.ts`.

import { parseRoleArn } from "../aws/arns.ts";
import { runbookName } from "../aws/runbook.ts";
import type { Instant, RequestNumber } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import type { Node } from "../core/node.ts";
import { type PlaceReport, type PlaceToGrant, preflight } from "../core/preflight.ts";
import type { Problem } from "../core/problem.ts";
import { sessionName } from "../core/record.ts";
import type { AccessRequest } from "../core/request.ts";
import { accountOf, byPlace, type PlaceId } from "./places.ts";
import { sessionPolicies } from "./session-policies.ts";

export interface Wanted {
  readonly config: Config;
  readonly request: AccessRequest;
  readonly nodes: readonly Node[];
  /** Numeric id of the access repo. */
  readonly repository: number;
  readonly number: RequestNumber;
  readonly now: Instant;
}

type Reports = readonly (PlaceId & { readonly preflight?: PlaceReport })[];

export const preflightSeen = (wanted: Wanted, reports: Reports): readonly Problem[] =>
  preflight(
    placesToGrant(wanted).map((place) => {
      const report = reports.find((each) => samePlace(each, place))?.preflight;
      return report === undefined ? place : { ...place, report };
    }),
    "inventory",
  );

/** The places of a grant, with what the config has of each and without a report. */
export const placesToGrant = (wanted: Wanted): readonly PlaceToGrant[] =>
  byPlace(wanted.nodes).map(({ place, nodes }) => {
    const { config, request, repository, number, now } = wanted;
    const account = config.accounts.find(({ id }) => id === place.account);
    if (account?.regions.includes(place.region) !== true) return { ...place, nodes };
    const [fit] = sessionPolicies({
      request,
      nodes,
      session: sessionName(repository, number),
      // any instant is as long as any other
      until: (now + request.for * 1000) as Instant,
      partition: (id) => parseRoleArn(accountOf(config, id).roles.access).partition,
    });
    if (fit === undefined) return { ...place, nodes };
    const configured = { roles: account.roles, documents: [fit.document, runbookName], policy: fit.policy };
    return { ...place, nodes, configured };
  });

const samePlace = (one: PlaceId, other: PlaceId): boolean =>
  one.account === other.account && one.region === other.region;
