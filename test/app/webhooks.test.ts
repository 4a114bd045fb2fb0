// What the server answers to whoever posts to it, and when.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, eventually, type Loopback, lastDelivery, post, signed, startLoopback } from "./loopback.ts";

let loopback: Loopback;
beforeAll(async () => {
  loopback = await startLoopback();
});
afterAll(() => loopback.stop());

const statusOf = async (number: number): Promise<readonly string[]> => {
  const { data } = await loopback.stage.as("alice").rest.issues.listComments({
    owner: "acme",
    repo: "access",
    issue_number: number,
  });
  return data.map(({ body }) => body ?? "");
};

describe("a signed webhook", () => {
  test("is answered before it is worked on", async () => {
    const number = ask(loopback);
    const body = lastDelivery(loopback, "issues");
    const letGo = loopback.holdGitHub();
    const answer = await post(loopback, body);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("ok\n");
    letGo();
    await eventually(async () => (await statusOf(number)).length === 1);
    expect((await statusOf(number))[0]).toContain("there is no inventory yet");
  });

  test("that comes twice, also at once, makes one status comment", async () => {
    const number = ask(loopback);
    const body = lastDelivery(loopback, "issues");
    await Promise.all(
      Array.from({ length: 8 }, (_, i) => post(loopback, body, i === 0 ? {} : { delivery: `copy-${i}` })),
    );
    await eventually(async () => (await statusOf(number)).length > 0);
    await loopback.idle();
    await post(loopback, body);
    await loopback.idle();
    expect(await statusOf(number)).toHaveLength(1);
  });

  test("of an event that we do not know is accepted and does nothing", async () => {
    const before = loopback.log.length;
    const body = lastDelivery(loopback, "issues");
    expect((await post(loopback, body, { event: "sponsorship" })).status).toBe(200);
    expect((await post(loopback, body, { event: "not-an-event" })).status).toBe(200);
    await loopback.idle();
    expect(loopback.log.slice(before)).toEqual([]);
  });

  test("of a repository that the App is not installed on does nothing but log", async () => {
    const before = loopback.log.length;
    const payload = JSON.parse(lastDelivery(loopback, "issues")) as { repository: { name: string } };
    payload.repository.name = "elsewhere";
    expect((await post(loopback, JSON.stringify(payload))).status).toBe(200);
    await eventually(() => loopback.log.length > before);
    const [line, ...others] = loopback.log.slice(before);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ level: "error", message: "webhook" });
    expect(JSON.stringify(line)).not.toContain("elsewhere");
  });

  test.each(["null", "[]", '"text"', "1", "{}", '{"repository":1,"installation":{"id":1}}'])(
    "of %s does nothing",
    async (body) => {
      const { status } = await post(loopback, body);
      expect([200, 400, 500]).toContain(status);
      expect((await fetch(`${loopback.url}/healthz`)).status).toBe(200);
    },
  );
});

describe("a webhook is refused", () => {
  const body = '{"action":"opened"}';
  const secret = () => loopback.stage.app.webhookSecret;

  test.each<[string, () => string | undefined]>([
    ["without a signature", () => undefined],
    ["with an empty one", () => ""],
    ["with one by another secret", () => signed(body, "another")],
    ["with one by the empty secret's neighbour", () => signed(body, " ")],
    ["with one of another body", () => signed(`${body} `, secret())],
    ["with one cut short", () => signed(body, secret()).slice(0, -1)],
    ["with one in capitals of another length", () => `SHA256=${"A".repeat(65)}`],
    ["with one that is no hex", () => `sha256=${"z".repeat(64)}`],
    ["with the digest of SHA-1 only", () => `sha1=${"a".repeat(40)}`],
    ["with the right digest and no name of its algorithm", () => signed(body, secret()).slice(7)],
  ])("%s", async (_, signature) => {
    const answer = await post(loopback, body, { signature: signature() });
    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain(secret());
  });

  test("when it is no JSON, though signed", async () => {
    const answer = await post(loopback, "{not json");
    expect(answer.status).toBe(400);
  });

  test("when it is no application/json", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await post(loopback, body, { headers })).status).toBe(415);
  });

  test("when it has no event or delivery", async () => {
    const answer = await fetch(`${loopback.url}/api/github/webhooks`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", "x-hub-signature-256": signed(body, secret()) },
    });
    expect(answer.status).toBe(400);
  });
});

describe("the server", () => {
  test("says that it is alive", async () => {
    const answer = await fetch(`${loopback.url}/healthz`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("ok\n");
  });

  test.each([
    ["GET", "/"],
    ["GET", "/probot"],
    ["GET", "/ping"],
    ["GET", "/api/github/webhooks"],
    ["PUT", "/api/github/webhooks"],
    ["POST", "/api/github/webhooks/more"],
    ["POST", "/"],
  ])("has nothing at %s %s", async (method, path) => {
    expect((await fetch(`${loopback.url}${path}`, { method })).status).toBe(404);
  });

  test("looks again at everything when a team of the organization changes", async () => {
    const number = ask(loopback);
    const { github } = loopback.stage;
    github.addTeamMember("acme", "devops", "pat");
    await post(loopback, lastDelivery(loopback, "membership"), { event: "membership" });
    await eventually(async () => (await statusOf(number)).length === 1);
    expect(loopback.log.at(-1)).toMatchObject({ message: "looked" });
  });
});
