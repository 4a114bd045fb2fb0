import { AwsError, TwinBug } from "./errors.ts";
import type { Principal } from "./iam/principal.ts";
import { type Performer, perform } from "./perform.ts";
import { createSignInFederation } from "./sign-in-federation.ts";
import {
  readScope,
  type Scope,
  signatureErrors,
  signatureMatches,
  signedAt,
  unsignedHeaders,
} from "./sigv4.ts";
import { createDataChannel } from "./ssm/data-channel.ts";
import { accountOfArn } from "./sts/assume-role.ts";
import type { Twin } from "./twin.ts";
import { writeAnswer, writeError } from "./wire/response.ts";
import { findRoute, findService, unsignedOperation } from "./wire/route.ts";
import { type ServiceModel, serviceModels } from "./wire/service-models.ts";
import { readForm, readRequest, type WireRequest } from "./wire/wire-request.ts";
import type { Account, Region } from "./world.ts";

/** The front of the twin: who signed, what is asked, and the answer in the service's own form. */
export function createDispatcher(performer: Performer): (request: Request) => Promise<Response> {
  const { twin } = performer;
  const dataChannel = createDataChannel(twin);
  const signInFederation = createSignInFederation(twin);
  return async (request) => {
    const wire = await readRequest(request);
    const stream = dataChannel(wire);
    if (stream !== undefined) return stream;
    const signedIn = signInFederation(wire);
    if (signedIn !== undefined) return signedIn;
    const requestId = twin.ids.uuid();
    let service: ServiceModel = serviceModels.sts;
    try {
      const scope = readScope(wire);
      service = findService(wire, scope);
      const caller =
        scope === undefined ? unsignedCaller(twin, wire) : authenticate(twin, wire, scope, service);
      const route = findRoute(wire, service);
      if (scope === undefined && route.operation.name !== unsignedOperation) {
        throw new AwsError("MissingAuthenticationToken", "Missing Authentication Token", 403);
      }
      const output = await perform(performer, { ...route, ...caller });
      return writeAnswer(service, route.operation, output, requestId, twin.now());
    } catch (error) {
      if (error instanceof AwsError) return writeError(service, error, requestId, twin.now());
      if (error instanceof TwinBug)
        return writeError(service, new AwsError("TwinBug", error.message, 501), requestId, twin.now());
      throw error;
    }
  };
}

interface Caller {
  readonly principal: Principal | undefined;
  readonly account: Account;
  readonly region: Region;
}

function authenticate(twin: Twin, wire: WireRequest, scope: Scope, service: ServiceModel): Caller {
  const errors = signatureErrors(service);
  const key = twin.credentials.find(scope.accessKeyId);
  const token = wire.headers.get("x-amz-security-token");
  if (key === undefined || token !== key.sessionToken) throw errors.unknownKey();
  const unsigned = unsignedHeaders(wire, scope);
  if (unsigned.length > 0) throw errors.mismatch(`headers must be signed: ${unsigned.join(", ")}`);
  if (!signatureMatches(wire, scope, key.secretAccessKey)) {
    throw errors.mismatch("The request signature we calculated does not match the signature you provided.");
  }
  const at = signedAt(wire, scope);
  if (at === undefined) throw errors.mismatch("Date in Credential scope does not match X-Amz-Date");
  if (Math.abs(twin.now() - at) > twin.parameters.signatureSkew) {
    throw errors.mismatch(`Signature expired or not yet current: ${new Date(at).toISOString()}`);
  }
  if (key.expiresAt !== undefined && key.expiresAt <= twin.now()) throw errors.expired();
  const account = twin.world.get(key.principal.account);
  const region = account === undefined ? undefined : regionOf(account, scope.region, service);
  // keys work neither in a Region that the account has not nor when their role is gone
  if (account === undefined || region === undefined || !stillThere(key.principal, account))
    throw errors.unknownKey();
  return { principal: key.principal, account, region };
}

function stillThere(principal: Principal, account: Account): boolean {
  return principal.kind === "administrator" || account.roles.get(principal.role.name) === principal.role;
}

/** IAM is one for all Regions and counts as us-east-1; STS answers there even to accounts that use other Regions. */
function regionOf(account: Account, name: string, service: ServiceModel): Region | undefined {
  const region = account.regions.get(name);
  if (service.id !== "iam" && (service.id !== "sts" || name !== "us-east-1")) return region;
  const [any] = account.regions.values();
  // neither service keeps anything by Region
  return any === undefined || (region === undefined && name !== "us-east-1")
    ? undefined
    : { ...any, name: "us-east-1" };
}

/** The unsigned call is for the account of the role it names, in the Region of the address it goes to. */
function unsignedCaller(twin: Twin, wire: WireRequest): Caller {
  const arn = readForm(wire.body).get("RoleArn") ?? "";
  const account = twin.world.get(accountOfArn(arn));
  if (account === undefined) {
    throw new AwsError("InvalidIdentityTokenException", "No OpenIDConnect provider found in your account");
  }
  const [, host] = /^sts\.([a-z0-9-]+)\.amazonaws\.com$/.exec(wire.headers.get("host") ?? "") ?? [];
  const region = regionOf(account, host ?? "us-east-1", serviceModels.sts);
  if (region === undefined) throw new AwsError("RegionDisabledException", `STS is not activated in ${host}`);
  return { principal: undefined, account, region };
}
