import { describe, expect, it } from "vitest";
import { createAws } from "../../aws/clients.ts";
import { AwsError } from "../../aws/errors.ts";
import { readEnd } from "../../aws/schedule.ts";
import { listSessions } from "../../aws/sessions.ts";
import { requestHandlerFor } from "../../sandbox/aws/request-handler.ts";
import { account, createSetting, jwt, otherRegion, repository, session, workflowClaims } from "./setting.ts";

const list = { whose: { session }, state: "active" } as const;
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AwsError)) throw new Error(`expected an AwsError, got ${String(error)}`);
  return error.code;
};

describe("the one door to AWS", () => {
  it("takes one fresh token a role assumption, and keeps the credentials for a role and Region", async () => {
    const { aws, at, tokens, attempts } = createSetting();
    await Promise.all([listSessions(aws, { ...at, ...list }), listSessions(aws, { ...at, ...list })]);
    await listSessions(aws, { ...at, ...list });
    expect(tokens()).toBe(1);
    await listSessions(aws, { account, region: otherRegion, ...list });
    expect(tokens()).toBe(2);
    expect(attempts.filter((call) => call.startsWith("sts:"))).toHaveLength(2);
  });

  it("renews credentials before they expire", async () => {
    const { aws, at, clock, tokens } = createSetting();
    await listSessions(aws, { ...at, ...list });
    await clock.advance(14 * 60_000);
    await listSessions(aws, { ...at, ...list });
    expect(tokens()).toBe(2);
  });

  it("renews credentials that AWS calls expired, once", async () => {
    const { aws, at, twin, tokens } = createSetting();
    await listSessions(aws, { ...at, ...list });
    twin.faults.add({
      when: ({ operation }) => operation === "DescribeSessions",
      error: "ExpiredTokenException",
      times: 1,
    });
    await expect(listSessions(aws, { ...at, ...list })).resolves.toEqual([]);
    expect(tokens()).toBe(2);
  });

  it.each(["ThrottlingException", "InternalServerError", "ServiceUnavailable", "timeout", "after-effect"])(
    "goes on after %s",
    async (error) => {
      const { aws, at, twin, attempts } = createSetting();
      twin.faults.add({ when: ({ operation }) => operation === "DescribeSessions", error, times: 3 });
      await expect(listSessions(aws, { ...at, ...list })).resolves.toEqual([]);
      expect(attempts.filter((call) => call === "ssm:DescribeSessions")).toHaveLength(4);
    },
  );

  it("gives up on throttling within a minute, and says so", async () => {
    const { aws, at, twin, clock } = createSetting();
    const began = clock.now();
    twin.faults.add({
      when: ({ operation }) => operation === "DescribeSessions",
      error: "ThrottlingException",
    });
    expect(await codeOf(listSessions(aws, { ...at, ...list }))).toBe("throttled");
    expect(clock.now() - began).toBeLessThanOrEqual(60_000);
  });

  it("waits for a role's change to spread, and gives up when it is no change", async () => {
    const { aws, at, twin, clock } = createSetting();
    const assume = (times?: number) =>
      twin.faults.add({
        when: ({ operation }) => operation === "AssumeRoleWithWebIdentity",
        error: "AccessDenied",
        ...(times === undefined ? {} : { times }),
      });
    assume(3);
    await expect(listSessions(aws, { ...at, ...list })).resolves.toEqual([]);
    assume();
    const began = clock.now();
    expect(await codeOf(readEnd(aws, { account, region: otherRegion, session }))).toBe("not-authorized");
    expect(clock.now() - began).toBeLessThanOrEqual(20_000);
  });

  it("signs with AWS's time when this machine's clock is wrong", async () => {
    const { aws, at } = createSetting({ clockSkew: 45 * 60_000 });
    await expect(listSessions(aws, { ...at, ...list })).resolves.toEqual([]);
  });

  it("takes a fresh token when STS finds the first too old", async () => {
    const { aws, at, twin, tokens } = createSetting();
    twin.faults.add({
      when: ({ operation }) => operation === "AssumeRoleWithWebIdentity",
      error: "ExpiredTokenException",
      times: 1,
    });
    await expect(listSessions(aws, { ...at, ...list })).resolves.toEqual([]);
    expect(tokens()).toBe(2);
  });

  it.each([
    ["another repository of that name", { repository_id: "666" }],
    [
      "another environment",
      { environment: "other", sub: `repo:acme@500/access@${repository}:environment:other` },
    ],
    [
      "no environment",
      { environment: undefined, sub: `repo:acme@500/access@${repository}:ref:refs/heads/main` },
    ],
    ["another workflow", { job_workflow_ref: "acme/access/.github/workflows/ci.yml@refs/heads/main" }],
    ["another branch", { job_workflow_ref: "acme/access/.github/workflows/access.yml@refs/heads/evil" }],
    ["a fork's subject", { sub: `repo:mallory@500/access@${repository}:environment:hallpass` }],
    ["another issuer", { iss: "https://evil.example" }],
  ])("STS refuses a token of %s", async (_, claims) => {
    const { as, at } = createSetting();
    const code = await codeOf(listSessions(as({ ...workflowClaims, ...claims }), { ...at, ...list }));
    expect(["not-authorized", "identity-rejected"]).toContain(code);
  });

  it("a job without id-token: write is told so, and nothing of GitHub's answer is shown", async () => {
    const { twin, clock, at } = createSetting();
    const aws = createAws({
      handler: requestHandlerFor(twin.handle),
      clock: { now: () => clock.now(), sleep: (ms) => clock.advance(ms) },
      oidcToken: () =>
        Promise.reject(new Error("Unable to get ACTIONS_ID_TOKEN_REQUEST_URL, bearer eyJsecret")),
    });
    const error = await listSessions(aws, { ...at, ...list }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "network" });
    expect(String(error)).toContain("id-token: write");
    expect(`${error} ${(error as Error).stack}`).not.toContain("eyJsecret");
  });

  it("both forms of sub are believed", async () => {
    const { as, at } = createSetting();
    const old = { ...workflowClaims, sub: "repo:acme/access:environment:hallpass" };
    await expect(listSessions(as(old), { ...at, ...list })).resolves.toEqual([]);
  });

  it("no error carries the token or a key", async () => {
    const { at, twin, as } = createSetting();
    const token = jwt({ ...workflowClaims, repository_id: "666" });
    const aws = as({ ...workflowClaims, repository_id: "666" });
    const error = await listSessions(aws, { ...at, ...list }).catch((thrown: unknown) => thrown);
    const shown = JSON.stringify([String(error), (error as Error).stack, { ...(error as object) }]);
    for (const secret of [...twin.issuedSecrets(), token.split(".")[0] ?? ""])
      expect(shown).not.toContain(secret);
  });
});
