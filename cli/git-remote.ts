// Which repository a folder is a clone of, as its remote `origin` says.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface Remote {
  readonly host: string;
  readonly repo: string;
}

/** Undefined where there is no git, no repository, or no remote of that name. */
export async function remoteOf(folder: string): Promise<Remote | undefined> {
  try {
    const git = await promisify(execFile)("git", ["-C", folder, "remote", "get-url", "origin"], {
      timeout: 10_000,
    });
    return parseRemote(git.stdout.trim());
  } catch {
    return undefined;
  }
}

/** The folder that a clone begins in; undefined outside of one. */
export async function topOf(folder: string): Promise<string | undefined> {
  try {
    const git = await promisify(execFile)("git", ["-C", folder, "rev-parse", "--show-toplevel"], {
      timeout: 10_000,
    });
    return git.stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** `git@github.com:acme/access.git`, `ssh://git@host:22/acme/access`, `https://host/acme/access.git`. */
export function parseRemote(url: string): Remote | undefined {
  const [, host, repo] =
    /^(?:(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/|(?:[^@/:]+@)?([^/:]+):)([A-Za-z0-9-]+\/[\w.-]+?)(?:\.git)?\/?$/
      .exec(url)
      ?.flatMap((part, i) => (i > 0 && part === undefined ? [] : [part])) ?? [];
  if (host === undefined || repo === undefined) return undefined;
  // where port 22 is shut, GitHub's SSH is at a name of its own
  return { host: host.toLowerCase().replace(/^ssh\.(?=github\.com$)/, ""), repo };
}
