// What the README says of AWS: the bounds that were measured, and a recipe that fits the templates.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readDocument, section, tableIn } from "../../house/documents.ts";
import { root } from "../../house/sources.ts";

const readme = readDocument("README.md");

describe("how access ends", () => {
  const said = section(readme, "How access ends");

  test("the README states what was measured, row by row", () => {
    const measured = readFileSync(new URL("bounds.md", import.meta.url), "utf8");
    expect(tableIn(said)).toEqual(tableIn(measured));
    expect(said).toContain(measured.split("\n")[0]);
  });

  test("the schedule's bound is under two minutes, as it says", () => {
    const shells = tableIn(said).flatMap(([row = "", , , shell = ""]) =>
      row.startsWith("the schedule") ? [Number.parseInt(shell, 10)] : [],
    );
    expect(shells.length).toBe(2);
    expect(Math.max(...shells)).toBeLessThan(120);
  });
});

interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Default?: string }>>;
  readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
}
const templateText = (path: string): string => readFileSync(`${root}${path}`, "utf8");

/** The `aws cloudformation` commands of the section, each on one line. */
const commands = [...section(readme, "Many accounts and Regions").matchAll(/^```sh\n([\s\S]*?)^```/gm)]
  .flatMap(([, block = ""]) => block.replaceAll(/\\\n\s*/g, "").split("\n"))
  .filter((line) => line.startsWith("aws cloudformation "));
const option = (command: string, name: string): string =>
  new RegExp(`--${name}[= ](.*?)(?= --|$)`).exec(command)?.[1] ?? "";
const naming = (verb: string): readonly string[] => commands.filter((each) => each.includes(` ${verb} `));

const making = [...naming("create-stack-set"), ...naming("deploy")].map((command) => {
  const path = (option(command, "template-body") || option(command, "template-file")).replace("file://", "");
  return { command, path, template: parse(templateText(path)) as Template };
});

describe("the recipe for many accounts and Regions", () => {
  test("makes both templates, by hand and for organizational units", () => {
    expect(making.map(({ path }) => path)).toEqual([
      "aws/account.yaml",
      "aws/region.yaml",
      "aws/account.yaml",
      "aws/region.yaml",
    ]);
  });

  test.each(making)(
    "gives what the template asks for, and nothing that it does not know: $command",
    (each) => {
      const { command, template } = each;
      const given = [
        ...[...option(command, "parameters").matchAll(/ParameterKey=(\w+),ParameterValue=/g)],
        ...[...option(command, "parameter-overrides").matchAll(/(\w+)=/g)],
      ].map(([, name = ""]) => name);
      const known = Object.entries(template.Parameters);
      expect(given.filter((name) => !Object.hasOwn(template.Parameters, name))).toEqual([]);
      for (const [name, { Default }] of known) if (Default === undefined) expect(given).toContain(name);
      const makesRoles = Object.values(template.Resources).some(({ Type }) => Type.startsWith("AWS::IAM::"));
      expect(option(command, "capabilities")).toBe(makesRoles ? "CAPABILITY_NAMED_IAM" : "");
    },
  );

  test("the StackSets are AWS's own to deploy, and go with the account", () => {
    for (const command of naming("create-stack-set")) {
      expect(option(command, "permission-model")).toBe("SERVICE_MANAGED");
      expect(option(command, "auto-deployment")).toBe("Enabled=true,RetainStacksOnAccountRemoval=false");
    }
  });

  test("the account's goes to one Region only: its names are global", () => {
    const [ofAccount = "", ofRegion = ""] = naming("create-stack-instances");
    expect(option(ofAccount, "stack-set-name")).toBe("hallpass-account");
    expect(option(ofAccount, "regions").split(" ")).toHaveLength(1);
    expect(option(ofRegion, "stack-set-name")).toBe("hallpass-region");
    for (const command of [ofAccount, ofRegion])
      expect(option(command, "deployment-targets")).toMatch(/^OrganizationalUnitIds=ou-/);
  });

  test("every parameter of the templates is named, and both templates are short enough to be sent as a text", () => {
    const said = section(readme, "Many accounts and Regions");
    for (const path of ["aws/account.yaml", "aws/region.yaml"]) {
      for (const name of Object.keys((parse(templateText(path)) as Template).Parameters))
        expect(said).toContain(name);
      expect(Buffer.byteLength(templateText(path))).toBeLessThan(51_200);
    }
  });
});

describe("events", () => {
  test("the README names each detail-type and each status", () => {
    const source = templateText("aws/events.ts");
    const types = [...source.matchAll(/detailType: "([^"]+)"/g)].map(([, type = ""]) => type);
    const said = section(readme, "Events");
    expect(tableIn(said).map(([type = ""]) => type.replaceAll("`", ""))).toEqual(types);
    const statuses = /export type EventStatus =([^;]*);/.exec(source)?.[1]?.match(/"(\w+)"/g) ?? [];
    expect(statuses.length).toBeGreaterThan(5);
    for (const status of statuses) expect(said).toContain(`\`${status.replaceAll('"', "")}\``);
  });
});
