// An access repository on the GitHub twin, as an admin would have set it up, with our App installed and people in teams.

import { expect } from "vitest";
import type { UsFacts } from "../../core/facts.ts";
import type { RequestNumber, UserId } from "../../core/ids.ts";
import { appIdentity } from "../../github/app-tokens.ts";
import { type ClientOptions, createClient, type GitHubClient } from "../../github/client.ts";
import { createActions } from "../../sandbox/github/actions/actions.ts";
import type { Invocation, StepRun } from "../../sandbox/github/actions/step-executor.ts";
import { createGitHub, type GitHub } from "../../sandbox/github/github.ts";
import { createJudge } from "../../sandbox/github/judge.ts";

export const owner = "acme";
export const repo = "access";
export const fullName = `${owner}/${repo}`;
export const start = Date.parse("2026-12-01T09:00:00Z");

export interface VirtualClock {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  pass(milliseconds: number): void;
}

/** Sleeping is what makes time pass. */
export function virtualClock(at: number = start): VirtualClock {
  let now = at;
  const pass = (milliseconds: number) => {
    now += milliseconds;
  };
  return { now: () => now, pass, sleep: async (milliseconds) => pass(milliseconds) };
}

export interface AccessRepo {
  readonly github: GitHub;
  readonly clock: VirtualClock;
  readonly us: UsFacts;
  readonly client: GitHubClient;
  readonly newClient: (more?: Partial<ClientOptions>) => GitHubClient;
  /** A person's own REST call; throws what GitHub refuses. */
  readonly as: (login: string, method: string, path: string, body?: unknown) => Promise<unknown>;
  readonly ask: (login?: string, body?: string) => Promise<RequestNumber>;
}

export const form = (fields: Partial<Record<string, string>> = {}): string =>
  ["Nodes", "Access", "Forward", "For", "Reason", "Ticket", "From"]
    .map((heading) => `### ${heading}\n\n${fields[heading] ?? defaults[heading] ?? "_No response_"}\n`)
    .join("\n");

const defaults: Readonly<Record<string, string>> = {
  Nodes: "i-0123456789abcdef0",
  Access: "shell",
  For: "1h",
  Reason: "INC-1 checkout is down",
};

const workflow = `
name: access
run-name: \${{ inputs.command || 'sweep' }} \${{ inputs.request }}
on:
  workflow_dispatch:
    inputs:
      command: { required: true, type: string }
      request: { required: false, type: string }
permissions: {}
jobs:
  access:
    runs-on: ubuntu-latest
    steps:
      - run: "true"
`;

export const lawFiles = {
  ".github/CODEOWNERS": "/policies/ @acme/leads\n/.github/ @acme/leads\n",
  ".github/hallpass.yml": "app: 1\n",
  ".github/workflows/access.yml": workflow,
  "policies/b.cedar": "// b\n",
  "policies/a.cedar": "// a\n",
  "policies/approvals.yaml": '- nodes: "*"\n  levels: ["@acme/leads"]\n',
  "policies/cases/one.yaml": "[]\n",
  "README.md": "# access\n",
};

const permissions = {
  actions: "write",
  administration: "read",
  checks: "write",
  contents: "write",
  issues: "write",
  members: "read",
  metadata: "read",
  pull_requests: "write",
} as const;

const admin = "ada";
export const people = ["alice", "bob", "carol", "dave"] as const;

// one for all: it compiles a schema for every call it sees; webhooks are judged where they are the subject
const judge = { ...createJudge(), webhook: () => undefined };

/** What runs wait for never comes: their time limits are hours, and sleeping on a virtual clock would make them pass. */
const patience = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (milliseconds === 0) resolve();
    signal?.addEventListener("abort", () => reject(signal.reason));
  });

/** With `admin` an organization owner, people as writers, teams `leads` (bob) and `security` (bob, carol). */
export async function accessRepo(): Promise<AccessRepo> {
  const clock = virtualClock();
  const github = createGitHub({ clock, url: "http://github.test", judge });
  for (const login of [admin, ...people, "eve"]) github.createUser({ login });
  github.createOrganization({ login: owner, owners: [admin] });
  for (const login of people) github.addMember(owner, login);
  github.createRepository({ owner, name: repo, visibility: "private", files: lawFiles });
  for (const login of people) github.addCollaborator(fullName, login, "write");
  github.createTeam({ organization: owner, name: "leads", members: ["bob"] });
  github.createTeam({ organization: owner, name: "security", members: ["bob", "carol"] });
  github.addTeamToRepository(fullName, "leads", "write");
  github.addTeamToRepository(fullName, "security", "read");
  for (const [branch, files] of [
    ["ledger", { "README.md": "# The ledger\n" }],
    ["inventory", { "README.md": "# The inventory\n" }],
  ] as const) {
    const root = github.commit({
      repository: fullName,
      parent: null,
      files,
      message: `Begin ${branch}`,
      by: admin,
    });
    github.push(admin, fullName, branch, root);
  }
  const app = github.createApp({ slug: "hallpass", owner, permissions, events: [] });
  const installation = github.installApp("hallpass", owner);
  // steps that never end, unless their run is cancelled
  const never = ({ signal }: Invocation) =>
    new Promise<StepRun>((resolve) => {
      const over = () => resolve({ exitCode: 1, log: "" });
      if (signal.aborted) over();
      else signal.addEventListener("abort", over);
    });
  const actions = createActions({
    world: { ...github.actionsWorld, clock: { now: clock.now, sleep: patience } },
    executor: { javaScript: never, shell: never },
  });
  github.attachActions(actions.host);

  const identity = appIdentity({
    owner,
    repo,
    appId: app.id,
    privateKey: app.privateKey,
    baseUrl: github.url,
    fetch: github.fetch,
    clock,
    installation: installation.id,
  });
  const newClient = (more: Partial<ClientOptions> = {}) =>
    createClient({
      owner,
      repo,
      token: identity.token,
      baseUrl: github.url,
      fetch: github.fetch,
      clock,
      ...more,
    });
  const us: UsFacts = { appId: app.id, slug: app.slug, botId: app.botUserId as UserId };

  async function as(login: string, method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await github.fetch(`${github.url}/repos/${fullName}${path}`, {
      method,
      headers: { authorization: `Bearer ${github.personalToken(login)}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  return {
    github,
    clock,
    us,
    newClient,
    client: newClient(),
    as,
    ask: async (login = "alice", body = form()) => {
      const made = (await as(login, "POST", "/issues", {
        title: "Access",
        body,
        labels: ["access: pending"],
      })) as { number: number };
      return made.number as RequestNumber;
    },
  };
}

/** How many requests something costs, and how many of them are writes. */
export async function costOf(
  client: GitHubClient,
  work: () => Promise<unknown>,
): Promise<{ requests: number; writes: number }> {
  const before = { ...client.counts };
  await work();
  return {
    requests: client.counts.requests - before.requests,
    writes: client.counts.writes - before.writes,
  };
}

export const fails = (work: Promise<unknown>, code: string) => expect(work).rejects.toMatchObject({ code });
