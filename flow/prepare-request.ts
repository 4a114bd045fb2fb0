// What a terminal can know before it asks: the same parsers and the same inventory as the App's, so that nothing is posted that could not be decided.

import * as z from "zod/mini";
import { checkRequest } from "../core/check-request.ts";
import { configPath, parseConfig } from "../core/config.ts";
import { parseForm, renderForm } from "../core/form.ts";
import type { Instant, Sha } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import type { Node } from "../core/node.ts";
import { parseSha } from "../core/parse-ids.ts";
import { accepted, type Parsed, problem, refused } from "../core/problem.ts";
import type { AccessRequest } from "../core/request.ts";
import type { RequestDraft } from "../core/request-draft.ts";
import { resolveNodes } from "../core/selectors.ts";
import type { GitHubClient } from "../github/client.ts";
import { readInventory } from "../github/read-inventory.ts";

/** What requests are checked against, at the present heads. */
export interface Ground {
  readonly config: Config;
  readonly inventory: readonly Node[];
  /** The inventory's commit. */
  readonly inventoryHead: Sha;
}

export interface PreparedRequest {
  readonly request: AccessRequest;
  readonly nodes: readonly Node[];
  /** The text: the form, filled in. */
  readonly body: string;
}

export async function readGround(client: GitHubClient): Promise<Parsed<Ground>> {
  const { config, inventory: head } = await askForGround(client);
  if (!config.ok) return config;
  if (head === undefined) return refused(noInventory);
  const files = await readInventory(client, head);
  if (!files.ok) return files;
  return accepted({
    config: config.value,
    inventory: files.value.flatMap(({ nodes }) => nodes),
    inventoryHead: head,
  });
}

/** Without the inventory, which may be long. */
export const readConfig = async (client: GitHubClient): Promise<Parsed<Config>> =>
  (await askForGround(client)).config;

export const noAccessRepo = ({ owner, repo }: GitHubClient): string =>
  `${owner}/${repo} is no access repository: expected \`${configPath}\` on its default branch, and there is none; give --repo, or set HALLPASS_REPOSITORY`;

async function askForGround(client: GitHubClient) {
  const { owner, repo } = client;
  const { repository } = await client.query({
    text: groundQuery,
    variables: { owner, repo },
    as: groundAnswer,
  });
  // an ordinary repository has issues too, and nobody should ask or say anything there
  if (repository.config?.text == null) throw new Error(noAccessRepo(client));
  return {
    config: parseConfig(repository.config.text),
    inventory: parseSha(repository.inventory?.target?.oid ?? ""),
  };
}

/** INVARIANT: the body is read back by the form's own parser, and says the same, before anybody posts it. */
export function prepareRequest(
  { config, inventory }: Pick<Ground, "config" | "inventory">,
  draft: RequestDraft,
  now: Instant,
): Parsed<PreparedRequest> {
  const asked = asForm(draft, config, now);
  if (!asked.ok) return asked;
  const nodes = findNodes({ config, inventory }, asked.value.request);
  return nodes.ok ? accepted({ ...asked.value, nodes: nodes.value }) : nodes;
}

/** What the App would read in an issue that says this. */
export function asForm(
  draft: RequestDraft,
  config: Config,
  now: Instant,
): Parsed<Omit<PreparedRequest, "nodes">> {
  const asked = checkRequest(draft, config, now);
  if (!asked.ok) return asked;
  const body = renderForm(asked.value);
  const read = parseForm(body);
  if (!read.ok) return read;
  const again = checkRequest(read.value, config, now);
  return again.ok ? accepted({ request: again.value, body }) : again;
}

export const findNodes = (
  { config, inventory }: Pick<Ground, "config" | "inventory">,
  { nodes }: Pick<AccessRequest, "nodes">,
): Parsed<readonly Node[]> =>
  resolveNodes(nodes, {
    inventory,
    accounts: config.accounts,
    maxNodes: config.limits.maxNodes,
    field: "Nodes",
  });

const noInventory = problem(
  "fact.unavailable",
  "there is no inventory yet, so nobody can say which nodes there are: an admin runs the workflow `access` with the command `inventory`",
);

const groundQuery = `query Ground($owner: String!, $repo: String!) {
  repository(owner: $owner, name: $repo) {
    config: object(expression: "HEAD:.github/hallpass.yml") { ... on Blob { text } }
    inventory: ref(qualifiedName: "refs/heads/inventory") { target { oid } }
  }
}`;

const groundAnswer = z.object({
  repository: z.object({
    config: z.nullable(z.object({ text: z.nullish(z.string()) })),
    inventory: z.nullable(z.object({ target: z.nullable(z.object({ oid: z.string() })) })),
  }),
});
