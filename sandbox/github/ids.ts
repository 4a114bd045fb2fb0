/** Ids in the order things are made, so that two runs of one story have the same. */
export interface Ids {
  number(): number;
  /** `I_kwDO…`: GitHub's newer global ids, a prefix for the type and the number. */
  node(prefix: string, number: number): string;
  /** A request's, a delivery's. */
  guid(): string;
  /** Unguessable only in form: a secret of a machine that is not real. */
  secret(prefix: string): string;
}

export function createIds(first = 1001): Ids {
  let next = first;
  let guids = 0;
  let secrets = 0;
  return {
    number: () => next++,
    node: (prefix, number) => `${prefix}_${Buffer.from(`kwDO:${number}`).toString("base64url")}`,
    guid: () => {
      const hex = (++guids).toString(16).padStart(12, "0");
      return `9f2c1e80-7a11-11ef-8000-${hex}`;
    },
    secret: (prefix) => {
      // a fixed scramble of a counter: same in each run, never two alike
      let seed = BigInt(++secrets) * 0x9e3779b97f4a7c15n;
      let text = "";
      while (text.length < 36) {
        seed = BigInt.asUintN(64, seed * 6364136223846793005n + 1442695040888963407n);
        text += (seed >> 16n).toString(36);
      }
      return `${prefix}_${text.slice(0, 36)}`;
    },
  };
}
