// That what is known of the nodes is old: since when, and who looks after it.

import type { Facts } from "./facts.ts";
import type { OldInventory } from "./inventory.ts";
import type { AccountConfig } from "./law.ts";
import { code, when } from "./render-markdown.ts";

const mostPlaces = 5;

export const oldInventory = ({ oldInventory: old = [], law: { law } }: Facts): readonly string[] =>
  howOld(old, law.ok ? law.value.config.accounts : []);

export function howOld(old: readonly OldInventory[], accounts: readonly AccountConfig[]): readonly string[] {
  const lines = old.map(({ place, since }) => {
    if (place === undefined)
      return `> No run of \`inventory\` is known to have succeeded since ${when(since)}: nodes and tags are as they were then. An admin looks at the workflow \`access\`.`;
    const name = accounts.find(({ id }) => id === place.account)?.name ?? place.account;
    return `> ${code(`${name}/${place.region}`)} cannot be read since ${when(since)}: its nodes and tags are as they were before, and a new node there is not known. An admin looks at the last \`inventory\` run.`;
  });
  return lines.length > mostPlaces
    ? [...lines.slice(0, mostPlaces), "> And more accounts and Regions like these."]
    : lines;
}
