// `hallpass configure`: argv to options, and options to requests, what is written, output and exit code.

import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, test, vi } from "vitest";
import { emptyFolder } from "./folder.ts";
import { withGrants } from "./granted.ts";
import { typed } from "./typed.ts";

const open = withGrants();

/** Undefined where there is no CLI, or one so old that it would call the real AWS. */
const cli = ((): string | undefined => {
  try {
    const told = execFileSync("aws", ["--version"], { encoding: "utf8" });
    const [, version = "", major = "", minor = ""] = /^aws-cli\/((\d+)\.(\d+)\S*)/.exec(told) ?? [];
    return Number(major) >= 2 || (Number(major) === 1 && Number(minor) >= 30) ? version : undefined;
  } catch {
    return undefined;
  }
})();

describe("argv to options", () => {
  const plain = { what: "12", force: false, remove: false, print: false, json: false };
  test.each<[readonly string[], object]>([
    [["12"], plain],
    [["r2d2-dev-01"], { ...plain, what: "r2d2-dev-01" }],
    [["12", "--profile", "mine", "--place", "1/2"], { ...plain, profile: "mine", place: "1/2" }],
    [
      ["12", "--repo", "acme/access", "--identity", "key"],
      { ...plain, repo: "acme/access", identity: "key" },
    ],
    [["12", "--force", "--remove", "--json"], { ...plain, force: true, remove: true, json: true }],
    [["12", "--print"], { ...plain, print: true }],
  ])("%j", async (args, options) => {
    expect(await typed("configure", ...args)).toEqual(options);
  });

  test.each<[readonly string[], RegExp]>([
    [[], /missing required argument/],
    [["12", "13"], /too many arguments/],
    [["12", "--frce"], /Did you mean --force/],
  ])("%j is refused", async (args, message) => {
    await expect(typed("configure", ...args)).rejects.toThrow(message);
  });
});

const place = "111122223333/eu-central-1";
const commandOf = (cwd: string, number: number, where = place): string =>
  `env GITHUB_API_URL=${open.urls.github} hallpass credentials ${number} --repo acme/access --place ${where} --identity ${cwd}/identity`;
const sectionOf = (cwd: string, number: number, where = place): string =>
  [
    `[profile hallpass-${number}]`,
    "# written by `hallpass configure`, which changes and removes it",
    `credential_process = ${commandOf(cwd, number, where)}`,
    `region = ${where.split("/")[1]}`,
    "",
  ].join("\n");

