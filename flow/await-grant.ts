// From a request to its credentials, as the requester: finds what is open or asked already, posts the key, and waits for what is sealed to it.

import * as z from "zod/mini";
import type { Node } from "../core/node.ts";
import { nodeKey } from "../core/node.ts";
import { parseRequestNumber } from "../core/parse-ids.ts";
import { parseActive } from "../core/parse-record.ts";
import type { ActiveRecord } from "../core/record.ts";
import type { AccessRequest } from "../core/request.ts";
import { parseSelector } from "../core/selectors.ts";
import type { GitHubClient } from "../github/client.ts";
import { postComment } from "../github/comments.ts";
import { listMyOpen } from "./my-requests.ts";
import { findNodes, type Ground } from "./prepare-request.ts";
import { readShown, type ShownInFull, type ShownRequest } from "./shown-requests.ts";
import { type TakeDeps, type TakenGrant, takeCredentials, UntrustedCredentials } from "./take-credentials.ts";

/** What has to fit for a request to be used instead of a new one. */
export type Need = Pick<AccessRequest, "access" | "forward"> & { readonly node: Node };

const most = 50;

/** A request of mine for this node, the open one first, else the newest that waits. Undefined: there is none. */
export async function findMine(
  client: GitHubClient,
  { login, ground, need }: { readonly login: string; readonly ground: Ground; readonly need: Need },
): Promise<ShownRequest | undefined> {
  const mine = await listMyOpen(client, { login, app: ground.config.app }, most);
  const fitting = mine.filter((request) => fits(request, ground, need));
  for (const request of fitting.filter(({ state }) => state === "active")) {
    const record = await readActive(client, request.request);
    if (record !== undefined && isFor(record, need) && record.granted.until > client.clock.now())
      return request;
  }
  return fitting.find(({ state }) => waiting.includes(state));
}

const waiting: readonly string[] = ["new", "pending", "approved"];

/** The label and the words only say where to look: what opens is what the record and AWS say. */
function fits({ asked }: ShownRequest, ground: Ground, need: Need): boolean {
  if (asked === undefined || (asked.access || "shell") !== need.access) return false;
  if (asked.forward !== (need.forward ?? "")) return false;
  const nodes = asked.nodes.flatMap((text) => {
    const selector = parseSelector(text.trim());
    return selector.ok ? [selector.value] : [];
  });
  const found = findNodes(ground, { nodes });
  return found.ok && found.value.some((node) => nodeKey(node) === nodeKey(need.node));
}

const isFor = ({ request, nodes }: ActiveRecord, need: Need): boolean =>
  request.access === need.access &&
  request.forward === need.forward &&
  nodes.some((node) => nodeKey(node) === nodeKey(need.node));

async function readActive(client: GitHubClient, number: number): Promise<ActiveRecord | undefined> {
  const { owner, repo } = client;
  const path = `active/${number}.yaml`;
  const { repository } = await client.query({
    text: "query Active($owner: String!, $repo: String!, $record: String!) { repository(owner: $owner, name: $repo) { object(expression: $record) { ... on Blob { text } } } }",
    variables: { owner, repo, record: `ledger:${path}` },
    as: z.object({ repository: z.object({ object: z.nullable(z.object({ text: z.nullish(z.string()) })) }) }),
  });
  const record = parseActive(repository.object?.text ?? "", path);
  return record.ok ? record.value : undefined;
}

