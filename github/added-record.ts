// Whether a commit does nothing but add one record, judged by git's own objects: a pull request's list of files is not pinned to a head.

import type { CommitReading, TreeEntry, TreeReading } from "./reading.ts";

const folderMode = 0o040000;
const fileMode = 0o100644;

/** Undefined: it does. Otherwise what it does instead, to follow "it". */
export function otherThanAdding(name: string, commit: CommitReading): string | undefined {
  const [parent, ...others] = commit.parents;
  if (parent === undefined || others.length > 0)
    return `has a commit with ${commit.parents.length} parents: expected one`;
  const elsewhere = changes(withoutApproved(parent.root), withoutApproved(commit.tree.root));
  if (elsewhere.length > 0) return `changes \`${elsewhere[0]}\`, which is not in \`approved/\``;
  if (!isFolder(commit.tree)) return "makes `approved` something else than a folder";
  const changed = changes(parent.approved, commit.tree.approved);
  if (changed.length !== 1 || changed[0] !== name)
    return `changes ${changed.length} files in \`approved/\`: expected one, \`${name}\`, added`;
  if (parent.approved.some((each) => each.name === name)) return `replaces \`approved/${name}\``;
  const added = commit.tree.approved.find((each) => each.name === name);
  return added?.mode === fileMode
    ? undefined
    : `adds \`approved/${name}\` as something else than a regular file`;
}

const withoutApproved = (entries: readonly TreeEntry[]) => entries.filter(({ name }) => name !== "approved");

const isFolder = ({ root }: TreeReading): boolean =>
  root.some(({ name, mode }) => name === "approved" && mode === folderMode);

/** Names that are not the same, object for object and mode for mode, in both. */
function changes(before: readonly TreeEntry[], after: readonly TreeEntry[]): readonly string[] {
  const key = ({ name, mode, oid }: TreeEntry) => `${mode} ${oid} ${name}`;
  const [old, now] = [new Set(before.map(key)), new Set(after.map(key))];
  const changed = [
    ...before.filter((entry) => !now.has(key(entry))),
    ...after.filter((entry) => !old.has(key(entry))),
  ];
  return [...new Set(changed.map(({ name }) => name))];
}
