import { timestamp } from "../clock.ts";
import type { Json } from "../http.ts";
import type { Rule, Ruleset } from "../rule-state.ts";
import { bypassOf, isOrganization } from "../rulesets.ts";
import type { Repository } from "../state.ts";
import type { Twin, Viewer } from "../twin.ts";
import { repositoryPage, repositoryUrl } from "./repositories.ts";

function sourceOf(ruleset: Ruleset): { source_type: string; source: string } {
  const { source } = ruleset;
  if (isOrganization(source)) return { source_type: "Organization", source: source.account.login };
  return { source_type: "Repository", source: `${source.owner.login}/${source.name}` };
}

/** `repository-ruleset` as lists have it. */
export function showRulesetShort(twin: Twin, ruleset: Ruleset): Json {
  const { source } = ruleset;
  const links = isOrganization(source)
    ? {
        self: { href: `${twin.url}/orgs/${source.account.login}/rulesets/${ruleset.id}` },
        html: { href: `${twin.url}/organizations/${source.account.login}/settings/rules/${ruleset.id}` },
      }
    : {
        self: { href: `${repositoryUrl(twin, source)}/rulesets/${ruleset.id}` },
        html: { href: `${repositoryPage(twin, source)}/rules/${ruleset.id}` },
      };
  return {
    id: ruleset.id,
    name: ruleset.name,
    target: ruleset.target,
    ...sourceOf(ruleset),
    enforcement: ruleset.enforcement,
    node_id: ruleset.nodeId,
    _links: links,
    created_at: timestamp(ruleset.createdAt),
    updated_at: timestamp(ruleset.updatedAt),
  };
}

/** The whole of it. Who may bypass is for those alone who may change the ruleset; oneself one always learns of. */
export function showRuleset(
  twin: Twin,
  ruleset: Ruleset,
  asked: { repository: Repository | undefined; viewer: Viewer; admin: boolean },
): Json {
  const { repository, viewer, admin } = asked;
  const conditions = {
    ref_name: ruleset.refs,
    ...(ruleset.repositoryNames === undefined ? {} : { repository_name: ruleset.repositoryNames }),
  };
  return {
    ...showRulesetShort(twin, ruleset),
    ...(admin ? { bypass_actors: ruleset.bypassActors } : {}),
    ...(repository === undefined
      ? {}
      : { current_user_can_bypass: bypassOf(twin, repository, viewer, ruleset) }),
    conditions,
    rules: ruleset.rules,
  };
}

/** A rule on a branch, and which ruleset it comes from. */
export function showBranchRule(ruleset: Ruleset, rule: Rule): Json {
  const { source_type, source } = sourceOf(ruleset);
  return { ...rule, ruleset_source_type: source_type, ruleset_source: source, ruleset_id: ruleset.id };
}
