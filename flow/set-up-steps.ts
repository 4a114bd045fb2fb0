// What only a human can do after `hallpass init`, in the order in which it works, as commands that can be pasted.

import {
  branchPolicyPath,
  environmentPath,
  ledgerFolder,
  rulesetFiles,
  type SetUp,
  subjectPath,
} from "./set-up.ts";
import { appRegistrationUrl } from "./set-up-app.ts";
import type { GitHubHost } from "./set-up-aws.ts";
import { roleNames } from "./set-up-policies.ts";
import { stackSteps } from "./set-up-stacks.ts";

export interface SetUpStep {
  readonly title: string;
  readonly why: string;
  readonly commands: readonly string[];
}

export interface StepsOf {
  readonly setUp: SetUp;
  readonly host: GitHubHost;
  readonly manifest: string;
  /** Opened as a pull request: it begins the ledger too. */
  readonly pullRequest: string | undefined;
}

export function humanSteps(given: StepsOf): readonly SetUpStep[] {
  const { setUp, host, manifest, pullRequest } = given;
  const { owner, repo, appId } = setUp;
  return [
    {
      title: `Install the App ${appId} on ${owner}/${repo}, and on nothing else`,
      why: "its settings list its permissions and events, which have to be those of the address below, where such an App is registered; `Enable Device Flow` there, and its client id as `clientId` in .github/hallpass.yml, let people without `gh` sign in from a terminal",
      commands: [
        `open https://${host.host}/organizations/${owner}/settings/apps`,
        `open '${appRegistrationUrl(host, setUp, manifest)}'`,
      ],
    },
    access(given),
    pullRequest === undefined ? pushed(given) : merged(pullRequest),
    ...(pullRequest === undefined ? [ledger] : []),
    rulesets(given),
    environment(given),
    ...(host.kind === "github.com" ? [] : [subject(given)]),
    ...stackSteps({ setUp, host, gh: gh(host) }),
    wake(given),
    {
      title: "Take the first inventory, and look whether everything is in place",
      why: "nothing can be asked for before the nodes are known; `hallpass` stands for `npm run -s hallpass --` in its own folder",
      commands: [
        `${gh(host)} workflow run access.yml --repo ${owner}/${repo} -f command=inventory`,
        `${host.kind === "github.com" ? "" : `GITHUB_API_URL=${host.apiUrl} `}hallpass doctor --repo ${owner}/${repo}`,
      ],
    },
  ];
}

/** `gh` asks github.com unless it is told. */
const gh = ({ kind, host }: GitHubHost): string => (kind === "github.com" ? "gh" : `GH_HOST=${host} gh`);

const access = ({ setUp: { owner, repo, teams }, host }: StepsOf): SetUpStep => ({
  title: "Give the teams access to the repository, and read access to everybody who may ask",
  why: "GitHub counts a code owner's review only with write access, and asks only those who can read for one",
  commands: roleNames.flatMap((role) =>
    teams[role] === undefined
      ? []
      : `${gh(host)} api --method PUT orgs/${owner}/teams/${teams[role]}/repos/${owner}/${repo} -f permission=${role === "platform" ? "push" : "pull"}`,
  ),
});

const pushed = ({ setUp: { owner, repo, defaultBranch }, host }: StepsOf): SetUpStep => ({
  title: `In the folder that was written, commit the files and push them to ${defaultBranch}`,
  why: "before the rulesets, which ask for a review of everything after; the first two lines do nothing in a clone of the repository",
  commands: [
    `git rev-parse --git-dir > /dev/null 2>&1 || git init --quiet --initial-branch ${defaultBranch}`,
    `git remote get-url origin > /dev/null 2>&1 || git remote add origin https://${host.host}/${owner}/${repo}.git`,
    "git add --all",
    'git commit --message "Set Hallpass up"',
    `git push origin HEAD:${defaultBranch}`,
  ],
});

const merged = (url: string): SetUpStep => ({
  title: "Review the pull request and merge it",
  why: "before the rulesets, which ask for a code owner's review of everything after",
  commands: [`open ${url}`],
});

const ledger: SetUpStep = {
  title: "Begin the ledger",
  why: "a branch of its own, with no file and no history of the others",
  commands: [
    `git push origin "$(git commit-tree -m 'Begin the ledger' HEAD:${ledgerFolder.replace(/\/$/, "")})":refs/heads/ledger`,
  ],
};

const rulesets = ({ setUp: { owner, repo, appId }, host }: StepsOf): SetUpStep => ({
  title: "Make the rulesets",
  why: "the Action grants nothing without them: they keep the law reviewed, the ledger append-only and request branches the App's",
  commands: rulesetFiles(appId).map(
    ({ path }) => `${gh(host)} api --method POST repos/${owner}/${repo}/rulesets --input ${path}`,
  ),
});

const environment = ({ setUp: { owner, repo, appId }, host }: StepsOf): SetUpStep => {
  const path = `repos/${owner}/${repo}/environments/hallpass`;
  return {
    title: "Make the environment, with the App's key in it",
    why: "only the default branch gets at the key, and at an identity in AWS",
    commands: [
      `${gh(host)} api --method PUT ${path} --input ${environmentPath}`,
      `${gh(host)} api --method POST ${path}/deployment-branch-policies --input ${branchPolicyPath}`,
      `${gh(host)} secret set HALLPASS_PRIVATE_KEY --repo ${owner}/${repo} --env hallpass < private-key.pem`,
      `${gh(host)} variable set HALLPASS_APP_ID --repo ${owner}/${repo} --body ${appId}`,
    ],
  };
};

const subject = ({ setUp: { owner, repo }, host }: StepsOf): SetUpStep => ({
  title: "Put what AWS has to check into the tokens' `sub`",
  why: `AWS sees no other claim of tokens from ${host.issuer}`,
  commands: [
    `${gh(host)} api --method PUT repos/${owner}/${repo}/actions/oidc/customization/sub --input ${subjectPath}`,
  ],
});

const wake = ({ setUp: { owner, repo }, host }: StepsOf): SetUpStep => ({
  title: "Choose what wakes it: the workflow's own triggers, or a server",
  why: "without either a request waits for the next sweep; a server answers within seconds, and is the App's webhook: see the README",
  commands: [`${gh(host)} variable set HALLPASS_SERVERLESS --repo ${owner}/${repo} --body true`],
});
