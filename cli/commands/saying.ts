// What `hallpass revoke`, `cancel` and `extend` share: each says a word on the request.

import type { Run } from "../describe.ts";
import type { SayOptions } from "../say.ts";

export const sayJson = "one JSON object: request, said, comment, url";
export const sayExits =
  "Exits with 0 when it is said, 1 when it would be in vain, and why, 2 when it could not run.";

/** As commander gives it. */
export interface Typed {
  readonly message?: string;
  readonly repo?: string;
  readonly json?: true;
}

/** @param rest - what comes after the word: a reason, or how long. */
export function saying(
  run: Run,
  { id, word }: Pick<SayOptions, "id" | "word">,
  { message: rest, repo, json }: Typed,
): Promise<void> {
  const given = { ...(rest === undefined ? {} : { rest }), ...(repo === undefined ? {} : { repo }) };
  return run({ id, word, ...given, json: json === true }, async () => (await import("../say.ts")).say);
}
