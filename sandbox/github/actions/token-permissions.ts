import type { RepoRef, TokenAccess } from "../actions-port.ts";
import type { Permissions } from "./workflow-file.ts";

// What GITHUB_TOKEN may do in a job, and whether the job may ask for OIDC tokens.

/** The names a workflow file may use. */
export const PERMISSION_NAMES = [
  "actions",
  "artifact-metadata",
  "attestations",
  "checks",
  "code-quality",
  "contents",
  "copilot-requests",
  "deployments",
  "discussions",
  "drives",
  "id-token",
  "issues",
  "models",
  "packages",
  "pages",
  "pull-requests",
  "repository-projects",
  "security-events",
  "statuses",
  "vulnerability-alerts",
] as const;

export interface JobRights {
  /** By the names installation tokens use: `pull_requests`. What is not here is `none`. */
  token: Record<string, TokenAccess>;
  idToken: boolean;
}

/** A job's `permissions` replace the workflow's; either, once written, sets all it does not name to none. */
export function jobRights(
  repo: RepoRef,
  ofWorkflow: Permissions | undefined,
  ofJob: Permissions | undefined,
  untrusted: boolean,
): JobRights {
  const said = ofJob ?? ofWorkflow;
  const asked = said === undefined ? unsaid(repo) : expand(said);
  const token: Record<string, TokenAccess> = { metadata: "read" };
  for (const [name, access] of Object.entries(asked)) {
    if (name === "id-token" || access === "none") continue;
    token[name.replaceAll("-", "_")] = untrusted ? "read" : access;
  }
  return { token, idToken: asked["id-token"] === "write" && !untrusted };
}

function unsaid(repo: RepoRef): Record<string, TokenAccess> {
  if (repo.defaultTokenAccess === "write") return all("write");
  return { contents: "read", packages: "read" };
}

function expand(said: Permissions): Record<string, TokenAccess> {
  if (said === "read-all") return all("read");
  if (said === "write-all") return { ...all("write"), "id-token": "write" };
  return said;
}

function all(access: TokenAccess): Record<string, TokenAccess> {
  const names = PERMISSION_NAMES.filter((name) => name !== "id-token");
  return Object.fromEntries(names.map((name) => [name, access]));
}
