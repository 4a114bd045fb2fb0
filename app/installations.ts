// GitHub as the App itself, before any repository: where it is installed, and what became of its webhooks.

import { Octokit } from "@octokit/rest";
import type { Clock } from "../flow/clock.ts";
import { appJwt } from "../github/app-tokens.ts";
import type { RepositoryId } from "./repositories.ts";

export interface AppAccess {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  /** REST base of GitHub, or of an Enterprise Server. INVARIANT: the App's JWT goes nowhere else. */
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly fetch?: typeof globalThis.fetch;
}

/** With a JWT that is good for some minutes: not to be kept. */
export const asApp = (access: AppAccess): Octokit =>
  octokitOf(access, appJwt({ appId: access.appId, privateKey: access.privateKey, now: access.clock.now() }));

function octokitOf({ apiUrl, fetch }: AppAccess, auth: string): Octokit {
  return new Octokit({ baseUrl: apiUrl, auth, log, ...(fetch === undefined ? {} : { request: { fetch } }) });
}

/** Octokit would write lines of its own beside ours; what fails is thrown as well. */
const quiet = (): void => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** Every repository that the App is installed on. */
export async function accessRepositories(access: AppAccess): Promise<readonly RepositoryId[]> {
  const app = asApp(access);
  const found: RepositoryId[] = [];
  for (const installation of await app.paginate(app.rest.apps.listInstallations)) {
    if (installation.suspended_at !== null) continue;
    const { data } = await app.rest.apps.createInstallationAccessToken({ installation_id: installation.id });
    const octokit = octokitOf(access, data.token);
    for (const repository of await octokit.paginate(octokit.rest.apps.listReposAccessibleToInstallation))
      found.push({ owner: repository.owner.login, name: repository.name, installation: installation.id });
  }
  return found;
}
