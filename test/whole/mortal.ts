// An actor's ways to GitHub and AWS, with its writes counted, and its death at any of them: the write has its effect, and its answer is never heard.

import { requestHandlerFor } from "../../sandbox/aws/request-handler.ts";
import type { Actor } from "./virtual-time.ts";

export interface Mortal {
  readonly actor: Actor;
  /** Writes to GitHub (and calls of AWS, of those who make any) so far, by name. */
  readonly effects: readonly string[];
  readonly fetch: typeof fetch;
  readonly awsHandler: ReturnType<typeof requestHandlerFor>;
}

export interface MortalOptions {
  readonly actor: Actor;
  readonly github: typeof fetch;
  readonly aws: (request: Request) => Promise<Response>;
  /** Dies with its effect of this number, counted from 1; 0: before it does anything. */
  readonly diesAt?: number | undefined;
  readonly onDeath?: (() => void) | undefined;
  /** Milliseconds on the wire, before each request to GitHub arrives and before its answer does. */
  readonly latency?: (() => number) | undefined;
}

export function createMortal({
  actor,
  github: wire,
  aws,
  diesAt,
  onDeath,
  latency = () => 0,
}: MortalOptions): Mortal {
  const travel = async (): Promise<void> => {
    const milliseconds = latency();
    if (milliseconds > 0) await actor.clock.sleep(milliseconds);
  };
  const github: typeof fetch = async (...asked) => {
    await travel();
    const answer = await wire(...asked);
    await travel();
    return answer;
  };
  const effects: string[] = [];
  const never = new Promise<never>(() => undefined);
  const die = (): Promise<never> => {
    actor.kill();
    onDeath?.();
    return never;
  };
  /** Performs an effect; the dead do nothing and hear nothing. */
  const effect = async <T>(name: string, perform: () => Promise<T>): Promise<T> => {
    if (actor.dead()) return never;
    if (diesAt === 0) return die();
    effects.push(name);
    const answer = perform();
    if (effects.length !== diesAt) return actor.hears(answer);
    await answer.catch(() => undefined);
    return die();
  };
  const handler = requestHandlerFor(aws);
  return {
    actor,
    effects,
    fetch: async (input, init) => {
      if (actor.dead()) return never;
      const request = new Request(input, init);
      const name = await writeName(request);
      return name === undefined ? actor.hears(github(request)) : effect(name, () => github(request));
    },
    awsHandler: {
      ...handler,
      handle: (request, options) =>
        effect(`aws ${request.hostname.split(".")[0]}`, () => handler.handle(request, options)),
    },
  };
}

/** `POST pulls`, `PATCH issues/N` or `mutation Commit`; undefined for reads, tokens, and what the job asks of its own runner. */
async function writeName(request: Request): Promise<string | undefined> {
  const { pathname } = new URL(request.url);
  if (request.method === "GET" || request.method === "HEAD" || pathname.startsWith("/app/")) return undefined;
  if (pathname !== "/graphql")
    return `${request.method} ${pathname.replace(/^\/repos\/[^/]+\/[^/]+\//, "").replace(/\b\d+\b/g, "N")}`;
  const { query } = (await request.clone().json()) as { readonly query: string };
  return /^\s*mutation/.test(query) ? query.trim().split(/[({]/, 1)[0]?.trim() : undefined;
}
