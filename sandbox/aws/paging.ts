import { AwsError } from "./errors.ts";

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** One page of a list. Tokens are opaque to clients; one that was never given out is refused with `badToken`. */
export function pageOf<T>(
  items: readonly T[],
  size: number,
  token: string | undefined,
  badToken: string,
): Page<T> {
  return pageWhere(items, () => true, size, token, badToken);
}

/** One page of what is kept of a list, without looking at more of it than the page needs. */
export function pageWhere<T>(
  all: readonly T[],
  keep: (item: T) => boolean,
  size: number,
  token: string | undefined,
  badToken: string,
): Page<T> {
  const items: T[] = [];
  for (let index = token === undefined ? 0 : readToken(token, badToken); index < all.length; index++) {
    const item = all[index] as T;
    if (!keep(item)) continue;
    if (items.length === size) return { items, next: writeToken(index) };
    items.push(item);
  }
  return { items, next: undefined };
}

function writeToken(offset: number): string {
  return Buffer.from(`page:${offset}`).toString("base64url");
}

function readToken(token: string, badToken: string): number {
  const match = /^page:(\d+)$/.exec(Buffer.from(token, "base64url").toString("utf8"));
  if (match === null) throw new AwsError(badToken, "The specified token isn't valid.");
  return Number(match[1]);
}
