// What the shell is told.

export const exitCode = {
  ok: 0,
  /** It ran, and something is not as it should be. */
  notOk: 1,
  /** It could not run: wrong arguments, or files that do not load. */
  cannotRun: 2,
  /** What was waited for has not come yet; the request stands. */
  stillWaiting: 3,
  /** Ctrl-C; the request stands. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
