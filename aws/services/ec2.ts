// The part of EC2 that Hallpass uses; loaded when first called.

import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";

export const Client = EC2Client;
export const commands = { DescribeInstances: DescribeInstancesCommand };
