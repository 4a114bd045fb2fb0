// Writes account.yaml and region.yaml. Run it after a change of the templates, of the documents, or of the forwards in .github/hallpass.yml:
// node --import tsx aws/build-templates.ts

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { parseConfig } from "../core/config.ts";
import type { ForwardConfig } from "../core/law.ts";
import { accountTemplate } from "./account-template.ts";
import { regionTemplate } from "./region-template.ts";

const root = new URL("../", import.meta.url);

/** What each file should hold. */
export function templates(forwards: readonly ForwardConfig[]): Readonly<Record<string, string>> {
  return {
    "aws/account.yaml": render("aws/account-template.ts", accountTemplate()),
    "aws/region.yaml": render("aws/region-template.ts", regionTemplate(forwards)),
  };
}

/** The forwards of the access repo that this is; none where there is no config yet. */
export function configuredForwards(): readonly ForwardConfig[] {
  const path = new URL(".github/hallpass.yml", root);
  if (!existsSync(path)) return [];
  const config = parseConfig(readFileSync(path, "utf8"));
  if (!config.ok) throw new Error(config.problems.map(({ message }) => message).join("\n"));
  return config.value.forwards;
}

function render(source: string, template: object): string {
  const body = stringify(template, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
  return `# Made from ${source} by aws/build-templates.ts; change it there.\n${body}`;
}

function main(): void {
  for (const [path, content] of Object.entries(templates(configuredForwards())))
    writeFileSync(new URL(path, root), content);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
