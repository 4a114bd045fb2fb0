// `hallpass console`: argv to options, and options to requests, what the browser is given, output and exit code.

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SSMClient, StartSessionCommand } from "@aws-sdk/client-ssm";
import { describe, expect, test } from "vitest";
import { consoleHosts, shellPage } from "../../cli/console.ts";
import { emptyFolder } from "./folder.ts";
import { withGrants } from "./granted.ts";
import { typed } from "./typed.ts";

const open = withGrants();

describe("argv to options", () => {
  const plain = { id: "12", print: false, json: false };
  test.each<[readonly string[], object]>([
    [["12"], plain],
    [["12", "--print", "--json"], { ...plain, print: true, json: true }],
    [["12", "--place", "1/2", "--node", "db"], { ...plain, place: "1/2", node: "db" }],
    [
      ["12", "--repo", "acme/access", "--identity", "key"],
      { ...plain, repo: "acme/access", identity: "key" },
    ],
  ])("%j", async (args, options) => {
    expect(await typed("console", ...args)).toEqual(options);
  });

  test.each<[readonly string[], RegExp]>([
    [[], /missing required argument 'id'/],
    [["12", "--prnt"], /Did you mean --print/],
  ])("%j is refused", async (args, message) => {
    await expect(typed("console", ...args)).rejects.toThrow(message);
  });
});

/** A folder whose `xdg-open` (or what else opens a browser here) writes down what it is given. */
function withBrowser(does = 'printf %s "$*" > "$SEEN"; env > "$SEEN.env"') {
  const cwd = emptyFolder();
  const bin = join(cwd, "bin");
  mkdirSync(bin);
  for (const name of ["xdg-open", "open"]) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${does}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const seen = join(cwd, "seen");
  return { cwd, seen, env: { PATH: `${bin}:/usr/bin:/bin`, SEEN: seen } };
}

const first = { node: "i-0d0d0d0d0d0d0d0d1", account: "111122223333", region: "eu-central-1" };
const second = { node: "i-0d0d0d0d0d0d0d0d7", account: "111122223333", region: "us-east-1" };
const page = ({ node, region }: typeof first): string =>
  `https://${region}.console.aws.amazon.com/systems-manager/session-manager/${node}?region=${region}`;

