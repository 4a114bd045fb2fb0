import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { configuredForwards, templates } from "../../aws/build-templates.ts";
import { durationClasses } from "../../aws/documents.ts";
import { regionTemplate } from "../../aws/region-template.ts";
import { runbookName } from "../../aws/runbook.ts";
import { listSessions } from "../../aws/sessions.ts";
import { account, createSetting, region, template, templateParameters, workflowClaims } from "./setting.ts";

const root = new URL("../../", import.meta.url);
type Resources = Record<string, { Type: string; Properties: Record<string, unknown> }>;
const resources = (name: "account" | "region") => parse(template(name)).Resources as Resources;

describe("the templates", () => {
  it.each(Object.entries(templates(configuredForwards())))("%s is what its source makes", (path, content) => {
    expect(readFileSync(new URL(path, root), "utf8")).toBe(content);
  });

  it("a Region has every document that a grant may name, and the runbook", () => {
    const names = Object.values(resources("region"))
      .filter(({ Type }) => Type === "AWS::SSM::Document")
      .map(({ Properties }) => Properties["Name"]);
    for (const minutes of durationClasses)
      for (const kind of ["Shell", "SSH", "RDP"]) expect(names).toContain(`Hallpass-${kind}-${minutes}`);
    expect(names).toContain(runbookName);
    expect(new Set(names).size).toBe(names.length);
  });

  it("forwards whose names look alike get resources of their own", () => {
    const forwards = ["a-b", "ab", "aZ0b", "a-b-1", "A-B"].map((name) => ({ name, host: "h", port: 1 }));
    const made = regionTemplate(forwards)["Resources"] as object;
    const documents = Object.keys(made).filter((id) => id.startsWith("Forward"));
    expect(documents).toHaveLength(forwards.length * durationClasses.length);
    for (const id of Object.keys(made)) expect(id).toMatch(/^[A-Za-z0-9]{1,255}$/);
  });

  it("no runbook runs a script or takes its role from who starts it", () => {
    const text = JSON.stringify(resources("region")["EndAccess"]);
    expect(text).not.toMatch(/executeScript|runCommand|invokeLambda/);
    expect(text).toContain("role/HallpassEndAccess");
    expect(text).not.toContain("AutomationAssumeRole");
  });

  it("a second access repo in the account has roles of its own beside the first's", async () => {
    const setting = createSetting();
    const parameters = { ...templateParameters, Repository: "other", RepositoryId: "7002", Suffix: "-b" };
    const provider = `arn:aws:iam::${account.id}:oidc-provider/token.actions.githubusercontent.com`;
    setting.twin.deploy(
      account.id,
      region,
      template("account"),
      { ...parameters, OidcProviderArn: provider },
      "b",
    );
    const roles = Object.fromEntries(Object.entries(account.roles).map(([kind, arn]) => [kind, `${arn}-b`]));
    const other = { ...account, roles: roles as typeof account.roles };
    const claims = {
      ...workflowClaims,
      sub: "repo:acme@500/other@7002:environment:hallpass",
      repository_id: "7002",
      job_workflow_ref: "acme/other/.github/workflows/access.yml@refs/heads/main",
    };
    const list = { whose: { prefix: "hp.7002." }, state: "active" } as const;
    const at = { account: other, region };
    await expect(listSessions(setting.as(claims), { ...at, ...list })).resolves.toEqual([]);
    await expect(listSessions(setting.aws, { ...at, ...list })).rejects.toMatchObject({
      code: "not-authorized",
    });
  });

  it("on Enterprise Server the whole sub is pinned, for its issuer", () => {
    const setting = createSetting();
    const issuer = "github.example/_services/token";
    const { arn } = setting.twin.createOidcProvider(account.id, {
      url: `https://${issuer}`,
      clientIds: ["sts.amazonaws.com"],
    });
    const parameters = {
      ...templateParameters,
      Suffix: "-ghes",
      EnterpriseIssuer: issuer,
      OidcProviderArn: arn,
    };
    setting.twin.deploy(account.id, region, template("account"), parameters, "ghes");
    const role = setting.twin.account(account.id).roles.get("HallpassAccess-ghes");
    expect(JSON.parse(role?.trust.latest?.text ?? "")).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "sts:AssumeRoleWithWebIdentity",
          Principal: { Federated: arn },
          Condition: {
            StringEquals: {
              [`${issuer}:aud`]: "sts.amazonaws.com",
              [`${issuer}:sub`]:
                "repository_id:7001:environment:hallpass:job_workflow_ref:acme/access/.github/workflows/access.yml@refs/heads/main",
            },
            StringLike: { "sts:RoleSessionName": "hp.7001.*" },
          },
        },
      ],
    });
  });

  const linter = spawnSync("cfn-lint", ["--version"]).status === 0;
  it.skipIf(!linter)("cfn-lint finds nothing", { timeout: 120_000 }, () => {
    const files = ["account", "region"].map((name) => fileURLToPath(new URL(`aws/${name}.yaml`, root)));
    expect(execFileSync("cfn-lint", ["--regions", "us-east-1", "--", ...files], { encoding: "utf8" })).toBe(
      "",
    );
  });
});
