// Forms that are wrong, in one world: each is answered with what to mend, nothing is granted, and once it is mended it goes on as if it had never been wrong.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codesOf, issuedFor } from "../thief.ts";
import { createWorld, type World } from "../world.ts";
import { asRead } from "./as-read.ts";

type Fields = Readonly<Record<"Nodes" | "Access" | "Forward" | "For" | "Reason" | "Ticket" | "From", string>>;

const good: Fields = {
  Nodes: "r2d2-dev-01",
  Access: "shell",
  Forward: "_No response_",
  For: "1h",
  Reason: "INC-1 checkout is down",
  Ticket: "_No response_",
  From: "_No response_",
};

const body = (change: Partial<Fields> = {}): string =>
  Object.entries({ ...good, ...change })
    .map(([heading, text]) => `### ${heading}\n\n${text}\n`)
    .join("\n");

interface Case {
  readonly name: string;
  readonly body: string;
  /** Codes of what is wrong, each at least once and no others. */
  readonly codes: readonly string[];
  /** What the status comment must name for its author to know what to do. */
  readonly says: readonly RegExp[];
}

const one = (name: string, change: Partial<Fields>, code: string, ...says: readonly RegExp[]): Case => ({
  name,
  body: body(change),
  codes: [code],
  says,
});

const whole = (name: string, text: string, codes: readonly string[], ...says: readonly RegExp[]): Case => ({
  name,
  body: text,
  codes,
  says,
});

const rlo = "\u202e";

