// The part of IAM that Hallpass uses; loaded when first called, which is only when something is revoked early.

import {
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";

export const Client = IAMClient;
export const commands = {
  DeleteRolePolicy: DeleteRolePolicyCommand,
  GetRolePolicy: GetRolePolicyCommand,
  PutRolePolicy: PutRolePolicyCommand,
};
