// What went wrong on GitHub, for whoever sits at a terminal: what was expected, what came, and what to do next. They cannot look after the App.

import { visible } from "../core/text.ts";
import { GitHubError, type GitHubErrorCode } from "../github/error.ts";

export const trouble = (error: unknown, now: number = Date.now()): string => {
  if (!(error instanceof GitHubError)) return error instanceof Error ? error.message : String(error);
  const said = error.said === "" ? "" : ` (${error.said})`;
  return `GitHub, ${error.call}: ${whatHappened(error, now)}${said} [${error.code}]`;
};

function whatHappened({ call, code, status, signOn, until }: GitHubError, now: number): string {
  const unsure = /^(?:POST|PUT|PATCH|DELETE) /.test(call)
    ? "; look first whether it was done all the same"
    : "";
  if (signOn !== undefined)
    return `the organization asks for single sign-on; let your token in at ${visible(signOn)} and try again`;
  if (code === "rate-limited") return `you have asked too often; ${whenAgain(until, now)}`;
  if (code === "unavailable" && status !== undefined)
    return `expected an answer, got a failure of GitHub's own, ${status}; see githubstatus.com, and try again later${unsure}`;
  return code === "unavailable" || code === "timeout" ? `${whatToDo[code]}${unsure}` : whatToDo[code];
}

/** Until when, on the clock and from now. */
function whenAgain(until: number | undefined, now: number): string {
  if (until === undefined) return "wait some minutes and try again";
  const minutes = Math.ceil((until - now) / 60_000);
  const clock = new Date(until).toISOString().slice(11, 19);
  return `try again at ${clock} UTC, in ${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
}

const whatToDo: Readonly<Record<Exclude<GitHubErrorCode, "rate-limited">, string>> = {
  unauthorized: "your token is wrong, or has expired; run `gh auth login`, or set GITHUB_TOKEN to a new one",
  forbidden: "your token may not do that; it needs access to the repository's issues and pull requests",
  "not-found":
    "there is no such repository or thing, or you may not see it; check --repo, and what your token may read",
  conflict: "something has changed in between; look again, and try again",
  unprocessable: "it does not take this as it is; if it goes on, report it",
  unavailable: "it cannot be reached; check your connection, and try again",
  timeout: "it did not answer in time; check your connection and githubstatus.com, and try again",
  truncated: "it did not answer with everything; try again",
  malformed:
    "the answer is not what GitHub documents; check that GITHUB_API_URL is right, and that no proxy answers in its place",
};
