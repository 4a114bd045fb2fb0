import { createHash } from "node:crypto";
import { type ActionsOptions, createActions } from "../../../sandbox/github/actions/actions.ts";
import type { StepExecutor } from "../../../sandbox/github/actions/step-executor.ts";
import type {
  ActionsHost,
  ActionsWorld,
  ActorRef,
  RepoEvent,
  RepoRef,
  RunInfo,
  TokenAccess,
} from "../../../sandbox/github/actions-port.ts";
import { createVirtualClock, settle } from "./virtual-clock.ts";

// A GitHub of one organization, just large enough to run workflows in: repositories as commits of files.

export const alice: ActorRef = { login: "alice", id: 101, type: "User" };
export const mallory: ActorRef = { login: "mallory", id: 666, type: "User" };
export const appBot: ActorRef = { login: "hallpass[bot]", id: 900, type: "Bot" };

export interface SmallWorld extends ActionsWorld {
  clock: ReturnType<typeof createVirtualClock>;
  /** Adds a commit on a ref with these files over the ref's present ones; `null` removes. */
  commit(repo: RepoRef, ref: string, files: Record<string, string | null>): string;
  addRepository(fields: Partial<RepoRef> & { name: string }): RepoRef;
  environments: Map<string, { branches: string[] | "all"; secrets: Record<string, string> }>;
  repositorySecrets: Record<string, string>;
  writers: Set<string>;
  /** Live tokens and what they may do. */
  tokens: Map<string, Record<string, TokenAccess>>;
  changes: { id: number; action: string; status: string; conclusion: string | null }[];
  host: ActionsHost | undefined;
}

export function createSmallWorld(): SmallWorld {
  const clock = createVirtualClock();
  const commits = new Map<string, Map<string, Uint8Array>>();
  const refs = new Map<string, string>();
  const repos: RepoRef[] = [];
  let id = 1000;
  const at = (repo: RepoRef, ref: string) => refs.get(`${repo.id} ${ref}`);

  const world: SmallWorld = {
    clock,
    url: "http://github.test",
    environments: new Map(),
    repositorySecrets: {},
    writers: new Set(["alice"]),
    tokens: new Map(),
    changes: [],
    host: undefined,
    addRepository(fields) {
      const repo: RepoRef = {
        id: ++id,
        owner: "acme",
        ownerId: 77,
        fullName: `acme/${fields.name}`,
        visibility: "private",
        defaultBranch: "main",
        ...fields,
      };
      repos.push(repo);
      return repo;
    },
    commit(repo, ref, files) {
      const before = commits.get(at(repo, ref) ?? "") ?? new Map<string, Uint8Array>();
      const after = new Map(before);
      for (const [path, text] of Object.entries(files)) {
        if (text === null) after.delete(path);
        else after.set(path, Buffer.from(text));
      }
      const sha = createHash("sha1").update(`${repo.id} ${ref} ${++id}`).digest("hex");
      commits.set(sha, after);
      refs.set(`${repo.id} ${ref}`, sha);
      return sha;
    },
    repository: (fullName) => repos.find((repo) => repo.fullName === fullName),
    repositories: () => repos,
    readFile: (_repo, sha, path) => commits.get(sha)?.get(path),
    listFiles: (_repo, sha, dir) =>
      [...(commits.get(sha)?.keys() ?? [])].filter((path) => dir === "" || path.startsWith(`${dir}/`)).sort(),
    resolveRef(repo, ref) {
      const full = [ref, `refs/heads/${ref}`, `refs/tags/${ref}`].find((one) => at(repo, one));
      const sha = full && at(repo, full);
      return full && sha ? { ref: full, sha } : undefined;
    },
    defaultBranch: (repo) => ({
      ref: `refs/heads/${repo.defaultBranch}`,
      sha: at(repo, `refs/heads/${repo.defaultBranch}`) ?? "",
    }),
    mergeRef(repo, pull) {
      const sha = at(repo, `refs/pull/${pull}/merge`);
      return sha ? { ref: `refs/pull/${pull}/merge`, sha } : undefined;
    },
    environment(_repo, name) {
      const found = world.environments.get(name);
      return found && { name, branches: found.branches };
    },
    environmentAdmits(_repo, name, ref) {
      const branches = world.environments.get(name)?.branches;
      return branches === "all" || (branches ?? []).some((branch) => ref === `refs/heads/${branch}`);
    },
    secrets: (_repo, environment) => ({
      ...world.repositorySecrets,
      ...(environment ? world.environments.get(environment)?.secrets : {}),
    }),
    variables: () => ({ REGION: "eu-central-1" }),
    mintActionsToken(_repo, permissions) {
      const token = `ghs_${createHash("sha1").update(String(++id)).digest("hex")}`;
      world.tokens.set(token, permissions);
      return token;
    },
    revokeToken: (token) => void world.tokens.delete(token),
    oidcSubTemplate: () => undefined,
    permission: (_repo, login) => (world.writers.has(login) ? "write" : "read"),
    runChanged(repo, run, action) {
      world.changes.push({ id: run.id, action, status: run.status, conclusion: run.conclusion });
      world.host?.onEvent(workflowRunEvent(repo, run, action));
    },
    nextId: () => ++id,
  };
  return world;
}

