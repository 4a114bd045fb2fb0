import { AwsError } from "../errors.ts";
import type { Twin } from "../twin.ts";
import type { Account, ManagedPolicy, OidcProvider, Role, WrittenPolicy } from "../world.ts";
import { delayed } from "./delayed.ts";
import { MalformedPolicy, type PolicyKind, parsePolicy } from "./policy-document.ts";
import { checkGitHubTrust } from "./trust.ts";

export interface RoleSpec {
  readonly name: string;
  readonly trust: string;
  readonly path?: string | undefined;
  readonly description?: string | undefined;
  /** Seconds. */
  readonly maxSessionDuration?: number | undefined;
  readonly boundary?: string | undefined;
  readonly inline?: Readonly<Record<string, string>> | undefined;
  readonly attached?: readonly string[] | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Makes a role, checked as IAM checks it. It can be used from `inForceFrom` on. */
export function createRole(twin: Twin, account: Account, spec: RoleSpec, inForceFrom: number): Role {
  if (account.roles.has(spec.name)) {
    throw new AwsError("EntityAlreadyExistsException", `Role with name ${spec.name} already exists.`);
  }
  const path = spec.path ?? "/";
  const role: Role = {
    account: account.id,
    name: spec.name,
    path,
    arn: `arn:aws:iam::${account.id}:role${path}${spec.name}`,
    id: `AROA${twin.ids.base32(17)}`,
    createdAt: twin.now(),
    description: spec.description ?? "",
    maxSessionDuration: spec.maxSessionDuration ?? 3_600,
    tags: new Map(Object.entries(spec.tags ?? {})),
    trust: delayed<WrittenPolicy | undefined>(undefined),
    inline: delayed<ReadonlyMap<string, WrittenPolicy>>(new Map()),
    attached: delayed<readonly string[]>([]),
    boundary: delayed<string | undefined>(undefined),
  };
  setTrust(role, spec.trust, inForceFrom);
  if (spec.boundary !== undefined) setBoundary(account, role, spec.boundary, inForceFrom);
  for (const [name, text] of Object.entries(spec.inline ?? {})) putInline(role, name, text, inForceFrom);
  for (const arn of spec.attached ?? []) attach(account, role, arn, inForceFrom);
  account.roles.set(role.name, role);
  return role;
}

export function setTrust(role: Role, text: string, inForceFrom: number): void {
  limit(size(text) <= 2_048, "Cannot exceed quota for ACLSizePerRole: 2048");
  const written = readPolicy(text, "trust");
  role.trust.set(written, inForceFrom);
}

export function putInline(role: Role, name: string, text: string, inForceFrom: number): void {
  const next = new Map(role.inline.latest).set(name, readPolicy(text, "identity"));
  const total = [...next.values()].reduce((sum, written) => sum + size(written.text), 0);
  limit(total <= 10_240, `Maximum policy size of 10240 bytes exceeded for role ${role.name}`);
  role.inline.set(next, inForceFrom);
}

export function deleteInline(role: Role, name: string, inForceFrom: number): void {
  findInline(role, name);
  const next = new Map(role.inline.latest);
  next.delete(name);
  role.inline.set(next, inForceFrom);
}

export function findInline(role: Role, name: string): WrittenPolicy {
  return role.inline.latest.get(name) ?? noSuchEntity(`The role policy with name ${name} cannot be found.`);
}

export function attach(account: Account, role: Role, arn: string, inForceFrom: number): void {
  findManagedPolicy(account, arn);
  if (role.attached.latest.includes(arn)) return;
  limit(role.attached.latest.length < 10, "Cannot exceed quota for PoliciesPerRole: 10");
  role.attached.set([...role.attached.latest, arn], inForceFrom);
}

export function setBoundary(account: Account, role: Role, arn: string, inForceFrom: number): void {
  findManagedPolicy(account, arn);
  role.boundary.set(arn, inForceFrom);
}

export function createManagedPolicy(
  twin: Twin,
  account: Account,
  name: string,
  text: string,
  path = "/",
): ManagedPolicy {
  const arn = `arn:aws:iam::${account.id}:policy${path}${name}`;
  if (account.managedPolicies.has(arn)) {
    throw new AwsError("EntityAlreadyExistsException", `A policy called ${name} already exists.`);
  }
  limit(size(text) <= 6_144, "Cannot exceed quota for PolicySize: 6144");
  const policy = {
    ...readPolicy(text, "identity"),
    arn,
    name,
    id: `ANPA${twin.ids.base32(17)}`,
    createdAt: twin.now(),
  };
  account.managedPolicies.set(arn, policy);
  return policy;
}

export function createOidcProvider(
  twin: Twin,
  account: Account,
  spec: {
    readonly url: string;
    readonly clientIds: readonly string[];
    readonly thumbprints?: readonly string[];
  },
): OidcProvider {
  const url = spec.url.replace(/\/$/, "");
  if (!/^https:\/\/[^?#]+$/.test(url)) {
    throw new AwsError(
      "InvalidInputException",
      "the provider's URL must begin with https:// and have no query",
    );
  }
  const issuer = url.slice("https://".length);
  if (account.oidcProviders.has(issuer)) {
    throw new AwsError("EntityAlreadyExistsException", `Provider with url ${url} already exists.`);
  }
  limit(spec.clientIds.length <= 100, "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100");
  const arn = `arn:aws:iam::${account.id}:oidc-provider/${issuer}`;
  const provider = {
    arn,
    issuer,
    clientIds: spec.clientIds,
    thumbprints: spec.thumbprints ?? [],
    createdAt: twin.now(),
  };
  account.oidcProviders.set(issuer, provider);
  return provider;
}

export function findRole(account: Account, name: string): Role {
  return account.roles.get(name) ?? noSuchEntity(`The role with name ${name} cannot be found.`);
}

export function findManagedPolicy(account: Account, arn: string): ManagedPolicy {
  return (
    account.managedPolicies.get(arn) ?? noSuchEntity(`Policy ${arn} does not exist or is not attachable.`)
  );
}

function readPolicy(text: string, kind: PolicyKind): WrittenPolicy {
  try {
    const policy = parsePolicy(text, kind);
    if (kind === "trust") checkGitHubTrust(policy);
    return { text, policy };
  } catch (error) {
    if (error instanceof MalformedPolicy)
      throw new AwsError("MalformedPolicyDocumentException", error.message);
    throw error;
  }
}

/** IAM does not count white space. */
function size(text: string): number {
  return text.replace(/\s/g, "").length;
}

function limit(holds: boolean, message: string): void {
  if (!holds) throw new AwsError("LimitExceededException", message);
}

function noSuchEntity(message: string): never {
  throw new AwsError("NoSuchEntityException", message);
}
