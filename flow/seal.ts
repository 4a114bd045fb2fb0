// Credentials are sealed to the operator's key with age before they leave the process: plain ones never touch a log, an output, an artifact or a comment.

/** What is inside a sealed comment (design, section 7). Only these values come out of a seal; node, Region of work and document never do. */
export interface SealedGrants {
  readonly version: 1;
  readonly grants: readonly GrantedCredentials[];
}

export interface GrantedCredentials {
  readonly account: string;
  readonly region: string;
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  /** ISO 8601, UTC. */
  readonly Expiration: string;
}

/** An armored age file for one recipient, of any kind that `core/age-recipient.ts` takes. */
export async function seal(recipient: string, sealed: SealedGrants): Promise<string> {
  const { armor, Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  // as a stream: of a text, age would make one and read it through `Response`, which loads the whole of Node's fetch
  const encrypted = await encrypter.encrypt(streamOf(JSON.stringify(sealed)));
  const parts: Uint8Array[] = [];
  for await (const part of encrypted) parts.push(part);
  return armor.encode(Buffer.concat(parts));
}

const streamOf = (text: string): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from(text, "utf8"));
      controller.close();
    },
  });

/** Opens an armored age file with an identity (`AGE-SECRET-KEY-…`). Throws when it is not for this identity or not what we seal. */
export async function unseal(identity: string, armored: string): Promise<SealedGrants> {
  const { armor, Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return readSealed(await decrypter.decrypt(armor.decode(armored), "text"));
}

/** Undefined where it is for none of the operator's identities, or not what we seal. */
export type Unseal = (armored: string) => Promise<SealedGrants | undefined>;

export const unsealWith =
  (identities: readonly string[]): Unseal =>
  async (armored) => {
    for (const identity of identities) {
      try {
        return await unseal(identity, armored);
      } catch {
        // sealed to another of this operator's keys, or to a key that is gone
      }
    }
    return undefined;
  };

/** What came out of a seal. Throws when it is not what we seal. */
export const readSealed = (text: string): SealedGrants => parseSealed(JSON.parse(text));

const credentialKeys = [
  "account",
  "region",
  "AccessKeyId",
  "SecretAccessKey",
  "SessionToken",
  "Expiration",
] as const;

// The key to seal to is public, so anybody can seal anything to it: what comes out is parsed like any other text from outside.
function parseSealed(value: unknown): SealedGrants {
  if (!isRecord(value) || value["version"] !== 1 || !Array.isArray(value["grants"]))
    throw new Error("the sealed text is not a Hallpass grant of version 1");
  return { version: 1, grants: value["grants"].map(parseGrant) };
}

function parseGrant(value: unknown): GrantedCredentials {
  const read = (key: (typeof credentialKeys)[number]): string => {
    const field = isRecord(value) ? value[key] : undefined;
    if (typeof field !== "string") throw new Error(`the sealed grant has no \`${key}\``);
    return field;
  };
  return {
    account: read("account"),
    region: read("region"),
    AccessKeyId: read("AccessKeyId"),
    SecretAccessKey: read("SecretAccessKey"),
    SessionToken: read("SessionToken"),
    Expiration: read("Expiration"),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
