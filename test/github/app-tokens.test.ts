import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { appIdentity } from "../../github/app-tokens.ts";
import { createClient } from "../../github/client.ts";
import { type AccessRepo, accessRepo, owner, repo } from "./access-repo.ts";
import { look } from "./facts.ts";

let world: AccessRepo;
beforeEach(async () => {
  world = await accessRepo();
});

const me = { text: "query Me { viewer { login } }", as: z.looseObject({}) };

describe("who we are", () => {
  it("is asked of GitHub once, at the base URL and nowhere else", async () => {
    const hosts = new Set<string>();
    const app = world.github.createApp({
      slug: "other",
      owner,
      permissions: { metadata: "read", contents: "read" },
      events: [],
    });
    world.github.installApp("other", owner);
    const fetch: typeof globalThis.fetch = (url, init) => {
      hosts.add(new URL(String(url)).host);
      return world.github.fetch(url, init);
    };
    const { clock } = world;
    const privateKey = app.privateKey.replaceAll("\n", "\\n");
    const baseUrl = `${world.github.url}/api/v3`;
    const identity = appIdentity({ owner, repo, appId: app.id, privateKey, baseUrl, fetch, clock });
    const us = { appId: app.id, slug: "other", botId: app.botUserId };
    expect(await identity.us()).toEqual(us);
    expect(await identity.us()).toEqual(us);
    const token = await identity.token();
    const client = createClient({ owner, repo, token: identity.token, baseUrl, fetch, clock });
    await client.query(me);
    expect(hosts).toEqual(new Set(["github.test"]));
    clock.pass(50 * 60_000);
    expect(await identity.token()).toBe(token);
    clock.pass(6 * 60_000);
    expect(await identity.token()).not.toBe(token);
  });

  it("is asked anew when GitHub refuses the token, and only for this repository", async () => {
    const before = world.github.requests.length;
    world.github.faults.add({
      when: ({ headers }) =>
        headers.get("user-agent") === "hallpass" && !headers.get("authorization")?.includes("."),
      times: 1,
      respond: () => new Response("{}", { status: 401 }),
    });
    await look(world, await world.ask());
    const minted = world.github.requests.slice(before).filter(({ path }) => path.endsWith("/access_tokens"));
    expect(minted.length).toBeGreaterThanOrEqual(1);
    world.github.createRepository({ owner, name: "elsewhere", visibility: "private" });
    const elsewhere = world.newClient({ repo: "elsewhere" });
    await expect(
      elsewhere.get({ path: "/repos/{owner}/{repo}/issues", as: z.looseObject({}) }),
    ).rejects.toMatchObject({
      code: "not-found",
    });
  });

  it("mints one token for many who ask at once", async () => {
    const before = world.github.requests.length;
    await Promise.all(Array.from({ length: 5 }, () => world.newClient()).map((client) => client.query(me)));
    const minted = world.github.requests.slice(before).filter(({ path }) => path.endsWith("/access_tokens"));
    expect(minted.length).toBeLessThanOrEqual(1);
  });
});
