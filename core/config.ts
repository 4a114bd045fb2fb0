// `.github/hallpass.yml`: what an organization sets once. Defaults are filled in here and nowhere else.

import { durationForm, durationPattern, parseDuration } from "./duration.ts";
import type { Seconds } from "./ids.ts";
import type { AccountConfig, Config, ForwardConfig } from "./law.ts";
import { forwardNamePattern, parseAccountId, parseRegion } from "./parse-ids.ts";
import type { Parsed } from "./problem.ts";
import { accessModes } from "./request.ts";
import {
  audited,
  boolean,
  type Complaint,
  checked,
  converted,
  documented,
  integer,
  type JsonSchema,
  list,
  object,
  optional,
  orNothing,
  parsedText,
  readFile,
  required,
  type Shape,
  text,
  textAsWritten,
  withDefault,
} from "./shape.ts";
import { isTimeZone } from "./time.ts";
import { oneCode } from "./yaml-read.ts";

export const configPath = ".github/hallpass.yml";

const codes = oneCode("config.malformed");

export const parseConfig = (content: string, file: string = configPath): Parsed<Config> =>
  readFile(content, { file, codes, maxBytes: 64 * 1024 }, config);

/** For editors: JSON Schema 2020-12 of the same shapes that parse. */
export const configJsonSchema = (): JsonSchema => ({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Hallpass configuration (.github/hallpass.yml)",
  ...config.json,
});

/** As the file beside the config holds it: lists of words on one line. */
export const configSchemaText = (): string =>
  `${JSON.stringify(configJsonSchema(), null, 2).replace(/\[\s+([^[\]{}]+?)\s+\]/g, (_, words: string) => `[${words.replace(/\s+/g, " ")}]`)}\n`;

const hours = (count: number): Seconds => (count * 3_600) as Seconds;
const minutes = (count: number): Seconds => (count * 60) as Seconds;
/** No config allows more. */
export const longestGrant = hours(336);

const matching = (pattern: RegExp, expected: string, of: Shape<string> = text): Shape<string> =>
  parsedText((written) => (pattern.test(written) ? written : undefined), expected, {
    of,
    json: { pattern: pattern.source },
  });

const duration = parsedText(parseDuration, durationForm, { json: { pattern: durationPattern.source } });

const accountId = parsedText(parseAccountId, "an account id of 12 digits", {
  of: textAsWritten,
  json: { pattern: "^\\d{12}$" },
});
const region = parsedText(parseRegion, "a region such as `eu-central-1`");
const roleArn = matching(
  /^arn:aws[a-z-]{0,20}:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
  "the whole ARN of a role, `arn:aws:iam::111122223333:role/HallpassAccess`",
);

