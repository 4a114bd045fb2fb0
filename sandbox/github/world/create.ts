import type { Twin } from "../twin.ts";
import type { World } from "../world.ts";
import { gitParts, issueParts } from "./content.ts";
import { createLookup } from "./lookup.ts";
import { peopleParts, teamParts } from "./people.ts";
import { appParts, repositoryParts } from "./places.ts";
import { createSettings } from "./settings.ts";

export function createWorld(twin: Twin): World {
  const lookup = createLookup(twin);
  return {
    ...peopleParts(twin, lookup),
    ...teamParts(twin, lookup),
    ...repositoryParts(twin, lookup),
    ...appParts(twin, lookup),
    ...gitParts(twin, lookup),
    ...issueParts(twin, lookup),
    ...createSettings(twin, lookup),
  };
}
