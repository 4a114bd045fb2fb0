import { atLeast, canPush, canSee, findRepository, permissionOf } from "./access.ts";
import { headOf } from "./commits.ts";
import { commitsBetween, isAncestor, mergeBase } from "./git/history.ts";
import { invalid, notFound, refusal } from "./http.ts";
import type { Pull } from "./issue-state.ts";
import {
  announce,
  checkBody,
  checkTitle,
  closeIssue,
  createIssueRecord,
  editIssue,
  reopenIssue,
  touch,
} from "./issues.ts";
import type { Repository } from "./state.ts";
import { record } from "./timeline.ts";
import type { Twin, Writer } from "./twin.ts";

export interface NewPull {
  title: string;
  body: string | null;
  /** `branch` or `owner:branch`. */
  head: string;
  headRepository?: string | undefined;
  base: string;
  draft: boolean;
  maintainerCanModify: boolean | undefined;
}

function customInvalid(message: string): Error {
  return refusal(422, "Validation Failed", [
    { resource: "PullRequest", field: "head", code: "custom", message },
  ]);
}

/** The repository that `owner:branch` means: this one, or the owner's fork. */
function headRepositoryOf(twin: Twin, repository: Repository, owner: string, name: string | undefined) {
  if (owner.toLowerCase() === repository.owner.login.toLowerCase() && name === undefined) return repository;
  const named = name === undefined ? undefined : findRepository(twin, owner, name);
  const fork = twin.state.repositories.find(
    (other) =>
      other.objects === repository.objects && other.owner.login.toLowerCase() === owner.toLowerCase(),
  );
  return named?.objects === repository.objects ? named : fork;
}

export function openPull(twin: Twin, repository: Repository, request: NewPull, writer: Writer): Pull {
  checkTitle(request.title);
  checkBody("PullRequest", request.body);
  const [owner, branch] = request.head.includes(":")
    ? (request.head.split(":", 2) as [string, string])
    : [repository.owner.login, request.head];
  const headRepository = headRepositoryOf(twin, repository, owner, request.headRepository);
  const headSha = headRepository === undefined ? undefined : headOf(headRepository, branch);
  const baseSha = headOf(repository, request.base);
  if (baseSha === undefined) throw invalid("PullRequest", "base", "invalid");
  if (headRepository === undefined || headSha === undefined || !canSee(twin, writer, headRepository)) {
    throw invalid("PullRequest", "head", "invalid");
  }
  requireHeadWrite(twin, writer, headRepository);
  checkDifference(repository, headRepository, { branch, headSha, baseSha, base: request.base });
  const issue = createIssueRecord(twin, repository, request, writer);
  const id = twin.ids.number();
  const fork = headRepository !== repository;
  const pull: Pull = {
    id,
    nodeId: twin.ids.node("PR", id),
    issue,
    headRepository,
    headRef: branch,
    headSha,
    baseRef: request.base,
    baseSha,
    draft: request.draft,
    // only a person's fork can let maintainers in
    maintainerCanModify:
      fork && headRepository.owner.kind === "User" && request.maintainerCanModify !== false,
    merged: false,
    mergedAt: null,
    mergedBy: null,
    mergeCommitSha: null,
    reviews: [],
    requestedUsers: [],
    requestedTeams: [],
    mergeabilityKnownFor: undefined,
    testMerge: undefined,
    lastPusher: writer.account,
  };
  issue.pull = pull;
  issue.nodeId = pull.nodeId;
  twin.state.nodes.set(pull.nodeId, { type: "issue", value: issue });
  announce(twin, issue, "opened", writer);
  return pull;
}

/** A pull request may only be opened from a branch that one could push to; Apps need no more than `pull_requests: write`. */
function requireHeadWrite(twin: Twin, writer: Writer, head: Repository): void {
  if (writer.kind !== "user" || canPush(twin, writer, head)) return;
  throw refusal(403, "Must have push access to the head repository.");
}

