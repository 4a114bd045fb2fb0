import type * as Iam from "@aws-sdk/client-iam";
import { AwsError } from "../errors.ts";
import { type Call, type Operations, operation } from "../twin.ts";
import type { Role, Tags } from "../world.ts";
import { requestTagKeys, tagKeys } from "./request-keys.ts";
import * as roles from "./roles.ts";

type Named = { readonly RoleName: string | undefined };

/** Asks about a role, with the keys that say what boundary it has and what tags. */
function askRole(
  action: string,
  name: string | undefined,
  call: Call,
  keys: Readonly<Record<string, string | undefined>> = {},
): void {
  const role = call.account.roles.get(name ?? "");
  call.require({
    action: `iam:${action}`,
    resource: role?.arn ?? `arn:aws:iam::${call.account.id}:role/${name}`,
    keys: { ...tagKeys(role?.tags, "aws:ResourceTag", "iam:ResourceTag"), ...keys },
  });
}

/** A change of a role's permissions is asked with the boundary it has now. */
function askBoundedRole(action: string, name: string | undefined, call: Call): void {
  askRole(action, name, call, {
    "iam:PermissionsBoundary": call.account.roles.get(name ?? "")?.boundary.latest,
  });
}

const inForce = (call: Call) => call.now + call.twin.parameters.iamDelay;
const roleOf = (input: Named, call: Call) => roles.findRole(call.account, input.RoleName ?? "");

function describe(role: Role): Iam.Role {
  const boundary = role.boundary.latest;
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodeURIComponent(role.trust.latest?.text ?? ""),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
    PermissionsBoundary:
      boundary === undefined
        ? undefined
        : { PermissionsBoundaryType: "Policy" as never, PermissionsBoundaryArn: boundary },
    Tags: [...role.tags].map(([Key, Value]) => ({ Key, Value })),
  };
}

function tagsOf(tags: readonly Iam.Tag[] | undefined): Tags {
  return new Map((tags ?? []).map((tag) => [tag.Key ?? "", tag.Value ?? ""]));
}

const page = <T>(items: readonly T[], max: number | undefined, marker: string | undefined) => {
  const from = Number(marker ?? 0);
  const to = from + (max ?? 100);
  return {
    items: items.slice(from, to),
    IsTruncated: to < items.length,
    Marker: to < items.length ? String(to) : undefined,
  };
};

const roleOperations: Operations = {
  CreateRole: operation<Iam.CreateRoleRequest, Iam.CreateRoleResponse>({
    authorize: (input, call) =>
      call.require({
        action: "iam:CreateRole",
        resource: `arn:aws:iam::${call.account.id}:role${input.Path ?? "/"}${input.RoleName}`,
        keys: { "iam:PermissionsBoundary": input.PermissionsBoundary, ...requestTagKeys(tagsOf(input.Tags)) },
      }),
    run: (input, call) => {
      const spec = {
        name: input.RoleName ?? "",
        trust: input.AssumeRolePolicyDocument ?? "",
        path: input.Path,
        description: input.Description,
        maxSessionDuration: input.MaxSessionDuration,
        boundary: input.PermissionsBoundary,
        tags: Object.fromEntries(tagsOf(input.Tags)),
      };
      return { Role: describe(roles.createRole(call.twin, call.account, spec, inForce(call))) };
    },
  }),
  GetRole: operation<Iam.GetRoleRequest, Iam.GetRoleResponse>({
    authorize: (input, call) => askBoundedRole("GetRole", input.RoleName, call),
    run: (input, call) => ({ Role: describe(roleOf(input, call)) }),
  }),
  ListRoles: operation<Iam.ListRolesRequest, Iam.ListRolesResponse>({
    authorize: (_, call) =>
      call.require({
        action: "iam:ListRoles",
        resource: "*",
      }),
    run: (input, call) => {
      const found = [...call.account.roles.values()].filter((role) =>
        role.path.startsWith(input.PathPrefix ?? "/"),
      );
      const { items, ...rest } = page(found, input.MaxItems, input.Marker);
      return { Roles: items.map(describe), ...rest };
    },
  }),
  DeleteRole: operation<Iam.DeleteRoleRequest, unknown>({
    authorize: (input, call) => askBoundedRole("DeleteRole", input.RoleName, call),
    run: (input, call) => {
      const role = roleOf(input, call);
      if (role.inline.latest.size > 0 || role.attached.latest.length > 0) {
        throw new AwsError("DeleteConflictException", "Cannot delete entity, must delete policies first.");
      }
      call.account.roles.delete(role.name);
      return {};
    },
  }),
  UpdateAssumeRolePolicy: operation<Iam.UpdateAssumeRolePolicyRequest, unknown>({
    authorize: (input, call) => askBoundedRole("UpdateAssumeRolePolicy", input.RoleName, call),
    run: (input, call) => {
      roles.setTrust(roleOf(input, call), input.PolicyDocument ?? "", inForce(call));
      return {};
    },
  }),
  PutRolePermissionsBoundary: operation<Iam.PutRolePermissionsBoundaryRequest, unknown>({
    authorize: (input, call) =>
      askRole("PutRolePermissionsBoundary", input.RoleName, call, {
        "iam:PermissionsBoundary": input.PermissionsBoundary,
      }),
    run: (input, call) => {
      roles.setBoundary(call.account, roleOf(input, call), input.PermissionsBoundary ?? "", inForce(call));
      return {};
    },
  }),
  DeleteRolePermissionsBoundary: operation<Iam.DeleteRolePermissionsBoundaryRequest, unknown>({
    authorize: (input, call) => askBoundedRole("DeleteRolePermissionsBoundary", input.RoleName, call),
    run: (input, call) => {
      roleOf(input, call).boundary.set(undefined, inForce(call));
      return {};
    },
  }),
};