describe("options to what is written", () => {
  test("the number of an open request: a profile, in a file that only its owner reads, and once", async () => {
    const cwd = emptyFolder();
    const file = join(cwd, ".aws/config");
    const told = await open.as("alice", ["configure", String(open.one), "--json"], { cwd });
    expect([told.code, told.err, JSON.parse(told.out)]).toEqual([
      0,
      "",
      {
        ...{
          did: "made",
          file,
          profile: `hallpass-${open.one}`,
          account: "111122223333",
          region: "eu-central-1",
        },
        credential_process: commandOf(cwd, open.one),
      },
    ]);
    expect(readFileSync(file, "utf8")).toBe(sectionOf(cwd, open.one));
    expect([statSync(file).mode & 0o777, statSync(join(cwd, ".aws")).mode & 0o777]).toEqual([0o600, 0o700]);
    const before = statSync(file).mtimeMs;
    const again = await open.as("alice", ["configure", `#${open.one}`], { cwd });
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining("stands as it should in") });
    expect(statSync(file).mtimeMs).toBe(before);
    expect(open.writes()).toEqual([]);
  });

  test.each<[string, readonly string[], "one" | "both", string]>([
    ["a node's name: the newest request that is open for it", ["r2d2-dev-01"], "both", place],
    ["a node's id, in another place", ["i-0d0d0d0d0d0d0d0d7"], "both", "111122223333/us-east-1"],
    ["account/region/name", ["111122223333/us-east-1/r2d2-dev-07"], "both", "111122223333/us-east-1"],
  ])("%s", async (_, args, which, where) => {
    const cwd = emptyFolder();
    const { code, out } = await open.as("alice", ["configure", ...args, "--print"], { cwd });
    expect([code, out]).toEqual([0, sectionOf(cwd, open[which], where)]);
    expect(existsSync(join(cwd, ".aws"))).toBe(false);
  });

  test("a request in several places: --place, or a choice on a terminal", async () => {
    const cwd = emptyFolder();
    const args = ["configure", String(open.both), "--print"];
    expect(await open.as("alice", args, { cwd })).toMatchObject({
      ...{ code: 2, out: "" },
      err: expect.stringContaining(`for ${place}, 111122223333/us-east-1; choose one with --place`),
    });
    const expected = sectionOf(cwd, open.both, "111122223333/us-east-1");
    const given = await open.as("alice", [...args, "--place", "111122223333/us-east-1"], { cwd });
    expect(given.out).toBe(expected);
    const chosen = await open.as("alice", args, { cwd, answers: ["3", "2"] });
    expect([chosen.out, chosen.asked]).toEqual([expected, ["Which place?", "Which place?"]]);
    expect(chosen.err).toContain("  2  111122223333/us-east-1\nexpected a number from 1 to 2\n");
  });

  const others =
    "# mine\n[default]\nregion = eu-west-1\n\n# the next one\n[profile next]\nrole_arn = arn:aws:iam::1:role/x\n";

  test("AWS_CONFIG_FILE, a link and its mode are kept, and so is every other line", async () => {
    const cwd = emptyFolder();
    const real = join(cwd, "settings");
    writeFileSync(real, others);
    chmodSync(real, 0o640);
    symlinkSync(real, join(cwd, "link"));
    const env = { AWS_CONFIG_FILE: "~/link" };
    const run = (...more: string[]) =>
      open.as("alice", ["configure", String(open.one), "--profile", "r2d2", ...more], { cwd, env });
    expect(await run()).toMatchObject({
      code: 0,
      out: `profile r2d2 is new in ${cwd}/link; \`aws --profile r2d2 …\` uses it\n`,
    });
    expect(readFileSync(real, "utf8")).toBe(
      `${others}\n${sectionOf(cwd, open.one).replace(/hallpass-\d+/, "r2d2")}`,
    );
    expect([lstatSync(join(cwd, "link")).isSymbolicLink(), statSync(real).mode & 0o777]).toEqual([
      true,
      0o640,
    ]);
    expect(await run("--remove")).toMatchObject({
      code: 0,
      out: `profile r2d2 is removed from ${cwd}/link\n`,
    });
    expect(readFileSync(real, "utf8")).toBe(others);
    expect(await run("--remove", "--json")).toMatchObject({
      code: 0,
      out: expect.stringContaining('"did":"absent"'),
    });
  });

  test("a profile that is somebody else's is refused, and replaced with --force", async () => {
    const cwd = emptyFolder();
    mkdirSync(join(cwd, ".aws"));
    const file = join(cwd, ".aws/config");
    writeFileSync(file, others);
    const args = ["configure", String(open.one), "--profile", "next"];
    for (const more of [[], ["--remove"]]) {
      const { code, out, err } = await open.as("alice", [...args, ...more], { cwd });
      expect([code, out, err]).toEqual([2, "", expect.stringMatching(/has not written.*--force/)]);
      expect(readFileSync(file, "utf8")).toBe(others);
    }
    expect(await open.as("alice", [...args, "--force"], { cwd })).toMatchObject({ code: 0 });
    const text = readFileSync(file, "utf8");
    expect(text).toContain("# the next one\n[profile next]\n# written by");
    expect(text).not.toContain("role_arn");
  });

  test("keys of the same name in the credentials file would be taken instead: refused", async () => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, "keys"), `[hallpass-${open.one}]\naws_access_key_id = x\n`);
    const env = { AWS_SHARED_CREDENTIALS_FILE: "keys" };
    const { code, err } = await open.as("alice", ["configure", String(open.one)], { cwd, env });
    expect([code, err]).toEqual([2, expect.stringContaining("whose keys AWS's tools would take instead")]);
    expect(existsSync(join(cwd, ".aws"))).toBe(false);
  });

  test.each<[string, "alice" | "bob", readonly string[], number, RegExp]>([
    ["nothing is open", "alice", ["4711"], 1, /nothing is open for request #4711.*\[no-grant\]/],
    [
      "no node of mine",
      "alice",
      ["r2d2-app-01"],
      1,
      /nothing of yours is open for `r2d2-app-01`.*\[no-grant\]/,
    ],
    ["another's request", "bob", ["1"], 2, /#1 is alice's; its credentials are sealed to their key/],
    [
      "a place that it has not",
      "alice",
      ["1", "--place", "1/2"],
      2,
      /no credentials for `1\/2`; it has them for 111122223333\/eu-central-1/,
    ],
    ["a profile's name that is none", "alice", ["1", "--profile", "a]b"], 2, /--profile: expected letters/],
    ["--remove of a node", "alice", ["r2d2-dev-01", "--remove"], 2, /--remove: which\?/],
  ])("%s: nothing is written", async (_, login, args, code, message) => {
    const cwd = emptyFolder();
    const told = await open.as(login, ["configure", ...args], { cwd });
    expect([told.code, told.out, told.err]).toEqual([code, "", expect.stringMatching(message)]);
    expect([existsSync(join(cwd, ".aws")), open.writes()]).toEqual([false, []]);
  });
});

describe("AWS's own tools take the grant's credentials from the profile", () => {
  const script = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
  const program = { node: process.execPath, nodeArgs: ["--import", "tsx"], script };
  const holder = () =>
    `arn:aws:sts::111122223333:assumed-role/HallpassAccess/hp.${open.world.stage.repository.id}.${open.one}`;
  /** As a tool stands somewhere else, with no more than what signs in to GitHub. */
  async function configured(): Promise<Readonly<Record<string, string>>> {
    const cwd = emptyFolder();
    expect(await open.as("alice", ["configure", String(open.one)], { cwd, program })).toMatchObject({
      code: 0,
    });
    const { GITHUB_TOKEN = "", AWS_ENDPOINT_URL = "" } = open.env("alice");
    return {
      ...{ GITHUB_TOKEN, AWS_ENDPOINT_URL, HOME: cwd, AWS_EC2_METADATA_DISABLED: "true" },
      AWS_CONFIG_FILE: join(cwd, ".aws/config"),
      AWS_SHARED_CREDENTIALS_FILE: join(cwd, "none"),
    };
  }

  test("the SDK, with the Region too", { timeout: 60_000 }, async () => {
    for (const [name, value] of Object.entries(await configured())) vi.stubEnv(name, value);
    const sts = new STSClient({ profile: `hallpass-${open.one}` });
    expect(await sts.config.region()).toBe("eu-central-1");
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(holder());
  });

  test.skipIf(cli === undefined)(
    `the aws CLI ${cli ?? "(SKIPPED: none on PATH)"}`,
    { timeout: 60_000 },
    async () => {
      const env = { PATH: process.env["PATH"], ...(await configured()) };
      const asked = [
        "sts",
        "get-caller-identity",
        "--profile",
        `hallpass-${open.one}`,
        "--query",
        "Arn",
        "--output",
        "text",
      ];
      const { stdout } = await promisify(execFile)("aws", asked, { env });
      expect(stdout.trim()).toBe(holder());
    },
  );
});
