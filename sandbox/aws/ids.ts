import { createHash } from "node:crypto";

/** Everything made up: ids, keys, tokens. Two twins of one seed make up the same, in the same order. */
export interface Ids {
  hex(length: number): string;
  uuid(): string;
  /** As AWS's unique ids: `AROA` and 17 of these. */
  base32(length: number): string;
  base64(length: number): string;
}

export function createIds(seed: string): Ids {
  let count = 0;
  const bytes = (length: number): Buffer => {
    const blocks: Buffer[] = [];
    for (let have = 0; have < length; have += 32) {
      blocks.push(createHash("sha256").update(`${seed}/${count++}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, length);
  };
  const hex = (length: number) => bytes(length).toString("hex").slice(0, length);
  return {
    hex,
    uuid: () => [hex(8), hex(4), `4${hex(3)}`, `8${hex(3)}`, hex(12)].join("-"),
    base32: (length) =>
      [...bytes(length)].map((byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte % 32]).join(""),
    base64: (length) => bytes(length).toString("base64").slice(0, length),
  };
}
