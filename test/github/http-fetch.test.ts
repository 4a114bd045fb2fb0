// Our own small `fetch`, against a real server on loopback.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { httpFetch } from "../../github/http-fetch.ts";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly length: string | undefined;
  readonly body: string;
}

let seen: Seen[] = [];
let serve: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  const { method = "", url = "", headers } = request;
  seen.push({ method, url, authorization: headers.authorization, length: headers["content-length"], body });
  serve(request, response);
});
const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  seen = [];
});

const ask = (path: string, init: Partial<Parameters<typeof httpFetch>[1]> = {}) =>
  httpFetch(`${base()}${path}`, {
    method: "GET",
    headers: { authorization: "Bearer t" },
    redirect: "follow",
    signal: new AbortController().signal,
    ...init,
  });

test("sends the body with its length, and reads status, headers and text in UTF-8", async () => {
  serve = (_, response) => response.writeHead(201, { etag: "W/1", "x-list": ["a", "b"] }).end("grüß dich");
  const answer = await ask("/a?b=c", { method: "POST", body: '{"ü":1}' });
  expect(seen).toEqual([
    { method: "POST", url: "/a?b=c", authorization: "Bearer t", length: "8", body: '{"ü":1}' },
  ]);
  expect([answer.status, await answer.text()]).toEqual([201, "grüß dich"]);
  expect(answer.headers.get("etag")).toBe("W/1");
  expect(answer.headers.get("retry-after")).toBeNull();
});

test("a read follows a redirect at the same host", async () => {
  serve = ({ url }, response) =>
    url === "/old" ? response.writeHead(301, { location: "/new" }).end() : response.end("here");
  expect(await (await ask("/old")).text()).toBe("here");
  expect(seen.map(({ url }) => url)).toEqual(["/old", "/new"]);
});

test("the token is not carried to another host", async () => {
  serve = (_, response) => response.writeHead(302, { location: "http://localhost:1/steal" }).end();
  expect((await ask("/old")).status).toBe(302);
  expect(seen).toHaveLength(1);
});

test("what must not be redirected is not", async () => {
  serve = (_, response) => response.writeHead(307, { location: "/new" }).end();
  expect((await ask("/old", { method: "POST", body: "{}", redirect: "manual" })).status).toBe(307);
  expect(seen).toHaveLength(1);
});

test("a circle of redirects ends", async () => {
  serve = (_, response) => response.writeHead(302, { location: "/round" }).end();
  expect((await ask("/round")).status).toBe(302);
  expect(seen).toHaveLength(4);
});

test("a connection that breaks, at once or half-way through the answer, rejects", async () => {
  serve = (request) => request.socket.destroy();
  await expect(ask("/")).rejects.toThrow();
  serve = (request, response) => {
    response.writeHead(200, { "content-length": "100" }).write("half");
    setTimeout(() => request.socket.destroy(), 20);
  };
  await expect(ask("/")).rejects.toThrow();
});

test("an aborted request rejects, whether or not the answer has begun", async () => {
  const aborter = new AbortController();
  serve = (_, response) => {
    response.writeHead(200).write("half");
    setTimeout(() => aborter.abort(), 20);
  };
  await expect(ask("/", { signal: aborter.signal })).rejects.toThrow();
  await expect(ask("/", { signal: AbortSignal.abort() })).rejects.toThrow();
});
