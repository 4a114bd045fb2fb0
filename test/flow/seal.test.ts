// What is sealed to a key, only that key opens.

import { generateHybridIdentity, generateIdentity, identityToRecipient } from "age-encryption";
import { describe, expect, test } from "vitest";
import { type SealedGrants, seal, unseal } from "../../flow/seal.ts";

const grants: SealedGrants = {
  version: 1,
  grants: [
    {
      account: "111122223333",
      region: "eu-central-1",
      AccessKeyId: "ASIAEXAMPLE",
      SecretAccessKey: "a-secret-ü",
      SessionToken: "t".repeat(100_000),
      Expiration: "2026-12-01T22:00:00Z",
    },
  ],
};

describe.each([
  ["X25519", generateIdentity],
  ["post-quantum hybrid", generateHybridIdentity],
])("%s", (_, generate) => {
  test("comes out as it went in", async () => {
    const identity = await generate();
    const sealed = await seal(await identityToRecipient(identity), grants);
    expect(sealed).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    expect(sealed).not.toContain("a-secret");
    expect(await unseal(identity, sealed)).toEqual(grants);
  });

  test("another key does not open it", async () => {
    const sealed = await seal(await identityToRecipient(await generate()), grants);
    await expect(unseal(await generate(), sealed)).rejects.toThrow();
  });
});
