// GitHub Enterprise Server: another base for REST, another one for GraphQL, and nothing goes anywhere else.

import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, eventually, type Loopback, lastDelivery, post, startLoopback } from "./loopback.ts";

let loopback: Loopback;
beforeAll(async () => {
  loopback = await startLoopback({ enterprise: true, options: { redeliverEvery: 1 } });
});
afterAll(() => loopback.stop());

test("installations, tokens, looks and lost webhooks are all asked for at the configured base", async () => {
  const { asked, url, stage } = loopback;
  await eventually(async () => (await fetch(`${url}/readyz`)).status === 200);
  const number = ask(loopback);
  await post(loopback, lastDelivery(loopback, "issues"), {
    delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
  });
  await loopback.idle();
  await eventually(() => asked.includes("/api/v3/app/hook/deliveries"));
  for (const path of [
    "/api/v3/app/installations",
    "/api/v3/installation/repositories",
    `/api/v3/app/installations/${stage.app.installation}/access_tokens`,
    "/api/graphql",
    `/api/v3/repos/acme/access/issues/${number}/comments`,
  ])
    expect(asked).toContain(path);
  expect(asked.filter((path) => !/^\/api\/(?:v3\/|graphql$)/.test(path))).toEqual([]);
});

test("each line of the log about a request has its number and the id of the webhook that asked", async () => {
  const number = ask(loopback);
  const delivery = "0d0e0f00-cc78-11e3-81ab-4c9367dc0958";
  await post(loopback, lastDelivery(loopback, "issues"), { delivery });
  await loopback.idle();
  const lines = loopback.log.filter(({ request }) => request === number);
  expect(lines.map(({ message, delivery: of }) => ({ message, of }))).toEqual([
    { message: "webhook", of: delivery },
    { message: "looked", of: delivery },
  ]);
});
