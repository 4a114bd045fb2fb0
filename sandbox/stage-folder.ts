// An access repo as `hallpass init` has written it into a folder, for the stage to be set with: what a person would push, paste and click, out of its files.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { parse } from "yaml";
import type { GitHub } from "./github/github.ts";
import type { Files } from "./github/world/repositories.ts";
import { type Person, people, projectFiles, type StageAccount, teams as usualTeams } from "./stage.ts";

export interface AccessFolder {
  readonly organization: string;
  /** All that the files name; the first owns the law. */
  readonly teams: Readonly<Record<string, readonly Person[]>>;
  readonly lawTeam: string;
  readonly appId: number;
  readonly defaultBranch: string;
  readonly accounts: readonly StageAccount[];
  /** Bodies of `POST …/rulesets`. */
  readonly rulesets: readonly object[];
  readonly ledger: Files;
  /** CloudFormation, of the account and of the Region. */
  readonly templates: Readonly<Record<string, string>>;
  /** What is pushed. A published Action that it uses is published here first, and pinned to the commit that it has here. */
  readonly files: (github: GitHub) => Files;
}

export function readAccessFolder(folder: string): AccessFolder {
  const files = filesBelow(folder);
  const text = (path: string): string => {
    const content = files[path];
    if (content === undefined)
      throw new Error(`${join(folder, path)} is missing; write the folder with \`hallpass init ${folder}\``);
    return Buffer.from(content).toString("utf8");
  };
  const below = (prefix: string) => Object.keys(files).filter((path) => path.startsWith(prefix));
  const config = parse(text(".github/hallpass.yml"));
  const { organization, lawTeam } = lawOwner(text(".github/CODEOWNERS"));
  const written = below("policies/").map(text).join("\n");
  return {
    organization,
    lawTeam,
    teams: teamsOf(organization, lawTeam, written),
    appId: config.app,
    defaultBranch: JSON.parse(text(".github/environments/hallpass.branch-policy.json")).name,
    accounts: config.accounts.map(({ id, name, regions }: StageAccount) => ({
      id,
      name: name ?? id,
      regions,
    })),
    rulesets: below(".github/rulesets/").map((path) => JSON.parse(text(path))),
    ledger: Object.fromEntries(
      below(ledgerFolder).map((path) => [path.slice(ledgerFolder.length), files[path] ?? ""]),
    ),
    templates: {
      "aws/account.yaml": text("aws/account.yaml"),
      "aws/region.yaml": text("aws/region.yaml"),
    },
    files: (github) => {
      const pin = publishAction(github, organization, text(workflows[0]));
      return { ...files, ...Object.fromEntries(workflows.map((path) => [path, pin(text(path))])) };
    },
  };
}

const ledgerFolder = ".github/ledger/";
const workflows = [".github/workflows/access.yml", ".github/workflows/policy.yml"] as const;

function filesBelow(folder: string): Record<string, string | Uint8Array> {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    paths
      .map((path) => [relative(folder, path).split(sep).join("/"), path] as const)
      .filter(([path]) => !/^(?:\.git|node_modules)\//.test(path))
      .map(([path, at]) => [path, readFileSync(at)]),
  );
}

function lawOwner(codeOwners: string): { readonly organization: string; readonly lawTeam: string } {
  const [, organization, lawTeam] = /@([\w-]+)\/([\w.-]+)/.exec(codeOwners) ?? [];
  if (organization === undefined || lawTeam === undefined)
    throw new Error("CODEOWNERS names no team, so nobody here could own the law");
  return { organization, lawTeam };
}

/** Teams of the usual names have the usual people in them; others have those who usually approve. */
function teamsOf(organization: string, lawTeam: string, written: string): AccessFolder["teams"] {
  const handle = new RegExp(`(?<=[@"])${organization}/([\\w.-]+)`, "g");
  const named = new Set([lawTeam, ...[...written.matchAll(handle)].map(([, team = ""]) => team)]);
  const usual: Readonly<Record<string, readonly Person[]>> = {
    ...usualTeams,
    [lawTeam]: usualTeams.platform,
  };
  const approvers = people.filter((login) => ["bob", "erin", "dave"].includes(login));
  return Object.fromEntries([...named].map((team) => [team, usual[team] ?? approvers]));
}

/** What has to be done to the workflows, so that they use what is published here. */
function publishAction(github: GitHub, organization: string, access: string): (workflow: string) => string {
  const [, owner = "", name = "", sha] =
    /uses: ([\w-]+)\/([\w.-]+)@([0-9a-f]{40})/.exec(access.replaceAll(/uses: actions\/.*/g, "")) ?? [];
  if (sha === undefined) return (workflow) => workflow;
  if (owner !== organization) github.createOrganization({ login: owner, owners: ["olivia"] });
  const action = Object.entries(projectFiles()).filter(([path]) => /^action(?:\.yml$|\/)/.test(path));
  const files = Object.fromEntries(action);
  const { head } = github.createRepository({ owner, name, visibility: "public", files });
  return (workflow) => workflow.replaceAll(sha, head);
}
