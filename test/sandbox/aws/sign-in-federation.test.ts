// The twin of AWS's sign-in: temporary credentials for a link, and no others.

import { beforeEach, describe, expect, test } from "vitest";
import { addAccessRole, assume, createFixture, type Fixture, type Keys } from "./fixture.ts";

let fixture: Fixture;
let keys: Keys;
beforeEach(async () => {
  fixture = createFixture();
  addAccessRole(fixture);
  keys = await assume(fixture, { seconds: 900 });
});

const sessionOf = (given: Keys) => ({
  ...{ sessionId: given.accessKeyId, sessionKey: given.secretAccessKey },
  ...(given.sessionToken === undefined ? {} : { sessionToken: given.sessionToken }),
});

const federation = (query: Record<string, string>, method: "GET" | "POST" = "POST"): Promise<Response> => {
  const asked = new URLSearchParams(query);
  const url = "https://signin.aws.amazon.com/federation";
  return fixture.aws.handle(
    method === "GET" ? new Request(`${url}?${asked}`) : new Request(url, { method, body: asked }),
  );
};

const tokenFor = (session: unknown, more: Record<string, string> = {}, method?: "GET" | "POST") =>
  federation({ Action: "getSigninToken", Session: JSON.stringify(session), ...more }, method);

const page = "https://us-east-1.console.aws.amazon.com/systems-manager/home?region=us-east-1";
const login = (SigninToken: string, Destination = page) =>
  federation({ Action: "login", Issuer: "x", Destination, SigninToken }, "GET");

const issued = async (): Promise<string> => {
  const { SigninToken } = (await (await tokenFor(sessionOf(keys))).json()) as { SigninToken: string };
  return SigninToken;
};

describe("getSigninToken", () => {
  test.each(["GET", "POST"] as const)(
    "%s with temporary credentials is a token, which is a secret",
    async (method) => {
      const answer = await tokenFor(sessionOf(keys), {}, method);
      const { SigninToken } = (await answer.json()) as { SigninToken: string };
      expect(answer.status).toBe(200);
      expect(fixture.aws.issuedSecrets()).toContain(SigninToken);
    },
  );

  test.each<[string, () => unknown, Record<string, string>]>([
    ["keys of a user", () => sessionOf(fixture.admin), {}],
    ["another's token", () => ({ ...sessionOf(keys), sessionToken: "x" }), {}],
    ["another secret", () => ({ ...sessionOf(keys), sessionKey: "x" }), {}],
    ["no token", () => ({ ...sessionOf(keys), sessionToken: undefined }), {}],
    ["an unknown key", () => ({ ...sessionOf(keys), sessionId: "ASIA0" }), {}],
    ["nothing", () => null, {}],
    [
      "a duration, which only keys of a user's own may have",
      () => sessionOf(keys),
      { SessionDuration: "900" },
    ],
    ["another action", () => sessionOf(keys), { Action: "logout" }],
  ])("%s is refused", async (_, session, more) => {
    expect((await tokenFor(session(), more)).status).toBe(400);
  });

  test("credentials that have ended are refused", async () => {
    await fixture.clock.advance(900_000);
    expect((await tokenFor(sessionOf(keys))).status).toBe(400);
  });
});

describe("login", () => {
  test("with a token leads to the page", async () => {
    const answer = await login(await issued());
    expect([answer.status, answer.headers.get("location")]).toEqual([302, page]);
  });

  test.each<[string, (token: string) => Promise<Response>]>([
    ["a token that is none", () => login("x")],
    ["a page that is not AWS's", (token) => login(token, "https://example.com/")],
    ["a page that looks like AWS's", (token) => login(token, "https://console.aws.amazon.com.example.com/")],
  ])("%s is refused", async (_, refused) => {
    expect((await refused(await issued())).status).toBe(400);
  });

  test("a token is good for a quarter of an hour, and no longer than the credentials", async () => {
    await fixture.clock.advance(60_000);
    const token = await issued();
    await fixture.clock.advance(839_000);
    expect((await login(token)).status).toBe(302);
    await fixture.clock.advance(1_000);
    expect((await login(token)).status).toBe(400);
  });
});
