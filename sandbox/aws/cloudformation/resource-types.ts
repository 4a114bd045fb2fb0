import {
  attach,
  createManagedPolicy,
  createOidcProvider,
  createRole,
  findRole,
  putInline,
} from "../iam/roles.ts";
import { createGroup } from "../scheduler/schedules.ts";
import { createDocument } from "../ssm/documents.ts";
import type { Twin } from "../twin.ts";
import { isStruct, type Struct } from "../wire/shape.ts";
import type { Account, Region } from "../world.ts";
import { TemplateError } from "./template.ts";

/** Where a resource is made. */
export interface Place {
  readonly twin: Twin;
  readonly account: Account;
  readonly region: Region;
  readonly logicalId: string;
  /** What CloudFormation calls a thing that has no name. */
  readonly generatedName: string;
}

export interface MadeResource {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface ResourceType {
  readonly properties: readonly string[];
  readonly required: readonly string[];
  make(properties: Struct, place: Place): MadeResource;
}

const words = (text: string) => text.split(" ");
const text = (value: unknown) => (value === undefined ? undefined : String(value));
const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
const json = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
const inForce = ({ twin }: Place) => twin.now() + twin.parameters.iamDelay;

/** Tags come as a list of keys and values, of documents as of roles. */
function tags(value: unknown): Readonly<Record<string, string>> {
  const list = Array.isArray(value) ? value.filter(isStruct) : [];
  return Object.fromEntries(list.map((tag) => [String(tag["Key"]), String(tag["Value"])]));
}

const role: ResourceType = {
  properties: words(
    "AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path PermissionsBoundary Policies RoleName Tags",
  ),
  required: ["AssumeRolePolicyDocument"],
  make(properties, place) {
    const policies = (Array.isArray(properties["Policies"]) ? properties["Policies"] : []).filter(isStruct);
    for (const policy of policies)
      onlyKnown(`${place.logicalId}.Policies`, policy, words("PolicyName PolicyDocument"));
    const made = createRole(
      place.twin,
      place.account,
      {
        name: text(properties["RoleName"]) ?? place.generatedName,
        trust: json(properties["AssumeRolePolicyDocument"]),
        path: text(properties["Path"]),
        description: text(properties["Description"]),
        maxSessionDuration:
          properties["MaxSessionDuration"] === undefined
            ? undefined
            : Number(properties["MaxSessionDuration"]),
        boundary: text(properties["PermissionsBoundary"]),
        inline: Object.fromEntries(
          policies.map((policy) => [String(policy["PolicyName"]), json(policy["PolicyDocument"])]),
        ),
        attached: texts(properties["ManagedPolicyArns"]),
        tags: tags(properties["Tags"]),
      },
      inForce(place),
    );
    return { ref: made.name, attributes: { Arn: made.arn, RoleId: made.id } };
  },
};

const managedPolicy: ResourceType = {
  properties: words("Description Groups ManagedPolicyName Path PolicyDocument Roles Users"),
  required: ["PolicyDocument"],
  make(properties, place) {
    const name = text(properties["ManagedPolicyName"]) ?? place.generatedName;
    const made = createManagedPolicy(
      place.twin,
      place.account,
      name,
      json(properties["PolicyDocument"]),
      text(properties["Path"]),
    );
    for (const name of texts(properties["Roles"]))
      attach(place.account, findRole(place.account, name), made.arn, inForce(place));
    return { ref: made.arn, attributes: { PolicyArn: made.arn, PolicyId: made.id } };
  },
};

const rolePolicy: ResourceType = {
  properties: words("PolicyDocument PolicyName RoleName"),
  required: words("PolicyName RoleName"),
  make(properties, place) {
    const owner = findRole(place.account, String(properties["RoleName"]));
    putInline(owner, String(properties["PolicyName"]), json(properties["PolicyDocument"]), inForce(place));
    return { ref: `${owner.name}|${String(properties["PolicyName"])}`, attributes: {} };
  },
};

const policy: ResourceType = {
  properties: words("Groups PolicyDocument PolicyName Roles Users"),
  required: words("PolicyDocument PolicyName"),
  make(properties, place) {
    for (const name of texts(properties["Roles"])) {
      putInline(
        findRole(place.account, name),
        String(properties["PolicyName"]),
        json(properties["PolicyDocument"]),
        inForce(place),
      );
    }
    return { ref: place.generatedName, attributes: {} };
  },
};

const oidcProvider: ResourceType = {
  properties: words("ClientIdList Tags ThumbprintList Url"),
  required: [],
  make(properties, { twin, account }) {
    const spec = {
      url: String(properties["Url"]),
      clientIds: texts(properties["ClientIdList"]),
      thumbprints: texts(properties["ThumbprintList"]),
    };
    const { arn } = createOidcProvider(twin, account, spec);
    return { ref: arn, attributes: { Arn: arn } };
  },
};

const document: ResourceType = {
  properties: words(
    "Attachments Content DocumentFormat DocumentType Name Requires Tags TargetType UpdateMethod VersionName",
  ),
  required: ["Content"],
  make(properties, place) {
    const content = properties["Content"];
    const name = text(properties["Name"]) ?? place.generatedName;
    createDocument(place.twin, place.region, {
      name,
      type: text(properties["DocumentType"]),
      format: typeof content === "string" ? text(properties["DocumentFormat"]) : "JSON",
      text: json(content),
      tags: new Map(Object.entries(tags(properties["Tags"]))),
    });
    return { ref: name, attributes: {} };
  },
};

const scheduleGroup: ResourceType = {
  properties: words("Name Tags"),
  required: [],
  make(properties, { twin, account, region, generatedName }) {
    const name = text(properties["Name"]) ?? generatedName;
    if (region.scheduleGroups.has(name)) throw new TemplateError(`Schedule group ${name} already exists`);
    const group = createGroup(
      account.id,
      region.name,
      name,
      twin.now(),
      new Map(Object.entries(tags(properties["Tags"]))),
    );
    region.scheduleGroups.set(name, group);
    return {
      ref: name,
      attributes: { Arn: group.arn, State: "ACTIVE", CreationDate: String(group.createdAt) },
    };
  },
};

/** Types whose properties are known, and of which the twin keeps only a note. */
const rule: ResourceType = {
  properties: words(
    "Description EventBusName EventPattern Name RoleArn ScheduleExpression State Tags Targets",
  ),
  required: [],
  make(properties, { account, region, generatedName }) {
    const name = text(properties["Name"]) ?? generatedName;
    return { ref: name, attributes: { Arn: `arn:aws:events:${region.name}:${account.id}:rule/${name}` } };
  },
};

const topic: ResourceType = {
  properties: words(
    "ArchivePolicy ContentBasedDeduplication DataProtectionPolicy DeliveryStatusLogging DisplayName FifoThroughputScope FifoTopic KmsMasterKeyId SignatureVersion Subscription Tags TopicName TracingConfig",
  ),
  required: [],
  make(properties, { account, region, generatedName }) {
    const name = text(properties["TopicName"]) ?? generatedName;
    const arn = `arn:aws:sns:${region.name}:${account.id}:${name}`;
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
  },
};

const topicPolicy: ResourceType = {
  properties: words("PolicyDocument Topics"),
  required: words("PolicyDocument Topics"),
  make: (_, { generatedName }) => ({ ref: generatedName, attributes: { Id: generatedName } }),
};

const types: Readonly<Record<string, ResourceType>> = {
  "AWS::IAM::Role": role,
  "AWS::IAM::ManagedPolicy": managedPolicy,
  "AWS::IAM::RolePolicy": rolePolicy,
  "AWS::IAM::Policy": policy,
  "AWS::IAM::OIDCProvider": oidcProvider,
  "AWS::SSM::Document": document,
  "AWS::Scheduler::ScheduleGroup": scheduleGroup,
  "AWS::Events::Rule": rule,
  "AWS::SNS::Topic": topic,
  "AWS::SNS::TopicPolicy": topicPolicy,
};

/** Makes a resource. One of a type that the twin does not know is only recorded. */
export function makeResource(type: string, properties: Struct, place: Place): MadeResource {
  const known = types[type];
  if (known !== undefined) {
    onlyKnown(place.logicalId, properties, known.properties);
    for (const name of known.required) {
      if (properties[name] === undefined)
        throw new TemplateError(`${place.logicalId}: property ${name} is required`);
    }
  }
  const made = known?.make(properties, place) ?? { ref: place.generatedName, attributes: {} };
  place.region.recorded.push({ logicalId: place.logicalId, type, physicalId: made.ref, properties });
  return made;
}

/** Whether the attributes of a type are known, so that an unknown one is a mistake. */
export function isKnownType(type: string): boolean {
  return types[type] !== undefined;
}

function onlyKnown(where: string, properties: Struct, known: readonly string[]): void {
  for (const name of Object.keys(properties)) {
    if (!known.includes(name)) throw new TemplateError(`${where}: unknown property \`${name}\``);
  }
}
