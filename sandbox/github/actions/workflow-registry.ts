import type { ActionsWorld, RepoRef, WorkflowInfo } from "../actions-port.ts";
import { InvalidWorkflow, parseWorkflow, type Workflow } from "./workflow-file.ts";

// The workflows of each repository: known by file, switched on or off, read at a commit.

const DIRECTORY = ".github/workflows";

export interface WorkflowRegistry {
  /** Files of the default branch, and those that have run from elsewhere. */
  list(repo: RepoRef): WorkflowInfo[];
  /** By id, file name or path; only what `list` has. */
  find(repo: RepoRef, name: string | number): WorkflowInfo | undefined;
  /** The record of a file that is about to run. */
  record(repo: RepoRef, path: string, name: string): WorkflowInfo;
  setState(repo: RepoRef, name: string | number, state: WorkflowInfo["state"]): boolean;
  /** Undefined when the file is not there or is no workflow. */
  read(repo: RepoRef, sha: string, path: string): Workflow | undefined;
  /** All of a commit; those that are no workflows with what is wrong. */
  readAll(repo: RepoRef, sha: string): { path: string; workflow: Workflow | InvalidWorkflow }[];
  nextRunNumber(workflow: WorkflowInfo): number;
}

export function createWorkflowRegistry(world: ActionsWorld): WorkflowRegistry {
  const records = new Map<string, WorkflowInfo>();
  const runNumbers = new Map<number, number>();

  const parsed = (repo: RepoRef, sha: string, path: string): Workflow | InvalidWorkflow | undefined => {
    const bytes = world.readFile(repo, sha, path);
    if (!bytes) return undefined;
    try {
      return parseWorkflow(path, Buffer.from(bytes).toString("utf8"));
    } catch (error) {
      if (error instanceof InvalidWorkflow) return error;
      throw error;
    }
  };
  const readAll: WorkflowRegistry["readAll"] = (repo, sha) =>
    world
      .listFiles(repo, sha, DIRECTORY)
      .filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path))
      .flatMap((path) => {
        const workflow = parsed(repo, sha, path);
        return workflow ? [{ path, workflow }] : [];
      });
  const record: WorkflowRegistry["record"] = (repo, path, name) => {
    const now = world.clock.now();
    const key = `${repo.id} ${path}`;
    const known = records.get(key) ?? {
      id: world.nextId(),
      path,
      name,
      state: "active",
      createdAt: now,
      updatedAt: now,
    };
    records.set(key, known);
    known.name = name;
    return known;
  };
  const list: WorkflowRegistry["list"] = (repo) => {
    for (const { path, workflow } of readAll(repo, world.defaultBranch(repo).sha)) {
      record(repo, path, workflow instanceof Error ? path : workflow.name);
    }
    return [...records].filter(([key]) => key.startsWith(`${repo.id} `)).map(([, info]) => info);
  };
  const find: WorkflowRegistry["find"] = (repo, name) =>
    list(repo).find((info) => {
      return String(info.id) === String(name) || info.path === name || info.path === `${DIRECTORY}/${name}`;
    });

  return {
    list,
    find,
    record,
    setState(repo, name, state) {
      const found = find(repo, name);
      if (!found) return false;
      Object.assign(found, { state, updatedAt: world.clock.now() });
      return true;
    },
    read(repo, sha, path) {
      const workflow = parsed(repo, sha, path);
      return workflow instanceof InvalidWorkflow ? undefined : workflow;
    },
    readAll,
    nextRunNumber(workflow) {
      const next = (runNumbers.get(workflow.id) ?? 0) + 1;
      runNumbers.set(workflow.id, next);
      return next;
    },
  };
}
