import type { ActionsWorld, RepoRef } from "../actions-port.ts";
import { filesAt } from "./action-source.ts";
import type { Workspace } from "./workspace.ts";

// `actions/checkout`, the part that matters: a commit's files in the workspace, and the token left beside them.

export interface CheckoutFacts {
  world: ActionsWorld;
  repo: RepoRef;
  /** GITHUB_SHA. */
  sha: string;
  token: string;
  /** Whether GITHUB_TOKEN reads contents. */
  readsContents: boolean;
  inputs: Record<string, string>;
  workspace: Workspace;
}

export function isCheckout(uses: string): boolean {
  return /^actions\/checkout@.+$/.test(uses);
}

/** What it says in the log; throws what `git` would fail with. */
export function checkout(facts: CheckoutFacts): string {
  const { world, repo, inputs, workspace } = facts;
  const source = inputs["repository"] ? world.repository(inputs["repository"]) : repo;
  const own = source?.id === repo.id;
  const token = inputs["token"] || facts.token;
  const readable = source?.visibility === "public" || token !== facts.token || (own && facts.readsContents);
  if (!source || !readable) throw new Error("remote: Repository not found.");

  const asked = inputs["ref"] ?? "";
  const sha = asked === "" && own ? facts.sha : commitOf(world, source, asked);
  if (!sha) throw new Error(`couldn't find remote ref ${asked}`);
  const prefix = inputs["path"] ? `${inputs["path"].replace(/\/$/, "")}/` : "";
  for (const [path, bytes] of filesAt(world, source, sha)) workspace.put(`${prefix}${path}`, bytes);
  workspace.put(`${prefix}.git/HEAD`, Buffer.from(`${sha}\n`));
  workspace.put(`${prefix}.git/config`, Buffer.from(gitConfig(inputs["persist-credentials"], token)));
  return `HEAD is now at ${sha.slice(0, 7)}`;
}

function commitOf(world: ActionsWorld, repo: RepoRef, asked: string): string | undefined {
  if (asked === "") return world.defaultBranch(repo).sha;
  if (/^[0-9a-f]{40}$/.test(asked)) return asked;
  return world.resolveRef(repo, asked)?.sha;
}

// Unless told otherwise, the token stays in the workspace, where every later step can read it.
function gitConfig(persist: string | undefined, token: string): string {
  const config = "[core]\n\tbare = false\n";
  if (persist === "false") return config;
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  return `${config}[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic ${basic}\n`;
}
