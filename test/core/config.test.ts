import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { configJsonSchema, configSchemaText, parseConfig } from "../../core/config.ts";
import { durationPattern, parseDuration } from "../../core/duration.ts";
import { placesOf, problemsOf, valueIn } from "./parsed.ts";

const account = (id = "111122223333", more = ""): string => `
  - id: "${id}"
    regions: [eu-central-1, us-east-1]${more}
    roles:
      inventory: arn:aws:iam::${id}:role/HallpassInventory
      access: arn:aws:iam::${id}:role/hallpass/HallpassAccess
      revoke: arn:aws:iam::${id}:role/HallpassRevoke
`;
const minimal = `app: 12\naccounts:${account()}`;
const roles = (id: string) => ({
  inventory: `arn:aws:iam::${id}:role/HallpassInventory`,
  access: `arn:aws:iam::${id}:role/hallpass/HallpassAccess`,
  revoke: `arn:aws:iam::${id}:role/HallpassRevoke`,
});

const whole = `${minimal}
clientId: Iv23li0123456789abcd
timeZone: Europe/Berlin
allowPublic: true
limits: { maxDuration: 336h, minDuration: 5s, maxNodes: 3, openFor: 1d, decisionGoodFor: 12h, settle: 2s }
modes:
  ssh:
  shell: {}
  port-forward:
    - { name: postgres, host: db.internal, port: 5432 }
    - { name: web, host: "::1", port: 80 }
notify: ["@acme/on-call", "@olivia"]
`;

