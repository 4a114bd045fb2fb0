import { atLeast, isActiveMember, organizationOf, permissionOf, teamMembership } from "./access.ts";
import type { BypassActor, Rule, Ruleset } from "./rule-state.ts";
import type { Organization, Permission, Repository } from "./state.ts";
import type { Twin, Viewer } from "./twin.ts";

// Which rulesets cover a ref, and who may bypass them.

export function isOrganization(source: Repository | Organization): source is Organization {
  return "members" in source;
}

/** Ruby's `File.fnmatch` with FNM_PATHNAME, which GitHub uses: `*` stays within a segment, a whole segment of two stars crosses them. */
export function fnmatch(pattern: string, text: string): boolean {
  let source = "";
  for (let i = 0; i < pattern.length; i++) {
    if (pattern.startsWith("**/", i) && (i === 0 || pattern[i - 1] === "/")) {
      source += "(?:[^/]+/)*";
      i += 2;
    } else if (pattern[i] === "*") {
      if (pattern[i - 1] !== "*") source += "[^/]*";
    } else if (pattern[i] === "?") source += "[^/]";
    else source += (pattern[i] ?? "").replace(/[.+^${}()|[\]\\]/g, "\\$&");
  }
  return new RegExp(`^${source}$`).test(text);
}

function coversRef(ruleset: Ruleset, repository: Repository, ref: string): boolean {
  if (!ref.startsWith(ruleset.target === "branch" ? "refs/heads/" : "refs/tags/")) return false;
  const hit = (pattern: string) =>
    pattern === "~ALL" ||
    (pattern === "~DEFAULT_BRANCH" && ref === `refs/heads/${repository.defaultBranch}`) ||
    fnmatch(pattern, ref);
  return ruleset.refs.include.some(hit) && !ruleset.refs.exclude.some(hit);
}

function coversRepository(ruleset: Ruleset, repository: Repository): boolean {
  const names = ruleset.repositoryNames;
  if (names === undefined) return true;
  const hit = (pattern: string) => pattern === "~ALL" || fnmatch(pattern, repository.name);
  return names.include.some(hit) && !names.exclude.some(hit);
}

/** The repository's own rulesets and its organization's. */
export function rulesetsOf(twin: Twin, repository: Repository): Ruleset[] {
  const inherited = organizationOf(twin, repository.owner)?.rulesets ?? [];
  return [...repository.rulesets, ...inherited.filter((ruleset) => coversRepository(ruleset, repository))];
}

/** Active rulesets that cover a ref. */
export function rulesetsFor(twin: Twin, repository: Repository, ref: string): Ruleset[] {
  return rulesetsOf(twin, repository).filter(
    (ruleset) => ruleset.enforcement === "active" && coversRef(ruleset, repository, ref),
  );
}

/** GitHub's numbers for its roles in bypass lists. */
const roleIds: Record<number, Permission> = { 1: "read", 2: "maintain", 3: "triage", 4: "write", 5: "admin" };

function isBypassActor(twin: Twin, repository: Repository, viewer: Viewer, actor: BypassActor): boolean {
  switch (actor.actor_type) {
    case "Integration":
      return viewer.kind === "installation" && viewer.app?.id === actor.actor_id;
    case "OrganizationAdmin": {
      const organization = organizationOf(twin, repository.owner);
      if (viewer.kind !== "user" || viewer.account === undefined || organization === undefined) return false;
      return (
        isActiveMember(organization, viewer.account) &&
        organization.members.get(viewer.account.id)?.role === "admin"
      );
    }
    case "RepositoryRole": {
      const role = roleIds[actor.actor_id ?? 0];
      return (
        viewer.kind === "user" &&
        role !== undefined &&
        atLeast(permissionOf(twin, viewer.account, repository), role)
      );
    }
    case "Team": {
      const team = organizationOf(twin, repository.owner)?.teams.find(
        (candidate) => candidate.id === actor.actor_id,
      );
      if (viewer.kind !== "user" || viewer.account === undefined || team === undefined) return false;
      return teamMembership(team, viewer.account)?.state === "active";
    }
    case "DeployKey":
      return false;
  }
}

/** GitHub's `current_user_can_bypass`. */
export function bypassOf(
  twin: Twin,
  repository: Repository,
  viewer: Viewer,
  ruleset: Ruleset,
): "always" | "pull_requests_only" | "never" {
  const modes = ruleset.bypassActors
    .filter((actor) => isBypassActor(twin, repository, viewer, actor))
    .map((actor) => actor.bypass_mode);
  if (modes.includes("always")) return "always";
  return modes.includes("pull_request") ? "pull_requests_only" : "never";
}

/** Rules that bind this viewer on this ref; bypass is judged ruleset by ruleset. */
export function bindingRules(
  twin: Twin,
  repository: Repository,
  viewer: Viewer,
  ref: string,
  way: "push" | "merge",
): Rule[] {
  return rulesetsFor(twin, repository, ref)
    .filter((ruleset) => {
      const bypass = bypassOf(twin, repository, viewer, ruleset);
      return bypass === "never" || (bypass === "pull_requests_only" && way === "push");
    })
    .flatMap((ruleset) => ruleset.rules);
}
