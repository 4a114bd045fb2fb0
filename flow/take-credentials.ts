// The operator's side of a sealed comment. age hides, it does not sign, and the key to seal to is public: anybody could hand an operator credentials of a
// stranger's account. So a comment is taken only from our App, unedited, and its credentials only when AWS says they are the grant's own.

import * as z from "zod/mini";
import { ownerOf } from "../aws/arns.ts";
import { parseConfig } from "../core/config.ts";
import type { RequestNumber } from "../core/ids.ts";
import type { Config } from "../core/law.ts";
import { parseActive } from "../core/parse-record.ts";
import type { ActiveRecord } from "../core/record.ts";
import type { GitHubClient } from "../github/client.ts";
import { noAccessRepo } from "./prepare-request.ts";
import type { GrantedCredentials, Unseal } from "./seal.ts";

export type UntrustedCode =
  | "no-grant"
  | "no-credentials"
  | "not-from-the-app"
  | "edited"
  | "not-for-this-key"
  | "another-identity"
  | "config";

/** Why credentials are not used. Nothing of them is in the message. */
export class UntrustedCredentials extends Error {
  readonly code: UntrustedCode;
  constructor(code: UntrustedCode, message: string) {
    super(message);
    this.name = "UntrustedCredentials";
    this.code = code;
  }
}

export interface TakeDeps {
  /** Acts as the operator. */
  readonly client: GitHubClient;
  /** With the operator's own identities. */
  readonly unseal: Unseal;
  /** `sts:GetCallerIdentity` with these credentials: the ARN that answers. Needs no permission and cannot be denied. */
  readonly whoAmI: (credentials: GrantedCredentials) => Promise<string>;
}

export interface TakenGrant {
  readonly record: ActiveRecord;
  readonly credentials: readonly GrantedCredentials[];
}

/** The newest credentials of a request that this operator can open, checked. Throws `UntrustedCredentials`. */
export async function takeCredentials(deps: TakeDeps, number: RequestNumber): Promise<TakenGrant> {
  const reading = allComments(deps.client, number);
  // read meanwhile; where nothing is open, that is what is told
  reading.catch(() => {});
  const { config, record } = await readGrant(deps.client, number);
  const comment = await newestCredentials(deps.client, { number, config, comments: await reading });
  const credentials = await open(deps, comment);
  for (const each of credentials) await checkIdentity(deps, config, record, each);
  return { record, credentials };
}

const grantAnswer = z.object({
  repository: z.object({
    config: z.nullable(z.object({ text: z.nullable(z.string()) })),
    record: z.nullable(z.object({ text: z.nullable(z.string()) })),
  }),
});

const grantQuery = `query Grant($owner: String!, $repo: String!, $record: String!) {
  repository(owner: $owner, name: $repo) {
    config: object(expression: "HEAD:.github/hallpass.yml") { ... on Blob { text } }
    record: object(expression: $record) { ... on Blob { text } }
  }
}`;

/** What the ledger says is open. Throws `UntrustedCredentials` where nothing is. */
export async function readGrant(
  client: GitHubClient,
  number: RequestNumber,
): Promise<{ readonly config: Config; readonly record: ActiveRecord }> {
  const { owner, repo } = client;
  const path = `active/${number}.yaml`;
  const { repository } = await client.query({
    text: grantQuery,
    variables: { owner, repo, record: `ledger:${path}` },
    as: grantAnswer,
  });
  if (repository.config === null) throw new UntrustedCredentials("config", noAccessRepo(client));
  const config = parseConfig(repository.config.text ?? "");
  if (!config.ok)
    throw new UntrustedCredentials(
      "config",
      `the config of ${owner}/${repo} cannot be read: ${config.problems[0].message}`,
    );
  const text = repository.record?.text;
  if (text === null || text === undefined)
    throw new UntrustedCredentials(
      "no-grant",
      `nothing is open for request #${number}; look at the issue, or ask anew`,
    );
  const record = parseActive(text, path);
  if (!record.ok)
    throw new UntrustedCredentials("no-grant", `\`${path}\` in the ledger is no record of an open grant`);
  return { config: config.value, record: record.value };
}

