// Who the operator is on GitHub, and which repository they mean. No token is ever stored here.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { systemClock } from "../flow/clock.ts";
import { gitHubHost } from "../flow/set-up-aws.ts";
import { createClient, type GitHubClient } from "../github/client.ts";
import { remoteOf } from "./git-remote.ts";
import type { Terminal } from "./terminal.ts";

/** A client that acts as the operator. Throws with what to do when there is no token or no repository. */
export async function signIn({ env }: Terminal, repository: string | undefined): Promise<GitHubClient> {
  const [owner, repo, more] = (repository ?? env["HALLPASS_REPOSITORY"] ?? "").split("/");
  if (!owner || !repo || more !== undefined)
    throw new Error("which access repository? give --repo owner/name, or set HALLPASS_REPOSITORY");
  const token = await tokenOf(env);
  return createClient({
    owner,
    repo,
    baseUrl: (env["GITHUB_API_URL"] ?? "https://api.github.com").replace(/\/+$/, ""),
    clock: systemClock,
    token: () => token,
  });
}

/** The same, where the folder that the person stands in may say which repository, and on which GitHub. */
export async function signInHere(terminal: Terminal, repository: string | undefined): Promise<GitHubClient> {
  const { env, cwd } = terminal;
  if (repository !== undefined || (env["HALLPASS_REPOSITORY"] ?? "") !== "")
    return signIn(terminal, repository);
  const remote = await remoteOf(cwd);
  if (remote === undefined) return signIn(terminal, undefined);
  const url = env["GITHUB_API_URL"] || gitHubHost(remote.host).apiUrl;
  return signIn({ ...terminal, env: { ...env, GITHUB_API_URL: url } }, remote.repo);
}

async function tokenOf(env: Terminal["env"]): Promise<string> {
  const given = env["GH_TOKEN"] ?? env["GITHUB_TOKEN"];
  if (given !== undefined && given !== "") return given;
  try {
    const { stdout } = await promisify(execFile)("gh", ["auth", "token"], { timeout: 10_000 });
    const token = stdout.trim();
    if (token !== "") return token;
  } catch {
    // no `gh`, or nobody signed in to it
  }
  throw new Error("not signed in to GitHub; run `gh auth login`, or set GITHUB_TOKEN");
}
