// What happens without being asked: everything unsettled is looked at, and webhooks that were lost in between are asked for again.

import type { Clock } from "../flow/clock.ts";
import { type AppAccess, accessRepositories, asApp } from "./installations.ts";
import type { Log } from "./log.ts";
import { redeliverLost } from "./redeliver.ts";
import { messageOf, type Repositories } from "./repositories.ts";

export interface Rounds {
  /** Whether everything could be looked at. Never rejects. */
  readonly lookAtEverything: () => Promise<boolean>;
  /** How many were asked for again. Never rejects. */
  readonly redeliver: () => Promise<number>;
}

export interface RoundsOptions {
  readonly access: AppAccess;
  readonly repositories: Repositories;
  readonly clock: Clock;
  readonly log: Log;
  readonly onLookedAtEverything?: (at: number) => void;
  readonly onRedelivered?: (count: number) => void;
}

/** GitHub keeps deliveries for three days; what is older than this has been seen in another way. */
const longestAgo = 3 * 3_600_000;
/** A look may read what is a moment old. */
const lag = 60_000;

export function createRounds({ access, repositories, clock, log, ...on }: RoundsOptions): Rounds {
  let sawAllOf = 0;
  return {
    lookAtEverything: async () => {
      const began = clock.now();
      const whole = await lookAtAll(access, repositories, log);
      if (!whole) return false;
      // whatever a webhook could have said by then has been seen
      sawAllOf = began - lag;
      on.onLookedAtEverything?.(clock.now());
      return true;
    },
    redeliver: async () => {
      const now = clock.now();
      try {
        const count = await redeliverLost({
          app: asApp(access),
          now,
          since: Math.max(sawAllOf, now - longestAgo),
        });
        if (count > 0) log("warn", "webhooks were lost; asked for them again", { count });
        on.onRedelivered?.(count);
        return count;
      } catch (error) {
        log("warn", "could not ask for lost webhooks", { error: messageOf(error) });
        return 0;
      }
    },
  };
}

async function lookAtAll(access: AppAccess, repositories: Repositories, log: Log): Promise<boolean> {
  let whole = true;
  try {
    for (const repository of await accessRepositories(access)) {
      await repositories.lookAtAll(repository).catch((error: unknown) => {
        whole = false;
        log("warn", "could not list what is unsettled", {
          repository: `${repository.owner}/${repository.name}`,
          error: messageOf(error),
        });
      });
    }
  } catch (error) {
    whole = false;
    log("error", "could not list the repositories of the App", { error: messageOf(error) });
  }
  return whole;
}
