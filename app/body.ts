// The body of a request, whole or not at all. ATTACK: a signature is over the whole body, so anybody can make us read one before it can be refused.

import type { IncomingMessage } from "node:http";

/** GitHub's own limit for a payload, in bytes. */
export const mostBytes = 25 * 1024 * 1024;
/** Of all bodies that are being read together; GitHub's are some 20 KB each. */
export const mostBytesTogether = 4 * mostBytes;

export type Body =
  | { readonly got: "text"; readonly text: string }
  /** `gone`: whoever sent it broke off. */
  | { readonly got: "too-large" | "too-many" | "gone" };

export type ReadBody = (request: IncomingMessage) => Promise<Body>;

export function createBodyReader(): ReadBody {
  let together = 0;
  return (request) =>
    new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      // INVARIANT: what a request has added is taken off once, when it is over; a promise resolves once
      const over = (body: Body): void => {
        together -= bytes;
        bytes = 0;
        chunks.length = 0;
        request.off("data", take);
        resolve(body);
      };
      const take = (chunk: Buffer): void => {
        bytes += chunk.length;
        together += chunk.length;
        if (bytes > mostBytes) over({ got: "too-large" });
        else if (together > mostBytesTogether) over({ got: "too-many" });
        else chunks.push(chunk);
      };
      request.once("end", () => over({ got: "text", text: Buffer.concat(chunks).toString("utf8") }));
      request.on("error", () => over({ got: "gone" }));
      request.once("close", () => over({ got: "gone" }));
      if (Number(request.headers["content-length"] ?? 0) > mostBytes) over({ got: "too-large" });
      else request.on("data", take);
    });
}
