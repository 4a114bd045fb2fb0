// What went wrong on GitHub, for whoever sits at a terminal: they cannot look after the App.

import { GitHubError, type GitHubErrorCode } from "../github/error.ts";

export const trouble = (error: unknown): string => {
  if (!(error instanceof GitHubError)) return error instanceof Error ? error.message : String(error);
  const said = error.said === "" ? "" : ` (${error.said})`;
  return `GitHub, ${error.call}: ${whatToDo[error.code]}${said} [${error.code}]`;
};

const whatToDo: Readonly<Record<GitHubErrorCode, string>> = {
  unauthorized: "your token is wrong, or has expired; run `gh auth login`, or set GITHUB_TOKEN to a new one",
  forbidden: "your token may not do that; it needs access to the repository's issues and pull requests",
  "not-found": "there is no such thing, or you may not see it; check --repo, and what your token may read",
  conflict: "something has changed in between; look again, and try again",
  unprocessable: "GitHub does not take it as it is",
  "rate-limited": "you have asked GitHub too often; wait some minutes and try again",
  unavailable: "it cannot be reached; check your connection, and githubstatus.com",
  timeout: "it did not answer in time; check your connection, and githubstatus.com",
  truncated: "it did not answer with everything; try again",
  malformed: "the answer is not what GitHub documents; is GITHUB_API_URL the right one?",
};
