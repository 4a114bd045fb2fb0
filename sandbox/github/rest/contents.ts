import { commitForAccount, commitTo, headOf, resolveCommit, signatureOf, treeOf } from "../commits.ts";
import {
  applyChanges,
  type Change,
  entryAt,
  type Signature,
  type TreeEntry,
  writeBlob,
} from "../git/objects.ts";
import { type Answer, type Fields, invalid, type Json, notFound, ok, refusal } from "../http.ts";
import { updateRef } from "../refs.ts";
import { showGitCommit } from "../render/git.ts";
import { repositoryPage, repositoryUrl } from "../render/repositories.ts";
import { byWriter, onRepository, type RepositoryCall, type Route, type WriteCall } from "../router.ts";
import { requireWorkflows } from "../workflow-files.ts";
import { wrapBase64 } from "./git.ts";

/** Above this the contents API gives no content, only the raw media type does. */
const inlineLimit = 1_048_576;

function showEntry(call: RepositoryCall, entry: TreeEntry, path: string, ref: string): Json {
  const { repository, twin } = call;
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  const folder = entry.mode === "040000";
  const self = `${repositoryUrl(twin, repository)}/contents/${encoded}?ref=${encodeURIComponent(ref)}`;
  const git = `${repositoryUrl(twin, repository)}/git/${folder ? "trees" : "blobs"}/${entry.sha}`;
  const page = `${repositoryPage(twin, repository)}/${folder ? "tree" : "blob"}/${ref}/${encoded}`;
  return {
    name: entry.name,
    path,
    sha: entry.sha,
    size: repository.objects.blobs.get(entry.sha)?.length ?? 0,
    url: self,
    html_url: page,
    git_url: git,
    download_url: folder ? null : `${repositoryPage(twin, repository)}/raw/${ref}/${encoded}`,
    type: folder
      ? "dir"
      : entry.mode === "120000"
        ? "symlink"
        : entry.mode === "160000"
          ? "submodule"
          : "file",
    _links: { self, git, html: page },
  };
}

function showFile(call: RepositoryCall, entry: TreeEntry, path: string, ref: string): Json {
  const content = call.repository.objects.blobs.get(entry.sha) ?? new Uint8Array();
  const shown = showEntry(call, entry, path, ref);
  if (entry.mode === "120000") return { ...shown, target: Buffer.from(content).toString("utf8") };
  const inline = content.length <= inlineLimit;
  return {
    ...shown,
    content: inline ? wrapBase64(content) : "",
    encoding: inline ? "base64" : "none",
  };
}

function read(call: RepositoryCall): Answer {
  const path = (call.params["path"] ?? "").replace(/^\/+|\/+$/g, "");
  const ref = call.query.get("ref") ?? call.repository.defaultBranch;
  const commit = resolveCommit(call.repository, ref);
  if (commit === undefined) throw refusal(404, `No commit found for the ref ${ref}`);
  const entry = entryAt(call.repository.objects, commit.tree, path);
  if (entry === undefined) throw notFound();
  const accept = call.headers.get("accept") ?? "";
  if (entry.mode === "040000") {
    const entries = call.repository.objects.trees.get(entry.sha) ?? [];
    const prefix = path === "" ? "" : `${path}/`;
    return ok(entries.map((child) => showEntry(call, child, `${prefix}${child.name}`, ref)));
  }
  if (/\braw\b/.test(accept)) {
    const headers = { "content-type": "application/vnd.github.raw+json; charset=utf-8" };
    return { status: 200, body: call.repository.objects.blobs.get(entry.sha) ?? new Uint8Array(), headers };
  }
  return ok(showFile(call, entry, path, ref));
}

function signature(given: Fields | undefined, at: number): Signature | undefined {
  return given === undefined ? undefined : { name: given.text("name"), email: given.text("email"), at };
}

/** Creates, replaces or (content undefined) deletes one file with a commit of its own. */
function write(call: WriteCall, content: Uint8Array | undefined): Answer {
  const { body, repository, twin, writer } = call;
  const path = (call.params["path"] ?? "").replace(/^\/+/, "");
  const branch = body.optionalText("branch") ?? repository.defaultBranch;
  const head = headOf(repository, branch);
  if (head === undefined) throw refusal(404, `Branch ${branch} not found`);
  const tree = treeOf(repository.objects, head);
  const before = tree === undefined ? undefined : entryAt(repository.objects, tree, path);
  checkSha(before, body.optionalText("sha"), path, content === undefined);
  const change: Change =
    content === undefined ? null : { sha: writeBlob(repository.objects, content), mode: "100644" };
  const next = applyChanges(repository.objects, tree, new Map([[path, change]]));
  const sha = commitContents(call, next, head);
  requireWorkflows(repository, writer, sha);
  updateRef(twin, repository, { ref: `refs/heads/${branch}`, after: sha, force: false, status: 409 }, writer);
  const commit = repository.objects.commits.get(sha);
  const entry = entryAt(repository.objects, next, path);
  if (commit === undefined) throw notFound();
  return {
    status: before === undefined ? 201 : 200,
    body: {
      content: content === undefined || entry === undefined ? null : showEntry(call, entry, path, branch),
      commit: showGitCommit(twin, repository, commit),
    },
  };
}

function commitContents(call: WriteCall, tree: string, parent: string): string {
  const { body, repository, twin, writer } = call;
  const at = twin.clock.now();
  const message = body.text("message");
  const author = signature(body.object("author"), at);
  const committer = signature(body.object("committer"), at);
  if (author === undefined && committer === undefined) {
    return commitForAccount(twin, repository, { tree, parents: [parent], message, account: writer.account });
  }
  const own = signatureOf(writer.account, at);
  return commitTo(repository, {
    tree,
    parents: [parent],
    message,
    author: author ?? committer ?? own,
    committer: committer ?? author ?? own,
    verified: false,
  });
}

/** The blob that the caller means to replace; a stale one is a conflict. */
function checkSha(
  before: TreeEntry | undefined,
  given: string | undefined,
  path: string,
  deleting: boolean,
): void {
  if (before === undefined) {
    if (deleting) throw notFound();
    if (given !== undefined) throw refusal(409, `${path} does not match ${given}`);
    return;
  }
  if (before.mode === "040000") throw invalid("Contents", "path", "invalid");
  if (given === undefined) throw refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.');
  if (given !== before.sha) throw refusal(409, `${path} does not match ${given}`);
}

export const contentRoutes: Route[] = [
  onRepository("GET /contents", "contents:read", "read", read),
  onRepository("GET /contents/{path}", "contents:read", "read", read),
  byWriter("PUT /contents/{path}", "contents:write", "write", (call) =>
    write(call, Buffer.from(call.body.text("content"), "base64")),
  ),
  byWriter("DELETE /contents/{path}", "contents:write", "write", (call) => write(call, undefined)),
];