const commentShape = z.object({
  node_id: z.string(),
  body: z.optional(z.string()),
  user: z.nullable(z.object({ type: z.string() })),
  performed_via_github_app: z.nullish(z.object({ id: z.number() })),
});

const marker = "<!-- hallpass:credentials -->";

/** However many there are: anybody who may comment could otherwise push the credentials off the first page. */
async function allComments(client: GitHubClient, number: RequestNumber) {
  const all: z.infer<typeof commentShape>[] = [];
  for (let page = 1; ; page++) {
    const comments = await client.get({
      path: "/repos/{owner}/{repo}/issues/{number}/comments",
      with: { number },
      query: { per_page: 100, page },
      as: z.array(commentShape),
    });
    all.push(...comments);
    if (comments.length < 100) return all;
  }
}

async function newestCredentials(
  client: GitHubClient,
  {
    number,
    config,
    comments,
  }: {
    readonly number: RequestNumber;
    readonly config: Config;
    readonly comments: readonly z.infer<typeof commentShape>[];
  },
): Promise<string> {
  const sealed = comments.filter(({ body }) => body?.startsWith(marker) === true);
  const ours = sealed.filter(
    (each) => each.user?.type === "Bot" && each.performed_via_github_app?.id === config.app,
  );
  const newest = ours.at(-1);
  if (newest === undefined)
    throw sealed.length > 0
      ? new UntrustedCredentials(
          "not-from-the-app",
          "the sealed comment was not written by the App of this repository; do not use it, and tell an admin",
        )
      : new UntrustedCredentials(
          "no-credentials",
          `there are no credentials on #${number} yet; post \`/token\` with your key`,
        );
  return uneditedBody(client, newest.node_id);
}

const editsAnswer = z.object({
  node: z.object({
    body: z.string(),
    lastEditedAt: z.nullable(z.string()),
    userContentEdits: z.nullable(z.object({ totalCount: z.number() })),
  }),
});

// ATTACK: any writer can edit the App's comment; it keeps its author
async function uneditedBody(client: GitHubClient, id: string): Promise<string> {
  const { node } = await client.query({
    text: "query Edits($id: ID!) { node(id: $id) { ... on IssueComment { body lastEditedAt userContentEdits(first: 1) { totalCount } } } }",
    variables: { id },
    as: editsAnswer,
  });
  if (node.lastEditedAt === null && (node.userContentEdits?.totalCount ?? 0) === 0) return node.body;
  throw new UntrustedCredentials(
    "edited",
    "somebody has edited the App's sealed comment; do not use it, post `/token` again, and tell an admin",
  );
}

async function open({ unseal }: TakeDeps, comment: string): Promise<readonly GrantedCredentials[]> {
  const armored = /-----BEGIN AGE ENCRYPTED FILE-----[\s\S]*?-----END AGE ENCRYPTED FILE-----/.exec(
    comment,
  )?.[0];
  if (armored === undefined)
    throw new UntrustedCredentials(
      "no-credentials",
      "the App's comment holds no sealed credentials; post `/token` again",
    );
  const opened = await unseal(armored);
  if (opened !== undefined) return opened.grants;
  throw new UntrustedCredentials(
    "not-for-this-key",
    "the credentials are sealed to another key than yours; post `/token` with the key you have here",
  );
}

/** The ARN must be exactly that of the configured access role and the record's session name. */
async function checkIdentity(
  { whoAmI }: TakeDeps,
  config: Config,
  record: ActiveRecord,
  credentials: GrantedCredentials,
): Promise<void> {
  const configured = config.accounts.find(({ id }) => id === credentials.account);
  const owner = configured && ownerOf(configured.roles.access, record.granted.session);
  if (owner !== undefined && owner === (await whoAmI(credentials))) return;
  throw new UntrustedCredentials(
    "another-identity",
    `the credentials are not those of this grant: AWS answers for another account, role or session than the config and \`${record.granted.session}\` say; do not use them, and tell an admin`,
  );
}
