// `hallpass doctor`: looks at a live set-up from end to end, with a person's token, and says of each thing what was found and what to do.

import type { PolicyEngine } from "../cedar/engine.ts";
import { parseConfig } from "../core/config.ts";
import type { Sha } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import type { GitHubClient } from "../github/client.ts";
import { type RepositoryTree, readTree } from "../github/propose-files.ts";
import { type LawFiles, readLaw } from "../github/read-law.ts";
import { type RepositorySettings, readRepository, readRuns } from "../github/read-set-up.ts";
import { appExaminations } from "./doctor-app.ts";
import { awsExaminations, type RolesInAws } from "./doctor-aws.ts";
import { type Check, type Examination, examined, type Finding, failed, ok, warning } from "./doctor-check.ts";
import { files } from "./doctor-files.ts";
import { lawExaminations } from "./doctor-law.ts";
import { protectionExaminations } from "./doctor-protection.ts";
import type { ProjectFiles } from "./set-up.ts";
import type { AppManifest } from "./set-up-app.ts";
import type { GitHubHost } from "./set-up-aws.ts";

export interface DoctorDeps {
  /** Acts as the person who looks. */
  readonly client: GitHubClient;
  /** Signed in with the App's own key, where the person has it. */
  readonly asApp?: GitHubClient;
  readonly engine: PolicyEngine;
  readonly project: ProjectFiles;
  readonly manifest: AppManifest;
  readonly host: GitHubHost;
  /** `AssumeRolePolicyDocument`s, as JSON or as IAM's API encodes it. */
  readonly trustPolicies: readonly { readonly name: string; readonly text: string }[];
  /** Where the person has AWS credentials, and wants them used. */
  readonly roles?: RolesInAws;
}

/** What every examination needs to know first. */
export interface Seen {
  readonly repository: RepositorySettings;
  readonly defaultBranch: string;
  readonly tree: RepositoryTree;
  readonly law: LawFiles;
  /** Absent where it does not load. */
  readonly config: Config | undefined;
  /** As the config says. */
  readonly appId: number | undefined;
}

/** Throws where the repository itself cannot be read. */
export async function diagnose(deps: DoctorDeps): Promise<readonly Check[]> {
  const seen = await lookAround(deps.client);
  const examinations: readonly Examination[] = [
    { name: "access repository", look: async () => access(seen) },
    ...lawExaminations(deps, seen),
    ...protectionExaminations(deps, seen),
    { name: "Hallpass's own files", look: () => files(deps, seen) },
    ...appExaminations(deps, seen),
    ...awsExaminations(deps, seen),
    { name: "sweep", look: () => sweep(deps.client) },
  ];
  return Promise.all(examinations.map(examined));
}

async function lookAround(client: GitHubClient): Promise<Seen> {
  const repository = await readRepository(client);
  const tree = await readTree(client);
  const law = await readLaw(client, tree.commit as Sha);
  const parsed = law.config === undefined ? undefined : parseConfig(law.config);
  const config = parsed?.ok === true ? parsed.value : undefined;
  return { repository, tree, law, config, appId: config?.app, defaultBranch: repository.default_branch };
}

function access({ repository, config }: Seen): Finding {
  const { permissions, archived, owner, name } = repository;
  const who = permissions?.admin === true ? "an admin" : permissions?.push === true ? "a writer" : "a reader";
  if (archived === true) return failed("it is archived", "unarchive it: nothing can be written there");
  if (repository.has_issues === false)
    return failed("it has no issues, and requests are issues", "switch issues on in its settings");
  if (repository.allow_squash_merge === false)
    return failed(
      "it does not allow to squash when merging, so that no approved request can be merged into the ledger",
      "gh api --method PATCH repos/{owner}/{repo} -F allow_squash_merge=true",
    );
  if (!repository.private && config?.allowPublic !== true)
    return failed(
      "it is public, and Hallpass refuses to work there",
      "make it private, or say `allowPublic: true` in the config",
    );
  return permissions?.admin === true
    ? ok(`${owner.login}/${name}, ${repository.visibility ?? "private"}, seen as ${who}`)
    : warning(
        `seen as ${who}: settings and bypass lists show to admins only`,
        "look again as an admin of the repository",
      );
}

const minute = 60_000;

/** It ends what AWS could not, writes the history, and is what finds everything that was lost. */
async function sweep(client: GitHubClient): Promise<Finding> {
  const runs = (await readRuns(client)).filter(({ display_title: title }) => /^sweep\b/.test(title));
  const done = runs.filter(({ status }) => status === "completed");
  const todo =
    "gh workflow run access.yml -f command=sweep; GitHub stops crons when whoever edited the file last has left";
  const good = done.find(({ conclusion }) => conclusion === "success");
  if (good === undefined) return failed("no run of `sweep` has succeeded", todo);
  const [last] = done;
  const minutes = Math.floor((client.clock.now() - Date.parse(good.updated_at)) / minute);
  if (last !== undefined && last.conclusion !== "success")
    return failed(
      `the last run ended with ${last.conclusion}, ${last.html_url}; the last good one was ${minutes} min ago`,
      "look at the run's log",
    );
  if (minutes > 360) return failed(`the last one was ${minutes} min ago`, todo);
  return minutes > 60 ? warning(`the last one was ${minutes} min ago`, todo) : ok(`${minutes} min ago`);
}
