// What somebody sees who waits: on a terminal, off it, and as JSON.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { checkPort, toUse } from "../../cli/forward.ts";
import { type Progress, showProgress } from "../../cli/progress.ts";
import { wrap } from "../../cli/wrap.ts";
import type { ShownInFull } from "../../flow/shown-requests.ts";

const opened = "2026-01-05T12:00:00Z";

const waiting = [
  "<!-- hallpass:status -->",
  "### Access request #12: waiting for approval",
  "",
  "> [!IMPORTANT]",
  "> **Next:** 2 more people approve #13: 2 of `@carol` or `@acme/security`. It lapses at 2026-01-12 12:00 UTC.",
  "",
  "**Decided by people**, as [`application01`](https://x/y) asks, each person for one level only:",
  "",
  "- [x] **Level 1**, 1 of `@acme/devops-leads`: approved by `@bob`",
  "- [ ] **Level 2**, 2 of `@carol` or `@acme/security`: 0 of 2",
  "- The review by `@dave` does not count: nobody approves their own request.",
].join("\n");

const open = [
  "<!-- hallpass:status -->",
  "### Access request #12: access is open",
  "",
  "> [!TIP]",
  "> **Next:** `@alice` opens the sealed credentials with `hallpass credentials 12`.",
].join("\n");

const shown = (body?: string): ShownInFull => ({
  ...{ request: 12, url: "https://x/12", state: "pending", open: true, by: "alice", opened },
  ...{ updated: opened, comments: [] },
  ...(body === undefined
    ? {}
    : { status: { id: 1, by: "hallpass[bot]", body, updated: "2026-01-05T12:00:09Z", edited: true } }),
});

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-01-05T12:02:05Z") });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Sees {
  readonly live: boolean;
  readonly json?: boolean;
  readonly columns?: number;
  readonly colours?: boolean;
}

function seen(
  { live, json = false, columns, colours = false }: Sees,
  tell: (progress: Progress) => void,
): string {
  let err = "";
  const progress = showProgress(
    {
      ...{ args: [], cwd: "/", env: {}, input: async () => "", out: () => {}, outColours: false },
      errColours: colours,
      err: (text) => {
        err += text;
      },
      ...(live ? { ask: async () => "" } : {}),
      ...(columns === undefined ? {} : { columns: () => columns }),
    },
    json,
  );
  tell(progress);
  progress.stop();
  return err;
}

const clear = "\r\u001b[2K";

describe("what is waited for", () => {
  test("off a terminal it is a line a change, with nothing that moves a cursor", () => {
    const err = seen({ live: false }, ({ look }) => {
      for (const each of [shown(), shown(), shown(waiting), shown(waiting), shown(open)]) look(each);
      vi.advanceTimersByTime(5_000);
    });
    expect(err.split("\n")).toEqual([
      "Hallpass has not answered yet",
      "waiting for approval",
      "  ✓ Level 1, 1 of @acme/devops-leads: approved by @bob",
      "  · Level 2, 2 of @carol or @acme/security: 0 of 2",
      "  2 more people approve #13: 2 of @carol or @acme/security. It lapses at 2026-01-12 12:00 UTC.",
      "access is open",
      "",
    ]);
  });

  test("on a terminal one line counts the time, and is gone afterwards", () => {
    const err = seen({ live: true, columns: 80 }, ({ look }) => {
      look(shown());
      vi.advanceTimersByTime(1_000);
    });
    expect(err.split(clear).filter((part) => part !== "")).toEqual([
      "2m5s, since 12:00 UTC; Ctrl-C leaves it standing",
      "2m6s, since 12:00 UTC; Ctrl-C leaves it standing",
    ]);
    expect(err.endsWith(clear)).toBe(true);
  });

  test.each([20, 40, 60])(
    "nothing is wider than a terminal of %i columns, and no word is broken",
    (columns) => {
      const err = seen({ live: true, columns }, ({ look }) => look(shown(waiting)));
      const lines = err.split(clear).flatMap((part) => part.split("\n"));
      expect(lines.filter((line) => line.length >= columns && line.trim().includes(" "))).toEqual([]);
      expect(err).toContain("@acme/security");
    },
  );

  test("what is told stands above the line that counts", () => {
    const err = seen({ live: true, columns: 80 }, ({ look, tell }) => {
      look(shown());
      tell("key", "made your key");
    });
    const line = "2m5s, since 12:00 UTC; Ctrl-C leaves it standing";
    expect(err).toBe(`${clear}${line}${clear}made your key\n${clear}${line}${clear}`);
  });

  test("JSON is one object a change, the label among it", () => {
    const err = seen({ live: true, json: true }, ({ look }) => {
      for (const each of [shown(waiting), shown(waiting), { ...shown(waiting), state: "approved" }])
        look(each);
      vi.advanceTimersByTime(5_000);
    });
    const lines = err
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ state }) => state)).toEqual(["pending", "approved"]);
    expect(lines[0]).toEqual({
      ...{ event: "status", request: 12, state: "pending", what: "waiting for approval" },
      next: "2 more people approve #13: 2 of @carol or @acme/security. It lapses at 2026-01-12 12:00 UTC.",
      levels: [
        "✓ Level 1, 1 of @acme/devops-leads: approved by @bob",
        "· Level 2, 2 of @carol or @acme/security: 0 of 2",
      ],
      since: "2026-01-05T12:00:09Z",
    });
  });

  test("colours only where they are wanted", () => {
    const look = ({ look }: Progress) => look(shown(waiting));
    const colour = "\u001b[1m";
    expect(seen({ live: true, columns: 80, colours: true }, look)).toContain(colour);
    expect(seen({ live: true, columns: 80 }, look)).not.toContain(colour);
  });
});

test.each([
  ["short", 80, "short"],
  ["one two three", 8, "one two\n  three"],
  ["  one two three", 10, "  one two\n    three"],
  ["https://example.com/a/long/address", 10, "https://example.com/a/long/address"],
  ["one two three", undefined, "one two three"],
])("%o in %o columns", (text, columns, expected) => {
  expect(wrap(text, columns)).toBe(expected);
});

test.each(["0", "65536", "postgres", "-1", "54 32", ""])("%o is no port of this machine", (text) => {
  expect(() => checkPort(text)).toThrow(/--local-port: expected a port/);
});

test.each(["1", "5432", "65535"])("%s is a port of this machine", (text) => {
  expect(() => checkPort(text)).not.toThrow();
});

test.each([
  [{ access: "shell" }, "a shell on db-01; `exit` ends it"],
  [{ access: "ssh" }, "ssh to db-01"],
  [{ access: "rdp" }, "localhost:5000 is the desktop of db-01; Ctrl-C ends it"],
  [
    { access: "port-forward", forward: "postgres" },
    "localhost:5000 is postgres, by way of db-01; Ctrl-C ends it",
  ],
] as const)("how %o is used", (request, expected) => {
  expect(toUse(request, "db-01", "5000")).toBe(expected);
});
