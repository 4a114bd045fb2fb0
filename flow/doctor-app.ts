// The App: what it may do, what it hears of, and whether its webhooks arrive.

import {
  type Delivery,
  readDeliveries,
  readInstallation,
  readOwnInstallation,
} from "../github/read-set-up.ts";
import type { DoctorDeps, Seen } from "./doctor.ts";
import { couldNotLook, type Examination, type Finding, failed, ok, warning } from "./doctor-check.ts";
import type { AppManifest } from "./set-up-app.ts";

export const appExaminations = (deps: DoctorDeps, seen: Seen): readonly Examination[] => [
  { name: "App's installation", look: () => installation(deps, seen) },
  { name: "webhook deliveries", look: () => deliveries(deps) },
];

async function installation({ client, asApp, manifest }: DoctorDeps, { appId }: Seen): Promise<Finding> {
  if (appId === undefined)
    return couldNotLook("the config does not say which App it is", "mend the config first");
  const found = await (asApp === undefined ? readInstallation(client, appId) : readOwnInstallation(asApp));
  const install = `install it on ${client.owner}/${client.repo} only, in the organization's settings`;
  if (found === undefined) return failed(`the App ${appId} is not installed here`, install);
  if (found.app_id !== appId)
    return failed(`the key is of App ${found.app_id}, the config says \`app: ${appId}\``, install);
  if (found.suspended_at != null)
    return failed("the installation is suspended", "an owner of the organization lifts it");
  const wrong = [...lacking(manifest, found.permissions), ...unheard(manifest, found.events)];
  if (wrong.length > 0)
    return failed(
      wrong.join("; "),
      "change the App's permissions and events in its settings, then accept them in the organization's",
    );
  const more = surplus(manifest, found.permissions);
  if (more.length > 0)
    return failed(
      `it may more than it needs: ${more.join(", ")}`,
      "take it away in the App's settings: a stolen token could use it",
    );
  return found.repository_selection === "selected"
    ? ok("permissions and events as in app/app.yml, on chosen repositories only")
    : warning("it is installed on all repositories", install);
}

const rank = (access: string | undefined): number => ["read", "write", "admin"].indexOf(access ?? "");

const lacking = ({ default_permissions: needed }: AppManifest, has: Readonly<Record<string, string>>) =>
  Object.entries(needed)
    .filter(([name, access]) => rank(has[name]) < rank(access))
    .map(([name, access]) => `it lacks \`${name}: ${access}\``);

const surplus = ({ default_permissions: needed }: AppManifest, has: Readonly<Record<string, string>>) =>
  Object.entries(has)
    .filter(([name, access]) => rank(access) > rank(needed[name]))
    .map(([name, access]) => `\`${name}: ${access}\``);

const unheard = ({ default_events: needed }: AppManifest, hears: readonly string[]) =>
  needed.filter((event) => !hears.includes(event)).map((event) => `it does not hear of \`${event}\``);

const recent = 3_600_000;

/** Those of the last hour: what was lost before has been looked for and delivered again, or been found by the timer. */
async function deliveries({ asApp, client }: DoctorDeps): Promise<Finding> {
  if (asApp === undefined)
    return couldNotLook("only the App itself may look", "set APP_ID and PRIVATE_KEY, as the server has them");
  const since = client.clock.now() - recent;
  const tries = (await readDeliveries(asApp)).filter(({ delivered_at: at }) => Date.parse(at) >= since);
  const arrived = new Set(tries.filter(hasArrived).map(({ guid }) => guid));
  const [newest] = tries;
  const lost = new Map(tries.flatMap((each) => (arrived.has(each.guid) ? [] : [[each.guid, each] as const])));
  const [last] = lost.values();
  if (newest === undefined) return ok("none in an hour: there is no server, or nothing happened");
  if (last === undefined) return ok(`all of the last hour's ${arrived.size} arrived`);
  const said = `${lost.size} of the last hour's ${lost.size + arrived.size} failed, the last with ${last.status_code} ${last.status}`;
  const todo = "look at the server's log and address; what was missed is found again on its timer";
  return arrived.has(newest.guid) ? warning(said, todo) : failed(said, todo);
}

const hasArrived = ({ status_code: code }: Delivery): boolean => code >= 200 && code <= 299;
