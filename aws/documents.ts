// Session documents of our own. AWS's open-ended ones take any host and port from the caller, and IAM has no key for a document's parameters: so each of ours
// has them fixed, and a session policy names exactly one.

import type { Seconds } from "../core/ids.ts";
import type { Config, ForwardConfig } from "../core/law.ts";
import type { AccessMode } from "../core/request.ts";
import { documentStem } from "../core/session-policy.ts";

/**
 * AWS does not end an open session when its credentials expire; a document's `maxSessionDuration` does, with no scheduler. Minutes; a grant uses the
 * shortest that its window fits in. The last is the longest that AWS takes.
 */
export const durationClasses = [15, 60, 240, 720, 1_440] as const;
export type DurationClass = (typeof durationClasses)[number];

export const durationClass = (window: Seconds): DurationClass =>
  durationClasses.find((minutes) => window <= minutes * 60) ?? 1_440;

export type DocumentKind =
  | { readonly mode: Exclude<AccessMode, "port-forward"> }
  | { readonly mode: "port-forward"; readonly forward: string };

/** `Hallpass-Shell-60`, `Hallpass-SSH-240`, `Hallpass-Forward-postgres-15`: the number is minutes. */
export function documentName(kind: DocumentKind, window: Seconds): string {
  return `${stemOf(kind)}-${durationClass(window)}`;
}

/** Every document that a grant under this config can name. */
export function grantDocuments({ modes, forwards, limits }: Config): readonly string[] {
  const kinds = modes.flatMap((mode): readonly DocumentKind[] =>
    mode === "port-forward" ? forwards.map(({ name }) => ({ mode, forward: name })) : [{ mode }],
  );
  const longest = durationClass(limits.maxDuration);
  return kinds.flatMap((kind) =>
    durationClasses.filter((minutes) => minutes <= longest).map((minutes) => `${stemOf(kind)}-${minutes}`),
  );
}

const stemOf = (kind: DocumentKind): string =>
  documentStem(kind.mode, kind.mode === "port-forward" ? kind.forward : undefined);

/** What the region's template turns into `AWS::SSM::Document`s of type Session. */
export interface SessionDocument {
  readonly name: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Where logs of shells go; template parameters, empty for nowhere. AWS cannot log what goes through ports. */
export interface SessionLogs {
  readonly logGroup: unknown;
  readonly bucket: unknown;
  /** Whether AWS is to refuse a session whose log would not be encrypted with a KMS key. */
  readonly encrypted: unknown;
}

/** Every document that a Region needs. */
export function sessionDocuments(
  forwards: readonly ForwardConfig[],
  logs: SessionLogs,
): readonly SessionDocument[] {
  const kinds: readonly (readonly [DocumentKind, (minutes: DurationClass) => Record<string, unknown>])[] = [
    [{ mode: "shell" }, (minutes) => shell(minutes, logs)],
    [{ mode: "ssh" }, (minutes) => ssh(minutes)],
    [{ mode: "rdp" }, (minutes) => forwardTo("RDP to the node", { portNumber: "3389" }, minutes)],
    ...forwards.map(
      ({ name, host, port }) =>
        [
          { mode: "port-forward", forward: name },
          (minutes: DurationClass) =>
            forwardTo(`a forward to ${host}:${port}`, { portNumber: String(port), host }, minutes),
        ] as const,
    ),
  ];
  return kinds.flatMap(([kind, content]) =>
    durationClasses.map((minutes) => ({
      name: `${stemOf(kind)}-${minutes}`,
      content: content(minutes),
    })),
  );
}

const head = (what: string, minutes: DurationClass, sessionType: string) => ({
  schemaVersion: "1.0",
  description: `Hallpass: ${what}, for at most ${minutes} minutes`,
  sessionType,
});

function shell(
  minutes: DurationClass,
  { logGroup, bucket, encrypted }: SessionLogs,
): Record<string, unknown> {
  return {
    ...head("a shell", minutes, "Standard_Stream"),
    inputs: {
      s3BucketName: bucket,
      s3KeyPrefix: "hallpass",
      s3EncryptionEnabled: encrypted,
      cloudWatchLogGroupName: logGroup,
      cloudWatchEncryptionEnabled: encrypted,
      cloudWatchStreamingEnabled: true,
      kmsKeyId: "",
      runAsEnabled: false,
      runAsDefaultUser: "",
      idleSessionTimeout: "20",
      maxSessionDuration: String(minutes),
    },
  };
}

/** The bare stream that an SSH client's ProxyCommand speaks through, to the node's own port 22. */
const ssh = (minutes: DurationClass): Record<string, unknown> => ({
  ...head("SSH to the node", minutes, "Port"),
  inputs: { maxSessionDuration: String(minutes) },
  properties: { portNumber: "22" },
});

/** The caller still chooses the port on their own machine; nothing on the node's side is theirs to choose. */
const forwardTo = (
  what: string,
  fixed: Readonly<Record<string, string>>,
  minutes: DurationClass,
): Record<string, unknown> => ({
  ...head(what, minutes, "Port"),
  inputs: { maxSessionDuration: String(minutes) },
  parameters: {
    localPortNumber: {
      type: "String",
      description: "The port on your own machine, 0 for any free one",
      allowedPattern: "^[0-9]{1,5}$",
      default: "0",
    },
  },
  properties: { type: "LocalPortForwarding", localPortNumber: "{{ localPortNumber }}", ...fixed },
});
