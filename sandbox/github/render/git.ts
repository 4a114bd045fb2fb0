import { timestamp } from "../clock.ts";
import { accountOfAddress } from "../commits.ts";
import { diffTrees, type FileChange } from "../git/diff.ts";
import type { Commit, Signature } from "../git/objects.ts";
import type { Json } from "../http.ts";
import type { Activity, Repository } from "../state.ts";
import type { Twin } from "../twin.ts";
import { showUser } from "./accounts.ts";
import { repositoryPage, repositoryUrl } from "./repositories.ts";

export function showSignature(signature: Signature): Json {
  return { name: signature.name, email: signature.email, date: timestamp(signature.at) };
}

export function showVerification(commit: Commit): Json {
  const signed = commit.verified;
  return {
    verified: signed,
    reason: signed ? "valid" : "unsigned",
    signature: signed ? "-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n" : null,
    payload: signed ? `tree ${commit.tree}\n` : null,
    verified_at: signed ? timestamp(commit.committer.at) : null,
  };
}

function showParents(twin: Twin, repository: Repository, commit: Commit, git: string): Json[] {
  return commit.parents.map((sha) => ({
    sha,
    url: `${repositoryUrl(twin, repository)}${git}/commits/${sha}`,
    html_url: `${repositoryPage(twin, repository)}/commit/${sha}`,
  }));
}

/** `git-commit`: the bare object. */
export function showGitCommit(twin: Twin, repository: Repository, commit: Commit): Json {
  const base = repositoryUrl(twin, repository);
  return {
    sha: commit.sha,
    node_id: `C_${Buffer.from(`${repository.id}:${commit.sha}`).toString("base64url")}`,
    url: `${base}/git/commits/${commit.sha}`,
    html_url: `${repositoryPage(twin, repository)}/commit/${commit.sha}`,
    author: showSignature(commit.author),
    committer: showSignature(commit.committer),
    tree: { sha: commit.tree, url: `${base}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: showParents(twin, repository, commit, "/git"),
    verification: showVerification(commit),
  };
}

/** `commit`: with the linked accounts. */
export function showCommit(twin: Twin, repository: Repository, commit: Commit): Json {
  const base = repositoryUrl(twin, repository);
  const author = accountOfAddress(twin, commit.author.email);
  const committer = accountOfAddress(twin, commit.committer.email);
  return {
    sha: commit.sha,
    node_id: `C_${Buffer.from(`${repository.id}:${commit.sha}`).toString("base64url")}`,
    commit: {
      author: showSignature(commit.author),
      committer: showSignature(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: `${base}/git/trees/${commit.tree}` },
      url: `${base}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: showVerification(commit),
    },
    url: `${base}/commits/${commit.sha}`,
    html_url: `${repositoryPage(twin, repository)}/commit/${commit.sha}`,
    comments_url: `${base}/commits/${commit.sha}/comments`,
    author: author === undefined ? null : showUser(twin, author),
    committer: committer === undefined ? null : showUser(twin, committer),
    parents: showParents(twin, repository, commit, ""),
  };
}

/** `commit` of the single-commit endpoint: with its files. */
export function showCommitWithFiles(twin: Twin, repository: Repository, commit: Commit): Json {
  const parent = repository.objects.commits.get(commit.parents[0] ?? "")?.tree;
  const files = diffTrees(repository.objects, parent, commit.tree);
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return {
    ...showCommit(twin, repository, commit),
    stats: { additions, deletions, total: additions + deletions },
    files: files.slice(0, 300).map((file) => showFile(twin, repository, file, commit.sha)),
  };
}

/** `diff-entry`. */
export function showFile(twin: Twin, repository: Repository, file: FileChange, sha: string): Json {
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${repositoryPage(twin, repository)}/blob/${sha}/${path}`,
    raw_url: `${repositoryPage(twin, repository)}/raw/${sha}/${path}`,
    contents_url: `${repositoryUrl(twin, repository)}/contents/${path}?ref=${sha}`,
    ...(file.patch === undefined || file.patch === "" ? {} : { patch: file.patch }),
    ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
  };
}

/** `git-ref`. */
export function showRef(twin: Twin, repository: Repository, ref: string, sha: string): Json {
  const base = repositoryUrl(twin, repository);
  return {
    ref,
    node_id: `REF_${Buffer.from(`${repository.id}:${ref}`).toString("base64url")}`,
    url: `${base}/git/${ref}`,
    object: { sha, type: "commit", url: `${base}/git/commits/${sha}` },
  };
}

/** A commit as the `push` webhook has it. */
export function showPushedCommit(twin: Twin, repository: Repository, commit: Commit): Json {
  const parent = repository.objects.commits.get(commit.parents[0] ?? "")?.tree;
  const files = diffTrees(repository.objects, parent, commit.tree);
  const paths = (status: string) => files.filter((file) => file.status === status).map((file) => file.path);
  const person = (signature: Signature) => {
    const account = accountOfAddress(twin, signature.email);
    return {
      name: signature.name,
      email: signature.email,
      date: timestamp(signature.at),
      ...(account === undefined ? {} : { username: account.login }),
    };
  };
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: timestamp(commit.committer.at),
    url: `${repositoryPage(twin, repository)}/commit/${commit.sha}`,
    author: person(commit.author),
    committer: person(commit.committer),
    added: [...paths("added"), ...paths("renamed")],
    removed: paths("removed"),
    modified: paths("modified"),
  };
}

/** `activity`. */
export function showActivity(twin: Twin, activity: Activity): Json {
  return {
    id: activity.id,
    node_id: activity.nodeId,
    before: activity.before,
    after: activity.after,
    ref: activity.ref,
    timestamp: timestamp(activity.at),
    activity_type: activity.type,
    actor: showUser(twin, activity.actor),
  };
}
