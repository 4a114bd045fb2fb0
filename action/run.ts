// One run of the workflow, from inputs to exit code. Everything it believes it reads through GitHub's API and AWS; its inputs are a command and a number.

import type { RequestHandler } from "../aws/clients.ts";
import { inlineEngine, type PolicyEngine } from "../cedar/engine.ts";
import { formatInstant, type Sha } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import type { Parsed, Problem } from "../core/problem.ts";
import type { Clock } from "../flow/clock.ts";
import type { PowerDeps } from "../flow/grant.ts";
import { createLawStore, type LoadedLaw } from "../flow/law.ts";
import { appIdentity } from "../github/app-tokens.ts";
import { createClient } from "../github/client.ts";
import type { Fetch } from "../github/exchange.ts";
import { readStart } from "../github/read-start.ts";
import { startWorkflow } from "../github/runs.ts";
import type { ActionInputs } from "./inputs.ts";
import { type Trouble, troubleAt } from "./trouble.ts";

export interface ActionWorld {
  readonly clock: Clock;
  readonly fetch?: Fetch;
  /** Takes the place of AWS's network, in tests. */
  readonly awsHandler?: RequestHandler;
  /** Takes the place of an engine of the run's own, in tests. */
  readonly engine?: PolicyEngine;
  /** The job's OIDC token for an audience. */
  readonly oidcToken: (audience: string) => Promise<string>;
  /** The commit that the run's pull request proposes, if it runs for one. */
  readonly proposedCommit: () => Promise<Sha | undefined>;
  /** One line of the run's log. */
  readonly say: (line: string) => void;
}

/** What a run leaves behind for the workflow: outputs of `action.yml`, and whether it failed. */
export interface ActionResult {
  readonly state: string;
  readonly until: string;
  /** Not empty: the run fails with these. */
  readonly problems: readonly Trouble[];
}

const result = (state: string, more: Partial<ActionResult> = {}): ActionResult => ({
  state,
  until: "",
  problems: [],
  ...more,
});

export async function runAction(inputs: ActionInputs, world: ActionWorld): Promise<ActionResult> {
  const { deps, head } = await connect(inputs, world);
  // ATTACK: any writer can re-run a run for 30 days, with the workflow, the action and the policies of its commit
  if (inputs.command !== "check" && (inputs.attempt > 1 || inputs.sha !== head)) {
    world.say(
      "this run is a re-run, or of a commit that is not the default branch's head; starting a new one",
    );
    await startWorkflow(deps.client, {
      command: inputs.command,
      branch: deps.defaultBranch,
      ...requestOf(inputs),
    });
    return result("dispatched");
  }
  const commit = inputs.command === "check" ? await world.proposedCommit() : undefined;
  return perform(inputs, deps, commit ?? head);
}

async function perform(inputs: ActionInputs, deps: PowerDeps, commit: Sha): Promise<ActionResult> {
  const { command, request } = inputs;
  if (request !== undefined) {
    switch (command) {
      case "grant":
        return granted(await (await import("../flow/grant.ts")).grant(deps, request));
      case "end":
        return ended(await (await import("../flow/end.ts")).end(deps, request));
      default:
        return reconciled(await (await import("../flow/reconcile.ts")).reconcileAll(deps, request));
    }
  }
  if (command === "check") return checked(deps, await deps.laws.at(commit));
  const config = await deps.laws.config(commit);
  if (!config.ok) return result("broken", { problems: troubles(config.problems) });
  return command === "inventory" ? inventoried(deps, config.value) : swept(deps, config.value);
}

function checked(deps: PowerDeps, law: Parsed<LoadedLaw>): ActionResult {
  if (!law.ok) return result("broken", { problems: troubles(law.problems) });
  const { policies, rules } = law.value;
  deps.say(
    `policies, rules, people and config load: ${policies.policies.length} policies, ${rules.length} rules`,
  );
  return result("checked");
}

async function inventoried(deps: PowerDeps, config: Config): Promise<ActionResult> {
  const { inventory } = await import("../flow/inventory.ts");
  const done = await inventory(deps, config);
  deps.say(`${done.places.length} places read, ${done.changed.length} changed`);
  return result("inventoried", { problems: troubles(done.problems) });
}

async function swept(deps: PowerDeps, config: Config): Promise<ActionResult> {
  const { sweep } = await import("../flow/sweep.ts");
  const done = await sweep(deps, config);
  deps.say(`${done.ended.length} grants ended, ${done.orphans.length} orphans`);
  return result("swept", { problems: troubles(done.problems) });
}

function granted(done: Awaited<ReturnType<typeof import("../flow/grant.ts").grant>>): ActionResult {
  switch (done.did) {
    case "granted":
    case "resumed":
      return result("active", { until: formatInstant(done.until) });
    case "nothing":
      return result(done.why);
    case "refused":
      return result("refused", { problems: troubles(done.problems) });
    case "failed":
      return result("failed", { problems: [{ message: done.why }] });
  }
}

function ended(done: Awaited<ReturnType<typeof import("../flow/end.ts").end>>): ActionResult {
  switch (done.did) {
    case "ended":
      return result(done.record.ended.how);
    case "nothing":
      return result(done.why);
    case "refused":
      return result("refused", { problems: troubles(done.problems) });
  }
}

const reconciled = (
  settled: Awaited<ReturnType<typeof import("../flow/reconcile.ts").reconcileAll>>,
): ActionResult => result(settled === undefined ? "no access request" : settled.verdict.state);

async function connect(
  inputs: ActionInputs,
  world: ActionWorld,
): Promise<{ readonly deps: PowerDeps; readonly head: Sha }> {
  const { owner, repo, appId, privateKey, apiUrl, run, repositoryId } = inputs;
  const wire = {
    owner,
    repo,
    baseUrl: apiUrl,
    clock: world.clock,
    ...(world.fetch === undefined ? {} : { fetch: world.fetch }),
  };
  const app = appIdentity({ ...wire, appId, privateKey });
  const client = createClient({ ...wire, token: app.token });
  const { branch: defaultBranch, sha: head, viewer } = await readStart(client);
  const engine = world.engine ?? inlineEngine();
  const { createAws } = await import("../aws/clients.ts");
  const aws = createAws({
    oidcToken: world.oidcToken,
    clock: world.clock,
    actor: `hallpass-${run}`,
    ...(world.awsHandler === undefined ? {} : { handler: world.awsHandler }),
  });
  const deps: PowerDeps = {
    client,
    us: await app.usAs(viewer),
    engine,
    laws: createLawStore({ client, engine }),
    clock: world.clock,
    aws,
    run,
    repositoryId,
    defaultBranch,
    say: world.say,
  };
  return { deps, head };
}

const requestOf = ({ request }: ActionInputs) => (request === undefined ? {} : { request });

const troubles = (problems: readonly Problem[]): readonly Trouble[] =>
  problems.map((each) => troubleAt(each));
