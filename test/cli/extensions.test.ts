// `/extend` opens an issue in the App's name: it is the requester's own all the same, in lists, for `status`, and for `connect` to go on with.

import { beforeAll, describe, expect, test } from "vitest";
import { findMine } from "../../flow/await-grant.ts";
import { readGround } from "../../flow/prepare-request.ts";
import { createClient } from "../../github/client.ts";
import { realClock } from "../../sandbox/real-clock.ts";
import type { Person } from "../../sandbox/stage.ts";
import { repo, withGitHub } from "./github.ts";

const twin = withGitHub();
const numbers = { first: 0, extension: 0, bobs: 0, bobsExtension: 0, chained: 0, forged: 0 };

const json = async (login: Person, args: readonly string[]) => {
  const { code, out, err } = await twin.as(login, [...args, "--json"]);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out) as Record<string, unknown>;
};
const mine = async (login: Person) =>
  ((await json(login, ["list"])) as unknown as readonly Record<string, unknown>[]).map(({ request, by }) => [
    request,
    by,
  ]);

beforeAll(async () => {
  const ask = async (login: Person, node: string) =>
    Number((await json(login, ["request", node, "--reason", "INC-1"]))["request"]);
  const { rest } = twin.stage.as("alice");
  numbers.first = await ask("alice", "r2d2-dev-01");
  numbers.bobs = await ask("bob", "r2d2-app-02");
  numbers.extension = await twin.extend(numbers.first, "alice");
  numbers.bobsExtension = await twin.extend(numbers.bobs, "bob");
  // the first ones are over, and the extension is extended
  await rest.issues.update({ ...repo, issue_number: numbers.first, state: "closed" });
  await twin.stage.as("bob").rest.issues.update({ ...repo, issue_number: numbers.bobs, state: "closed" });
  numbers.chained = await twin.extend(numbers.extension, "alice");
  // ATTACK: anybody can write what only looks like one
  const { data } = await rest.issues.get({ ...repo, issue_number: numbers.extension });
  const forged = await twin.stage
    .as("erin")
    .rest.issues.create({ ...repo, title: "Extend", body: data.body ?? "" });
  numbers.forged = forged.data.number;
  twin.writes();
});

describe("extensions", () => {
  test("list --mine has those that I asked for, however long the chain, and nobody else's", async () => {
    expect(await mine("alice")).toEqual([
      [numbers.chained, "alice"],
      [numbers.extension, "alice"],
    ]);
    expect(await mine("bob")).toEqual([[numbers.bobsExtension, "bob"]]);
    expect(await mine("erin")).toEqual([[numbers.forged, "erin"]]);
    expect(await mine("dave")).toEqual([]);
    expect(twin.writes()).toEqual([]);
  });

  test("status without a number is of the newest, an extension too", async () => {
    expect(await json("alice", ["status"])).toMatchObject({
      request: numbers.chained,
      nodes: ["r2d2-dev-01"],
    });
    expect(await json("bob", ["status"])).toMatchObject({ request: numbers.bobsExtension });
    expect(await twin.as("dave", ["status"])).toMatchObject({ code: 1, out: "" });
  });

  test("connect goes on with one that waits, as its requester only", async () => {
    const find = async (login: Person) => {
      const client = createClient({
        ...repo,
        baseUrl: twin.url,
        clock: realClock,
        token: () => twin.stage.github.personalToken(login),
      });
      const ground = await readGround(client);
      if (!ground.ok) throw new Error(ground.problems[0].message);
      const node = ground.value.inventory.find(({ name }) => name === "r2d2-dev-01");
      if (node === undefined) throw new Error("no such node");
      const need = { node, access: "shell" } as const;
      return (await findMine(client, { login, ground: ground.value, need }))?.request;
    };
    expect(await find("alice")).toBe(numbers.chained);
    expect(await find("bob")).toBeUndefined();
  });

  test("one whose `/extend` is gone is nobody's", async () => {
    const { rest } = twin.stage.as("alice");
    const { data: said } = await rest.issues.listComments({ ...repo, issue_number: numbers.extension });
    for (const { id } of said) await rest.issues.deleteComment({ ...repo, comment_id: id });
    expect(await mine("alice")).toEqual([[numbers.extension, "alice"]]);
  });
});
