// Who signs in with what: the environment, `gh`, what the system keeps, and GitHub's device flow. No token gets out.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseRemote } from "../../cli/git-remote.ts";
import { systemKeychain } from "../../cli/kept-token.ts";
import { run } from "../../cli/program.ts";
import { apiUrlOf } from "../../cli/sign-in.ts";
import { findToken } from "../../cli/token.ts";
import { gitHubHost } from "../../flow/set-up-aws.ts";
import { repo, withGitHub } from "./github.ts";

const twin = withGitHub();
const home = mkdtempSync(join(tmpdir(), "hallpass-sign-in-"));
const tools = join(home, "bin");
const kept = join(home, "kept");

/** Stands in for one of the system's programs. */
const program = (name: string, script: string) =>
  writeFileSync(join(tools, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

/** Keeps what it is given in a file, and logs the words that everybody on the machine could see. */
const secretTool = `echo "$@" >> "${home}/words"
case "$1" in
  store) cat > "${kept}" ;;
  lookup) test -f "${kept}" && cat "${kept}" ;;
  clear) rm -f "${kept}" ;;
esac`;

beforeAll(() => twin.stage.github.deviceFlow.enable(twin.stage.app.slug));
beforeEach(() => {
  rmSync(tools, { recursive: true, force: true });
  for (const file of [kept, join(home, "words")]) rmSync(file, { force: true });
  mkdirSync(tools, { recursive: true });
});
afterAll(() => rmSync(home, { recursive: true }));

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What the person does with the code that they see; absent: nobody sits at a terminal. */
  readonly onCode?: (code: string) => void;
}

/** Runs `hallpass list`, with no token but what is given. */
async function list({ env = {}, cwd = home, onCode }: Given) {
  let [out, err] = ["", ""];
  const code = await run({
    args: ["list"],
    cwd,
    env: {
      PATH: `${tools}:/usr/bin:/bin`,
      HOME: home,
      GITHUB_API_URL: twin.url,
      HALLPASS_REPOSITORY: "acme/access",
      ...env,
    },
    input: async () => "",
    ...(onCode === undefined ? {} : { ask: async () => "" }),
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
      const [, shown] = /and enter ([A-Z0-9-]+)/.exec(text) ?? [];
      if (shown !== undefined) onCode?.(shown);
    },
    outColours: false,
    errColours: false,
  });
  expect(`${out}${err}`).not.toMatch(/gh[pours]_/);
  return { code, out, err };
}

const authorize = (code: string) => twin.stage.github.deviceFlow.authorize("alice", code);
const clientId = () => ({ HALLPASS_CLIENT_ID: twin.stage.app.clientId });
const found = { code: 0, out: "", err: "none of your requests is open\n" };

const keptNow = () =>
  JSON.parse(Buffer.from(readFileSync(kept, "utf8"), "base64url").toString()) as Record<string, unknown>;
const keep = (value: unknown) =>
  writeFileSync(kept, Buffer.from(JSON.stringify(value)).toString("base64url"));

describe("the API of the GitHub that was named", () => {
  test.each([
    ["ghe.test", {}, "https://ghe.test/api/v3"],
    ["ghe.test", { GITHUB_API_URL: "https://api.github.com" }, "https://ghe.test/api/v3"],
    ["github.com", { GITHUB_API_URL: "https://ghe.test/api/v3" }, "https://api.github.com"],
    ["ghe.test", { GITHUB_API_URL: "https://ghe.test/api/v3/" }, "https://ghe.test/api/v3"],
    ["127.0.0.1:4100", { GITHUB_API_URL: "http://127.0.0.1:4100" }, "http://127.0.0.1:4100"],
  ])("%s is its own, and where %j says more of it, that", (host, env, expected) => {
    expect(apiUrlOf(env, gitHubHost(host))).toBe(expected);
  });
});

