// What keeps the access repo trustworthy: rulesets, environment, key, workflows, ledger. Compared with exactly what `hallpass init` writes.

import { filesOf, textAt } from "../github/propose-files.ts";
import {
  type FoundRuleset,
  isBypassedBy,
  readEnvironment,
  readOtherRules,
  readRulesets,
  readSecretNames,
  readVariable,
  readWorkflowState,
} from "../github/read-set-up.ts";
import { accessRulesets, type Ruleset } from "../github/rulesets.ts";
import type { DoctorDeps, Seen } from "./doctor.ts";
import { couldNotLook, type Examination, type Finding, failed, ok, unless, warning } from "./doctor-check.ts";
import { accessPath, rulesetFiles, wakePath } from "./set-up.ts";
import { accessWorkflow, usedAction } from "./set-up-workflows.ts";

export function protectionExaminations(deps: DoctorDeps, seen: Seen): readonly Examination[] {
  const { client } = deps;
  const rulesets = once(() => readRulesets(client));
  return [
    ...rulesetExaminations(seen, rulesets),
    { name: "other rules", look: () => otherRules(deps, seen, rulesets) },
    { name: "environment", look: async () => environment(await readEnvironment(client), seen) },
    { name: "App's key", look: () => key(deps) },
    {
      name: "variable HALLPASS_APP_ID",
      look: async () => variable(await readVariable(client, "HALLPASS_APP_ID"), seen),
    },
    { name: "workflow access.yml", look: () => workflow(deps, seen) },
    { name: "workflow wake.yml", look: () => wake(deps, seen) },
    { name: "ledger", look: () => ledger(deps) },
  ];
}

type Rulesets = () => Promise<readonly FoundRuleset[]>;

function rulesetExaminations({ appId }: Seen, found: Rulesets): readonly Examination[] {
  if (appId === undefined) return [];
  const files = rulesetFiles(appId);
  return accessRulesets(appId).map((ruleset, i) => ({
    name: `ruleset \`${ruleset.name}\``,
    look: async () => judged(ruleset, await found(), files[i]?.path ?? ""),
  }));
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load();
    return loading;
  };
}

function judged(expected: Ruleset, all: readonly FoundRuleset[], file: string): Finding {
  const found = all.find(({ name }) => name === expected.name);
  const make = `gh api --method POST repos/{owner}/{repo}/rulesets --input ${file}`;
  if (found === undefined) return failed("there is no such ruleset", make);
  const { bypass_actors: bypass, ...rest } = expected;
  const wrong = differences(rest, found.content);
  const id = String(found.content["id"]);
  const mend = `gh api --method PUT repos/{owner}/{repo}/rulesets/${id} --input ${file}`;
  const shown = found.content["bypass_actors"];
  if (wrong.length > 0) return failed(wrong.join("; "), mend);
  if (shown === undefined)
    return couldNotLook(
      "as it should be, but who may bypass it shows to admins only",
      "look again as an admin",
    );
  return unless(differences({ bypass_actors: bypass }, { bypass_actors: shown }), mend, "as it should be");
}

/** What is not as expected, field by field. GitHub adds fields of its own, which do not count; a list has to hold the same. */
export function differences(expected: unknown, got: unknown, at = ""): readonly string[] {
  if (Array.isArray(expected)) return listDifferences(expected, Array.isArray(got) ? got : [], at);
  if (typeof expected === "object" && expected !== null)
    return Object.entries(expected).flatMap(([key, value]) =>
      differences(
        value,
        (got as Record<string, unknown> | null | undefined)?.[key],
        at === "" ? key : `${at}.${key}`,
      ),
    );
  return Object.is(expected, got)
    ? []
    : [`${at}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`];
}

/** What an item of a list is called: a rule by its type, a check by its context. */
function nameOf(item: unknown): string {
  const { type, context } = Object(item) as Readonly<Record<string, unknown>>;
  return String(type ?? context ?? JSON.stringify(item));
}

function listDifferences(
  expected: readonly unknown[],
  got: readonly unknown[],
  at: string,
): readonly string[] {
  const pairs = expected.map((item) => [
    item,
    got.find((other) => differences(item, other).length === 0) ??
      got.find((other) => nameOf(other) === nameOf(item)),
  ]);
  const unexpected = got.filter((other) => !pairs.some(([, matched]) => matched === other));
  return [
    ...pairs.flatMap(([item, matched]) =>
      matched === undefined
        ? [`${at}: \`${nameOf(item)}\` is missing`]
        : differences(item, matched, `${at} \`${nameOf(item)}\``),
    ),
    ...unexpected.map((other) => `${at}: \`${nameOf(other)}\` is not expected`),
  ];
}

/** Where the App writes. */
const written = ["ledger", "request/1"] as const;
/** What it can live with: it only ever appends. */
const harmless = ["non_fast_forward", "deletion", "required_linear_history"];

/** A bypass is of one ruleset: another one, of the organization or of this repository, would stop the App. */
async function otherRules({ client }: DoctorDeps, { appId }: Seen, rulesets: Rulesets): Promise<Finding> {
  const names = new Set(accessRulesets(0).map(({ name }) => name));
  const ours = (await rulesets()).flatMap(({ name, content }) =>
    names.has(name) ? [Number(content["id"])] : [],
  );
  const wrong = await Promise.all(
    written.map(async (branch) => {
      const others = await readOtherRules(client, branch, new Set(ours));
      const judged = others.map(async ({ type, ruleset }) => {
        if (harmless.includes(type)) return [];
        const stops =
          ruleset === undefined || appId === undefined || !(await isBypassedBy(client, ruleset, appId));
        return stops ? [type] : [];
      });
      const harmful = (await Promise.all(judged)).flat();
      return harmful.length === 0
        ? []
        : [`rulesets that are not Hallpass's ask more of \`${branch}\`: ${harmful.join(", ")}`];
    }),
  );
  return unless(
    wrong.flat(),
    "exempt the branches `ledger` and `request/**` of this repository from them, or add the App as a bypass actor",
    "none that would stop the App from writing the ledger or a request's branch",
  );
}

