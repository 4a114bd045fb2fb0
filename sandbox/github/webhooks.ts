import { createHmac } from "node:crypto";
import { timestamp } from "./clock.ts";
import type { Json } from "./http.ts";
import { createNetwork, type Delivery, type Network } from "./network.ts";
import { showOrganization, showUser } from "./render/accounts.ts";
import { showRepository } from "./render/repositories.ts";
import type { App, Installation } from "./state.ts";
import type { Twin, TwinEvent } from "./twin.ts";

export type { Delivery, Fate } from "./network.ts";

// Events, and the deliveries to Apps that come of them.

export interface Webhooks extends Network {
  /** Every delivery that was ever made, in order; dropped ones too. */
  deliveries: Delivery[];
  emit(event: TwinEvent): void;
  deliveriesOf(app: App): Delivery[];
  redeliver(delivery: Delivery): void;
  show(delivery: Delivery, whole: boolean): Json;
}

/** These reach an App whether it subscribed or not. */
const unasked = new Set(["installation", "installation_repositories", "github_app_authorization", "ping"]);

function coversEvent(installation: Installation, event: TwinEvent): boolean {
  if (installation.suspendedAt !== undefined && event.only === undefined) return false;
  if (event.only !== undefined) return event.only === installation;
  const owner = event.repository?.owner ?? event.organization?.account;
  if (installation.account !== owner) return false;
  if (event.repository === undefined || installation.repositories === "all") return true;
  return installation.repositories.has(event.repository.id);
}

export function eventPayload(twin: Twin, event: TwinEvent, installation: Installation | undefined): Json {
  const { repository } = event;
  const organization =
    event.organization?.account ?? (repository?.owner.kind === "Organization" ? repository.owner : undefined);
  const { account } = event.sender;
  return {
    ...(event.action === undefined ? {} : { action: event.action }),
    ...event.payload,
    ...(repository === undefined ? {} : { repository: showRepositoryIn(twin, event) }),
    ...(organization === undefined ? {} : { organization: showOrganization(twin, organization) }),
    ...(account === undefined ? {} : { sender: showUser(twin, account) }),
    ...(installation === undefined || event.only !== undefined
      ? {}
      : { installation: { id: installation.id, node_id: twin.ids.node("IN", installation.id) } }),
  };
}

/** `push` has times as numbers, as ever. */
function showRepositoryIn(twin: Twin, event: TwinEvent): Json {
  const { repository, name } = event;
  if (repository === undefined) return {};
  const shown = { ...showRepository(twin, repository), custom_properties: {} };
  if (name !== "push") return shown;
  return {
    ...shown,
    created_at: Math.floor(repository.createdAt / 1000),
    pushed_at: Math.floor(repository.pushedAt / 1000),
    master_branch: repository.defaultBranch,
    stargazers: 0,
    ...(repository.owner.kind === "Organization" ? { organization: repository.owner.login } : {}),
  };
}

export interface WebhookOptions {
  deliver: ((request: Request) => Promise<Response>) | undefined;
  /** Sees every payload that goes to some installation. */
  payloadSeen: ((event: string, action: string | undefined, payload: Json) => void) | undefined;
}

export function createWebhooks(twin: Twin, { deliver, payloadSeen }: WebhookOptions): Webhooks {
  const network = createNetwork(twin, deliver);
  const start = (delivery: Delivery) => {
    webhooks.deliveries.push(delivery);
    network.send(delivery);
  };
  const judge = (event: TwinEvent) => {
    const covering = twin.state.installations.find((installation) => coversEvent(installation, event));
    if (covering !== undefined) payloadSeen?.(event.name, event.action, eventPayload(twin, event, covering));
  };
  const webhooks: Webhooks = Object.assign(network, {
    deliveries: [] as Delivery[],
    emit: (event: TwinEvent) => {
      if (payloadSeen !== undefined) judge(event);
      for (const installation of twin.state.installations) {
        const { app } = installation;
        const wanted = unasked.has(event.name) || installation.events.includes(event.name);
        if (app.hook === undefined || !wanted || !coversEvent(installation, event)) continue;
        start(createDelivery(twin, event, app, installation));
      }
    },
    deliveriesOf: (app: App) => webhooks.deliveries.filter((delivery) => delivery.app === app),
    redeliver: (delivery: Delivery) => {
      const at = twin.clock.now();
      start({ ...delivery, id: twin.ids.number(), redelivery: true, at, statusCode: 0 });
    },
    show: showDelivery,
  });
  return webhooks;
}

function createDelivery(twin: Twin, event: TwinEvent, app: App, installation: Installation): Delivery {
  const body = JSON.stringify(eventPayload(twin, event, installation));
  const guid = twin.ids.guid();
  const secret = app.hook?.secret ?? "";
  const sign = (algorithm: string) =>
    `${algorithm}=${createHmac(algorithm, secret).update(body).digest("hex")}`;
  return {
    id: twin.ids.number(),
    guid,
    app,
    installation,
    event: event.name,
    action: event.action,
    repositoryId: event.repository?.id,
    redelivery: false,
    at: twin.clock.now(),
    durationMs: 0,
    statusCode: 0,
    requestHeaders: {
      accept: "*/*",
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/7a11ba5",
      "x-github-delivery": guid,
      "x-github-event": event.name,
      "x-github-hook-id": String(app.hook?.id),
      "x-github-hook-installation-target-id": String(app.id),
      "x-github-hook-installation-target-type": "integration",
      "x-hub-signature": sign("sha1"),
      "x-hub-signature-256": sign("sha256"),
    },
    body,
    responseHeaders: {},
    responseBody: "",
  };
}

function showDelivery(delivery: Delivery, whole: boolean): Json {
  const { statusCode } = delivery;
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: timestamp(delivery.at),
    redelivery: delivery.redelivery,
    duration: delivery.durationMs / 1000,
    status:
      statusCode === 0
        ? "failed to connect to host"
        : statusCode < 400
          ? "OK"
          : `Invalid HTTP Response: ${statusCode}`,
    status_code: statusCode,
    event: delivery.event,
    action: delivery.action ?? null,
    installation_id: delivery.installation?.id ?? null,
    repository_id: delivery.repositoryId ?? null,
    throttled_at: null,
    ...(whole
      ? {
          url: delivery.app.hook?.url ?? "",
          request: { headers: delivery.requestHeaders, payload: JSON.parse(delivery.body) },
          response: { headers: delivery.responseHeaders, payload: delivery.responseBody },
        }
      : {}),
  };
}
