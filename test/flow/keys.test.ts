import { generateHybridIdentity, generateIdentity, identityToRecipient } from "age-encryption";
import { describe, expect, test } from "vitest";
import { parseAgeRecipient } from "../../core/age-recipient.ts";
import type { CommandFacts } from "../../core/facts.ts";
import { withProvenKey } from "../../flow/keys.ts";
import { hybridOfLowOrder, lowOrderPoints, recipientOf } from "../whole/bad-input/age-keys.ts";

const by = { login: "alice", id: 1 } as unknown as CommandFacts["by"];
const token = (comment: number, recipient: string, allowed = true): CommandFacts => ({
  comment,
  by,
  at: comment as CommandFacts["at"],
  allowed,
  command: "token",
  recipient,
});
const told = expect.objectContaining({
  problem: expect.objectContaining({ code: "command.token-malformed" }),
});

const unsealable: readonly (readonly [string, string])[] = [
  ...lowOrderPoints.map((point, i) => [`point ${i} of low order`, recipientOf("age", point)] as const),
  ["a hybrid key with such a point", recipientOf("age1pq", hybridOfLowOrder)],
];

describe("a key that nothing can be sealed to", () => {
  test.each(unsealable)("reads like one and is told: %s", async (_, recipient) => {
    expect(parseAgeRecipient(recipient)).toBe(recipient);
    const [command] = await withProvenKey([token(1, recipient)]);
    expect(command).toEqual(told);
    expect(command).not.toHaveProperty("recipient");
  });

  test("leaves the good key before it standing, and another's alone", async () => {
    const good = await identityToRecipient(await generateIdentity());
    const [[, bad] = ["", ""]] = unsealable;
    const commands = [
      token(1, good),
      token(2, bad),
      token(3, bad, false),
      { comment: 4, by, at: 4, allowed: true, command: "revoke" } as CommandFacts,
    ];
    expect(await withProvenKey(commands)).toEqual([commands[0], told, commands[2], commands[3]]);
  });
});

test("keys of both kinds that age makes are proved, before and after they are remembered", async () => {
  const keys = await Promise.all(
    [generateIdentity(), generateHybridIdentity()].map(async (made) => identityToRecipient(await made)),
  );
  for (const key of [...keys, ...keys]) expect(await withProvenKey([token(1, key)])).toEqual([token(1, key)]);
});
