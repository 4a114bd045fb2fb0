import type { ActionsWorld, RepoEvent, RepoRef } from "../actions-port.ts";
import { text } from "./triggers.ts";

// As what a workflow runs: which ref's file, with which ref, for whom the environment and OIDC rules judge it.
// | trigger                                                           | file, GITHUB_REF, environments judged by |
// | issues, issue_comment, schedule, repository_dispatch, workflow_run | default branch                           |
// | pull_request_target                                               | default branch (always, since Dec 2025)  |
// | pull_request, pull_request_review                                 | refs/pull/N/merge                        |
// | workflow_dispatch, push                                           | the ref given or pushed                  |

export interface RunIdentity {
  trigger: string;
  /** GITHUB_REF, and the ref in `workflow_ref`. */
  ref: string;
  /** GITHUB_SHA: the commit whose workflow file runs. */
  sha: string;
  /** Of a pull request: branch names; otherwise empty. */
  headRef: string;
  baseRef: string;
  /** Runs code of a fork: no secrets, a token that reads, no `id-token`. */
  untrusted: boolean;
  /** What the REST API shows as `head_branch` and `head_sha`. */
  headBranch: string | null;
  headSha: string;
  pullNumbers: number[];
}

/** Undefined when GitHub would run nothing: a pull request in conflict, a deleted ref, a fork's one that is not let in. */
export function identityOf(world: ActionsWorld, trigger: string, event: RepoEvent): RunIdentity | undefined {
  switch (trigger) {
    case "pull_request":
    case "pull_request_review":
      return ofPullRequest(world, trigger, event);
    case "pull_request_target": {
      const head = pullHead(event);
      return { ...onDefaultBranch(world, trigger, event.repository), ...head };
    }
    case "push":
      return ofPush(trigger, event);
    case "workflow_dispatch":
      return event.ref && event.sha ? plain(trigger, event.ref, event.sha) : undefined;
    default:
      return onDefaultBranch(world, trigger, event.repository);
  }
}

function onDefaultBranch(world: ActionsWorld, trigger: string, repo: RepoRef): RunIdentity {
  const head = world.defaultBranch(repo);
  return plain(trigger, head.ref, head.sha);
}

function ofPush(trigger: string, event: RepoEvent): RunIdentity | undefined {
  const ref = text(event.payload, "ref") || event.ref;
  const sha = text(event.payload, "after") || event.sha;
  if (!ref || !sha || /^0+$/.test(sha)) return undefined;
  return plain(trigger, ref, sha);
}

function ofPullRequest(world: ActionsWorld, trigger: string, event: RepoEvent): RunIdentity | undefined {
  const pull = event.pull;
  if (!pull) return undefined;
  const repo = event.repository;
  const runsForks = repo.runsForkPullRequests ?? repo.visibility === "public";
  if (pull.fromFork && !runsForks) return undefined;
  const at = mergedInto(event) ?? world.mergeRef(repo, pull.number);
  if (!at) return undefined;
  return { ...plain(trigger, at.ref, at.sha), ...pullHead(event), untrusted: pull.fromFork };
}

// Once merged there is no merge ref any more: `closed` runs on the branch it went into.
function mergedInto(event: RepoEvent): { ref: string; sha: string } | undefined {
  const pull = event.payload["pull_request"] as { merged?: boolean; merge_commit_sha?: string } | undefined;
  if (event.action !== "closed" || !pull?.merged || !pull.merge_commit_sha) return undefined;
  return {
    ref: `refs/heads/${text(event.payload, "pull_request", "base", "ref")}`,
    sha: pull.merge_commit_sha,
  };
}

function pullHead(event: RepoEvent) {
  const headRef = text(event.payload, "pull_request", "head", "ref");
  return {
    headRef,
    baseRef: text(event.payload, "pull_request", "base", "ref"),
    headBranch: headRef,
    headSha: text(event.payload, "pull_request", "head", "sha"),
    pullNumbers: event.pull ? [event.pull.number] : [],
  };
}

function plain(trigger: string, ref: string, sha: string): RunIdentity {
  const headBranch = ref.replace(/^refs\/(heads|tags)\//, "");
  return {
    trigger,
    ref,
    sha,
    headRef: "",
    baseRef: "",
    untrusted: false,
    headBranch,
    headSha: sha,
    pullNumbers: [],
  };
}
