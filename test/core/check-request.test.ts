import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkRequest, readRequest } from "../../core/check-request.ts";
import { parseConfig } from "../../core/config.ts";
import type { Instant } from "../../core/ids.ts";
import type { RequestDraft } from "../../core/request-draft.ts";
import { formatRequest, parseRequestFile, refuseRequestPath } from "../../core/request-file.ts";
import { codesOf, placesOf, problemsOf, valueIn } from "./parsed.ts";
import { requests } from "./requests.ts";

const config = valueIn(
  parseConfig(`app: 12
accounts:
  - id: "111122223333"
    regions: [eu-central-1]
    roles:
      inventory: arn:aws:iam::111122223333:role/HallpassInventory
      access: arn:aws:iam::111122223333:role/HallpassAccess
      revoke: arn:aws:iam::111122223333:role/HallpassRevoke
modes: { shell: {}, ssh: {}, port-forward: [{ name: postgres, host: db, port: 5432 }, { name: web, host: web, port: 80 }] }
`),
);
const written = Date.parse("2026-12-01T12:00:00Z") as Instant;
const id = "i-0123456789abcdef0";
const draft = (fields: Partial<RequestDraft> = {}): RequestDraft => ({
  origin: "form",
  nodes: [id],
  access: "",
  forward: "",
  for: "2h",
  reason: "INC-1234 checkout is down",
  ticket: "",
  from: "",
  ...fields,
});
const check = (fields: Partial<RequestDraft>) => checkRequest(draft(fields), config, written);

