// A Probot app that does nothing, for comparison: what verifying and answering a webhook costs by itself.

import { createServer } from "node:http";
import { createNodeMiddleware, Probot } from "probot";

const { APP_ID = "", PRIVATE_KEY = "", WEBHOOK_SECRET = "", GITHUB_API_URL = "", PORT = "0" } = process.env;
const probot = new Probot({
  appId: Number(APP_ID),
  privateKey: PRIVATE_KEY,
  secret: WEBHOOK_SECRET,
  baseUrl: GITHUB_API_URL,
  logLevel: "fatal",
});
await probot.ready();
const middleware = await createNodeMiddleware((app) => app.onAny(() => {}), {
  probot,
  webhooksPath: "/api/github/webhooks",
});
createServer(
  (request, response) => void middleware(request, response, () => response.writeHead(404).end()),
).listen(Number(PORT), "127.0.0.1", () => process.stderr.write('{"message":"listening"}\n'));