export interface AwaitDeps extends TakeDeps {
  readonly login: string;
  /** The App's id. */
  readonly app: number;
  readonly recipient: string;
  /** Called at each look. */
  readonly onLook: (shown: ShownInFull) => void;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

export type Awaited =
  | { readonly got: "grant"; readonly grant: TakenGrant }
  /** It will not be granted. */
  | { readonly got: "over"; readonly shown: ShownInFull }
  | { readonly got: "stopped"; readonly shown: ShownInFull };

export interface AwaitedRequest {
  readonly request: number;
  /** Just opened by us, so that no key can be there. */
  readonly isNew: boolean;
}

/** Throws `UntrustedCredentials` for what must not be used. */
export async function awaitGrant(
  deps: AwaitDeps,
  { request: number, isNew }: AwaitedRequest,
): Promise<Awaited> {
  const { clock } = deps.client;
  const posted = isNew ? postKey(deps, number) : undefined;
  let [shown, key] = await Promise.all([look(deps, number), posted]);
  key ??= keyComment(deps, shown) ?? (await postKey(deps, number));
  let changedAt = clock.now();
  for (;;) {
    if (isOver(shown)) return { got: "over", shown };
    if (shown.sealed !== undefined && shown.sealed > key) {
      const grant = await take(deps, number);
      if (grant === "again") key = await postKey(deps, number);
      else if (grant !== "wait") return { got: "grant", grant };
    }
    if (deps.signal.aborted) return { got: "stopped", shown };
    await pause(deps, pauseAfter(clock.now() - changedAt));
    if (deps.signal.aborted) return { got: "stopped", shown };
    const before = shown;
    shown = await look(deps, number);
    if (hasChanged(before, shown)) changedAt = clock.now();
  }
}

/**
 * Until the next look, in milliseconds: soon after a change, when the next one is near, and more seldom the longer people take. What has not changed is answered with 304,
 * which costs GitHub's limit nothing.
 *
 * @param unchanged - milliseconds since the last change
 */
export const pauseAfter = (unchanged: number): number => Math.min(5_000, Math.max(750, unchanged / 20));

const hasChanged = (before: ShownInFull, now: ShownInFull): boolean =>
  JSON.stringify(before) !== JSON.stringify(now);

async function look({ client, app, onLook }: AwaitDeps, number: number): Promise<ShownInFull> {
  const shown = await readShown(client, number, app);
  onLook(shown);
  return shown;
}

/** Sleeps until the next look, or until it is told to stop. */
async function pause({ client, signal }: AwaitDeps, milliseconds: number): Promise<void> {
  let wake = () => {};
  const stopped = new Promise<void>((resolve) => {
    wake = resolve;
    signal.addEventListener("abort", wake, { once: true });
  });
  await Promise.race([client.clock.sleep(milliseconds), stopped]);
  signal.removeEventListener("abort", wake);
}

/** An invalid request may be mended, but not from here. */
const isOver = ({ open, state }: ShownInFull): boolean => !open || over.includes(state);
const over: readonly string[] = [
  ...["denied", "rejected", "cancelled", "lapsed", "failed", "invalid"],
  ...["expired", "revoked"],
];

/** An edited comment commands nothing. */
const keyComment = ({ login, recipient }: AwaitDeps, { comments }: ShownInFull): number | undefined =>
  comments.findLast(
    ({ by, body, edited }) => by === login && !edited && body.trim() === `/token ${recipient}`,
  )?.id;

const postKey = ({ client, recipient }: AwaitDeps, number: number): Promise<number> =>
  postComment(client, number, { body: `/token ${recipient}`, mayWait: false });

/** `again`: these cannot be used, others can be had. `wait`: others are on their way. */
async function take(deps: AwaitDeps, number: number): Promise<TakenGrant | "again" | "wait"> {
  const request = parseRequestNumber(number);
  if (request === undefined) throw new Error(`${number} is no request`);
  try {
    const grant = await takeCredentials(deps, request);
    const expired = grant.credentials.some(
      ({ Expiration }) => Date.parse(Expiration) <= deps.client.clock.now(),
    );
    return expired ? "again" : grant;
  } catch (error) {
    if (!(error instanceof UntrustedCredentials)) throw error;
    switch (error.code) {
      case "not-for-this-key":
        return "again";
      // the record is written first, and is moved when it is over
      case "no-grant":
      case "no-credentials":
        return "wait";
      case "not-from-the-app":
      case "edited":
      case "another-identity":
      case "config":
        throw error;
    }
  }
}
