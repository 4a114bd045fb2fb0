import { describe, expect, it } from "vitest";
import { grantDocuments } from "../../aws/documents.ts";
import { inspectPlace } from "../../aws/preflight.ts";
import { parseConfig } from "../../core/config.ts";
import { account, createSetting, otherRegion, region, repository, type Setting } from "./setting.ts";

const documents = ["Hallpass-Shell-60", "Hallpass-EndAccess"];
const inspect = (setting: Setting, change: object = {}) =>
  inspectPlace(setting.aws, { ...setting.at, documents, repository, ...change });
const withRole = (kind: "access" | "revoke" | "inventory", name: string) => ({
  account: { ...account, roles: { ...account.roles, [kind]: `arn:aws:iam::${account.id}:role/${name}` } },
});

describe("a look at what a grant needs", () => {
  it("finds roles and documents where the templates are deployed, and opens nothing", async () => {
    const setting = createSetting();
    for (const name of [region, otherRegion])
      expect(await inspect(setting, { region: name })).toEqual({
        roles: { access: "reachable", revoke: "reachable" },
        documents: { "Hallpass-Shell-60": "active", "Hallpass-EndAccess": "active" },
      });
    expect(setting.twin.sessions()).toEqual([]);
  });

  it("tries the access role with credentials that may do nothing, under a name that is no grant's", async () => {
    const setting = createSetting();
    await inspect(setting);
    const trial = setting.twin.calls.find(
      ({ operation, input }) =>
        operation === "AssumeRoleWithWebIdentity" && input["RoleArn"] === account.roles.access,
    );
    expect(trial?.input).toMatchObject({
      RoleSessionName: "hp.7001.preflight",
      Policy: expect.stringContaining('"Effect":"Deny"'),
    });
  });

  it.each(["access", "revoke"] as const)("tells that the %s role is not there", async (kind) => {
    const { roles } = await inspect(createSetting(), withRole(kind, "Missing"));
    expect(roles).toEqual({ access: "reachable", revoke: "reachable", [kind]: "not-trusted" });
  });

  it("tells a role that trusts another repository", async () => {
    const setting = createSetting();
    const { roles } = await inspect(setting, { repository: 7002 });
    expect(roles.access).toBe("not-trusted");
  });

  it.each([
    ["RegionDisabledException", "region-disabled"],
    ["MalformedPolicyDocument", "refused"],
  ])("takes STS's %s for %s", async (error, state) => {
    const setting = createSetting();
    setting.twin.faults.add({
      when: ({ operation, input }) =>
        operation === "AssumeRoleWithWebIdentity" && input["RoleArn"] === account.roles.access,
      error,
    });
    expect((await inspect(setting)).roles.access).toBe(state);
  });

  it("a document that is not there", async () => {
    const found = await inspect(createSetting(), { documents: ["Hallpass-Forward-x-60"] });
    expect(found.documents).toEqual({ "Hallpass-Forward-x-60": "missing" });
  });

  it("what AWS could not answer is an error, not a clean bill and no verdict on the role", async () => {
    const setting = createSetting();
    setting.twin.faults.add({
      when: ({ operation, input }) =>
        operation === "AssumeRoleWithWebIdentity" && input["RoleArn"] === account.roles.access,
      error: "ServiceUnavailable",
    });
    await expect(inspect(setting)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("an inventory role that is out of reach is an error, not a clean bill", async () => {
    await expect(inspect(createSetting(), withRole("inventory", "Missing"))).rejects.toMatchObject({
      code: "not-authorized",
    });
  });

  it("looks for every document that a grant under the config can name, and no other", () => {
    const config = parseConfig(
      [
        "app: 1",
        "accounts:",
        '  - { id: "111122223333", regions: [eu-central-1], roles: { inventory: "arn:aws:iam::111122223333:role/I", access: "arn:aws:iam::111122223333:role/A", revoke: "arn:aws:iam::111122223333:role/R" } }',
        "limits: { maxDuration: 1h }",
        "modes: { shell: {}, port-forward: [{ name: postgres, host: db, port: 5432 }] }",
      ].join("\n"),
    );
    if (!config.ok) throw new Error(config.problems[0].message);
    expect(grantDocuments(config.value)).toEqual([
      "Hallpass-Shell-15",
      "Hallpass-Shell-60",
      "Hallpass-Forward-postgres-15",
      "Hallpass-Forward-postgres-60",
    ]);
  });
});
