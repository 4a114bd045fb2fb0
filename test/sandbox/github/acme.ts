import { Octokit } from "@octokit/rest";
import type { Clock } from "../../../sandbox/github/clock.ts";
import { createGitHub, type GitHub, type GitHubOptions } from "../../../sandbox/github/github.ts";
import { createJudge, type Judge } from "../../../sandbox/github/judge.ts";
import type { AppCredentials } from "../../../sandbox/github/world.ts";
import { signJwt } from "./jwt.ts";

// An organization, its people, an access repository and an App: what every test here starts from.

export interface TestClock extends Clock {
  advance(ms: number): void;
}

export function createTestClock(start = Date.parse("2026-01-05T12:00:00Z")): TestClock {
  let now = start;
  let waiting: { until: number; wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (ms) =>
      new Promise((wake) => {
        waiting.push({ until: now + ms, wake });
      }),
    advance: (ms) => {
      now += ms;
      const due = waiting.filter((one) => one.until <= now);
      waiting = waiting.filter((one) => one.until > now);
      for (const { wake } of due) wake();
    },
  };
}

export const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export interface Acme {
  github: GitHub;
  clock: TestClock;
  app: AppCredentials;
  installationId: number;
  repositoryId: number;
  /** First commit of `acme/access`. */
  root: string;
  judge: Judge;
  /** A person's client. */
  as(login: string): Octokit;
  /** The App's installation client. */
  bot(narrowing?: { permissions?: Record<string, string>; repositories?: string[] }): Promise<Octokit>;
  /** The App's JWT client. */
  asApp(): Octokit;
  withToken(token: string | undefined): Octokit;
  /** Branch with files, and a pull request of it to main, by this person. */
  propose(
    login: string,
    branch: string,
    files: Record<string, string>,
    base?: string,
  ): Promise<{ number: number; head: string }>;
}

export const access = { owner: "acme", repo: "access" };

const form = `name: Access request
description: ask
title: "Access: "
labels: ["access"]
body:
  - type: markdown
    attributes: { value: "Welcome" }
  - type: input
    id: nodes
    attributes: { label: Nodes }
    validations: { required: true }
  - type: dropdown
    id: access
    attributes: { label: Access, options: [shell, ssh] }
  - type: textarea
    id: reason
    attributes: { label: Reason }
  - type: textarea
    id: log
    attributes: { label: Log, render: shell }
`;

export const permissions = {
  issues: "write",
  contents: "write",
  pull_requests: "write",
  checks: "write",
  statuses: "write",
  deployments: "write",
  actions: "write",
  members: "read",
} as const;

const events = [
  "issues",
  "issue_comment",
  "pull_request",
  "pull_request_review",
  "push",
  "check_run",
  "membership",
  "team",
  "organization",
  "member",
  "label",
  "repository_ruleset",
  "workflow_run",
];

export function createAcme(options: Partial<GitHubOptions> = {}): Acme {
  const clock = createTestClock();
  const judge = createJudge();
  const github = createGitHub({
    clock,
    url: "http://github.test",
    judge,
    quirks: { lateMergeability: false },
    ...options,
  });
  for (const login of ["olga", "alice", "bob", "carol", "dave", "mallory"]) github.createUser({ login });
  github.createOrganization({ login: "acme", owners: ["olga"] });
  for (const login of ["alice", "bob", "carol", "dave"]) github.addMember("acme", login);
  github.createTeam({ organization: "acme", name: "Engineering" });
  github.createTeam({ organization: "acme", name: "DevOps Leads", parent: "engineering", members: ["bob"] });
  const files = { "README.md": "# access\n", ".github/ISSUE_TEMPLATE/access-request.yml": form };
  const repository = github.createRepository({ ...{ owner: "acme", name: "access" }, files });
  github.addCollaborator("acme/access", "alice", "read");
  github.addTeamToRepository("acme/access", "devops-leads", "write");
  github.addCollaborator("acme/access", "carol", "write");
  const webhook = { url: "http://app.test/hook", secret: "hush" };
  const app = github.createApp({ slug: "hallpass", owner: "acme", permissions, events, webhook });
  const { id: installationId } = github.installApp("hallpass", "acme");
  const base = { baseUrl: github.url, request: { fetch: github.fetch }, log: quiet };
  const withToken = (token: string | undefined) =>
    new Octokit({ ...base, ...(token === undefined ? {} : { auth: token }) });
  const acme: Acme = {
    github,
    clock,
    app,
    installationId,
    repositoryId: repository.id,
    root: repository.head,
    judge,
    as: (login) => withToken(github.personalToken(login)),
    bot: async (narrowing = {}) => {
      const { data } = await appJwt(acme).request("POST /app/installations/{installation_id}/access_tokens", {
        installation_id: installationId,
        ...narrowing,
      });
      return withToken(data.token);
    },
    asApp: () => appJwt(acme),
    withToken,
    propose: async (login, branch, changes, target = "main") => {
      const head = github.pushFiles(login, "acme/access", branch, changes, `change ${branch}`);
      const { data } = await acme
        .as(login)
        .rest.pulls.create({ ...access, title: branch, head: branch, base: target });
      return { number: data.number, head };
    },
  };
  return acme;
}

function appJwt(acme: Acme): Octokit {
  return acme.withToken(signJwt(acme.app, acme.clock));
}
