import { createInterface } from "node:readline";
import { type Channel, forwardPort, forwardStandardStreams } from "./session-manager-ports.ts";

/**
 * A stand-in for AWS's session-manager-plugin, called by the AWS CLI in the same way:
 * `--version`, or RESPONSE REGION StartSession PROFILE PARAMETERS ENDPOINT, where RESPONSE is the answer of StartSession as
 * JSON or the name of an environment variable that holds it. It shows the session's stream and types what it is given, or
 * forwards bytes where the session's document is of a port.
 */
const [response = "", , operation = "", , , endpoint = ""] = process.argv.slice(2);

if (response === "--version") console.log("1.2.804.0");
else if (operation !== "StartSession") fail(`cannot perform \`${operation}\``);
else await connect();

async function connect(): Promise<void> {
  const { SessionId = "", TokenValue = "" } = readResponse(process.env[response] ?? response);
  const url = `${endpoint}/v1/data-channel/${encodeURIComponent(SessionId)}`;
  const stream = await fetch(url, { method: "POST", body: JSON.stringify({ TokenValue }) });
  if (!stream.ok || stream.body === null) fail(`the session's stream answered ${stream.status}`);
  const channel: Channel = {
    session: SessionId,
    post: (path, body = "") =>
      fetch(`${url}/${path}`, { method: "POST", headers: { authorization: `Bearer ${TokenValue}` }, body }),
  };
  const port = stream.headers.get("x-session-port");
  let stop: (() => void) | undefined;
  for await (const chunk of stream.body ?? []) {
    process.stdout.write(chunk);
    // which session it is comes first, before any byte of an ssh server's
    stop ??= await (port === null ? typeLines(channel) : usePort(channel, port));
  }
  stop?.();
  process.stdin.destroy();
}

/**
 * Ctrl-C is for the node's shell, which in the twin runs nothing that it could end.
 *
 * At the end of its input AWS's for Linux and macOS (handleKeyboardInput of its source) stops there and then, with 0 and the
 * session left open. Whether some of the node's answer comes before is a race in both; what the one for Windows does is not known.
 */
async function typeLines({ post }: Channel): Promise<() => void> {
  process.on("SIGINT", () => {});
  const lines = createInterface({ input: process.stdin });
  let sent = Promise.resolve();
  let over = false;
  lines.on("line", (line) => {
    sent = sent.then(() => post("input", line)).then(noMatter, noMatter);
  });
  lines.on("close", async () => {
    await sent;
    if (over) return;
    console.log("Cannot perform start session: EOF");
    process.exit(0);
  });
  return () => {
    over = true;
    lines.close();
  };
}

function noMatter(): void {}

async function usePort(channel: Channel, text: string): Promise<() => void> {
  process.on("SIGINT", () => {
    console.error("Terminate signal received, exiting.");
    void channel.post("leave").catch(() => {});
  });
  const { type, localPortNumber = "0" } = JSON.parse(text) as { type?: string; localPortNumber?: string };
  return type === "LocalPortForwarding"
    ? forwardPort(channel, Number(localPortNumber))
    : forwardStandardStreams(channel);
}

function readResponse(text: string): { SessionId?: string; TokenValue?: string } {
  try {
    return JSON.parse(text) as { SessionId?: string; TokenValue?: string };
  } catch {
    return fail("the answer of StartSession is not JSON");
  }
}

function fail(message: string): never {
  console.error(`session-manager-plugin: ${message}`);
  process.exit(1);
}
