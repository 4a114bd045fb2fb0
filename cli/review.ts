// `hallpass approve` and `reject`: an ordinary review of the request's pull request, after showing what it is of.

import * as z from "zod/mini";
import { formatDuration } from "../core/duration.ts";
import { sameLogin } from "../core/ids.ts";
import { parseApproved } from "../core/parse-record.ts";
import type { ApprovedRecord } from "../core/record.ts";
import { statusMarker } from "../core/render-status.ts";
import { visible } from "../core/text.ts";
import { readConfig } from "../flow/prepare-request.ts";
import { listPulls, readMe, readShown, type ShownInFull, type ShownPull } from "../flow/shown-requests.ts";
import type { GitHubClient } from "../github/client.ts";
import { ask } from "./ask.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { levelsOf } from "./show-markdown.ts";
import { signInHere } from "./sign-in.ts";
import { existing, requestNumber } from "./status.ts";
import { painter, type Terminal } from "./terminal.ts";
import { wrap } from "./wrap.ts";

export interface ReviewOptions {
  readonly id: string;
  readonly verdict: "approve" | "reject";
  /** Needed to reject: GitHub wants a reason, and so does whoever asked. */
  readonly message?: string;
  readonly repo?: string;
  readonly yes: boolean;
  readonly json: boolean;
}

export async function review(terminal: Terminal, options: ReviewOptions): Promise<ExitCode> {
  const { verdict, yes, message } = options;
  const number = requestNumber(options.id);
  if (!yes && terminal.ask === undefined)
    throw new Error(
      `nobody is here to be asked; --yes says that you mean to ${verdict} what \`hallpass status ${number}\` shows`,
    );
  const client = await signInHere(terminal, options.repo);
  const pull = (await listPulls(client)).find((each) => each.request === number || each.pull === number);
  if (pull === undefined) {
    await readConfig(client);
    await existing(client, number, () => readShown(client, number, undefined));
    terminal.err(
      `nothing waits for a review in #${number}; \`hallpass status ${number}\` says how it stands\n`,
    );
    return exitCode.notOk;
  }
  const content = await readContent(client, pull);
  const { login } = await readMe(client);
  const requester = content.record?.requester.login ?? pull.by;
  if (verdict === "approve" && sameLogin(requester, login)) {
    terminal.err(`#${pull.request} is yours; nobody approves their own request\n`);
    return exitCode.notOk;
  }
  // with --json, standard output is for the program that reads it
  (options.json ? terminal.err : terminal.out)(
    shownContent(terminal, pull, content, await readShown(client, pull.request, undefined)),
  );
  if (!yes && !(await agrees(terminal, `${verdict} ${gistOf(pull, content)}`))) {
    terminal.err("nothing was done\n");
    return exitCode.notOk;
  }
  // an edit or an end while somebody reads: GitHub would take the review, and it would count for nothing
  if (!yes && !(await stillWaits(client, pull))) {
    terminal.err(
      `#${pull.request} has changed or ended while you read it; nothing was done, \`hallpass ${verdict} ${pull.request}\` shows what waits now\n`,
    );
    return exitCode.notOk;
  }
  const { html_url: url } = await post(client, pull, {
    verdict,
    ...(message === undefined ? {} : { message }),
  });
  const said = verdict === "approve" ? "approved" : "rejected";
  terminal.out(
    options.json
      ? `${JSON.stringify({ request: pull.request, pull: pull.pull, head: pull.head, did: said, url })}\n`
      : `${said} #${pull.request}, ${url}\n`,
  );
  return exitCode.ok;
}

const stillWaits = async (client: GitHubClient, shown: ShownPull): Promise<boolean> =>
  (await listPulls(client)).some(({ pull, head }) => pull === shown.pull && head === shown.head);

interface Content {
  readonly files: readonly {
    readonly filename: string;
    readonly status: string;
    readonly patch?: string | undefined;
  }[];
  /** What our App wrote; undefined for a request by file, whose diff says all. */
  readonly record?: ApprovedRecord;
}

