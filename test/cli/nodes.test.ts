// `hallpass nodes`: argv to options; options to requests, output and exit code.

import { describe, expect, test } from "vitest";
import type { Instant } from "../../core/ids.ts";
import { renderUnread } from "../../core/inventory.ts";
import { withGitHub } from "./github.ts";
import { typed } from "./typed.ts";

describe("argv to options", () => {
  const plain = { words: [], tags: [], online: false, json: false };
  test.each<[readonly string[], object]>([
    [[], plain],
    [["app", "Env=prod"], { ...plain, words: ["app", "Env=prod"] }],
    [["--account", "workloads", "--region", "eu-*"], { ...plain, account: "workloads", region: "eu-*" }],
    [["--tag", "Env=prod", "--tag", "Team"], { ...plain, tags: ["Env=prod", "Team"] }],
    [["--online", "--json", "--repo", "a/b"], { ...plain, online: true, json: true, repo: "a/b" }],
  ])("%j", async (args, options) => {
    expect(await typed("nodes", ...args)).toEqual(options);
  });

  test.each<[readonly string[], RegExp]>([
    [["--tags", "x"], /Did you mean --tag\?/],
    [["--region"], /argument missing/],
  ])("%j is refused", async (args, message) => {
    await expect(typed("nodes", ...args)).rejects.toThrow(message);
  });
});

describe("options to requests, output and exit code", () => {
  const twin = withGitHub();
  const nodes = (args: readonly string[], outColumns?: number) =>
    twin.as("alice", ["nodes", ...args], outColumns === undefined ? {} : { outColumns });

  test("off a terminal a node a line, parted by tabs and without heads", async () => {
    expect(await nodes(["r2d2-app", "Environment=production"])).toMatchObject({
      ...{ code: 0, err: "" },
      out: [
        "r2d2-app-01\ti-0a0a0a0a0a0a0a0a1\tworkloads\teu-central-1\tLinux\tonline\tEnvironment=Production Workload=Application01\n",
        "r2d2-app-02\ti-0a0a0a0a0a0a0a0a2\tworkloads\teu-central-1\tLinux\tonline\tEnvironment=Production Workload=Application01\n",
      ].join(""),
    });
  });

  test("on a terminal a table, as wide as that is", async () => {
    const { code, out } = await nodes(["r2d2"], 80);
    const lines = out.trimEnd().split("\n");
    expect([code, lines.length, lines[0]]).toEqual([
      0,
      5,
      expect.stringMatching(/^NAME +ID +ACCOUNT +REGION/),
    ]);
    expect(lines.every((line) => line.length <= 80)).toBe(true);
    expect(lines[1]).toMatch(/^r2d2-app-01 {2}i-0a0a0a0a0a0a0a0a1 {2}workloads .*…$/);
    const columns = lines.map((line) => line.indexOf(line.includes("REGION") ? "REGION" : "eu-central-1"));
    expect(new Set(columns).size).toBe(1);
  });

  test("--json has the documented fields", async () => {
    const { code, out } = await nodes(["c3po", "--json"]);
    expect([code, JSON.parse(out)]).toEqual([
      0,
      [
        {
          ...{ account: "111122223333", accountName: "workloads", region: "eu-central-1" },
          ...{ id: "i-0b0b0b0b0b0b0b0b1", name: "c3po-vault-01", type: "AWS::EC2::Instance" },
          ...{ platform: "Linux", agent: "online" },
          tags: { Name: "c3po-vault-01", Environment: "Production", Hallpass: "never" },
        },
      ],
    ]);
  });

  test.each<[readonly string[], number]>([
    [["--account", "workloads", "--region", "eu-central-1", "--online"], 6],
    [["--tag", "Workload=Application01", "--tag", "Environment=Development"], 2],
    [["--account", "other"], 0],
  ])("%j finds %i", async (args, count) => {
    const { code, out } = await nodes([...args, "--json"]);
    expect([code, JSON.parse(out)]).toEqual([count > 0 ? 0 : 1, expect.objectContaining({ length: count })]);
  });

  test.each<[readonly string[], string]>([
    [["r2d2-ap-01"], "no node matches `r2d2-ap-01`; did you mean `r2d2-app-01` or `r2d2-app-02`?\n"],
    [["r2d2", "Hallpass=newer"], "no node matches `Hallpass=newer`; did you mean `Hallpass=never`?\n"],
    [["r2d2", "c3po"], "no node matches all of `r2d2`, `c3po`\n"],
    [["\u001b[2J"], "no node matches `[U+001B][2J`\n"],
    [["--region", "mars-1"], "no node matches\n"],
  ])("%j matches nothing: exit 1", async (args, err) => {
    expect(await nodes(args)).toMatchObject({ code: 1, out: "", err });
  });

  test("an old inventory is told of, on standard error", async () => {
    const { github } = twin.stage;
    const commit = github.commit({
      repository: "acme/access",
      parent: null,
      files: {
        "111122223333/eu-central-1.json": '{"nodes": []}',
        "unread/111122223333/eu-central-1.json": renderUnread(Date.parse("2026-01-01T08:00:00Z") as Instant),
      },
      ...{ message: "Inventory", by: "olivia" },
    });
    github.push("olivia", "acme/access", "inventory", commit, { force: true });
    const { code, out, err } = await nodes(["--json"]);
    expect([code, out]).toEqual([1, "[]\n"]);
    expect(err).toContain("workloads/eu-central-1` cannot be read since 2026-01-01 08:00 UTC");
  });

  test("nothing is written", () => {
    expect(twin.writes()).toEqual([]);
  });
});
