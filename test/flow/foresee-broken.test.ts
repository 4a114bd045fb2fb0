// What cannot be decided is foreseen as what the App then says of it, problem by problem.

import { beforeEach, expect, test } from "vitest";
import { decide } from "../../core/decide.ts";
import type { RequestDraft } from "../../core/request-draft.ts";
import { type Foreseen, foresee } from "../../flow/foresee.ts";
import { gather } from "../../flow/gather.ts";
import { createLawStore } from "../../flow/law.ts";
import { type AccessRepo, accessRepo, form, fullName } from "../github/access-repo.ts";
import { sharedEngine as engine } from "../whole/shared-engine.ts";

let world: AccessRepo;
beforeEach(async () => {
  world = await accessRepo();
});

const node = "i-0123456789abcdef0";
const draft: RequestDraft = {
  ...{ origin: "form", nodes: [node], access: "shell", forward: "", for: "1h" },
  ...{ reason: "INC-1 checkout is down", ticket: "", from: "" },
};
const ahead = (as?: string, fetch = world.github.fetch): Promise<Foreseen> =>
  foresee(
    { client: world.newClient({ fetch, token: () => world.github.personalToken("alice") }), engine },
    { draft, ...(as === undefined ? {} : { as }) },
  );

/** The App's own verdict on alice's request. */
async function decided() {
  const { client, us, clock } = world;
  const facts = await gather(
    { client, us, engine, clock, laws: createLawStore({ client, engine }) },
    await world.ask("alice", form({ Nodes: node })),
  );
  if (facts === undefined) throw new Error("nothing was asked");
  return decide(facts);
}

const config = [
  "app: 1",
  "accounts:",
  '  - id: "111122223333"',
  "    regions: [eu-central-1]",
  "    roles:",
  ...["inventory", "access", "revoke"].map(
    (role) => `      ${role}: arn:aws:iam::111122223333:role/Hallpass-${role}`,
  ),
  "limits: { maxDuration: 8h }",
  "modes: { shell: {} }",
  "",
].join("\n");

function write(branch: string, files: Readonly<Record<string, string>>): void {
  const { github } = world;
  const commit = github.commit({ repository: fullName, parent: branch, files, message: "Change", by: "ada" });
  github.push("ada", fullName, branch, commit);
}
const inventory = (): void =>
  write("inventory", {
    "111122223333/eu-central-1.json": `{"nodes": [{"id": "${node}", "type": "AWS::EC2::Instance", "agent": "online", "tags": {}}]}`,
  });

test.each<[string, () => unknown, string]>([
  ["a config that is wrong", () => undefined, "config.malformed"],
  [
    "a policy that does not load",
    () =>
      write("main", {
        ".github/hallpass.yml": config,
        "policies/a.cedar": "permit (principal, action, resource);",
      }),
    "policy.no-action",
  ],
  [
    "an inventory that has not read the place",
    () => write("main", { ".github/hallpass.yml": config }),
    "fact.unavailable",
  ],
  [
    "a policy that breaks on these facts",
    () => {
      write("main", {
        ".github/hallpass.yml": config,
        "policies/a.cedar":
          'permit (principal, action == AWS::SSM::Action::"getTokenForInstanceAccess", resource) when { context.duration.toMilliseconds() * 9223372036854775807 > 0 };',
      });
      inventory();
    },
    "policy.evaluation",
  ],
])("%s: broken, as the App says", async (_, breaks, code) => {
  await breaks();
  const { verdict } = await ahead();
  expect(verdict).toMatchObject({ state: "broken" });
  expect("problems" in verdict && verdict.problems.map((each) => each.code)).toContain(code);
  expect(await decided()).toEqual(verdict);
});

test("a team that the App cannot see either stops the App, and here counts nobody", async () => {
  write("main", {
    ".github/hallpass.yml": config,
    "policies/a.cedar":
      'forbid (principal in GitHub::Team::"acme/ghosts", action == AWS::SSM::Action::"startAccessRequest", resource);',
  });
  inventory();
  const foreseen = await ahead();
  expect(foreseen).toMatchObject({ verdict: { state: "pending" }, unseen: { teams: ["acme/ghosts"] } });
  expect(await decided()).toMatchObject({ state: "broken", problems: [{ code: "team.unreadable" }] });
});

test("in a public repository nothing is decided", async () => {
  write("main", { ".github/hallpass.yml": config });
  const asPublic: typeof fetch = async (...asked) => {
    const text = await (await world.github.fetch(...asked)).text();
    return new Response(text.replace('"visibility":"PRIVATE"', '"visibility":"PUBLIC"'));
  };
  expect(await ahead(undefined, asPublic)).toMatchObject({
    verdict: { state: "broken", problems: [{ code: "trust.repository-public" }] },
  });
});

test("whose access can be seen is judged by it", async () => {
  write("main", { ".github/hallpass.yml": config });
  inventory();
  expect(await ahead("eve")).toMatchObject({
    verdict: { state: "invalid", problems: [{ code: "requester.no-access" }] },
    unseen: { access: false },
  });
  expect(await ahead("BOB")).toMatchObject({
    verdict: { state: "pending" },
    facts: { subject: { author: { login: "bob" } } },
  });
  await expect(ahead("nobody")).rejects.toThrow("check --as");
});

test("without a ledger nobody decides", async () => {
  await world.as("ada", "DELETE", "/git/refs/heads/ledger");
  await expect(ahead()).rejects.toThrow("Hallpass is not set up there");
});
