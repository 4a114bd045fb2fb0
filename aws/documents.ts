// Session documents of our own. AWS's open-ended ones take any host and port from the caller, and IAM has no key for a document's parameters: so each of ours
// has them fixed, and a session policy names exactly one.

import type { Seconds } from "../core/ids.ts";
import type { ForwardConfig } from "../core/law.ts";
import type { AccessMode } from "../core/request.ts";

/**
 * AWS does not end an open session when its credentials expire; a document's `maxSessionDuration` does, with no scheduler. Minutes; a grant uses the
 * shortest that its window fits in. The last is the longest that AWS takes.
 */
export const durationClasses = [15, 30, 60, 120, 240, 480, 1_440] as const;
export type DurationClass = (typeof durationClasses)[number];

export const durationClass = (window: Seconds): DurationClass =>
  durationClasses.find((minutes) => window <= minutes * 60) ?? 1_440;

export type DocumentKind =
  | { readonly mode: Exclude<AccessMode, "port-forward"> }
  | { readonly mode: "port-forward"; readonly forward: string };

/** `Hallpass-Shell-60`, `Hallpass-SSH-240`, `Hallpass-Forward-postgres-30`: the number is minutes. */
export function documentName(kind: DocumentKind, window: Seconds): string {
  return `${documentStem(kind)}-${durationClass(window)}`;
}

function documentStem(kind: DocumentKind): string {
  switch (kind.mode) {
    case "shell":
      return "Hallpass-Shell";
    case "ssh":
      return "Hallpass-SSH";
    case "rdp":
      return "Hallpass-RDP";
    case "port-forward":
      return `Hallpass-Forward-${kind.forward}`;
  }
}

/** What the region's template turns into `AWS::SSM::Document`s of type Session. */
export interface SessionDocument {
  readonly name: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Where session logs go; template parameters, empty for nowhere. */
export interface SessionLogs {
  readonly logGroup: unknown;
  readonly bucket: unknown;
  readonly key: unknown;
}

/** Every document that a Region needs. Kept small: a mode or forward nobody may ask for has none. */
export function sessionDocuments(
  forwards: readonly ForwardConfig[],
  logs: SessionLogs,
): readonly SessionDocument[] {
  const kinds: readonly (readonly [DocumentKind, (minutes: DurationClass) => Record<string, unknown>])[] = [
    [{ mode: "shell" }, (minutes) => shell(minutes, logs)],
    [{ mode: "ssh" }, (minutes) => port("SSH to the node", "22", undefined, minutes)],
    [{ mode: "rdp" }, (minutes) => port("RDP to the node", "3389", undefined, minutes)],
    ...forwards.map(
      ({ name, host, port: number }) =>
        [
          { mode: "port-forward", forward: name },
          (minutes: DurationClass) => port(`forward to ${host}:${number}`, String(number), host, minutes),
        ] as const,
    ),
  ];
  return kinds.flatMap(([kind, content]) =>
    durationClasses.map((minutes) => ({
      name: `${documentStem(kind)}-${minutes}`,
      content: content(minutes),
    })),
  );
}

function shell(minutes: DurationClass, { logGroup, bucket, key }: SessionLogs): Record<string, unknown> {
  return {
    schemaVersion: "1.0",
    description: `Hallpass: a shell for at most ${minutes} minutes`,
    sessionType: "Standard_Stream",
    inputs: {
      s3BucketName: bucket,
      s3KeyPrefix: "hallpass",
      s3EncryptionEnabled: true,
      cloudWatchLogGroupName: logGroup,
      cloudWatchEncryptionEnabled: true,
      cloudWatchStreamingEnabled: true,
      kmsKeyId: key,
      runAsEnabled: false,
      runAsDefaultUser: "",
      idleSessionTimeout: "20",
      maxSessionDuration: String(minutes),
    },
  };
}

/** The caller still chooses the port on their own machine; nothing on the node's side is theirs to choose. */
function port(
  what: string,
  portNumber: string,
  host: string | undefined,
  minutes: DurationClass,
): Record<string, unknown> {
  return {
    schemaVersion: "1.0",
    description: `Hallpass: ${what} for at most ${minutes} minutes`,
    sessionType: "Port",
    inputs: { maxSessionDuration: String(minutes) },
    parameters: {
      localPortNumber: {
        type: "String",
        description: "Port on the caller's machine, 0 for any free one",
        allowedPattern:
          "^([0-9]|[1-9][0-9]{1,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$",
        default: "0",
      },
    },
    properties: {
      type: "LocalPortForwarding",
      portNumber,
      localPortNumber: "{{ localPortNumber }}",
      ...(host === undefined ? {} : { host }),
    },
  };
}
