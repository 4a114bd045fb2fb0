import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AccountId,
  formatInstant,
  type Instant,
  type RequestNumber,
  type Sha,
  type UserId,
} from "../../core/ids.ts";
import { parseLevel } from "../../core/level.ts";
import { nodeType } from "../../core/node.ts";
import { parseActive, parseApproved, parseEnded, parseRecord } from "../../core/parse-record.ts";
import {
  type ApprovedRecord,
  type EndedRecord,
  grantedEnds,
  type LedgerRecord,
  type PinnedNode,
  parseRecordPath,
  parseSessionName,
  recordPath,
  renderRecord,
  sessionName,
  ungrantedEnds,
} from "../../core/record.ts";
import { codesOf, placesOf, problemsOf, valueIn } from "./parsed.ts";
import { nodeIds, requests } from "./requests.ts";

const instants = fc
  .integer({ min: 1_700_000_000, max: 4_000_000_000 })
  .map((seconds) => (seconds * 1_000) as Instant);
/** Tags and names come from AWS: any text at all. */
const anyText = fc.string({ unit: "binary", maxLength: 12 });
const pinned: fc.Arbitrary<PinnedNode> = fc
  .record({
    id: nodeIds,
    account: fc.constantFrom("111122223333", "012345678901") as fc.Arbitrary<AccountId>,
    region: fc.constantFrom("eu-central-1", "us-gov-west-1") as fc.Arbitrary<PinnedNode["region"]>,
    name: fc.option(anyText, { nil: undefined }),
    tags: fc.dictionary(
      anyText.filter((key) => key !== ""),
      anyText,
      { maxKeys: 3, noNullPrototype: true },
    ),
  })
  .map(({ name, ...rest }) => ({
    type: nodeType(rest.id),
    ...rest,
    ...(name === undefined ? {} : { name }),
  }));

const asked = fc.record({
  requester: fc.record({
    login: fc.constantFrom("alice", "Bob-2", "dependabot[bot]"),
    id: fc.integer({ min: 1 }) as fc.Arbitrary<UserId>,
  }),
  subject: fc.record({
    kind: fc.constantFrom("issue" as const, "pull" as const),
    number: fc.integer({ min: 1 }) as fc.Arbitrary<RequestNumber>,
  }),
});
const decided = fc.record({
  request: requests,
  nodes: fc.array(pinned, { minLength: 1, maxLength: 3 }),
  policies: fc.constantFrom("1".repeat(40), `12345e${"0".repeat(34)}`) as fc.Arbitrary<Sha>,
});
const granted = fc
  .tuple(instants, fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1 }))
  .map(([at, length, run]) => ({ at, until: (at + length * 1_000) as Instant, session: "hp.123.12", run }));
const broken = fc
  .record({
    at: instants,
    why: anyText,
    policies: fc.array(anyText, { minLength: 1, maxLength: 2 }),
    levels: fc
      .constantFrom("@carol", "2 of @acme/security @carol")
      .map((text) => [valueIn(parseLevel(text))]),
    review: fc.option(
      fc.record({
        at: instants,
        how: fc.constantFrom("approved" as const, "rejected" as const),
        by: fc.constantFrom(["bob"], ["bob", "carol"]),
      }),
      { nil: undefined },
    ),
  })
  .map(({ review, ...rest }) => ({ ...rest, ...(review === undefined ? {} : { review }) }));
const glass = fc.option(broken, { nil: undefined }).map((breakGlass) => (breakGlass ? { breakGlass } : {}));
const session = fc
  .record({
    id: fc.constantFrom("hp.123.12-0a1b2c", "x"),
    node: nodeIds,
    started: instants,
    ended: fc.option(instants, { nil: undefined }),
    how: fc.constantFrom("left" as const, "terminated" as const, "failed" as const),
    log: fc.option(anyText, { nil: undefined }),
  })
  .map(({ ended, log, ...rest }) => ({
    ...rest,
    ...(ended === undefined ? {} : { ended }),
    ...(log === undefined ? {} : { log }),
  }));
