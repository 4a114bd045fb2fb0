// The body of a request, whole or not at all. ATTACK: a signature is over the whole body, so anybody can make us read one before it can be refused.

import type { IncomingMessage } from "node:http";

/** GitHub's own limit for a payload, in bytes. */
export const mostBytes = 25 * 1024 * 1024;
/** Of all bodies that are being read together; GitHub's are some 20 KB each. */
export const mostBytesTogether = 4 * mostBytes;
/** A whole request takes no longer, in milliseconds: GitHub itself gives up after ten seconds. */
export const mostTime = 10_000;

export type Body =
  | { readonly got: "text"; readonly text: string }
  /** `gone`: whoever sent it broke off. */
  | { readonly got: "too-large" | "too-many" | "gone" };

export type ReadBody = (request: IncomingMessage) => Promise<Body>;

interface Reading {
  bytes: number;
  readonly over: (body: Body) => void;
}

export function createBodyReader(): ReadBody {
  const readings = new Set<Reading>();
  // ATTACK: bodies that fill the room and never end. The largest makes way, so that GitHub's own, which are small, come through.
  const makeRoom = (): void => {
    const all = [...readings];
    if (all.reduce((sum, { bytes }) => sum + bytes, 0) <= mostBytesTogether) return;
    all.reduce((most, each) => (each.bytes > most.bytes ? each : most)).over({ got: "too-many" });
  };
  return (request) =>
    new Promise((resolve) => {
      const chunks: Buffer[] = [];
      // a promise resolves once: what comes after the first changes nothing
      const over = (body: Body): void => {
        readings.delete(reading);
        chunks.length = 0;
        request.off("data", take);
        resolve(body);
      };
      const reading: Reading = { bytes: 0, over };
      const take = (chunk: Buffer): void => {
        reading.bytes += chunk.length;
        chunks.push(chunk);
        if (reading.bytes > mostBytes) over({ got: "too-large" });
        else makeRoom();
      };
      request.once("end", () => over({ got: "text", text: Buffer.concat(chunks).toString("utf8") }));
      request.on("error", () => over({ got: "gone" }));
      request.once("close", () => over({ got: "gone" }));
      if (Number(request.headers["content-length"] ?? 0) > mostBytes) return over({ got: "too-large" });
      readings.add(reading);
      request.on("data", take);
    });
}
