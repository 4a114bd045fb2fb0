// Ports of this machine that lead to a node, or beyond it.

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { AccessMode, AccessRequest } from "../core/request.ts";

/** Looked at before anything is asked: AWS would refuse it only once people have approved. */
export function checkPort(text: string | undefined): void {
  if (text !== undefined && !(/^[1-9]\d{0,4}$/.test(text) && Number(text) < 65_536))
    throw new Error(`--local-port: expected a port from 1 to 65535, got \`${text}\``);
}

export const forwards = (access: AccessMode): boolean => access === "rdp" || access === "port-forward";

/** Chosen here, and not by AWS's plugin, so that it can be said, and read by programs. */
export async function freePort(): Promise<string> {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return String(port);
}

/** What is open now, and how it ends. */
export function toUse(
  { access, forward = "" }: Pick<AccessRequest, "access" | "forward">,
  node: string,
  localPort: string | undefined,
): string {
  switch (access) {
    case "shell":
      return `a shell on ${node}; \`exit\` ends it`;
    case "ssh":
      return `ssh to ${node}`;
    case "rdp":
      return `localhost:${localPort} is the desktop of ${node}; Ctrl-C ends it`;
    case "port-forward":
      return `localhost:${localPort} is ${forward}, by way of ${node}; Ctrl-C ends it`;
  }
}
