// `hallpass key`: argv to options, and what it prints, writes and exits with.

import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Decrypter, Encrypter } from "age-encryption";
import { describe, expect, test } from "vitest";
import { parseAgeRecipient } from "../../core/age-recipient.ts";
import { emptyFolder, hallpass } from "./folder.ts";
import { typed } from "./typed.ts";

const key = async (cwd: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  hallpass(["key", ...args], { cwd, env: { HOME: cwd, ...env } });

const identityIn = (file: string): string =>
  /^AGE-SECRET-KEY-\S+$/m.exec(readFileSync(file, "utf8"))?.[0] ?? "";

describe("argv to options", () => {
  const plain = { rotate: false, postQuantum: false, json: false };
  test.each<[readonly string[], object]>([
    [[], plain],
    [["--rotate", "--json"], { ...plain, rotate: true, json: true }],
    [["--post-quantum"], { ...plain, postQuantum: true }],
    [["--identity", "my key.txt"], { ...plain, identity: "my key.txt" }],
  ])("%j", async (args, options) => {
    expect(await typed("key", ...args)).toEqual(options);
  });

  test.each<[readonly string[], RegExp]>([
    [["--rotat"], /unknown option '--rotat'\n\(Did you mean --rotate\?\)/],
    [["--identity"], /argument missing/],
    [["me"], /too many arguments/],
  ])("%j is refused", async (args, message) => {
    await expect(typed("key", ...args)).rejects.toThrow(message);
  });
});

test("makes one that nobody else may read, and from then on shows it", async () => {
  const home = emptyFolder();
  const file = join(home, ".config/hallpass/identity");
  const made = await key(home);
  expect([made.code, made.err]).toEqual([0, `made ${file}\n`]);
  expect(parseAgeRecipient(made.out.trim())).toBeDefined();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = readFileSync(file, "utf8");
  expect(await key(home)).toMatchObject({ code: 0, out: made.out, err: "" });
  expect(readFileSync(file, "utf8")).toBe(text);
  const encrypter = new Encrypter();
  encrypter.addRecipient(made.out.trim());
  const decrypter = new Decrypter();
  decrypter.addIdentity(identityIn(file));
  expect(await decrypter.decrypt(await encrypter.encrypt("seen"), "text")).toBe("seen");
});

test.each<[string, readonly string[], Readonly<Record<string, string>>, string]>([
  ["--identity", ["--identity", "mine"], {}, "mine"],
  ["HALLPASS_IDENTITY", [], { HALLPASS_IDENTITY: "theirs" }, "theirs"],
  ["--identity before the environment", ["--identity", "mine"], { HALLPASS_IDENTITY: "theirs" }, "mine"],
  ["XDG_CONFIG_HOME", [], { XDG_CONFIG_HOME: "xdg" }, "xdg/hallpass/identity"],
])("%s says where", async (_, args, env, expected) => {
  const home = emptyFolder();
  const { code, out } = await key(home, [...args, "--json"], env);
  expect([code, JSON.parse(out)]).toEqual([
    0,
    { did: "made", file: join(home, expected), recipient: expect.stringMatching(/^age1/) },
  ]);
});

test("--rotate keeps the old one beside, every time", async () => {
  const home = emptyFolder();
  const file = join(home, "identity");
  await key(home, ["--identity", file]);
  const old = [identityIn(file)];
  for (const number of [1, 2]) {
    const { code, out } = await key(home, ["--identity", file, "--rotate", "--json"]);
    expect([code, JSON.parse(out)]).toMatchObject([0, { did: "rotated", file, kept: `${file}.${number}` }]);
    expect(identityIn(`${file}.${number}`)).toBe(old.at(-1));
    expect(old).not.toContain(identityIn(file));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    old.push(identityIn(file));
  }
});

test("--post-quantum makes a hybrid one", async () => {
  const home = emptyFolder();
  const { code, out } = await key(home, ["--post-quantum"]);
  expect([code, parseAgeRecipient(out.trim())?.slice(0, 7)]).toEqual([0, "age1pq1"]);
});

test("one that others may read is shown with a warning", async () => {
  const home = emptyFolder();
  await key(home, ["--identity", "mine"]);
  chmodSync(join(home, "mine"), 0o644);
  const { code, err } = await key(home, ["--identity", "mine"]);
  expect([code, err]).toEqual([0, expect.stringMatching(/^warning: .*chmod 600/)]);
});

test.each<[string, string | undefined, readonly string[], RegExp]>([
  [
    "a file that is something else is not overwritten",
    "my notes\n",
    [],
    /holds no age identity.*not overwritten/,
  ],
  ["nor is it rotated", "my notes\n", ["--rotate"], /holds no age identity/],
  ["a secret that is none is not shown", "AGE-SECRET-KEY-1SPOILED\n", [], /`AGE-SECRET-KEY-…` that is none/],
  ["nothing to rotate", undefined, ["--rotate"], /no identity at .* to rotate/],
  ["an unknown option", undefined, ["--nope"], /unknown option/],
])("%s: exit 2", async (_, text, args, expected) => {
  const home = emptyFolder();
  if (text !== undefined) writeFileSync(join(home, "mine"), text);
  const { code, out, err } = await key(home, ["--identity", "mine", ...args]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(expected);
  expect(err).not.toContain("SPOILED");
  if (text !== undefined) expect(readFileSync(join(home, "mine"), "utf8")).toBe(text);
});

test("an X25519 key is not made a hybrid one without --rotate", async () => {
  const home = emptyFolder();
  await key(home);
  expect(await key(home, ["--post-quantum"])).toMatchObject({
    code: 2,
    err: expect.stringContaining("--rotate"),
  });
});