describe("a request", () => {
  test("empty access means shell, other empty fields are not there", () => {
    expect(valueIn(check({}))).toEqual({
      nodes: [{ by: "id", id }],
      access: "shell",
      for: 7_200,
      reason: "INC-1234 checkout is down",
    });
  });

  test("all that can be asked for", () => {
    expect(
      valueIn(
        check({
          nodes: [` ${id} `, "", id, "web-1"],
          access: "port-forward",
          forward: " postgres ",
          reason: "  two\nlines ",
          ticket: "ACME/INC-1#2",
          from: "2026-12-01T22:00:00Z",
        }),
      ),
    ).toEqual({
      nodes: [
        { by: "id", id },
        { by: "name", name: "web-1" },
      ],
      access: "port-forward",
      forward: "postgres",
      for: 7_200,
      reason: "two\nlines",
      ticket: "ACME/INC-1#2",
      from: Date.parse("2026-12-01T22:00:00Z"),
    });
  });

  test.each<[string, Partial<RequestDraft>, readonly string[]]>([
    ["no node", { nodes: ["", "  "] }, ["request.nodes-empty"]],
    ["a malformed node", { nodes: ["i-12", "tag:x"] }, ["request.node-malformed", "request.node-malformed"]],
    ["a node with an override", { nodes: ["web\u202e"] }, ["request.characters"]],
    ["an unknown mode", { access: "telnet" }, ["request.access-unknown"]],
    ["a mode in other letter case", { access: "Shell" }, ["request.access-unknown"]],
    ["a mode the config does not allow", { access: "rdp" }, ["request.access-unknown"]],
    ["port-forward without forward", { access: "port-forward" }, ["request.forward-missing"]],
    ["an unknown forward", { access: "port-forward", forward: "postgrse" }, ["request.forward-unknown"]],
    ["a garbled forward", { access: "port-forward", forward: "db:5432" }, ["request.forward-unknown"]],
    ["a forward without port-forward", { forward: "postgres" }, ["request.forward-unwanted"]],
    ["a forward with an unknown mode", { access: "x", forward: "postgres" }, ["request.access-unknown"]],
    ["no duration", { for: "" }, ["request.duration-malformed"]],
    ["a garbled duration", { for: "two hours" }, ["request.duration-malformed"]],
    ["a duration of 0", { for: "0h" }, ["request.duration-malformed"]],
    ["a negative duration", { for: "-1h" }, ["request.duration-malformed"]],
    ["a duration over the limit", { for: "8h1s" }, ["request.duration-over-limit"]],
    ["a duration under the limit", { for: "14m59s" }, ["request.duration-under-limit"]],
    ["no reason", { reason: " \n " }, ["request.reason-empty"]],
    ["an endless reason", { reason: "ü".repeat(1_001) }, ["request.reason-too-long"]],
    ["a reason with a heading", { reason: "x\n### Nodes" }, ["form.heading-unknown"]],
    ["a reason with an override", { reason: "safe \u202eton" }, ["request.characters"]],
    ["a reason with a control character", { reason: "a\u0007b" }, ["request.characters"]],
    ["a reason with a zero-width space", { reason: "a\u200bb" }, ["request.characters"]],
    ["a ticket of many words", { ticket: "see INC-1" }, ["request.ticket-malformed"]],
    ["an endless ticket", { ticket: "x".repeat(101) }, ["request.ticket-malformed"]],
    ["a start without offset", { from: "2026-12-01T22:00:00" }, ["request.from-malformed"]],
    ["a start in the past", { from: "2026-12-01T11:59:59Z" }, ["request.from-past"]],
    ["a start too far ahead", { from: "2026-12-08T12:00:01Z" }, ["request.from-too-far"]],
    [
      "everything at once",
      { nodes: [], access: "x", for: "x", reason: "", ticket: "!", from: "x" },
      [
        "request.nodes-empty",
        "request.access-unknown",
        "request.duration-malformed",
        "request.reason-empty",
        "request.ticket-malformed",
        "request.from-malformed",
      ],
    ],
    [
      "what the texts and what the limits refuse, together",
      { nodes: ["i-1"], access: "rdp", for: "9h", from: "2026-01-01T00:00Z" },
      [
        "request.node-malformed",
        "request.access-unknown",
        "request.duration-over-limit",
        "request.from-past",
      ],
    ],
  ])("%s is refused", (_, fields, codes) => {
    expect(codesOf(check(fields))).toEqual(codes);
  });

  test.each<[Partial<RequestDraft>, RegExp]>([
    [{ for: "9h" }, /; ask for 8h or less$/],
    [{ for: "5m" }, /; ask for 15m or more$/],
    [{ from: "2026-12-08T12:00:01Z" }, /expected 2026-12-08T12:00:00Z or earlier; ask again nearer to it$/],
  ])("%j is refused with what to do", (fields, next) => {
    expect(problemsOf(check(fields)).map(({ message }) => message)).toEqual([expect.stringMatching(next)]);
  });

  test.each<[string, Partial<RequestDraft>]>([
    ["exactly the longest", { for: "8h" }],
    ["exactly the shortest", { for: "15m" }],
    ["a reason of 1,000 characters", { reason: "🎉".repeat(1_000) }],
    ["a ticket of 100", { ticket: "x".repeat(100) }],
    ["a start at once", { from: "2026-12-01T12:00:00Z" }],
    ["a start as far ahead as can be", { from: "2026-12-08T12:00:00Z" }],
  ])("%s is fine", (_, fields) => {
    expect(codesOf(check(fields))).toEqual([]);
  });

  test("limits, fields, forwards and characters are named", () => {
    const message = (fields: Partial<RequestDraft>) => problemsOf(check(fields))[0]?.message;
    expect(message({ for: "9h" })).toContain("8h (`limits.maxDuration`)");
    expect(message({ for: "1m" })).toContain("15m (`limits.minDuration`)");
    expect(message({ from: "2027-01-01T00:00Z" })).toContain("`limits.openFor`");
    expect(message({ access: "port-forward" })).toContain("postgres, web");
    expect(message({ access: "port-forward", forward: "postgrse" })).toContain("did you mean `postgres`?");
    expect(message({ access: "port-forward", forward: "mysql" })).toContain("postgres, web");
    expect(message({ access: "rdp" })).toContain("shell, ssh, port-forward");
    expect(message({ reason: "a\u202eb" })).toContain("U+202E");
    expect(problemsOf(check({ reason: "" }))[0]?.field).toBe("Reason");
    const shellOnly = { ...config, forwards: [] };
    const fields = { access: "port-forward", forward: "x y" };
    expect(problemsOf(checkRequest(draft(fields), shellOnly, written))[0]?.message).toContain("allows none");
  });

  test("a record is read without the limits of today", () => {
    const record = draft({ origin: "record", access: "rdp", for: "99h", from: "2020-01-01T00:00:00Z" });
    expect(readRequest(record).ok).toBe(true);
    expect(codesOf(readRequest({ ...record, for: "x" }))).toEqual(["request.duration-malformed"]);
  });
});

