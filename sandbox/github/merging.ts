import { commitForAccount, commitTo, headOf, treeOf } from "./commits.ts";
import { mergeTrees } from "./git/merge.ts";
import { refusal } from "./http.ts";
import type { Pull } from "./issue-state.ts";
import { mergedTree } from "./mergeability.ts";
import { markMerged, updateRef } from "./refs.ts";
import { pullCommits } from "./render/pulls.ts";
import { mergeViolations, refuseViolations } from "./rules.ts";
import type { Twin, Writer } from "./twin.ts";

export interface MergeRequest {
  /** The head that the caller has seen. */
  sha: string | undefined;
  method: "merge" | "squash" | "rebase";
  title: string | undefined;
  message: string | undefined;
}

/** Merges; refuses with 405 what cannot or must not be merged now, with 409 a head that has moved. */
export function mergePull(twin: Twin, pull: Pull, request: MergeRequest, writer: Writer): string {
  const { repository } = pull.issue;
  const base = headOf(repository, pull.baseRef);
  if (pull.merged) throw refusal(405, "Pull Request is not mergeable");
  if (pull.issue.state === "closed" || base === undefined)
    throw refusal(405, "Pull Request is not mergeable");
  if (pull.draft) throw refusal(405, "Pull Request is still a draft");
  if (request.sha !== undefined && request.sha !== pull.headSha) {
    throw refusal(409, "Head branch was modified. Review and try the merge again.");
  }
  if (!repository.mergeMethods.has(request.method)) {
    throw refusal(405, `${labels[request.method]} are not allowed on this repository.`);
  }
  if (twin.quirks.baseModifiedRaces > 0) {
    twin.quirks.baseModifiedRaces--;
    throw refusal(405, "Base branch was modified. Review and try the merge again.");
  }
  const tree = mergedTree(pull);
  if (tree === undefined) throw refusal(405, "Pull Request has merge conflicts");
  refuseViolations(mergeViolations(twin, pull, writer, request.method), 405);
  const sha = mergeCommit(twin, pull, { base, tree, request }, writer);
  updateRef(
    twin,
    repository,
    { ref: `refs/heads/${pull.baseRef}`, after: sha, force: false, merge: pull },
    writer,
  );
  pull.baseSha = base;
  markMerged(twin, pull, sha, writer);
  return sha;
}

const labels = { merge: "Merge commits", squash: "Squash merges", rebase: "Rebase merges" };

interface Plan {
  base: string;
  tree: string;
  request: MergeRequest;
}

function mergeCommit(twin: Twin, pull: Pull, { base, tree, request }: Plan, writer: Writer): string {
  const { repository, number, title } = pull.issue;
  const { account } = writer;
  const whole = (head: string, body: string) => (body === "" ? head : `${head}\n\n${body}`);
  switch (request.method) {
    case "merge": {
      const owner = pull.headRepository?.owner.login ?? "unknown repository";
      const head = request.title ?? `Merge pull request #${number} from ${owner}/${pull.headRef}`;
      const message = whole(head, request.message ?? title);
      return commitForAccount(twin, repository, { tree, parents: [base, pull.headSha], message, account });
    }
    case "squash": {
      const commits = pullCommits(pull);
      const listed =
        commits.length === 1
          ? messageBody(commits[0]?.message)
          : commits.map((one) => `* ${one.message}`).join("\n\n");
      const message = whole(request.title ?? `${title} (#${number})`, request.message ?? listed);
      return commitForAccount(twin, repository, {
        tree,
        parents: [base],
        message,
        account: pull.issue.author,
      });
    }
    case "rebase":
      return replay(twin, pull, base, writer);
  }
}

function messageBody(message: string | undefined): string {
  return (message ?? "").split("\n").slice(1).join("\n").trim();
}

/** Each commit again on top of the base, under its author and the merger's name. */
function replay(twin: Twin, pull: Pull, base: string, writer: Writer): string {
  const { repository } = pull.issue;
  const { objects } = repository;
  let tip = base;
  for (const commit of pullCommits(pull)) {
    if (commit.parents.length > 1) continue;
    const from = treeOf(objects, commit.parents[0]);
    const onto = treeOf(objects, tip);
    const tree =
      from === undefined || onto === undefined ? undefined : mergeTrees(objects, from, onto, commit.tree);
    if (tree === undefined) throw refusal(405, "This branch can't be rebased");
    const { author, message } = commit;
    const { name, login, email } = writer.account;
    const committer = {
      name: name ?? login,
      email: email ?? `${login}@users.noreply.github.com`,
      at: twin.clock.now(),
    };
    tip = commitTo(repository, { tree, parents: [tip], message, author, committer, verified: false });
  }
  return tip;
}
