import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatInstant, type Instant } from "../../core/ids.ts";
import * as ids from "../../core/parse-ids.ts";

describe("identifiers", () => {
  test.each([
    ["i-01234567", true],
    ["i-0123456789abcdef0", true],
    ["mi-0123456789abcdef0", true],
    ["mi-01234567", false],
    ["i-0123456789ABCDEF0", false],
    ["i-*", false],
    ["i-0123456789abcdef0\n", false],
  ])("node id %j: %s", (text, good) => {
    expect(ids.parseNodeId(text)).toBe(good ? text : undefined);
  });

  test.each([
    ["us-east-1", true],
    ["us-gov-west-1", true],
    ["us-iso-east-1", true],
    ["eusc-de-east-1", true],
    ["ap-southeast-10", true],
    ["eu-*", false],
    ["US-east-1", false],
    ["us-east", false],
  ])("region %j: %s", (text, good) => {
    expect(ids.parseRegion(text)).toBe(good ? text : undefined);
  });

  test.each([
    ["alice", true],
    ["a", true],
    ["al-ice", true],
    ["alice_acme", true],
    ["alice-", true],
    ["-alice", false],
    ["al ice", false],
    ["alice[bot]", false],
    ["@alice", false],
    ["", false],
    ["a".repeat(70), false],
  ])("login %j: %s", (text, good) => {
    expect(ids.parseLogin(text)).toBe(good ? text : undefined);
  });

  test("an account's login may be a bot's, a person's may not", () => {
    expect(ids.parseAccountLogin("hallpass[bot]")).toBe("hallpass[bot]");
    expect(ids.parseAccountLogin("alice")).toBe("alice");
    expect(ids.parseAccountLogin("[bot]")).toBeUndefined();
  });

  test("a team handle compares without letter case", () => {
    expect(ids.parseTeamHandle("@Acme/DevOps-Leads")).toBe("acme/devops-leads");
    for (const text of ["acme/devops", "@acme", "@acme/", "@/x", "@acme/a b", "@acme/x/y"])
      expect(ids.parseTeamHandle(text)).toBeUndefined();
  });

  test("account ids, commits, numbers", () => {
    expect(ids.parseAccountId("012345678901")).toBe("012345678901");
    expect(ids.parseAccountId("12345678901")).toBeUndefined();
    expect(ids.parseSha("a".repeat(40))).toBe("a".repeat(40));
    expect(ids.parseSha("A".repeat(40))).toBeUndefined();
    expect(ids.parseRequestNumber(12)).toBe(12);
    for (const value of [0, -1, 1.5, Number.NaN, 2 ** 60])
      expect(ids.parseRequestNumber(value)).toBeUndefined();
    expect(ids.parseUserId(1001)).toBe(1001);
    expect(ids.parseUserId(0)).toBeUndefined();
    expect(ids.parseForwardName("postgres-1")).toBe("postgres-1");
    expect(ids.parseForwardName("a*")).toBeUndefined();
  });
});

describe("a moment", () => {
  test.each([
    ["2026-12-01T22:00:00Z", "2026-12-01T22:00:00Z"],
    ["2026-12-01T22:00Z", "2026-12-01T22:00:00Z"],
    ["2026-12-01T23:30+01:30", "2026-12-01T22:00:00Z"],
    ["2026-12-01T17:00:00-05:00", "2026-12-01T22:00:00Z"],
    ["2028-02-29T00:00Z", "2028-02-29T00:00:00Z"],
  ])("%s is %s", (text, canonical) => {
    expect(formatInstant(ids.parseInstant(text) as Instant)).toBe(canonical);
  });

  test.each([
    "",
    "2026-12-01",
    "2026-12-01T22:00:00",
    "2026-02-30T00:00Z",
    "2027-02-29T00:00Z",
    "2026-13-01T00:00Z",
    "2026-12-00T00:00Z",
    "2026-12-32T00:00Z",
    "2026-12-01T24:00Z",
    "2026-12-01T22:60Z",
    "2026-12-01T22:00:00.5Z",
    "2026-12-01 22:00Z",
    "1.12.2026",
    "tomorrow",
    "2026-12-01T22:00+25:00",
  ])("%j is refused", (text) => {
    expect(ids.parseInstant(text)).toBeUndefined();
  });

  test("formatInstant and parseInstant are inverse", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), (seconds) => {
        expect(ids.parseInstant(formatInstant((seconds * 1_000) as Instant))).toBe(seconds * 1_000);
      }),
    );
  });
});
