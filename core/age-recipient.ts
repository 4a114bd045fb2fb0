// Keys that credentials can be sealed to, checked to the last letter, so that a slip of the hand is told at once and not when the access is open: age's X25519
// (`age1…`) and post-quantum hybrid (`age1pq1…`) recipients, and those whose key lives in hardware (P-256, `age1tag1…`, and its hybrid, `age1tagpq1…`).

import type { Branded } from "./ids.ts";

export type AgeRecipient = Branded<string, "AgeRecipient">;

const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** The bytes of a public key by the prefix of its recipient. ML-KEM-768 is 1,184 of them, X25519 32, a point of P-256 33, or 65 beside ML-KEM. */
const kinds = [
  { prefix: "age1pq", bytes: 1_216 },
  { prefix: "age1tagpq", bytes: 1_249 },
  { prefix: "age1tag", bytes: 33 },
  { prefix: "age", bytes: 32 },
] as const;

export function parseAgeRecipient(text: string): AgeRecipient | undefined {
  const kind = kinds.find(({ prefix }) => text.startsWith(`${prefix}1`));
  if (kind === undefined) return undefined;
  const words = [...text.slice(kind.prefix.length + 1)].map((letter) => alphabet.indexOf(letter));
  const payload = Math.ceil((kind.bytes * 8) / 5);
  const valid =
    words.length === payload + 6 &&
    !words.includes(-1) &&
    checksum([...expanded(kind.prefix), ...words]) === 1 &&
    paddingIsZero(words[payload - 1] as number, payload * 5 - kind.bytes * 8);
  return valid ? (text as AgeRecipient) : undefined;
}

/** Bech32 (BIP 173) without its limit of 90 characters, as age uses it. */
function checksum(words: readonly number[]): number {
  let sum = 1;
  for (const word of words) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ word;
    generator.forEach((value, i) => {
      if ((top >>> i) & 1) sum ^= value;
    });
  }
  return sum;
}

const expanded = (prefix: string): readonly number[] => {
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
};

/** Bits beyond the last byte must be 0, or two texts would be one key. */
const paddingIsZero = (lastWord: number, bits: number): boolean => (lastWord & ((1 << bits) - 1)) === 0;