function environment(found: Awaited<ReturnType<typeof readEnvironment>>, { defaultBranch }: Seen): Finding {
  const make =
    "gh api --method PUT repos/{owner}/{repo}/environments/hallpass --input .github/environments/hallpass.json, then POST …/deployment-branch-policies with hallpass.branch-policy.json";
  if (found === undefined) return failed("there is no environment `hallpass`", make);
  if (!found.custom)
    return failed('it does not admit branches by name: "protected branches" admits `ledger`', make);
  const names = found.policies.map(({ name, type }) => (type === "branch" ? name : `${type} ${name}`));
  return names.length === 1 && names[0] === defaultBranch
    ? ok(`admits \`${defaultBranch}\` and nothing else`)
    : failed(
        `it admits ${names.length === 0 ? "no branch" : names.map((name) => `\`${name}\``).join(", ")}; expected \`${defaultBranch}\` alone`,
        make,
      );
}

async function key({ client }: DoctorDeps): Promise<Finding> {
  const name = "HALLPASS_PRIVATE_KEY";
  // ATTACK: whoever may push a branch runs a workflow there, which reads every secret of the repository
  if ((await readSecretNames(client, "repository")).includes(name))
    return failed(
      `${name} is a secret of the whole repository, which a workflow on any branch can read`,
      "gh secret delete HALLPASS_PRIVATE_KEY, make a new key for the App, and set it with --env hallpass",
    );
  return (await readSecretNames(client, "environment")).includes(name)
    ? ok(`${name} is a secret of the environment, and of nothing else`)
    : failed(
        `the environment has no secret ${name}`,
        `gh secret set ${name} --env hallpass < private-key.pem`,
      );
}

function variable(value: string | undefined, { appId }: Seen): Finding {
  const set = `gh variable set HALLPASS_APP_ID --body ${appId ?? "ID"}`;
  if (value === undefined) return failed("it is not set", set);
  return appId === undefined || value === String(appId)
    ? ok(value)
    : failed(`it is \`${value}\`, the config says \`app: ${appId}\``, set);
}

async function workflow(deps: DoctorDeps, { tree, defaultBranch }: Seen): Promise<Finding> {
  const state = await readWorkflowState(deps.client, "access.yml");
  const text = await textAt(deps.client, tree, accessPath);
  if (text === undefined || state === undefined)
    return failed(
      `\`${accessPath}\` is not on \`${defaultBranch}\``,
      "hallpass init, and push what it writes",
    );
  if (state !== "active") return failed(`GitHub says it is ${state}`, "gh workflow enable access.yml");
  const action = usedAction(text);
  if (action === undefined)
    return failed("the Action is not pinned to the whole SHA of a commit", "hallpass init --force");
  const line = firstDifference(accessWorkflow(action, deps.project), text);
  return line === undefined
    ? ok(
        `active, as hallpass init writes it, with ${action.kind === "vendored" ? "the Action beside it" : action.uses}`,
      )
    : failed(
        `line ${line} is not what this version of hallpass init writes`,
        "hallpass init --force, and review what changes",
      );
}

/** Only where there is no server is anything lost without it. */
async function wake({ client, project }: DoctorDeps, { tree }: Seen): Promise<Finding> {
  const serverless = (await readVariable(client, "HALLPASS_SERVERLESS")) === "true";
  const text = await textAt(client, tree, wakePath);
  if (text === project.text(wakePath))
    return ok(
      `as hallpass init writes it; ${serverless ? "it wakes access.yml" : "not needed: HALLPASS_SERVERLESS is not `true`"}`,
    );
  const found =
    text === undefined ? "it is not there" : "it is not what this version of hallpass init writes";
  return (serverless ? failed : warning)(
    found,
    "hallpass init --force: without a server reviews wait for the sweep",
  );
}

function firstDifference(expected: string, got: string): number | undefined {
  if (expected === got) return undefined;
  const [a, b] = [expected.split("\n"), got.split("\n")];
  return a.findIndex((line, i) => line !== b[i]) + 1 || a.length + 1;
}

const ledgerFolders = /^(?:approved|active|ended)\/|^README\.md$|^\.github\/workflows\/wake\.yml$/;

async function ledger({ client }: DoctorDeps): Promise<Finding> {
  const files = await filesOf(client, "ledger").catch((error) => {
    if (error instanceof Error && "code" in error && error.code === "not-found") return undefined;
    throw error;
  });
  if (files === undefined) return failed("there is no branch `ledger`", "hallpass init says how to begin it");
  const stray = [...files.keys()].filter((path) => !ledgerFolders.test(path));
  if (stray.length > 0)
    return warning(
      `it holds what is no record: ${stray.slice(0, 3).join(", ")}${stray.length > 3 ? ", …" : ""}`,
      "it should have begun without the project's files; they do no harm, but an auditor wonders",
    );
  return files.has(".github/workflows/wake.yml")
    ? ok(`${files.size - 1} files, and wake.yml for reviews without a server`)
    : warning(
        "it lacks .github/workflows/wake.yml",
        "without a server reviews are only seen by the sweep; with one nothing is missing",
      );
}
