import { createServer, type Server } from "node:http";
import { buffer } from "node:stream/consumers";

/** Serves a `(Request) => Promise<Response>` on loopback. Port 0 takes any that is free. */
export function listen(
  handle: (request: Request) => Promise<Response>,
  port = 0,
): Promise<{ url: string; server: Server }> {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const url = `http://${incoming.headers.host}${incoming.url}`;
      const body = await buffer(incoming);
      const headers = Object.entries(incoming.headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)] as [string, string]],
      );
      const method = incoming.method ?? "GET";
      const response = await handle(
        new Request(url, { method, headers, ...(body.length > 0 ? { body: new Uint8Array(body) } : {}) }),
      );
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      // the first byte of a stream may wait for one of the caller's
      outgoing.flushHeaders();
      for await (const chunk of response.body ?? []) outgoing.write(chunk);
      outgoing.end();
    } catch {
      // an answer that is lost: the connection goes
      incoming.socket.destroy();
    }
  });
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve({ url: `http://127.0.0.1:${typeof address === "object" ? address?.port : port}`, server });
    });
  });
}
