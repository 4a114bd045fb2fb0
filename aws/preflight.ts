// What a grant needs in an account and Region besides nodes: the session documents, the runbook that ends it, and two roles that trust this workflow. Not
// seen from here: what the node's own role may write as a log.

import type { DocumentState, PlaceReport, RoleState } from "../core/preflight.ts";
import { shortestSession } from "./assume.ts";
import type { Aws, CallTarget } from "./clients.ts";
import { AwsError, mayPass } from "./errors.ts";
import { inParallel } from "./parallel.ts";

/** For the trial below: credentials that may do nothing. */
const denyAll = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }],
});

/** Throws `AwsError` when even looking failed. `repository` is the access repo's numeric id, which the access role's session names begin with. */
export async function inspectPlace(
  aws: Aws,
  request: CallTarget & { readonly documents: readonly string[]; readonly repository: number },
): Promise<PlaceReport> {
  const [access, revoke, documents] = await Promise.all([
    accessRole(aws, request),
    roleState(() => aws.ready(request, "revoke")),
    inParallel(
      request.documents,
      3,
      async (name) => [name, await documentState(aws, request, name)] as const,
    ),
  ]);
  return { roles: { access, revoke }, documents: Object.fromEntries(documents) };
}

/** Tried with credentials that may do nothing, under a session name that no grant has. */
const accessRole = (aws: Aws, request: CallTarget & { readonly repository: number }): Promise<RoleState> =>
  roleState(() =>
    aws.assume(request, {
      role: request.account.roles.access,
      sessionName: `hp.${request.repository}.preflight`,
      duration: shortestSession,
      policy: denyAll,
    }),
  );

async function roleState(use: () => Promise<unknown>): Promise<RoleState> {
  try {
    await use();
    return "reachable";
  } catch (error) {
    if (!(error instanceof AwsError) || mayPass(error)) throw error;
    if (error.code === "region-disabled") return "region-disabled";
    // to who may not assume it, AWS says the same of a role that is not there
    return error.code === "not-authorized" || error.code === "identity-rejected" ? "not-trusted" : "refused";
  }
}

async function documentState(aws: Aws, at: CallTarget, name: string): Promise<DocumentState> {
  try {
    const { Document } = await aws.send(at, "ssm:DescribeDocument", { Name: name });
    return Document?.Status === "Active" || Document?.Status === "Updating" ? "active" : "inactive";
  } catch (error) {
    if (error instanceof AwsError && error.code === "not-found") return "missing";
    throw error;
  }
}
