// The operator's side of a sealed comment. The key to seal to is public, and any writer may comment and edit: only our App's own, unedited comment is taken, and only
// credentials that AWS says are the grant's.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type GrantedCredentials, seal } from "../../flow/seal.ts";
import { createThief } from "./thief.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
let number: number;
beforeEach(async () => {
  world = await createWorld({ cron: false });
  number = world.people.ask("alice");
  await world.people.token("alice", number);
  await world.run();
  for (const app of world.apps) app.kill();
});
afterEach(() => world.close());

const repo = { owner: "acme", repo: "access" };
const take = () => world.operator("alice").take(number);

async function sealedComment(): Promise<{ id: number; body: string }> {
  const found = (await world.shown.comments(number)).find(({ body }) =>
    body.startsWith("<!-- hallpass:credentials -->"),
  );
  if (found === undefined) throw new Error("nothing was sealed");
  return found;
}

/** Good for AWS, and somebody else's: an account of the attacker, whose node records what the operator types. */
async function strangersCredentials(): Promise<GrantedCredentials> {
  const { aws, account } = world.stage;
  const key = aws.administrator(account);
  return {
    account,
    region: world.stage.region,
    AccessKeyId: key.accessKeyId,
    SecretAccessKey: key.secretAccessKey,
    SessionToken: "",
    Expiration: "2026-12-01T12:00:00Z",
  };
}

const recipientOf = async (login: "alice" | "mallory"): Promise<string> => {
  const { identityToRecipient } = await import("age-encryption");
  return identityToRecipient(await world.people.identity(login));
};

async function sealedByStranger(): Promise<string> {
  const sealed = await seal(await recipientOf("alice"), {
    version: 1,
    grants: [await strangersCredentials()],
  });
  return [
    "<!-- hallpass:credentials -->",
    "<!-- answers: 1 -->",
    "",
    "```age",
    sealed.trim(),
    "```",
    "",
  ].join("\n");
}

describe("sealed credentials", () => {
  test("of our App, unedited, whose holder AWS names as the grant, are taken", async () => {
    const { credentials, record } = await take();
    expect(credentials).toHaveLength(1);
    expect(record.granted.session).toBe(`hp.${world.stage.repository.id}.${number}`);
  });

  test("in a comment of somebody else are not seen beside the App's, though they are newer", async () => {
    await world.people.comment("mallory", number, await sealedByStranger());
    const { credentials } = await take();
    expect(credentials[0]?.AccessKeyId).toMatch(/^ASIA/);
  });

  test("in a comment of somebody else alone are refused", async () => {
    const { id } = await sealedComment();
    const body = await sealedByStranger();
    await world.stage.as("pat").rest.issues.deleteComment({ ...repo, comment_id: id });
    await world.people.comment("mallory", number, body);
    await expect(take()).rejects.toMatchObject({ code: "not-from-the-app" });
  });

  test("in the App's comment that somebody has edited are refused, with the same text too", async () => {
    const { id, body } = await sealedComment();
    const update = (text: string) =>
      world.stage.as("pat").rest.issues.updateComment({ ...repo, comment_id: id, body: text });
    await update(await sealedByStranger());
    await expect(take()).rejects.toMatchObject({ code: "edited" });
    await update(body);
    await expect(take()).rejects.toMatchObject({ code: "edited" });
  });

  test("of a stranger, posted with the App's stolen key, are refused: AWS names another identity", async () => {
    const { octokit } = createThief(world);
    await octokit.rest.issues.createComment({
      ...repo,
      issue_number: number,
      body: await sealedByStranger(),
    });
    await expect(take()).rejects.toMatchObject({ code: "another-identity" });
  });

  test("of another request of the same repository are refused: the session is another one", async () => {
    const other = world.people.ask("alice");
    await world.people.token("alice", other);
    await world.people.dispatch("pat", "reconcile", other);
    await world.run();
    const theirs = await world.operator("alice").take(other);
    const sealed = await seal(await recipientOf("alice"), { version: 1, grants: theirs.credentials });
    const body = ["<!-- hallpass:credentials -->", "", "```age", sealed.trim(), "```"].join("\n");
    await createThief(world).octokit.rest.issues.createComment({ ...repo, issue_number: number, body });
    await expect(take()).rejects.toMatchObject({ code: "another-identity" });
  });

  test("that are sealed to another key are refused", async () => {
    const sealed = await seal(await recipientOf("mallory"), {
      version: 1,
      grants: [await strangersCredentials()],
    });
    const body = ["<!-- hallpass:credentials -->", "", "```age", sealed.trim(), "```"].join("\n");
    await createThief(world).octokit.rest.issues.createComment({ ...repo, issue_number: number, body });
    await expect(take()).rejects.toMatchObject({ code: "not-for-this-key" });
  });

  test("without a grant in the ledger are refused", async () => {
    await createThief(world).commit("ledger", { [`active/${number}.yaml`]: null });
    await expect(take()).rejects.toMatchObject({ code: "no-grant" });
  });
});

test("a stranger's comment after `/token` is not the answer to it: the requester still gets theirs", async () => {
  const asked = world.people.ask("alice", { nodes: "r2d2-dev-02" });
  const key = await world.people.token("alice", asked);
  const forged = ["<!-- hallpass:credentials -->", `<!-- answers: ${key} -->`, "", "Here you are"].join("\n");
  await world.people.comment("mallory", asked, forged);
  await world.people.dispatch("pat", "grant", asked);
  await world.run();
  const { credentials } = await world.operator("alice").take(asked);
  expect(credentials).toHaveLength(1);
});