/** All that the pull request changes, at the head that the review is of. */
async function readContent(client: GitHubClient, { pull, head, request }: ShownPull): Promise<Content> {
  const files = await client.get({
    path: "/repos/{owner}/{repo}/pulls/{pull}/files",
    with: { pull },
    query: { per_page: 100 },
    as: z.array(z.object({ filename: z.string(), status: z.string(), patch: z.optional(z.string()) })),
    whole: true,
  });
  const path = `approved/${request}.yaml`;
  const { owner, repo } = client;
  const { repository } = await client.query({
    text: "query Approved($owner: String!, $repo: String!, $record: String!) { repository(owner: $owner, name: $repo) { object(expression: $record) { ... on Blob { text } } } }",
    variables: { owner, repo, record: `${head}:${path}` },
    as: z.object({ repository: z.object({ object: z.nullable(z.object({ text: z.nullish(z.string()) })) }) }),
  });
  const record = parseApproved(repository.object?.text ?? "", path);
  return { files, ...(record.ok ? { record: record.value } : {}) };
}

function shownContent(
  terminal: Terminal,
  { request, url, by }: ShownPull,
  { files, record }: Content,
  shown: ShownInFull,
): string {
  const paint = painter(terminal.outColours);
  const who = record?.requester.login ?? by;
  const diff = files.flatMap(({ filename, status, patch }) => [
    paint("strong", `${status} ${visible(filename)}`),
    ...(patch ?? "(GitHub shows no diff of it; look at it there)")
      .split("\n")
      .map((line) => paintLine(paint, line)),
  ]);
  const columns = terminal.columns?.();
  return [
    paint("strong", `Access request #${request} by ${who}: ${url}`),
    ...(record === undefined ? [] : summary(record)).map((line) => wrap(line, columns)),
    `Asked: ${shown.opened.slice(0, 16).replace("T", " ")} UTC`,
    ...whoDecides(shown).map((line) => wrap(line, columns)),
    "",
    ...diff,
    "",
    "",
  ].join("\n");
}

/**
 * The levels, as the status comment has them; nothing where there is none yet. Only what is shown: whoever could write such a comment as an App
 * changes neither what is approved nor whether it counts.
 */
function whoDecides({ comments }: ShownInFull): readonly string[] {
  const status = comments.find(({ by, body }) => by.endsWith("[bot]") && body.startsWith(statusMarker));
  const levels = levelsOf(status?.body ?? "");
  return levels.length === 0 ? [] : ["Needs:", ...levels.map((line) => `  ${line}`)];
}

/** What is agreed to, beside the question: what it is of may have scrolled away. */
function gistOf({ request, by }: ShownPull, { record }: Content): string {
  if (record === undefined) return `#${request} by ${by}`;
  const [first, ...others] = record.nodes.map(({ name, id }) => visible(name ?? id));
  const where = `${first}${others.length === 0 ? "" : ` and ${others.length} more`}`;
  return `${accessOf(record)} on ${where} for ${record.requester.login}`;
}

const accessOf = ({ request: { access, forward, for: time } }: ApprovedRecord): string =>
  `${access}${forward === undefined ? "" : ` to ${forward}`} for ${formatDuration(time)}`;

function summary(record: ApprovedRecord): readonly string[] {
  const { reason, ticket } = record.request;
  const where = record.nodes.map(
    ({ name, id, account, region }) => `  ${visible(name ?? id)} (${account}/${region}/${id})`,
  );
  return [
    `${accessOf(record)} on`,
    ...where,
    `Reason: ${visible(reason)}`,
    ...(ticket === undefined ? [] : [`Ticket: ${ticket}`]),
  ];
}

const paintLine = (paint: ReturnType<typeof painter>, line: string): string =>
  paint(line.startsWith("+") ? "good" : line.startsWith("-") ? "bad" : "faint", visible(line));

const agrees = ({ err, ask: asks }: Terminal, what: string): Promise<boolean> =>
  asks === undefined
    ? Promise.resolve(false)
    : ask(
        { err, ask: asks },
        {
          text: `Do you ${what}? [y/n]`,
          read: (answer) => (/^y(es)?$/i.test(answer) ? true : /^no?$/i.test(answer) ? false : undefined),
          expected: "y or n",
        },
      );

/** INVARIANT: of the head that was shown, so that nothing pushed meanwhile is approved. */
const post = (
  client: GitHubClient,
  { pull, head }: ShownPull,
  { verdict, message }: Pick<ReviewOptions, "verdict" | "message">,
) =>
  client.send({
    method: "POST",
    path: "/repos/{owner}/{repo}/pulls/{pull}/reviews",
    with: { pull },
    body: {
      commit_id: head,
      event: verdict === "approve" ? "APPROVE" : "REQUEST_CHANGES",
      ...(message === undefined ? {} : { body: message }),
    },
    as: z.object({ html_url: z.string() }),
  });
