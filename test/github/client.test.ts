import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { type ClientOptions, createClient, fill, graphqlUrl } from "../../github/client.ts";
import { GitHubError } from "../../github/error.ts";
import { type VirtualClock, virtualClock } from "./access-repo.ts";

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly token: string | null;
  readonly etag: string | null;
  readonly redirect: string | undefined;
  readonly at: number;
}

type Reply = Response | "broken" | "silent";

/** A client whose server gives these replies in order, the last one for ever. */
function scripted(replies: readonly (() => Reply)[], options: Partial<ClientOptions> = {}) {
  const clock: VirtualClock = virtualClock();
  const sent: Sent[] = [];
  const fetch: typeof globalThis.fetch = async (url, init) => {
    const headers = new Headers(init?.headers);
    sent.push({
      method: init?.method ?? "GET",
      url: String(url),
      token: headers.get("authorization"),
      etag: headers.get("if-none-match"),
      redirect: init?.redirect,
      at: clock.now(),
    });
    const reply = replies[Math.min(sent.length, replies.length) - 1]?.() ?? "broken";
    if (reply === "broken") throw new TypeError("fetch failed with secret-token in it");
    if (reply === "silent") return new Promise<Response>(() => undefined);
    return reply;
  };
  const client = createClient({
    owner: "acme",
    repo: "access",
    token: () => "secret-token",
    baseUrl: "http://github.test/",
    fetch,
    clock,
    timeout: 20,
    ...options,
  });
  return { client, sent, clock };
}

const reply =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}) =>
  () =>
    new Response(status === 304 ? null : JSON.stringify(body), { status, headers });
const broken = () => "broken" as const;
const silent = () => "silent" as const;

const any = z.looseObject({});
const read = { path: "/repos/{owner}/{repo}/thing", as: any };
const write = { method: "POST", path: "/repos/{owner}/{repo}/things", body: {} } as const;

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (error: unknown) => (error instanceof GitHubError ? error.code : error),
  );

describe("addresses", () => {
  it.each([
    ["https://api.github.com", "https://api.github.com/graphql"],
    ["https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"],
    ["https://github.acme.test/api/v3", "https://github.acme.test/api/graphql"],
    ["http://127.0.0.1:4100", "http://127.0.0.1:4100/graphql"],
  ])("finds the GraphQL of %s", (base, url) => {
    expect(graphqlUrl(base)).toBe(url);
  });

  it("lets no value lead elsewhere", () => {
    expect(fill("/users/{login}", { login: "../orgs?a=#b" })).toBe("/users/..%2Forgs%3Fa%3D%23b");
  });

  it.each(["", ".", ".."])("refuses the value %j", (login) => {
    expect(() => fill("/users/{login}", { login })).toThrow(GitHubError);
  });

  it("refuses a value that is missing", () => {
    expect(() => fill("/users/{login}", {})).toThrow(GitHubError);
  });
});

describe("errors", () => {
  it.each([
    [401, "unauthorized"],
    [403, "forbidden"],
    [404, "not-found"],
    [405, "conflict"],
    [409, "conflict"],
    [410, "not-found"],
    [422, "unprocessable"],
    [418, "malformed"],
    [500, "unavailable"],
    [503, "unavailable"],
  ])("%i is %s", async (status, code) => {
    const { client } = scripted([reply(status, { message: "no" })]);
    expect(await codeOf(client.get(read))).toBe(code);
    expect(await codeOf(client.send(write))).toBe(code);
  });

  it("names the call, GitHub's own words and what to do, and never a token or a raw body", async () => {
    const body = {
      message: "Validation\nFailed `x`",
      errors: [{ message: "worse" }, "bad"],
      secret: "hidden",
    };
    const { client } = scripted([reply(422, body)]);
    await expect(client.send(write)).rejects.toThrow(
      "GitHub, POST /repos/{owner}/{repo}/things: unprocessable (422) `Validation Failed  x : worse: bad`; if it goes on, report this",
    );
  });

  it("does not show what the network says, which may hold the request", async () => {
    const { client } = scripted([broken]);
    const error = await client.get(read).catch((caught: unknown) => caught);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("secret-token");
  });

  it("does not follow a write that is sent elsewhere, which would become a read", async () => {
    const { client, sent } = scripted([reply(301, {}, { location: "http://github.test/repositories/5" })]);
    expect(await codeOf(client.send(write))).toBe("not-found");
    expect(sent.map(({ redirect }) => redirect)).toEqual(["manual"]);
  });

  it("is not taken in by an answer of another shape", async () => {
    const { client } = scripted([reply(200, { id: "seven" })]);
    expect(await codeOf(client.get({ ...read, as: z.object({ id: z.int() }) }))).toBe("malformed");
  });

  it("is not taken in by what is no JSON", async () => {
    const { client } = scripted([() => new Response("<html>", { status: 200 })]);
    expect(await codeOf(client.get(read))).toBe("malformed");
  });
});

