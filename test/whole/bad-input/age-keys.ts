// Recipients of age made from any bytes: well spelt, and no keys that anything could be sealed to.

const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/** Bech32 (BIP 173), as age spells its recipients. */
export function recipientOf(prefix: "age" | "age1pq", bytes: Uint8Array): string {
  const words = fiveBitWords(bytes);
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  const expanded = [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
  const sum = polymod([...expanded, ...words, 0, 0, 0, 0, 0, 0]) ^ 1;
  const check = [25, 20, 15, 10, 5, 0].map((shift) => (sum >>> shift) & 31);
  return `${prefix}1${[...words, ...check].map((word) => alphabet[word]).join("")}`;
}

function fiveBitWords(bytes: Uint8Array): readonly number[] {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.padEnd(Math.ceil(bits.length / 5) * 5, "0").match(/.{5}/g) ?? []).map((five) =>
    Number.parseInt(five, 2),
  );
}

function polymod(words: readonly number[]): number {
  let sum = 1;
  for (const word of words) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ word;
    [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].forEach((generator, i) => {
      if ((top >>> i) & 1) sum ^= generator;
    });
  }
  return sum >>> 0;
}

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));

/** Points of the curve whose product with any key is nothing: a seal to them hides nothing. */
export const lowOrderPoints: readonly Uint8Array[] = [
  hex("00".repeat(32)),
  hex(`01${"00".repeat(31)}`),
  hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
  hex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
  hex(`ec${"ff".repeat(30)}7f`),
  hex(`ed${"ff".repeat(30)}7f`),
  hex(`ee${"ff".repeat(30)}7f`),
];

/** A post-quantum hybrid key (ML-KEM-768, then X25519) whose second half is such a point. */
export const hybridOfLowOrder: Uint8Array = new Uint8Array(1_184 + 32);
