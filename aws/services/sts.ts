// The part of STS that Hallpass uses. A module of its own, loaded when first called: merely loading a client costs CPU in every run.

import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";

export const Client = STSClient;
export const commands = { AssumeRoleWithWebIdentity: AssumeRoleWithWebIdentityCommand };