describe("a request in a file", () => {
  const path = "approved/alice-db.yaml";
  const checkFile = (content: string) => {
    const parsed = parseRequestFile(content, path);
    return parsed.ok ? checkRequest(parsed.value, config, written) : parsed;
  };

  test("reads the example of the design", () => {
    const content = `nodes: [${id}]    # in an issue also a Name
access: port-forward            # shell (default) | ssh | port-forward | rdp
forward: postgres               # only with port-forward
for: 2h                         # d, h, m, s in that order
reason: INC-1234 checkout is down
ticket: INC-1234                # optional
from: 2026-12-01T22:00:00Z      # optional: not before
`;
    expect(valueIn(checkFile(content))).toEqual({
      nodes: [{ by: "id", id }],
      access: "port-forward",
      forward: "postgres",
      for: 7_200,
      reason: "INC-1234 checkout is down",
      ticket: "INC-1234",
      from: Date.parse("2026-12-01T22:00:00Z"),
    });
  });

  const rest = "for: 2h\nreason: x\n";
  test.each([
    ["a name", `nodes: [${id}, web-1]\n${rest}`, ["request.node-malformed 1:8"]],
    ["a tag", `nodes: ["tag:Env=Dev"]\n${rest}`, ["request.node-malformed 1:8"]],
    ["nodes as a word", `nodes: ${id}\n${rest}`, ["request.wrong-type 1:8"]],
    ["a node that is a number", `nodes: [12]\n${rest}`, ["request.wrong-type 1:9"]],
    ["nodes missing", rest, ["request.wrong-type 1:1"]],
    ["no nodes", `nodes: []\n${rest}`, ["request.nodes-empty 1:8"]],
    ["a duration that is a number", `nodes: [${id}]\nfor: 3600\nreason: x\n`, ["request.wrong-type 2:6"]],
    ["a reason that is a number", `nodes: [${id}]\nfor: 2h\nreason: 1\n`, ["request.wrong-type 3:9"]],
    ["a reason that is nothing", `nodes: [${id}]\nfor: 2h\nreason:\n`, ["request.wrong-type 3:8"]],
    [
      "a reason with an escaped override",
      `nodes: [${id}]\nfor: 2h\nreason: "\\u202e"\n`,
      ["request.characters 3:9"],
    ],
    ["a raw override", `nodes: [${id}]\nfor: 2h\nreason: \u202e\n`, ["request.characters 3:9"]],
    ["an unknown key", `nodes: [${id}]\nreasn: x\n${rest}`, ["request.unknown-key 2:1"]],
    ["a key twice", `nodes: [${id}]\nfor: 1h\n${rest}`, ["request.not-yaml 3:1"]],
    ["an anchor", `nodes: &x [${id}]\n${rest}`, ["request.not-yaml 1:8"]],
    ["a list", "- x\n", ["request.wrong-type 1:1"]],
    ["nothing", "", ["request.wrong-type 1:1"]],
    ["17 KB", `nodes: [${id}]\nfor: 2h\nreason: ${"x".repeat(17_000)}\n`, ["request.too-large 1:1"]],
    [
      "several at once",
      `nodes: [web-1]\nfor: x\nreason: ""\n`,
      ["request.duration-malformed 2:6", "request.reason-empty 3:9", "request.node-malformed 1:8"],
    ],
  ])("refuses %s", (_, content, places) => {
    expect(placesOf(checkFile(content))).toEqual(places);
  });

  test("suggests the nearest key, and names fields as the file does", () => {
    expect(problemsOf(parseRequestFile(`nodes: []\nreasn: x\n${rest}`, path))[0]?.message).toContain(
      "`reason`",
    );
    expect(problemsOf(checkFile(`nodes: [${id}]\nfor: x\nreason: x\n`))[0]).toMatchObject({
      field: "for",
      place: { file: path },
    });
  });

  test.each([
    ["approved/alice-db.yaml", true],
    ["approved/Alice-2026.12.01_x.yaml", true],
    ["approved/alice-.yaml", false],
    ["approved/alice.yaml", false],
    ["approved/12.yaml", false],
    ["approved/bob-db.yaml", false],
    ["approved/alice-db.yml", false],
    ["approved/alice-a/b.yaml", false],
    ["approved/../active/alice-db.yaml", false],
    ["active/alice-db.yaml", false],
    ["requests/approved/alice-db.yaml", false],
    [`approved/alice-${"x".repeat(101)}.yaml`, false],
  ])("alice may write %s: %s", (file, good) => {
    expect(refuseRequestPath(file, "alice")?.code).toBe(good ? undefined : "request.path");
  });

  test("formatRequest and the parser are inverse for every request", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const text = formatRequest(request);
        const read = valueIn(parseRequestFile(text, path));
        expect(valueIn(readRequest(read))).toEqual(request);
        expect(formatRequest(valueIn(readRequest(read)))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});
