// `hallpass credentials ID`: `credential_process` JSON for any AWS SDK or CLI, after all the checks of a sealed comment.

import { whoAmI } from "../aws/as-operator.ts";
import type { GrantedCredentials } from "../flow/seal.ts";
import { takeCredentials, UntrustedCredentials } from "../flow/take-credentials.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { requireIdentity } from "./identity.ts";
import { signInHere } from "./sign-in.ts";
import { requestNumber } from "./status.ts";
import { painter, type Terminal } from "./terminal.ts";

export interface CredentialsOptions {
  readonly id: string;
  readonly repo?: string;
  readonly identity?: string;
  /** `account/region`. */
  readonly place?: string;
}

export async function credentials(terminal: Terminal, options: CredentialsOptions): Promise<ExitCode> {
  const number = requestNumber(options.id);
  const client = await signInHere(terminal, options.repo);
  const { unseal } = await requireIdentity(terminal, options.identity);
  try {
    const taken = await takeCredentials({ client, unseal, whoAmI }, number);
    terminal.out(`${JSON.stringify(processFormat(chooseCredentials(taken.credentials, options.place)))}\n`);
    return exitCode.ok;
  } catch (error) {
    if (!(error instanceof UntrustedCredentials)) throw error;
    terminal.err(`${painter(terminal.errColours)("bad", "error")}: ${error.message} [${error.code}]\n`);
    return error.code === "config" ? exitCode.cannotRun : exitCode.notOk;
  }
}

/** What AWS's SDKs expect of a `credential_process`. */
const processFormat = ({ AccessKeyId, SecretAccessKey, SessionToken, Expiration }: GrantedCredentials) => ({
  Version: 1,
  AccessKeyId,
  SecretAccessKey,
  SessionToken,
  Expiration,
});

/** Those of the one place, or of the place that is named. Throws with what there is. */
export function chooseCredentials(
  all: readonly GrantedCredentials[],
  place: string | undefined,
): GrantedCredentials {
  const fitting = all.filter(
    ({ account, region }) => place === undefined || place === `${account}/${region}`,
  );
  const [one, another] = fitting;
  if (one !== undefined && another === undefined) return one;
  const places = all.map(({ account, region }) => `${account}/${region}`).join(", ");
  throw new Error(
    one === undefined
      ? `the grant has no credentials for \`${place}\`; it has them for ${places}`
      : `the grant has credentials for ${places}; choose one with --place account/region`,
  );
}