const account: Shape<AccountConfig> = audited(
  object({
    id: required(accountId),
    name: optional(
      matching(
        /^(?!\d{12}$)[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
        "a name of letters, digits and `_.-` that is not an account id",
      ),
    ),
    regions: required(audited(list(region, 1, 50), (all) => repeated(all, (each) => each))),
    roles: required(
      object({
        inventory: required(documented(roleArn, "Reads nodes and their tags")),
        access: required(documented(roleArn, "What a grant's credentials are of")),
        revoke: required(documented(roleArn, "Schedules ends, ends sessions, denies")),
      }),
    ),
  }),
  ({ id, roles }) =>
    Object.entries(roles).flatMap(([key, arn]) =>
      arn.split(":")[4] === id
        ? []
        : [
            {
              at: ["roles", key],
              message: `this role is not in account \`${id}\`; give the role of this account`,
            },
          ],
    ),
);

const accounts = audited(list(account, 1, 1_000), (all) => [
  ...repeated(all, ({ id }) => id, "id"),
  ...repeated(all, ({ name }) => name, "name"),
]);

/** One complaint for each item that has what an earlier one has. */
function repeated<T>(
  all: readonly T[],
  of: (item: T) => string | undefined,
  ...inside: readonly string[]
): readonly Complaint[] {
  const seen = new Set<string>();
  return all.flatMap((item, i) => {
    const value = of(item);
    if (value === undefined) return [];
    const again = seen.has(value);
    seen.add(value);
    return again ? [{ at: [i, ...inside], message: `\`${value}\` is there twice; keep one` }] : [];
  });
}

const defaultLimits: Config["limits"] = {
  maxDuration: hours(8),
  minDuration: minutes(15),
  maxNodes: 10,
  openFor: hours(168),
  decisionGoodFor: hours(24),
  settle: minutes(1),
};

const limit = (key: Exclude<keyof Config["limits"], "maxNodes">, description: string) =>
  withDefault(documented(duration, description), defaultLimits[key]);

const limits: Shape<Config["limits"]> = audited(
  object({
    maxDuration: limit("maxDuration", "The longest access anybody may ask for (8h)"),
    minDuration: limit("minDuration", "The shortest (15m)"),
    maxNodes: withDefault(documented(integer(1, 100), "Nodes in one request (10)"), defaultLimits.maxNodes),
    openFor: limit("openFor", "How long a request waits for people (7d)"),
    decisionGoodFor: limit("decisionGoodFor", "How old a decision may be at the grant (24h)"),
    settle: limit("settle", "Pause before sessions are ended a second time (60s)"),
  }),
  ({ maxDuration, minDuration }) => [
    ...(maxDuration > longestGrant ? [{ at: ["maxDuration"], message: "expected at most 336h" }] : []),
    ...(minDuration > maxDuration
      ? [{ at: ["minDuration"], message: "`minDuration` is over `maxDuration`; nothing could be asked for" }]
      : []),
  ],
);

/** Fixed hosts and ports only: IAM cannot look into a session's parameters. */
const forward: Shape<ForwardConfig> = object({
  name: required(matching(forwardNamePattern, "a name of up to 32 letters, digits and `-`")),
  host: required(
    matching(
      /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|(?=.*:.*:)[0-9A-Fa-f:.]{2,45})$/,
      "a host name or an address",
    ),
  ),
  port: required(integer(1, 65_535)),
});

const forwards = audited(list(forward, 1, 50), (all) => repeated(all, ({ name }) => name, "name"));
const bare = orNothing(object({}), {});

const modes = checked(
  object({
    shell: optional(bare),
    ssh: optional(bare),
    "port-forward": optional(documented(forwards, "Each host and port that may be reached through a node")),
    rdp: optional(bare),
  }),
  (all) => (Object.keys(all).length === 0 ? "no mode is allowed; name at least one" : undefined),
);

const handle = matching(
  /^@[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?$/,
  "`@login` or `@org/team`",
);

const config: Shape<Config> = converted(
  object({
    app: required(documented(integer(1, 999_999_999_999), "The id of your GitHub App")),
    clientId: optional(
      documented(
        matching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "a client id such as `Iv23li0123456789abcd`"),
        "Its client id, with which `hallpass` signs people in who have no token",
      ),
    ),
    timeZone: withDefault(
      documented(
        parsedText((name) => (isTimeZone(name) ? name : undefined), "a time zone such as `Europe/Berlin`"),
        "Of weekday and time of day in policies (UTC)",
      ),
      "UTC",
    ),
    allowPublic: withDefault(documented(boolean, "Work although the access repository is public"), false),
    accounts: required(accounts),
    limits: withDefault(limits, defaultLimits),
    modes: withDefault(documented(modes, "What may be asked for (shell only)"), { shell: {} }),
    notify: withDefault(documented(list(handle, 0, 10), "Who is mentioned in each request"), []),
  }),
  ({ modes: allowed, ...rest }): Config => ({
    ...rest,
    modes: accessModes.filter((mode) => Object.hasOwn(allowed, mode)),
    forwards: allowed["port-forward"] ?? [],
  }),
);