const refusals: readonly (readonly [string, string, readonly string[]])[] = [
  ["nothing", "", ["1:1"]],
  ["a list", "- app\n", ["1:1"]],
  ["no app and no accounts", "timeZone: UTC\n", ["1:1", "1:1"]],
  ["no YAML", "app: [\n", ["2:1"]],
  ["an unknown key", `${minimal}timezone: UTC\n`, ["9:1"]],
  ["an app that is no number", minimal.replace("12", "x"), ["1:6"]],
  ["an app of 0", minimal.replace("12", "0"), ["1:6"]],
  ["no account", "app: 12\naccounts: []\n", ["2:11"]],
  ["an account id of 11 digits", minimal.replace('"111122223333"', '"11112222333"'), ["3:9"]],
  ["an account id that is a map", minimal.replace('"111122223333"', "{}"), ["3:9"]],
  ["an account twice", `${minimal}${account().slice(1)}`, ["9:9"]],
  [
    "a name twice",
    `app: 12\naccounts:${account("111122223333", "\n    name: prod")}${account("111122223334", "\n    name: prod").slice(1)}`,
    ["12:11"],
  ],
  [
    "a name that is an id",
    `app: 12\naccounts:${account("111122223333", "\n    name: '111122223334'")}`,
    ["5:11"],
  ],
  ["a Region twice", minimal.replace("us-east-1", "eu-central-1"), ["4:29"]],
  ["a Region that is none", minimal.replace("us-east-1", "eu-*"), ["4:29"]],
  ["no Region", minimal.replace("[eu-central-1, us-east-1]", "[]"), ["4:14"]],
  [
    "a role of another account",
    minimal.replace("111122223333:role/hallpass", "111122223334:role/hallpass"),
    ["7:15"],
  ],
  [
    "a role that is a name",
    minimal.replace("arn:aws:iam::111122223333:role/HallpassRevoke", "HallpassRevoke"),
    ["8:15"],
  ],
  ["a role that is missing", minimal.replace(/\n {6}revoke.*/, ""), ["6:7"]],
  ["a client id that is none", `${minimal}clientId: "Iv23 li"\n`, ["9:11"]],
  ["a time zone that is none", `${minimal}timeZone: Europe/Berln\n`, ["9:11"]],
  ["an offset as time zone", `${minimal}timeZone: "+01:00"\n`, ["9:11"]],
  ["over two weeks", `${minimal}limits: { maxDuration: 337h }\n`, ["9:24"]],
  ["a minimum over the maximum", `${minimal}limits: { minDuration: 9h }\n`, ["9:24"]],
  ["a minimum over the maximum by its maximum", `${minimal}limits: { maxDuration: 10m }\n`, ["9:9"]],
  ["a duration without a unit", `${minimal}limits: { settle: 60 }\n`, ["9:19"]],
  ["a duration of 0", `${minimal}limits: { settle: 0s }\n`, ["9:19"]],
  ["no nodes", `${minimal}limits: { maxNodes: 0 }\n`, ["9:21"]],
  ["too many nodes", `${minimal}limits: { maxNodes: 101 }\n`, ["9:21"]],
  ["an unknown limit", `${minimal}limits: { maxduration: 1h }\n`, ["9:11"]],
  ["no mode", `${minimal}modes: {}\n`, ["9:8"]],
  ["modes as a list", `${minimal}modes: [shell]\n`, ["9:8"]],
  ["an unknown mode", `${minimal}modes: { telnet: {} }\n`, ["9:10", "9:8"]],
  ["a mode with settings it has not", `${minimal}modes: { shell: { user: root } }\n`, ["9:19"]],
  ["port-forward to nowhere", `${minimal}modes: { port-forward: [] }\n`, ["9:24"]],
  [
    "a forward twice",
    `${minimal}modes: { port-forward: [{name: a, host: h, port: 1}, {name: a, host: h, port: 2}] }\n`,
    ["9:61"],
  ],
  ["a forward to any host", `${minimal}modes: { port-forward: [{name: a, host: "*", port: 1}] }\n`, ["9:41"]],
  [
    "a forward whose host has a port in it",
    `${minimal}modes: { port-forward: [{name: a, host: "db:5432", port: 1}] }\n`,
    ["9:41"],
  ],
  [
    "a forward to no port",
    `${minimal}modes: { port-forward: [{name: a, host: h, port: 65536}] }\n`,
    ["9:50"],
  ],
  [
    "a forward with a name for a document",
    `${minimal}modes: { port-forward: [{name: "a/b", host: h, port: 1}] }\n`,
    ["9:32"],
  ],
  ["allowPublic that is a word", `${minimal}allowPublic: "true"\n`, ["9:14"]],
  ["notify that is a word", `${minimal}notify: x\n`, ["9:9"]],
  ["notify with an empty line", `${minimal}notify: [""]\n`, ["9:10"]],
  ["notify with what is no handle", `${minimal}notify: ["#access"]\n`, ["9:10"]],
  ["notify with more than a handle", `${minimal}notify: ["@a @b"]\n`, ["9:10"]],
  ["several at once", "app: x\nacounts: []\ntimeZone: x\n", ["2:1", "1:6", "3:11", "1:1"]],
];

