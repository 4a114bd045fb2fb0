/** A request as it came over the wire, read once. */
export interface WireRequest {
  readonly method: string;
  /** As sent, percent signs and all. */
  readonly path: string;
  /** As sent, in order. */
  readonly query: readonly (readonly [string, string])[];
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export async function readRequest(request: Request): Promise<WireRequest> {
  const url = new URL(request.url);
  const headers = new Map([...request.headers].map(([name, value]) => [name.toLowerCase(), value]));
  if (!headers.has("host")) headers.set("host", url.host);
  return {
    method: request.method,
    path: url.pathname,
    query: readQuery(url.search),
    headers,
    body: await request.text(),
    signal: request.signal,
  };
}

function readQuery(search: string): readonly (readonly [string, string])[] {
  return search
    .replace(/^\?/, "")
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf("=");
      return at < 0 ? ([pair, ""] as const) : ([pair.slice(0, at), pair.slice(at + 1)] as const);
    });
}

/** What is no valid escape stays as it is; a signature over it will not match. */
export function decodeComponent(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, "%20"));
  } catch {
    return text;
  }
}

export function readForm(body: string): ReadonlyMap<string, string> {
  return new Map(readQuery(body).map(([key, value]) => [decodeComponent(key), decodeComponent(value)]));
}
