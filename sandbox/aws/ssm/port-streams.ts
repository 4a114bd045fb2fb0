import { type Duplex, duplexPair } from "node:stream";
import type { Twin } from "../twin.ts";
import type { OpenShell, Session } from "./sessions.ts";

/**
 * The streams of a Port session, in plain HTTP in place of AWS's multiplexed web socket. `POST …/streams/N` connects to what
 * the document names and answers the bytes that come from there; `…/streams/N/input` sends bytes, in base64; `…/streams/N/end` ends.
 */
export interface PortStreams {
  readonly open: (stream: string) => Response;
  readonly send: (stream: string, base64: string) => Response;
  readonly end: (stream: string) => Response;
}

export function createPortStreams(twin: Twin, session: Session, shell: OpenShell): PortStreams {
  const open = new Map<string, Duplex>();
  shell.onEnd(() => {
    for (const stream of open.values()) stream.destroy();
  });
  const { host = "localhost", portNumber = "" } = session.port ?? {};
  return {
    open: (name) => {
      const service = twin.services.get(`${session.target} ${host}:${portNumber}`);
      if (service === undefined) return new Response("connection refused\n", { status: 502 });
      const [near, far] = duplexPair();
      for (const side of [near, far]) side.on("error", () => {});
      open.set(name, near);
      near.once("close", () => open.delete(name));
      service(far);
      return new Response(bytesOf(near), { headers: { "content-type": "application/octet-stream" } });
    },
    send: (name, base64) => {
      const stream = open.get(name);
      if (stream === undefined) return new Response("no such stream\n", { status: 404 });
      shell.type();
      stream.write(Buffer.from(base64, "base64"));
      return new Response(null, { status: 204 });
    },
    end: (name) => {
      open.get(name)?.end();
      return new Response(null, { status: 204 });
    },
  };
}

const bytesOf = (stream: Duplex): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      stream.on("data", (chunk: Buffer) => controller.enqueue(new Uint8Array(chunk)));
      let closed = false;
      const close = () => {
        if (!closed) controller.close();
        closed = true;
      };
      stream.once("end", close);
      stream.once("close", close);
    },
  });
