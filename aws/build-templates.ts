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
    "aws/account.yaml": render(accountHead, accountTemplate()),
    "aws/region.yaml": render(regionHead, regionTemplate(forwards)),
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

/** What stands above a template, for whoever deploys it. */
const accountHead = `Made from aws/account-template.ts by aws/build-templates.ts; change it there.

One account, in one Region of it:
  aws cloudformation deploy --stack-name hallpass-account --template-file aws/account.yaml \\
    --capabilities CAPABILITY_NAMED_IAM --parameter-overrides Organization=acme OrganizationId=500 Repository=access RepositoryId=7001

All accounts of an organizational unit, from the organization's administrator account (a StackSet never reaches that account itself):
  aws cloudformation create-stack-set --stack-set-name hallpass-account --template-body file://aws/account.yaml \\
    --capabilities CAPABILITY_NAMED_IAM --permission-model SERVICE_MANAGED --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false \\
    --parameters ParameterKey=Organization,ParameterValue=acme ParameterKey=OrganizationId,ParameterValue=500 \\
      ParameterKey=Repository,ParameterValue=access ParameterKey=RepositoryId,ParameterValue=7001
  aws cloudformation create-stack-instances --stack-set-name hallpass-account \\
    --deployment-targets OrganizationalUnitIds=ou-abcd-12345678 --regions us-east-1
Name one Region only: roles are global, and a second Region of the same account would fail on their names.`;

const regionHead = `Made from aws/region-template.ts by aws/build-templates.ts; change it there.

Each Region that has nodes, after the account's template:
  aws cloudformation deploy --stack-name hallpass-region --template-file aws/region.yaml --region eu-central-1

As a StackSet as above, without capabilities and parameters, and with every Region:
  aws cloudformation create-stack-instances --stack-set-name hallpass-region \\
    --deployment-targets OrganizationalUnitIds=ou-abcd-12345678 --regions us-east-1 eu-central-1
With many forwards the file is over the 51,200 bytes that are taken directly: add --s3-bucket, or --template-url for a StackSet.`;

function render(head: string, template: object): string {
  const comment = head.replaceAll(/^/gm, "# ").replaceAll(/ +$/gm, "");
  // with the quotes that YAML 1.1 needs, which CloudFormation reads
  return `${comment}\n${stringify(template, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false })}`;
}

function main(): void {
  for (const [path, content] of Object.entries(templates(configuredForwards())))
    writeFileSync(new URL(path, root), content);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
