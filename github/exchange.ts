// One attempt at one HTTP request: timed, its answer read as JSON, its failure named.

/** As much of `fetch` as is used here: `globalThis.fetch` is one, `httpFetch` another. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: string;
    readonly signal: AbortSignal;
    /** A write that is sent elsewhere (the repository was renamed) would arrive as a read, and look as if it were done. */
    readonly redirect: "follow" | "manual";
  },
) => Promise<{
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly text: () => Promise<string>;
}>;

export interface AnswerHeaders {
  readonly get: (name: string) => string | null;
}

export interface Wire {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Attempt =
  | {
      readonly got: "answer";
      readonly status: number;
      readonly headers: AnswerHeaders;
      readonly body: unknown;
      readonly size: number;
    }
  | { readonly got: "timeout" | "unavailable" };

export async function attempt(fetch: Fetch, { url, ...init }: Wire, timeout: number): Promise<Attempt> {
  const aborter = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  // raced as well as aborted: what is behind `fetch` may not listen to the signal
  const late = new Promise<Attempt>((resolve) => {
    timer = setTimeout(() => {
      resolve({ got: "timeout" });
      aborter.abort();
    }, timeout);
  });
  const redirect = init.method === "GET" ? "follow" : "manual";
  try {
    return await Promise.race([
      ask(fetch, url, { ...init, headers: { ...init.headers }, redirect, signal: aborter.signal }),
      late,
    ]);
  } catch {
    // the reason may hold the request, and with it the token
    return { got: "unavailable" };
  } finally {
    clearTimeout(timer);
  }
}

async function ask(fetch: Fetch, url: string, init: Parameters<Fetch>[1]): Promise<Attempt> {
  const response = await fetch(url, init);
  const text = await response.text();
  const { status, headers } = response;
  return { got: "answer", status, headers, body: parseJson(text), size: text.length };
}

/** What is not JSON (a proxy's page, an empty 204) is no body for us. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
