import type { Duplex } from "node:stream";
import { createManagedPolicy, createOidcProvider, createRole, type RoleSpec } from "./iam/roles.ts";
import { createGroup } from "./scheduler/schedules.ts";
import { createDocument, type DocumentSpec, type SsmDocument } from "./ssm/documents.ts";
import { type OpenShell, openShell, type Session } from "./ssm/sessions.ts";
import type { Twin } from "./twin.ts";
import type { Account, ManagedPolicy, Node, OidcProvider, Region, Role } from "./world.ts";

export interface AccountSpec {
  readonly id: string;
  readonly regions: readonly string[];
}

export interface NodeSpec {
  readonly account: string;
  readonly region: string;
  /** Made up when absent: `i-` and 17 hex digits, `mi-` for hybrid nodes. */
  readonly id?: string;
  readonly type?: "ec2" | "hybrid";
  readonly name?: string;
  readonly platform?: Node["platform"];
  readonly tags?: Readonly<Record<string, string>>;
  /** `none`: an instance without an agent. */
  readonly agent?: Node["agent"];
}

/** Builds the world without asking IAM; what it makes is in force at once. */
export interface WorldBuilder {
  addAccount(spec: AccountSpec): Account;
  account(id: string): Account;
  region(account: string, name: string): Region;
  addNode(spec: NodeSpec): Node;
  /** Something that answers at a port of a node, or of a host that the node reaches. */
  serve(
    at: { readonly node: string; readonly host?: string; readonly port: number },
    service: (stream: Duplex) => void,
  ): void;
  retag(node: Node, tags: Readonly<Record<string, string>>): void;
  setAgentStatus(node: Node, agent: Node["agent"]): void;
  createRole(account: string, spec: RoleSpec): Role;
  createManagedPolicy(account: string, name: string, text: string): ManagedPolicy;
  createOidcProvider(
    account: string,
    spec: { readonly url: string; readonly clientIds: readonly string[] },
  ): OidcProvider;
  createDocument(account: string, region: string, spec: DocumentSpec): SsmDocument;
  /** Every session of the world, over or not, in the order they were opened. */
  sessions(): readonly Session[];
  /** What a person sees who connects to a session with the answer of StartSession. Throws when the token does not open it. */
  openShell(started: {
    readonly SessionId?: string | undefined;
    readonly TokenValue?: string | undefined;
  }): OpenShell;
}

export function createBuilder(twin: Twin): WorldBuilder {
  const account = (id: string) => must(twin.world.get(id), `account ${id}`);
  const region = (id: string, name: string) => must(account(id).regions.get(name), `Region ${name} in ${id}`);
  const sessions = () =>
    [...twin.world.values()]
      .flatMap(({ regions }) => [...regions.values()].flatMap((found) => [...found.sessions.values()]))
      .sort((a, b) => a.startedAt - b.startedAt);
  return {
    account,
    region,
    sessions,
    addAccount: (spec) => addAccount(twin, spec),
    addNode: (spec) => addNode(twin, region(spec.account, spec.region), spec),
    serve: ({ node, host = "localhost", port }, service) => {
      twin.services.set(`${node} ${host}:${port}`, service);
    },
    retag: (node, tags) => {
      node.tags.clear();
      for (const [key, value] of Object.entries(tags)) node.tags.set(key, value);
    },
    setAgentStatus: (node, agent) => {
      node.agent = agent;
      if (agent === "Online") node.lastPing = twin.now();
    },
    createRole: (id, spec) => createRole(twin, account(id), spec, Number.NEGATIVE_INFINITY),
    createManagedPolicy: (id, name, text) => createManagedPolicy(twin, account(id), name, text),
    createOidcProvider: (id, spec) => createOidcProvider(twin, account(id), spec),
    createDocument: (id, name, spec) => createDocument(twin, region(id, name), spec),
    openShell: ({ SessionId, TokenValue }) => {
      const session = must(
        sessions().find(({ id }) => id === SessionId),
        `session ${SessionId}`,
      );
      return must(openShell(twin, session, TokenValue ?? ""), "a stream that this token opens");
    },
  };
}

function addAccount(twin: Twin, spec: AccountSpec): Account {
  const account: Account = {
    id: spec.id,
    regions: new Map(spec.regions.map((name) => [name, createRegion(twin, spec.id, name)])),
    roles: new Map(),
    managedPolicies: new Map(),
    oidcProviders: new Map(),
  };
  twin.world.set(spec.id, account);
  return account;
}

function createRegion(twin: Twin, account: string, name: string): Region {
  return {
    name,
    account,
    nodes: new Map(),
    documents: new Map(),
    sessions: new Map(),
    executions: new Map(),
    scheduleGroups: new Map([["default", createGroup(account, name, "default", twin.now())]]),
    events: [],
    recorded: [],
  };
}

function addNode(twin: Twin, region: Region, spec: NodeSpec): Node {
  const type = spec.type ?? "ec2";
  const node: Node = {
    id: spec.id ?? `${type === "ec2" ? "i-" : "mi-"}${twin.ids.hex(17)}`,
    type,
    account: region.account,
    region: region.name,
    name: spec.name ?? "",
    platform: spec.platform ?? "Linux",
    // an instance's name is a tag of it, a hybrid node's is not
    tags: new Map(
      Object.entries({
        ...(type === "ec2" && spec.name !== undefined ? { Name: spec.name } : {}),
        ...spec.tags,
      }),
    ),
    agent: spec.agent ?? "Online",
    lastPing: twin.now(),
    registeredAt: twin.now(),
  };
  region.nodes.set(node.id, node);
  return node;
}

function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}
