import { createHash } from "node:crypto";
import type * as Ssm from "@aws-sdk/client-ssm";
import { stringify } from "yaml";
import { AwsError } from "../errors.ts";
import { requestTagKeys } from "../iam/request-keys.ts";
import { pageOf } from "../paging.ts";
import { type Call, type Operations, operation } from "../twin.ts";
import { isStruct } from "../wire/shape.ts";
import type { Tags } from "../world.ts";
import { createDocument, documentArn, findDocument, type SsmDocument } from "./documents.ts";
import { ownedDocuments } from "./owned-documents.ts";

function ask(action: string, name: string | undefined, call: Call): void {
  const document = findDocument(call.region, name ?? "");
  call.require({
    action: `ssm:${action}`,
    resource: documentArn(call.region, name ?? ""),
    keys: { "ssm:DocumentType": document?.type },
  });
}

function find(name: string | undefined, version: string | undefined, call: Call): SsmDocument {
  const document = findDocument(call.region, name ?? "");
  if (document === undefined)
    throw new AwsError("InvalidDocument", `Document with name ${name} does not exist.`);
  if (version !== undefined && !["$DEFAULT", "$LATEST", "1"].includes(version)) {
    throw new AwsError("InvalidDocumentVersion", `Document ${name} has no version ${version}.`);
  }
  return document;
}

function describe(document: SsmDocument): Ssm.DocumentDescription {
  const parameters = isStruct(document.content["parameters"]) ? document.content["parameters"] : {};
  return {
    Name: document.name,
    Owner: document.owner,
    Status: "Active",
    CreatedDate: new Date(document.createdAt),
    DocumentVersion: "1",
    DefaultVersion: "1",
    LatestVersion: "1",
    DocumentType: document.type as Ssm.DocumentType,
    DocumentFormat: document.format,
    SchemaVersion: String(document.content["schemaVersion"]),
    Hash: createHash("sha256").update(document.text).digest("hex"),
    HashType: "Sha256",
    PlatformTypes: ["Windows", "Linux", "MacOS"],
    Parameters: Object.entries(parameters).map(([Name, declaration]) => ({
      Name,
      Type: (isStruct(declaration) ? String(declaration["type"]) : "String") as Ssm.DocumentParameterType,
      ...(isStruct(declaration) && declaration["default"] !== undefined
        ? { DefaultValue: String(declaration["default"]) }
        : {}),
    })),
    Tags: [...document.tags].map(([Key, Value]) => ({ Key, Value })),
  };
}

function inFormat(document: SsmDocument, format: string | undefined): string {
  if (format === undefined || format === document.format) return document.text;
  return format === "YAML" ? stringify(document.content) : JSON.stringify(document.content);
}

export function tagMap(tags: readonly Ssm.Tag[] | undefined): Tags {
  return new Map((tags ?? []).map((tag) => [tag.Key ?? "", tag.Value ?? ""]));
}

export const documentOperations: Operations = {
  GetDocument: operation<Ssm.GetDocumentRequest, Ssm.GetDocumentResult>({
    authorize: (input, call) => ask("GetDocument", input.Name, call),
    run: (input, call) => {
      const document = find(input.Name, input.DocumentVersion, call);
      return {
        Name: document.name,
        Content: inFormat(document, input.DocumentFormat),
        DocumentFormat: input.DocumentFormat ?? document.format,
        DocumentType: document.type as Ssm.DocumentType,
        DocumentVersion: "1",
        Status: "Active",
        CreatedDate: new Date(document.createdAt),
      };
    },
  }),
  DescribeDocument: operation<Ssm.DescribeDocumentRequest, Ssm.DescribeDocumentResult>({
    authorize: (input, call) => ask("DescribeDocument", input.Name, call),
    run: (input, call) => ({ Document: describe(find(input.Name, input.DocumentVersion, call)) }),
  }),
  CreateDocument: operation<Ssm.CreateDocumentRequest, Ssm.CreateDocumentResult>({
    authorize: (input, call) =>
      call.require({
        action: "ssm:CreateDocument",
        resource: documentArn(call.region, input.Name ?? ""),
        keys: { "ssm:DocumentType": input.DocumentType, ...requestTagKeys(tagMap(input.Tags)) },
      }),
    run: (input, call) => {
      const document = createDocument(call.twin, call.region, {
        name: input.Name ?? "",
        type: input.DocumentType,
        format: input.DocumentFormat,
        text: input.Content ?? "",
        tags: tagMap(input.Tags),
      });
      return { DocumentDescription: describe(document) };
    },
  }),
  DeleteDocument: operation<Ssm.DeleteDocumentRequest, Ssm.DeleteDocumentResult>({
    authorize: (input, call) => ask("DeleteDocument", input.Name, call),
    run: (input, call) => {
      if (!call.region.documents.delete(find(input.Name, input.DocumentVersion, call).name)) {
        throw new AwsError("InvalidDocument", "AWS's own documents cannot be deleted");
      }
      return {};
    },
  }),
  ListDocuments: operation<Ssm.ListDocumentsRequest, Ssm.ListDocumentsResult>({
    authorize: (_, call) =>
      call.require({
        action: "ssm:ListDocuments",
        resource: "*",
      }),
    run: (input, call) => {
      const all = [...call.region.documents.values(), ...ownedDocuments.values()].filter((document) =>
        (input.Filters ?? []).every((filter) => passes(document, filter)),
      );
      const { items, next } = pageOf(all, input.MaxResults ?? 50, input.NextToken, "InvalidNextToken");
      const DocumentIdentifiers = items.map((document) => ({
        Name: document.name,
        Owner: document.owner,
        DocumentType: document.type as Ssm.DocumentType,
        DocumentFormat: document.format,
        DocumentVersion: "1",
        SchemaVersion: String(document.content["schemaVersion"]),
        Tags: [...document.tags].map(([Key, Value]) => ({ Key, Value })),
      }));
      return { DocumentIdentifiers, ...(next === undefined ? {} : { NextToken: next }) };
    },
  }),
};

function passes(document: SsmDocument, { Key = "", Values = [] }: Ssm.DocumentKeyValuesFilter): boolean {
  if (Key.startsWith("tag:")) return Values.includes(document.tags.get(Key.slice(4)) ?? "");
  switch (Key) {
    case "Name":
      return Values.some((value) => document.name.startsWith(value));
    case "DocumentType":
      return Values.includes(document.type);
    case "Owner":
      return Values.some(
        (value) => value === document.owner || (value === "Self" && document.owner !== "Amazon"),
      );
    default:
      throw new AwsError("InvalidFilterKey", `The specified key \`${Key}\` isn't valid.`);
  }
}
