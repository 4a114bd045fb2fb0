// Before anyone is asked to approve: would the grant work? "Approved but StartSession denied" is caught here and explained.

import type { NodeId } from "../core/ids.ts";
import { type Problem, problem } from "../core/problem.ts";
import { shortestSession } from "./assume.ts";
import type { Aws, CallTarget } from "./clients.ts";
import { AwsError } from "./errors.ts";
import { describeNodes } from "./nodes.ts";

/** For the trial below: credentials that may do nothing. */
const denyAll = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }],
});

/**
 * What stands in the way of a grant on these nodes: unknown to AWS, agent not online, the session document missing or not active, the access role out of
 * reach (tried with credentials that may do nothing). Not seen from here: what the node's own role may write as a log. Throws `AwsError` when even
 * looking failed.
 */
export async function preflight(
  aws: Aws,
  request: CallTarget & {
    readonly ids: readonly NodeId[];
    readonly document: string;
    readonly session: string;
  },
): Promise<readonly Problem[]> {
  const found = await Promise.all([
    nodeProblems(aws, request),
    documentProblems(aws, request),
    accessProblems(aws, request),
  ]);
  return found.flat();
}

async function nodeProblems(
  aws: Aws,
  request: CallTarget & { readonly ids: readonly NodeId[] },
): Promise<readonly Problem[]> {
  const nodes = new Map((await describeNodes(aws, request)).map((node) => [node.id, node]));
  const where = `${request.account.id}/${request.region}`;
  return request.ids.flatMap((id) => {
    const node = nodes.get(id);
    if (node === undefined)
      return problem(
        "request.node-unknown",
        `AWS knows no node \`${id}\` in ${where}; check the id, the account and the Region`,
      );
    if (node.agent === "online") return [];
    const state = node.agent === "unknown" ? "has never registered with Systems Manager" : "does not answer";
    return problem(
      "node.agent-offline",
      `the SSM agent of \`${id}\` in ${where} ${state}; start the node and check its agent, its instance role and its network`,
    );
  });
}

async function documentProblems(
  aws: Aws,
  request: CallTarget & { readonly document: string },
): Promise<readonly Problem[]> {
  const { document, region, account } = request;
  const update = `update the stack of aws/region.yaml in ${account.id}/${region}`;
  try {
    const { Document } = await aws.send(request, "ssm:DescribeDocument", { Name: document });
    if (Document?.Status === "Active" || Document?.Status === "Updating") return [];
    return [problem("grant.refused", `the session document \`${document}\` is not active; ${update}`)];
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== "not-found") throw error;
    return [problem("grant.refused", `there is no session document \`${document}\`; ${update}`)];
  }
}

async function accessProblems(
  aws: Aws,
  request: CallTarget & { readonly session: string },
): Promise<readonly Problem[]> {
  try {
    await aws.assume(request, {
      role: request.account.roles.access,
      sessionName: request.session,
      duration: shortestSession,
      policy: denyAll,
    });
    return [];
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return [problem("grant.refused", error.message)];
  }
}
