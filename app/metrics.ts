// What Prometheus may know: numbers, states, events of ours, and the names of repositories. Nothing else of GitHub gets into a label.

import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** A look that is over. */
export interface Looked {
  readonly repository: string;
  readonly request: number;
  /** Where the request stands; for one that is over, how it ended. */
  readonly state: string;
  readonly over: boolean;
  /** When the request was opened, in milliseconds since the epoch. */
  readonly openedAt: number;
}

/** What the App tells of its work. */
export interface Observer {
  /** How long a look at one request took, in milliseconds. */
  readonly look: (repository: string, milliseconds: number, failed: boolean) => void;
  readonly looked: (looked: Looked) => void;
  /** All that is unsettled now: what is not among it is no longer counted. */
  readonly unsettled: (repository: string, requests: readonly number[]) => void;
  /** Headers of one of GitHub's answers. */
  readonly answered: (repository: string, status: number, header: (name: string) => string | null) => void;
}

export interface Metrics extends Observer {
  /** From a webhook's arrival until everything that it asked for was looked at, in milliseconds. */
  readonly webhook: (event: string, milliseconds: number) => void;
  readonly redelivered: (count: number) => void;
  readonly lookedAtEverything: (at: number) => void;
  readonly text: () => Promise<string>;
  readonly contentType: string;
  /** All figures; those that add up begin again at 0. */
  readonly take: () => Promise<Taken>;
}

export type Taken = readonly {
  readonly name: string;
  readonly values: readonly {
    /** Of a histogram: which of its figures this is. */
    readonly metricName?: string;
    readonly value: number;
    readonly labels: Readonly<Record<string, string>>;
  }[];
}[];

const seconds = (milliseconds: number): number => milliseconds / 1000;

const looks = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const lags = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
/** To a week. */
const stays = [10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800];

export function createMetrics(now: () => number): Metrics {
  const registry = new Registry();
  const of = createInstruments([registry]);
  const began = now();
  const standing = new Map<string, Standing>();
  Object.assign(of.requests, {
    collect: () => {
      of.requests.reset();
      for (const { repository, state } of standing.values()) of.requests.inc({ repository, state });
    },
  });

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    take: async () => {
      const taken = (await registry.getMetricsAsJSON()) as Taken;
      registry.resetMetrics();
      return taken;
    },
    look: (repository, milliseconds, failed) =>
      of.look.observe({ repository, result: failed ? "failed" : "done" }, seconds(milliseconds)),
    looked: ({ repository, request, state, over, openedAt }) => {
      const key = `${repository}#${request}`;
      const before = standing.get(key);
      if (before?.state === state) return;
      const at = now();
      of.verdicts.inc({ repository, state });
      if (before?.since !== undefined)
        of.stay.observe({ repository, state: before.state }, seconds(at - before.since));
      // how long it had stood so before this process began, nobody knows
      const since = before !== undefined ? at : openedAt >= began ? openedAt : undefined;
      if (over) standing.delete(key);
      else standing.set(key, { repository, request, state, since });
    },
    unsettled: (repository, requests) => {
      for (const [key, each] of standing)
        if (each.repository === repository && !requests.includes(each.request)) standing.delete(key);
    },
    answered: (repository, status, header) => {
      of.answers.inc({ repository, status: `${Math.trunc(status / 100)}xx` });
      const resource = header("x-ratelimit-resource") ?? "";
      if (!/^[a-z_]{1,40}$/.test(resource)) return;
      const left = header("x-ratelimit-remaining");
      const limit = header("x-ratelimit-limit");
      if (left !== null) of.quotaLeft.set({ repository, resource }, Number(left));
      if (limit !== null) of.quota.set({ repository, resource }, Number(limit));
    },
    webhook: (event, milliseconds) => of.webhook.observe({ event }, seconds(milliseconds)),
    redelivered: (count) => of.redelivered.inc(count),
    lookedAtEverything: (at) => of.everything.set(seconds(at)),
  };
}

interface Standing {
  readonly repository: string;
  readonly request: number;
  readonly state: string;
  /** When it came to stand so; undefined where that was before this process. */
  readonly since: number | undefined;
}

function createInstruments(registers: Registry[]) {
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: L[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });
  return {
    requests: gauge("hallpass_requests", "Unsettled access requests by the state that the last look found.", [
      "repository",
      "state",
    ]),
    verdicts: counter(
      "hallpass_verdicts_total",
      "Times that a request came to stand in a state; ended ones by how they ended.",
      ["repository", "state"],
    ),
    stay: histogram(
      "hallpass_state_seconds",
      "How long requests stood in a state, once they left it; what began before this process is not counted.",
      ["repository", "state"],
      stays,
    ),
    look: histogram(
      "hallpass_reconcile_seconds",
      "How long a look at one request took, with its writes and GitHub's limits.",
      ["repository", "result"],
      looks,
    ),
    answers: counter("hallpass_github_answers_total", "GitHub's answers by status class.", [
      "repository",
      "status",
    ]),
    quotaLeft: gauge(
      "hallpass_github_quota_remaining",
      "Requests left in the present hour, as GitHub last said.",
      ["repository", "resource"],
    ),
    quota: gauge("hallpass_github_quota_limit", "Requests an hour that GitHub allows.", [
      "repository",
      "resource",
    ]),
    webhook: histogram(
      "hallpass_webhook_lag_seconds",
      "From a webhook's arrival until everything that it asked for was looked at.",
      ["event"],
      lags,
    ),
    redelivered: counter("hallpass_redeliveries_total", "Lost webhooks that GitHub was asked to send again."),
    everything: gauge(
      "hallpass_last_full_look_timestamp_seconds",
      "When everything unsettled was last looked at.",
    ),
  };
}
