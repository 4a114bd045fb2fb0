// The people of the story, acting through GitHub's API and AWS's as they would: with their own tokens and keys, and nothing of the App's.

import { generateIdentity, identityToRecipient } from "age-encryption";
import { startSession, whoAmI } from "../../aws/as-operator.ts";
import { documentName } from "../../aws/documents.ts";
import type { RequestNumber } from "../../core/ids.ts";
import { statusMarker } from "../../core/render-status.ts";
import { type GrantedCredentials, unsealWith } from "../../flow/seal.ts";
import { type TakenGrant, takeCredentials, UntrustedCredentials } from "../../flow/take-credentials.ts";
import { createClient } from "../../github/client.ts";
import { realClock } from "../real-clock.ts";
import type { Person, Stage } from "../stage.ts";
import type { Sandbox } from "../start.ts";

export interface FormFields {
  readonly nodes: string;
  readonly for: string;
  readonly reason: string;
  readonly ticket?: string;
  readonly from?: string;
}

const repo = { owner: "acme", repo: "access" } as const;

/** Submits the issue form as the browser would. Answers the request's number. */
export const ask = ({ github }: Stage, login: Person, fields: FormFields): number =>
  github.submitForm(login, "acme/access", "access-request.yml", { access: "shell", ...fields });

export const comment = (stage: Stage, login: Person, request: number, body: string) =>
  stage.as(login).rest.issues.createComment({ ...repo, issue_number: request, body });

/** Reviews exactly the head that they looked at. */
export async function review(
  stage: Stage,
  login: Person,
  pull: number,
  event: "APPROVE" | "REQUEST_CHANGES",
  body = "",
): Promise<void> {
  const octokit = stage.as(login);
  const { data } = await octokit.rest.pulls.get({ ...repo, pull_number: pull });
  await octokit.rest.pulls.createReview({
    ...repo,
    pull_number: pull,
    commit_id: data.head.sha,
    event,
    body,
  });
}

/** Changes one field of the form, as the author would in the browser. */
export async function edit(
  stage: Stage,
  login: Person,
  request: number,
  from: string,
  to: string,
): Promise<void> {
  const octokit = stage.as(login);
  const { data } = await octokit.rest.issues.get({ ...repo, issue_number: request });
  await octokit.rest.issues.update({
    ...repo,
    issue_number: request,
    body: (data.body ?? "").replace(from, to),
  });
}

export async function issueOf(stage: Stage, request: number) {
  const { data } = await stage.as("pat").rest.issues.get({ ...repo, issue_number: request });
  const labels = data.labels.map((label) => (typeof label === "string" ? label : (label.name ?? "")));
  return { open: data.state === "open", labels };
}

export async function statusOf(stage: Stage, request: number): Promise<string | undefined> {
  const { data } = await stage.as("pat").rest.issues.listComments({ ...repo, issue_number: request });
  return data
    .find(({ body }) => body?.startsWith(statusMarker))
    ?.body?.slice(statusMarker.length)
    .trim();
}

export interface OpenPull {
  readonly number: number;
  readonly branch: string;
}

export async function openPullOf(stage: Stage, request: number): Promise<OpenPull | undefined> {
  const { data } = await stage.as("pat").rest.pulls.list({ ...repo, state: "open" });
  const found = data.find(({ head }) => new RegExp(`^request/${request}(-\\d+)?$`).test(head.ref));
  return found === undefined ? undefined : { number: found.number, branch: found.head.ref };
}

/** Waits until `look` finds something; looks often, because a person would be told at once. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  patience = 30_000,
): Promise<T> {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited ${patience / 1000} s for: ${what}`);
    await realClock.sleep(150);
  }
}

/** An operator at a terminal: a key of their own, and what they can do with what was sealed to it. */
export interface Operator {
  readonly recipient: string;
  /** Takes the credentials once they are there, with all the checks of design section 2, step 5. */
  readonly take: (request: number) => Promise<TakenGrant>;
  readonly start: (grant: TakenGrant, node: string) => ReturnType<typeof startSession>;
}

export async function createOperator({ githubUrl, stage }: Sandbox, login: Person): Promise<Operator> {
  const identity = await generateIdentity();
  const client = createClient({
    owner: repo.owner,
    repo: repo.repo,
    baseUrl: githubUrl,
    clock: realClock,
    token: () => stage.github.personalToken(login),
  });
  return {
    recipient: await identityToRecipient(identity),
    take: (request) =>
      until("sealed credentials", async () => {
        try {
          return await takeCredentials(
            { client, unseal: unsealWith([identity]), whoAmI },
            request as RequestNumber,
          );
        } catch (error) {
          if (
            error instanceof UntrustedCredentials &&
            (error.code === "no-grant" || error.code === "no-credentials")
          )
            return undefined;
          throw error;
        }
      }),
    start: ({ record, credentials }, node) =>
      startSession(first(credentials), {
        node,
        document: documentName({ mode: "shell" }, record.request.for),
        reason: record.request.reason,
      }),
  };
}

function first(credentials: readonly GrantedCredentials[]): GrantedCredentials {
  const [one] = credentials;
  if (one === undefined) throw new Error("the sealed comment holds no credentials");
  return one;
}

/** The name of the error that AWS answers, or undefined when it did not refuse. */
export async function refusalOf(attempt: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.name : "unknown error";
  }
}
