// The stage: a GitHub with an organization, an access repo and our App, and an AWS with an account and nodes, set up as a real team would have them.

import type { KeyObject } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Octokit } from "@octokit/rest";
import { configuredForwards, templates } from "../aws/build-templates.ts";
import type { ForwardConfig } from "../core/law.ts";
import { accessRulesets } from "../github/rulesets.ts";
import { type Aws, createAws } from "./aws/aws.ts";
import type { NodeSpec } from "./aws/world-builder.ts";
import { type Actions, createActions } from "./github/actions/actions.ts";
import type { ActionsParameters } from "./github/actions/run-state.ts";
import type { StepExecutor } from "./github/actions/step-executor.ts";
import { createGitHub, type GitHub } from "./github/github.ts";
import type { Judge } from "./github/judge.ts";
import type { Files } from "./github/world/repositories.ts";
import type { AppCredentials } from "./github/world.ts";
import type { AccessFolder } from "./stage-folder.ts";

export interface Clock {
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export interface StageOptions {
  readonly clock: Clock;
  /** Base URL of GitHub's API. */
  readonly url: string;
  /** How a workflow's steps run: real processes, or in this one. */
  readonly executor: StepExecutor;
  /** Variables of the runner machine. */
  readonly runnerEnvironment?: Record<string, string>;
  readonly actions?: Partial<ActionsParameters>;
  readonly aws?: Parameters<typeof createAws>[0]["parameters"];
  /** Carries webhooks to the App. */
  readonly deliver?: (request: Request) => Promise<Response>;
  readonly webhookUrl?: string;
  readonly judge?: Judge;
  /** Limits of the config; see `.github/hallpass.yml`. */
  readonly limits?: Readonly<Record<string, string | number>>;
  /** An access repo of somebody's own, in place of a copy of this project. */
  readonly folder?: AccessFolder;
  /** Files that take the place of the project's own, or of none. */
  readonly files?: Files;
  /** Of the access repo; absent: private. */
  readonly visibility?: "private" | "internal" | "public";
  /** The AWS accounts; by default one, in one Region. */
  readonly accounts?: readonly StageAccount[];
  /** Nodes beside the usual ones. */
  readonly nodes?: readonly NodeSpec[];
  /** Whether the workflow's own triggers do the server's work. */
  readonly serverless?: boolean;
  /** What may be asked for; by default `shell` only. */
  readonly modes?: readonly string[];
  /** Hosts and ports that the mode `port-forward` may reach. */
  readonly forwards?: readonly ForwardConfig[];
  /** RSA key that signs the jobs' OIDC tokens; absent: a new one, which takes a moment to make. */
  readonly oidcKey?: KeyObject;
}

export interface StageAccount {
  readonly id: string;
  readonly name: string;
  readonly regions: readonly [string, ...string[]];
}

export interface Stage {
  readonly github: GitHub;
  readonly actions: Actions;
  readonly aws: Aws;
  readonly app: AppCredentials & { readonly webhookSecret: string; readonly installation: number };
  /** `acme/access`, but for a folder's own organization. */
  readonly repository: {
    readonly owner: string;
    readonly name: "access";
    readonly fullName: string;
    readonly id: number;
  };
  readonly teams: Readonly<Record<string, readonly Person[]>>;
  /** Where the usual nodes are. */
  readonly account: string;
  readonly region: string;
  /** An Octokit that acts as this person. */
  readonly as: (login: Person) => Octokit;
}

export const people = ["olivia", "alice", "bob", "carol", "erin", "dave", "pat", "mallory"] as const;
export type Person = (typeof people)[number];

export const teams = {
  platform: ["pat", "olivia"],
  devops: ["alice", "dave"],
  "devops-leads": ["bob", "dave"],
  security: ["erin", "bob"],
  "on-call": ["dave"],
  contractors: ["mallory"],
} as const satisfies Record<string, readonly Person[]>;

export const account = "111122223333";
export const region = "eu-central-1";
const webhookSecret = "a-webhook-secret-of-the-sandbox";

/** What the App may do, and no more; `app.yml` gives each its reason. */
export const appPermissions = {
  actions: "write",
  checks: "write",
  contents: "write",
  issues: "write",
  members: "read",
  metadata: "read",
  pull_requests: "write",
} as const;

export const appEvents = [
  "issues",
  "issue_comment",
  "pull_request",
  "pull_request_review",
  "check_run",
  "push",
  "workflow_run",
  "member",
  "membership",
  "team",
];

export const nodes = [
  {
    id: "i-0d0d0d0d0d0d0d0d1",
    name: "r2d2-dev-01",
    tags: { Environment: "Development", Workload: "Application01" },
  },
  {
    id: "i-0d0d0d0d0d0d0d0d2",
    name: "r2d2-dev-02",
    tags: { Environment: "Development", Workload: "Application01" },
  },
  {
    id: "i-0a0a0a0a0a0a0a0a1",
    name: "r2d2-app-01",
    tags: { Environment: "Production", Workload: "Application01" },
  },
  {
    id: "i-0a0a0a0a0a0a0a0a2",
    name: "r2d2-app-02",
    tags: { Environment: "Production", Workload: "Application01" },
  },
  {
    id: "i-0b0b0b0b0b0b0b0b1",
    name: "c3po-vault-01",
    tags: { Environment: "Production", Hallpass: "never" },
  },
  { id: "i-0c0c0c0c0c0c0c0c1", name: "bb8-batch-01", tags: { Environment: "Staging" } },
] as const;

export async function setStage(options: StageOptions): Promise<Stage> {
  const github = createGitHub({
    clock: options.clock,
    url: options.url,
    ...(options.deliver === undefined ? {} : { deliver: options.deliver }),
    ...(options.judge === undefined ? {} : { judge: options.judge }),
  });
  const actions = createActions({
    world: github.actionsWorld,
    executor: options.executor,
    runnerEnvironment: options.runnerEnvironment ?? {},
    ...(options.actions === undefined ? {} : { parameters: options.actions }),
    oidc: {
      issuer: "https://token.actions.githubusercontent.com",
      ...(options.oidcKey === undefined ? {} : { signingKey: options.oidcKey }),
    },
  });
  github.attachActions(actions.host);
  const aws = createAws({
    clock: options.clock,
    accounts: accountsOf(options),
    identityProviders: { fetchKeys: async () => actions.oidc.jwks() as never },
    ...(options.aws === undefined ? {} : { parameters: options.aws }),
  });
  const { app, repository, organizationId } = await setUpGitHub(github, options);
  setUpAws(aws, options, { repositoryId: repository.id, organizationId });
  const clients = new Map<Person, Octokit>();
  const as = (login: Person): Octokit => {
    const known = clients.get(login) ?? personOf(github, login);
    clients.set(login, known);
    return known;
  };
  return { github, actions, aws, app, repository, teams: teamsOf(options), ...usualPlace(options), as };
}

const personOf = (github: GitHub, login: Person): Octokit =>
  new Octokit({ auth: github.personalToken(login), baseUrl: github.url, request: { fetch: github.fetch } });

async function setUpGitHub(github: GitHub, options: StageOptions) {
  const { folder } = options;
  const owner = folder?.organization ?? "acme";
  const branch = folder?.defaultBranch ?? "main";
  for (const login of people) github.createUser({ login });
  const organization = github.createOrganization({
    login: owner,
    owners: ["olivia"],
    // who is in no team of a folder's may ask too
    basePermission: folder === undefined ? "none" : "read",
  });
  for (const login of people) github.addMember(owner, login);
  github.addMember(owner, "olivia", "admin");
  for (const [name, members] of Object.entries(teamsOf(options)))
    github.createTeam({ organization: owner, name, members: [...members] });
  const webhook = {
    url: options.webhookUrl ?? "http://app.invalid/api/github/webhooks",
    secret: webhookSecret,
  };
  const app = github.createApp({
    slug: `${owner}-hallpass`,
    owner,
    ...(folder === undefined ? {} : { id: folder.appId }),
    permissions: { ...appPermissions },
    events: appEvents,
    webhook,
  });
  const { id, fullName } = github.createRepository({
    owner,
    name: "access",
    visibility: options.visibility ?? "private",
    defaultBranch: branch,
    files: {
      ...(folder?.files(github) ?? { ...projectFiles(), [configPath]: config(app.id, options) }),
      ...options.files,
    },
  });
  for (const team of Object.keys(teamsOf(options)))
    github.addTeamToRepository(fullName, team, team === (folder?.lawTeam ?? "platform") ? "write" : "read");
  github.addCollaborator(fullName, "carol", "read");
  const installation = github.installApp(app.slug, owner, { repositories: ["access"] });
  github.setEnvironment(fullName, "hallpass", { branches: [branch] });
  github.setEnvironmentSecret(fullName, "hallpass", "HALLPASS_PRIVATE_KEY", app.privateKey);
  github.setVariable(fullName, "HALLPASS_APP_ID", String(app.id));
  if (options.serverless === true) github.setVariable(fullName, "HALLPASS_SERVERLESS", "true");
  const first = github.commit({
    repository: fullName,
    parent: null,
    files: folder?.ledger ?? {
      // reviews of a pull request to `ledger` run the file that lies there
      [wakePath]: readFileSync(`${root}${wakePath}`),
      "README.md":
        "# Ledger\n\nOne file a request; its folder is its state: `approved`, `active`, `ended`.\n",
    },
    message: "Begin the ledger",
    by: "olivia",
  });
  github.push("olivia", fullName, "ledger", first);
  const admin = personOf(github, "olivia");
  for (const ruleset of folder?.rulesets ?? accessRulesets(app.id))
    await admin.request("POST /repos/{owner}/{repo}/rulesets", {
      owner,
      repo: "access",
      ...ruleset,
    } as never);
  return {
    app: { ...app, webhookSecret, installation: installation.id },
    repository: { owner, name: "access", fullName, id } as const,
    organizationId: organization.id,
  };
}

const wakePath = ".github/workflows/wake.yml";
const configPath = ".github/hallpass.yml";

const teamsOf = ({ folder }: StageOptions): Stage["teams"] => folder?.teams ?? teams;

const usualPlace = (options: StageOptions): Pick<Stage, "account" | "region"> => {
  const [first] = options.folder?.accounts ?? [];
  return first === undefined ? { account, region } : { account: first.id, region: first.regions[0] };
};

const accountsOf = ({ accounts, folder }: StageOptions): readonly StageAccount[] =>
  folder?.accounts ?? accounts ?? [{ id: account, name: "workloads", regions: [region] }];

function config(appId: number, options: StageOptions): string {
  const { limits = {}, modes = ["shell"], forwards = [] } = options;
  return [
    `app: ${appId}`,
    "timeZone: Europe/Berlin",
    "accounts:",
    ...accountsOf(options).flatMap(({ id, name, regions }) => [
      `  - id: "${id}"`,
      `    name: ${name}`,
      `    regions: [${regions.join(", ")}]`,
      "    roles:",
      `      inventory: arn:aws:iam::${id}:role/HallpassInventory`,
      `      access: arn:aws:iam::${id}:role/HallpassAccess`,
      `      revoke: arn:aws:iam::${id}:role/HallpassRevoke`,
    ]),
    "limits:",
    ...Object.entries({ maxDuration: "8h", ...limits }).map(([name, value]) => `  ${name}: ${value}`),
    "modes:",
    ...modes.map((mode) => `  ${mode}: ${mode === "port-forward" ? JSON.stringify(forwards) : "{}"}`),
    "",
  ].join("\n");
}

const root = fileURLToPath(new URL("..", import.meta.url));

/** The access repo is a copy of this project: its policies, workflows and form, and the built Action. */
export function projectFiles(): Files {
  const files: Files = {};
  const add = (path: string): void => {
    for (const entry of readdirSync(`${root}${path}`, { withFileTypes: true, recursive: true }))
      if (entry.isFile()) {
        const full = `${entry.parentPath}/${entry.name}`;
        files[full.slice(root.length)] = readFileSync(full);
      }
  };
  for (const folder of ["policies", ".github", "action/dist"]) add(folder);
  files["action.yml"] = readFileSync(`${root}action.yml`);
  return files;
}

/** The accounts as the templates set them up, and their nodes. */
function setUpAws(
  aws: Aws,
  options: StageOptions,
  ids: { readonly repositoryId: number; readonly organizationId: number },
): void {
  const { "aws/account.yaml": ofAccount = "", "aws/region.yaml": ofRegion = "" } =
    options.folder?.templates ?? templates(options.forwards ?? configuredForwards());
  for (const { id, regions } of accountsOf(options)) {
    aws.deploy(id, regions[0], ofAccount, {
      Organization: options.folder?.organization ?? "acme",
      OrganizationId: String(ids.organizationId),
      Repository: "access",
      DefaultBranch: options.folder?.defaultBranch ?? "main",
      RepositoryId: String(ids.repositoryId),
    });
    for (const each of regions) aws.deploy(id, each, ofRegion, { RequireEncryptedLogs: "false" }, "region");
  }
  for (const node of nodes) aws.addNode({ ...usualPlace(options), ...node });
  for (const node of options.nodes ?? []) aws.addNode(node);
}
