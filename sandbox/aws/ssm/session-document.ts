import { AwsError } from "../errors.ts";
import { isStruct, type Struct } from "../wire/shape.ts";
import { badSchemaVersion, compilePattern, invalidContent } from "./document-errors.ts";

const sessionTypes = ["Standard_Stream", "InteractiveCommands", "NonInteractiveCommands", "Port"];
const topKeys = ["schemaVersion", "description", "sessionType", "parameters", "inputs", "properties"];
const inputKeys = [
  "s3BucketName",
  "s3KeyPrefix",
  "s3EncryptionEnabled",
  "cloudWatchLogGroupName",
  "cloudWatchEncryptionEnabled",
  "cloudWatchStreamingEnabled",
  "kmsKeyId",
  "runAsEnabled",
  "runAsDefaultUser",
  "idleSessionTimeout",
  "maxSessionDuration",
  "shellProfile",
];

/** Refuses what Systems Manager would not save as a Session document. */
export function checkSessionDocument(content: Struct): void {
  if (String(content["schemaVersion"]) !== "1.0") badSchemaVersion(content);
  for (const key of Object.keys(content))
    if (!topKeys.includes(key)) invalidContent(`unknown field \`${key}\``);
  const type = String(content["sessionType"]);
  if (!sessionTypes.includes(type)) invalidContent(`unknown sessionType \`${type}\``);
  const inputs = struct(content["inputs"]);
  for (const key of Object.keys(inputs))
    if (!inputKeys.includes(key)) invalidContent(`unknown input \`${key}\``);
  minutes(inputs["idleSessionTimeout"], 60);
  minutes(inputs["maxSessionDuration"], 1_440);
  const properties = struct(content["properties"]);
  if (type === "Port" && properties["portNumber"] === undefined)
    invalidContent("a Port document needs properties.portNumber");
  if (type.endsWith("Commands") && Object.keys(properties).length === 0)
    invalidContent(`${type} needs properties`);
  checkParameters(content);
}

function checkParameters(content: Struct): void {
  const parameters = struct(content["parameters"]);
  for (const declaration of Object.values(parameters)) compilePattern(struct(declaration)["allowedPattern"]);
  const declared = Object.keys(parameters);
  for (const [, name = ""] of JSON.stringify(content["properties"] ?? {}).matchAll(
    /\{\{\s*([^}\s]+)\s*\}\}/g,
  )) {
    if (!declared.includes(name)) invalidContent(`parameter \`${name}\` is used and not declared`);
  }
}

export interface SessionLimits {
  /** Minutes; absent: none. */
  readonly maxDuration: number | undefined;
  /** Minutes. */
  readonly idle: number;
}

/** How long a session of this document may last, and how long it may stand idle. */
export function sessionLimits(content: Struct): SessionLimits {
  const inputs = struct(content["inputs"]);
  return {
    maxDuration: minutes(inputs["maxSessionDuration"], 1_440),
    idle: minutes(inputs["idleSessionTimeout"], 60) ?? 20,
  };
}

function minutes(value: unknown, max: number): number | undefined {
  if (value === undefined || value === "") return undefined;
  const number = Number(value);
  if (typeof value !== "string" || !Number.isInteger(number) || number < 1 || number > max) {
    return invalidContent(`a timeout must be text, whole minutes from 1 to ${max}: \`${String(value)}\``);
  }
  return number;
}

/** What a Port document fixes, its parameters filled in. */
export interface PortDocument {
  readonly portNumber?: string;
  /** Beyond the node; absent: the node itself. */
  readonly host?: string;
  /** `LocalPortForwarding`; absent: the plugin's own standard input and output are the stream. */
  readonly type?: string;
  readonly localPortNumber?: string;
}

export function portOf(
  { sessionType, properties }: Struct,
  parameters: Readonly<Record<string, string>>,
): PortDocument | undefined {
  if (sessionType !== "Port") return undefined;
  return Object.fromEntries(
    Object.entries(struct(properties)).map(([name, value]) => [
      name,
      String(value).replace(
        /\{\{\s*([^}\s]+)\s*\}\}/g,
        (_, parameter: string) => parameters[parameter] ?? "",
      ),
    ]),
  );
}

/** Fills in a document's parameters from what a caller gave and the defaults; the rest is refused. */
export function sessionParameters(
  content: Struct,
  given: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, string>> {
  const declared = struct(content["parameters"]);
  for (const name of Object.keys(given)) {
    if (declared[name] === undefined) refuse(`the document has no parameter \`${name}\``);
  }
  return Object.fromEntries(
    Object.entries(declared).map(([name, declaration]) => [
      name,
      parameter(name, struct(declaration), given[name]),
    ]),
  );
}

function parameter(name: string, declaration: Struct, given: readonly string[] | undefined): string {
  const value = given?.[0] ?? declaration["default"];
  if (value === undefined) return refuse(`the parameter \`${name}\` is missing`);
  if ((given?.length ?? 1) !== 1) return refuse(`the parameter \`${name}\` takes one value`);
  const text = String(value);
  const { allowedPattern, allowedValues } = declaration;
  if (typeof allowedPattern === "string" && !new RegExp(allowedPattern).test(text)) {
    return refuse(`the parameter \`${name}\` does not match ${allowedPattern}`);
  }
  if (Array.isArray(allowedValues) && !allowedValues.map(String).includes(text)) {
    return refuse(`the parameter \`${name}\` must be one of ${allowedValues.join(", ")}`);
  }
  return text;
}

function struct(value: unknown): Struct {
  return isStruct(value) ? value : {};
}

function refuse(message: string): never {
  throw new AwsError("ValidationException", message);
}
