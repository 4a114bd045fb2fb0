// What was granted becomes credentials: issued for these nodes until that instant, sealed to the requester's key, and posted.

import { parseRoleArn } from "../aws/arns.ts";
import type { Aws } from "../aws/clients.ts";
import { type IssuedCredentials, issueCredentials } from "../aws/credentials.ts";
import { unansweredKey } from "../core/decide.ts";
import type { Facts } from "../core/facts.ts";
import type { Instant } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import type { Problem } from "../core/problem.ts";
import type { ActiveRecord } from "../core/record.ts";
import type { GitHubClient } from "../github/client.ts";
import { postCredentials } from "../github/comments.ts";
import { accountOf, placeOf } from "./places.ts";
import { seal } from "./seal.ts";
import { sessionPolicies } from "./session-policies.ts";

interface DeliverDeps {
  readonly aws: Aws;
  readonly client: GitHubClient;
  /** One line for the run's log. Never a secret. */
  readonly say: (line: string) => void;
}

export async function issueAll(
  deps: DeliverDeps,
  config: Config,
  record: ActiveRecord,
  until: Instant,
): Promise<readonly IssuedCredentials[]> {
  return Promise.all(
    policiesOf(config, record, until).map(({ account, region, nodes, policy }) => {
      if (!policy.ok) throw new Error(policy.problems[0].message);
      deps.say(`issuing credentials for ${nodes.length} node(s) in ${account}/${region}`);
      const at = placeOf(config, { account, region });
      return issueCredentials(deps.aws, {
        ...at,
        session: record.granted.session,
        until,
        policy: policy.value,
      });
    }),
  );
}

/** Seals what was issued and posts it. Plain credentials go no further than this function. */
export async function deliver(
  deps: DeliverDeps,
  facts: Facts,
  issued: readonly IssuedCredentials[],
): Promise<Facts> {
  const key = unansweredKey(facts);
  if (key === undefined)
    throw new Error("no key of the requester waits for credentials; they post `/token age1…`");
  const sealed = await seal(key.recipient, { version: 1, grants: issued });
  await postCredentials(deps.client, facts.subject.number, { sealed, answers: key.comment });
  return { ...facts, shown: { ...facts.shown, answered: [...facts.shown.answered, key.comment] } };
}

const policiesOf = (config: Config, { request, nodes, granted }: ActiveRecord, until: Instant) =>
  sessionPolicies({
    request,
    nodes,
    session: granted.session,
    until,
    partition: (account) => parseRoleArn(accountOf(config, account).roles.access).partition,
  });

export function policyProblems(config: Config, record: ActiveRecord): Problem | undefined {
  for (const { policy } of policiesOf(config, record, record.granted.until))
    if (!policy.ok) return policy.problems[0];
  return undefined;
}
