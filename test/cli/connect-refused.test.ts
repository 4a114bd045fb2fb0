// `hallpass connect` where it comes to no session: what is told, what is left, and how the plugin is found.

import { chmodSync } from "node:fs";
import { dirname, join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startSessionInput } from "../../aws/as-operator.ts";
import { howToInstall, isAtLeast } from "../../cli/session.ts";
import { emptyFolder } from "./folder.ts";
import { repo, withGitHub } from "./github.ts";

const twin = withGitHub();
const bin = fileURLToPath(new URL("../../sandbox/aws/bin", import.meta.url));
const path = { PATH: `${bin}:${dirname(execPath)}:/usr/bin:/bin` };

test.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
  ["no plugin", ["r2d2-dev-01"], { PATH: "/nowhere" }, /no session-manager-plugin on PATH; install/],
  ["an unknown node", ["r2d2-dev-1"], path, /did you mean `r2d2-dev-01`.*\[request\.node-unknown\]/],
  ["more than one node", ["tag:Environment=Development"], path, /is 2 nodes.*r2d2-dev-01, r2d2-dev-02/],
  ["a wait that is none", ["r2d2-dev-01", "--wait", "soon"], path, /--wait: expected a duration/],
  ["no reason", ["r2d2-dev-01"], path, /--reason/],
  [
    "a mode that is none",
    ["r2d2-dev-01", "--access", "sh", "--reason", "x"],
    path,
    /\[request\.access-unknown\]/,
  ],
  ["no node", [], path, /missing required argument 'node'/],
])("%s: nothing is asked, exit 2", { timeout: 30_000 }, async (_, args, env, expected) => {
  twin.writes();
  const { code, out, err } = await twin.as("alice", ["connect", ...args], { env });
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(expected);
  expect(twin.writes()).toEqual([]);
});

const asNewest = async (): Promise<number> => {
  const { data } = await twin.stage.as("olivia").rest.issues.listForRepo({ ...repo, state: "all" });
  return data[0]?.number ?? 0;
};

test("--wait is over: the request and the key stand, exit 3; a second time nothing more is asked", async () => {
  const args = ["connect", "r2d2-app-01", "--wait", "1s", "--json"];
  const home = emptyFolder();
  const more = { env: { ...path, HOME: home } };
  twin.writes();
  const first = await twin.as("alice", [...args, "--reason", "INC-1"], more);
  const number = await asNewest();
  expect([first.code, first.out]).toEqual([3, ""]);
  expect(twin.writes()).toEqual([
    "POST /repos/acme/access/issues",
    `POST /repos/acme/access/issues/${number}/comments`,
  ]);
  const events = first.err
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events.map(({ event }) => event)).toEqual(["asked", "key", "status", "waiting"]);
  expect(events.at(-1)).toMatchObject({ request: number, back: "hallpass connect r2d2-app-01" });
  expect(await twin.as("alice", args, more)).toMatchObject({ code: 3 });
  chmodSync(join(home, ".config/hallpass/identity"), 0o644);
  expect((await twin.as("alice", args, more)).err).toMatch(
    /^\{"event":"warning","text":"warning: others of this machine may read .*chmod 600/m,
  );
  const named = await twin.as("alice", [...args, "--identity", "my key"], more);
  expect(named.err).toContain(`"back":"hallpass connect r2d2-app-01 --identity 'my key'"`);
  twin.writes();
  // another mode, or another key, is another matter
  expect(await twin.as("alice", [...args, "--access", "ssh"], more)).toMatchObject({ code: 2 });
  expect(twin.writes()).toEqual([]);
});

test("a request that is denied is told with Hallpass's own words, exit 1", async () => {
  const before = await asNewest();
  const running = twin.as("alice", ["connect", "c3po-vault-01", "--reason", "INC-3"], {
    env: { ...path, HOME: emptyFolder() },
  });
  await expect.poll(asNewest, { timeout: 20_000 }).toBeGreaterThan(before);
  const number = await asNewest();
  await twin.answer(number, "denied", [
    `### Access request #${number}: denied by policy`,
    "",
    "No approver can override this.",
  ]);
  await twin.stage.as("olivia").rest.issues.update({ ...repo, issue_number: number, state: "closed" });
  const { code, out, err } = await running;
  expect([code, out]).toEqual([1, ""]);
  expect(err).toContain("denied by policy\n\nNo approver can override this.");
});

test.each([
  ["linux", "x64", /ubuntu_64bit\/session-manager-plugin\.deb.*linux_64bit/],
  ["linux", "arm64", /ubuntu_arm64\/session-manager-plugin\.deb/],
  ["darwin", "arm64", /brew install --cask session-manager-plugin/],
  ["win32", "x64", /SessionManagerPluginSetup\.exe/],
  ["sunos", "x64", /Session Manager plugin/],
])("%s %s: how to install the plugin", (platform, arch, expected) => {
  expect(howToInstall(platform, arch)).toMatch(expected);
});

test.each([
  ["1.2.497.0", true],
  ["1.2.804.0", true],
  ["1.3.0.0", true],
  ["2.0.0.0", true],
  ["1.2.496.0", false],
  ["1.1.900.0", false],
  ["", false],
])(
  "a plugin of version %s takes the answer of StartSession from its environment: %s",
  (version, expected) => {
    expect(isAtLeast(version, [1, 2, 497])).toBe(expected);
  },
);

test.each([
  [{ reason: "x".repeat(300) }, { Reason: "x".repeat(256) }],
  [{ localPort: "5432" }, { Parameters: { localPortNumber: ["5432"] } }],
])("StartSession is asked for no more than AWS takes: %o", (more, expected) => {
  const ask = { node: "i-0a0a0a0a0a0a0a0a1", document: "Hallpass-Forward-postgres-60" };
  expect(startSessionInput({ ...ask, ...more })).toEqual({
    Target: ask.node,
    DocumentName: ask.document,
    ...expected,
  });
});
