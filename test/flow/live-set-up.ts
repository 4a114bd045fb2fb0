// A live set-up to be looked at: an access repo as `hallpass init` writes it, running, with a clock of its own.

import { projectFiles } from "../../cli/project-files.ts";
import { diagnose } from "../../flow/doctor.ts";
import type { RolesInAws } from "../../flow/doctor-aws.ts";
import type { Check } from "../../flow/doctor-check.ts";
import type { ProjectFiles } from "../../flow/set-up.ts";
import { parseManifest } from "../../flow/set-up-app.ts";
import { gitHubHost } from "../../flow/set-up-aws.ts";
import { appJwt } from "../../github/app-tokens.ts";
import { createClient } from "../../github/client.ts";
import type { Person, Stage } from "../../sandbox/stage.ts";
import { type AccessFolder, readAccessFolder } from "../../sandbox/stage-folder.ts";
import { allFlags, emptyFolder, hallpass } from "../cli/folder.ts";
import { sharedEngine } from "../whole/shared-engine.ts";
import { createWorld, noBundle, type World } from "../whole/world.ts";

export const repo = { owner: "acme", repo: "access" };

/** `init`, pushed and run for more than an hour; `change` is made to what is pushed. */
export async function liveSetUp(
  change: (folder: AccessFolder) => AccessFolder = (folder) => folder,
): Promise<World> {
  const cwd = emptyFolder();
  const { code, err } = await hallpass(["init", ...allFlags], { cwd });
  if (code !== 0) throw new Error(err);
  const world = await createWorld({ stage: { folder: change(readAccessFolder(cwd)) }, inventory: "run" });
  await world.advance(4_000);
  return world;
}

export interface Look {
  readonly as?: Person;
  readonly withKey?: boolean;
  readonly trust?: readonly string[];
  readonly roles?: RolesInAws;
  readonly host?: string;
}

export async function look(
  { stage, time }: World,
  { as = "olivia", withKey = true, trust, roles, host = "github.com" }: Look = {},
): Promise<readonly Check[]> {
  const wire = { ...repo, baseUrl: stage.github.url, fetch: stage.github.fetch, clock: time };
  const { id: appId, privateKey } = stage.app;
  const asApp = createClient({ ...wire, token: () => appJwt({ appId, privateKey, now: time.now() }) });
  return diagnose({
    client: createClient({ ...wire, token: () => stage.github.personalToken(as) }),
    ...(withKey ? { asApp } : {}),
    ...(roles === undefined ? {} : { roles }),
    engine: sharedEngine,
    project: asPushed,
    manifest: parseManifest(projectFiles.text("app/app.yml")),
    host: gitHubHost(host),
    trustPolicies: (trust ?? [trustOf(stage)]).map((text) => ({ name: "trust.json", text })),
  });
}

/** As if what a world has in the place of the Action's code were what this version builds. */
const asPushed: ProjectFiles = {
  ...projectFiles,
  bytes: (path) =>
    path === "action/dist/main.cjs" ? new TextEncoder().encode(noBundle) : projectFiles.bytes(path),
};

/** As `aws iam get-role` prints it. */
export function trustOf(stage: Stage): string {
  const role = stage.aws.account(stage.account).roles.get("HallpassAccess");
  const trust = role?.trust.latest?.text;
  if (trust === undefined) throw new Error("the stack has no such role");
  return trust;
}

export const notOk = (checks: readonly Check[]): readonly Check[] =>
  checks.filter(({ state }) => state !== "ok");