function workflowRunEvent(repo: RepoRef, run: RunInfo, action: string): RepoEvent {
  const workflow_run = { id: run.id, name: run.name, head_branch: run.headBranch, event: run.event };
  return {
    name: "workflow_run",
    action,
    payload: { action, workflow_run },
    repository: repo,
    actor: run.actor,
    byGitHubToken: false,
  };
}

/** What one step in this process may do: the test's stand-in for an action's code. */
export type Scripts = Record<
  string,
  (env: Record<string, string>, signal: AbortSignal) => Promise<Outcome> | Outcome
>;
export interface Outcome {
  exitCode?: number;
  log?: string;
  output?: string;
  env?: string;
  state?: string;
  summary?: string;
}

/** Runs `run:` steps by their first word out of `scripts`, and JavaScript actions by their entry. */
export function inProcess(scripts: Scripts): StepExecutor {
  const call = async (name: string, env: Record<string, string>, signal: AbortSignal) => {
    const script = scripts[name];
    if (!script) return { exitCode: 127, log: `${name}: not found\n` };
    const { exitCode = 0, log = "", ...files } = await script(env, signal);
    return { exitCode, log, files };
  };
  return {
    javaScript: ({ entry, env, signal }) => call(entry, env, signal),
    shell: ({ script, env, signal }) => call(script.trim().split(/\s/)[0] ?? "", env, signal),
  };
}

/** A world with one repository, the Actions in it, and the pieces tests ask for most. */
export function setUp(
  files: Record<string, string>,
  scripts: Scripts = {},
  options: Partial<ActionsOptions> & { repository?: Partial<RepoRef> } = {},
) {
  const { repository, ...rest } = options;
  const world = createSmallWorld();
  const repo = world.addRepository({ name: "access", ...repository });
  world.commit(repo, "refs/heads/main", files);
  const actions = createActions({ world, executor: inProcess(scripts), ...rest });
  world.host = actions.host;
  const emit = (name: string, action: string | undefined, more: Partial<RepoEvent> = {}) => {
    actions.host.onEvent({
      name,
      ...(action === undefined ? {} : { action }),
      payload: { action, sender: { login: "alice", type: "User" } },
      repository: repo,
      actor: alice,
      byGitHubToken: false,
      ...more,
    });
  };
  const runs = () => actions.host.listRuns(repo).reverse();
  return { world, repo, actions, emit, runs, done: () => settle().then(actions.idle) };
}

/** Events of a pull request, whose refs the world must have (`refs/pull/N/merge`). */
export function pullEvent(
  number: number,
  more: { fromFork?: boolean; merged?: string } = {},
): Partial<RepoEvent> {
  return {
    payload: {
      pull_request: {
        number,
        title: "Request 12",
        head: { ref: "request/12", sha: "a".repeat(40) },
        base: { ref: "main", sha: "b".repeat(40) },
        merged: more.merged !== undefined,
        merge_commit_sha: more.merged ?? null,
      },
    },
    pull: { number, fromFork: more.fromFork ?? false },
  };
}
