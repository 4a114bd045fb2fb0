// Time as this folder needs it: pauses between writes, waits for limits, and the age of tokens.

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}
