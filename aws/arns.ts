// Names that belong together: from the ARN of one of our roles follow its partition, its account, its siblings and the owner of a session.

export interface RoleArn {
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string;
  readonly account: string;
  /** With slashes at both ends, `/` where there is none. */
  readonly path: string;
  readonly name: string;
}

export function parseRoleArn(arn: string): RoleArn {
  const match = /^arn:(aws[a-z-]*):iam::(\d{12}):role(\/(?:[\w+=,.@-]+\/)*)([\w+=,.@-]{1,64})$/.exec(arn);
  const [, partition, account, path, name] = match ?? [];
  if (partition === undefined || account === undefined || path === undefined || name === undefined)
    throw new Error(`expected the ARN of an IAM role, got \`${arn.slice(0, 100)}\``);
  return { partition, account, path, name };
}

/** Another role of the same stack: `HallpassRevoke-b` and `Scheduler` give `HallpassScheduler-b`. */
export function siblingRole(revokeRole: string, kind: "Scheduler"): string {
  const { partition, account, path, name } = parseRoleArn(revokeRole);
  const suffix = /^HallpassRevoke(?<suffix>.*)$/.exec(name)?.groups?.["suffix"] ?? "";
  return `arn:${partition}:iam::${account}:role${path}Hallpass${kind}${suffix}`;
}

/** Who STS and Session Manager say holds a grant's credentials. INVARIANT: no path, only the role's name (AWS leaves it out here). */
export function ownerOf(accessRole: string, session: string): string {
  const { partition, account, name } = parseRoleArn(accessRole);
  return `arn:${partition}:sts::${account}:assumed-role/${name}/${session}`;
}
