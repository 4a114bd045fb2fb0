// `hallpass credentials`: options to output and exit code. What is taken from whom, test/whole/credentials.test.ts plays; here, what the terminal says of it.

import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { beforeEach, describe, expect, test } from "vitest";
import { seal } from "../../flow/seal.ts";
import { emptyFolder } from "./folder.ts";
import { withGitHub } from "./github.ts";

const twin = withGitHub();
let number = 0;
let [identity, recipient, file] = ["", "", ""];

beforeEach(async () => {
  const { out } = await twin.as("alice", ["request", "r2d2-app-01", "--reason", "INC-1", "--json"]);
  number = (JSON.parse(out) as { request: number }).request;
  identity = await generateIdentity();
  recipient = await identityToRecipient(identity);
  file = join(emptyFolder(), "identity");
  writeFileSync(file, `${identity}\n`, { mode: 0o600 });
});

const take = (...args: readonly string[]) =>
  twin.as("alice", ["credentials", String(number), "--identity", file, ...args]);

/** As the App posts it, of an account that is not in the config: nobody has to ask AWS. */
const sealed = async (to = recipient) => {
  const grant = { account: "999988887777", region: "eu-central-1", Expiration: "2030-01-01T00:00:00Z" };
  const keys = { AccessKeyId: "ASIAX", SecretAccessKey: "a-secret", SessionToken: "a-token" };
  return `<!-- hallpass:credentials -->\n${await seal(to, { version: 1, grants: [{ ...grant, ...keys }] })}`;
};

describe("what cannot be taken is told, and nothing is printed", () => {
  test("nothing is open", async () => {
    const { code, out, err } = await take();
    expect([code, out]).toEqual([1, ""]);
    expect(err).toBe(
      `error: nothing is open for request #${number}; look at the issue, or ask anew [no-grant]\n`,
    );
  });

  test("a key that others may read is warned of, on standard error", async () => {
    chmodSync(file, 0o644);
    const { code, out, err } = await take();
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(`warning: others of this machine may read ${file}; run \`chmod 600 ${file}\`\n`);
  });

  test("no key was named yet", async () => {
    await twin.grant(number, "Access is open");
    const { code, out, err } = await take();
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("post `/token` with your key [no-credentials]");
  });

  test("sealed to another key", async () => {
    await twin.grant(number, await sealed(await identityToRecipient(await generateIdentity())));
    const { code, out, err } = await take();
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/post `\/token` with the key you have here \[not-for-this-key\]\n$/);
  });

  test.each<[string, readonly string[], RegExp]>([
    ["no number", ["credentials", "twelve"], /expected the number of a request, got `twelve`/],
    ["no identity", ["credentials", "1", "--identity", "nowhere"], /make one with `hallpass key`/],
    [
      "no repository of that name",
      ["credentials", "1", "--repo", "acme"],
      /owner\/name, got `acme`; mend --repo/,
    ],
  ])("%s", async (_, args, message) => {
    const { code, out, err } = await twin.as("alice", args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n.*\n/);
  });
});

describe("an identity that lives in hardware", () => {
  /** A stand-in for age: asked as age is, it says which file it was given, and opens with an identity that only it has. */
  const age = (body: string): Readonly<Record<string, string>> => {
    const bin = emptyFolder();
    writeFileSync(join(bin, "age"), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, "age"), 0o755);
    return { PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  };
  const opened = JSON.stringify({
    version: 1,
    grants: [
      {
        ...{ account: "999988887777", region: "eu-central-1", Expiration: "2030-01-01T00:00:00Z" },
        ...{ AccessKeyId: "ASIAX", SecretAccessKey: "a-secret", SessionToken: "a-token" },
      },
    ],
  });
  const plugin = (named = recipient) =>
    writeFileSync(file, `# recipient: ${named}\nAGE-PLUGIN-YUBIKEY-1QQQ\n`, { mode: 0o600 });
  const takeWith = (env: Readonly<Record<string, string>>) =>
    twin.as("alice", ["credentials", String(number), "--identity", file], { env });

  test("is opened by age, which gets the file and the armored text; what comes out is checked like any other", async () => {
    plugin();
    await twin.grant(number, await sealed());
    const expected = `[ "$*" = "--decrypt --identity ${file}" ] && grep -q "BEGIN AGE ENCRYPTED FILE" && [ -z "$GITHUB_TOKEN" ] && echo '${opened}'`;
    const { code, out, err } = await takeWith(age(expected));
    expect([code, out]).toEqual([1, ""]);
    // opened: its account is none of the config's, so it is refused before AWS is believed
    expect(err).toMatch(/\[another-identity\]\n$/);
    expect(err).not.toMatch(/a-secret|a-token/);
  });

  test.each<[string, string]>([
    ["age cannot", "cat >/dev/null; exit 1"],
    ["age gives something else", "cat >/dev/null; echo a-secret"],
    ["age does not even read", "exit 1"],
  ])("%s: not for this key", async (_, body) => {
    plugin();
    await twin.grant(number, await sealed());
    const { code, err } = await takeWith(age(body));
    expect(code).toBe(1);
    expect(err).toMatch(/\[not-for-this-key\]\n$/);
    expect(err).not.toContain("a-secret");
  });

  test("no age on PATH says what to install", async () => {
    plugin();
    await twin.grant(number, await sealed());
    const { code, err } = await takeWith({ PATH: emptyFolder() });
    expect([code, err]).toEqual([2, expect.stringContaining("no `age` on PATH")]);
  });

  test.each<[string, string, RegExp]>([
    [
      "of a kind that cannot be sealed to",
      "age1yubikey1qqq",
      /expected .*`# recipient: age1tag1…`.*, got age1yubikey1qqq/,
    ],
    ["that is none", "", /, got none/],
  ])("a public key %s is refused", async (_, named, message) => {
    plugin(named);
    const { code, err } = await twin.as("alice", ["key", "--identity", file]);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });

  test("its public key is what `hallpass key` shows", async () => {
    const p256 = "age1tag1qdeadbeef";
    plugin(`${p256}\n# recipient: ${recipient}`);
    expect(await twin.as("alice", ["key", "--identity", file])).toMatchObject({
      code: 0,
      out: `${recipient}\n`,
    });
  });
});
