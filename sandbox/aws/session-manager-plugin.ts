import { createInterface } from "node:readline";

/**
 * A stand-in for AWS's session-manager-plugin, called by the AWS CLI in the same way:
 * `--version`, or RESPONSE REGION StartSession PROFILE PARAMETERS ENDPOINT, where RESPONSE is the answer of StartSession as
 * JSON or the name of an environment variable that holds it. It shows the session's stream and types what it is given.
 */
const [response = "", , operation = "", , , endpoint = ""] = process.argv.slice(2);

if (response === "--version") console.log("1.2.804.0");
else if (operation !== "StartSession") fail(`cannot perform \`${operation}\``);
else await connect();

async function connect(): Promise<void> {
  const { SessionId = "", TokenValue = "" } = readResponse(process.env[response] ?? response);
  const channel = `${endpoint}/v1/data-channel/${encodeURIComponent(SessionId)}`;
  const stream = await fetch(channel, { method: "POST", body: JSON.stringify({ TokenValue }) });
  if (!stream.ok || stream.body === null) fail(`the session's stream answered ${stream.status}`);
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (body) => {
    const headers = { authorization: `Bearer ${TokenValue}` };
    fetch(`${channel}/input`, { method: "POST", headers, body }).catch(() => {});
  });
  for await (const chunk of stream.body ?? []) process.stdout.write(chunk);
  lines.close();
  process.stdin.destroy();
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
