import { findAccount } from "./access.ts";
import { type Commit, type ObjectStore, type Signature, writeCommit } from "./git/objects.ts";
import type { Account, Repository } from "./state.ts";
import type { Twin } from "./twin.ts";

// Commits and the GitHub accounts behind their names.

export function noreplyAddress(account: Account): string {
  return `${account.id}+${account.login}@users.noreply.github.com`;
}

export function signatureOf(account: Account, at: number): Signature {
  return { name: account.name ?? account.login, email: account.email ?? noreplyAddress(account), at };
}

/** GitHub links a commit to the account that has its author's address; anybody can write any address. */
export function accountOfAddress(twin: Twin, email: string): Account | undefined {
  if (email === "noreply@github.com") return twin.webFlow;
  const noreply = /^(?:(\d+)\+)?(.+)@users\.noreply\.github\.com$/i.exec(email);
  if (noreply?.[1] !== undefined) {
    const id = Number(noreply[1]);
    return twin.state.accounts.find((account) => account.id === id && !account.deleted);
  }
  if (noreply?.[2] !== undefined) return findAccount(twin, noreply[2]);
  return twin.state.accounts.find(
    (account) => account.email?.toLowerCase() === email.toLowerCase() && !account.deleted,
  );
}

export interface CommitRequest {
  tree: string;
  parents: string[];
  message: string;
  author: Signature;
  committer: Signature;
  verified: boolean;
}

export function commitTo(repository: Repository, request: CommitRequest): string {
  return writeCommit(repository.objects, request);
}

/** A commit that GitHub itself makes for somebody: committed by `GitHub`, and signed. */
export function commitForAccount(
  twin: Twin,
  repository: Repository,
  request: { tree: string; parents: string[]; message: string; account: Account },
): string {
  const at = twin.clock.now();
  return commitTo(repository, {
    tree: request.tree,
    parents: request.parents,
    message: request.message,
    author: signatureOf(request.account, at),
    committer: { name: "GitHub", email: "noreply@github.com", at },
    verified: true,
  });
}

/** The full SHA that a full or shortened one, a branch, a tag or `refs/…` means. */
export function resolveCommit(repository: Repository, name: string): Commit | undefined {
  const { objects, refs } = repository;
  const sha =
    refs.get(name) ??
    refs.get(`refs/heads/${name}`) ??
    refs.get(`refs/tags/${name}`) ??
    refs.get(`refs/${name}`);
  if (sha !== undefined) return objects.commits.get(sha);
  if (name === "HEAD") return resolveCommit(repository, `refs/heads/${repository.defaultBranch}`);
  const pull = /^(?:refs\/)?pull\/(\d+)\/head$/.exec(name)?.[1];
  if (pull !== undefined) {
    const head = repository.issues.get(Number(pull))?.pull?.headSha;
    return head === undefined ? undefined : objects.commits.get(head);
  }
  if (!/^[0-9a-f]{4,40}$/.test(name)) return undefined;
  const whole = objects.commits.get(name);
  if (whole !== undefined) return whole;
  const matches = [...objects.commits.values()].filter((commit) => commit.sha.startsWith(name));
  return matches.length === 1 ? matches[0] : undefined;
}

export function headOf(repository: Repository, branch: string): string | undefined {
  return repository.refs.get(`refs/heads/${branch}`);
}

export function treeOf(objects: ObjectStore, commit: string | undefined): string | undefined {
  return commit === undefined ? undefined : objects.commits.get(commit)?.tree;
}
