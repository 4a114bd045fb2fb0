import type { ActionsWorld, RepoRef, WorkflowInfo } from "../actions-port.ts";
import { InvalidWorkflow, parseWorkflow, type Workflow } from "./workflow-file.ts";

// The workflows of each repository: known by file, switched on or off, read at a commit.

const DIRECTORY = ".github/workflows";

export interface WorkflowFile {
  path: string;
  workflow: Workflow | InvalidWorkflow;
}

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
  readAll(repo: RepoRef, sha: string): WorkflowFile[];
  nextRunNumber(workflow: WorkflowInfo): number;
}

interface Source {
  world: ActionsWorld;
  /** By path and text: every event reads all files of a commit, and most are as they were. */
  parsed: Map<string, Workflow | InvalidWorkflow>;
}

export function createWorkflowRegistry(world: ActionsWorld): WorkflowRegistry {
  const source: Source = { world, parsed: new Map() };
  const records = new Map<string, WorkflowInfo>();
  const runNumbers = new Map<number, number>();

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
    for (const { path, workflow } of readAll(source, repo, world.defaultBranch(repo).sha)) {
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
      const workflow = readOne(source, repo, sha, path);
      return workflow instanceof InvalidWorkflow ? undefined : workflow;
    },
    readAll: (repo, sha) => readAll(source, repo, sha),
    nextRunNumber(workflow) {
      const next = (runNumbers.get(workflow.id) ?? 0) + 1;
      runNumbers.set(workflow.id, next);
      return next;
    },
  };
}

function readAll(source: Source, repo: RepoRef, sha: string): WorkflowFile[] {
  return source.world
    .listFiles(repo, sha, DIRECTORY)
    .filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path))
    .flatMap((path) => {
      const workflow = readOne(source, repo, sha, path);
      return workflow ? [{ path, workflow }] : [];
    });
}

function readOne(
  source: Source,
  repo: RepoRef,
  sha: string,
  path: string,
): Workflow | InvalidWorkflow | undefined {
  const bytes = source.world.readFile(repo, sha, path);
  if (!bytes) return undefined;
  const text = Buffer.from(bytes).toString("utf8");
  const key = `${path}\n${text}`;
  const known = source.parsed.get(key) ?? parsed(path, text);
  source.parsed.set(key, known);
  return known;
}

function parsed(path: string, text: string): Workflow | InvalidWorkflow {
  try {
    return parseWorkflow(path, text);
  } catch (error) {
    if (error instanceof InvalidWorkflow) return error;
    throw error;
  }
}
