// `hallpass can` and `hallpass explain`: argv to options; options to requests, output and exit code. That what they foresee is what the App decides is
// held by `test/flow/foresee.test.ts`.

import { describe, expect, test } from "vitest";
import type { Person } from "../../sandbox/stage.ts";
import { withGitHub } from "./github.ts";
import { typed } from "./typed.ts";

describe.each(["can", "explain"])("%s: argv to options", (command) => {
  const plain = { for: "1h", access: "shell", json: false };
  test.each<[readonly string[], object]>([
    [["app-01"], { ...plain, nodes: ["app-01"] }],
    [["a", "tag:Env=prod"], { ...plain, nodes: ["a", "tag:Env=prod"] }],
    [["a", "--for", "2h", "--ticket", "INC-1"], { ...plain, nodes: ["a"], for: "2h", ticket: "INC-1" }],
    [
      ["a", "--access", "port-forward", "--forward", "postgres"],
      { ...plain, nodes: ["a"], access: "port-forward", forward: "postgres" },
    ],
    [
      ["a", "--from", "2026-12-01T22:00:00Z", "--reason", "why"],
      { ...plain, nodes: ["a"], from: "2026-12-01T22:00:00Z", reason: "why" },
    ],
    [
      ["a", "--as", "@dave", "--repo", "o/r", "--json"],
      { ...plain, nodes: ["a"], as: "@dave", repo: "o/r", json: true },
    ],
  ])("%j", async (args, options) => {
    expect(await typed(command, ...args)).toEqual(options);
  });

  test.each<[readonly string[], RegExp]>([
    [[], /missing required argument 'node'/],
    [["a", "--fro", "x"], /Did you mean .*--from/],
  ])("%j is refused", async (args, message) => {
    await expect(typed(command, ...args)).rejects.toThrow(message);
  });
});