describe("hallpass.yml", () => {
  test("fills in the defaults", () => {
    expect(valueIn(parseConfig(minimal))).toEqual({
      app: 12,
      timeZone: "UTC",
      allowPublic: false,
      accounts: [
        { id: "111122223333", regions: ["eu-central-1", "us-east-1"], roles: roles("111122223333") },
      ],
      forwards: [],
      limits: {
        maxDuration: 28_800,
        minDuration: 900,
        maxNodes: 10,
        openFor: 604_800,
        decisionGoodFor: 86_400,
        settle: 60,
      },
      modes: ["shell"],
      notify: [],
    });
  });

  test("reads all that can be set", () => {
    expect(valueIn(parseConfig(whole))).toMatchObject({
      clientId: "Iv23li0123456789abcd",
      timeZone: "Europe/Berlin",
      allowPublic: true,
      limits: {
        maxDuration: 1_209_600,
        minDuration: 5,
        maxNodes: 3,
        openFor: 86_400,
        decisionGoodFor: 43_200,
        settle: 2,
      },
      modes: ["shell", "ssh", "port-forward"],
      forwards: [
        { name: "postgres", host: "db.internal", port: 5_432 },
        { name: "web", host: "::1", port: 80 },
      ],
      notify: ["@acme/on-call", "@olivia"],
    });
  });

  test("an account id without quotes keeps its zero; one limit leaves the others", () => {
    const text = `app: 12\naccounts:${account("012345678901").replaceAll('"', "")}limits: { maxNodes: 2 }\n`;
    const config = valueIn(parseConfig(text));
    expect(config.accounts[0]?.id).toBe("012345678901");
    expect(config.limits).toMatchObject({ maxNodes: 2, maxDuration: 28_800 });
  });

  test.each(refusals)("refuses %s", (_, text, places) => {
    expect(placesOf(parseConfig(text))).toEqual(places.map((place) => `config.malformed ${place}`));
  });

  test("names the file, the field and the nearest key", () => {
    expect(problemsOf(parseConfig(`${minimal}limits: { maxNode: 1 }\n`))[0]).toMatchObject({
      field: "limits.maxNode",
      place: { file: ".github/hallpass.yml" },
      message: expect.stringContaining("`maxNodes`"),
    });
    expect(
      problemsOf(parseConfig(minimal.replace("111122223333:role/hallpass", `${"1".repeat(12)}:role/x`)))[0]
        ?.field,
    ).toBe("accounts[0].roles.access");
  });
});

describe("the JSON Schema for editors", () => {
  const validate = new Ajv2020({ allowUnionTypes: true, strict: true }).compile(configJsonSchema());
  // what only code can see: repetitions, sums, zones, Regions, whose role it is, an empty map of modes
  const beyond =
    /twice|time zone|of another account|two weeks|over the maximum|Region that|no YAML|^no mode$/;

  test.each([minimal, whole, whole.replace("ssh:", "ssh: {}")])("accepts what the parser accepts", (text) => {
    expect(validate(parse(text))).toBe(true);
  });

  test.each(refusals.filter(([name]) => !beyond.test(name)))("refuses %s", (_, text) => {
    expect(validate(parse(text))).toBe(false);
  });

  test("is the same in its file, where lists of words stand on one line", () => {
    expect(JSON.parse(configSchemaText())).toEqual(configJsonSchema());
    expect(configSchemaText()).toContain('"required": ["app", "accounts"],\n');
  });

  test("knows the keys that the parser knows", () => {
    const keys = (schema: unknown, at = ""): readonly string[] => {
      const { properties, items } = schema as { properties?: Record<string, unknown>; items?: unknown };
      if (items !== undefined) return keys(items, `${at}[]`);
      if (properties === undefined) return [at];
      return Object.entries(properties).flatMap(([key, inner]) => keys(inner, `${at}.${key}`));
    };
    expect(keys(configJsonSchema())).toEqual([
      ".app",
      ".clientId",
      ".timeZone",
      ".allowPublic",
      ".accounts[].id",
      ".accounts[].name",
      ".accounts[].regions[]",
      ".accounts[].roles.inventory",
      ".accounts[].roles.access",
      ".accounts[].roles.revoke",
      ".limits.maxDuration",
      ".limits.minDuration",
      ".limits.maxNodes",
      ".limits.openFor",
      ".limits.decisionGoodFor",
      ".limits.settle",
      ".modes.port-forward[].name",
      ".modes.port-forward[].host",
      ".modes.port-forward[].port",
      ".notify[]",
    ]);
  });

  test("its pattern of durations is the parser's", () => {
    const text = fc.string({
      unit: fc.constantFrom("0", "1", "9", "d", "h", "m", "s", ".", "-"),
      maxLength: 8,
    });
    fc.assert(
      fc.property(text, (written) => {
        if (parseDuration(written) !== undefined) expect(written).toMatch(durationPattern);
      }),
    );
  });
});
