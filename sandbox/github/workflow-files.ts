import { refusal } from "./http.ts";
import type { Repository } from "./state.ts";
import type { Writer } from "./twin.ts";

/** Without `workflows: write` no App puts a commit on a branch that brings workflow files the repository does not have. */
export function requireWorkflows(repository: Repository, writer: Writer, commit: string): void {
  const { permissions } = writer;
  if (permissions === undefined || permissions["workflows"] === "write") return;
  const { objects, refs } = repository;
  const folder = (tree: string | undefined): string | undefined => {
    const github = objects.trees.get(tree ?? "")?.find((entry) => entry.name === ".github");
    return objects.trees.get(github?.sha ?? "")?.find((entry) => entry.name === "workflows")?.sha;
  };
  const wanted = folder(objects.commits.get(commit)?.tree);
  if (wanted === undefined) return;
  const known = [...refs.values()].some((sha) => folder(objects.commits.get(sha)?.tree) === wanted);
  if (!known) throw refusal(403, "Resource not accessible by integration");
}
