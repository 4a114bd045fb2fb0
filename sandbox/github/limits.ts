import { type Refusal, refusal } from "./http.ts";
import type { Twin, Viewer } from "./twin.ts";

const hour = 3_600_000;

interface Window {
  used: number;
  resetAt: number;
}

/** GitHub's request budgets: one for each token owner and hour, and the slower pace for content. */
export interface Limits {
  /** Counts one request; refuses when the hour's budget is spent. */
  spend(viewer: Viewer, resource: "core" | "graphql"): void;
  /** Takes a request back: a 304 with credentials costs nothing. */
  refund(viewer: Viewer, resource: "core" | "graphql"): void;
  /** Counts a write of content; refuses above the pace. */
  spendWrite(viewer: Viewer): void;
  headers(viewer: Viewer, resource: "core" | "graphql"): Record<string, string>;
  state(
    viewer: Viewer,
    resource: "core" | "graphql",
  ): { limit: number; used: number; remaining: number; reset: number };
}

function ownerOf(viewer: Viewer): string {
  if (viewer.installation !== undefined) return `installation:${viewer.installation.id}`;
  return `${viewer.kind}:${viewer.account?.id ?? viewer.app?.id ?? 0}`;
}

export function createLimits(twin: Twin): Limits {
  const windows = new Map<string, Window>();
  const writes = new Map<string, number[]>();

  const windowOf = (viewer: Viewer, resource: string): Window => {
    const key = `${ownerOf(viewer)}:${resource}`;
    const known = windows.get(key);
    if (known !== undefined && known.resetAt > twin.clock.now()) return known;
    const fresh = { used: 0, resetAt: twin.clock.now() + hour };
    windows.set(key, fresh);
    return fresh;
  };

  const state: Limits["state"] = (viewer, resource) => {
    const { used, resetAt } = windowOf(viewer, resource);
    const limit = viewer.kind === "anonymous" ? 60 : twin.quirks.hourlyLimit;
    return { limit, used, remaining: Math.max(0, limit - used), reset: Math.ceil(resetAt / 1000) };
  };

  const headers: Limits["headers"] = (viewer, resource) => {
    const { limit, used, remaining, reset } = state(viewer, resource);
    return {
      "x-ratelimit-limit": String(limit),
      "x-ratelimit-remaining": String(remaining),
      "x-ratelimit-used": String(used),
      "x-ratelimit-reset": String(reset),
      "x-ratelimit-resource": resource,
    };
  };

  return {
    spend: (viewer, resource) => {
      if (state(viewer, resource).remaining === 0) throw exhausted(headers(viewer, resource));
      windowOf(viewer, resource).used++;
    },
    refund: (viewer, resource) => {
      windowOf(viewer, resource).used--;
    },
    spendWrite: (viewer) => {
      const pace = twin.quirks.contentWrites;
      if (pace === undefined) return;
      const now = twin.clock.now();
      const recent = (writes.get(ownerOf(viewer)) ?? []).filter((at) => at > now - hour);
      const lastMinute = recent.filter((at) => at > now - 60_000).length;
      if (lastMinute >= pace.perMinute || recent.length >= pace.perHour) throw tooFast();
      writes.set(ownerOf(viewer), [...recent, now]);
    },
    state,
    headers,
  };
}

function exhausted(headers: Record<string, string>): Refusal {
  return refusal(403, "API rate limit exceeded for installation.", undefined, headers);
}

function tooFast(): Refusal {
  const message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
  return refusal(403, message, undefined, { "retry-after": "60" });
}
