import { canPush } from "./access.ts";
import { ancestors, commitsBetween, isAncestor } from "./git/history.ts";
import { refusal } from "./http.ts";
import type { Pull } from "./issue-state.ts";
import { announce, closeIssue, touch } from "./issues.ts";
import { refreshReviews } from "./re-pointing.ts";
import { showPushedCommit } from "./render/git.ts";
import { repositoryPage } from "./render/repositories.ts";
import { pushViolations, refuseViolations } from "./rules.ts";
import type { Account, Activity, Repository } from "./state.ts";
import { record } from "./timeline.ts";
import type { Twin, Writer } from "./twin.ts";

// The one way a ref moves: rules, the move itself, and all that follows from it.

const none = "0".repeat(40);

export interface RefUpdate {
  ref: string;
  /** undefined: delete. */
  after: string | undefined;
  force: boolean;
  /** Status of a refusal by rules: 422 for refs, 409 for the contents API. */
  status?: 409 | 422;
  /** Merging judges its own rules first. */
  merge?: Pull;
}

export function updateRef(twin: Twin, repository: Repository, update: RefUpdate, writer: Writer): void {
  const { ref, after } = update;
  const before = repository.refs.get(ref);
  if (before === after) return;
  checkName(repository, ref, before, after);
  const forced =
    before !== undefined && after !== undefined && !isAncestor(repository.objects, before, after);
  if (forced && !update.force) throw refusal(422, "Update is not a fast forward");
  if (update.merge === undefined) {
    refuseViolations(pushViolations(twin, repository, writer, { ref, before, after }), update.status ?? 422);
  }
  if (after === undefined) repository.refs.delete(ref);
  else repository.refs.set(ref, after);
  repository.pushedAt = twin.clock.now();
  remember(
    twin,
    repository,
    { ref, before, after, forced, merged: update.merge !== undefined },
    writer.account,
  );
  announceRef(twin, repository, { ref, before, after, forced }, writer);
  if (!ref.startsWith("refs/heads/")) return;
  const branch = ref.slice("refs/heads/".length);
  for (const pull of pullsWithHead(twin, repository, branch))
    headMoved(twin, pull, { before, after, forced }, writer);
  for (const pull of pullsWithBase(repository, branch)) {
    if (pull !== update.merge) baseMoved(twin, pull, { before, after, forced }, writer);
  }
}

