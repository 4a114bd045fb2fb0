import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Revoked, revokedPolicy } from "../../aws/deny.ts";
import type { Instant } from "../../core/ids.ts";

const now = Date.parse("2026-12-01T12:00:00Z") as Instant;
const later = (seconds: number): Instant => (now + seconds * 1_000) as Instant;
const revoked = (id: number, until: number, at?: number): Revoked => ({
  session: `hp.7001.${id}`,
  until: later(until),
  ...(at === undefined ? {} : { at: later(at) }),
});
const many = (count: number, at?: number): Revoked[] =>
  Array.from({ length: count }, (_, index) => revoked(10_000 + index, 3_600, at));

describe("the deny policy", () => {
  it("names each revoked session, whatever role id stands before it", () => {
    expect(JSON.parse(revokedPolicy([revoked(12, 60), revoked(3, 60)], now)?.text ?? "")).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Revoked",
          Effect: "Deny",
          Action: "*",
          Resource: "*",
          Condition: { StringLike: { "aws:userid": ["*:hp.7001.12", "*:hp.7001.3"] } },
        },
      ],
    });
  });

  it("is not there when every old until has passed", () => {
    expect(revokedPolicy([revoked(1, 0), revoked(2, -1)], now)).toBeUndefined();
    expect(revokedPolicy([], now)).toBeUndefined();
  });

  it("drops what has passed and keeps the rest", () => {
    const text = revokedPolicy([revoked(1, -5), revoked(2, 5)], now)?.text;
    expect(text).toContain("*:hp.7001.2");
    expect(text).not.toContain("*:hp.7001.1");
  });

  it("is a function of the set of revocations: order and repetition do not matter", () => {
    const entry = fc.record({
      id: fc.integer({ min: 1, max: 500 }),
      until: fc.integer({ min: -50, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (list, random) => {
        const entries = list.map(({ id, until }) => revoked(id, until));
        const shuffled = [...entries, ...entries].map((each) => [random.next().value ?? 0, each] as const);
        const again = shuffled.sort(([a], [b]) => a - b).map(([, each]) => each);
        expect(revokedPolicy(again, now)).toEqual(revokedPolicy(entries, now));
      }),
    );
  });

  it("always fits into a role, whatever the number of revocations", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), (count) => {
        expect(revokedPolicy(many(count), now)?.text.length).toBeLessThanOrEqual(10_240);
      }),
      { numRuns: 50 },
    );
  });

  it("fails closed when names do not fit: everybody's credentials from before the last revocation", () => {
    const policy = revokedPolicy([...many(2_000, -600), revoked(1, 60, -10)], now);
    expect(policy?.everybody).toBe(true);
    expect(JSON.parse(policy?.text ?? "").Statement[0]).toMatchObject({
      Effect: "Deny",
      Action: "*",
      Resource: "*",
      Condition: { DateLessThan: { "aws:TokenIssueTime": "2026-12-01T12:00:20Z" } },
    });
  });

  it("fails closed to the last until where it is not known when a session was revoked", () => {
    expect(revokedPolicy(many(2_000), now)?.text).toContain("2026-12-01T13:00:00Z");
  });

  it.each(["hp.1.*", "*", "hp.1.2?", 'hp.1.2"]', "hallpass", "hp..1"])(
    "lets no odd name in: %s",
    (session) => {
      expect(() => revokedPolicy([{ session, until: later(60) }], now)).toThrow(/expected a session name/);
    },
  );
});
