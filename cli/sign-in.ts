// A client that acts as the operator, on the repository that they mean.

import { systemClock } from "../flow/clock.ts";
import { type GitHubHost, gitHubHost, hostOfApi } from "../flow/set-up-aws.ts";
import { createClient, type GitHubClient } from "../github/client.ts";
import { remoteOf } from "./git-remote.ts";
import type { Terminal } from "./terminal.ts";
import { findToken } from "./token.ts";

/** The GitHub of `GITHUB_API_URL`, if that is set. */
export function apiHost(env: Terminal["env"]): string | undefined {
  const url = env["GITHUB_API_URL"] ?? "";
  if (url === "") return undefined;
  if (!URL.canParse(url))
    throw new Error(`GITHUB_API_URL is \`${url}\`: expected an address such as https://ghe.acme.com/api/v3`);
  return hostOfApi(url);
}

/** Where the API of this GitHub is. The environment says it more exactly, unless it speaks of another one: a workflow's always speaks of its own. */
export const apiUrlOf = (env: Terminal["env"], { host, apiUrl }: GitHubHost): string =>
  (apiHost(env) === host ? (env["GITHUB_API_URL"] ?? apiUrl) : apiUrl).replace(/\/+$/, "");

/** As `gh` has it, where nothing else says which GitHub. */
export const defaultHost = (env: Terminal["env"]): string => env["GH_HOST"] || "github.com";

/** A client that acts as the operator. Throws with what to do when there is no token or no repository. */
export async function signIn(terminal: Terminal, repository: string | undefined): Promise<GitHubClient> {
  const { env, err } = terminal;
  const named = repository ?? env["HALLPASS_REPOSITORY"] ?? "";
  const [owner, repo, more] = named.split("/");
  if (!owner || !repo || more !== undefined)
    throw new Error(
      named === ""
        ? "which access repository? give --repo owner/name, or set HALLPASS_REPOSITORY"
        : `expected the access repository as owner/name, got \`${named}\`; mend --repo or HALLPASS_REPOSITORY`,
    );
  const baseUrl = (env["GITHUB_API_URL"] || gitHubHost(defaultHost(env)).apiUrl).replace(/\/+$/, "");
  if (!URL.canParse(baseUrl))
    throw new Error(
      `expected GITHUB_API_URL as an address such as \`https://HOST/api/v3\`, got \`${baseUrl}\``,
    );
  return createClient({
    owner,
    repo,
    baseUrl,
    clock: systemClock,
    token: await findToken(terminal, baseUrl),
    patience,
    onLimit: (wait) => err(`GitHub wants fewer requests; waiting ${Math.ceil(wait / 1_000)} s\n`),
  });
}

/** The longest wait for one of GitHub's limits while somebody looks on, in milliseconds. */
const patience = 15_000;

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
