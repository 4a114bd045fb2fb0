// Before anybody is asked to approve, and again right before a record is written: could the grant work? "Approved but StartSession denied" is caught here
// and explained, with what to do.

import * as z from "zod/mini";
import { type InventoryPlace, inventoryPath, parseInventoryPath } from "./inventory.ts";
import type { Node } from "./node.ts";
import { accepted, type Parsed, type Problem, problem, refused } from "./problem.ts";
import { quoted, shown } from "./text.ts";

const roleStates = ["reachable", "not-trusted", "region-disabled", "refused"] as const;
const documentStates = ["active", "inactive", "missing"] as const;
export type RoleState = (typeof roleStates)[number];
export type DocumentState = (typeof documentStates)[number];

/** What a grant needs in an account and Region besides nodes. */
export interface PlaceReport {
  readonly roles: { readonly access: RoleState; readonly revoke: RoleState };
  /** By name. INVARIANT: what is not in it has not been looked for, which is no problem. */
  readonly documents: Readonly<Record<string, DocumentState>>;
}

const folder = "preflight/";

/** Beside the nodes on the branch `inventory`: `preflight/<account>/<region>.json`. */
export const reportPath = (place: InventoryPlace): string => `${folder}${inventoryPath(place)}`;

export const parseReportPath = (path: string): InventoryPlace | undefined =>
  path.startsWith(folder) ? parseInventoryPath(path.slice(folder.length)) : undefined;

const file = z.strictObject({
  roles: z.strictObject({ access: z.enum(roleStates), revoke: z.enum(roleStates) }),
  documents: z.record(z.string().check(z.regex(/^[A-Za-z0-9-]{3,128}$/)), z.enum(documentStates)),
});

export function parseReport(content: string, path: string): Parsed<PlaceReport> {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    return malformed(path, "expected JSON");
  }
  const read = file.safeParse(json);
  if (read.success) return accepted(read.data);
  const [{ path: way, message }] = read.error.issues as [z.core.$ZodIssue];
  return malformed(path, `${shown(way.join("."))}: ${message}`);
}

const malformed = (path: string, message: string): Parsed<never> =>
  refused(
    problem("inventory.malformed", `${quoted(path)} is no preflight: ${message}; run the inventory again`, {
      place: { file: path, line: 1, column: 1 },
    }),
  );

/** The same state is always the same bytes: sorted, without a time. */
export function renderReport({ roles: { access, revoke }, documents }: PlaceReport): string {
  const sorted = Object.entries(documents).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ roles: { access, revoke }, documents: Object.fromEntries(sorted) }, null, 1)}\n`;
}

/** One account and Region of a grant that is asked for. */
export interface PlaceToGrant extends InventoryPlace {
  readonly nodes: readonly Node[];
  /** What the config has of it; absent when account or Region is not there any more. */
  readonly configured?: {
    readonly roles: { readonly access: string; readonly revoke: string };
    /** The session document that the grant allows, and the runbook that ends it. */
    readonly documents: readonly string[];
    readonly policy: Parsed<string>;
  };
  /** Absent when nobody has looked yet. */
  readonly report?: PlaceReport;
}

/** How it is known: by the last run of the inventory, or by asking AWS just now. */
export type Seen = "inventory" | "live";

/** What stands in the way of granting, everything at once. */
export function preflight(places: readonly PlaceToGrant[], seen: Seen): readonly Problem[] {
  return places.flatMap((place): readonly Problem[] => {
    const { configured, report } = place;
    if (configured === undefined) return [notConfigured(place)];
    return [
      ...(configured.policy.ok ? [] : configured.policy.problems),
      ...place.nodes.flatMap((node) => agentProblem(node, seen)),
      ...(report === undefined
        ? []
        : [
            ...roleProblems(place, configured.roles, report, seen),
            ...documentProblems(place, configured.documents, report, seen),
          ]),
    ];
  });
}

/** Whether the world mends it and not the author: an agent that comes back, a stack that is updated. Looked at again on the timer. */
export const mendedByTheWorld = ({ code }: Problem): boolean =>
  code === "node.agent-offline" || code === "grant.refused";

const notConfigured = ({ account, region }: InventoryPlace): Problem =>
  problem(
    "grant.refused",
    `${account}/${region} is not in \`.github/hallpass.yml\` any more; ask for other nodes, or an admin puts it back`,
    { field: "Nodes" },
  );

function agentProblem({ agent, id, name, account, region }: Node, seen: Seen): readonly Problem[] {
  if (agent === "online") return [];
  const what = name === undefined ? `\`${id}\`` : `\`${id}\` (${quoted(name)})`;
  const state = agent === "unknown" ? "has never registered with Systems Manager" : "does not answer";
  const message = `the SSM agent of ${what} in ${account}/${region} ${state}; start the node and check its agent, its instance role and its network`;
  return [problem("node.agent-offline", `${message}${asOf(seen)}`, { field: "Nodes" })];
}

function roleProblems(
  { account, region }: InventoryPlace,
  arns: { readonly access: string; readonly revoke: string },
  { roles }: PlaceReport,
  seen: Seen,
): readonly Problem[] {
  return (["access", "revoke"] as const).flatMap((kind) => {
    const why = roleTrouble(roles[kind]);
    if (why === undefined) return [];
    const message = `the ${kind} role \`${arns[kind]}\` cannot be used in ${account}/${region}: ${why}`;
    return [problem("grant.refused", `${message}${asOf(seen)}`)];
  });
}

function roleTrouble(state: RoleState): string | undefined {
  switch (state) {
    case "reachable":
      return undefined;
    case "not-trusted":
      return "it is not there or does not trust this workflow; an admin deploys aws/account.yaml, or compares its trust policy with it";
    case "region-disabled":
      return "the Region is not enabled in the account; an admin enables it, or takes it out of `.github/hallpass.yml`";
    case "refused":
      return "AWS refused it; an admin updates the stack of aws/account.yaml";
  }
}

function documentProblems(
  { account, region }: InventoryPlace,
  names: readonly string[],
  { documents }: PlaceReport,
  seen: Seen,
): readonly Problem[] {
  return names.flatMap((name) => {
    const state = documents[name] ?? "active";
    if (state === "active") return [];
    const what =
      state === "missing" ? `there is no document \`${name}\`` : `document \`${name}\` is not active`;
    const message = `${what} in ${account}/${region}; an admin updates the stack of aws/region.yaml there`;
    return [problem("grant.refused", `${message}${asOf(seen)}`)];
  });
}

const asOf = (seen: Seen): string =>
  seen === "live"
    ? ""
    : ". So said the last `inventory` run; the next one is within the hour, or is started by hand";
