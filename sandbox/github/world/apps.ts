import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { refusal } from "../http.ts";
import { showInstallation } from "../render/apps.ts";
import type { Account, App, Installation, Permissions, Repository } from "../state.ts";
import type { Twin, Viewer } from "../twin.ts";
import { createAccount } from "./organizations.ts";

// The nth App of every twin in a process has the same key: making one costs more than all else.
const keys: string[] = [];

function keyNumber(index: number): string {
  keys[index] ??= generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey;
  return keys[index];
}

export interface NewApp {
  slug: string;
  owner: Account;
  permissions: Permissions;
  events: string[];
  webhook: { url: string; secret: string } | undefined;
  id?: number | undefined;
  botId?: number;
  keyless?: boolean;
}

/** Which permission an event's subscription needs. */
const eventPermissions: Record<string, string> = {
  issues: "issues",
  issue_comment: "issues",
  pull_request: "pull_requests",
  pull_request_review: "pull_requests",
  push: "contents",
  create: "contents",
  delete: "contents",
  check_run: "checks",
  check_suite: "checks",
  status: "statuses",
  workflow_run: "actions",
  deployment: "deployments",
  deployment_status: "deployments",
  membership: "members",
  organization: "members",
  team: "members",
};

function checkEvents(events: string[], permissions: Permissions): void {
  for (const event of events) {
    const needed = eventPermissions[event];
    if (needed === undefined || permissions[needed] !== undefined) continue;
    throw refusal(422, `the event ${event} needs the permission ${needed}`);
  }
}

export function createApp(twin: Twin, request: NewApp): App {
  const { slug, permissions, events } = request;
  checkEvents(events, permissions);
  const id = request.id ?? twin.ids.number();
  const privateKey = request.keyless === true ? "" : keyNumber(twin.state.apps.length);
  const bot = createAccount(twin, "Bot", `${slug}[bot]`, {
    appSlug: slug,
    ...(request.botId === undefined ? {} : { id: request.botId }),
  });
  const app: App = {
    id,
    nodeId: twin.ids.node("A", id),
    slug,
    name: slug,
    clientId: `Iv23li${Buffer.from(slug).toString("hex").padEnd(14, "0").slice(0, 14)}`,
    owner: request.owner,
    bot,
    permissions,
    events,
    privateKey,
    publicKey: privateKey === "" ? undefined : createPublicKey(privateKey),
    hook:
      request.webhook === undefined
        ? undefined
        : { id: twin.ids.number(), ...request.webhook, contentType: "json", insecureSsl: "0" },
    createdAt: twin.clock.now(),
  };
  twin.state.apps.push(app);
  return app;
}

function showShort(repository: Repository) {
  return {
    id: repository.id,
    node_id: repository.nodeId,
    name: repository.name,
    full_name: `${repository.owner.login}/${repository.name}`,
    private: repository.visibility !== "public",
  };
}

function announce(twin: Twin, installation: Installation, action: string, sender: Viewer): void {
  const { repositories, account } = installation;
  const covered = twin.state.repositories.filter(
    (repository) =>
      repository.owner === account && (repositories === "all" || repositories.has(repository.id)),
  );
  twin.emit({
    name: "installation",
    action,
    only: installation,
    sender,
    payload: {
      installation: showInstallation(twin, installation),
      repositories: covered.map(showShort),
      ...(action === "created" ? { requester: null } : {}),
    },
  });
}

export function installApp(
  twin: Twin,
  app: App,
  account: Account,
  options: { repositories: Set<number> | "all"; permissions: Permissions; sender: Viewer },
): Installation {
  const known = twin.state.installations.find((one) => one.app === app && one.account === account);
  if (known !== undefined) throw refusal(422, `${app.slug} is already installed on ${account.login}`);
  const installation: Installation = {
    id: twin.ids.number(),
    app,
    account,
    permissions: { ...options.permissions },
    events: [...app.events],
    repositories: options.repositories,
    createdAt: twin.clock.now(),
    suspendedAt: undefined,
  };
  twin.state.installations.push(installation);
  announce(twin, installation, "created", options.sender);
  return installation;
}

export function uninstallApp(twin: Twin, installation: Installation, sender: Viewer): void {
  announce(twin, installation, "deleted", sender);
  twin.state.installations = twin.state.installations.filter((one) => one !== installation);
}

export function suspendInstallation(
  twin: Twin,
  installation: Installation,
  suspended: boolean,
  sender: Viewer,
): void {
  installation.suspendedAt = suspended ? twin.clock.now() : undefined;
  announce(twin, installation, suspended ? "suspend" : "unsuspend", sender);
}
