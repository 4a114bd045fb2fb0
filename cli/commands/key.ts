// What `hallpass key` takes.

import { type Describe, identityOption } from "../describe.ts";
import type { KeyOptions } from "../key.ts";

export const describeKey: Describe = (program, run) => {
  program
    .command("key")
    .description("Show the public key that credentials are sealed to; make it the first time.")
    .option(...identityOption)
    .option("--rotate", "make a new one; the old one is kept beside, with a number")
    .option("--post-quantum", "make a post-quantum hybrid key (age1pq1…)")
    .option("--json", "one JSON object: did (shown, made, rotated), file, recipient, kept")
    .addHelpText(
      "after",
      `
Only you may read the file (mode 0600). One that is there is never overwritten, and may be age's own; for a
key in hardware it holds \`AGE-PLUGIN-…\`, with its public key in a comment above.

Exits with 0 when there is a key, 2 when there is none.

Examples:
  $ hallpass key
  $ hallpass key --rotate
  $ gh issue comment 12 --repo acme/access --body "/token $(hallpass key)"`,
    )
    .action((options: Partial<KeyOptions>) => {
      const { rotate = false, postQuantum = false, json = false } = options;
      return run({ ...options, rotate, postQuantum, json }, async () => (await import("../key.ts")).key);
    });
};
