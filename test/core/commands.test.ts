import {
  Encrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAgeRecipient } from "../../core/age-recipient.ts";
import { parseCommand } from "../../core/commands.ts";
import { codesOf, problemsOf, valueIn } from "./parsed.ts";

// made by age itself
const x25519 = await identityToRecipient(await generateX25519Identity());
const hybrid = await identityToRecipient(await generateHybridIdentity());

/** Whether age itself takes it: the judge of our own check. */
function ageTakes(recipient: string): boolean {
  try {
    new Encrypter().addRecipient(recipient);
    return true;
  } catch {
    return false;
  }
}

describe("/token", () => {
  test.each([
    ["X25519", x25519],
    ["post-quantum hybrid", hybrid],
  ])("takes an %s key", (_, recipient) => {
    expect(valueIn(parseCommand(`/token ${recipient}`))).toEqual({ command: "token", recipient });
    expect(valueIn(parseCommand(`/token   ${recipient}  \r\nthanks`))).toEqual({
      command: "token",
      recipient,
    });
  });

  test.each([
    ["nothing", ""],
    ["half a key", "age1"],
    ["a key cut short", x25519.slice(0, -1)],
    ["a key in capitals", x25519.toUpperCase()],
    ["two keys", `${x25519} ${x25519}`],
    ["a key in quotes", `\`${x25519}\``],
    ["a key with a zero-width space", `${x25519}\u200b`],
    ["an ssh key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"],
    ["a plugin's key", "age1yubikey1q2w7u3vpya839jxxuq8g0sedh3d740d4xvn639sqhr95ejj8vu3hyfumptt"],
    ["a key of another kind", "age1yubikey1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e"],
  ])("refuses %s", (_, argument) => {
    expect(codesOf(parseCommand(`/token ${argument}`))).toEqual(["command.token-malformed"]);
  });

  test("a secret key is told to be given up, and not repeated", () => {
    const secret = "AGE-SECRET-KEY-1QQQSECRET";
    const [problem] = problemsOf(parseCommand(`/token ${secret}`));
    expect(problem?.message).toContain("secret");
    expect(problem?.message).not.toContain("QQQSECRET");
  });

  test("one wrong letter anywhere is found, as age finds it", () => {
    const letters = fc.constantFrom(..."qpzry9x8gf2tvdw0s3jn54khce6mua7l1bioQ");
    for (const recipient of [x25519, hybrid]) {
      fc.assert(
        fc.property(fc.nat({ max: recipient.length - 1 }), letters, (at, letter) => {
          const changed = recipient.slice(0, at) + letter + recipient.slice(at + 1);
          expect(parseAgeRecipient(changed) !== undefined).toBe(changed === recipient);
          expect(ageTakes(changed)).toBe(changed === recipient);
        }),
        { numRuns: 60 },
      );
    }
  });

  test("what we take, age takes, for every key of 32 bytes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.constantFrom(0, 1, 8),
        (bytes, padding) => {
          const recipient = bech32("age", bytes, padding);
          expect(parseAgeRecipient(recipient) !== undefined).toBe(padding === 0);
          expect(ageTakes(recipient)).toBe(padding === 0);
        },
      ),
      { numRuns: 50 },
    );
  });

  test.each([
    ["age1tag", 33, 0],
    ["age1tagpq", 1_249, 0],
    ["age1tag", 32, 1],
    ["age1tagpq", 1_216, 1],
  ] as const)("a key in hardware, %s of %d bytes: as age takes it", (prefix, length, wrong) => {
    const recipient = bech32(prefix, new Uint8Array(length).fill(3), 0);
    expect(parseAgeRecipient(recipient) !== undefined).toBe(wrong === 0);
    expect(ageTakes(recipient)).toBe(wrong === 0);
  });

  test.each([31, 33])("%d bytes are no key", (length) => {
    expect(parseAgeRecipient(bech32("age", new Uint8Array(length), 0))).toBeUndefined();
  });
});

/** Another writing of BIP 173, by bits; `padding` goes into the unused ones at the end. */
function bech32(prefix: string, bytes: Uint8Array, padding: number): string {
  const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const unused = (5 - (bits.length % 5)) % 5;
  const words =
    (bits + (padding % 2 ** unused).toString(2).padStart(unused, "0").slice(0, unused)).match(/.{5}/g) ?? [];
  const data = words.map((word) => Number.parseInt(word, 2));
  const high = [...prefix].map((letter) => letter.charCodeAt(0) >> 5);
  const low = [...prefix].map((letter) => letter.charCodeAt(0) & 31);
  const polymod = [...high, 0, ...low, ...data, 0, 0, 0, 0, 0, 0].reduce((sum, word) => {
    const top = Math.floor(sum / 2 ** 25);
    const rest = ((sum & 0x1ffffff) * 32) ^ word;
    const taps = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
    return taps.reduce((all, tap, i) => (top & (1 << i) ? all ^ tap : all), rest);
  }, 1);
  const check = [0, 1, 2, 3, 4, 5].map((i) => ((polymod ^ 1) >> (5 * (5 - i))) & 31);
  return `${prefix}1${[...data, ...check].map((word) => alphabet[word]).join("")}`;
}

describe("/revoke and /cancel", () => {
  test.each([
    ["/revoke", { command: "revoke" }],
    ["/revoke  ", { command: "revoke" }],
    ["/Revoke the node is gone\nmore", { command: "revoke", why: "the node is gone" }],
    ["/CANCEL", { command: "cancel" }],
    ["/cancel\tnot needed\r\n", { command: "cancel", why: "not needed" }],
    ["/revoke \u202enow", { command: "revoke", why: "[U+202E]now" }],
    [`/revoke ${"🎉".repeat(1_200)}`, { command: "revoke", why: "🎉".repeat(1_000) }],
  ])("%j", (comment, command) => {
    expect(parseCommand(comment)).toEqual({ ok: true, value: command });
  });

  test("is never refused for what is said with it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (why) => {
        expect(parseCommand(`/revoke ${why}`)).toMatchObject({ ok: true, value: { command: "revoke" } });
      }),
    );
  });
});

describe("/extend", () => {
  test.each([
    ["/extend 1h", 3_600],
    ["/Extend   1h30m  \r\nthe queue is long", 5_400],
  ])("%j", (comment, duration) => {
    expect(valueIn(parseCommand(comment))).toEqual({ command: "extend", for: duration });
  });
  test.each(["/extend", "/extend soon", "/extend 0h", "/extend 1h 2h", "/extend -1h"])(
    "refuses %j",
    (comment) => {
      expect(codesOf(parseCommand(comment))).toEqual(["command.extend-malformed"]);
    },
  );
});

test.each([
  ["/retry", "retry"],
  ["/Refresh please", "refresh"],
])("%j", (comment, command) => {
  expect(valueIn(parseCommand(comment))).toEqual({ command });
});

test.each([
  "",
  "hello",
  "please /revoke",
  " /revoke",
  "    /revoke",
  "> /revoke",
  "```\n/revoke\n```",
  "`/revoke`",
  "- /revoke",
  "\n/revoke",
  "/revoked",
  "/revoke!",
  "/extended 1h",
  "/retries",
  "/token1",
  "//token",
  "/",
  "\u200b/revoke",
])("%j is no command of ours", (comment) => {
  expect(parseCommand(comment)).toBeUndefined();
});
