// What a shell completes: names of nodes, modes and forwards, and numbers of requests, kept in files of one's own, so that no key waits for GitHub. For display only.

import { spawn } from "node:child_process";
import { mkdir, readFile, rename, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { listMyOpen } from "../flow/my-requests.ts";
import { type Ground, readConfig, readGround } from "../flow/prepare-request.ts";
import { pullsForMe, readMe } from "../flow/shown-requests.ts";
import type { GitHubClient } from "../github/client.ts";
import { wordsOf } from "./started-as.ts";
import type { Terminal } from "./terminal.ts";

const nodesShape = z.object({
  repo: z.string(),
  modes: z.array(z.string()),
  forwards: z.array(z.string()),
  nodes: z.array(z.object({ id: z.string(), name: z.optional(z.string()), place: z.string() })),
});
const requestsShape = z.object({
  repo: z.string(),
  mine: z.array(z.object({ request: z.int(), about: z.string() })),
  forMe: z.array(z.object({ request: z.int(), about: z.string() })),
});
export type KnownNodes = z.output<typeof nodesShape>;
export type KnownRequests = z.output<typeof requestsShape>;

interface Kind<T> {
  readonly name: "nodes" | "requests";
  readonly shape: {
    readonly safeParse: (value: unknown) => { readonly success: boolean; readonly data?: T };
  };
  /** Milliseconds after which it is read again. */
  readonly goodFor: number;
  /** How long a key waits for that where there is something older, and where there is nothing. */
  readonly patience: { readonly old: number; readonly none: number };
}

const nodesKind: Kind<KnownNodes> = {
  name: "nodes",
  shape: nodesShape,
  goodFor: 15 * 60_000,
  patience: { old: 0, none: 2_500 },
};
const requestsKind: Kind<KnownRequests> = {
  name: "requests",
  shape: requestsShape,
  goodFor: 30_000,
  patience: { old: 1_500, none: 2_500 },
};

export const knownNodes = (terminal: Terminal, repo: string) => known(terminal, repo, nodesKind);
export const knownRequests = (terminal: Terminal, repo: string) => known(terminal, repo, requestsKind);

/** What whoever has just read the inventory knows. Never fails: nothing depends on it. */
export async function rememberNodes(
  { env }: Pick<Terminal, "env">,
  { owner, repo }: Pick<GitHubClient, "owner" | "repo">,
  { config, inventory }: Pick<Ground, "config" | "inventory">,
): Promise<void> {
  await keep<KnownNodes>(env, nodesKind, {
    repo: `${owner}/${repo}`,
    modes: [...config.modes],
    forwards: config.forwards.map(({ name }) => name),
    nodes: inventory.map(({ id, name, account, region }) => ({
      id,
      ...(name === undefined ? {} : { name }),
      place: `${account}/${region}`,
    })),
  }).catch(() => {});
}

/** Reads all of it anew. */
export async function refresh(
  terminal: Terminal,
  client: GitHubClient,
  what: "nodes" | "requests",
): Promise<void> {
  if (what === "nodes") {
    const ground = await readGround(client);
    if (ground.ok) await rememberNodes(terminal, client, ground.value);
    return;
  }
  const [config, { login }] = await Promise.all([readConfig(client), readMe(client)]);
  const [mine, forMe] = [
    await listMyOpen(client, { login, app: config.ok ? config.value.app : 0 }, 50),
    await pullsForMe(client, login),
  ];
  await keep<KnownRequests>(terminal.env, requestsKind, {
    repo: `${client.owner}/${client.repo}`,
    mine: mine.map(({ request, state, asked }) => ({
      request,
      about: `${state} ${asked?.nodes.join(" ") ?? ""}`.trim(),
    })),
    forMe: forMe.map(({ request }) => ({ request, about: "waits for your review" })),
  });
}

async function known<T extends { readonly repo: string }>(
  terminal: Terminal,
  repo: string,
  kind: Kind<T>,
): Promise<T | undefined> {
  const file = fileOf(terminal.env, repo, kind);
  if (file === undefined) return undefined;
  const at = await stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
  if (at === undefined || Date.now() - at > kind.goodFor) {
    // one look for all the keys that are pressed meanwhile, and none for each when GitHub is away
    if (at !== undefined) await utimes(file, new Date(), new Date());
    await startRefresh(terminal, repo, kind.name, at === undefined ? kind.patience.none : kind.patience.old);
  }
  const read = kind.shape.safeParse(JSON.parse(await readFile(file, "utf8")));
  return read.success && read.data?.repo === repo ? read.data : undefined;
}

/** A process of its own: what it is waiting for must not keep a shell waiting. */
function startRefresh(terminal: Terminal, repo: string, what: string, patience: number): Promise<void> {
  const [command = "", ...args] = wordsOf(terminal);
  return new Promise((resolve) => {
    const child = spawn(command, [...args, "__complete", "--refresh", what, "--repo", repo], {
      ...{ cwd: terminal.cwd, env: terminal.env, stdio: "ignore", detached: true },
    });
    child.once("error", () => resolve());
    if (patience > 0) {
      const timer = setTimeout(resolve, patience);
      child.once("exit", () => {
        clearTimeout(timer);
        resolve();
      });
    } else child.once("spawn", () => resolve());
    child.unref();
  });
}

async function keep<T extends { readonly repo: string }>(
  env: Terminal["env"],
  kind: Kind<T>,
  what: T,
): Promise<void> {
  const file = fileOf(env, what.repo, kind);
  if (file === undefined) return;
  await mkdir(join(file, ".."), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}`;
  await writeFile(next, JSON.stringify(what), { mode: 0o600 });
  await rename(next, file);
}

/** Undefined where there is no place for it. */
function fileOf(
  env: Terminal["env"],
  repo: string,
  { name }: Pick<Kind<unknown>, "name">,
): string | undefined {
  const home = env["HOME"] || env["USERPROFILE"];
  const folder = env["XDG_CACHE_HOME"] || (home === undefined ? undefined : join(home, ".cache"));
  if (folder === undefined || !/^[\w.-]+\/[\w.-]+$/.test(repo)) return undefined;
  return join(folder, "hallpass", `${repo.replace("/", "-")}-${name}`);
}