describe("a token that is there", () => {
  test.each(["GH_TOKEN", "GITHUB_TOKEN"])("in %s is used", async (name) => {
    expect(await list({ env: { [name]: twin.stage.github.personalToken("alice") } })).toEqual(found);
  });

  test("an empty GH_TOKEN is none", async () => {
    const GITHUB_TOKEN = twin.stage.github.personalToken("alice");
    expect(await list({ env: { GH_TOKEN: "", GITHUB_TOKEN } })).toEqual(found);
  });

  test("of `gh` is asked for by its host, and used", async () => {
    program("gh", `echo "$@" > "${home}/words"\necho ${twin.stage.github.personalToken("alice")}`);
    expect(await list({})).toEqual(found);
    expect(readFileSync(join(home, "words"), "utf8")).toBe(
      `auth token --hostname ${new URL(twin.url).host}\n`,
    );
  });

  test("of `gh` that is refused says what to do", async () => {
    program("gh", "echo gho_nobodys");
    const { code, err } = await list({});
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/refuses the token of `gh`.*gh auth login --hostname/),
    ]);
  });

  test.each<[string, readonly string[]]>([
    ["https://api.github.com", ["GH_TOKEN", "GITHUB_TOKEN"]],
    ["https://api.acme.ghe.com", ["GH_TOKEN", "GITHUB_TOKEN"]],
    ["https://github.acme.example/api/v3", ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]],
    ["https://github.com.evil.example/api/v3", ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]],
  ])("for %s is in %j and in no other variable", async (apiUrl, names) => {
    const all = ["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];
    const terminal = (env: Readonly<Record<string, string>>) => ({
      ...{ args: [], cwd: home, input: async () => "", outColours: false, errColours: false },
      ...{ out: () => {}, err: () => {}, env: { PATH: tools, ...env } },
    });
    for (const name of all) {
      const token = findToken(terminal({ [name]: "a token" }), apiUrl).then((ask) => ask());
      if (names.includes(name)) expect(await token).toBe("a token");
      else await expect(token).rejects.toThrow(`or set ${names.join(" or ")}`);
    }
  });

  test.each([
    ["ssh://git@ssh.github.com:443/acme/access.git", "github.com"],
    ["git@GitHub.com:acme/access.git", "github.com"],
    ["https://github.acme.example/acme/access", "github.acme.example"],
  ])("a clone of %s is on %s", (remote, host) => {
    expect(parseRemote(remote)).toEqual({ host, repo: "acme/access" });
  });
});

describe("signing in by code", () => {
  test("off a terminal is not offered: an error says what to set", async () => {
    const { code, out, err } = await list({ env: clientId() });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(
      /^error: not signed in to 127\.0\.0\.1:\d+; run `gh auth login .*`, or set GH_TOKEN or GITHUB_TOKEN\n$/,
    );
  });

  test("needs the App's client id, and says where it may stand", async () => {
    const { code, err } = await list({ onCode: authorize });
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/or set HALLPASS_CLIENT_ID to your App's client id/),
    ]);
  });

  test("without a keychain is for one command, and says so", async () => {
    const { code, err } = await list({ env: clientId(), onCode: authorize });
    expect(code).toBe(0);
    expect(err.split("\n")).toEqual([
      expect.stringMatching(
        /^to sign in to GitHub, open http:\/\/127\.0\.0\.1:\d+\/login\/device and enter [A-Z0-9]{4}-[A-Z0-9]{4}, in the next 15 minutes$/,
      ),
      "signed in, for this command only: this system has nothing to keep it in; `gh auth login` lasts",
      "none of your requests is open",
      "",
    ]);
  });

  test("the client id may come from the checkout's config", async () => {
    const clone = join(home, "clone");
    mkdirSync(join(clone, ".github"), { recursive: true });
    mkdirSync(join(clone, "deep"));
    execFileSync("git", ["init", "--quiet", clone]);
    const roles = ["inventory", "access", "revoke"].map(
      (role) => `${role}: "arn:aws:iam::111122223333:role/R"`,
    );
    const config = `app: 1001\nclientId: ${twin.stage.app.clientId}\naccounts: [{ id: "111122223333", regions: [eu-central-1], roles: { ${roles.join(", ")} } }]\n`;
    writeFileSync(join(clone, ".github/hallpass.yml"), config);
    expect(await list({ cwd: join(clone, "deep"), onCode: authorize })).toMatchObject({ code: 0 });
  });

  test.each<[string, Given, RegExp]>([
    [
      "who says no",
      { onCode: (code) => twin.stage.github.deviceFlow.deny(code) },
      /said no; run the command again.*\[access_denied\]/,
    ],
    [
      "an App that nobody knows",
      { env: { HALLPASS_CLIENT_ID: "Iv23linobody" }, onCode: authorize },
      /knows no App with this client id.*\[Not Found\]/,
    ],
  ])("%s: exit 2", async (_, given, expected) => {
    const { code, out, err } = await list({ ...given, env: { ...clientId(), ...given.env } });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(expected);
  });
});

