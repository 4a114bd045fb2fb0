// The whole demo with real processes, as its user starts it.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

interface DemoData {
  readonly requests: Readonly<Record<"a" | "b" | "c" | "d", number>>;
  readonly told: readonly { readonly story: string; readonly who: string; readonly what: string }[];
  readonly ledger: Readonly<Record<string, string>>;
  readonly issue: string;
  readonly leaks: readonly string[];
  readonly searched: readonly string[];
  readonly secrets: number;
}

const demo = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--import", "tsx", "sandbox/demo.ts", ...args],
      { cwd: root, timeout: 170_000, maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? 1, stdout, stderr }),
    );
  });

describe("the demo", () => {
  let data: DemoData;

  beforeAll(async () => {
    const { code, stdout, stderr } = await demo("--json");
    expect(code, stderr.slice(-4000)).toBe(0);
    // standard output is the JSON alone
    data = JSON.parse(stdout) as DemoData;
  }, 180_000);

  test("every request ends in the ledger in the state that its story tells", () => {
    const { a, b, c, d } = data.requests;
    const how = (request: number): string | undefined => {
      const [, text] = Object.entries(data.ledger).find(([path]) => path.endsWith(`/${request}.yaml`)) ?? [];
      return /^ {2}how: (\w+)$/m.exec(text ?? "")?.[1];
    };
    expect({ a: how(a), b: how(b), c: how(c), d: how(d) }).toEqual({
      a: "expired",
      b: "expired",
      c: "denied",
      d: "rejected",
    });
  });

  test("nothing is left in active/ or approved/", () => {
    expect(Object.keys(data.ledger).filter((path) => !path.startsWith("ended/"))).toEqual(["README.md"]);
  });

  test("the open shells were terminated, and the records say so", () => {
    const record = Object.entries(data.ledger).find(([path]) =>
      path.endsWith(`/${data.requests.b}.yaml`),
    )?.[1];
    expect(record).toMatch(/how: terminated/);
  });

  test("no secret that AWS issued is in plain in any comment, record, log, output or request", () => {
    expect(data.secrets).toBeGreaterThan(10);
    expect(data.searched.some((name) => name.startsWith("comments of"))).toBe(true);
    expect(data.searched.some((name) => name.startsWith("log of run"))).toBe(true);
    expect(data.leaks).toEqual([]);
  });
});

describe("its options", () => {
  test("--help says what it does, with examples", async () => {
    const { code, stdout } = await demo("--help");
    expect(code).toBe(0);
    expect(stdout).toContain("Examples:");
  });

  test("an unknown option is refused", async () => {
    const { code, stderr } = await demo("--nope");
    expect(code).toBe(2);
    expect(stderr).toContain("--nope");
  });
});

describe("the search for leaks", () => {
  test("finds a secret that is there", async () => {
    const { leaksIn } = await import("../../../sandbox/demo/leaks.ts");
    expect(
      leaksIn(
        new Map([
          ["a", "x SECRET y"],
          ["b", "nothing"],
        ]),
        ["SECRET"],
      ),
    ).toEqual(["a"]);
  });
});
