// The whole demo with real processes, as its user starts it: all of its stories in one run, the plain ones among them.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { leaksIn } from "../../../sandbox/demo/leaks.ts";
import { all, plain } from "../../../sandbox/demo/programme.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

interface DemoData {
  readonly stories: readonly {
    readonly letter: string;
    readonly requests: readonly number[];
    readonly found?: Readonly<Record<string, number | string | readonly string[]>>;
  }[];
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
      { cwd: root, timeout: 290_000, maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? 1, stdout, stderr }),
    );
  });

describe("npm run demo -- --all --json", () => {
  let data: DemoData;

  beforeAll(async () => {
    const { code, stdout, stderr } = await demo("--all", "--json");
    expect(code, stderr.slice(-8000)).toBe(0);
    // standard output is the JSON alone
    data = JSON.parse(stdout) as DemoData;
  }, 300_000);

  const story = (letter: string) => {
    const found = data.stories.find((each) => each.letter === letter);
    if (found === undefined) throw new Error(`story (${letter}) was not played`);
    return found;
  };
  const seconds = (letter: string): number => Number(story(letter).found?.["shell"]);
  /** The records of a story's requests, in the order in which it asked. */
  const records = (letter: string): readonly string[] =>
    story(letter).requests.map(
      (request) =>
        Object.entries(data.ledger).find(
          ([path]) => path.startsWith("ended/") && path.endsWith(`/${request}.yaml`),
        )?.[1] ?? "",
    );
  const ends = (letter: string) =>
    records(letter).map((text) => ({
      how: /^ {2}how: (\w+)$/m.exec(text)?.[1],
      by: /^ {2}by: (\S+)$/m.exec(text)?.[1],
    }));
  const sessionEnds = (letter: string) =>
    records(letter).map((text) => [...text.matchAll(/^ {6}how: (\w+)$/gm)].map(([, how]) => how));

  test("plays every story there is, and each asks what it tells of", () => {
    expect(data.stories.map(({ letter }) => letter)).toEqual(all.flat().map(({ letter }) => letter));
    const requests = data.stories.flatMap((each) => each.requests);
    expect(new Set(requests).size).toBe(requests.length);
    for (const { letter } of data.stories)
      expect(data.told.filter(({ story }) => story === letter).length, letter).toBeGreaterThan(2);
  });

  test("(a) to (d): every request ends in the state that its story tells", () => {
    expect(["a", "b", "c", "d"].map((letter) => ends(letter)[0]?.how)).toEqual([
      "expired",
      "expired",
      "denied",
      "rejected",
    ]);
    expect([...sessionEnds("a"), ...sessionEnds("b")]).toEqual([["terminated"], ["terminated"]]);
  });

  test("(e) an early end is recorded with who said so, and its shell was terminated before the window was over", () => {
    expect(ends("e")).toEqual([{ how: "revoked", by: "pat" }]);
    expect(sessionEnds("e")).toEqual([["terminated"]]);
    expect(seconds("e")).toBeLessThan(30);
  });

  test("(f) an orphan is ended, and a run fails with its name", () => {
    const { session, reported } = story("f").found ?? {};
    expect(session).toMatch(/^hp\.\d+\.4711-/);
    expect(reported).toContain(`\`${session}\``);
    // no request of that number, and none was made for it
    expect(Object.keys(data.ledger).filter((path) => path.includes("4711"))).toEqual([]);
  });

  test("(g) of two grants on one node each ends at its own time", () => {
    expect(ends("g").map(({ how }) => how)).toEqual(["expired", "expired"]);
    // dave opened his second session after alice's access was over
    expect(sessionEnds("g")).toEqual([["terminated", "terminated"], ["terminated"]]);
    const untils = records("g").map((text) => Date.parse(/^ {2}until: (\S+)$/m.exec(text)?.[1] ?? ""));
    const begun = [...(records("g")[0] ?? "").matchAll(/started: (\S+)$/gm)].map(([, at = ""]) =>
      Date.parse(at),
    );
    expect(begun[1]).toBeGreaterThanOrEqual(untils[1] ?? Number.NaN);
    expect(untils[0]).toBeGreaterThan(begun[1] ?? Number.NaN);
  });

  test("(h) the schedule alone ends a shell within two minutes", () => {
    expect(ends("h")).toEqual([{ how: "expired", by: "schedule" }]);
    expect(sessionEnds("h")).toEqual([["terminated"]]);
    expect(seconds("h")).toBeLessThan(120);
  });

  test("(i) the sweep alone ends a shell, and says that the schedule did not", () => {
    expect(ends("i")).toEqual([{ how: "expired", by: "sweep" }]);
    expect(sessionEnds("i")).toEqual([["terminated"]]);
    // the grace that the runbook has: twice the demo's `settle`
    expect(seconds("i")).toBeGreaterThanOrEqual(4);
  });

  test("(j) a pull request from a fork is approved, merged, granted and ended like an issue", () => {
    expect(ends("j").map(({ how }) => how)).toEqual(["expired"]);
    expect(sessionEnds("j")).toEqual([["terminated"]]);
    expect(records("j")[0]).toContain(`pull: ${story("j").requests[0]}`);
  });

  test("(k) an extension is a request of its own, and the first grant ends when it was to end", () => {
    expect(ends("k").map(({ how }) => how)).toEqual(["expired", "expired"]);
    const untils = records("k").map((text) => Date.parse(/^ {2}until: (\S+)$/m.exec(text)?.[1] ?? ""));
    const [first = Number.NaN, second = Number.NaN] = untils;
    expect(second - first).toBeGreaterThanOrEqual(9_000);
    expect(sessionEnds("k")).toEqual([["terminated"], ["terminated"]]);
  });

  test("(l) an approver without write access ends access", () => {
    expect(ends("l")).toEqual([{ how: "revoked", by: "carol" }]);
    expect(seconds("l")).toBeLessThan(30);
  });

  test("(m) an ignored command is told why, and ends nothing", () => {
    expect(ends("m").map(({ how }) => how)).toEqual(["expired"]);
    expect(story("m").found?.["why"]).toContain("did nothing: only the requester, its approvers");
  });

  test("(n) nothing is granted before the start that was asked for", () => {
    expect(ends("n").map(({ how }) => how)).toEqual(["expired"]);
    expect(Number(story("n").found?.["waited"])).toBeGreaterThanOrEqual(0);
  });

  test("(o) a broken glass is in the record, with who approved it afterwards", () => {
    expect(ends("o").map(({ how }) => how)).toEqual(["expired"]);
    expect(records("o")[0]).toMatch(/^breakGlass:\n {2}at: \S+\n {2}why: INC-1234 nobody answers$/m);
    expect(records("o")[0]).toMatch(/^ {4}how: approved$/m);
  });

  test("(p) somebody stood in for carol, on her one membership", () => {
    expect(ends("p").map(({ how }) => how)).toEqual(["expired"]);
    expect(data.told.some(({ story, what }) => story === "p" && what.includes("one membership"))).toBe(true);
  });

  test("(q) webhooks that were lost are found at GitHub within a minute, and no sooner than by their redelivery", () => {
    const { lost, after } = story("q").found ?? {};
    // the issue and the key
    expect(lost).toBe(2);
    // the App leaves a failed delivery alone for 20 s, so nothing else has found it
    expect(after).toBeGreaterThanOrEqual(20);
    expect(after).toBeLessThan(60);
    expect(ends("q")).toEqual([{ how: "revoked", by: "alice" }]);
    expect(sessionEnds("q")).toEqual([["terminated"]]);
  });

  test("(r) with no server, what people do starts the workflow, and both requests get to their end", () => {
    expect(story("r").found?.["triggers"]).toEqual([
      "issue_comment",
      "issues",
      "pull_request_review",
      "workflow_dispatch",
      "workflow_run",
    ]);
    expect(ends("r")).toEqual([
      { how: "expired", by: "schedule" },
      { how: "expired", by: "schedule" },
    ]);
    expect(sessionEnds("r")).toEqual([["terminated"], ["terminated"]]);
  });

  test("nothing is left in active/ or approved/", () => {
    const paths = Object.keys(data.ledger);
    // a request that was written by hand is a file of its author's, and stays
    expect(paths.filter((path) => /^(?:active\/|approved\/\d)/.test(path))).toEqual([]);
    expect(paths.filter((path) => path.startsWith("ended/"))).toHaveLength(
      data.stories.flatMap(({ requests }) => requests).length,
    );
  });

  test("no secret that AWS issued is in plain in any comment, record, log, output or request", () => {
    expect(data.secrets).toBeGreaterThan(10);
    expect(data.searched.some((name) => name.startsWith("comments of"))).toBe(true);
    expect(data.searched.some((name) => name.startsWith("log of run"))).toBe(true);
    expect(data.leaks).toEqual([]);
  });
});

describe("its programme", () => {
  test("--all plays what the plain demo plays, and more, each under a letter of its own", () => {
    const letters = all.flat().map(({ letter }) => letter);
    expect(new Set(letters).size).toBe(letters.length);
    for (const story of plain.flat()) expect(all.flat()).toContain(story);
    expect(all.flat().length).toBeGreaterThan(plain.flat().length);
  });
});

describe("its options", () => {
  test("--help says what it does, with examples", async () => {
    const { code, stdout } = await demo("--help");
    expect(code).toBe(0);
    expect(stdout).toContain("Examples:");
    expect(stdout).toContain("--all");
  });

  test("an unknown option is refused", async () => {
    const { code, stderr } = await demo("--nope");
    expect(code).toBe(2);
    expect(stderr).toContain("--nope");
  });
});

describe("the search for leaks", () => {
  test("finds a secret that is there", () => {
    const texts = new Map([
      ["a", "x SECRET y"],
      ["b", "nothing"],
    ]);
    expect(leaksIn(texts, ["SECRET"])).toEqual(["a"]);
  });
});
