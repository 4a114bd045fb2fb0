// One profile in an AWS config file, and the command line in it: what else is in the file stays, and the words come out as they went in.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasCredentials, isProfileName, removeProfile, writeProfile } from "../../cli/aws-profile.ts";
import { quoteWord, wordsOf } from "../../cli/started-as.ts";
import { emptyFolder } from "./folder.ts";

const profile = {
  name: "r2d2",
  command: "hallpass credentials 12 --repo acme/access",
  region: "eu-central-1",
};
const written = (text: string, more: Partial<typeof profile> = {}, force = false): string => {
  const edited = writeProfile(text, { ...profile, ...more }, force);
  if (edited.did === "foreign") throw new Error("foreign");
  return edited.text;
};

const line = fc.constantFrom(
  ...["", "# a comment", "; another", "region = eu-west-1", "s3 =", "  max_concurrent_requests = 20"],
  ...["[default]", "[profile next]", '[profile "two words"]', "[sso-session x]", "[profile r2d2-next]"],
);
const file = fc.tuple(fc.array(line), fc.constantFrom("\n", "\r\n")).map(([lines, end]) => {
  return lines.map((each) => `${each}${end}`).join("");
});

describe("the lines of others", () => {
  const theirs = (text: string): readonly string[] => text.split(/\r?\n/).filter((each) => each !== "");

  test("are the same before and after, in their order, however often it is written and removed", () => {
    fc.assert(
      fc.property(file, fc.stringMatching(/^[a-z =/-]{0,9}$/), (text, other) => {
        const once = written(text);
        expect(writeProfile(once, profile)).toEqual({ did: "same", text: once });
        const changed = written(once, { region: "us-east-1", command: `${profile.command}${other}` });
        for (const each of [once, changed]) {
          const removed = removeProfile(each, profile.name);
          if (removed.did !== "removed") throw new Error(removed.did);
          expect(theirs(removed.text)).toEqual(theirs(text));
        }
      }),
    );
  });

  test("keep their line ends, and the file ends with one", () => {
    expect(written("[default]\r\nregion = x")).toMatch(
      /^\[default\]\r\nregion = x\r\n\r\n\[profile r2d2\]\r\n/,
    );
    expect(written("[default]\r\nregion = x")).not.toMatch(/[^\r]\n/);
  });

  test("what somebody added to a profile of ours stays", () => {
    const added = written("").replace("region =", "output = json\nregion =");
    expect(written(added, { region: "us-east-1" })).toBe(
      `${written("", { region: "us-east-1" })}output = json\n`,
    );
  });
});

test.each([
  ["[profile r2d2]", "r2d2"],
  ["  [ profile  r2d2 ]  # mine", "r2d2"],
  ['[profile "r2d2"]', "r2d2"],
  ["[profile 'r2d2']", "r2d2"],
  ["[default]", "default"],
  ["[profile default]", "default"],
])("%s is the profile %s, and not ours", (header, name) => {
  const text = `${header}\nregion = x\n`;
  expect(writeProfile(text, { ...profile, name })).toEqual({ did: "foreign" });
  expect(removeProfile(text, name)).toEqual({ did: "foreign" });
  expect(written(text, { name }, true)).toBe(written("", { name }));
});

test("one of ours whose process somebody changed is theirs now", () => {
  const text = written("").replace(/credential_process = .*/, "credential_process = other");
  expect(writeProfile(text, profile)).toEqual({ did: "foreign" });
});

test("the same profile twice is refused: no tool says which one it takes", () => {
  expect(() => writeProfile("[profile r2d2]\n[profile r2d2]\n", profile)).toThrow(/line 1 and line 2/);
});

test.each([
  ["hallpass-12", true],
  ["a.b@c+d", true],
  ["", false],
  ["two words", false],
  ["a]b", false],
  ["a\nb", false],
  ["-x", false],
])("%j is a profile's name: %s", (name, expected) => {
  expect(isProfileName(name)).toBe(expected);
});

test("the credentials file has profiles by their bare name", () => {
  expect(hasCredentials("[a]\n[ r2d2 ]\n", "r2d2")).toBe(true);
  expect(hasCredentials("[r2d2-next]\n# [r2d2]\n", "r2d2")).toBe(false);
});

describe("how this program is started again", () => {
  const started = (path: (folder: string) => string, nodeArgs: readonly string[] = []) => {
    const folder = emptyFolder();
    for (const each of ["bin", "other", "node_modules/.bin", "lib"])
      mkdirSync(join(folder, each), { recursive: true });
    const script = join(folder, "lib/main.js");
    writeFileSync(script, "");
    chmodSync(script, 0o755);
    symlinkSync(script, join(folder, "bin/hallpass"));
    symlinkSync(script, join(folder, "node_modules/.bin/hallpass"));
    writeFileSync(join(folder, "other/hallpass"), "");
    const program = { node: "/opt/node", nodeArgs, script };
    return { script, words: wordsOf({ program, env: { PATH: path(folder) } }) };
  };

  test("an installed one by its name", () => {
    expect(started((folder) => `/usr/bin:${folder}/bin`).words).toEqual(["hallpass"]);
    expect(wordsOf({ env: {} })).toEqual(["hallpass"]);
  });

  test.each<[string, (folder: string) => string]>([
    ["one that is not on PATH", () => "/usr/bin"],
    ["one behind another of that name", (folder) => `${folder}/other:${folder}/bin`],
    ["one that npm or npx put on PATH for this run only", (folder) => `${folder}/node_modules/.bin`],
  ])("%s by its Node and its file", (_, path) => {
    const { script, words } = started(path, ["--no-warnings"]);
    expect(words).toEqual(["/opt/node", script]);
  });

  test("a source tree with what reads TypeScript, from anywhere", () => {
    const { words } = started(() => "", ["--import", "tsx", "--import", "file:///x.mjs"]);
    expect(words.slice(1, -1)).toEqual(["--import", import.meta.resolve("tsx"), "--import", "file:///x.mjs"]);
  });
});

test("a shell reads every word back as it was", () => {
  const awkward = ["a b", "it's", '"', "$HOME", "`id`", "\\", "a;b", "*", "~", "é", "&|<>", ""];
  const line = awkward.map((word) => quoteWord(word, "linux")).join(" ");
  const told = execFileSync("/bin/sh", ["-c", `for word in ${line}; do printf '%s\\n' "$word"; done`], {
    encoding: "utf8",
  });
  expect(told.split("\n").slice(0, -1)).toEqual(awkward);
});

test.each([
  ["C:\\Program Files\\node.exe", '"C:\\Program Files\\node.exe"'],
  ["C:\\node.exe", "C:\\node.exe"],
  ["C:\\a b\\", '"C:\\a b\\\\"'],
])("on Windows %s is %s", (word, expected) => {
  expect(quoteWord(word, "win32")).toBe(expected);
});

test("on Windows a word that a command line cannot carry is refused", () => {
  expect(() => quoteWord("50%", "win32")).toThrow(/cannot be written/);
});
