/** Where the twin's time comes from; nothing in it reads another clock. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
  /** Rejects when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
