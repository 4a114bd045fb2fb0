import { createHmac } from "node:crypto";
import { timestamp } from "./clock.ts";
import type { Json } from "./http.ts";
import { showOrganization, showUser } from "./render/accounts.ts";
import { showRepository } from "./render/repositories.ts";
import type { App, Installation } from "./state.ts";
import type { Twin, TwinEvent } from "./twin.ts";

// Events on their way to Apps. GitHub promises neither order nor once; what it does is `fate`'s to say.

export interface Delivery {
  id: number;
  guid: string;
  app: App;
  installation: Installation | undefined;
  event: string;
  action: string | undefined;
  repositoryId: number | undefined;
  redelivery: boolean;
  at: number;
  durationMs: number;
  /** 0 until answered, or when nobody did. */
  statusCode: number;
  requestHeaders: Record<string, string>;
  /** The JSON text that was signed. */
  body: string;
  responseHeaders: Record<string, string>;
  responseBody: string;
}

/** What becomes of a delivery on the network. */
export type Fate = "deliver" | "drop" | { copies?: number; delayMs?: number };

export interface Webhooks {
  /** Every delivery that was ever made, in order; dropped ones too. */
  deliveries: Delivery[];
  /** Decides each delivery's fate; replace it to drop, duplicate or delay. */
  fate: (delivery: Delivery) => Fate;
  /** From now on keep deliveries back. */
  hold(): void;
  /** Send what was kept back, in this order (default: as it came), and hold no longer. */
  release(order?: (held: Delivery[]) => Delivery[]): void;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
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

export function createWebhooks(
  twin: Twin,
  deliver: ((request: Request) => Promise<Response>) | undefined,
  payloadSeen: (event: string, action: string | undefined, payload: Json) => void,
): Webhooks {
  const underWay = new Set<Promise<void>>();
  let held: Delivery[] | undefined;

  const track = (work: Promise<void>) => {
    const tracked = work.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  };

  const send = async (delivery: Delivery, delayMs: number) => {
    if (delayMs > 0) await twin.clock.sleep(delayMs);
    else await Promise.resolve();
    if (deliver === undefined) return;
    const started = twin.clock.now();
    const { app, requestHeaders: headers, body } = delivery;
    try {
      const response = await deliver(new Request(app.hook?.url ?? "", { method: "POST", headers, body }));
      delivery.statusCode = response.status;
      delivery.responseHeaders = Object.fromEntries(response.headers);
      delivery.responseBody = await response.text();
    } catch {
      // nobody answered: GitHub notes it and does not try again by itself
      delivery.statusCode = 0;
    }
    delivery.durationMs = twin.clock.now() - started;
  };

  const dispatch = (delivery: Delivery) => {
    const fate = webhooks.fate(delivery);
    if (fate === "drop") return;
    const { copies = 1, delayMs = 0 } = fate === "deliver" ? {} : fate;
    for (let i = 0; i < copies; i++) track(send(delivery, delayMs));
  };

  const start = (delivery: Delivery) => {
    webhooks.deliveries.push(delivery);
    if (held !== undefined) held.push(delivery);
    else dispatch(delivery);
  };

  const webhooks: Webhooks = {
    deliveries: [],
    fate: () => "deliver",
    hold: () => {
      held ??= [];
    },
    release: (order = (all) => all) => {
      const waiting = held ?? [];
      held = undefined;
      for (const delivery of order(waiting)) dispatch(delivery);
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    emit: (event) => {
      const covering = twin.state.installations.find((installation) => coversEvent(installation, event));
      if (covering !== undefined) payloadSeen(event.name, event.action, eventPayload(twin, event, covering));
      for (const installation of twin.state.installations) {
        const { app } = installation;
        const wanted = unasked.has(event.name) || installation.events.includes(event.name);
        if (app.hook === undefined || !wanted || !coversEvent(installation, event)) continue;
        start(createDelivery(twin, event, app, installation));
      }
    },
    deliveriesOf: (app) => webhooks.deliveries.filter((delivery) => delivery.app === app),
    redeliver: (delivery) => {
      const again = {
        ...delivery,
        id: twin.ids.number(),
        redelivery: true,
        at: twin.clock.now(),
        statusCode: 0,
      };
      start(again);
    },
    show: (delivery, whole) => showDelivery(delivery, whole),
  };
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