function checkName(
  repository: Repository,
  ref: string,
  before: string | undefined,
  after: string | undefined,
): void {
  if (after !== undefined && !repository.objects.commits.has(after))
    throw refusal(422, "Object does not exist");
  if (after === undefined && before === undefined) throw refusal(422, "Reference does not exist");
  if (after === undefined && ref === `refs/heads/${repository.defaultBranch}`) {
    throw refusal(422, "Cannot delete the default branch");
  }
  const forbidden = /^refs\/(heads|tags)\/[^\s~^:?*[\\]+$/;
  if (!forbidden.test(ref) || /\.\.|@\{|\/\/|\.lock(\/|$)|\/\.|[/.]$/.test(ref)) {
    throw refusal(422, `${ref} is not a valid ref name.`);
  }
  if (before !== undefined) return;
  // a ref is a file: `request` and `request/12` cannot both be
  const clash = [...repository.refs.keys()].some(
    (other) => other.startsWith(`${ref}/`) || ref.startsWith(`${other}/`),
  );
  if (clash) throw refusal(422, "Reference update failed");
}

interface Moved {
  ref: string;
  before: string | undefined;
  after: string | undefined;
  forced: boolean;
}

function remember(
  twin: Twin,
  repository: Repository,
  moved: Moved & { merged: boolean },
  actor: Account,
): void {
  if (!moved.ref.startsWith("refs/heads/")) return;
  const { before, after, ref } = moved;
  const kind = (): Activity["type"] => {
    if (before === undefined) return "branch_creation";
    if (after === undefined) return "branch_deletion";
    if (moved.merged) return "pr_merge";
    return moved.forced ? "force_push" : "push";
  };
  const id = twin.ids.number();
  const nodeId = twin.ids.node("PSH", id);
  const at = twin.clock.now();
  repository.activity.push({
    id,
    nodeId,
    before: before ?? none,
    after: after ?? none,
    ref,
    at,
    type: kind(),
    actor,
  });
}

function announceRef(twin: Twin, repository: Repository, moved: Moved, sender: Writer): void {
  const { ref, before, after, forced } = moved;
  const { objects } = repository;
  const [, kind = "heads", name = ""] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  const short = { ref: name, ref_type: kind === "heads" ? "branch" : "tag", pusher_type: "user" };
  if (before === undefined) {
    const payload = {
      ...short,
      master_branch: repository.defaultBranch,
      description: repository.description,
    };
    twin.emit({ name: "create", repository, sender, payload });
  }
  if (after === undefined) twin.emit({ name: "delete", repository, sender, payload: short });
  const commits =
    after === undefined ? [] : commitsBetween(objects, before ?? defaultHead(repository, ref), after);
  const head = after === undefined ? undefined : objects.commits.get(after);
  const shown = commits
    .slice(0, 2048)
    .reverse()
    .map((commit) => showPushedCommit(twin, repository, commit));
  const page = repositoryPage(twin, repository);
  const payload = {
    ref,
    before: before ?? none,
    after: after ?? none,
    pusher: { name: sender.account.login, email: sender.account.email },
    created: before === undefined,
    deleted: after === undefined,
    forced,
    base_ref: null,
    compare: `${page}/compare/${(before ?? none).slice(0, 12)}...${(after ?? none).slice(0, 12)}`,
    commits: shown,
    head_commit: head === undefined ? null : showPushedCommit(twin, repository, head),
  };
  twin.emit({
    name: "push",
    repository,
    sender,
    payload,
    ref,
    ...(after === undefined ? {} : { sha: after }),
  });
}

function defaultHead(repository: Repository, ref: string): string | undefined {
  const main = `refs/heads/${repository.defaultBranch}`;
  return ref === main ? undefined : repository.refs.get(main);
}

export function pullsWithHead(twin: Twin, repository: Repository, branch: string): Pull[] {
  return twin.state.repositories.flatMap((target) =>
    target.objects === repository.objects
      ? [...target.issues.values()].flatMap((issue) =>
          issue.pull?.headRepository === repository && issue.pull.headRef === branch ? [issue.pull] : [],
        )
      : [],
  );
}

function pullsWithBase(repository: Repository, branch: string): Pull[] {
  return [...repository.issues.values()].flatMap((issue) =>
    issue.pull?.baseRef === branch && issue.state === "open" ? [issue.pull] : [],
  );
}

type Movement = Omit<Moved, "ref">;

function headMoved(twin: Twin, pull: Pull, { before, after, forced }: Movement, writer: Writer): void {
  const { issue } = pull;
  if (after === undefined) {
    record(twin, issue, "head_ref_deleted", writer);
    closeIssue(twin, issue, writer);
    return;
  }
  if (issue.state === "closed") {
    if (before === undefined && after === pull.headSha) record(twin, issue, "head_ref_restored", writer);
    return;
  }
  const previous = pull.headSha;
  pull.headSha = after;
  pull.lastPusher = writer.account;
  touch(twin, issue);
  if (forced)
    record(twin, issue, "head_ref_force_pushed", writer, { beforeCommit: previous, commitId: after });
  refreshReviews(twin, pull, previous, forced, writer);
  announce(twin, issue, "synchronize", writer, { before: previous, after });
}

function baseMoved(twin: Twin, pull: Pull, { before, after, forced }: Movement, writer: Writer): void {
  const { issue } = pull;
  if (after === undefined) {
    closeIssue(twin, issue, writer);
    return;
  }
  // a push that contains the head counts as the merge
  if (ancestors(issue.repository.objects, after).has(pull.headSha)) {
    markMerged(twin, pull, after, writer);
    return;
  }
  pull.baseSha = after;
  if (forced && before !== undefined) {
    record(twin, issue, "base_ref_force_pushed", writer, { beforeCommit: before, commitId: after });
  }
}

export function markMerged(twin: Twin, pull: Pull, commit: string, writer: Writer): void {
  pull.merged = true;
  pull.mergedAt = twin.clock.now();
  pull.mergedBy = writer.account;
  pull.mergeCommitSha = commit;
  record(twin, pull.issue, "merged", writer, { commitId: commit });
  closeIssue(twin, pull.issue, writer, null, commit);
}

/** People push to what they can write, and to a fork's branch whose pull request lets maintainers in. */
export function requirePush(twin: Twin, repository: Repository, ref: string, writer: Writer): void {
  if (canPush(twin, writer, repository)) return;
  const branch = ref.replace(/^refs\/heads\//, "");
  const invited = pullsWithHead(twin, repository, branch).some(
    (pull) =>
      pull.maintainerCanModify && pull.issue.state === "open" && canPush(twin, writer, pull.issue.repository),
  );
  if (!invited)
    throw refusal(
      403,
      `Permission to ${repository.owner.login}/${repository.name}.git denied to ${writer.account.login}.`,
    );
}
