import type { App, Installation } from "./state.ts";
import type { Twin } from "./twin.ts";

// Deliveries on their way to Apps. GitHub promises neither order nor once; what becomes of one is `fate`'s to say.

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

export interface Network {
  /** Decides each delivery's fate; replace it to drop, duplicate or delay. */
  fate: (delivery: Delivery) => Fate;
  /** From now on keep deliveries back. */
  hold(): void;
  /** Send what was kept back, in this order (default: as it came), and hold no longer. */
  release(order?: (held: Delivery[]) => Delivery[]): void;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
  send(delivery: Delivery): void;
}

export function createNetwork(
  twin: Twin,
  deliver: ((request: Request) => Promise<Response>) | undefined,
): Network {
  const underWay = new Set<Promise<void>>();
  let held: Delivery[] | undefined;

  const dispatch = (delivery: Delivery) => {
    const fate = network.fate(delivery);
    if (fate === "drop" || deliver === undefined) return;
    const { copies = 1, delayMs = 0 } = fate === "deliver" ? {} : fate;
    for (let i = 0; i < copies; i++) {
      const work = carry(twin, deliver, delivery, delayMs).finally(() => underWay.delete(work));
      underWay.add(work);
    }
  };

  const network: Network = {
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
    send: (delivery) => {
      if (held !== undefined) held.push(delivery);
      else dispatch(delivery);
    },
  };
  return network;
}

async function carry(
  twin: Twin,
  deliver: (request: Request) => Promise<Response>,
  delivery: Delivery,
  delayMs: number,
): Promise<void> {
  // never in the middle of the request that caused it
  if (delayMs > 0) await twin.clock.sleep(delayMs);
  else await Promise.resolve();
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
}
