import { allowed, canSee, findRepository, requireWriter } from "../access.ts";
import { requireCommentWrite } from "../comments.ts";
import { commitForAccount, headOf, treeOf } from "../commits.ts";
import { applyChanges, type Change, entryAt, writeBlob } from "../git/objects.ts";
import type { Comment, Issue } from "../issue-state.ts";
import { transferIssue } from "../issues.ts";
import { updateRef } from "../refs.ts";
import { parseNeed } from "../router.ts";
import type { Permission, Repository } from "../state.ts";
import type { Writer } from "../twin.ts";
import { requireWorkflows } from "../workflow-files.ts";
import { showCommit, showRef } from "./git-objects.ts";
import { showComment, showIssue } from "./issues.ts";
import { type Arguments, failure, type Graph, type Source, unimplemented } from "./source.ts";

/** The fields of `Mutation`. */
export function createMutations(graph: Graph): Source {
  const mutation = (run: (input: Arguments) => Source) => (args: Arguments) => {
    const input = args["input"] as Arguments;
    return { clientMutationId: input["clientMutationId"] ?? null, ...run(input) };
  };
  return {
    createCommitOnBranch: mutation((input) => createCommitOnBranch(graph, input)),
    minimizeComment: mutation((input) => minimize(graph, input, String(input["classifier"]))),
    unminimizeComment: mutation((input) => minimize(graph, input, null)),
    transferIssue: mutation((input) => transfer(graph, input)),
  };
}

function requireWrite(graph: Graph, repository: Repository, app: string, user: Permission = "write"): Writer {
  const { twin, viewer } = graph;
  if (!canSee(twin, viewer, repository)) throw failure("NOT_FOUND", "Could not resolve to a Repository.");
  if (!allowed(twin, viewer, repository, parseNeed(app, user))) {
    throw failure(
      "FORBIDDEN",
      viewer.kind === "user"
        ? `${viewer.account?.login} does not have the correct permissions`
        : "Resource not accessible by integration",
    );
  }
  return requireWriter(viewer);
}

function branchOf(graph: Graph, branch: Arguments): { repository: Repository; name: string } {
  const { repositoryNameWithOwner, branchName, id } = branch;
  if (id != null) {
    const [repositoryId = "", ref = ""] = Buffer.from(String(id).replace(/^REF_/, ""), "base64url")
      .toString("utf8")
      .split(":");
    const repository = graph.twin.state.repositories.find((one) => String(one.id) === repositoryId);
    if (repository?.refs.has(ref)) return { repository, name: ref.replace(/^refs\/heads\//, "") };
    throw failure("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'.`);
  }
  const [owner = "", name = ""] = String(repositoryNameWithOwner ?? "").split("/");
  const repository = findRepository(graph.twin, owner, name);
  if (repository === undefined || !canSee(graph.twin, graph.viewer, repository)) {
    throw failure(
      "NOT_FOUND",
      `Could not resolve to a Repository with the name '${repositoryNameWithOwner}'.`,
    );
  }
  return { repository, name: String(branchName ?? "").replace(/^refs\/heads\//, "") };
}

/** A compare-and-swap on the branch: the commit lands only on the head that the caller names. */
function createCommitOnBranch(graph: Graph, input: Arguments): Source {
  const { twin } = graph;
  const { repository, name } = branchOf(graph, input["branch"]);
  const writer = requireWrite(graph, repository, "contents:write");
  const head = headOf(repository, name);
  if (head === undefined) throw failure("NOT_FOUND", `No branch named "${name}" was found in the repository`);
  if (head !== input["expectedHeadOid"]) {
    throw failure(
      "STALE_DATA",
      `Expected branch to point to "${input["expectedHeadOid"]}" but it did not. Pull and try again.`,
    );
  }
  const tree = changedTree(repository, head, input["fileChanges"] ?? {});
  const { headline, body } = input["message"];
  const message = body == null || body === "" ? String(headline) : `${headline}\n\n${body}`;
  const sha = commitForAccount(twin, repository, { tree, parents: [head], message, account: writer.account });
  requireWorkflows(repository, writer, sha);
  updateRef(twin, repository, { ref: `refs/heads/${name}`, after: sha, force: false }, writer);
  const commit = repository.objects.commits.get(sha);
  return {
    commit: () => (commit === undefined ? null : showCommit(graph, repository, commit)),
    ref: () => showRef(graph, repository, `refs/heads/${name}`),
  };
}

function changedTree(repository: Repository, head: string, fileChanges: Arguments): string {
  const { objects } = repository;
  const before = treeOf(objects, head);
  const changes = new Map<string, Change>();
  for (const { path } of fileChanges["deletions"] ?? []) {
    if (before === undefined || entryAt(objects, before, path) === undefined) {
      throw failure(
        "UNPROCESSABLE",
        `A path was requested for deletion which does not exist as of commit oid "${head}"`,
      );
    }
    changes.set(path, null);
  }
  for (const { path, contents } of fileChanges["additions"] ?? []) {
    if (/^\/|\/$|(^|\/)(\.|\.\.|\.git)?(\/|$)/.test(path) || path === "") {
      throw failure("UNPROCESSABLE", `path ${path} is invalid`);
    }
    changes.set(path, { sha: writeBlob(objects, Buffer.from(contents, "base64")), mode: "100644" });
  }
  return applyChanges(objects, before, changes);
}

function commentOf(graph: Graph, id: string): Comment {
  const node = graph.twin.state.nodes.get(id);
  if (node?.type === "comment" && canSee(graph.twin, graph.viewer, node.value.issue.repository))
    return node.value;
  if (node?.type === "review") throw unimplemented("minimizeComment of a review");
  throw failure("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'.`);
}

function minimize(graph: Graph, input: Arguments, classifier: string | null): Source {
  const comment = commentOf(graph, String(input["subjectId"]));
  requireCommentWrite(graph.twin, comment, requireWriter(graph.viewer));
  comment.minimized = classifier;
  const shown = showComment(graph, comment);
  return classifier === null ? { unminimizedComment: shown } : { minimizedComment: shown };
}

function transfer(graph: Graph, input: Arguments): Source {
  const { nodes } = graph.twin.state;
  const issue = nodes.get(String(input["issueId"]));
  const target = nodes.get(String(input["repositoryId"]));
  if (issue?.type !== "issue" || target?.type !== "repository")
    throw failure("NOT_FOUND", "Could not resolve to a node.");
  const writer = requireWrite(graph, issue.value.repository, "issues:write");
  requireWrite(graph, target.value, "issues:write");
  const moved: Issue = transferIssue(graph.twin, issue.value, target.value, writer);
  return { issue: () => showIssue(graph, moved) };
}