describe("options to requests, output and exit code", () => {
  const twin = withGitHub();

  test.each<[Person, readonly string[], number, readonly RegExp[]]>([
    [
      "alice",
      ["r2d2-dev-01"],
      0,
      [/^yes, at once: .* it would end at 20\d\d-.* UTC\nDecided by `auto-approval\.cedar:4`: automatic/],
    ],
    [
      "alice",
      ["r2d2-app-01", "r2d2-dev-01"],
      0,
      [
        /^yes, when people approve: 3 more people approve it: somebody in @acme\/devops-leads, and 2 of /,
        /^ {2}level 1, 1 of @acme\/devops-leads: @bob, @dave$/m,
        /^ {2}level 2, 2 of @carol or @acme\/security: @carol, @bob, @erin$/m,
      ],
    ],
    [
      "alice",
      ["r2d2-app-01", "--access", "ssh"],
      1,
      [
        /^no, denied: .*`no-tunnels-into-production` at `policies\/guardrail\.cedar:\d+`/,
        /^ {2}production is reached by shell/m,
      ],
    ],
    [
      "alice",
      ["bb8-batch-01", "--for", "5h"],
      1,
      [/^no, denied: over the 4h that the rule `default` allows/],
    ],
    [
      "alice",
      ["r2d2-ap-01", "r2d2-app-09"],
      1,
      [
        /^no, it cannot be asked like this:\n {2}Nodes: no node is `r2d2-ap-01`; did you mean .* \[request\.node-unknown\]$/m,
      ],
    ],
    ["alice", ["r2d2-dev-01", "--for", "9h"], 1, [/^ {2}For: 9h is over the limit of 8h/m]],
    ["olivia", ["r2d2-app-01", "--as", "@dave", "--ticket", "INC-1"], 0, [/`on-call-incident`/]],
  ])("%s: can %j: exit %i", async (login, args, code, lines) => {
    const told = await twin.as(login, ["can", ...args]);
    expect([told.code, told.err]).toEqual([code, ""]);
    for (const line of lines) expect(told.out).toMatch(line);
  });

  test.each<[Person, readonly string[], number, object]>([
    [
      "alice",
      ["can", "r2d2-dev-01", "--for", "2h"],
      0,
      {
        ...{ verdict: "auto", possible: true, requester: "alice", access: "shell", for: "2h" },
        policies: expect.stringMatching(/^[0-9a-f]{40}$/),
        by: ["auto-approval.cedar:4"],
        until: expect.stringMatching(/^20\d\d-.*Z$/),
        nodes: [
          { account: "111122223333", region: "eu-central-1", id: "i-0d0d0d0d0d0d0d0d1", name: "r2d2-dev-01" },
        ],
      },
    ],
    [
      "bob",
      ["can", "r2d2-app-01"],
      0,
      {
        ...{ verdict: "manual", possible: true, by: ["application01"], outOfReach: [] },
        levels: [
          { number: 1, level: "@acme/devops-leads", need: 1, people: [{ login: "dave" }], more: 0 },
          { number: 2, need: 2, people: [{ login: "carol" }, { login: "erin" }] },
        ],
        fewest: [
          { need: 1, teams: ["acme/devops-leads"] },
          { need: 2, people: ["carol"], teams: ["acme/security"] },
        ],
      },
    ],
    [
      "alice",
      ["can", "c3po-vault-01"],
      1,
      { verdict: "denied", possible: false, why: expect.stringContaining("`never`") },
    ],
    [
      "alice",
      ["can", "nope"],
      1,
      { verdict: "invalid", possible: false, problems: [{ code: "request.node-unknown" }] },
    ],
    [
      "alice",
      ["explain", "c3po-vault-01"],
      1,
      {
        verdict: "denied",
        nodes: [
          {
            ...{ name: "c3po-vault-01", verdict: "denied", permits: [], denies: [], unmatched: [] },
            guardrails: [
              {
                ...{ name: "never", file: "policies/guardrail.cedar", line: 3 },
                url: expect.stringMatching(
                  /\/acme\/access\/blob\/[0-9a-f]{40}\/policies\/guardrail\.cedar#L3$/,
                ),
                advice: expect.stringContaining("closed to interactive access"),
                inputs: [{ input: "tag Hallpass", value: "never" }],
              },
            ],
          },
        ],
      },
    ],
    [
      "dave",
      ["explain", "r2d2-app-01", "--ticket", "INC-1"],
      0,
      {
        principal: { login: "dave", teams: expect.arrayContaining(["acme/on-call"]) },
        context: { ticket: "INC-1", duration: "1h", timeOfDay: expect.stringMatching(/^\d\d:\d\d$/) },
        nodes: [
          {
            verdict: "auto",
            permits: [
              {
                name: "on-call-incident",
                inputs: [
                  { input: "team @acme/on-call", value: "member" },
                  { input: "context.ticket", value: "INC-1" },
                  { input: "context.access", value: "shell" },
                  { input: "context.duration", value: "1h" },
                ],
              },
            ],
            rule: { name: "application01", file: "policies/approvals.yaml", line: 9, max: 28_800 },
          },
        ],
      },
    ],
  ])("%s: %j --json: exit %i", async (login, args, code, expected) => {
    const told = await twin.as(login, [...args, "--json"]);
    expect([told.code, told.err]).toEqual([code, ""]);
    expect(JSON.parse(told.out)).toMatchObject(expected);
    expect(JSON.parse(told.out)).toMatchObject({ unseen: { teams: [], access: false } });
  });

  test("explain tells the decision as the status comment does, each policy and rule with its place, and the facts", async () => {
    const { code, out, err } = await twin.as("mallory", ["explain", "r2d2-dev-01"]);
    expect([code, err]).toEqual([0, ""]);
    const link = "http://127\\.0\\.0\\.1:\\d+/acme/access/blob/[0-9a-f]{40}/policies";
    for (const line of [
      /^Decided by people, as `default` asks, each person for one level only:\n· Level 1, 1 of @acme\/platform: 0 of 1\n {4}@olivia, @pat$/m,
      /^workloads\/eu-central-1\/r2d2-dev-01 \(i-0d0d0d0d0d0d0d0d1\): people decide$/m,
      new RegExp(
        `^ {2}forbidden at once, .*: contractors-need-people \\(policies/deny-access\\.cedar:14\\)\n {4}${link}/deny-access\\.cedar#L14\n {4}team @acme/contractors: member\n {4}advice: `,
        "m",
      ),
      / {2}would permit it at once, and does not match: sandbox .*\n.*\n {4}tag Environment: Development\n/,
      new RegExp(
        `^ {2}the last approval rule that matches: default .*\n {4}${link}/approvals\\.yaml#L3\n {4}at most 4h$`,
        "m",
      ),
      /^@mallory: in @acme\/contractors$/m,
      /^access would begin at .*: \d\d:\d\d on weekday [1-7] in Europe\/Berlin \(Monday is 1\)$/m,
      /^policies at [0-9a-f]{40}: http/m,
    ])
      expect(out).toMatch(line);
  });

  test("of somebody whose teams nobody looked up nothing is said of teams", async () => {
    const { code, out } = await twin.as("dave", ["explain", "nope"]);
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/^no, it cannot be asked like this:\n {2}Nodes: .*\n\npolicies at .*\n$/),
    ]);
    const told = JSON.parse((await twin.as("dave", ["explain", "nope", "--json"])).out) as object;
    expect(told).toMatchObject({ verdict: "invalid", nodes: [] });
    expect(told).not.toHaveProperty("principal");
  });

  test("what one may not see is said, on standard error", async () => {
    const told = await twin.as("alice", ["can", "r2d2-dev-01", "--as", "bob"]);
    expect([told.code, told.err]).toEqual([
      0,
      expect.stringMatching(/^as far as you may see: GitHub does not tell you whether @bob may read/),
    ]);
    // a secret team shows itself to its members
    twin.stage.github.faults.add({
      when: ({ body }) => body.includes("query Teams"),
      respond: () => Response.json({ data: { organization: {} } }),
    });
    const blind = await twin.as("alice", ["can", "r2d2-app-01", "--json"]);
    twin.stage.github.faults.clear();
    expect(blind.err).toContain("as far as you may see: @acme/on-call does not show itself to you");
    expect([blind.code, JSON.parse(blind.out)]).toMatchObject([
      0,
      { verdict: "manual", unseen: { teams: expect.arrayContaining(["acme/security", "acme/on-call"]) } },
    ]);
  });

  test.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
    ["somebody unknown", ["r2d2-dev-01", "--as", "nobody"], {}, /GitHub knows nobody called `nobody`/],
    ["a repository one cannot see", ["r2d2-dev-01", "--repo", "acme/nope"], {}, /\[not-found\]/],
    ["a token that is none", ["r2d2-dev-01"], { GITHUB_TOKEN: "ghp_nope" }, /\[unauthorized\]/],
  ])("%s: exit 2", async (_, args, env, message) => {
    const { code, out, err } = await twin.as("alice", ["can", ...args], { env });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(message);
  });

  test("nothing is written", () => {
    expect(twin.writes()).toEqual([]);
  });
});
