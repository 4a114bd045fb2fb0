// Whether AWS trusts exactly this repository's workflow, and what is known of the nodes there.

import * as z from "zod/mini";
import type { Sha } from "../core/ids.ts";
import { inventoryPath } from "../core/inventory.ts";
import type { Config } from "../core/law.ts";
import { isGitHubError } from "../github/error.ts";
import { readInventory, readInventoryTime } from "../github/read-inventory.ts";
import { readSubjectClaims } from "../github/read-set-up.ts";
import type { DoctorDeps, Seen } from "./doctor.ts";
import { couldNotLook, type Examination, type Finding, failed, ok, unless, warning } from "./doctor-check.ts";
import { allPlaces } from "./places.ts";
import { enterpriseSubject, subjectPath } from "./set-up.ts";

export const awsExaminations = (deps: DoctorDeps, seen: Seen): readonly Examination[] => [
  { name: "tokens' sub", look: async () => subject(deps, seen, await readSubjectClaims(deps.client)) },
  { name: "trust policy", look: () => trust(deps, seen) },
  { name: "inventory", look: () => inventory(deps, seen) },
];

/** Everything that a role's trust policy has to pin: the claims, with each value that is ours. */
export function expectedTrust(
  { host }: Pick<DoctorDeps, "host">,
  { repository, defaultBranch }: Pick<Seen, "repository" | "defaultBranch">,
): Readonly<Record<string, readonly string[]>> {
  const { owner, name, id } = repository;
  const workflow = `${owner.login}/${name}/.github/workflows/access.yml@refs/heads/${defaultBranch}`;
  const claim = (key: string): string => `${host.issuer}:${key}`;
  if (host.kind !== "github.com")
    return {
      [claim("aud")]: ["sts.amazonaws.com"],
      [claim("sub")]: [`repository_id:${id}:environment:hallpass:job_workflow_ref:${workflow}`],
    };
  return {
    [claim("aud")]: ["sts.amazonaws.com"],
    [claim("sub")]: [
      `repo:${owner.login}/${name}:environment:hallpass`,
      `repo:${owner.login}@${owner.id}/${name}@${id}:environment:hallpass`,
    ],
    [claim("repository_id")]: [String(id)],
    [claim("environment")]: ["hallpass"],
    [claim("job_workflow_ref")]: [workflow],
  };
}

/** A customised `sub` fits none of the forms that the trust policy names; elsewhere than on github.com it has to be ours. */
function subject(deps: DoctorDeps, seen: Seen, claims: readonly string[] | undefined): Finding {
  const subs = expectedTrust(deps, seen)[`${deps.host.issuer}:sub`] ?? [];
  const forms = subs.map((each) => `\`${each}\``).join(" or ");
  if (deps.host.kind === "github.com")
    return claims === undefined
      ? ok(`GitHub's own: ${forms}`)
      : failed(
          `it was customised to ${claims.join(", ")}, so that no role admits the workflow`,
          "gh api --method PUT repos/{owner}/{repo}/actions/oidc/customization/sub -F use_default=true",
        );
  return claims?.join() === enterpriseSubject.include_claim_keys.join()
    ? ok(forms)
    : failed(
        `it is made of ${claims?.join(", ") ?? "GitHub's default"}; AWS sees nothing else of a token from ${deps.host.host}, so it has to be of ${enterpriseSubject.include_claim_keys.join(", ")}`,
        `gh api --method PUT repos/{owner}/{repo}/actions/oidc/customization/sub --input ${subjectPath}`,
      );
}

async function trust(deps: DoctorDeps, seen: Seen): Promise<Finding> {
  const expected = expectedTrust(deps, seen);
  const asked = await rolesOf(deps.roles, seen.config);
  if ("found" in asked) return asked;
  const policies = [...deps.trustPolicies, ...asked];
  if (policies.length === 0) {
    const text = Object.entries(expected).map(([claim, values]) => `${claim} = ${values.join(" or ")}`);
    return couldNotLook(
      `each role has to ask for ${text.join("; ")}`,
      "look again with --aws and credentials of an account, or with --trust-policy and a file of `aws iam get-role --role-name HallpassAccess --query Role.AssumeRolePolicyDocument`",
    );
  }
  const wrong = policies.flatMap(({ name, text: policy }) =>
    trustProblems(expected, policy).map((problem) => `${name}: ${problem}`),
  );
  return unless(
    wrong,
    "update the stack `hallpass-account` with this repository's names and ids",
    `${policies.map(({ name }) => name).join(", ")}: this workflow, in this environment of repository ${seen.repository.id}, and nothing else`,
  );
}

/** Roles as IAM has them, for a person with credentials of one account. */
export interface RolesInAws {
  readonly account: () => Promise<string>;
  /** Of the role of this name in that account; throws what AWS refuses. */
  readonly trustPolicy: (role: string) => Promise<string>;
}

