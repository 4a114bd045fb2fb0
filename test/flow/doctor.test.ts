// A set-up that is whole is all ok; what one may not see is never said to be.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rolesInAws } from "../../cli/roles-in-aws.ts";
import { requestHandlerFor } from "../../sandbox/aws/request-handler.ts";
import type { AccessFolder } from "../../sandbox/stage-folder.ts";
import type { World } from "../whole/world.ts";
import { liveSetUp, look, notOk, repo, trustOf } from "./live-set-up.ts";

let world: World;
beforeAll(async () => {
  world = await liveSetUp();
});
afterAll(() => world.close());

const api = (route: string, body: object = {}) =>
  world.stage.as("olivia").request(route, { ...repo, ...body } as never);

test("a set-up as hallpass init leaves it is all ok, and everything was looked at", async () => {
  const checks = await look(world);
  expect(notOk(checks)).toEqual([]);
  expect(checks.find(({ name }) => name === "config and policies")?.found).toMatch(
    /^\d+ policies, \d+ approval rules?, 1 account$/,
  );
  expect(checks.length).toBeGreaterThan(18);
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
});

describe("what nobody lets one see is not ok", () => {
  test("without the App's key the webhooks are not looked at, and an owner still sees the installation", async () => {
    const checks = await look(world, { withKey: false });
    expect(notOk(checks).map(({ name, state }) => [name, state])).toEqual([
      ["webhook deliveries", "could-not-look"],
    ]);
  });

  test("a writer sees neither bypass lists nor teams nor the organization's Apps", async () => {
    const checks = await look(world, { as: "pat", withKey: false });
    const unseen = checks.filter(({ state }) => state === "could-not-look").map(({ name }) => name);
    expect(unseen.filter((name) => name.startsWith("ruleset"))).toHaveLength(5);
    expect(unseen).toEqual(expect.arrayContaining(["teams", "App's installation", "webhook deliveries"]));
    expect(checks.filter(({ state }) => state === "failed")).toEqual([]);
    expect(checks[0]).toMatchObject({ name: "access repository", state: "warning" });
  });

  test("without a trust policy it says what each role has to ask for, in both forms of `sub`", async () => {
    const { id } = world.stage.repository;
    const found = (await look(world, { trust: [] })).find(({ name }) => name === "trust policy");
    expect(found).toMatchObject({ state: "could-not-look" });
    expect(found?.found).toContain("repo:acme/access:environment:hallpass or repo:acme@");
    expect(found?.found).toContain(`/access@${id}:environment:hallpass`);
    expect(found?.found).toContain("acme/access/.github/workflows/access.yml@refs/heads/main");
  });
});

