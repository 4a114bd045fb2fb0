// The session policy of a grant: these nodes, this document, until this instant. What AWS then enforces on every call.

import { type AccountId, formatInstant, type Instant, type Region } from "./ids.ts";
import { type Node, type NodeType, nodeKey } from "./node.ts";
import { parseNodeId } from "./parse-ids.ts";
import { accepted, type Parsed, problem, refused } from "./problem.ts";
import { parseSessionName } from "./record.ts";
import type { AccessMode } from "./request.ts";
import { quoted } from "./text.ts";

/** STS counts the characters of the policy as it is sent. */
export const longestSessionPolicy = 2_048;

export interface SessionPolicyInput {
  readonly mode: AccessMode;
  /** One of the config's, with port-forward. */
  readonly forward?: string;
  /** All of `account` and `region`. */
  readonly nodes: readonly Pick<Node, "account" | "region" | "id">[];
  /** `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string;
  readonly account: AccountId;
  readonly region: Region;
  readonly session: string;
  readonly until: Instant;
  /** The name of the session document, that of the mode with the suffix of a duration class where there is one. */
  readonly document: string;
}

/** What the name of the document begins with that starts a session of this mode; how long a session may last is its end. AWS's own take any host and port from the caller, so none of them is ever used. */
export function documentStem(mode: AccessMode, forward = ""): string {
  switch (mode) {
    case "shell":
      return "Hallpass-Shell";
    case "ssh":
      return "Hallpass-SSH";
    case "rdp":
      return "Hallpass-RDP";
    case "port-forward":
      return `Hallpass-Forward-${forward}`;
  }
}

export function sessionPolicy(input: SessionPolicyInput): Parsed<string> {
  const misfit = whyNotSafe(input);
  if (misfit !== undefined) return refused(problem("grant.refused", misfit));
  const policy = render(
    input,
    input.nodes.map((node) => nodeArn(input, node.id)),
  );
  if (policy.length <= longestSessionPolicy) return accepted(policy);
  const message = `${input.nodes.length} nodes in one account and Region do not fit into a session policy of ${longestSessionPolicy} characters, ${maxNodesPerGrant(input)} do; ask for fewer at once`;
  return refused(problem("grant.policy-too-large", message));
}

/** How many nodes fit: the longer kind of them unless told. */
export function maxNodesPerGrant(
  input: Omit<SessionPolicyInput, "nodes">,
  type: NodeType = "AWS::SSM::ManagedInstance",
): number {
  const id = type === "AWS::EC2::Instance" ? "i-00000000000000000" : "mi-00000000000000000";
  const each = `,"${nodeArn(input, id)}"`.length;
  return Math.floor((longestSessionPolicy - render(input, []).length) / each);
}

/** INVARIANT: nothing in an ARN is a wildcard or anybody's text. The parsers promise it; here is the last place to see. */
function whyNotSafe({
  nodes,
  mode,
  forward,
  document,
  session,
  account,
  region,
  partition,
}: SessionPolicyInput) {
  const astray = nodes.find(
    (node) => node.account !== account || node.region !== region || parseNodeId(node.id) === undefined,
  );
  if (nodes.length === 0) return "no node is left to grant";
  if (astray !== undefined) return `${quoted(nodeKey(astray))} is not a node of ${account} in ${region}`;
  if (parseSessionName(session) === undefined) return `${quoted(session)} is not a session name`;
  if (!/^aws[a-z-]{0,20}$/.test(partition)) return `${quoted(partition)} is not a partition`;
  const expected = documentStem(mode, forward);
  const ours =
    /^[A-Za-z0-9-]{3,128}$/.test(document) && (document === expected || document.startsWith(`${expected}-`));
  return ours ? undefined : `${quoted(document)} is not our document for ${mode}; expected ${expected}`;
}

type Where = Pick<SessionPolicyInput, "partition" | "account" | "region">;

const arn = ({ partition, account, region }: Where, service: string, resource: string): string =>
  `arn:${partition}:${service}:${region}:${account}:${resource}`;

const nodeArn = (where: Where, id: string): string =>
  id.startsWith("mi-") ? arn(where, "ssm", `managed-instance/${id}`) : arn(where, "ec2", `instance/${id}`);

function render(input: Omit<SessionPolicyInput, "nodes">, nodeArns: readonly string[]): string {
  // STS ends what the credentials can begin at `until` even where they live longer: they cannot be made for less than 15 minutes
  const DateLessThan = { "aws:CurrentTime": formatInstant(input.until) };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "ssm:StartSession",
        Resource: [arn(input, "ssm", `document/${input.document}`), ...nodeArns],
        // without it StartSession with no document name starts a default shell, whatever document is allowed
        Condition: { DateLessThan, BoolIfExists: { "ssm:SessionDocumentAccessCheck": "true" } },
      },
      {
        Effect: "Allow",
        Action: ["ssm:TerminateSession", "ssm:ResumeSession", "ssmmessages:OpenDataChannel"],
        // sessions of an assumed role are named after its session name; `${aws:userid}` never matches them
        Resource: arn(input, "ssm", `session/${input.session}-*`),
        Condition: { DateLessThan },
      },
    ],
  });
}
