// Looking ahead right before a grant, by asking AWS: nodes, agents, documents and roles as they are now.

import type { Aws } from "../aws/clients.ts";
import { AwsError } from "../aws/errors.ts";
import { inspectPlace } from "../aws/preflight.ts";
import type { Facts } from "../core/facts.ts";
import { mendedByTheWorld, type PlaceToGrant, preflight } from "../core/preflight.ts";
import { type Problem, problem, refused } from "../core/problem.ts";
import type { GatherDeps } from "./gather.ts";
import type { LoadedLaw } from "./law.ts";
import { lookLive } from "./live.ts";
import { placeOf } from "./places.ts";
import { placesToGrant, type Wanted } from "./preflight.ts";

/**
 * The facts as AWS shows them. What the world can mend makes them *broken*: nothing moves, the reason is shown, and a later run looks again. An approved request
 * is never failed because an agent is restarting.
 */
export async function lookReady(
  deps: Pick<GatherDeps, "engine"> & { readonly aws: Aws },
  law: LoadedLaw,
  seen: Facts,
): Promise<Facts> {
  if (!seen.asked.ok || seen.nodes?.ok !== true) return seen;
  const wanted: Omit<Wanted, "nodes"> = {
    config: law.config,
    request: seen.asked.value,
    repository: seen.repository.id,
    number: seen.subject.number,
    now: seen.now,
  };
  const dropped = droppedPlaces({ ...wanted, nodes: seen.nodes.value });
  if (dropped.length > 0) return heldBack(seen, dropped);
  try {
    const facts = await lookLive(deps, law, seen);
    if (facts.nodes?.ok !== true || facts.answers?.ok !== true) return facts;
    const problems = await askAws(deps.aws, { ...wanted, nodes: facts.nodes.value });
    return heldBack(facts, problems.filter(mendedByTheWorld));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return heldBack(seen, [problem("fact.unavailable", error.said)]);
  }
}

function heldBack(facts: Facts, problems: readonly Problem[]): Facts {
  const [first, ...others] = problems;
  return first === undefined ? facts : { ...facts, answers: refused(first, ...others) };
}

/** Places that the config has dropped cannot even be asked. */
const droppedPlaces = (wanted: Wanted): readonly Problem[] =>
  preflight(
    placesToGrant(wanted).filter(({ configured }) => configured === undefined),
    "live",
  );

async function askAws(aws: Aws, wanted: Wanted): Promise<readonly Problem[]> {
  const places = await Promise.all(
    placesToGrant(wanted).map(async (place): Promise<PlaceToGrant> => {
      const documents = place.configured?.documents ?? [];
      const at = placeOf(wanted.config, place);
      const report = await inspectPlace(aws, { ...at, documents, repository: wanted.repository });
      return { ...place, report };
    }),
  );
  return preflight(places, "live");
}
