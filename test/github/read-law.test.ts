import { beforeAll, describe, expect, it } from "vitest";
import type { Sha } from "../../core/ids.ts";
import { readLaw } from "../../github/read-law.ts";
import { readStart } from "../../github/read-start.ts";
import { type AccessRepo, accessRepo, costOf, fails, fullName, lawFiles } from "./access-repo.ts";
import { look } from "./facts.ts";

let world: AccessRepo;
beforeAll(async () => {
  world = await accessRepo();
});

const head = async (): Promise<Sha> => (await look(world, await world.ask())).defaultHead;

describe("the law at a commit", () => {
  it("is its files and no others, in one request, and none the second time", async () => {
    const commit = await head();
    const client = world.newClient();
    expect(await costOf(client, () => readLaw(client, commit))).toEqual({ requests: 1, writes: 0 });
    expect(await costOf(client, () => readLaw(client, commit))).toEqual({ requests: 0, writes: 0 });
    expect(await readLaw(client, commit)).toEqual({
      config: lawFiles[".github/hallpass.yml"],
      policies: [
        { path: "policies/a.cedar", text: "// a\n" },
        { path: "policies/b.cedar", text: "// b\n" },
      ],
      misplaced: [],
      approvals: lawFiles["policies/approvals.yaml"],
      people: undefined,
      delegations: undefined,
      schema: undefined,
      codeOwners: { path: ".github/CODEOWNERS", text: lawFiles[".github/CODEOWNERS"], errors: [] },
      hasAction: false,
    });
  });

  it("stays that of its commit when the branch goes on", async () => {
    const before = await head();
    world.github.pushFiles(
      "ada",
      fullName,
      "main",
      {
        "policies/a.cedar": "// other\n",
        "policies/people.yaml": "{}\n",
        "policies/delegations.yaml": "[]\n",
      },
      "Change",
    );
    const after = await head();
    expect((await readLaw(world.client, before)).policies[0]?.text).toBe("// a\n");
    expect(await readLaw(world.client, after)).toMatchObject({
      policies: [{ text: "// other\n" }, { text: "// b\n" }],
      people: "{}\n",
      delegations: "[]\n",
    });
  });

  it("is under the CODEOWNERS that GitHub goes by", async () => {
    const other = await accessRepo();
    const push = (files: Readonly<Record<string, string | null>>) =>
      other.github.pushFiles("ada", fullName, "main", files, "Change");
    const owners = async () => {
      const { sha } = await readStart(other.client);
      return (await readLaw(other.client, sha)).codeOwners;
    };
    push({ ".github/CODEOWNERS": null, CODEOWNERS: "root\n", "docs/CODEOWNERS": "docs\n" });
    expect(await owners()).toEqual({ path: "CODEOWNERS", text: "root\n", errors: [] });
    push({ CODEOWNERS: null });
    expect(await owners()).toEqual({ path: "docs/CODEOWNERS", text: "docs\n", errors: [] });
    push({ "docs/CODEOWNERS": null });
    expect(await owners()).toBeUndefined();
  });

  it("knows of policies in folders below", async () => {
    const other = await accessRepo();
    const files = { "policies/a/x.cedar": "", "policies/a/b/c/y.cedar": "", "policies/a/z.md": "" };
    other.github.pushFiles("ada", fullName, "main", files, "Change");
    const { sha } = await readStart(other.client);
    expect((await readLaw(other.client, sha)).misplaced).toEqual([
      "policies/a/b/c/y.cedar",
      "policies/a/x.cedar",
    ]);
    expect((await readLaw(other.newClient(), sha)).misplaced).toHaveLength(2);
  });

  it("may have no files at all", async () => {
    const { ledger } = await look(world, await world.ask());
    expect(await readLaw(world.client, ledger.head)).toEqual({
      config: undefined,
      policies: [],
      misplaced: [],
      approvals: undefined,
      people: undefined,
      delegations: undefined,
      schema: undefined,
      codeOwners: undefined,
      hasAction: false,
    });
  });

  it("is read whole however large a file is, and whatever it holds", async () => {
    const large = `// ${"x".repeat(600_000)}\n`;
    const binary = new Uint8Array([0, 1, 2, 255]);
    world.github.pushFiles(
      "ada",
      fullName,
      "main",
      { "policies/large.cedar": large, "policies/odd.cedar": binary },
      "Odd",
    );
    const client = world.newClient();
    const commit = await head();
    const law = await readLaw(client, commit);
    expect(law.policies.find(({ path }) => path.endsWith("large.cedar"))?.text).toBe(large);
    expect(law.policies.find(({ path }) => path.endsWith("odd.cedar"))?.text).toContain("\uFFFD");
    expect(client.counts.requests).toBe(3);
  });

  it("is an error for a commit that is none, and is asked for again after one", async () => {
    await fails(readLaw(world.client, "0".repeat(40) as Sha), "not-found");
    const commit = await head();
    const client = world.newClient();
    world.github.faults.add({
      when: ({ graphql }) => graphql?.operations.includes("Law") === true,
      times: 3,
      respond: () => new Response("", { status: 502 }),
    });
    await fails(readLaw(client, commit), "unavailable");
    expect((await readLaw(client, commit)).policies.length).toBeGreaterThan(0);
  });
});