describe("a trust policy", () => {
  test.each<[string, (text: string) => string, RegExp]>([
    [
      "of another repository",
      (text) => text.replace(/repository_id":"?\[?"?\d+/, 'repository_id":"1'),
      /repository_id is/,
    ],
    [
      "that admits any environment",
      (text) => text.replace(/"[^"]*:environment":"hallpass",?/, ""),
      /:environment is not asked for/,
    ],
    [
      "that admits a second `sub`",
      (text) => text.replace(/:sub":\[/, ':sub":["repo:mallory/x:environment:hallpass",'),
      /:sub is repo:mallory/,
    ],
    [
      "that AWS's services may use too",
      (text) => text.replace('"sts:AssumeRoleWithWebIdentity"', '"sts:AssumeRole"'),
      /also allows sts:AssumeRole/,
    ],
    ["that admits nobody", (text) => text.replace('"Allow"', '"Deny"'), /admits nobody/],
    ["that is none", () => "{}", /no trust policy/],
    ["that is no JSON", () => "nope", /no JSON/],
  ])("%s is found", async (_, change, expected) => {
    const good = JSON.stringify(JSON.parse(trustOf(world.stage)));
    const bad = change(good);
    expect(bad).not.toBe(good);
    const checks = notOk(await look(world, { trust: [good, bad] }));
    expect(checks.map(({ name, state }) => [name, state])).toEqual([["trust policy", "failed"]]);
    expect(checks[0]?.found).toMatch(expected);
  });

  test("as IAM's API encodes it is read too", async () => {
    expect(notOk(await look(world, { trust: [encodeURIComponent(trustOf(world.stage))] }))).toEqual([]);
  });
});

test("webhooks of which the last was lost have failed; once one arrives again it is a warning", async () => {
  const delivered = async () => (await look(world)).find(({ name }) => name === "webhook deliveries");
  const hear = async () => {
    await world.people.comment("alice", world.people.ask("alice"), "hello");
    await world.run();
  };
  await hear();
  expect(await delivered()).toMatchObject({
    state: "ok",
    found: expect.stringMatching(/^all of the last hour/),
  });
  world.dropWebhooks();
  await hear();
  expect(await delivered()).toMatchObject({ state: "failed" });
  world.dropWebhooks(false);
  await hear();
  expect(await delivered()).toMatchObject({
    state: "warning",
    found: expect.stringMatching(/^\d+ of the last/),
  });
  await world.advance(4_000);
  expect(await delivered()).toMatchObject({ state: "ok" });
});

describe("the roles of the account that one is signed in to", () => {
  const roles = (account: string) =>
    rolesInAws({
      requestHandler: requestHandlerFor(world.stage.aws.handle),
      credentials: world.stage.aws.administrator(account),
      systemClockOffset: world.time.now() - Date.now(),
    });
  const trust = async (account: string) =>
    (await look(world, { trust: [], roles: roles(account) })).find(({ name }) => name === "trust policy");

  test("all three are read, and compared", async () => {
    const found = await trust("111122223333");
    expect(found).toMatchObject({ state: "ok" });
    for (const role of ["Inventory", "Access", "Revoke"])
      expect(found?.found).toContain(`role/Hallpass${role}`);
  });

  test("one that trusts another repository is named", async () => {
    const role = world.stage.aws.account("111122223333").roles.get("HallpassRevoke");
    const before = role?.trust.latest;
    const { text = "", policy } = before ?? {};
    role?.trust.set({ text: text.replaceAll("acme/access", "acme/other"), policy } as never, 0);
    const found = await trust("111122223333");
    role?.trust.set(before, 0);
    expect(found).toMatchObject({
      state: "failed",
      found: expect.stringMatching(/role\/HallpassRevoke: .*acme\/other/),
    });
    expect(found?.found).not.toContain("role/HallpassAccess:");
  });

  test("what AWS refuses is not ok, and nothing of the request is shown", async () => {
    const refused = { account: () => Promise.reject(new Error("secret")), trustPolicy: async () => "" };
    const found = (await look(world, { trust: [], roles: refused })).find(
      ({ name }) => name === "trust policy",
    );
    expect(found).toMatchObject({ state: "could-not-look" });
    expect(JSON.stringify(found)).not.toContain("secret");
  });

  test("those of an account that the config does not name are not looked at", async () => {
    const elsewhere = { account: async () => "999999999999", trustPolicy: async () => "" };
    const found = (await look(world, { trust: [], roles: elsewhere })).find(
      ({ name }) => name === "trust policy",
    );
    expect(found).toMatchObject({
      state: "could-not-look",
      found: "the config names no account 999999999999",
    });
  });
});

describe("on an Enterprise Server", () => {
  const claims = ["repository_id", "environment", "job_workflow_ref"];
  const subject = async () =>
    (await look(world, { host: "ghe.test" })).find(({ name }) => name === "tokens' sub");

  test("GitHub's own `sub` is not enough, because AWS sees no other claim", async () => {
    expect(await subject()).toMatchObject({ state: "failed", found: expect.stringContaining("ghe.test") });
  });

  test("one of id, environment and workflow is", async () => {
    world.stage.github.setOidcSubTemplate("acme/access", claims);
    const found = await subject();
    world.stage.github.setOidcSubTemplate("acme/access", undefined);
    expect(found).toMatchObject({ state: "ok" });
    expect(found?.found).toContain(
      `repository_id:${world.stage.repository.id}:environment:hallpass:job_workflow_ref:acme/access/`,
    );
  });
});

describe("what cannot be mended here", () => {
  test("a key that every workflow can read", async () => {
    world.stage.github.setSecret("acme/access", "HALLPASS_PRIVATE_KEY", "x");
    expect(notOk(await look(world)).map(({ name }) => name)).toEqual(["App's key"]);
  });

  test("a workflow that has not run for long: the sweep and the inventory are old", async () => {
    await api("PUT /repos/{owner}/{repo}/actions/workflows/access.yml/disable");
    await world.advance(5 * 3_600);
    const states = new Map((await look(world)).map(({ name, state }) => [name, state]));
    expect([states.get("sweep"), states.get("inventory")]).toEqual(["warning", "warning"]);
    await world.advance(24 * 3_600);
    const later = new Map((await look(world)).map(({ name, state }) => [name, state]));
    expect([later.get("sweep"), later.get("inventory")]).toEqual(["failed", "failed"]);
  });
});

describe("what was pushed otherwise", () => {
  type Change = (files: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;

  const pushing =
    (change: Change) =>
    (folder: AccessFolder): AccessFolder => ({
      ...folder,
      files: (github) => {
        const files = folder.files(github);
        const texts = Object.entries(files).map(([path, content]) => [
          path,
          content instanceof Uint8Array ? Buffer.from(content).toString("utf8") : String(content),
        ]);
        return { ...files, ...change(Object.fromEntries(texts)) };
      },
    });

  test.each<[string, string, RegExp, Change]>([
    [
      "a policy that does not load",
      "config and policies",
      /policies\/guardrail\.cedar:1:\d+: /,
      () => ({ "policies/guardrail.cedar": "forbid (" }),
    ],
    [
      "a policy that does not do what its case says",
      "policy cases",
      /guardrail\.yaml: a node that is closed to everybody/,
      () => ({ "policies/guardrail.cedar": "// nothing\n" }),
    ],
    [
      "a law without an owner",
      "CODEOWNERS",
      /names no owner for .*policies/,
      () => ({ ".github/CODEOWNERS": "/.github/ @acme/platform\n" }),
    ],
    [
      "a workflow with a line more",
      "workflow access.yml",
      /^line \d+ is not what/,
      (files) => ({
        ".github/workflows/access.yml": (files[".github/workflows/access.yml"] ?? "").replace(
          "  schedule:",
          "  pull_request:\n  schedule:",
        ),
      }),
    ],
    [
      "an Action by its tag",
      "workflow access.yml",
      /not pinned to the whole SHA/,
      (files) => ({
        ".github/workflows/access.yml": (files[".github/workflows/access.yml"] ?? "").replace(
          "uses: ./",
          "uses: acme/hallpass@v1",
        ),
      }),
    ],
    [
      "a wake-up that does more",
      "workflow wake.yml",
      /not what this version/,
      (files) => ({
        ".github/workflows/wake.yml": `${files[".github/workflows/wake.yml"]}      - run: env\n`,
      }),
    ],
    [
      "an older copy of the Action",
      "Hallpass's own files",
      /: `action\/dist\/cedar_wasm_bg\.wasm` is another$/,
      () => ({ "action/dist/cedar_wasm_bg.wasm": "older" }),
    ],
    [
      "an older copy of what the Action is given, and of the policy check",
      "Hallpass's own files",
      /: `\.github\/workflows\/policy\.yml` is another, `action\.yml` is another$/,
      (files) => ({
        "action.yml": `# older\n${files["action.yml"]}`,
        ".github/workflows/policy.yml": `# older\n${files[".github/workflows/policy.yml"]}`,
      }),
    ],
  ])("%s is found", async (_, name, found, change) => {
    const other = await liveSetUp(pushing(change));
    const check = (await look(other)).find((each) => each.name === name);
    other.close();
    const mild = ["workflow wake.yml", "Hallpass's own files"].includes(name);
    expect(check?.state).toBe(mild ? "warning" : "failed");
    expect(check?.found).toMatch(found);
    if (name === "Hallpass's own files") expect(check?.todo).toContain("hallpass init --force");
  });

  test("a ledger that began with the project's files is a warning", async () => {
    const other = await liveSetUp((folder) => ({ ...folder, ledger: { ...folder.ledger, "src/x.ts": "" } }));
    const check = (await look(other)).find(({ name }) => name === "ledger");
    other.close();
    expect(check).toMatchObject({ state: "warning", found: "it holds what is no record: src/x.ts" });
  });
});