describe("options to what is opened", () => {
  test("the browser gets a link that signs in once more, and nobody else does", async () => {
    const { cwd, seen, env } = withBrowser();
    const { code, out, err } = await open.as("alice", ["console", String(open.one), "--json"], { cwd, env });
    expect([code, err, JSON.parse(out)]).toEqual([
      0,
      "",
      { request: open.one, ...first, until: expect.stringMatching(/^20.*Z$/), opened: true },
    ]);
    const url = new URL(readFileSync(seen, "utf8"));
    expect(`${url.origin}${url.pathname}`).toBe(`${open.urls.aws}/federation`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      ...{ Action: "login", Issuer: "hallpass", Destination: page(first), SigninToken: expect.any(String) },
    });
    const answer = await fetch(url, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([302, page(first)]);
    expect(readFileSync(`${seen}.env`, "utf8")).not.toContain("GITHUB_TOKEN");
    expect(open.writes()).toEqual([]);
  });

  test("without --json it is said on standard error, with what the page cannot do", async () => {
    const { cwd, env } = withBrowser();
    const { code, out, err } = await open.as("alice", ["console", String(open.one)], { cwd, env });
    expect([code, out]).toEqual([0, ""]);
    expect(err).toContain(
      "opened 111122223333/eu-central-1/r2d2-dev-01 (i-0d0d0d0d0d0d0d0d1) in your browser",
    );
    expect(err).toContain("this grant only Hallpass-Shell-60");
    expect(err).not.toContain("SigninToken");
  });

  test("--print gives the link, says that it is a secret, and opens nothing", async () => {
    const { cwd, seen, env } = withBrowser();
    const told = await open.as("alice", ["console", String(open.one), "--print"], { cwd, env });
    expect([told.code, new URL(told.out).searchParams.get("Destination")]).toEqual([0, page(first)]);
    expect(told.err).toMatch(/^this link is a secret/);
    const { out } = await open.as("alice", ["console", String(open.one), "--print", "--json"], { cwd, env });
    expect(JSON.parse(out)).toMatchObject({ opened: false, url: expect.stringContaining("SigninToken=") });
    expect(existsSync(seen)).toBe(false);
  });

  test.each<[string, readonly string[], readonly string[] | undefined, typeof first]>([
    ["--place", ["--place", "111122223333/us-east-1"], undefined, second],
    ["--node, by name", ["--node", "r2d2-dev-07"], undefined, second],
    ["--node, by id", ["--node", first.node], undefined, first],
    ["a choice on a terminal", [], ["2"], second],
  ])("several nodes: %s", async (_, args, answers, expected) => {
    const { cwd, env } = withBrowser();
    const more = answers === undefined ? {} : { answers };
    const { out } = await open.as("alice", ["console", String(open.both), "--print", ...args], {
      cwd,
      env,
      ...more,
    });
    expect(new URL(out).searchParams.get("Destination")).toBe(page(expected));
  });

  test.each<[string, readonly string[], number, RegExp]>([
    ["several nodes, off a terminal", ["2"], 2, /r2d2-dev-01.*r2d2-dev-07.*--node/],
    [
      "a node that is not the grant's",
      ["1", "--node", "c3po-vault-01"],
      2,
      /the grant is for 111122223333\/eu-central-1\/r2d2-dev-01/,
    ],
    ["nothing is open", ["4711"], 1, /\[no-grant\]/],
    ["no number", ["soon"], 2, /expected the number of a request/],
  ])("%s: nothing is opened", async (_, args, code, message) => {
    const { cwd, seen, env } = withBrowser();
    const told = await open.as("alice", ["console", ...args], { cwd, env });
    expect([told.code, told.out, told.err]).toEqual([code, "", expect.stringMatching(message)]);
    expect([existsSync(seen), open.writes()]).toEqual([false, []]);
  });

  test.each<[string, () => { cwd: string; env: Record<string, string> }, RegExp]>([
    ["no browser", () => ({ ...withBrowser("exit 3") }), /opens no browser here; --print gives the link/],
    [
      "nothing that opens one",
      () => ({ cwd: emptyFolder(), env: { PATH: "/nowhere" } }),
      /opens no browser here/,
    ],
    [
      "AWS's sign-in out of reach",
      () => ({ cwd: emptyFolder(), env: { AWS_ENDPOINT_URL_SIGNIN: "http://127.0.0.1:9" } }),
      /127\.0\.0\.1:9\/federation\) cannot be reached/,
    ],
  ])("%s: exit 2, and the link is not shown", async (_, where, message) => {
    const { code, out, err } = await open.as("alice", ["console", String(open.one)], where());
    expect([code, out, err]).toEqual([2, "", expect.stringMatching(message)]);
    expect(err).not.toContain("SigninToken");
  });
});

test("what the page would do by itself, start its default document, the grant does not allow", async () => {
  const [issued] = (await open.world.operator("alice").take(open.one)).credentials;
  if (issued === undefined) throw new Error("nothing was issued");
  const ssm = new SSMClient({
    ...{ region: issued.region, endpoint: open.urls.aws },
    credentials: {
      accessKeyId: issued.AccessKeyId,
      secretAccessKey: issued.SecretAccessKey,
      sessionToken: issued.SessionToken,
    },
  });
  await expect(ssm.send(new StartSessionCommand({ Target: first.node }))).rejects.toThrow(
    /not authorized to perform: ssm:StartSession/,
  );
});

test.each([
  ["eu-central-1", "https://signin.aws.amazon.com", "https://eu-central-1.console.aws.amazon.com"],
  ["cn-north-1", "https://signin.amazonaws.cn", "https://cn-north-1.console.amazonaws.cn"],
  [
    "us-gov-west-1",
    "https://signin.amazonaws-us-gov.com",
    "https://us-gov-west-1.console.amazonaws-us-gov.com",
  ],
])("%s signs in at %s", (region, signIn, pages) => {
  expect(consoleHosts(region)).toEqual({ signIn, pages });
  expect(shellPage(region, "mi-1")).toBe(`${pages}/systems-manager/session-manager/mi-1?region=${region}`);
});