describe("trying again", () => {
  it.each([
    ["5xx", reply(502)],
    ["a broken connection", broken],
    ["no answer in time", silent],
  ])("reads again after %s", async (_, fault) => {
    const { client, sent } = scripted([fault, fault, reply(200)]);
    expect(await codeOf(client.get(read))).toBe("done");
    expect(sent).toHaveLength(3);
  });

  it("gives up reading after three failures", async () => {
    const { client, sent } = scripted([silent]);
    expect(await codeOf(client.get(read))).toBe("timeout");
    expect(sent).toHaveLength(3);
  });

  it.each([
    [reply(502), "unavailable"],
    [broken, "unavailable"],
    [silent, "timeout"],
  ])("does not repeat a write that may have had its effect", async (fault, code) => {
    const { client, sent } = scripted([fault, reply(201)]);
    expect(await codeOf(client.send(write))).toBe(code);
    expect(sent).toHaveLength(1);
  });

  it("repeats a write that may be repeated", async () => {
    const { client, sent } = scripted([broken, reply(201)]);
    expect(await codeOf(client.send({ ...write, repeatable: true }))).toBe("done");
    expect(sent).toHaveLength(2);
  });

  it("asks once for another token when one is refused", async () => {
    const refused: (string | undefined)[] = [];
    const token = (old?: string) => {
      refused.push(old);
      return old === undefined ? "first" : "second";
    };
    const { client, sent } = scripted([reply(401), reply(200)], { token });
    expect(await codeOf(client.get(read))).toBe("done");
    expect(sent.map((each) => each.token)).toEqual(["Bearer first", "Bearer second"]);
    expect(refused).toEqual([undefined, "first"]);
  });
});

describe("limits", () => {
  it("waits as long as Retry-After says, for writes too", async () => {
    const { client, sent } = scripted([reply(429, {}, { "retry-after": "30" }), reply(201)]);
    await client.send(write);
    expect((sent[1]?.at ?? 0) - (sent[0]?.at ?? 0)).toBe(30_000);
  });

  it("waits for the reset of the hourly limit", async () => {
    const clock = virtualClock();
    const reset = String(clock.now() / 1000 + 60);
    const { client, sent } = scripted([
      reply(403, {}, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset }),
      reply(200),
    ]);
    await client.get(read);
    expect((sent[1]?.at ?? 0) - (sent[0]?.at ?? 0)).toBe(61_000);
  });

  it("waits a minute for a secondary limit that names no time", async () => {
    const { client, sent } = scripted([
      reply(403, { message: "You have exceeded a secondary rate limit" }),
      reply(200),
    ]);
    await client.get(read);
    expect((sent[1]?.at ?? 0) - (sent[0]?.at ?? 0)).toBe(60_000);
  });

  it("knows the limit of GraphQL, which answers 200", async () => {
    const limited = { errors: [{ type: "RATE_LIMITED", message: "API rate limit exceeded" }] };
    const { client, sent } = scripted([
      reply(200, limited, { "retry-after": "5" }),
      reply(200, { data: { a: 1 } }),
    ]);
    await client.query({ text: "query A { a }", as: any });
    expect((sent[1]?.at ?? 0) - (sent[0]?.at ?? 0)).toBe(5_000);
  });

  it("does not wait longer than its patience", async () => {
    const { client, sent } = scripted([reply(429, {}, { "retry-after": "3600" })]);
    expect(await codeOf(client.get(read))).toBe("rate-limited");
    expect(sent).toHaveLength(1);
  });

  it("takes a plain 403 for what it is", async () => {
    const { client } = scripted([reply(403, { message: "Resource not accessible by integration" })]);
    expect(await codeOf(client.get(read))).toBe("forbidden");
  });

  it("holds back all writes, not only the one that was limited", async () => {
    const { client, sent } = scripted([reply(429, {}, { "retry-after": "30" }), reply(201)]);
    await Promise.all([client.send(write), client.send(write)]);
    expect((sent[2]?.at ?? 0) - (sent[0]?.at ?? 0)).toBeGreaterThanOrEqual(30_000);
  });
});

