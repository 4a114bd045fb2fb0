// A name that is several nodes': a numbered list on a terminal, an error with the candidates off it. `hallpass request` and `connect` alike.

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { emptyFolder } from "./folder.ts";
import { repo, withGitHub } from "./github.ts";

const twin = withGitHub();
const bin = fileURLToPath(new URL("../../sandbox/aws/bin", import.meta.url));

const twins = ["i-0e0e0e0e0e0e0e0e1", "i-0e0e0e0e0e0e0e0e2"] as const;

beforeAll(async () => {
  await twin.addNodes(twins.map((id) => ({ id, name: "k2so-01" })));
});

const place = "workloads/eu-central-1";
const list = `  1  ${place}/k2so-01 (${twins[0]})\n  2  ${place}/k2so-01 (${twins[1]})\n`;

const commands = {
  request: ["request", "k2so-01", "--reason", "INC-1", "--json"],
  connect: ["connect", "k2so-01", "--reason", "INC-1", "--wait", "1s", "--json"],
} as const;
const env = () => ({ PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`, HOME: emptyFolder() });

describe.each(["request", "connect"] as const)("%s", (command) => {
  test("off a terminal: nothing is asked, exit 2, and the candidates", async () => {
    const { code, out, err } = await twin.as("alice", commands[command], { env: env() });
    expect([code, out, twin.writes()]).toEqual([2, "", []]);
    expect(err).toContain(
      `2 nodes are \`k2so-01\`: ${place}/k2so-01 (${twins[0]}), ${place}/k2so-01 (${twins[1]}); name one`,
    );
    expect(err).toContain("[request.node-ambiguous]");
  });

  test("on a terminal: a list, and the one that is chosen is asked for by its id", async () => {
    const told = await twin.as("alice", commands[command], { env: env(), answers: ["0", "k2so", "2"] });
    expect(told.err).toContain(`${list}expected a number from 1 to 2\n`);
    expect(told.asked).toEqual(Array(3).fill("`k2so-01` is 2 nodes. Which one?"));
    const { data } = await twin.stage.as("olivia").rest.issues.listForRepo({ ...repo, creator: "alice" });
    expect(data[0]?.title).toBe(`Access request: ${twins[1]}`);
    // connect goes on with what request has asked for: the choice is the same node
    const first = { request: "issues", connect: "issues/1/comments" }[command];
    expect(twin.writes()).toEqual([`POST /repos/acme/access/${first}`]);
  });

  test("whoever chooses nothing has asked for nothing", async () => {
    const answers = ["3", "", "x", "-1", "1.5"];
    const { code, err } = await twin.as("alice", commands[command], { env: env(), answers });
    expect([code, twin.writes()]).toEqual([2, []]);
    expect(err).toContain("no answer to");
  });
});

test("request: a name beside others is chosen, a tag means all of them, an unknown one is told with the nearest", async () => {
  const args = ["request", "r2d2-dev-01", "k2so-01", "tag:Name=r2d2-app-01", "--reason", "INC-1", "--json"];
  const { out } = await twin.as("alice", args, { answers: ["1"] });
  const ids = (JSON.parse(out) as { nodes: { id: string }[] }).nodes.map(({ id }) => id);
  expect(ids).toEqual(["i-0a0a0a0a0a0a0a0a1", "i-0d0d0d0d0d0d0d0d1", twins[0]]);
  twin.writes();
  const unknown = await twin.as("alice", ["request", "k2so-1", "--reason", "x"], { answers: [] });
  expect([unknown.code, unknown.err, twin.writes()]).toEqual([
    2,
    expect.stringMatching(/did you mean `k2so-01`/),
    [],
  ]);
});

test.each(["request", "connect"])(
  "%s: part of a name is no node, and the nodes that have it are named",
  async (command) => {
    const unknown = await twin.as("alice", [command, "r2d2", "--reason", "x"], { env: env() });
    expect([unknown.code, unknown.err.split("\n"), twin.writes()]).toEqual([
      2,
      [
        expect.stringMatching(/no node is `r2d2`; did you mean `r2d2-app-01` or `r2d2-app-02` or `r2d2-d/),
        expect.stringMatching(/^`hallpass nodes r2d2` lists the \d that it finds$/),
        "",
      ],
      [],
    ]);
  },
);

test("connect: one of the nodes of a tag is chosen on a terminal", async () => {
  const args = ["connect", "tag:Environment=Development", "--reason", "INC-1", "--wait", "1s", "--json"];
  const told = await twin.as("alice", args, { env: env(), answers: ["1"] });
  expect([told.code, told.err]).toEqual([3, expect.stringContaining(`  1  ${place}/r2d2-dev-01 (`)]);
});
