// Requests as GitHub shows them to people: issues, labels, the App's status comment. For display only: nothing is decided on any of it.

import * as z from "zod/mini";
import { formOfExtension, parseExtension } from "../core/extension.ts";
import type { ExtensionOf } from "../core/facts.ts";
import { parseForm } from "../core/form.ts";
import { labelPrefix } from "../core/plan.ts";
import { statusMarker } from "../core/render-status.ts";
import type { RequestDraft } from "../core/request-draft.ts";
import { unixLines } from "../core/text.ts";
import type { GitHubClient } from "../github/client.ts";
import { isGitHubError } from "../github/error.ts";
import { looksLikeForm } from "../github/is-request.ts";
import { credentialsMarker } from "../github/shown.ts";

export interface ShownRequest {
  readonly request: number;
  readonly url: string;
  /** As the label says; `new` or `closed` where there is none. */
  readonly state: string;
  readonly open: boolean;
  readonly by: string;
  /** ISO 8601, as are the others. */
  readonly opened: string;
  readonly updated: string;
  /** As its author wrote it; absent where it is no form, as in a request by file. */
  readonly asked?: RequestDraft;
  /** The `/extend` that it says it answers, and the App that opened it; whose that is, `my-requests.ts` asks. */
  readonly extension?: ExtensionOf & { readonly app: number };
}

export interface ShownComment {
  readonly id: number;
  readonly by: string;
  readonly body: string;
  readonly updated: string;
  readonly edited: boolean;
}

export interface ShownInFull extends ShownRequest {
  /** The App's status comment, as Markdown. */
  readonly status?: ShownComment;
  /** The newest sealed comment of an App; whose, and whether it may be used, is for whoever opens it. */
  readonly sealed?: number;
  readonly comments: readonly ShownComment[];
}

const issueShape = z.object({
  number: z.int(),
  html_url: z.string(),
  body: z.nullish(z.string()),
  state: z.enum(["open", "closed"]),
  user: z.nullable(z.object({ login: z.string(), type: z.string() })),
  performed_via_github_app: z.nullish(z.object({ id: z.number() })),
  labels: z.array(z.union([z.string(), z.object({ name: z.nullish(z.string()) })])),
  created_at: z.string(),
  updated_at: z.string(),
  pull_request: z.optional(z.unknown()),
});
type Issue = z.output<typeof issueShape>;

const commentShape = z.object({
  id: z.int(),
  body: z.optional(z.string()),
  user: z.nullable(z.object({ login: z.string(), type: z.string() })),
  performed_via_github_app: z.nullish(z.object({ id: z.number() })),
  created_at: z.string(),
  updated_at: z.string(),
});

export interface Wanted {
  readonly state: "open" | "all";
  readonly creator?: string;
  readonly label?: string;
}

const perPage = 100;

/** The newest first, `most` at the most. */
export async function listRequests(
  client: GitHubClient,
  wanted: Wanted,
  most: number,
): Promise<readonly ShownRequest[]> {
  const found: ShownRequest[] = [];
  for await (const page of pagesOfRequests(client, wanted)) {
    found.push(...page);
    if (found.length >= most) break;
  }
  return found.slice(0, most);
}

/** The newest first, as long as somebody goes on asking. */
export async function* pagesOfRequests(
  client: GitHubClient,
  { state, creator, label }: Wanted,
): AsyncGenerator<readonly ShownRequest[]> {
  for (let page = 1; ; page++) {
    const issues = await client.get({
      path: "/repos/{owner}/{repo}/issues",
      query: {
        state,
        per_page: perPage,
        page,
        ...(creator === undefined ? {} : { creator }),
        ...(label === undefined ? {} : { labels: label }),
      },
      as: z.array(issueShape),
    });
    yield issues.filter(isRequest).map(shownRequest);
    if (issues.length < perPage) return;
  }
}

/** For the number of a pull request of our App too, as its request's; once, for any App can open two that name each other. */
export async function readShown(
  client: GitHubClient,
  number: number,
  app: number | undefined,
  follow = true,
): Promise<ShownInFull> {
  const [issue, comments] = await Promise.all([
    client.get({ path: "/repos/{owner}/{repo}/issues/{number}", with: { number }, as: issueShape }),
    allComments(client, number),
  ]);
  if (follow && issue.pull_request !== undefined && issue.user?.type === "Bot") {
    const path = "/repos/{owner}/{repo}/pulls/{number}";
    const { request } = shownPull(client, await client.get({ path, with: { number }, as: pullShape }));
    if (request !== number) return readShown(client, request, app, false);
  }
  const ours = comments.filter(
    ({ user, performed_via_github_app: via }) => user?.type === "Bot" && app !== undefined && via?.id === app,
  );
  const status = ours.find(({ body = "" }) => body.startsWith(statusMarker));
  const sealed = ours.findLast(({ body = "" }) => body.startsWith(credentialsMarker));
  return {
    ...shownRequest(issue),
    ...(status === undefined ? {} : { status: shownComment(status) }),
    ...(sealed === undefined ? {} : { sealed: sealed.id }),
    comments: comments.map(shownComment),
  };
}