describe("answers kept", () => {
  it("answers from memory what has not been modified", async () => {
    const { client, sent } = scripted([reply(200, { a: 1 }, { etag: '"x"' }), reply(304)]);
    expect(await client.get(read)).toEqual({ a: 1 });
    expect(await client.get(read)).toEqual({ a: 1 });
    expect(sent.map(({ etag }) => etag)).toEqual([null, '"x"']);
  });

  it("keeps answers to different questions apart", async () => {
    const { client, sent } = scripted([reply(200, { a: 1 }, { etag: '"x"' })]);
    await client.get({ ...read, query: { page: 1 } });
    await client.get({ ...read, query: { page: 2 } });
    expect(sent.map(({ etag }) => etag)).toEqual([null, null]);
  });

  it("remembers what was loaded, not what failed", async () => {
    const { client } = scripted([]);
    let loads = 0;
    const load = async () => {
      loads += 1;
      if (loads === 1) throw new Error("first");
      return loads;
    };
    await expect(client.remember("key", load)).rejects.toThrow("first");
    expect(await Promise.all([client.remember("key", load), client.remember("key", load)])).toEqual([2, 2]);
    expect(loads).toBe(2);
  });

  it("forgets what was not asked for longest", async () => {
    const { client } = scripted([]);
    let loads = 0;
    const load = async () => ++loads;
    await client.remember("first", load);
    for (let key = 0; key < 600; key++) await client.remember(String(key), load);
    expect(await client.remember("first", load)).toBe(602);
  });
});

describe("lists", () => {
  it("refuses a first page where all was asked for", async () => {
    const { client } = scripted([reply(200, {}, { link: '<http://github.test/x?page=2>; rel="next"' })]);
    expect(await codeOf(client.get({ ...read, whole: true }))).toBe("truncated");
    expect(await codeOf(client.get(read))).toBe("done");
  });
});

describe("GraphQL", () => {
  const query = { text: "query Thing { a }", as: any };
  const failing = (type: string | undefined, path: readonly string[]) =>
    reply(200, {
      data: { a: null },
      errors: [{ ...(type === undefined ? {} : { type }), path, message: "m" }],
    });

  it.each([
    ["NOT_FOUND", "not-found"],
    ["FORBIDDEN", "forbidden"],
    ["STALE_DATA", "conflict"],
    ["UNPROCESSABLE", "unprocessable"],
    ["SERVICE_UNAVAILABLE", "unavailable"],
    [undefined, "unavailable"],
  ])("the error %s is %s: half an answer is none", async (type, code) => {
    const { client } = scripted([failing(type, ["a"])]);
    expect(await codeOf(client.query(query))).toBe(code);
  });

  it("lets be missing only what may be, and hidden only what may be hidden", async () => {
    const missing = scripted([failing("NOT_FOUND", ["a"])]).client;
    expect(await codeOf(missing.query({ ...query, mayMiss: ["a"] }))).toBe("done");
    expect(await codeOf(missing.query({ ...query, mayMiss: ["b"] }))).toBe("not-found");
    const hidden = scripted([failing("FORBIDDEN", ["a"])]).client;
    expect(await codeOf(hidden.query({ ...query, mayMiss: ["a"] }))).toBe("forbidden");
    expect(await codeOf(hidden.query({ ...query, mayHide: ["a"] }))).toBe("done");
  });

  it("counts a mutation as a write and a query as none", async () => {
    const seen: boolean[] = [];
    const { client } = scripted([reply(200, { data: {} })], { onRequest: ({ write }) => seen.push(write) });
    await client.query(query);
    await client.mutate({ ...query, text: "mutation Do { a }" });
    await client.get(read);
    await client.send(write);
    expect(client.counts).toEqual({ requests: 4, writes: 2 });
    expect(seen).toEqual([false, true, false, true]);
  });
});
