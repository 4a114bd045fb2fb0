// The environment of the server, read once into one typed value.

export interface ServerOptions {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  readonly webhookSecret: string;
  /** REST base of GitHub: `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise Server. */
  readonly apiUrl: string;
  readonly host: string;
  readonly port: number;
  /** Seconds between two looks at everything unsettled. */
  readonly lookEvery: number;
  /** Seconds between two looks for webhooks that were lost. */
  readonly redeliverEvery: number;
  /** Seconds in which `/readyz` says no before the server stops to listen. */
  readonly drain: number;
  /** Whether `/metrics` answers. */
  readonly metrics: boolean;
}

export class OptionsError extends Error {}

/** Refuses to start without a secret and a key: Probot would fall back to a secret that everybody knows. */
export function readServerOptions(env: Readonly<Record<string, string | undefined>>): ServerOptions {
  const problems: string[] = [];
  const required = (name: string, why: string): string => {
    const value = env[name];
    if (value !== undefined && value.trim() !== "") return value;
    problems.push(`${name} is not set: ${why}`);
    return "";
  };
  const whole = (name: string, fallback: number, [least, most]: readonly [number, number]): number => {
    const text = env[name]?.trim();
    if (text === undefined || text === "") return fallback;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    problems.push(`${name} is \`${text}\`: expected a whole number from ${least} to ${most}`);
    return fallback;
  };
  const onOrOff = (name: string): boolean => {
    const text = env[name]?.trim() ?? "";
    if (!["", "on", "off"].includes(text))
      problems.push(`${name} is \`${text}\`: expected \`on\` or \`off\``);
    return text === "on";
  };
  const options: ServerOptions = {
    appId: Number(required("APP_ID", "the numeric id on your App's settings page")),
    privateKey: required(
      "PRIVATE_KEY",
      "the App's private key (PEM), one line with \\n or as it is",
    ).replaceAll("\\n", "\n"),
    webhookSecret: required(
      "WEBHOOK_SECRET",
      "the secret that GitHub signs webhooks with; make one with `openssl rand -hex 32`",
    ),
    apiUrl: (env["GITHUB_API_URL"] || "https://api.github.com").replace(/\/+$/, ""),
    host: env["HOST"] || "0.0.0.0",
    port: whole("PORT", 3000, [0, 65_535]),
    lookEvery: whole("HALLPASS_LOOK_EVERY", 300, [10, 86_400]),
    redeliverEvery: whole("HALLPASS_REDELIVER_EVERY", 60, [10, 86_400]),
    drain: whole("HALLPASS_DRAIN", 0, [0, 600]),
    metrics: onOrOff("HALLPASS_METRICS"),
  };
  if (env["APP_ID"]?.trim() && !(Number.isInteger(options.appId) && options.appId > 0))
    problems.push(`APP_ID is \`${env["APP_ID"]}\`: expected a number`);
  if (!/^https?:\/\/[^/?#@\s]+(?:\/[^?#@\s]*)?$/.test(options.apiUrl))
    problems.push(
      `GITHUB_API_URL is \`${options.apiUrl}\`: expected an address such as https://api.github.com`,
    );
  if (options.privateKey !== "" && !options.privateKey.includes("PRIVATE KEY-----"))
    problems.push("PRIVATE_KEY is not a PEM private key: expected it to begin with `-----BEGIN`");
  if (options.webhookSecret === "development")
    problems.push(
      "WEBHOOK_SECRET is `development`, which everybody knows; make one with `openssl rand -hex 32`",
    );
  if (problems.length > 0) throw new OptionsError(problems.join("\n"));
  return options;
}
