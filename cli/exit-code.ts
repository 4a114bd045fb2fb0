// What the shell is told.

export const exitCode = {
  ok: 0,
  /** It ran, and something is not as it should be. */
  notOk: 1,
  /** It could not run: wrong arguments, or files that do not load. */
  cannotRun: 2,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
