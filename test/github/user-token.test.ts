// Who signs in by code acts through our own App: the words are the person's all the same, and never become the App's.

import { beforeAll, expect, it } from "vitest";
import type { Instant, RequestNumber } from "../../core/ids.ts";
import { statusMarker } from "../../core/render-status.ts";
import { commandFacts } from "../../github/commands.ts";
import { postComment } from "../../github/comments.ts";
import { readRequest } from "../../github/read-request.ts";
import { shownFacts } from "../../github/shown.ts";
import { type AccessRepo, accessRepo, form, fullName } from "./access-repo.ts";

let world: AccessRepo;
let throughApp: (path: string, body: unknown) => Promise<Record<string, unknown>>;

beforeAll(async () => {
  world = await accessRepo();
  const { github, us } = world;
  const post = async (url: string, body: unknown, more: Record<string, string> = {}) => {
    const headers = { accept: "application/json", "content-type": "application/json", ...more };
    const response = await github.fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    expect(response.ok).toBe(true);
    return (await response.json()) as Record<string, unknown>;
  };
  github.deviceFlow.enable(us.slug);
  const app = await (await github.fetch(`${github.url}/apps/${us.slug}`)).json();
  const { client_id } = app as { client_id: string };
  const { device_code, user_code } = await post(`${github.url}/login/device/code`, { client_id });
  github.deviceFlow.authorize("alice", String(user_code));
  const grant_type = "urn:ietf:params:oauth:grant-type:device_code";
  const given = { client_id, device_code, grant_type };
  const { access_token } = await post(`${github.url}/login/oauth/access_token`, given);
  throughApp = (path, body) =>
    post(`${github.url}/repos/${fullName}${path}`, body, { authorization: `Bearer ${access_token}` });
});

const key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

async function asked() {
  const issue = await throughApp("/issues", { title: "Access", body: form() });
  expect(issue["performed_via_github_app"]).toMatchObject({ id: world.us.appId });
  return issue["number"] as RequestNumber;
}

async function look(number: RequestNumber) {
  const reading = await readRequest(world.client, world.us, number, world.clock.now() as Instant);
  if (reading === undefined) throw new Error(`no #${number}`);
  return { reading, commands: commandFacts(reading, { writer: new Set(), approver: new Set() }) };
}

it("a person's request and key through the App's token are that person's", async () => {
  const number = await asked();
  await throughApp(`/issues/${number}/comments`, { body: `/token ${key}` });
  const { reading, commands } = await look(number);
  expect(reading.subject.author).toMatchObject({ kind: "User", login: "alice" });
  expect(commands).toMatchObject([{ command: "token", allowed: true, by: { login: "alice" } }]);
});

it("a person's text through the App's token is no status of the App, whatever it looks like", async () => {
  const number = await asked();
  await throughApp(`/issues/${number}/comments`, { body: `${statusMarker}\naccess is open` });
  expect(shownFacts((await look(number)).reading).statuses).toEqual([]);
});

it("the App's own text gives no command of anybody", async () => {
  const number = await asked();
  await postComment(world.client, number, { body: `/token ${key}`, mayWait: false });
  expect((await look(number)).commands).toEqual([]);
});