/** The three roles of the account that the person is signed in to. */
async function rolesOf(
  aws: RolesInAws | undefined,
  config: Config | undefined,
): Promise<readonly { readonly name: string; readonly text: string }[] | Finding> {
  if (aws === undefined) return [];
  try {
    const id = await aws.account();
    const account = config?.accounts.find((each) => each.id === id);
    if (account === undefined)
      return couldNotLook(
        `the config names no account ${id}`,
        "sign in to one that it names, and look again",
      );
    const arns = Object.values(account.roles);
    return await Promise.all(
      arns.map(async (arn) => ({ name: arn, text: await aws.trustPolicy(arn.split("/").at(-1) ?? "") })),
    );
  } catch (error) {
    // the name alone: messages of the SDK may quote what was sent
    const what = error instanceof Error ? error.name : "an unknown error";
    return couldNotLook(`AWS: ${what}`, "sign in to AWS with `iam:GetRole`, and look again");
  }
}

const statements = z.object({
  Statement: z.array(
    z.object({
      Effect: z.string(),
      Action: z.union([z.string(), z.array(z.string())]),
      Condition: z.optional(
        z.record(z.string(), z.record(z.string(), z.union([z.string(), z.array(z.string())]))),
      ),
    }),
  ),
});

/** INVARIANT: a value more than ours lets somebody else in, one fewer keeps us out; both are wrong. */
export function trustProblems(
  expected: Readonly<Record<string, readonly string[]>>,
  text: string,
): readonly string[] {
  let json: unknown;
  try {
    json = JSON.parse(text.trimStart().startsWith("%7B") ? decodeURIComponent(text.trim()) : text);
  } catch {
    return ["it is no JSON"];
  }
  const read = statements.safeParse(json);
  if (!read.success)
    return ["it is no trust policy: expected `Statement` with `Effect`, `Action` and `Condition`"];
  const allows = read.data.Statement.filter(({ Effect: effect }) => effect === "Allow");
  if (allows.length === 0) return ["it admits nobody"];
  return allows.flatMap(({ Action: action, Condition: condition = {} }) => {
    if ([action].flat().join() !== "sts:AssumeRoleWithWebIdentity")
      return [`it also allows ${[action].flat().join(", ")}`];
    const equals = condition["StringEquals"] ?? {};
    return Object.entries(expected).flatMap(([claim, values]) => {
      const got = [equals[claim] ?? []].flat();
      return got.toSorted().join("\n") === values.toSorted().join("\n")
        ? []
        : [
            `${claim} is ${got.length === 0 ? "not asked for" : got.join(" or ")}; expected ${values.join(" or ")}`,
          ];
    });
  });
}

const hour = 3_600_000;
const rerun = "gh workflow run access.yml -f command=inventory, and look at its log";

async function inventory({ client }: DoctorDeps, { config }: Seen): Promise<Finding> {
  const taken = await readInventoryTime(client);
  if (taken === undefined) return failed("none has been taken: no run of `inventory` has succeeded", rerun);
  const wrong = config === undefined ? [] : await placeProblems(client, config);
  if (wrong.length > 0) return failed(wrong.join("; "), rerun);
  const hours = Math.floor((client.clock.now() - taken) / hour);
  const said = hours < 1 ? "less than an hour old" : `${hours} h old`;
  if (hours < 3) return ok(said);
  return hours < 24 ? warning(said, rerun) : failed(said, rerun);
}

/** Of each account and Region that the config names. */
async function placeProblems(client: DoctorDeps["client"], config: Config): Promise<readonly string[]> {
  const head = await branchHead(client, "inventory");
  if (head === undefined) return ["there is no branch `inventory`"];
  const files = await readInventory(client, head);
  if (!files.ok) return files.problems.map(({ message }) => message);
  return allPlaces(config).flatMap(({ account, region }) => {
    const path = inventoryPath({ account: account.id, region });
    const file = files.value.find((each) => each.account === account.id && each.region === region);
    if (file === undefined) return [`${path}: not read yet`];
    const { roles, documents } = file.preflight ?? { roles: {}, documents: {} };
    return [
      ...Object.entries(roles).flatMap(([role, state]) =>
        state === "reachable" ? [] : [`${path}: the role ${role} is ${state}`],
      ),
      ...Object.entries(documents).flatMap(([name, state]) =>
        state === "active" ? [] : [`${path}: the document ${name} is ${state}`],
      ),
    ];
  });
}

async function branchHead(client: DoctorDeps["client"], branch: string): Promise<Sha | undefined> {
  try {
    const { object } = await client.get({
      path: "/repos/{owner}/{repo}/git/ref/{ref}",
      with: { ref: `heads/${branch}` },
      as: z.object({ object: z.object({ sha: z.string() }) }),
    });
    return object.sha as Sha;
  } catch (error) {
    if (isGitHubError(error, "not-found")) return undefined;
    throw error;
  }
}
