import { findRepository, permissionOf } from "../access.ts";
import { commitTo, signatureOf } from "../commits.ts";
import {
  applyChanges,
  type Change,
  createObjectStore,
  type FileMode,
  type ObjectStore,
  writeBlob,
} from "../git/objects.ts";
import { refusal } from "../http.ts";
import { createLabel } from "../issues.ts";
import { showUser } from "../render/accounts.ts";
import { showRepository } from "../render/repositories.ts";
import type { Account, Permission, Repository, Visibility } from "../state.ts";
import { asWriter } from "../timeline.ts";
import type { Twin, Writer } from "../twin.ts";

/** Path → content; a content with a mode for what is not a plain file; null deletes. */
export type Files = Record<
  string,
  string | Uint8Array | { mode: FileMode; content: string | Uint8Array } | null
>;

export function toChanges(objects: ObjectStore, files: Files): Map<string, Change> {
  return new Map(
    Object.entries(files).map(([path, file]): [string, Change] => {
      if (file === null) return [path, null];
      if (typeof file === "string" || file instanceof Uint8Array) {
        return [path, { sha: writeBlob(objects, file), mode: "100644" }];
      }
      return [path, { sha: writeBlob(objects, file.content), mode: file.mode }];
    }),
  );
}

export interface NewRepository {
  owner: Account;
  name: string;
  visibility: Visibility;
  files: Files;
  defaultBranch: string;
  id?: number | undefined;
}

/** The labels that every new repository has. */
const defaultLabels: [name: string, color: string, description: string][] = [
  ["bug", "d73a4a", "Something isn't working"],
  ["documentation", "0075ca", "Improvements or additions to documentation"],
  ["enhancement", "a2eeef", "New feature or request"],
  ["question", "d876e3", "Further information is requested"],
];

function blankRepository(
  twin: Twin,
  request: Omit<NewRepository, "files">,
  objects: ObjectStore,
): Repository {
  const { owner, name } = request;
  if (findRepository(twin, owner.login, name) !== undefined)
    throw refusal(422, `${owner.login}/${name} exists already`);
  const id = request.id ?? twin.ids.number();
  const now = twin.clock.now();
  const repository: Repository = {
    id,
    nodeId: twin.ids.node("R", id),
    owner,
    name,
    description: null,
    visibility: request.visibility,
    defaultBranch: request.defaultBranch,
    createdAt: now,
    pushedAt: now,
    updatedAt: now,
    forkOf: undefined,
    objects,
    refs: new Map(),
    nextNumber: 1,
    issues: new Map(),
    transferred: new Map(),
    labels: new Map(),
    collaborators: new Map(),
    rulesets: [],
    environments: new Map(),
    secrets: new Map(),
    variables: new Map(),
    activity: [],
    checkSuites: [],
    checkRuns: [],
    statuses: [],
    deployments: [],
    mergeMethods: new Set(["merge", "squash", "rebase"]),
  };
  twin.state.repositories.push(repository);
  twin.state.nodes.set(repository.nodeId, { type: "repository", value: repository });
  return repository;
}

/** A repository with one commit of the given files, by its owner (an organization's first owner). */
export function createRepository(twin: Twin, request: NewRepository): Repository {
  const repository = blankRepository(twin, request, createObjectStore());
  for (const [name, color, description] of defaultLabels)
    createLabel(twin, repository, name, color, description).default = true;
  const tree = applyChanges(repository.objects, undefined, toChanges(repository.objects, request.files));
  const by = signatureOf(firstOwner(twin, request.owner), twin.clock.now());
  const sha = commitTo(repository, {
    tree,
    parents: [],
    message: "Initial commit",
    author: by,
    committer: by,
    verified: false,
  });
  repository.refs.set(`refs/heads/${request.defaultBranch}`, sha);
  return repository;
}

/** Somebody to act for an account: itself, or an organization's first owner. */
export function firstOwner(twin: Twin, account: Account): Account {
  const members = twin.state.organizations.get(account.id)?.members ?? new Map();
  const admin = [...members].find(([, member]) => member.role === "admin")?.[0];
  return twin.state.accounts.find((candidate) => candidate.id === admin) ?? account;
}

/** A fork shares its origin's objects; private ones stay private. */
export function createFork(
  twin: Twin,
  origin: Repository,
  owner: Account,
  options: { name?: string | undefined; defaultBranchOnly: boolean },
): Repository {
  const known = twin.state.repositories.find(
    (repository) => repository.forkOf === origin && repository.owner === owner,
  );
  if (known !== undefined) return known;
  const { defaultBranch, visibility } = origin;
  const request = { owner, name: options.name ?? origin.name, visibility, defaultBranch };
  const fork = blankRepository(twin, request, origin.objects);
  fork.forkOf = origin;
  for (const [ref, sha] of origin.refs) {
    if (!options.defaultBranchOnly || ref === `refs/heads/${defaultBranch}`) fork.refs.set(ref, sha);
  }
  const payload = { forkee: { ...showRepository(twin, fork), public: visibility === "public" } };
  twin.emit({ name: "fork", repository: origin, sender: asWriter(owner), payload });
  return fork;
}

export function changeCollaborator(
  twin: Twin,
  repository: Repository,
  account: Account,
  permission: Permission,
  sender: Writer,
): void {
  const before = repository.collaborators.get(account.id);
  const from = permissionOf(twin, account, repository);
  if (permission === "none") repository.collaborators.delete(account.id);
  else repository.collaborators.set(account.id, permission);
  if (before === repository.collaborators.get(account.id)) return;
  const action = permission === "none" ? "removed" : before === undefined ? "added" : "edited";
  const legacy = permission === "none" ? "read" : permission;
  const changes = {
    ...(action === "added" ? { changes: { permission: { to: legacy }, role_name: { to: legacy } } } : {}),
    ...(action === "edited" ? { changes: { permission: { from, to: legacy } } } : {}),
  };
  twin.emit({
    name: "member",
    action,
    repository,
    sender,
    payload: { member: showUser(twin, account), ...changes },
  });
}