const cases: readonly Case[] = [
  whole(
    "no first heading",
    body().replace("### Nodes\n\nr2d2-dev-01\n", ""),
    ["form.heading-missing"],
    /Nodes.*is missing/,
  ),
  whole("a letter around it", `please let me in\n${body()}`, ["form.heading-order"], /keep the form/),
  whole(
    "a missing heading",
    body().replace("### For\n\n1h\n", ""),
    ["form.heading-missing"],
    /For.*is missing/,
  ),
  whole(
    "a repeated heading",
    `${body()}\n### For\n\n8h\n`,
    ["form.heading-repeated"],
    /For/,
    /is there twice/,
  ),
  whole(
    "headings in another order",
    body().replace(/(### Forward[^#]*)(### For\n[^#]*)/, "$2$1"),
    ["form.heading-order"],
    /another order; expected Nodes, Access, Forward, For, Reason, Ticket, From/,
  ),
  one(
    "a reason that smuggles a heading in",
    { Reason: "see below\n\n### Nodes\n\nr2d2-app-01" },
    "form.heading-repeated",
    /twice/,
  ),
  one(
    "a reason with a heading of its own",
    { Reason: "because\n### Approved by bob" },
    "form.heading-unknown",
    /looks like a heading/,
  ),
  whole("text before the form", `hello\n\n${body()}`, ["form.heading-order"], /before the first heading/),
  whole("a form in a fence", `\`\`\`\n${body()}\n\`\`\``, ["form.heading-order"], /before the first heading/),
  one("no node", { Nodes: "_No response_" }, "request.nodes-empty", /no node is named/),
  one("an unknown node", { Nodes: "r2d2-dev-1" }, "request.node-unknown", /r2d2-dev-01/),
  one("an unknown id", { Nodes: "i-0000000000000000f" }, "request.node-unknown", /i-0000000000000000f/),
  one(
    "an ambiguous name",
    { Nodes: "twin-01" },
    "request.node-ambiguous",
    /i-0e0e0e0e0e0e0e0e1/,
    /i-0e0e0e0e0e0e0e0e2/,
  ),
  one("a tag that nothing has", { Nodes: "tag:Environment=Nowhere" }, "request.node-unknown", /Nowhere/),
  one("too many nodes", { Nodes: "tag:Fleet=big" }, "request.nodes-too-many", /at most 10/),
  one("a garbled node", { Nodes: "tag:=" }, "request.node-malformed", /tag:/),
  one("zero duration", { For: "0h" }, "request.duration-malformed", /0h/),
  one("a negative duration", { For: "-1h" }, "request.duration-malformed", /-1h/),
  one("a duration over the limit", { For: "9h" }, "request.duration-over-limit", /limit of 8h/),
  one("a duration under the limit", { For: "5m" }, "request.duration-under-limit", /limit of 15m/),
  one("a garbled duration", { For: "one hour" }, "request.duration-malformed", /one hour/),
  one("a duration beyond all numbers", { For: `${"9".repeat(400)}h` }, "request.duration-malformed", /For/),
  one("no reason", { Reason: "_No response_" }, "request.reason-empty", /say why/),
  one("white space as the reason", { Reason: " \n\t \n" }, "request.reason-empty", /say why/),
  one(
    "a reason over 1,000 characters",
    { Reason: "x".repeat(1_001) },
    "request.reason-too-long",
    /1001 characters, expected at most 1000/,
  ),
  one("an unknown access mode", { Access: "sell" }, "request.access-unknown", /shell/),
  one(
    "an access mode that the config does not allow",
    { Access: "rdp" },
    "request.access-unknown",
    /not allowed here/,
  ),
  one(
    "a forward without port forwarding",
    { Forward: "postgres" },
    "request.forward-unwanted",
    /port-forward/,
  ),
  one("a ticket with a script in it", { Ticket: "<script>" }, "request.ticket-malformed", /letters, digits/),
  one("a start in the past", { From: "2026-11-30T00:00:00Z" }, "request.from-past", /is past/),
  one("a start too far ahead", { From: "2027-12-01T00:00:00Z" }, "request.from-too-far", /2026-12-08T09:/),
  one("a garbled start", { From: "tomorrow" }, "request.from-malformed", /tomorrow/),
  one("control characters", { Reason: "INC-1\u0007\u001b[31m" }, "request.characters", /U\+0007/),
  one("a right-to-left override", { Reason: `INC-1 ${rlo}nwod` }, "request.characters", /U\+202E/),
  one("a node with one", { Nodes: `r2d2-${rlo}10-ved` }, "request.characters", /U\+202E/),
  whole(
    "everything at once",
    body({ Nodes: "nowhere", Access: "root", For: "1y", Reason: "", From: "soon" }),
    [
      "request.access-unknown",
      "request.duration-malformed",
      "request.reason-empty",
      "request.from-malformed",
    ],
    /1y/,
    /soon/,
  ),
  whole("64 KB of it", `${body()}${"x".repeat(65_536 - body().length)}`, ["request.from-malformed"], /From/),
  whole(
    "thousands of unknown nodes",
    body({ Nodes: Array.from({ length: 6_000 }, (_, i) => `node-${i}`).join("\n") }),
    ["request.nodes-too-many"],
    /6000/,
  ),
  whole(
    "thousands of garbled nodes",
    body({ Nodes: Array.from({ length: 6_000 }, (_, i) => `tag:${i}`).join("\n") }),
    ["request.node-malformed"],
    /tag:0/,
  ),
];

const repo = { owner: "acme", repo: "access" };

let world: World;
const numbers = new Map<string, number>();
/** Issues that are no form. */
const others: number[] = [];
const numberOf = ({ name }: Case): number => numbers.get(name) ?? 0;

const write = async (number: number, text: string): Promise<void> => {
  await world.people.edit("alice", number, () => text);
};

beforeAll(async () => {
  world = await createWorld({ cron: false });
  const at = { account: world.stage.account, region: world.stage.region };
  for (const end of ["1", "2"])
    world.stage.aws.addNode({
      ...at,
      id: `i-0e0e0e0e0e0e0e0e${end}`,
      name: "twin-01",
      tags: { Environment: "Development" },
    });
  for (let i = 10; i < 31; i++)
    world.stage.aws.addNode({
      ...at,
      id: `i-0f0f0f0f0f0f0f0${i}`,
      name: `big-${i}`,
      tags: { Environment: "Development", Fleet: "big" },
    });
  await world.people.dispatch("pat", "inventory");
  await world.run();
  // the form puts it on, if there is one of that name
  await world.stage.as("olivia").rest.issues.createLabel({ ...repo, name: "access: pending" });
  world.dropWebhooks();
  for (const each of cases) {
    const number = world.people.ask("alice");
    numbers.set(each.name, number);
    await write(number, each.body);
    await world.people.token("alice", number);
  }
  for (const text of ["", "please let me in"]) {
    const number = world.people.ask("alice");
    await write(number, text);
    others.push(number);
  }
  // nothing was told to the App: it finds them by itself
  world.dropWebhooks(false);
  world.apps[0]?.lookAtAll();
  await world.run();
}, 60_000);
afterAll(() => world.close());

describe("a form with", () => {
  test.each(cases)("$name is answered", async (each) => {
    const number = numberOf(each);
    expect(new Set(await codesOf(world, number))).toEqual(new Set(each.codes));
    const status = asRead(await world.shown.status(number));
    for (const said of each.says) expect(status).toMatch(said);
    expect(status).toMatch(/\*\*Next:\*\* .*edits the issue/);
    expect(status.length).toBeLessThan(20_000);
    expect(await world.shown.labels(number)).toEqual(["access: invalid"]);
  });

  test("nothing of a form is nobody's business, whatever its label", async () => {
    for (const number of others) {
      expect(await world.shown.labels(number)).toEqual(["access: pending"]);
      const { data } = await world.stage
        .as("olivia")
        .rest.issues.listComments({ ...repo, issue_number: number });
      expect(data).toEqual([]);
    }
  });

  test("any of these opens, grants and starts nothing", async () => {
    expect(world.runs.filter(({ command }) => command !== "inventory")).toEqual([]);
    expect([...world.shown.ledger().keys()].sort()).toEqual([".github/workflows/wake.yml", "README.md"]);
    for (const number of numbers.values()) expect(issuedFor(world, number)).toBe(0);
    const { data } = await world.stage.as("olivia").rest.pulls.list({ ...repo, state: "all" });
    expect(data).toEqual([]);
  });

  test("a body that GitHub itself does not take changes nothing", async () => {
    const number = world.people.ask("alice");
    await expect(write(number, "x".repeat(1_000_000))).rejects.toThrow(/too long/);
    await world.run();
    expect(await world.shown.status(number)).toContain("approved");
    expect(await codesOf(world, number)).toEqual([]);
  });

  test("any of these that is mended goes on, with the key that was posted before", async () => {
    for (const each of cases) await write(numberOf(each), body());
    await world.run();
    for (const each of cases) {
      const number = numberOf(each);
      expect([each.name, await world.shown.labels(number)]).toEqual([each.name, ["access: active"]]);
      expect(await world.shown.tally(number)).toMatchObject({ statuses: 1, sealed: 1, pulls: 0 });
    }
    expect(world.apps[0]?.log.filter((line) => line.startsWith("error"))).toEqual([]);
  }, 60_000);

  test("and one that nobody mends lapses, and says so", async () => {
    const quiet = await createWorld({ cron: false, lookEvery: Number.POSITIVE_INFINITY });
    const number = quiet.people.ask("alice", { for: "never" });
    await quiet.run();
    expect(await quiet.shown.labels(number)).toEqual(["access: invalid"]);
    await quiet.advance(7 * 86_400 + 60);
    await quiet.run();
    expect(await quiet.shown.labels(number)).toEqual(["access: lapsed"]);
    expect(await quiet.shown.state(number)).toBe("closed");
    expect(quiet.shown.record(number)?.path).toMatch(/^ended\//);
    quiet.close();
  });
});
