// From a verified webhook to the looks that it asks for. What it says is not believed: it only says where to look again.

import { affectedBy, type EventPayload, subscribedEvents } from "./events.ts";
import type { Log } from "./log.ts";
import { messageOf, type Repositories, type RepositoryId } from "./repositories.ts";

export const webhooksPath = "/api/github/webhooks";

export interface Delivery {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
}

export interface ReactDeps {
  readonly repositories: Repositories;
  readonly log: Log;
}

/** Resolves when what it asks for has been looked at. Never rejects: everything unsettled is looked at again on the timer. */
export async function react(delivery: Delivery, deps: ReactDeps): Promise<void> {
  try {
    const concerned = repositoriesOf(delivery.payload, deps.repositories);
    await Promise.all(concerned.map((repository) => lookAs(delivery, repository, deps)));
  } catch (error) {
    deps.log("error", "webhook", { ...idOf(delivery), error: messageOf(error) });
  }
}

/** The signature does not cover headers, so only what has the form of an id is one. */
const idOf = ({ id }: Delivery): { readonly delivery?: string } =>
  /^[0-9a-f-]{36}$/i.test(id) ? { delivery: id } : {};

/** INVARIANT: a name in a log or a metric is one of ours, not anybody's text. */
export const isSubscribed = (name: string): boolean => subscribedEvents.some((each) => each === name);

async function lookAs(
  delivery: Delivery,
  repository: RepositoryId,
  { repositories, log }: ReactDeps,
): Promise<void> {
  const { name, payload } = delivery;
  const affected = affectedBy(name, payload as EventPayload, await repositories.botId(repository));
  if (affected === "nothing") return;
  const id = idOf(delivery);
  // INVARIANT: GitHub has answered for this name, and the event is one of ours: neither is anybody's text
  const fields = { repository: `${repository.owner}/${repository.name}`, event: name, ...id };
  log("info", "webhook", affected === "all" ? fields : { ...fields, request: affected.request });
  await (affected === "all"
    ? repositories.lookAtAll(repository, id.delivery)
    : repositories.look(repository, affected.request, id.delivery));
}

/** The one that the event names; what happens to a whole organization, to its teams above all, concerns all that we know of there. */
export function repositoriesOf(
  payload: unknown,
  { known }: Pick<Repositories, "known">,
): readonly RepositoryId[] {
  const { repository, installation } = payload as {
    readonly repository?: { readonly name?: string; readonly owner?: { readonly login?: string } };
    readonly installation?: { readonly id?: number };
  };
  const id = installation?.id;
  if (id === undefined) return [];
  if (repository === undefined) return known().filter(({ installation: of }) => of === id);
  const owner = repository.owner?.login;
  const { name } = repository;
  return owner === undefined || name === undefined ? [] : [{ owner, name, installation: id }];
}
