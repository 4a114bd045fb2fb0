import { allowed, findAccount, grants } from "../access.ts";
import { type Answer, created, invalid, type Json, noContent, notFound, ok } from "../http.ts";
import { showBranchRule, showRuleset, showRulesetShort } from "../render/rulesets.ts";
import {
  byWriter,
  type Call,
  listed,
  onRepository,
  type RepositoryCall,
  type Route,
  route,
  type WriteCall,
} from "../router.ts";
import type { Ruleset } from "../rule-state.ts";
import { readRuleset } from "../ruleset-input.ts";
import { rulesetsFor, rulesetsOf } from "../rulesets.ts";
import type { Organization, Repository } from "../state.ts";
import type { Twin } from "../twin.ts";

const manage = "administration:write";

function createRuleset(twin: Twin, source: Repository | Organization, call: Call): Ruleset {
  const id = twin.ids.number();
  const now = twin.clock.now();
  const content = readRuleset(twin, source, call.body, undefined);
  if (source.rulesets.some((other) => other.name === content.name)) {
    throw invalid("Ruleset", "name", "already_exists", "Name must be unique");
  }
  const nodeId = twin.ids.node("RRS", id);
  const ruleset: Ruleset = { id, nodeId, source, ...content, createdAt: now, updatedAt: now };
  source.rulesets.push(ruleset);
  return ruleset;
}

function announce(call: WriteCall, ruleset: Ruleset, action: string, extra: Json = {}): void {
  const { twin, repository, writer } = call;
  const shown = showRuleset(twin, ruleset, { repository: undefined, viewer: writer, admin: true });
  const payload = { repository_ruleset: shown, ...extra };
  twin.emit({ name: "repository_ruleset", action, repository, sender: writer, payload });
}

function show(call: RepositoryCall, ruleset: Ruleset): Json {
  const { twin, repository, viewer } = call;
  const admin = allowed(twin, viewer, repository, { app: [{ administration: "write" }], user: "admin" });
  return showRuleset(twin, ruleset, { repository, viewer, admin });
}

/** `own`: of the repository itself, not inherited from its organization. */
function theRuleset(call: RepositoryCall, own: boolean): Ruleset {
  const all = own ? call.repository.rulesets : rulesetsOf(call.twin, call.repository);
  const found = all.find((ruleset) => ruleset.id === Number(call.params["ruleset_id"]));
  if (found === undefined) throw notFound();
  return found;
}

function update(call: WriteCall): Answer {
  const ruleset = theRuleset(call, true);
  const content = readRuleset(call.twin, call.repository, call.body, ruleset);
  const before = ruleset.name;
  Object.assign(ruleset, content, { updatedAt: call.twin.clock.now() });
  announce(call, ruleset, "edited", before === ruleset.name ? {} : { changes: { name: { from: before } } });
  return ok(show(call, ruleset));
}

function list(call: RepositoryCall): Answer {
  const parents = call.query.get("includes_parents") !== "false";
  const all = parents ? rulesetsOf(call.twin, call.repository) : call.repository.rulesets;
  return listed(call, all, (ruleset) => showRulesetShort(call.twin, ruleset));
}

function branchRules(call: RepositoryCall): Answer {
  const ref = `refs/heads/${call.params["branch"] ?? ""}`;
  const rules = rulesetsFor(call.twin, call.repository, ref).flatMap((ruleset) =>
    ruleset.rules.map((rule) => showBranchRule(ruleset, rule)),
  );
  return listed(call, rules, (rule) => rule);
}

/** The organization, for its owners and Apps that administer it. */
function ownOrganization(call: Call): Organization {
  const account = findAccount(call.twin, call.params["org"] ?? "");
  const organization = account === undefined ? undefined : call.twin.state.organizations.get(account.id);
  if (organization === undefined) throw notFound();
  const { viewer } = call;
  const owner = viewer.kind === "user" && organization.members.get(viewer.account?.id ?? 0)?.role === "admin";
  const app =
    viewer.installation?.account === account &&
    grants(viewer.permissions ?? {}, [{ organization_administration: "write" }]);
  if (!owner && !app) throw notFound();
  return organization;
}

function organizationRuleset(call: Call): Ruleset {
  const found = ownOrganization(call).rulesets.find(
    (ruleset) => ruleset.id === Number(call.params["ruleset_id"]),
  );
  if (found === undefined) throw notFound();
  return found;
}

function showOwn(call: Call, ruleset: Ruleset): Json {
  return showRuleset(call.twin, ruleset, { repository: undefined, viewer: call.viewer, admin: true });
}

export const rulesetRoutes: Route[] = [
  onRepository("GET /rulesets", "metadata:read", "read", list),
  byWriter("POST /rulesets", manage, "admin", (call) => {
    const ruleset = createRuleset(call.twin, call.repository, call);
    announce(call, ruleset, "created");
    return created(show(call, ruleset));
  }),
  onRepository("GET /rulesets/{ruleset_id}", "metadata:read", "read", (call) =>
    ok(show(call, theRuleset(call, false))),
  ),
  byWriter("PUT /rulesets/{ruleset_id}", manage, "admin", update),
  byWriter("DELETE /rulesets/{ruleset_id}", manage, "admin", (call) => {
    const ruleset = theRuleset(call, true);
    call.repository.rulesets = call.repository.rulesets.filter((other) => other !== ruleset);
    announce(call, ruleset, "deleted");
    return noContent;
  }),
  onRepository("GET /rules/branches/{branch}", "metadata:read", "read", branchRules),
  route("GET /orgs/{org}/rulesets", (call) =>
    listed(call, ownOrganization(call).rulesets, (ruleset) => showRulesetShort(call.twin, ruleset)),
  ),
  route("POST /orgs/{org}/rulesets", (call) => {
    const organization = ownOrganization(call);
    return created(showOwn(call, createRuleset(call.twin, organization, call)));
  }),
  route("GET /orgs/{org}/rulesets/{ruleset_id}", (call) => ok(showOwn(call, organizationRuleset(call)))),
  route("PUT /orgs/{org}/rulesets/{ruleset_id}", (call) => {
    const ruleset = organizationRuleset(call);
    Object.assign(ruleset, readRuleset(call.twin, ruleset.source, call.body, ruleset), {
      updatedAt: call.twin.clock.now(),
    });
    return ok(showOwn(call, ruleset));
  }),
  route("DELETE /orgs/{org}/rulesets/{ruleset_id}", (call) => {
    const ruleset = organizationRuleset(call);
    const { rulesets } = ruleset.source;
    rulesets.splice(rulesets.indexOf(ruleset), 1);
    return noContent;
  }),
];
