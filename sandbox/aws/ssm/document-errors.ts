import { AwsError } from "../errors.ts";
import type { Struct } from "../wire/shape.ts";

export function badSchemaVersion(content: Struct): never {
  throw new AwsError(
    "InvalidDocumentSchemaVersion",
    `schemaVersion ${String(content["schemaVersion"])} is not supported`,
  );
}

export function invalidContent(message: string): never {
  throw new AwsError("InvalidDocumentContent", message);
}
