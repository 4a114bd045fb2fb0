import { beforeAll, describe, expect, it } from "vitest";
import { appIdentity } from "../../github/app-tokens.ts";
import { readLaw } from "../../github/read-law.ts";
import { readStart } from "../../github/read-start.ts";
import { type AccessRepo, accessRepo, costOf, fails, lawFiles, owner, repo } from "./access-repo.ts";
import { look } from "./facts.ts";

let world: AccessRepo;
beforeAll(async () => {
  world = await accessRepo();
});

describe("the start of a run", () => {
  it("is one request, the law included", async () => {
    const client = world.newClient();
    let start: Awaited<ReturnType<typeof readStart>> | undefined;
    const cost = await costOf(client, async () => {
      start = await readStart(client);
      const law = await readLaw(client, start.sha);
      expect(law.config).toBe(lawFiles[".github/hallpass.yml"]);
      expect(law.policies.map(({ path }) => path)).toEqual(["policies/a.cedar", "policies/b.cedar"]);
    });
    expect(cost).toEqual({ requests: 1, writes: 0 });
    const { defaultHead } = await look(world, await world.ask());
    expect(start).toEqual({
      branch: "main",
      sha: defaultHead,
      viewer: { login: `${world.us.slug}[bot]`, id: world.us.botId },
    });
  });

  it("knows us by our own token, and takes no other's for us", async () => {
    const app = world.github.createApp({
      slug: "we",
      owner,
      permissions: { metadata: "read", contents: "read" },
      events: [],
    });
    world.github.installApp("we", owner);
    const { fetch, url: baseUrl } = world.github;
    const { clock } = world;
    const identity = appIdentity({
      owner,
      repo,
      appId: app.id,
      privateKey: app.privateKey,
      baseUrl,
      fetch,
      clock,
    });
    const { viewer } = await readStart(world.newClient({ token: identity.token }));
    expect(await identity.usAs(viewer)).toEqual({ appId: app.id, slug: "we", botId: app.botUserId });
    const theirs = await readStart(world.client);
    await fails(identity.usAs(theirs.viewer), "malformed");
  });
});