const ending = <How extends string>(how: readonly How[], sessions: boolean) =>
  fc.record({
    at: instants,
    how: fc.constantFrom(...how),
    by: fc.constantFrom("schedule", "sweep", "policy", "alice"),
    why: anyText,
    sessions: sessions ? fc.array(session, { maxLength: 3 }) : fc.constant([]),
  });

const records: fc.Arbitrary<LedgerRecord> = fc.oneof(
  fc.tuple(asked, decided).map(([a, d]) => ({ folder: "approved" as const, ...a, ...d })),
  fc
    .tuple(asked, decided, granted, glass)
    .map(([a, d, g, b]) => ({ folder: "active" as const, ...a, ...d, granted: g, ...b })),
  fc
    .tuple(asked, decided, granted, glass, ending(grantedEnds, true))
    .map(([a, d, g, b, e]) => ({ folder: "ended" as const, ...a, ...d, granted: g, ...b, ended: e })),
  fc
    .tuple(
      asked,
      decided,
      fc.subarray(["request", "nodes", "policies"] as const),
      ending(ungrantedEnds, false),
    )
    .map(([a, d, keys, e]) => ({
      folder: "ended" as const,
      ...a,
      ...Object.fromEntries(keys.map((key) => [key, d[key]])),
      ended: e,
    })),
);

const record: ApprovedRecord = {
  folder: "approved",
  request: {
    nodes: [{ by: "name", name: "web-1" }],
    access: "shell",
    for: 7_200 as never,
    reason: "INC-1: down",
  },
  requester: { login: "alice", id: 1001 as UserId },
  subject: { kind: "issue", number: 12 as RequestNumber },
  nodes: [
    {
      type: "AWS::EC2::Instance",
      account: "111122223333" as AccountId,
      region: "eu-central-1" as never,
      id: "i-0123456789abcdef0" as never,
      name: "web-1",
      tags: { Workload: "App \u202e", Env: "Prod" },
    },
  ],
  policies: "0123456789abcdef0123456789abcdef01234567" as Sha,
};
/** What YAML could take for something else, or an object for its own. */
const oddTexts = [
  ...[
    "__proto__",
    "constructor",
    "null",
    "~",
    "yes",
    "NO",
    "True",
    "0x10",
    "007",
    "1e3",
    "E-5",
    ".inf",
    "1_000",
  ],
  ...[
    "2026-12-01",
    "12:30:45",
    "1h",
    "<<",
    "=",
    "---",
    "...",
    "- a",
    "? a",
    "a: b",
    "a #b",
    "&a",
    "*a",
    "!a",
  ],
  ...[
    "a ",
    " a",
    "\n",
    "a\r\nb",
    "\t",
    "\ufeff",
    "\u2028",
    "\u0085",
    "\0",
    "\ud800",
    "\udc00\ud800",
    "\u{e0001}",
  ],
  "a".repeat(900),
];
const at = Date.parse("2026-12-31T23:30:00Z") as Instant;
const until = (at + 3_600_000) as Instant;
const ended: EndedRecord = {
  ...record,
  folder: "ended",
  granted: { at, until, session: "hp.5.12", run: 99 },
  ended: { at: until, how: "expired", by: "schedule", why: "the window is over", sessions: [] },
};

