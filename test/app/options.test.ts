import { describe, expect, test } from "vitest";
import { OptionsError, readServerOptions } from "../../app/options.ts";

const key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n";
const good = { APP_ID: "12", PRIVATE_KEY: key, WEBHOOK_SECRET: "a-secret" };

const problemsOf = (env: Readonly<Record<string, string | undefined>>): readonly string[] => {
  try {
    readServerOptions(env);
    return [];
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    return error.message.split("\n");
  }
};

describe("the environment", () => {
  test("says what is needed, and the rest has defaults", () => {
    expect(readServerOptions(good)).toEqual({
      appId: 12,
      privateKey: key,
      webhookSecret: "a-secret",
      apiUrl: "https://api.github.com",
      host: "0.0.0.0",
      port: 3000,
      lookEvery: 300,
      redeliverEvery: 60,
      drain: 0,
      metrics: false,
    });
  });

  test.each<[string, Readonly<Record<string, string>>, object]>([
    [
      "a key on one line",
      { PRIVATE_KEY: "-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----" },
      { privateKey: "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----" },
    ],
    [
      "an Enterprise Server",
      { GITHUB_API_URL: "https://ghe.acme.test/api/v3/" },
      { apiUrl: "https://ghe.acme.test/api/v3" },
    ],
    ["any free port", { PORT: "0" }, { port: 0 }],
    [
      "empty texts as if they were not there",
      { PORT: "", HOST: "", GITHUB_API_URL: "", HALLPASS_LOOK_EVERY: "" },
      { port: 3000, host: "0.0.0.0", apiUrl: "https://api.github.com", lookEvery: 300 },
    ],
    [
      "another interval, host and port",
      { HALLPASS_LOOK_EVERY: "60", HOST: "::", PORT: "8080" },
      { lookEvery: 60, host: "::", port: 8080 },
    ],
    [
      "what a container asks for",
      { HALLPASS_REDELIVER_EVERY: "30", HALLPASS_DRAIN: "10", HALLPASS_METRICS: "on" },
      { redeliverEvery: 30, drain: 10, metrics: true },
    ],
  ])("takes %s", (_, env, expected) => {
    expect(readServerOptions({ ...good, ...env })).toMatchObject(expected);
  });

  test("that is empty is refused with all that is missing at once", () => {
    expect(problemsOf({})).toHaveLength(3);
    expect(problemsOf({ APP_ID: " ", PRIVATE_KEY: "", WEBHOOK_SECRET: "\n" })).toEqual(problemsOf({}));
  });

  test.each([
    ["APP_ID", "twelve"],
    ["APP_ID", "0"],
    ["APP_ID", "-1"],
    ["APP_ID", "1.5"],
    ["PRIVATE_KEY", "/etc/hallpass.pem"],
    ["WEBHOOK_SECRET", "development"],
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PORT", "http"],
    ["PORT", "0x50"],
    ["HALLPASS_LOOK_EVERY", "0"],
    ["HALLPASS_LOOK_EVERY", "86401"],
    ["HALLPASS_LOOK_EVERY", "1e3"],
    ["HALLPASS_REDELIVER_EVERY", "9"],
    ["HALLPASS_DRAIN", "-1"],
    ["HALLPASS_METRICS", "yes"],
    ["GITHUB_API_URL", "api.github.com"],
    ["GITHUB_API_URL", "file:///etc"],
    ["GITHUB_API_URL", "https://user@github.com"],
  ])("with %s=%s is refused by its name", (name, value) => {
    const problems = problemsOf({ ...good, [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} is `));
  });

  test("is refused without a word of the key or the secret", () => {
    const [problem = ""] = problemsOf({ ...good, PRIVATE_KEY: "supposed-to-be-a-key", PORT: "" });
    expect(problem).not.toContain("supposed");
  });
});