function checkDifference(
  repository: Repository,
  headRepository: Repository,
  ends: { branch: string; base: string; headSha: string; baseSha: string },
): void {
  const { branch, base, headSha, baseSha } = ends;
  const label = `${headRepository.owner.login}:${branch}`;
  const open = [...repository.issues.values()].some(
    ({ pull, state }) =>
      state === "open" &&
      pull?.headRepository === headRepository &&
      pull.headRef === branch &&
      pull.baseRef === base,
  );
  if (open) throw customInvalid(`A pull request already exists for ${label}.`);
  if (mergeBase(repository.objects, baseSha, headSha) === undefined) {
    throw customInvalid(`The ${branch} branch has no history in common with ${base}`);
  }
  if (commitsBetween(repository.objects, baseSha, headSha).length === 0) {
    throw customInvalid(`No commits between ${base} and ${branch}`);
  }
}

export function requirePull(repository: Repository, number: string): Pull {
  const pull = repository.issues.get(Number(number))?.pull;
  if (pull === undefined) throw notFound();
  return pull;
}

/** The author, or anyone who can write. */
export function requirePullWrite(twin: Twin, pull: Pull, writer: Writer): void {
  if (writer.kind !== "user" || pull.issue.author === writer.account) return;
  if (!atLeast(permissionOf(twin, writer.account, pull.issue.repository), "write")) {
    throw refusal(403, "Must have push access to repository.");
  }
}

export interface PullChange {
  title?: string | undefined;
  body?: string | null | undefined;
  state?: string | undefined;
  base?: string | undefined;
  maintainerCanModify?: boolean | undefined;
}

export function changePull(twin: Twin, pull: Pull, change: PullChange, writer: Writer): void {
  if (change.base !== undefined) changeBase(twin, pull, change.base, writer);
  if (change.maintainerCanModify !== undefined && pull.headRepository?.owner === writer.account) {
    pull.maintainerCanModify = change.maintainerCanModify;
  }
  editIssue(twin, pull.issue, change, writer);
  if (change.state === "closed") closeIssue(twin, pull.issue, writer);
  if (change.state === "open" && pull.issue.state === "closed") reopenPull(twin, pull, writer);
}

function changeBase(twin: Twin, pull: Pull, base: string, writer: Writer): void {
  if (base === pull.baseRef) return;
  const sha = headOf(pull.issue.repository, base);
  if (sha === undefined) throw invalid("PullRequest", "base", "invalid");
  if (pull.issue.state === "closed")
    throw refusal(422, "Validation Failed", ["Cannot change the base branch of a closed pull request."]);
  const from = { ref: pull.baseRef, sha: pull.baseSha };
  pull.baseRef = base;
  pull.baseSha = sha;
  touch(twin, pull.issue);
  record(twin, pull.issue, "base_ref_changed", writer, { baseRefs: { from: from.ref, to: base } });
  const changes = { base: { ref: { from: from.ref }, sha: { from: from.sha } } };
  announce(twin, pull.issue, "edited", writer, { changes });
}

function reopenPull(twin: Twin, pull: Pull, writer: Writer): void {
  const fail = (message: string) =>
    refusal(422, "Validation Failed", [
      { resource: "PullRequest", field: "state", code: "invalid", message },
    ]);
  if (pull.merged) throw fail("state cannot be changed. The pull request was merged.");
  const head = pull.headRepository === null ? undefined : headOf(pull.headRepository, pull.headRef);
  if (head === undefined) throw fail(`state cannot be changed. The ${pull.headRef} branch has been deleted.`);
  if (!isAncestor(pull.issue.repository.objects, pull.headSha, head)) {
    throw fail(`state cannot be changed. The ${pull.headRef} branch was force-pushed or recreated.`);
  }
  pull.headSha = head;
  pull.baseSha = headOf(pull.issue.repository, pull.baseRef) ?? pull.baseSha;
  reopenIssue(twin, pull.issue, writer);
}
