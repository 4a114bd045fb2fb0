// Identities that live in hardware (`AGE-PLUGIN-…`, a YubiKey, a Secure Enclave): only age itself, with its plugin, opens what is sealed to them.

import { spawn } from "node:child_process";
import { parseAgeRecipient } from "../core/age-recipient.ts";
import { readSealed, type SealedGrants } from "../flow/seal.ts";
import { childEnv } from "./child-env.ts";
import type { Terminal } from "./terminal.ts";

export const isPluginIdentity = (line: string): boolean => /^AGE-PLUGIN-[A-Z0-9]+/.test(line);

/** From the comment that plugins write above the identity: nothing else knows its public key. */
export function recipientOfPlugin(lines: readonly string[], file: string): string {
  const named = lines.flatMap((line) => /^#.*\b(age1\w+)\s*$/.exec(line)?.[1] ?? []);
  const recipient = named.find((each) => parseAgeRecipient(each) !== undefined);
  if (recipient !== undefined) return recipient;
  throw new Error(
    `${file} names no public key that can be sealed to; expected a comment \`# recipient: age1tag1…\` (or age1tagpq1…), got ${named[0] ?? "none"}; your plugin prints it for this identity`,
  );
}

/** Undefined where age could not open it; age has said why, and asked for a touch or a PIN, on standard error. Throws where there is no age. */
export function unsealWithPlugin(
  armored: string,
  { file, env }: { readonly file: string; readonly env: Terminal["env"] },
): Promise<SealedGrants | undefined> {
  return new Promise((resolve, reject) => {
    const age = spawn("age", ["--decrypt", "--identity", file], {
      stdio: ["pipe", "pipe", "inherit"],
      env: childEnv(env),
    });
    const parts: Buffer[] = [];
    age.once("error", () =>
      reject(
        new Error(`no \`age\` on PATH, which opens ${file}; install it, and the plugin of this identity`),
      ),
    );
    age.stdout.on("data", (part: Buffer) => parts.push(part));
    // it may end before it has read all
    age.stdin.on("error", () => {});
    age.stdin.end(armored);
    age.once("close", (code) => {
      if (code !== 0) return resolve(undefined);
      try {
        resolve(readSealed(Buffer.concat(parts).toString("utf8")));
      } catch {
        // the reason could quote the secret
        resolve(undefined);
      }
    });
  });
}
