// Whether the law at the default branch's head loads, decides as its cases say, and belongs to people who can be asked.

import { type PolicyCase, parsePolicyCases } from "../core/policy-case.ts";
import type { Problem } from "../core/problem.ts";
import { unownedLaw } from "../github/code-owners.ts";
import { textAt } from "../github/propose-files.ts";
import { readTeamsWithAccess } from "../github/read-set-up.ts";
import type { DoctorDeps, Seen } from "./doctor.ts";
import { type Examination, type Finding, failed, ok, unless, warning } from "./doctor-check.ts";
import { loadLaw } from "./law.ts";
import { runCase } from "./policy-test.ts";

export const lawExaminations = (deps: DoctorDeps, seen: Seen): readonly Examination[] => [
  { name: "config and policies", look: () => loads(deps, seen) },
  { name: "policy cases", look: () => cases(deps, seen) },
  { name: "CODEOWNERS", look: () => owners(deps, seen) },
  { name: "teams", look: () => teams(deps, seen) },
];

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const shown = ({ message, place }: Problem): string =>
  place === undefined ? message : `${place.file}:${place.line}:${place.column}: ${message}`;

async function loads({ engine }: DoctorDeps, { law }: Seen): Promise<Finding> {
  const loaded = await loadLaw(engine, law);
  if (!loaded.ok)
    return failed(
      loaded.problems.map(shown).join("; "),
      "mend it in a pull request: nothing is granted until it loads",
    );
  const { policies, rules, config } = loaded.value;
  return ok(
    [
      counted(policies.policies.length, "policy", "policies"),
      counted(rules.length, "approval rule", "approval rules"),
      counted(config.accounts.length, "account", "accounts"),
    ].join(", "),
  );
}

async function cases({ client, engine }: DoctorDeps, { law, tree }: Seen): Promise<Finding> {
  const loaded = await loadLaw(engine, law);
  if (!loaded.ok) return failed("the law does not load", "mend it first");
  const paths = [...tree.files.keys()].filter((path) =>
    /^policies\/cases\/[^/]+\.(?:ya?ml|json)$/i.test(path),
  );
  const parsed = await Promise.all(
    paths.map(async (path) => parsePolicyCases((await textAt(client, tree, path)) ?? "", path)),
  );
  const problems = parsed.flatMap((each) => (each.ok ? [] : each.problems));
  if (problems.length > 0) return failed(problems.map(shown).join("; "), "mend the cases in a pull request");
  const all: readonly PolicyCase[] = parsed.flatMap((each) => (each.ok ? each.value : []));
  if (all.length === 0)
    return warning(
      "there is none, so that nothing says who should get what",
      "write `policies/cases/*.yaml`",
    );
  const { policies: set, config, ...others } = loaded.value;
  const wrong: string[] = [];
  for (const each of all) {
    const {
      ok: asExpected,
      file,
      name,
    } = await runCase({ engine, policies: { set, ...others }, timeZone: config.timeZone }, each);
    if (!asExpected) wrong.push(`${file}: ${name}`);
  }
  return unless(
    wrong,
    "mend policies or cases in a pull request; `hallpass policy test` says what is expected",
    `${counted(all.length, "case", "cases")}, all as expected`,
  );
}

const owners = async (_: DoctorDeps, { law }: Seen): Promise<Finding> =>
  unless(
    unownedLaw(law.codeOwners, law.hasAction).map(shown),
    `mend it in a pull request, or give a team what it lacks (${teamAccess} -f permission=push): nothing is granted until every file of the law has an owner`,
    `\`${law.codeOwners?.path}\` names an owner for every file of the law`,
  );

const teamAccess = "gh api --method PUT orgs/{org}/teams/{team}/repos/{owner}/{repo}";

/** GitHub takes a request for review only for somebody with read access. */
async function teams({ client }: DoctorDeps, { law }: Seen): Promise<Finding> {
  const access = await readTeamsWithAccess(client);
  const named = handlesIn(law.approvals, client.owner);
  return unless(
    named
      .filter((team) => !access.has(team))
      .map((team) => `@${client.owner}/${team} approves, and has no access`),
    `${teamAccess} -f permission=pull`,
    `${named.length} named, each with the access that it needs`,
  );
}

const handlesIn = (text = "", organization: string): readonly string[] => {
  const handle = new RegExp(`@${organization}/([\\w.-]+)`, "gi");
  return [
    ...new Set([...text.replaceAll(/#.*/g, "").matchAll(handle)].map(([, team = ""]) => team.toLowerCase())),
  ];
};
