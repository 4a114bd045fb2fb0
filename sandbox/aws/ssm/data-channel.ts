import type { Twin } from "../twin.ts";
import type { WireRequest } from "../wire/wire-request.ts";
import { createPortStreams, type PortStreams } from "./port-streams.ts";
import { type OpenShell, openShell, type Session } from "./sessions.ts";

const path = /^\/v1\/data-channel\/([^/]+)(?:\/(input|leave|streams\/(\d+)(?:\/(input|end))?))?$/;

interface Channel {
  readonly shell: OpenShell;
  readonly ports: PortStreams;
  write(line: string): void;
}

/**
 * A session's stream, in plain HTTP in place of AWS's web socket. `POST /v1/data-channel/ID` with `{"TokenValue": …}`
 * answers what the shell shows, until it ends; `POST …/input` with the same token as bearer types a line, `…/leave` ends.
 * What AWS tells the plugin in a handshake stands in the header `x-session-port`: what a Port document fixes.
 */
export function createDataChannel(twin: Twin): (request: WireRequest) => Response | undefined {
  const channels = new Map<string, Channel>();
  return (request) => {
    const [, id, deed, stream, more] = path.exec(request.path) ?? [];
    if (id === undefined) return undefined;
    if (deed === undefined) return open(twin, channels, id, readToken(request.body));
    const channel = channels.get((request.headers.get("authorization") ?? "").replace(/^Bearer /, ""));
    if (channel === undefined) return new Response("no open session\n", { status: 403 });
    if (stream === undefined) return deed === "leave" ? leave(channel) : type(channel, request.body.trim());
    if (more === undefined) return channel.ports.open(stream);
    return more === "end" ? channel.ports.end(stream) : channel.ports.send(stream, request.body);
  };
}

function open(twin: Twin, channels: Map<string, Channel>, id: string, token: string): Response {
  const session = findSession(twin, decodeURIComponent(id));
  const shell = session === undefined ? undefined : openShell(twin, session, token);
  if (session === undefined || shell === undefined)
    return new Response("this token opens no session\n", { status: 403 });
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (line: string) => controller.enqueue(new TextEncoder().encode(`${line}\n`));
      channels.set(token, { shell, ports: createPortStreams(twin, session, shell), write });
      write(`Starting session with SessionId: ${shell.sessionId}`);
      shell.onEnd((how) => {
        channels.delete(token);
        write(how === "left" ? "Exiting session." : `Session ${shell.sessionId} was ended: ${how}.`);
        controller.close();
      });
    },
  });
  return new Response(body, {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      ...(session.port === undefined ? {} : { "x-session-port": JSON.stringify(session.port) }),
    },
  });
}

function type({ shell, write }: Channel, line: string): Response {
  shell.type();
  write(`$ ${line}`);
  for (const answer of answersOf(line, shell.target)) write(answer);
  if (line === "exit") shell.leave();
  return new Response(null, { status: 204 });
}

/** A shell that knows two commands. */
function answersOf(line: string, node: string): readonly string[] {
  const [command, ...words] = line.split(" ");
  return command === "hostname" ? [node] : command === "echo" ? [words.join(" ")] : [];
}

function leave({ shell }: Channel): Response {
  shell.leave();
  return new Response(null, { status: 204 });
}

function findSession(twin: Twin, id: string): Session | undefined {
  for (const account of twin.world.values()) {
    for (const region of account.regions.values()) {
      const session = region.sessions.get(id);
      if (session !== undefined) return session;
    }
  }
  return undefined;
}

function readToken(body: string): string {
  try {
    return String((JSON.parse(body) as { TokenValue?: unknown }).TokenValue);
  } catch {
    return "";
  }
}