describe("a record", () => {
  const readsBack = (each: LedgerRecord): void => {
    const text = renderRecord(each);
    const read = valueIn(parseRecord(text, recordPath(each)));
    expect(read).toEqual(each);
    expect(renderRecord(read)).toBe(text);
  };

  test("renderRecord and parseRecord are inverse", () => {
    fc.assert(fc.property(records, readsBack), { numRuns: 300 });
  });

  test("of a tag between slashes reads back", () => {
    readsBack({ ...record, request: { ...record.request, nodes: [{ by: "tag", key: "/", value: "/" }] } });
  });

  test.each(oddTexts)("with the text %j reads back", (odd) => {
    const nodes = record.nodes.map((node) => ({
      ...node,
      name: odd,
      tags: Object.fromEntries([[odd, odd]]),
    }));
    readsBack({ ...ended, nodes, ended: { ...ended.ended, why: odd } });
  });

  test("is what people review: what cannot be seen is written out", () => {
    expect(renderRecord(record)).toBe(`request:
  nodes:
    - web-1
  access: shell
  for: 2h
  reason: "INC-1: down"
requester:
  login: alice
  id: 1001
issue: 12
nodes:
  - account: "111122223333"
    region: eu-central-1
    id: i-0123456789abcdef0
    name: web-1
    tags:
      Env: Prod
      Workload: "App \\u202E"
policies: "0123456789abcdef0123456789abcdef01234567"
`);
  });

  test("drops what a node is not pinned by", () => {
    const node = { ...record.nodes[0], agent: "online", platform: "Linux" } as unknown as PinnedNode;
    expect(renderRecord({ ...record, nodes: [node] })).toBe(renderRecord(record));
  });

  test("lies where its state says; the month is that of the end, UTC", () => {
    expect(recordPath(record)).toBe("approved/12.yaml");
    expect(
      recordPath({ ...record, folder: "active", granted: { at, until, session: "hp.5.12", run: 1 } }),
    ).toBe("active/12.yaml");
    expect(recordPath(ended)).toBe("ended/2027/01/12.yaml");
  });

  test.each([
    ["approved/12.yaml", { folder: "approved", number: 12 }],
    ["active/12.yaml", { folder: "active", number: 12 }],
    ["ended/2027/01/12.yaml", { folder: "ended", number: 12 }],
    ["approved/012.yaml", undefined],
    ["approved/0.yaml", undefined],
    ["approved/alice-12.yaml", undefined],
    ["ended/2027/13/12.yaml", undefined],
    ["ended/12.yaml", undefined],
    ["active/12.yml", undefined],
    ["x/active/12.yaml", undefined],
    ["active/9999999999999999999.yaml", undefined],
  ])("the path %s is %j", (path, expected) => {
    expect(parseRecordPath(path)).toEqual(expected);
  });

  test("is nobody's in another place", () => {
    const text = renderRecord(record);
    expect(parseApproved(text, "approved/12.yaml").ok).toBe(true);
    for (const path of ["approved/13.yaml", "approved/alice-x.yaml"])
      expect(codesOf(parseApproved(text, path))).toEqual(["record.malformed"]);
    expect(codesOf(parseRecord(text, "approved/alice-x.yaml"))).toEqual(["record.malformed"]);
    expect(codesOf(parseEnded(renderRecord(ended), "ended/2026/12/12.yaml"))).toEqual(["record.malformed"]);
    expect(codesOf(parseActive(text, "active/12.yaml"))).toEqual(["record.malformed"]);
    expect(codesOf(parseApproved(renderRecord(ended), "approved/12.yaml"))).toEqual([
      "record.malformed",
      "record.malformed",
    ]);
  });

  test.each([
    ["in another place", renderRecord(record), "approved/13.yaml"],
    ["at no record's path", renderRecord(record), "approved/alice-x.yaml"],
    ["no YAML", "{", "approved/12.yaml"],
    ["without anything", "{}", "ended/2026/12/12.yaml"],
  ])("%s says with each problem what to do", (_, content, path) => {
    const messages = problemsOf(parseRecord(content, path)).map(({ message }) => message);
    expect(messages.filter((message) => !message.endsWith("; put back what the ledger had before"))).toEqual(
      [],
    );
    expect(messages).not.toEqual([]);
  });

  const text = renderRecord(record);
  test.each([
    ["no YAML", "{", ["1:2"]],
    ["nothing", "", ["1:1"]],
    [
      "a flat request",
      "nodes: [i-0123456789abcdef0]\nfor: 2h\nreason: x\n",
      ["2:1", "3:1", "1:1", "1:1", "1:9", "1:1"],
    ],
    ["no subject", text.replace("issue: 12\n", ""), ["1:1"]],
    ["two subjects", text.replace("issue: 12\n", "issue: 12\npull: 12\n"), ["1:1"]],
    ["a request without a duration", text.replace("  for: 2h\n", ""), ["2:3"]],
    ["a request with a bad duration", text.replace("2h", "2x"), ["5:8"]],
    ["a wildcard for a node", text.replace("i-0123456789abcdef0", '"*"'), ["14:9"]],
    ["no node", text.replace(/nodes:\n {2}- account[\s\S]*?policies/, "nodes: []\npolicies"), ["11:8"]],
    ["a number for an account", text.replace('"111122223333"', "111122223333"), ["12:14"]],
    ["a short commit", text.replace("0123456789abcdef0123456789abcdef01234567", "0123456"), ["19:11"]],
    ["a login that is none", text.replace("alice", "'a b'"), ["8:10"]],
    ["a tag that is a list", text.replace("Env: Prod", "Env: [Prod]"), ["17:12"]],
    ["a key it has not", `${text}x: 1\n`, ["20:1"]],
  ])("refuses %s", (_, content, places) => {
    expect(placesOf(parseApproved(content, "approved/12.yaml"))).toEqual(
      places.map((place) => `record.malformed ${place}`),
    );
  });

  test("the field of a problem in the request is named", () => {
    expect(problemsOf(parseApproved(text.replace("2h", "2x"), "approved/12.yaml"))[0]?.field).toBe(
      "request.for",
    );
  });

  const end = renderRecord(ended);
  const brokenEnd = renderRecord({
    ...ended,
    breakGlass: { at, why: "nobody answers", policies: ["x"], levels: [valueIn(parseLevel("@carol"))] },
  });
  test.each([
    ["an end that no grant has", end.replace("how: expired", "how: denied"), 1],
    ["an end that only a grant has", end.replace(/granted:[\s\S]*ended:/, "ended:"), 1],
    ["a grant without nodes", end.replace(/\nnodes:\n {2}- account[\s\S]*?policies/, "\npolicies"), 1],
    ["a grant without request", end.replace(/request:[\s\S]*requester/, "requester"), 1],
    [
      "sessions without a grant",
      end
        .replace(/granted:[\s\S]*ended:/, "ended:")
        .replace("expired", "failed")
        .replace(
          "sessions: []",
          `sessions:\n    - {id: x, node: i-0123456789abcdef0, started: ${formatInstant(at)}, how: left}`,
        ),
      1,
    ],
    ["a glass broken without a grant", brokenEnd.replace(/granted:[\s\S]*breakGlass:/, "breakGlass:"), 2],
    ["a level in words of its own", brokenEnd.replace('"@carol"', '"1 of @carol"'), 1],
    ["a level that is none", brokenEnd.replace('"@carol"', '"carol"'), 1],
    ["an unknown end", end.replace("expired", "over"), 1],
    [
      "a window that ends before it begins",
      end.replace(`until: ${formatInstant(until)}`, `until: ${formatInstant(at)}`),
      1,
    ],
    ["a moment in another form", end.replace(`at: ${formatInstant(at)}`, "at: 2026-12-31T23:30Z"), 1],
    ["a moment that is none", end.replace(`at: ${formatInstant(at)}`, "at: then"), 1],
    ["another session name", end.replace("hp.5.12", "alice"), 1],
    ["no run", end.replace("run: 99", "run: 0"), 1],
    ["nobody who ended it", end.replace("by: schedule", 'by: ""'), 1],
  ])("refuses %s", (_, content, count) => {
    expect([end, brokenEnd]).not.toContain(content);
    expect(codesOf(parseEnded(content, recordPath(ended)))).toEqual(Array(count).fill("record.malformed"));
  });
});

describe("the session name", () => {
  test("names the repository and the request, and reads back", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999_999_999_999 }),
        fc.integer({ min: 1 }),
        (repositoryId, number) => {
          const name = sessionName(repositoryId, number as RequestNumber);
          expect(name).toMatch(/^[\w+=,.@-]{2,64}$/);
          expect(parseSessionName(name)).toEqual({ repositoryId, request: number });
        },
      ),
    );
  });

  test.each(["hp.5", "hp.5.12-x", "hp.05.12", "hp.5.0", "HP.5.12", "hp.5.12.3", "hp.*.12", "hp.5.1e3", ""])(
    "%j is none",
    (name) => {
      expect(parseSessionName(name)).toBeUndefined();
    },
  );
});
