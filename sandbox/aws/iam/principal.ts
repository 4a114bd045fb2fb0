import type { Account, Role } from "../world.ts";
import type { PolicySet } from "./evaluate.ts";
import { type Policy, parsePolicy } from "./policy-document.ts";

/** Who calls. */
export type Principal = Administrator | RoleSession;

/** A user with long-term keys who may do everything in one account, for building worlds in tests. */
export interface Administrator {
  readonly kind: "administrator";
  readonly account: string;
  readonly arn: string;
  readonly userId: string;
}

export interface RoleSession {
  readonly kind: "role";
  readonly account: string;
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` */
  readonly arn: string;
  /** `AROA…:SESSION` */
  readonly userId: string;
  readonly role: Role;
  readonly sessionName: string;
  /** Absent: nothing narrows the role. */
  readonly sessionPolicies?: readonly Policy[] | undefined;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** The provider whose token opened the session. */
  readonly federatedProvider?: string | undefined;
}

const everything = parsePolicy({
  Version: "2012-10-17",
  Statement: [{ Sid: "Administrator", Effect: "Allow", Action: "*", Resource: "*" }],
});

/** The policies in force for a principal at an instant. */
export function policiesOf(principal: Principal, account: Account, now: number): PolicySet {
  if (principal.kind === "administrator") return { identity: [everything] };
  const { role } = principal;
  const attached = role.attached.at(now).flatMap((arn) => account.managedPolicies.get(arn)?.policy ?? []);
  const boundary = role.boundary.at(now);
  return {
    identity: [...[...role.inline.at(now).values()].map((written) => written.policy), ...attached],
    // INVARIANT: a boundary whose policy is gone allows nothing, rather than not limiting
    boundary:
      boundary === undefined
        ? undefined
        : [account.managedPolicies.get(boundary)?.policy].filter((p) => p !== undefined),
    session: principal.sessionPolicies,
  };
}

export function roleSession(
  role: Role,
  sessionName: string,
  times: { readonly issuedAt: number; readonly expiresAt: number },
  narrowing: {
    readonly sessionPolicies?: readonly Policy[] | undefined;
    readonly federatedProvider?: string;
  } = {},
): RoleSession {
  return {
    kind: "role",
    account: role.account,
    arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${sessionName}`,
    userId: `${role.id}:${sessionName}`,
    role,
    sessionName,
    ...times,
    ...narrowing,
  };
}
