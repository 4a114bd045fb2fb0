/** What a fault is judged by. */
export interface Asked {
  method: string;
  /** Without the `/api/v3` prefix and the query. */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: string;
  /** Names of the operations, of a GraphQL request. */
  graphql: { operations: string[]; mutation: boolean } | undefined;
}

/**
 * `timeout`: nothing happens and no answer comes. `after-effect`: it happens, but the answer is lost.
 * `stale`: a read is answered as it was answered last (a replica that lags). A function: its response instead, nothing
 * happens.
 */
export type FaultResponse = "timeout" | "after-effect" | "stale" | ((asked: Asked) => Response);

export interface Fault {
  when(asked: Asked): boolean;
  /** How often; default: always. */
  times?: number;
  respond: FaultResponse;
}

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** The fault that strikes this request, used up by one. */
  strike(asked: Asked): FaultResponse | undefined;
  /** Keeps the answer to a read for `stale`; only while there is such a fault. */
  remember(asked: Asked, response: Response): void;
  /** The answer to the same read by the same caller before. */
  recall(asked: Asked): Response | undefined;
}

export function createFaults(): Faults {
  let faults: (Fault & { left: number })[] = [];
  const answers = new Map<string, Response>();
  const keyOf = ({ method, path, query, headers, body }: Asked) =>
    [method, path, query, headers.get("authorization"), body].join(" ");
  return {
    remember: (asked, response) => {
      const reads = asked.graphql === undefined ? asked.method === "GET" : !asked.graphql.mutation;
      if (reads && faults.some((fault) => fault.respond === "stale"))
        answers.set(keyOf(asked), response.clone());
    },
    recall: (asked) => answers.get(keyOf(asked))?.clone(),
    add: (fault) => {
      faults.push({
        ...fault,
        when: (asked) => fault.when(asked),
        left: fault.times ?? Number.POSITIVE_INFINITY,
      });
    },
    clear: () => {
      faults = [];
      answers.clear();
    },
    strike: (asked) => {
      const fault = faults.find((candidate) => candidate.left > 0 && candidate.when(asked));
      if (fault === undefined) return undefined;
      fault.left--;
      return fault.respond;
    },
  };
}

/** A connection that broke before the answer came, as `fetch` reports it. */
export function connectionLost(): Error {
  return Object.assign(new TypeError("fetch failed"), { cause: new Error("other side closed") });
}

/** GitHub's answer to one who writes too fast. */
export function secondaryLimit(retryAfterSeconds: number): Response {
  const message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
  const body = JSON.stringify({
    message,
    documentation_url:
      "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
  });
  const headers = {
    "content-type": "application/json; charset=utf-8",
    "retry-after": String(retryAfterSeconds),
  };
  return new Response(body, { status: 403, headers });
}
