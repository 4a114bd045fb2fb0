// What an access repo consists of: every file that `hallpass init` writes, made of the project's own files and of what only the organization knows.

import { templates } from "../aws/build-templates.ts";
import { configSchemaText } from "../core/config.ts";
import type { ForwardConfig } from "../core/law.ts";
import { accessRulesets } from "../github/rulesets.ts";
import { starterPolicies, type Teams } from "./set-up-policies.ts";
import { codeOwners, configFile, ledgerReadme, pullRequestTemplate } from "./set-up-texts.ts";
import { accessWorkflow, policyWorkflow, type UsedAction } from "./set-up-workflows.ts";

export interface SetUpAccount {
  readonly id: string;
  readonly name?: string | undefined;
  readonly regions: readonly string[];
}

/** What `hallpass init` cannot know by itself. */
export interface SetUp {
  readonly owner: string;
  readonly repo: string;
  readonly defaultBranch: string;
  readonly appId: number;
  readonly timeZone: string;
  readonly accounts: readonly SetUpAccount[];
  readonly teams: Teams;
  readonly action: UsedAction;
  /** Those of the config, where there is one already: the Region's template has a document for each. */
  readonly forwards: readonly ForwardConfig[];
}

/** Files of this project, by their path in it. */
export interface ProjectFiles {
  readonly text: (path: string) => string;
  readonly bytes: (path: string) => Uint8Array;
  /** Paths of the files directly in a folder, sorted. */
  readonly list: (folder: string) => readonly string[];
}

export interface SetUpFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** `people` write it from then on: it is written once and never touched again. What is `hallpass`'s stays as it is here. */
  readonly belongsTo: "people" | "hallpass";
}

export const rulesetFolder = ".github/rulesets/";
export const environmentPath = ".github/environments/hallpass.json";
export const branchPolicyPath = ".github/environments/hallpass.branch-policy.json";
export const subjectPath = ".github/oidc-subject.json";
export const ledgerFolder = ".github/ledger/";
export const accessPath = ".github/workflows/access.yml";
export const wakePath = ".github/workflows/wake.yml";
export const schemaPath = ".github/hallpass.schema.json";

/** Sorted by path. */
export function accessRepoFiles(setUp: SetUp, project: ProjectFiles): readonly SetUpFile[] {
  const files: readonly SetUpFile[] = [...peoplesFiles(setUp, project), ...hallpassFiles(setUp, project)];
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function peoplesFiles(setUp: SetUp, project: ProjectFiles): readonly SetUpFile[] {
  const policies = starterPolicies(setUp, project);
  return [
    ...policies,
    { path: ".github/hallpass.yml", content: configFile(setUp) },
    { path: ".github/CODEOWNERS", content: codeOwners(setUp) },
    { path: ".github/PULL_REQUEST_TEMPLATE.md", content: pullRequestTemplate },
  ].map((file) => ({ ...file, belongsTo: "people" }));
}

/** Those that are as this version writes them, or are to be brought up to date. */
export function hallpassFiles(
  setUp: Pick<SetUp, "action" | "appId" | "defaultBranch" | "forwards">,
  project: ProjectFiles,
): readonly SetUpFile[] {
  const form = [".github/ISSUE_TEMPLATE/access-request.yml", ".github/ISSUE_TEMPLATE/config.yml"];
  const files = [
    ...form.map((path) => ({ path, content: project.text(path) })),
    { path: accessPath, content: accessWorkflow(setUp.action, project) },
    { path: wakePath, content: project.text(wakePath) },
    { path: ".github/workflows/policy.yml", content: policyWorkflow(setUp.action) },
    ...rulesetFiles(setUp.appId),
    { path: environmentPath, content: json(environmentBody) },
    { path: branchPolicyPath, content: json(branchPolicyBody(setUp.defaultBranch)) },
    { path: subjectPath, content: json(enterpriseSubject) },
    { path: schemaPath, content: configSchemaText() },
    { path: `${ledgerFolder}README.md`, content: ledgerReadme },
    // reviews of a pull request to `ledger` run the file that lies there
    { path: `${ledgerFolder}${wakePath}`, content: project.text(wakePath) },
    ...Object.entries(templates(setUp.forwards)).map(([path, content]) => ({ path, content })),
    ...(setUp.action.kind === "vendored" ? vendoredAction(project) : []),
  ];
  return files.map((file) => ({ ...file, belongsTo: "hallpass" }));
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** One file a ruleset, as `gh api …/rulesets --input` takes it. */
export const rulesetFiles = (appId: number) =>
  accessRulesets(appId).map((ruleset) => ({
    path: `${rulesetFolder}${fileName(ruleset.name)}.json`,
    content: json(ruleset),
  }));

/** `Hallpass: only the App writes the ledger` is `only-the-app-writes-the-ledger`. */
const fileName = (name: string): string =>
  name
    .replace(/^Hallpass: /, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-");

/** Never "protected branches": that admits `ledger`. */
export const environmentBody = {
  deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
} as const;

export const branchPolicyBody = (defaultBranch: string) => ({ name: defaultBranch, type: "branch" }) as const;

/** On an Enterprise Server AWS sees no other claim than `sub`, so all that the trust policy pins has to stand in it. */
export const enterpriseSubject = {
  use_default: false,
  include_claim_keys: ["repository_id", "environment", "job_workflow_ref"],
} as const;

const vendoredAction = (project: ProjectFiles) => [
  { path: "action.yml", content: project.text("action.yml") },
  ...project.list("action/dist").map((path) => ({ path, content: project.bytes(path) })),
  { path: ".gitattributes", content: "action/dist/** linguist-generated=true -diff\n* text=auto eol=lf\n" },
];
