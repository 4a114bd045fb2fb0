// `hallpass request`: opens the issue that asks. What could not be decided is not posted.

import * as z from "zod/mini";
import { formatDuration } from "../core/duration.ts";
import { formatInstant, type Instant } from "../core/ids.ts";
import type { Problem } from "../core/problem.ts";
import type { RequestDraft } from "../core/request-draft.ts";
import { formatSelector } from "../core/selectors.ts";
import { shown } from "../core/text.ts";
import { type Ground, type PreparedRequest, prepareRequest, readGround } from "../flow/prepare-request.ts";
import type { GitHubClient } from "../github/client.ts";
import { ask } from "./ask.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { rememberNodes } from "./known-names.ts";
import { furtherSearch, settleNames } from "./pick-node.ts";
import { signInHere } from "./sign-in.ts";
import { painter, type Terminal } from "./terminal.ts";

/** What is asked for, as typed. */
export interface AskOptions {
  readonly for: string;
  readonly reason?: string;
  readonly access: string;
  readonly forward?: string;
  readonly ticket?: string;
  readonly from?: string;
}

export interface RequestOptions extends AskOptions {
  readonly nodes: readonly string[];
  readonly repo?: string;
  readonly json: boolean;
}

export async function request(terminal: Terminal, options: RequestOptions): Promise<ExitCode> {
  const client = await signInHere(terminal, options.repo);
  const ground = await readGround(client);
  if (!ground.ok) return refuse(terminal, ground.problems);
  void rememberNodes(terminal, client, ground.value);
  const nodes = await settleNames(terminal, ground.value, options.nodes);
  const prepared = await prepare(terminal, ground.value, nodes, options);
  if (!prepared.ok) return refuse(terminal, prepared.problems, furtherSearch(ground.value, nodes));
  const opened = await openIssue(client, prepared.value);
  terminal.out(options.json ? `${JSON.stringify(asJson(opened, prepared.value))}\n` : `${opened.url}\n`);
  if (!options.json)
    terminal.err(`asked as #${opened.request}; \`hallpass status ${opened.request}\` says how it stands\n`);
  return exitCode.ok;
}

/** Asks on a terminal for a reason where none is given: everybody has one, and it is for people. */
export async function prepare(
  terminal: Terminal,
  ground: Ground,
  nodes: readonly string[],
  given: AskOptions,
) {
  const reason = given.reason ?? (await askForReason(terminal));
  const draft: RequestDraft = {
    origin: "form",
    nodes,
    access: given.access,
    forward: given.forward ?? "",
    for: given.for,
    reason,
    ticket: given.ticket ?? "",
    from: given.from ?? "",
  };
  return prepareRequest(ground, draft, Date.now() as Instant);
}

async function askForReason(terminal: Terminal): Promise<string> {
  if (terminal.ask === undefined)
    throw new Error("why? give --reason; the people who approve read it, and nobody is here to be asked");
  return ask(
    { err: terminal.err, ask: terminal.ask },
    { text: "Reason:", read: (answer) => (answer === "" ? undefined : answer), expected: "a few words why" },
  );
}

/** What is wrong with what was typed, by the form's own names. */
export function refuse(
  terminal: Terminal,
  problems: readonly Problem[],
  next: readonly string[] = [],
): ExitCode {
  const paint = painter(terminal.errColours);
  for (const { field, message, code } of problems) {
    const where = field === undefined ? "" : `${field}: `;
    terminal.err(`${paint("bad", "error")}: ${where}${message} ${paint("faint", `[${code}]`)}\n`);
  }
  for (const each of next) terminal.err(`${each}\n`);
  return exitCode.cannotRun;
}

export interface OpenedRequest {
  readonly request: number;
  readonly url: string;
}

export async function openIssue(
  client: GitHubClient,
  { request: { nodes }, body }: PreparedRequest,
): Promise<OpenedRequest> {
  const [first, ...others] = nodes.map(formatSelector);
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const { number, html_url } = await client.send({
    method: "POST",
    path: "/repos/{owner}/{repo}/issues",
    // nothing is read from the title; it is for lists
    body: { title: `Access request: ${shown(first ?? "")}${more}`, body },
    as: z.object({ number: z.int(), html_url: z.string() }),
  });
  return { request: number, url: html_url };
}

function asJson({ request: number, url }: OpenedRequest, { request: asked, nodes }: PreparedRequest) {
  return {
    request: number,
    url,
    nodes: nodes.map(({ account, region, id, name }) => ({ account, region, id, name })),
    access: asked.access,
    forward: asked.forward,
    for: formatDuration(asked.for),
    reason: asked.reason,
    ticket: asked.ticket,
    from: asked.from === undefined ? undefined : formatInstant(asked.from),
  };
}
