// A place is one account and Region: what an AWS client, a schedule and a set of credentials are of.

import type { CallTarget } from "../aws/clients.ts";
import type { AccountId, Region } from "../core/ids.ts";
import type { AccountConfig, Config } from "../core/law.ts";

export interface PlaceId {
  readonly account: AccountId;
  readonly region: Region;
}

/** Nodes by the place they are in, in a stable order. */
export function byPlace<N extends PlaceId>(
  nodes: readonly N[],
): readonly { readonly place: PlaceId; readonly nodes: readonly N[] }[] {
  const places = new Map<string, { place: PlaceId; nodes: N[] }>();
  for (const node of nodes) {
    const key = `${node.account}/${node.region}`;
    const there = places.get(key);
    if (there === undefined)
      places.set(key, { place: { account: node.account, region: node.region }, nodes: [node] });
    else there.nodes.push(node);
  }
  return [...places.values()];
}

/** Every place of the config. */
export const allPlaces = (config: Config): readonly CallTarget[] =>
  config.accounts.flatMap((account) => account.regions.map((region) => ({ account, region })));

/** A configured account. Throws when the config has dropped it: an admin has to put it back for as long as something is open there. */
export function accountOf(config: Config, account: AccountId): AccountConfig {
  const configured = config.accounts.find(({ id }) => id === account);
  if (configured === undefined)
    throw new Error(
      `account ${account} is not in .github/hallpass.yml any more; put it back, and take it out when nothing is open there`,
    );
  return configured;
}

export const placeOf = (config: Config, { account, region }: PlaceId): CallTarget => ({
  account: accountOf(config, account),
  region,
});
