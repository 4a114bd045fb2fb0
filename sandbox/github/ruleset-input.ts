import { organizationOf } from "./access.ts";
import { type Fields, invalid, refusal } from "./http.ts";
import type { BypassActor, Rule, Ruleset, StatusCheckParameters } from "./rule-state.ts";
import { isOrganization } from "./rulesets.ts";
import type { Organization, Repository } from "./state.ts";
import type { Twin } from "./twin.ts";

// Reads a ruleset from a request body. What the twin does not enforce it does not take.

type Content = Pick<
  Ruleset,
  "name" | "target" | "enforcement" | "bypassActors" | "refs" | "repositoryNames" | "rules"
>;

/** `before`: the ruleset that a PUT changes; what the body leaves out stays. */
export function readRuleset(
  twin: Twin,
  source: Repository | Organization,
  body: Fields,
  before: Ruleset | undefined,
): Content {
  const name = body.optionalText("name") ?? before?.name;
  if (name === undefined || name === "") throw invalid("Ruleset", "name", "missing_field");
  const target = body.optionalText("target") ?? before?.target ?? "branch";
  if (target !== "branch" && target !== "tag")
    throw refusal(422, `the twin does not implement rulesets of target ${target}`);
  const enforcement = body.optionalText("enforcement") ?? before?.enforcement;
  if (enforcement !== "active" && enforcement !== "disabled" && enforcement !== "evaluate") {
    throw invalid("Ruleset", "enforcement", "invalid");
  }
  const conditions = body.object("conditions");
  const names = conditions?.object("repository_name");
  return {
    name,
    target,
    enforcement,
    bypassActors:
      body.objects("bypass_actors")?.map((actor) => readBypassActor(twin, source, actor)) ??
      before?.bypassActors ??
      [],
    refs:
      conditions === undefined
        ? (before?.refs ?? { include: [], exclude: [] })
        : readPatterns(conditions.object("ref_name")),
    repositoryNames: names === undefined ? before?.repositoryNames : readPatterns(names),
    rules: body.objects("rules")?.map(readRule) ?? before?.rules ?? [],
  };
}

function readPatterns(given: Fields | undefined): { include: string[]; exclude: string[] } {
  return { include: given?.texts("include") ?? [], exclude: given?.texts("exclude") ?? [] };
}

function readBypassActor(twin: Twin, source: Repository | Organization, given: Fields): BypassActor {
  const types: BypassActor["actor_type"][] = [
    "Integration",
    "OrganizationAdmin",
    "RepositoryRole",
    "Team",
    "DeployKey",
  ];
  const type = types.find((one) => one === given.text("actor_type"));
  if (type === undefined) throw invalid("BypassActor", "actor_type", "invalid");
  const mode = given.optionalText("bypass_mode") ?? "always";
  if (mode !== "always" && mode !== "pull_request")
    throw refusal(422, `the twin does not implement bypass mode ${mode}`);
  const id = given.number("actor_id") ?? null;
  const owner = isOrganization(source) ? source.account : source.owner;
  const known: Record<BypassActor["actor_type"], () => boolean> = {
    // the Actions app among others is no installation, and is refused
    Integration: () => twin.state.installations.some((one) => one.account === owner && one.app.id === id),
    Team: () => organizationOf(twin, owner)?.teams.some((team) => team.id === id) === true,
    RepositoryRole: () => id !== null && id >= 1 && id <= 5,
    OrganizationAdmin: () => true,
    DeployKey: () => true,
  };
  if (!known[type]())
    throw invalid(
      "Ruleset",
      "bypass_actors",
      "invalid",
      `Actor ${id} of type ${type} must be part of the ruleset source or owner organization`,
    );
  return { actor_id: id, actor_type: type, bypass_mode: mode };
}

function readRule(given: Fields): Rule {
  const type = given.text("type");
  const parameters = given.object("parameters");
  switch (type) {
    case "creation":
    case "deletion":
    case "non_fast_forward":
    case "required_linear_history":
      return { type };
    case "update": {
      const allows = parameters?.flag("update_allows_fetch_and_merge");
      return allows === undefined
        ? { type }
        : { type, parameters: { update_allows_fetch_and_merge: allows } };
    }
    case "pull_request":
      return { type, parameters: readPullRequestRule(parameters) };
    case "required_status_checks":
      return { type, parameters: readStatusCheckRule(parameters) };
    default:
      throw refusal(422, `the twin does not implement the rule ${type}`);
  }
}

function readPullRequestRule(
  given: Fields | undefined,
): Extract<Rule, { type: "pull_request" }>["parameters"] {
  const methods = (given?.texts("allowed_merge_methods") ?? ["merge", "squash", "rebase"]).map((method) => {
    if (method === "merge" || method === "squash" || method === "rebase") return method;
    throw invalid("Rule", "allowed_merge_methods", "invalid");
  });
  return {
    required_approving_review_count: given?.number("required_approving_review_count") ?? 0,
    dismiss_stale_reviews_on_push: given?.flag("dismiss_stale_reviews_on_push") ?? false,
    require_code_owner_review: given?.flag("require_code_owner_review") ?? false,
    require_last_push_approval: given?.flag("require_last_push_approval") ?? false,
    required_review_thread_resolution: given?.flag("required_review_thread_resolution") ?? false,
    allowed_merge_methods: methods,
  };
}

function readStatusCheckRule(given: Fields | undefined): StatusCheckParameters {
  return {
    strict_required_status_checks_policy: given?.flag("strict_required_status_checks_policy") ?? false,
    do_not_enforce_on_create: given?.flag("do_not_enforce_on_create") ?? false,
    required_status_checks: (given?.objects("required_status_checks") ?? []).map((check) => {
      const integration = check.number("integration_id");
      const context = check.text("context");
      return integration === undefined ? { context } : { context, integration_id: integration };
    }),
  };
}
