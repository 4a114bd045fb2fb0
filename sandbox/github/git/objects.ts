import { createHash } from "node:crypto";

// Git's own object model: ids are the SHA-1 that `git hash-object` gives.

export type FileMode = "100644" | "100755" | "040000" | "120000" | "160000";

export interface TreeEntry {
  mode: FileMode;
  name: string;
  sha: string;
}

export interface Signature {
  name: string;
  email: string;
  /** Milliseconds; git keeps whole seconds. */
  at: number;
}

export interface Commit {
  sha: string;
  tree: string;
  parents: string[];
  author: Signature;
  committer: Signature;
  message: string;
  /** Signed by GitHub: made through its API or web pages by the one it names as author. */
  verified: boolean;
}

/** What to do with one path: a file's content and mode, or null to delete it. */
export type Change = { sha: string; mode: FileMode } | null;

/** Objects of a repository and all its forks. */
export interface ObjectStore {
  blobs: Map<string, Uint8Array>;
  trees: Map<string, TreeEntry[]>;
  commits: Map<string, Commit>;
  flat: Map<string, Map<string, { sha: string; mode: FileMode }>>;
}

export function createObjectStore(): ObjectStore {
  return { blobs: new Map(), trees: new Map(), commits: new Map(), flat: new Map() };
}

function objectId(type: "blob" | "tree" | "commit", content: Uint8Array): string {
  return createHash("sha1").update(`${type} ${content.length}\0`).update(content).digest("hex");
}

export function writeBlob(store: ObjectStore, content: string | Uint8Array): string {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  const sha = objectId("blob", bytes);
  store.blobs.set(sha, bytes);
  return sha;
}

/** Git sorts a folder as if its name ended in a slash. */
function sortKey(entry: TreeEntry): Buffer {
  return Buffer.from(entry.mode === "040000" ? `${entry.name}/` : entry.name);
}

export function writeTree(store: ObjectStore, entries: TreeEntry[]): string {
  const sorted = [...entries].sort((a, b) => Buffer.compare(sortKey(a), sortKey(b)));
  const parts = sorted.flatMap((entry) => [
    Buffer.from(`${entry.mode.replace(/^0/, "")} ${entry.name}\0`),
    Buffer.from(entry.sha, "hex"),
  ]);
  const sha = objectId("tree", Buffer.concat(parts));
  store.trees.set(sha, sorted);
  return sha;
}

function signatureLine(signature: Signature): string {
  return `${signature.name} <${signature.email}> ${Math.floor(signature.at / 1000)} +0000`;
}

export function writeCommit(store: ObjectStore, commit: Omit<Commit, "sha">): string {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${signatureLine(commit.author)}`,
    `committer ${signatureLine(commit.committer)}`,
    "",
    commit.message,
  ];
  const sha = objectId("commit", Buffer.from(lines.join("\n")));
  store.commits.set(sha, { ...commit, sha });
  return sha;
}

/** All files (not folders) below a tree, path → blob. */
export function flatten(store: ObjectStore, tree: string): Map<string, { sha: string; mode: FileMode }> {
  const known = store.flat.get(tree);
  if (known !== undefined) return known;
  const files = new Map<string, { sha: string; mode: FileMode }>();
  for (const entry of store.trees.get(tree) ?? []) {
    if (entry.mode !== "040000") files.set(entry.name, { sha: entry.sha, mode: entry.mode });
    else for (const [path, file] of flatten(store, entry.sha)) files.set(`${entry.name}/${path}`, file);
  }
  store.flat.set(tree, files);
  return files;
}

/** A tree with some paths changed; folders that end up empty vanish. */
export function applyChanges(
  store: ObjectStore,
  tree: string | undefined,
  changes: Map<string, Change>,
): string {
  const entries = new Map((tree === undefined ? [] : (store.trees.get(tree) ?? [])).map((e) => [e.name, e]));
  const below = new Map<string, Map<string, Change>>();
  for (const [path, change] of changes) {
    const slash = path.indexOf("/");
    if (slash >= 0) {
      const folder = below.get(path.slice(0, slash)) ?? new Map<string, Change>();
      folder.set(path.slice(slash + 1), change);
      below.set(path.slice(0, slash), folder);
    } else if (change === null) entries.delete(path);
    else entries.set(path, { name: path, ...change });
  }
  for (const [name, folderChanges] of below) {
    const existing = entries.get(name);
    const folder = existing?.mode === "040000" ? existing.sha : undefined;
    const sha = applyChanges(store, folder, folderChanges);
    if ((store.trees.get(sha) ?? []).length > 0) entries.set(name, { name, mode: "040000", sha });
    else if (existing === undefined || existing.mode === "040000") entries.delete(name);
  }
  return writeTree(store, [...entries.values()]);
}

/** What stands at a path of a tree; the tree itself for the empty path. */
export function entryAt(store: ObjectStore, tree: string, path: string): TreeEntry | undefined {
  let entry: TreeEntry = { mode: "040000", name: "", sha: tree };
  for (const name of path.split("/").filter((part) => part !== "")) {
    if (entry.mode !== "040000") return undefined;
    const next = (store.trees.get(entry.sha) ?? []).find((candidate) => candidate.name === name);
    if (next === undefined) return undefined;
    entry = next;
  }
  return entry;
}

export function isBinary(content: Uint8Array): boolean {
  return content.subarray(0, 8000).includes(0);
}
