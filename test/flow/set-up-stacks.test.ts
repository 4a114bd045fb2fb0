// The commands for AWS are run by a shell, with `aws` and `gh` that only tell what they were called with.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { accountTemplate } from "../../aws/account-template.ts";
import { gitHubHost } from "../../flow/set-up-aws.ts";
import { type StacksOf, stackSteps } from "../../flow/set-up-stacks.ts";

const accounts = [
  { id: "111122223333", regions: ["eu-central-1", "us-east-1"] },
  { id: "222233334444", regions: ["us-west-2"] },
  { id: "333344445555", regions: ["us-east-1", "eu-central-1"] },
];
const given = (some: StacksOf["setUp"]["accounts"] = accounts, host = "github.com"): StacksOf => ({
  setUp: {
    ...{ owner: "initech", repo: "doors", defaultBranch: "trunk", appId: 77, timeZone: "UTC" },
    ...{ accounts: some, teams: { platform: "admins" }, action: { kind: "vendored" }, forwards: [] },
  },
  host: gitHubHost(host),
  gh: host === "github.com" ? "gh" : `GH_HOST=${host} gh`,
});

const fakes = `
gh() { [ "$1 $3 $4" = "api --jq .id" ] && case $2 in users/initech) echo 500;; repos/initech/doors) echo 7001;; esac; }
aws() { if [ "$1" = organizations ]; then echo r-ab12; else printf '%s\\n' "$@" ---; fi; }
`;

/** What each command calls `aws` with. */
const calls = (commands: readonly string[]): readonly (readonly string[])[] =>
  String(execFileSync("bash", ["-ec", `${fakes}${commands.join("\n")}`]))
    .split("---\n")
    .slice(0, -1)
    .map((call) => call.trimEnd().split("\n"));

const valuesOf = (call: readonly string[], flag: string): readonly string[] => {
  const rest = call.slice(call.indexOf(flag) + 1);
  const end = rest.findIndex((word) => word.startsWith("--"));
  return rest.slice(0, end === -1 ? rest.length : end);
};

/** As CloudFormation judges them: all that it must be told, nothing that it does not know, each in its form. */
function judge(parameters: Readonly<Record<string, string>>): void {
  const known = accountTemplate()["Parameters"] as Record<
    string,
    { Default?: string; AllowedPattern?: string }
  >;
  const needed = Object.keys(known).filter((name) => known[name]?.Default === undefined);
  expect(needed.filter((name) => parameters[name] === undefined)).toEqual([]);
  for (const [name, value] of Object.entries(parameters))
    expect(value, name).toMatch(new RegExp(known[name]?.AllowedPattern ?? "not a parameter"));
}

const told = { Organization: "initech", OrganizationId: "500", Repository: "doors", RepositoryId: "7001" };

describe("account by account", () => {
  test("one account is deployed with the parameters that its template asks for, in each of its Regions", () => {
    const [step, ...more] = stackSteps(given(accounts.slice(0, 1)));
    expect(more).toEqual([]);
    const [account, ...regions] = calls(step?.commands ?? []);
    const parameters = Object.fromEntries(
      valuesOf(account ?? [], "--parameter-overrides").map((each) => each.split("=")),
    );
    expect(parameters).toEqual({ ...told, DefaultBranch: "trunk" });
    judge(parameters);
    expect(valuesOf(account ?? [], "--region")).toEqual(["eu-central-1"]);
    expect(valuesOf(account ?? [], "--capabilities")).toEqual(["CAPABILITY_NAMED_IAM"]);
    expect(regions.map((call) => valuesOf(call, "--region"))).toEqual([["eu-central-1"], ["us-east-1"]]);
  });

  test("on an Enterprise Server each names the provider that was made before it", () => {
    const steps = stackSteps(given(accounts.slice(0, 2), "ghe.test"));
    expect(steps).toHaveLength(1);
    const [provider, account, , , , second] = calls(steps[0]?.commands ?? []);
    expect(provider?.slice(0, 4)).toEqual([
      "iam",
      "create-open-id-connect-provider",
      "--url",
      "https://ghe.test/_services/token",
    ]);
    for (const [call, id] of [
      [account, "111122223333"],
      [second, "222233334444"],
    ] as const) {
      const parameters = Object.fromEntries(
        valuesOf(call ?? [], "--parameter-overrides").map((each) => each.split("=")),
      );
      expect(parameters).toMatchObject({
        EnterpriseIssuer: "ghe.test/_services/token",
        OidcProviderArn: `arn:aws:iam::${id}:oidc-provider/ghe.test/_services/token`,
      });
      judge(parameters);
    }
  });
});

describe("for an organization", () => {
  const [, step] = stackSteps(given());
  const [activate, makeAccount, putAccount, makeRegion, ...putRegions] = calls(step?.commands ?? []);

  test("the stack sets are made of the files, with the same parameters", () => {
    expect(activate?.[1]).toBe("activate-organizations-access");
    for (const [call, file] of [
      [makeAccount, "account.yaml"],
      [makeRegion, "region.yaml"],
    ] as const) {
      expect(call?.[1]).toBe("create-stack-set");
      expect(valuesOf(call ?? [], "--template-body")).toEqual([`file://aws/${file}`]);
      expect(readFileSync(`aws/${file}`, "utf8")).toContain("AWSTemplateFormatVersion");
    }
    const parameters = Object.fromEntries(
      valuesOf(makeAccount ?? [], "--parameters").map((each) => {
        const [, name = "", value = ""] = /^ParameterKey=(\w+),ParameterValue=(.*)$/.exec(each) ?? [];
        return [name, value];
      }),
    );
    expect(parameters).toEqual({ ...told, DefaultBranch: "trunk" });
    judge(parameters);
  });

  test("the account's goes to one Region of every account, the Region's to each of its own", () => {
    const targets = (ids: string) => [
      `OrganizationalUnitIds=[r-ab12],Accounts=[${ids}],AccountFilterType=INTERSECTION`,
    ];
    expect(valuesOf(putAccount ?? [], "--deployment-targets")).toEqual(
      targets("111122223333,222233334444,333344445555"),
    );
    expect(valuesOf(putAccount ?? [], "--regions")).toEqual(["eu-central-1"]);
    expect(
      putRegions.map((call) => [valuesOf(call, "--deployment-targets"), valuesOf(call, "--regions")]),
    ).toEqual([
      [targets("111122223333,333344445555"), ["eu-central-1", "us-east-1"]],
      [targets("222233334444"), ["us-west-2"]],
    ]);
  });
});
