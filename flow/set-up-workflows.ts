// The two workflows of an access repo. They are the project's own, but for where the Action comes from.

import type { ProjectFiles } from "./set-up.ts";

/** `vendored`: a copy in the access repo, reviewed with it. `published`: another repository, by the whole SHA of a commit. */
export type UsedAction =
  | { readonly kind: "vendored" }
  | { readonly kind: "published"; readonly uses: string; readonly version: string };

const checkout = `      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
        with:
          persist-credentials: false
`;

export function accessWorkflow(action: UsedAction, project: ProjectFiles): string {
  const own = project.text(".github/workflows/access.yml");
  if (action.kind === "vendored") return own;
  const edits = [
    [/^ {6}contents: read # .*\n/m, ""],
    [/^ {6}- uses: actions\/checkout@.*\n {8}with:\n {10}persist-credentials: false\n/m, ""],
    ["- uses: ./\n", `- uses: ${usesOf(action)}\n`],
  ] as const;
  return edits.reduce((text, [from, to]) => {
    const next = text.replace(from, to);
    if (next === text) throw new Error(`.github/workflows/access.yml of this project lacks ${from}`);
    return next;
  }, own);
}

/** It has no secret and no identity, so that it may run what a pull request proposes. */
export const policyWorkflow = (action: UsedAction): string => `\
# What a change of the law has to pass: everything loads, and everybody is decided upon as the policy cases say.
# It runs text that anybody may have proposed, so it has no secret and can write nothing.
name: policy

on:
  pull_request:
    paths: ["policies/**", ".github/hallpass.yml"]

permissions: {}

jobs:
  policy:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: read # to check out the proposed policies
    steps:
${checkout}      - uses: ${usesOf(action)}
        with:
          command: check
`;

const usesOf = (action: UsedAction): string =>
  action.kind === "vendored" ? "./" : `${action.uses} # v${action.version}`;

/** What a workflow says. Undefined: by a tag or a branch, which its owner can move. */
export function usedAction(text: string): UsedAction | undefined {
  if (/- uses: \.\/\n/.test(text)) return { kind: "vendored" };
  const [, uses, version] = /- uses: (?!actions\/)([\w-]+\/[\w.-]+@[0-9a-f]{40}) # v(\S+)\n/.exec(text) ?? [];
  return uses === undefined || version === undefined ? undefined : { kind: "published", uses, version };
}

/** What \`owner/repo@sha\` says; undefined for anything else, a tag or a short SHA among it. */
export function parsePublishedAction(
  text: string,
): { readonly repository: string; readonly sha: string } | undefined {
  const [, repository, sha] = /^([A-Za-z0-9-]+\/[\w.-]+)@([0-9a-f]{40})$/.exec(text) ?? [];
  return repository === undefined || sha === undefined ? undefined : { repository, sha };
}
