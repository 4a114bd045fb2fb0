// What can go wrong with a call to GitHub, as a closed set. A message names the call and what to do; it never holds a token or a raw body.

export type GitHubErrorCode =
  /** 401: the token is wrong or has been revoked. */
  | "unauthorized"
  /** 403: the App lacks a permission, or a ruleset refuses. */
  | "forbidden"
  | "not-found"
  /** 405 and 409: something has moved, or is not in the state that the call needs. */
  | "conflict"
  /** 422. */
  | "unprocessable"
  /** 429, or 403 by a primary or secondary limit, and the wait is longer than we wait. */
  | "rate-limited"
  /** 5xx or no connection. A write may have taken effect. */
  | "unavailable"
  /** No answer in time. A write may have taken effect. */
  | "timeout"
  /** A list or text that GitHub did not give whole. */
  | "truncated"
  /** An answer of another shape than GitHub documents. */
  | "malformed";

export class GitHubError extends Error {
  override readonly name = "GitHubError";
  readonly code: GitHubErrorCode;
  /** `PUT /repos/{owner}/{repo}/pulls/{number}/merge`, or a GraphQL operation's name. */
  readonly call: string;
  readonly status: number | undefined;
  /** GitHub's own words, cut short, for telling one 422 from another. */
  readonly said: string;
  /** Of a limit: when it ends, in milliseconds of the clock. */
  readonly until: number | undefined;
  /** Where a person lets their token into an organization that asks for single sign-on. Not in the message: it is for that person's eyes. */
  readonly signOn: string | undefined;

  constructor(
    code: GitHubErrorCode,
    {
      call,
      status,
      said = "",
      until,
      signOn,
    }: {
      readonly call: string;
      readonly status?: number;
      readonly said?: string;
      readonly until?: number;
      readonly signOn?: string | undefined;
    },
  ) {
    super(`GitHub, ${call}: ${whatHappened(code, status, said)}; ${whatToDo[code]}`);
    this.code = code;
    this.call = call;
    this.status = status;
    this.said = said;
    this.until = until;
    this.signOn = signOn;
  }
}

export const isGitHubError = (
  error: unknown,
  ...codes: readonly [GitHubErrorCode, ...GitHubErrorCode[]]
): error is GitHubError => error instanceof GitHubError && codes.includes(error.code);

function whatHappened(code: GitHubErrorCode, status: number | undefined, said: string): string {
  return [
    code,
    ...(status === undefined ? [] : [`(${status})`]),
    ...(said === "" ? [] : [`\`${said}\``]),
  ].join(" ");
}

const whatToDo: Readonly<Record<GitHubErrorCode, string>> = {
  unauthorized: "check the App's private key and that it is still installed",
  forbidden: "check the App's permissions and the rulesets of the repository",
  "not-found": "check that it exists and that the App is installed on the repository",
  conflict: "it is looked at again from the start",
  unprocessable: "if it goes on, report this",
  "rate-limited": "it is tried again later",
  unavailable: "it is tried again later; see githubstatus.com if it goes on",
  timeout: "it is tried again later; see githubstatus.com if it goes on",
  truncated: "it is tried again later; nothing is decided on half of a list",
  malformed: "if it goes on, report this",
};
