import { AwsError } from "../errors.ts";
import type { Struct } from "../wire/shape.ts";

export function badSchemaVersion(content: Struct): never {
  throw new AwsError(
    "InvalidDocumentSchemaVersion",
    `schemaVersion ${String(content["schemaVersion"])} is not supported`,
  );
}

/** A parameter's `allowedPattern`. */
export function compilePattern(text: unknown): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(String(text));
  } catch {
    return invalidContent(`allowedPattern \`${String(text)}\` is no regular expression`);
  }
}

export function invalidContent(message: string): never {
  throw new AwsError("InvalidDocumentContent", message);
}
