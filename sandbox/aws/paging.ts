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
  const from = token === undefined ? 0 : readToken(token, badToken);
  const to = from + size;
  return { items: items.slice(from, to), next: to < items.length ? writeToken(to) : undefined };
}

function writeToken(offset: number): string {
  return Buffer.from(`page:${offset}`).toString("base64url");
}

function readToken(token: string, badToken: string): number {
  const match = /^page:(\d+)$/.exec(Buffer.from(token, "base64url").toString("utf8"));
  if (match === null) throw new AwsError(badToken, "The specified token isn't valid.");
  return Number(match[1]);
}
