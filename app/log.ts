// One JSON object a line on standard error. Only what is named here gets in: nothing of a payload, no header, no secret.

export interface LogFields {
  readonly repository?: string;
  readonly request?: number;
  readonly event?: string;
  readonly delivery?: string;
  readonly state?: string;
  readonly milliseconds?: number;
  readonly error?: string;
  readonly port?: number;
  readonly count?: number;
}

export type Log = (level: "info" | "warn" | "error", message: string, fields?: LogFields) => void;

export const jsonLog =
  (write: (line: string) => void, now: () => number): Log =>
  (level, message, fields = {}) =>
    write(JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...fields }));
