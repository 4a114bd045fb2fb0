// Tries a request until it is answered for good: waits out limits, renews a refused token, and repeats what may be repeated.

import type { Clock } from "./clock.ts";
import { GitHubError, type GitHubErrorCode } from "./error.ts";
import { type AnswerHeaders, type Attempt, attempt, type Fetch, type Wire } from "./exchange.ts";
import { limitWait } from "./limits.ts";
import type { Pace } from "./pace.ts";
import { saidBy } from "./said.ts";

export type Answer = Extract<Attempt, { got: "answer" }>;

export interface Means {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly token: (refused?: string) => Promise<string> | string;
  readonly timeout: number;
  readonly patience: number;
  readonly pace: Pace;
  readonly onAttempt: () => void;
  readonly onLimit: (wait: number) => void;
}

export interface Task {
  /** For messages. */
  readonly call: string;
  readonly wire: Wire;
  /** Whether it may be sent again when the first may have had its effect. */
  readonly again: boolean;
  readonly write?: { readonly mayWait: boolean };
}

const mostFailures = 3;

/** Any answer that is neither a limit nor, where repeating helps, a failure of the server. */
export async function persist(means: Means, task: Task): Promise<Answer> {
  const { clock, pace, patience } = means;
  let token = await means.token();
  let renewed = false;
  let waited = 0;
  let limits = 0;
  for (let failures = 0; ; ) {
    const got = await once(means, task, token);
    if (got.got === "answer" && got.status === 401 && !renewed) {
      renewed = true;
      token = await means.token(token);
      continue;
    }
    const wait = got.got === "answer" ? limitWait(got, clock.now(), limits) : undefined;
    if (wait !== undefined) {
      limits += 1;
      waited += wait;
      if (waited > patience)
        throw new GitHubError("rate-limited", { call: task.call, until: clock.now() + wait });
      means.onLimit(wait);
      if (task.write !== undefined) pace.holdUntil(clock.now() + wait);
      else await clock.sleep(wait);
      continue;
    }
    if (got.got === "answer" && got.status < 500) return got;
    failures += 1;
    if (!task.again || failures >= mostFailures) throw failure(task.call, got);
    await clock.sleep(250 * 4 ** failures);
  }
}

function once(means: Means, { wire, write }: Task, token: string): Promise<Attempt> {
  const go = () => {
    means.onAttempt();
    return attempt(means.fetch, { ...wire, headers: { ...wire.headers, ...standing(token) } }, means.timeout);
  };
  return write === undefined ? go() : means.pace.run(go, write.mayWait);
}

const standing = (token: string) => ({
  accept: "application/vnd.github+json",
  authorization: `Bearer ${token}`,
  "content-type": "application/json",
  "user-agent": "hallpass",
  "x-github-api-version": "2022-11-28",
});

function failure(call: string, got: Attempt): GitHubError {
  if (got.got !== "answer") return new GitHubError(got.got, { call });
  return new GitHubError("unavailable", { call, status: got.status });
}

/** The error for an answer that is not what was hoped for. */
export function refuse(call: string, { status, headers, body }: Answer): GitHubError {
  return new GitHubError(codeOf(status), { call, status, said: saidBy(body), signOn: signOnAt(headers) });
}

/** `required; url=https://github.com/orgs/acme/sso?…`, with a refusal of REST or of GraphQL. */
export function signOnAt(headers: AnswerHeaders): string | undefined {
  const [, url] = /^required;\s*url=(https?:\/\/[\x21-\x7e]+)$/.exec(headers.get("x-github-sso") ?? "") ?? [];
  return url;
}

function codeOf(status: number): GitHubErrorCode {
  if (status >= 500) return "unavailable";
  return codes[status] ?? "malformed";
}

const codes: Readonly<Record<number, GitHubErrorCode>> = {
  301: "not-found",
  302: "not-found",
  307: "not-found",
  308: "not-found",
  401: "unauthorized",
  403: "forbidden",
  404: "not-found",
  405: "conflict",
  409: "conflict",
  410: "not-found",
  422: "unprocessable",
  429: "rate-limited",
};
