// Argv to options: the first table of every command, here or in the file of its name. The second, options to requests, output and exit code, is there.
// That each command of the program has both is held at the end.

import { readdirSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { describeProgram } from "../../cli/program.ts";
import { typed } from "./typed.ts";

type Row = readonly [words: string, options: object];
type Refusal = readonly [words: string, message: RegExp];

const asked = { for: "1h", access: "shell", json: false };
const review = { id: "12", yes: false, json: false };

const read: Readonly<Record<string, readonly Row[]>> = {
  connect: [
    ["connect web", { ...asked, node: "web" }],
    [
      "connect 111122223333/eu-central-1/web --for 2h --reason INC-1 --ticket T-1",
      {
        ...{ ...asked, node: "111122223333/eu-central-1/web" },
        ...{ for: "2h", reason: "INC-1", ticket: "T-1" },
      },
    ],
    [
      "connect db --access port-forward --forward postgres --local-port 5432 --wait 10m",
      {
        ...{ ...asked, node: "db", access: "port-forward", forward: "postgres" },
        ...{ localPort: "5432", wait: "10m" },
      },
    ],
    [
      "connect --json --identity k --repo acme/access web",
      { ...asked, node: "web", json: true, identity: "k", repo: "acme/access" },
    ],
  ],
  request: [
    ["request web", { ...asked, nodes: ["web"] }],
    [
      "request web tag:Env=prod --from 2026-12-01T22:00:00Z --access ssh",
      { ...asked, nodes: ["web", "tag:Env=prod"], from: "2026-12-01T22:00:00Z", access: "ssh" },
    ],
    ["request -- -odd --json", { ...asked, nodes: ["-odd", "--json"] }],
  ],
  status: [
    ["status", { json: false }],
    ["status 12 --json", { id: "12", json: true }],
    ["status #12 --repo acme/access", { id: "#12", repo: "acme/access", json: false }],
  ],
  list: [
    ["list", { which: "mine", json: false }],
    ["list --mine", { which: "mine", json: false }],
    ["list --for-me --json", { which: "for-me", json: true }],
    ["list --active", { which: "active", json: false }],
    ["list --all --repo acme/access", { which: "all", repo: "acme/access", json: false }],
  ],
  approve: [
    ["approve 12", { ...review, verdict: "approve" }],
    ["approve 12 -m fine --yes", { ...review, verdict: "approve", message: "fine", yes: true }],
    ["approve 12 --json", { ...review, verdict: "approve", json: true }],
  ],
  reject: [
    ["reject 12 -m no", { ...review, verdict: "reject", message: "no" }],
    ["reject 12 --message no --yes", { ...review, verdict: "reject", message: "no", yes: true }],
  ],
  revoke: [
    ["revoke 12", { id: "12", word: "revoke", json: false }],
    ["revoke 12 -m done --json", { id: "12", word: "revoke", rest: "done", json: true }],
  ],
  cancel: [
    ["cancel 12", { id: "12", word: "cancel", json: false }],
    ["cancel #12 -m no --repo a/b", { id: "#12", word: "cancel", rest: "no", repo: "a/b", json: false }],
  ],
  extend: [
    ["extend 12 1h", { id: "12", word: "extend", rest: "1h", json: false }],
    ["extend 12 30m --json", { id: "12", word: "extend", rest: "30m", json: true }],
  ],
  credentials: [
    ["credentials 12", { id: "12" }],
    [
      "credentials 12 --repo a/b --identity k --place 111122223333/eu-central-1",
      { id: "12", repo: "a/b", identity: "k", place: "111122223333/eu-central-1" },
    ],
  ],
  init: [
    ["init", { dir: ".", pullRequest: false, dryRun: false, force: false, json: false }],
    [
      "init access --account 1=a --account 2=b,c --team x=y --team z=w --app 7 --dry-run --force --json",
      {
        ...{ dir: "access", pullRequest: false, dryRun: true, force: true, json: true },
        ...{ account: ["1=a", "2=b,c"], team: ["x=y", "z=w"], app: "7" },
      },
    ],
    [
      "init --pull-request --answers - --host ghe.acme.com --time-zone UTC --default-branch trunk --action a/b@c",
      {
        ...{ dir: ".", pullRequest: true, dryRun: false, force: false, json: false },
        ...{ answers: "-", host: "ghe.acme.com", timeZone: "UTC", defaultBranch: "trunk", action: "a/b@c" },
      },
    ],
  ],
  doctor: [
    ["doctor", { trustPolicy: [], aws: false, json: false }],
    [
      "doctor --trust-policy a.json --trust-policy b.json --aws --json --repo a/b --host h",
      { trustPolicy: ["a.json", "b.json"], aws: true, json: true, repo: "a/b", host: "h" },
    ],
  ],
  "policy test": [
    ["policy test", { cases: "policies/cases", policies: "policies", timeZone: "UTC", json: false }],
    [
      "policy test c --policies p --time-zone Europe/Berlin --json",
      { cases: "c", policies: "p", timeZone: "Europe/Berlin", json: true },
    ],
  ],
  "policy check": [
    ["policy check", { dir: "policies" }],
    ["policy check ../p", { dir: "../p" }],
  ],
  "aws session-policy": [
    ["aws session-policy", { partition: "aws", json: false }],
    ["aws session-policy --json --partition aws-cn", { partition: "aws-cn", json: true }],
  ],
};

const refused: readonly Refusal[] = [
  ["connect", /missing required argument 'node'/],
  ["connect web db", /too many arguments/],
  ["connect web --form 2h", /unknown option '--form'\n\(Did you mean --for\?\)/],
  ["connect web --for", /option '--for <duration>' argument missing/],
  ["request", /missing required argument 'node'/],
  ["list --mine --all", /option '--mine' cannot be used with option '--all'/],
  ["reject 12", /required option '-m, --message <text>' not specified/],
  ["extend 12", /missing required argument 'duration'/],
  ["credentials", /missing required argument 'id'/],
  ["policy tets", /unknown command 'tets'\n\(Did you mean test\?\)/],
  ["conect web", /unknown command 'conect'\n\(Did you mean connect\?\)/],
];

describe.each(Object.entries(read))("hallpass %s", (_, rows) => {
  test.each(rows)("%s", async (words, options) => {
    expect(await typed(...words.split(" "))).toEqual(options);
  });
});

test.each(refused)("%s is refused", async (words, message) => {
  await expect(typed(...words.split(" "))).rejects.toThrow(message);
});

/** Every command that runs something, hidden ones too: `connect`, `policy test`. */
const leaves = (command: Command, above: readonly string[] = []): readonly (readonly string[])[] =>
  command.commands.flatMap((each) => {
    const words = [...above, each.name()];
    return each.commands.length === 0 ? [words] : leaves(each, words);
  });

const commands = leaves(
  describeProgram(
    {
      ...{ args: [], cwd: "/", env: {}, input: async () => "", outColours: false, errColours: false },
      ...{ out: () => {}, err: () => {} },
    },
    async () => {},
  ),
);

/** The other files of this folder; what goes wrong for every command alike is nobody's table. */
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".test.ts") && !/^(?:argv|help|trouble|extensions)\./.test(name))
  .map((name) => readFileSync(`${import.meta.dirname}/${name}`, "utf8"));
const found = (pattern: RegExp): boolean => files.some((text) => pattern.test(text));
const quoted = (words: readonly string[]): string => words.map((word) => `"${word}"`).join(",\\s*");

describe.each(commands.map((words) => [words.join(" "), words] as const))("hallpass %s", (name, words) => {
  test("has a table of argv to options", () => {
    const elsewhere = [
      new RegExp(`typed\\(${quoted(words)}`),
      new RegExp(`describe\\.each\\(\\[[^\\]]*${quoted(words)}[^\\]]*\\]\\)\\("%s: argv to options"`),
    ];
    expect((read[name] ?? []).length > 0 || elsewhere.some(found)).toBe(true);
  });

  test("has a table of options to requests, output and exit code", () => {
    expect(found(new RegExp(`\\[${quoted(words)}[,\\]]`))).toBe(true);
  });
});

test("there is no table of a command that the program has not", () => {
  const names = commands.map((words) => words.join(" "));
  expect(Object.keys(read).filter((name) => !names.includes(name))).toEqual([]);
});