const policyOperations: Operations = {
  PutRolePolicy: operation<Iam.PutRolePolicyRequest, unknown>({
    authorize: (input, call) => askBoundedRole("PutRolePolicy", input.RoleName, call),
    run: (input, call) => {
      roles.putInline(roleOf(input, call), input.PolicyName ?? "", input.PolicyDocument ?? "", inForce(call));
      return {};
    },
  }),
  GetRolePolicy: operation<Iam.GetRolePolicyRequest, Iam.GetRolePolicyResponse>({
    authorize: (input, call) => askRole("GetRolePolicy", input.RoleName, call),
    run: (input, call) => {
      const role = roleOf(input, call);
      const written = roles.findInline(role, input.PolicyName ?? "");
      return {
        RoleName: role.name,
        PolicyName: input.PolicyName,
        PolicyDocument: encodeURIComponent(written.text),
      };
    },
  }),
  DeleteRolePolicy: operation<Iam.DeleteRolePolicyRequest, unknown>({
    authorize: (input, call) => askBoundedRole("DeleteRolePolicy", input.RoleName, call),
    run: (input, call) => {
      roles.deleteInline(roleOf(input, call), input.PolicyName ?? "", inForce(call));
      return {};
    },
  }),
  ListRolePolicies: operation<Iam.ListRolePoliciesRequest, Iam.ListRolePoliciesResponse>({
    authorize: (input, call) => askRole("ListRolePolicies", input.RoleName, call),
    run: (input, call) => {
      const names = [...roleOf(input, call).inline.latest.keys()].sort();
      const { items, ...rest } = page(names, input.MaxItems, input.Marker);
      return { PolicyNames: items, ...rest };
    },
  }),
  AttachRolePolicy: operation<Iam.AttachRolePolicyRequest, unknown>({
    authorize: (input, call) => {
      const boundary = call.account.roles.get(input.RoleName ?? "")?.boundary.latest;
      askRole("AttachRolePolicy", input.RoleName, call, {
        "iam:PermissionsBoundary": boundary,
        "iam:PolicyARN": input.PolicyArn,
      });
    },
    run: (input, call) => {
      roles.attach(call.account, roleOf(input, call), input.PolicyArn ?? "", inForce(call));
      return {};
    },
  }),
  ListAttachedRolePolicies: operation<
    Iam.ListAttachedRolePoliciesRequest,
    Iam.ListAttachedRolePoliciesResponse
  >({
    authorize: (input, call) => askRole("ListAttachedRolePolicies", input.RoleName, call),
    run: (input, call) => {
      const { items, ...rest } = page(roleOf(input, call).attached.latest, input.MaxItems, input.Marker);
      return {
        AttachedPolicies: items.map((arn) => ({ PolicyArn: arn, PolicyName: arn.split("/").at(-1) })),
        ...rest,
      };
    },
  }),
  CreatePolicy: operation<Iam.CreatePolicyRequest, Iam.CreatePolicyResponse>({
    authorize: (input, call) =>
      call.require({
        action: "iam:CreatePolicy",
        resource: `arn:aws:iam::${call.account.id}:policy${input.Path ?? "/"}${input.PolicyName}`,
      }),
    run: (input, call) => {
      const { arn, name, id } = roles.createManagedPolicy(
        call.twin,
        call.account,
        input.PolicyName ?? "",
        input.PolicyDocument ?? "",
        input.Path,
      );
      return {
        Policy: { Arn: arn, PolicyName: name, PolicyId: id, Path: input.Path ?? "/", DefaultVersionId: "v1" },
      };
    },
  }),
  GetPolicy: operation<Iam.GetPolicyRequest, Iam.GetPolicyResponse>({
    authorize: (input, call) => call.require({ action: "iam:GetPolicy", resource: input.PolicyArn ?? "" }),
    run: (input, call) => {
      const { arn, name, id } = roles.findManagedPolicy(call.account, input.PolicyArn ?? "");
      return {
        Policy: { Arn: arn, PolicyName: name, PolicyId: id, DefaultVersionId: "v1", IsAttachable: true },
      };
    },
  }),
  GetPolicyVersion: operation<Iam.GetPolicyVersionRequest, Iam.GetPolicyVersionResponse>({
    authorize: (input, call) =>
      call.require({ action: "iam:GetPolicyVersion", resource: input.PolicyArn ?? "" }),
    run: (input, call) => {
      const { text } = roles.findManagedPolicy(call.account, input.PolicyArn ?? "");
      return {
        PolicyVersion: { Document: encodeURIComponent(text), VersionId: "v1", IsDefaultVersion: true },
      };
    },
  }),
};

