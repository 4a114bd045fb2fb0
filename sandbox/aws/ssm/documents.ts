import { parse } from "yaml";
import { AwsError } from "../errors.ts";
import type { Twin } from "../twin.ts";
import { isStruct, type Struct } from "../wire/shape.ts";
import type { Region, Tags } from "../world.ts";
import { checkAutomationDocument } from "./automation/document.ts";
import { badSchemaVersion } from "./document-errors.ts";
import { ownedDocuments } from "./owned-documents.ts";
import { checkSessionDocument } from "./session-document.ts";

export interface SsmDocument {
  readonly name: string;
  /** An account's id, or `Amazon`. */
  readonly owner: string;
  readonly type: string;
  readonly format: "YAML" | "JSON";
  readonly text: string;
  readonly content: Struct;
  readonly createdAt: number;
  readonly tags: Tags;
}

export interface DocumentSpec {
  readonly name: string;
  readonly type?: string | undefined;
  readonly format?: string | undefined;
  readonly text: string;
  readonly tags?: Tags | undefined;
}

/** Where people's preferences for sessions are kept; it exists only where they were saved once. */
export const preferencesDocument = "SSM-SessionManagerRunShell";

/** Saves a document, checked as Systems Manager checks it. */
export function createDocument(twin: Twin, region: Region, spec: DocumentSpec): SsmDocument {
  if (/^(aws|amazon|amzn)/i.test(spec.name)) {
    throw new AwsError("ValidationException", `Document name ${spec.name} begins with a reserved word`);
  }
  if (region.documents.has(spec.name)) {
    throw new AwsError("DocumentAlreadyExists", `Document with same name ${spec.name} already exists`);
  }
  if (Buffer.byteLength(spec.text) > 64 * 1024)
    throw new AwsError("MaxDocumentSizeExceeded", "the document is over 64 KB");
  const format = spec.format === "YAML" ? "YAML" : "JSON";
  const content = readContent(spec.text, format);
  const type = spec.type ?? "Command";
  checkContent(type, content);
  const document = {
    name: spec.name,
    owner: region.account,
    type,
    format,
    text: spec.text,
    content,
    createdAt: twin.now(),
    tags: new Map(spec.tags ?? []),
  } as const;
  region.documents.set(spec.name, document);
  return document;
}

function readContent(text: string, format: "YAML" | "JSON"): Struct {
  let content: unknown;
  try {
    content = format === "JSON" ? JSON.parse(text) : parse(text);
  } catch (error) {
    throw new AwsError("InvalidDocumentContent", `the document is not ${format}: ${String(error)}`);
  }
  if (!isStruct(content)) throw new AwsError("InvalidDocumentContent", "the document is not a map");
  return content;
}

function checkContent(type: string, content: Struct): void {
  switch (type) {
    case "Session":
      checkSessionDocument(content);
      return;
    case "Automation":
      checkAutomationDocument(content);
      return;
    case "Command":
      if (!["1.2", "2.0", "2.2"].includes(String(content["schemaVersion"]))) badSchemaVersion(content);
      return;
    default:
      throw new AwsError("InvalidDocumentContent", `the sandbox has no documents of type ${type}`);
  }
}

/** A document by name or ARN: the account's own, or one of AWS's. */
export function findDocument(region: Region, nameOrArn: string): SsmDocument | undefined {
  const name = nameOrArn.startsWith("arn:")
    ? (nameOrArn.split(/:(?:document|automation-definition)\//)[1] ?? "")
    : nameOrArn;
  return region.documents.get(name) ?? ownedDocuments.get(name);
}

/** AWS's own documents have no account in their ARN; an unknown name is taken for the account's own. */
export function documentArn(region: Region, name: string): string {
  if (name.startsWith("arn:")) return name;
  const owner = ownedDocuments.has(name) ? "" : region.account;
  return `arn:aws:ssm:${region.name}:${owner}:document/${name}`;
}