async function allComments(client: GitHubClient, number: number) {
  const all: z.output<typeof commentShape>[] = [];
  for (let page = 1; ; page++) {
    const comments = await client.get({
      path: "/repos/{owner}/{repo}/issues/{number}/comments",
      with: { number },
      query: { per_page: perPage, page },
      as: z.array(commentShape),
    });
    all.push(...comments);
    if (comments.length < perPage) return all;
  }
}

const shownComment = ({
  id,
  body = "",
  user,
  created_at,
  updated_at,
}: z.output<typeof commentShape>): ShownComment => ({
  id,
  by: user?.login ?? "ghost",
  body: unixLines(body),
  updated: updated_at,
  edited: created_at !== updated_at,
});

const labelsOf = ({ labels }: Issue): readonly string[] =>
  labels.flatMap((label) => (typeof label === "string" ? [label] : (label.name ?? [])));

const stateOf = (issue: Issue): string | undefined =>
  labelsOf(issue)
    .find((label) => label.startsWith(labelPrefix))
    ?.slice(labelPrefix.length);

/** A pull request of our App is not a request, but what is approved of one. */
const isRequest = (issue: Issue): boolean =>
  issue.pull_request === undefined
    ? looksLikeForm(unixLines(issue.body ?? "")) || stateOf(issue) !== undefined
    : issue.user?.type !== "Bot" && stateOf(issue) !== undefined;

function shownRequest(issue: Issue): ShownRequest {
  const { number, html_url: url, state, user, created_at: opened, updated_at: updated } = issue;
  const body = unixLines(issue.body ?? "");
  const of = parseExtension(body);
  const via = user?.type === "Bot" ? issue.performed_via_github_app : undefined;
  const form = parseForm(of === undefined ? body : formOfExtension(body));
  return {
    request: number,
    url,
    state: stateOf(issue) ?? (state === "open" ? "new" : "closed"),
    open: state === "open",
    by: user?.login ?? "ghost",
    opened,
    updated,
    ...(form.ok ? { asked: form.value } : {}),
    ...(of === undefined || via == null ? {} : { extension: { ...of, app: via.id } }),
  };
}

export const readMe = (client: GitHubClient): Promise<{ readonly login: string; readonly id: number }> =>
  client.get({ path: "/user", as: z.object({ login: z.string(), id: z.int() }) });

export interface ShownPull {
  readonly pull: number;
  readonly url: string;
  /** The request that it is of. */
  readonly request: number;
  readonly by: string;
  readonly head: string;
  readonly reviewers: readonly string[];
  /** Slugs. */
  readonly teams: readonly string[];
}

const pullShape = z.object({
  number: z.int(),
  html_url: z.string(),
  user: z.nullable(z.object({ login: z.string(), type: z.string() })),
  head: z.object({
    ref: z.string(),
    sha: z.string(),
    repo: z.nullable(z.object({ full_name: z.string() })),
  }),
  requested_reviewers: z.nullish(z.array(z.object({ login: z.string() }))),
  requested_teams: z.nullish(z.array(z.object({ slug: z.string() }))),
});

/** Open pull requests to the ledger: those of our App, and those that people wrote by hand. */
export async function listPulls(client: GitHubClient): Promise<readonly ShownPull[]> {
  const found: ShownPull[] = [];
  for (let page = 1; ; page++) {
    const pulls = await client.get({
      path: "/repos/{owner}/{repo}/pulls",
      query: { state: "open", base: "ledger", per_page: perPage, page },
      as: z.array(pullShape),
    });
    found.push(...pulls.map((pull) => shownPull(client, pull)));
    if (pulls.length < perPage) return found;
  }
}

function shownPull({ owner, repo }: GitHubClient, pull: z.output<typeof pullShape>): ShownPull {
  const { number, user, head } = pull;
  const here = head.repo?.full_name.toLowerCase() === `${owner}/${repo}`.toLowerCase();
  const [, request] = /^request\/([1-9]\d{0,9})(?:-\d+)?$/.exec(head.ref) ?? [];
  return {
    pull: number,
    url: pull.html_url,
    // only our App makes such branches; anybody else's pull request asks for itself
    request: user?.type === "Bot" && here && request !== undefined ? Number(request) : number,
    by: user?.login ?? "ghost",
    head: head.sha,
    reviewers: (pull.requested_reviewers ?? []).map(({ login }) => login.toLowerCase()),
    teams: (pull.requested_teams ?? []).map(({ slug }) => slug),
  };
}

/** Those whose review is asked of this person, by name or by a team of theirs. */
export async function pullsForMe(client: GitHubClient, login: string): Promise<readonly ShownPull[]> {
  const pulls = await listPulls(client);
  const mine = new Set<string>();
  for (const slug of new Set(pulls.flatMap(({ teams }) => teams)))
    if (await isInTeam(client, slug, login)) mine.add(slug);
  return pulls.filter(
    ({ reviewers, teams }) => reviewers.includes(login.toLowerCase()) || teams.some((slug) => mine.has(slug)),
  );
}

async function isInTeam(client: GitHubClient, slug: string, login: string): Promise<boolean> {
  try {
    const { state } = await client.get({
      path: "/orgs/{owner}/teams/{slug}/memberships/{login}",
      with: { slug, login },
      as: z.object({ state: z.string() }),
    });
    return state === "active";
  } catch (error) {
    if (isGitHubError(error, "not-found", "forbidden")) return false;
    throw error;
  }
}
