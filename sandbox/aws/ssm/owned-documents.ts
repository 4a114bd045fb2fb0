import type { SsmDocument } from "./documents.ts";

type Parameter = { type: "String"; description: string; default?: string; allowedPattern?: string };

const portPattern =
  "^([1-9]|[1-9][0-9]{1,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$";
const port: Parameter = {
  type: "String",
  description: "port on the node",
  default: "80",
  allowedPattern: portPattern,
};
const localPort: Parameter = {
  type: "String",
  description: "port on the client, 0 for any",
  default: "0",
  allowedPattern: "^([0-9]|[1-9][0-9]{1,4})$",
};
const host: Parameter = {
  type: "String",
  description: "host as the node sees it",
  allowedPattern: "^[^,$^&\\(\\)!;'\"<>\\`{}\\[\\]\\|#=]{3,}$",
};

function owned(
  name: string,
  description: string,
  sessionType: string,
  parameters: Readonly<Record<string, Parameter>>,
  properties: unknown,
): SsmDocument {
  const content = { schemaVersion: "1.0", description, sessionType, parameters, properties };
  return {
    name,
    owner: "Amazon",
    type: "Session",
    format: "JSON",
    text: JSON.stringify(content, null, 2),
    content,
    createdAt: Date.UTC(2019, 0, 1),
    tags: new Map(),
  };
}

const forwarding = {
  portNumber: "{{ portNumber }}",
  type: "LocalPortForwarding",
  localPortNumber: "{{ localPortNumber }}",
};

/** The documents that AWS owns and everybody sees: they take any host and port. */
export const ownedDocuments: ReadonlyMap<string, SsmDocument> = new Map(
  [
    owned(
      "AWS-StartSSHSession",
      "SSH over Session Manager",
      "Port",
      { portNumber: { ...port, default: "22" } },
      { portNumber: "{{ portNumber }}" },
    ),
    owned(
      "AWS-StartPortForwardingSession",
      "port forwarding",
      "Port",
      { portNumber: port, localPortNumber: localPort },
      forwarding,
    ),
    owned(
      "AWS-StartPortForwardingSessionToRemoteHost",
      "port forwarding to a host that the node reaches",
      "Port",
      { host, portNumber: port, localPortNumber: localPort },
      { ...forwarding, host: "{{ host }}" },
    ),
    owned(
      "AWS-StartInteractiveCommand",
      "one command, interactive",
      "InteractiveCommands",
      { command: { type: "String", description: "the command" } },
      {
        linux: { commands: "{{ command }}" },
        windows: { commands: "{{ command }}" },
        macos: { commands: "{{ command }}" },
      },
    ),
  ].map((document) => [document.name, document]),
);
