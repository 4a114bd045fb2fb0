import type { Principal, RoleSession } from "./iam/principal.ts";
import type { Ids } from "./ids.ts";

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Only of temporary keys. */
  readonly sessionToken?: string;
  readonly expiresAt?: number;
  readonly principal: Principal;
}

/** Every key the twin issued; nothing else opens it. */
export interface CredentialStore {
  find(accessKeyId: string): AccessKey | undefined;
  issueLongTerm(principal: Principal): AccessKey;
  issueTemporary(principal: RoleSession): AccessKey & { readonly sessionToken: string };
  secrets(): readonly string[];
}

export function createCredentialStore(ids: Ids): CredentialStore {
  const keys = new Map<string, AccessKey>();
  const keep = <Key extends AccessKey>(key: Key): Key => {
    keys.set(key.accessKeyId, key);
    return key;
  };
  return {
    find: (accessKeyId) => keys.get(accessKeyId),
    issueLongTerm: (principal) =>
      keep({ accessKeyId: `AKIA${ids.base32(16)}`, secretAccessKey: ids.base64(40), principal }),
    issueTemporary: (principal) =>
      keep({
        accessKeyId: `ASIA${ids.base32(16)}`,
        secretAccessKey: ids.base64(40),
        sessionToken: `IQoJb3JpZ2luX2Vj${ids.base64(600)}`,
        expiresAt: principal.expiresAt,
        principal,
      }),
    secrets: () =>
      [...keys.values()].flatMap((key) => [
        key.secretAccessKey,
        ...(key.sessionToken === undefined ? [] : [key.sessionToken]),
      ]),
  };
}
