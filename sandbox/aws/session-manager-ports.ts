import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { Readable, Writable } from "node:stream";

/** A session's stream, as its token opens it. */
export interface Channel {
  readonly session: string;
  readonly post: (path: string, body?: string) => Promise<Response>;
}

/** For `ssh`: its ProxyCommand's standard input and output are the stream. The session ends with the input. */
export async function forwardStandardStreams(channel: Channel): Promise<() => void> {
  void carry(channel, 1, process.stdin, process.stdout)
    .catch((error: unknown) => console.error(String(error)))
    .then(() => channel.post("leave"))
    .catch(() => {});
  return () => {};
}

/** Any number of connections to a port of this machine, until Ctrl-C or the session's end. */
export async function forwardPort(channel: Channel, port: number): Promise<() => void> {
  let streams = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    console.log(`Connection accepted for session [${channel.session}]`);
    carry(channel, ++streams, socket, socket).catch((error: unknown) => {
      console.error(String(error));
      socket.destroy();
    });
  });
  server.on("error", (error) => {
    console.error(String(error));
    process.exitCode = 1;
    channel.post("leave").catch(() => {});
  });
  server.listen(port, "localhost");
  await once(server, "listening").catch(() => {});
  const { port: opened } = (server.address() as AddressInfo | null) ?? { port };
  console.log(`Port ${opened} opened for sessionId ${channel.session}.\nWaiting for connections...\n`);
  return () => server.close();
}

/** Bytes both ways, each in order, until the node's side has ended. */
async function carry({ post }: Channel, stream: number, from: Readable, to: Writable): Promise<void> {
  const answer = await post(`streams/${stream}`);
  if (!answer.ok) throw new Error(`the connection to the destination failed: ${await answer.text()}`);
  const up = async () => {
    // a socket that is ended on one side still has the other
    for await (const chunk of from.iterator({ destroyOnReturn: false }))
      await post(`streams/${stream}/input`, Buffer.from(chunk as Uint8Array).toString("base64"));
    await post(`streams/${stream}/end`);
  };
  up().catch(() => {});
  for await (const chunk of answer.body ?? []) to.write(chunk);
  if (to !== process.stdout) to.end();
}