const providerArn = (call: Call, issuer: string) => `arn:aws:iam::${call.account.id}:oidc-provider/${issuer}`;

const providerOperations: Operations = {
  CreateOpenIDConnectProvider: operation<
    Iam.CreateOpenIDConnectProviderRequest,
    Iam.CreateOpenIDConnectProviderResponse
  >({
    authorize: (input, call) =>
      call.require({
        action: "iam:CreateOpenIDConnectProvider",
        resource: providerArn(call, (input.Url ?? "").replace(/^https:\/\//, "")),
      }),
    run: (input, call) => {
      const provider = roles.createOidcProvider(call.twin, call.account, {
        url: input.Url ?? "",
        clientIds: input.ClientIDList ?? [],
        thumbprints: input.ThumbprintList ?? [],
      });
      return { OpenIDConnectProviderArn: provider.arn };
    },
  }),
  GetOpenIDConnectProvider: operation<
    Iam.GetOpenIDConnectProviderRequest,
    Iam.GetOpenIDConnectProviderResponse
  >({
    authorize: (input, call) =>
      call.require({
        action: "iam:GetOpenIDConnectProvider",
        resource: input.OpenIDConnectProviderArn ?? "",
      }),
    run: (input, call) => {
      const found = [...call.account.oidcProviders.values()].find(
        ({ arn }) => arn === input.OpenIDConnectProviderArn,
      );
      if (found === undefined)
        throw new AwsError("NoSuchEntityException", "OpenIDConnect Provider not found");
      return {
        Url: found.issuer,
        ClientIDList: [...found.clientIds],
        ThumbprintList: [...found.thumbprints],
        CreateDate: new Date(found.createdAt),
      };
    },
  }),
  ListOpenIDConnectProviders: operation<
    Iam.ListOpenIDConnectProvidersRequest,
    Iam.ListOpenIDConnectProvidersResponse
  >({
    authorize: (_, call) => call.require({ action: "iam:ListOpenIDConnectProviders", resource: "*" }),
    run: (_, call) => ({
      OpenIDConnectProviderList: [...call.account.oidcProviders.values()].map(({ arn }) => ({ Arn: arn })),
    }),
  }),
};

export const iamOperations: Operations = { ...roleOperations, ...policyOperations, ...providerOperations };
