// The starter policies with an organization's own teams. What is about a team that it does not have is left out, with its cases: a policy that names a team
// which cannot be read decides nothing, for anybody.

import type { ProjectFiles, SetUp } from "./set-up.ts";

/** The starter set's own teams, by the organization's slugs. Only `platform`, which owns the law and approves what nothing else covers, must be there. */
export interface Teams {
  readonly platform: string;
  readonly devops?: string;
  readonly "devops-leads"?: string;
  readonly security?: string;
  readonly "on-call"?: string;
  readonly contractors?: string;
}

export type TeamRole = keyof Teams;

/** Why somebody would name a team for it. */
export const teamRoles: Readonly<Record<TeamRole, string>> = {
  platform: "owns policies and workflows, and approves what no other rule covers",
  devops: "gets development nodes at once",
  "devops-leads": "first level of approval for production of Application01",
  security: "second level of it, two people",
  "on-call": "gets in at once with an incident as the ticket",
  contractors: "always needs approval, and stays out of production",
};

export const roleNames = Object.keys(teamRoles) as readonly TeamRole[];

const starter = [
  "policies/approvals.yaml",
  "policies/auto-approval.cedar",
  "policies/break-glass.cedar",
  "policies/delegations.yaml",
  "policies/deny-access.cedar",
  "policies/guardrail.cedar",
  "policies/people.yaml",
  "policies/schema.cedarschema",
] as const;

/** The group of AWS's own example; `people.yaml` puts the team `devops` into it. */
const devopsGroup = "911b8590-7041-70fa-d20b-12345EXAMPLE";

export function starterPolicies(
  { owner, teams }: Pick<SetUp, "owner" | "teams">,
  project: ProjectFiles,
): readonly { readonly path: string; readonly content: string }[] {
  const missing = roleNames.filter((role) => teams[role] === undefined);
  const texts = starter.map((path) => ({ path, blocks: blocksOf(project.text(path)) }));
  const kept = texts.map(({ path, blocks }) => ({
    path,
    blocks: path.endsWith(".cedarschema") ? blocks : blocks.filter((each) => !names(each, path, missing)),
  }));
  const gone = texts.flatMap(({ blocks }, i) =>
    blocks.filter((each) => kept[i]?.blocks.includes(each) !== true).flatMap(nameOf),
  );
  const cases = project.list("policies/cases").map((path) => ({
    path,
    blocks: blocksOf(project.text(path)).filter(
      (each) => !names(each, path, missing) && !gone.some((name) => wordIn(name, each)),
    ),
  }));
  return (
    [...kept, ...cases]
      // a file of cases that has none left would be refused
      .filter(({ path, blocks }) => !path.includes("/cases/") || blocks.some((each) => each.startsWith("- ")))
      .map(({ path, blocks }) => ({ path, content: localised(`${blocks.join("\n\n")}\n`, owner, teams) }))
  );
}

/** Policies, rules and cases stand apart by an empty line. */
const blocksOf = (text: string): readonly string[] => text.trimEnd().split("\n\n");

/** Whether a block needs a team that is not there. In a policy's advice a team is only a hint whom to ask. */
function names(block: string, path: string, missing: readonly TeamRole[]): boolean {
  return missing.some((role) => {
    if (role === "devops" && block.includes(devopsGroup)) return true;
    return path.endsWith(".cedar") ? block.includes(`"acme/${role}"`) : teamPattern(role).test(block);
  });
}

const nameOf = (block: string): readonly string[] => {
  const name = /^@id\("([^"]+)"\)$/m.exec(block)?.[1] ?? /^- name: (\S+)$/m.exec(block)?.[1];
  return name === undefined ? [] : [name];
};

const wordIn = (name: string, text: string): boolean => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text);

const teamPattern = (role: TeamRole): RegExp => new RegExp(`(?<![\\w-])acme/${role}(?![\\w-])`, "i");

function localised(text: string, owner: string, teams: Teams): string {
  return (
    roleNames
      .reduce(
        (all, role) =>
          all.replaceAll(
            new RegExp(teamPattern(role).source, "gi"),
            `${owner}/${teams[role] ?? teams.platform}`,
          ),
        text,
      )
      .replaceAll(/(?<![\w-])acme\/(?=marketing\b)/g, `${owner}/`)
      // a person of ours is nobody there
      .replaceAll(/(\b2 of @\S+) @carol\b/g, "$1")
  );
}
