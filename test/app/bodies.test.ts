// Bodies that are too large, broken off or never end. None of them is signed: whoever sends them needs nothing.

import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createBodyReader, mostBytes, mostBytesTogether } from "../../app/body.ts";
import { eventually, type Loopback, post, startLoopback } from "./loopback.ts";

let loopback: Loopback;
beforeAll(async () => {
  loopback = await startLoopback();
});
afterAll(() => loopback.stop());

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

interface Raw {
  readonly socket: Socket;
  readonly heard: () => string;
  /** Resolves once the server has ended the connection. */
  readonly closed: Promise<void>;
}

/** A client that does as it likes. */
async function raw(head: readonly string[]): Promise<Raw> {
  const socket = connect(loopback.server.port, "127.0.0.1");
  sockets.push(socket);
  let heard = "";
  socket.on("data", (chunk: Buffer) => {
    heard += chunk.toString("utf8");
  });
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  return { socket, heard: () => heard, closed };
}

const posting = (...headers: readonly string[]): readonly string[] => [
  "POST /api/github/webhooks HTTP/1.1",
  "Host: hallpass.test",
  "Content-Type: application/json",
  "X-GitHub-Event: issues",
  "X-GitHub-Delivery: 1",
  `X-Hub-Signature-256: sha256=${"a".repeat(64)}`,
  ...headers,
];

/** Sends pieces until so many bytes are out or the other side has enough; the bytes that went out. */
async function flood(
  { socket, closed }: Raw,
  bytes: number,
  piece: (chunk: Buffer) => Buffer,
): Promise<number> {
  const chunk = Buffer.alloc(256 * 1024, "x");
  let sent = 0;
  while (sent < bytes && !socket.destroyed) {
    const more = socket.write(piece(chunk));
    sent += chunk.length;
    if (!more) await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), closed]);
  }
  return sent;
}

const chunked = (chunk: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]);

const alive = async (): Promise<boolean> => (await fetch(`${loopback.url}/healthz`)).status === 200;

describe("a body over GitHub's own limit is refused", () => {
  test("by its announced length, before any of it is read", async () => {
    const client = await raw(posting(`Content-Length: ${mostBytes + 1}`));
    await eventually(() => client.heard().startsWith("HTTP/1.1 413 "));
    expect(client.heard()).toContain(`larger than ${mostBytes} bytes`);
    await client.closed;
  });

  test.each(["1e9", "99999999999999999999"])("by a length of %s", async (length) => {
    const client = await raw(posting(`Content-Length: ${length}`));
    await eventually(() => /^HTTP\/1.1 4(?:13|00) /.test(client.heard()));
    await client.closed;
  });

  test("when it only turns out to be so, and the sender is told", async () => {
    const client = await raw(posting("Transfer-Encoding: chunked"));
    const sent = await flood(client, 4 * mostBytes, chunked);
    await eventually(() => client.heard() !== "" || client.socket.destroyed);
    expect(client.heard()).toMatch(/^HTTP\/1.1 413 /);
    expect(client.heard().toLowerCase()).toContain("connection: close");
    expect(sent).toBeGreaterThan(mostBytes);
    await client.closed;
  });

  test("and memory stays within the limit while many try", async () => {
    const before = process.memoryUsage().rss;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 5);
    const clients = await Promise.all(
      Array.from({ length: 8 }, () => raw(posting("Transfer-Encoding: chunked"))),
    );
    await Promise.all(clients.map((client) => flood(client, 30 * 1024 * 1024, chunked)));
    // who goes on sending for long may be cut off before they read why
    await eventually(() =>
      clients.every(({ heard, socket }) => /^HTTP\/1.1 (?:413|503) /.test(heard()) || socket.destroyed),
    );
    clearInterval(watch);
    // 240 MB came in; what the senders here buffer for themselves counts too
    expect(most - before).toBeLessThan(2 * mostBytesTogether);
    expect(await alive()).toBe(true);
  });

  test("while one of exactly the limit is read, and refused for its signature", async () => {
    const body = `"${"x".repeat(mostBytes - 2)}"`;
    expect((await post(loopback, body, { signature: `sha256=${"a".repeat(64)}` })).status).toBe(400);
  });
});

describe("the server survives", () => {
  test("a sender that never ends, who is cut off soon", { timeout: 30_000 }, async () => {
    const client = await raw(posting("Content-Length: 1000"));
    client.socket.write("half of it");
    await client.closed;
    expect(client.heard()).toMatch(/^HTTP\/1.1 408 /);
    expect(await alive()).toBe(true);
  });

  test("a sender that breaks off in the middle", async () => {
    const client = await raw(posting("Content-Length: 1000"));
    client.socket.write("half of it");
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.socket.destroy();
    await client.closed;
    expect(await alive()).toBe(true);
  });

  test.each([
    "POST // HTTP/1.1",
    "GET //[ HTTP/1.1",
    "GET http://[::bad HTTP/1.1",
    "POST /%ff%fe?%zz HTTP/1.1",
    "OPTIONS * HTTP/1.1",
  ])("`%s`", async (line) => {
    const client = await raw([line, "Host: hallpass.test", "Content-Length: 0"]);
    await eventually(() => /^HTTP\/1.1 40[04] /.test(client.heard()));
    expect(await alive()).toBe(true);
  });

  test("what is no HTTP", async () => {
    const client = await raw(["\u0016\u0003\u0001hello"]);
    await client.closed;
    expect(await alive()).toBe(true);
  });
});

test("of bodies that are read together the largest makes way, and gives back what it took", async () => {
  const { EventEmitter } = await import("node:events");
  const readBody = createBodyReader();
  const incoming = () => Object.assign(new EventEmitter(), { headers: {} });
  const full = Array.from({ length: 4 }, incoming);
  const reading = full.map((each) => readBody(each as never));
  for (const [index, each] of full.entries()) each.emit("data", Buffer.alloc(mostBytes - index));
  const small = incoming();
  const taken = readBody(small as never);
  small.emit("data", Buffer.from(`"${"x".repeat(10)}"`));
  expect(await reading[0]).toEqual({ got: "too-many" });
  full[0]?.emit("end");
  small.emit("end");
  small.emit("close");
  expect(await taken).toEqual({ got: "text", text: `"${"x".repeat(10)}"` });

  full[1]?.emit("close");
  expect(await reading[1]).toEqual({ got: "gone" });
  for (const each of full.slice(2)) each.emit("end");
  expect((await Promise.all(reading.slice(2))).map(({ got }) => got)).toEqual(["text", "text"]);
});
