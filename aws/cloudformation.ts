// CloudFormation's own functions, as data.

export type Json = Readonly<Record<string, unknown>>;

export const ref = (name: string): Json => ({ Ref: name });
export const sub = (text: string): Json => ({ "Fn::Sub": text });
export const arnOf = (resource: string): Json => ({ "Fn::GetAtt": [resource, "Arn"] });

/** Inside `sub`: a name that CloudFormation fills in. */
export const variable = (name: string): string => `\${${name}}`;
export const partition = variable("AWS::Partition");
export const accountId = variable("AWS::AccountId");
