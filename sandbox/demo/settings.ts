// How the sandbox differs from the real services in speed, in one place, printed by the demo. Nothing fakes a clock.

import type { Sandbox, SandboxOptions } from "../start.ts";

export const appSettings = {
  limits: { minDuration: "5s", settle: "2s" },
  actions: { cronMinuteMs: 200, cronDelayMs: 0, dispatchDelayMs: 100, runnerStartDelayMs: 100 },
  aws: { schedulerPrecision: "second" },
  redeliverEvery: 10,
} as const satisfies SandboxOptions;

/** `hasOurLimits`: no folder of somebody's own has brought its config. */
export function describeSettings(
  { githubUrl, awsUrl, appUrl }: Sandbox,
  hasOurLimits = true,
): readonly string[] {
  const { limits, actions, aws, redeliverEvery } = appSettings;
  return [
    `GitHub at ${githubUrl}, AWS at ${awsUrl}, the App at ${appUrl}; workflows run as processes from action/dist`,
    hasOurLimits
      ? `config: minDuration ${limits.minDuration}, settle ${limits.settle} (usually 15m and 60s)`
      : "config: the folder's own limits",
    `cron: \`*/15\` every ${(actions.cronMinuteMs * 15) / 1000} s, ${actions.cronDelayMs} ms late; a dispatch starts after ${actions.dispatchDelayMs} ms, a runner after ${actions.runnerStartDelayMs} ms (usually minutes and seconds)`,
    `the App looks for lost webhooks every ${redeliverEvery} s (usually 60)`,
    `AWS's Scheduler fires to the ${aws.schedulerPrecision} (usually anywhere in the minute)`,
  ];
}

/** carol is away from yesterday until tomorrow. */
export function whoIsAway(now: number): Readonly<Record<string, string>> {
  const [since, until] = [now - 86_400_000, now + 86_400_000].map((at) =>
    new Date(at).toISOString().slice(0, 10),
  );
  return { "policies/delegations.yaml": `- { from: carol, to: pat, since: ${since}, until: ${until} }\n` };
}