/** As alice, on a system with a keyring. */
const signInToKeep = () => {
  program("secret-tool", secretTool);
  return list({ env: clientId(), onCode: authorize });
};

describe("where the system keeps secrets", () => {
  test("the sign-in is kept there and nowhere else, and used again without a terminal", async () => {
    const { err } = await signInToKeep();
    expect(err).toContain("signed in; the system's keyring keeps it\n");
    expect(keptNow()).toMatchObject({
      clientId: twin.stage.app.clientId,
      token: expect.stringMatching(/^ghu_/),
    });
    expect(await list({})).toEqual(found);
    // INVARIANT: what is on a command line, everybody on the machine can read
    expect(readFileSync(join(home, "words"), "utf8")).not.toContain(readFileSync(kept, "utf8"));
  });

  test("one that has expired is renewed, and the new one is kept", async () => {
    await signInToKeep();
    const first = keptNow();
    keep({ ...first, expiresAt: Date.now() - 1 });
    expect(await list({})).toEqual(found);
    expect(keptNow()["token"]).not.toBe(first["token"]);
  });

  test("one that GitHub refuses is renewed before anybody hears of it", async () => {
    await signInToKeep();
    const first = keptNow();
    keep({ ...first, token: "ghu_forgotten" });
    expect(await list({})).toEqual(found);
    expect(keptNow()["token"]).toMatch(/^ghu_(?!forgotten)/);
  });

  test("one that was taken back is asked for anew on a terminal, and forgotten off it", async () => {
    const takenBack = async () => {
      await signInToKeep();
      twin.stage.github.deviceFlow.revoke("alice");
    };
    await takenBack();
    expect(await list({ env: clientId(), onCode: authorize })).toMatchObject({ code: 0 });
    await takenBack();
    expect(await list({})).toMatchObject({ code: 2, err: expect.stringMatching(/not signed in to /) });
    expect(() => readFileSync(kept)).toThrow("ENOENT");
  });

  test("a keyring that cannot be written is said", async () => {
    program("secret-tool", "exit 1");
    const { code, err } = await list({ env: clientId(), onCode: authorize });
    expect([code, err]).toEqual([0, expect.stringContaining("signed in, for this command only")]);
  });

  test("macOS gets the secret on standard input", async () => {
    program(
      "security",
      `echo "$@" >> "${home}/words"
if [ "$1" = -i ]; then read line; echo "$line" >> "${home}/said"; echo "\${line##* }" > "${kept}"; else cat "${kept}"; fi`,
    );
    const keychain = systemKeychain({ PATH: `${tools}:/usr/bin:/bin` }, "darwin");
    const signedIn = { clientId: "Iv23li1", token: "ghu_alices", expiresAt: 5, refreshToken: "ghr_alices" };
    expect(await keychain?.keep("github.com", signedIn)).toBe(true);
    expect(await keychain?.read("github.com")).toEqual(signedIn);
    expect(readFileSync(join(home, "said"), "utf8")).toMatch(
      /^add-generic-password -U -s hallpass -a github\.com -w [\w-]+\n$/,
    );
    expect(readFileSync(join(home, "words"), "utf8")).not.toContain(readFileSync(kept, "utf8").trim());
  });

  test("other systems have none", () => {
    expect(systemKeychain({}, "win32")).toBeUndefined();
  });
});

test("what a person says through our own App's token is theirs, and none of the App's words", async () => {
  await signInToKeep();
  const token = String(keptNow()["token"]);
  const { code, out } = await twin.as("alice", ["request", "r2d2-app-01", "--reason", "INC-1", "--json"], {
    env: { GITHUB_TOKEN: token },
  });
  expect(code).toBe(0);
  const number = Number((JSON.parse(out) as { request: number }).request);
  const { data } = await twin.stage.as("olivia").rest.issues.get({ ...repo, issue_number: number });
  expect([data.user?.login, data.performed_via_github_app?.id]).toEqual(["alice", twin.stage.app.id]);
  // looks like a status of the App, was written with a token of the App, and is a person's all the same
  const body = `<!-- hallpass:status -->\n### Access request #${number}: access is open`;
  await fetch(`${twin.url}/repos/acme/access/issues/${number}/comments`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ body }),
  });
  const { out: shown } = await twin.as("alice", ["status", String(number)]);
  expect(shown).toContain("Hallpass has not answered yet");
});
