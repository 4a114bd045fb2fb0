// `hallpass status`: one request, as the App's status comment tells it.

import type { RequestNumber } from "../core/ids.ts";
import { parseRequestNumber } from "../core/parse-ids.ts";
import { shown } from "../core/text.ts";
import { newestOfMine } from "../flow/my-requests.ts";
import { readConfig } from "../flow/prepare-request.ts";
import { readMe, readShown, type ShownInFull } from "../flow/shown-requests.ts";
import type { GitHubClient } from "../github/client.ts";
import { isGitHubError } from "../github/error.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { askedJson } from "./list.ts";
import { gist, plainText } from "./show-markdown.ts";
import { signInHere } from "./sign-in.ts";
import type { Terminal } from "./terminal.ts";

export interface StatusOptions {
  /** Absent: the newest of mine. */
  readonly id?: string;
  readonly repo?: string;
  readonly json: boolean;
}

export async function status(terminal: Terminal, options: StatusOptions): Promise<ExitCode> {
  const given = options.id === undefined ? undefined : requestNumber(options.id);
  const client = await signInHere(terminal, options.repo);
  const config = await readConfig(client);
  const app = config.ok ? config.value.app : undefined;
  const number = given ?? (await newest(client, app));
  if (number === undefined) {
    terminal.err("you have asked for nothing yet; `hallpass request NODE` does\n");
    return exitCode.notOk;
  }
  const found = await existing(client, number, () => readShown(client, number, app));
  terminal.out(options.json ? `${JSON.stringify(statusJson(found))}\n` : shownStatus(found));
  return exitCode.ok;
}

/** `12` or `#12`. */
export function requestNumber(text: string): RequestNumber {
  const number = /^#?[1-9]\d{0,9}$/.test(text)
    ? parseRequestNumber(Number(text.replace("#", "")))
    : undefined;
  if (number === undefined) throw new Error(`expected the number of a request, got \`${text}\``);
  return number;
}

/** Says so where there is no such request. */
export async function existing<T>(
  { owner, repo }: GitHubClient,
  number: number,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isGitHubError(error, "not-found")) throw error;
    throw new Error(
      `${owner}/${repo} has no #${number}, or you may not see it; \`hallpass list --all\` shows what there is`,
    );
  }
}

async function newest(client: GitHubClient, app = 0): Promise<number | undefined> {
  const { login } = await readMe(client);
  return (await newestOfMine(client, { login, app }))?.request;
}

function statusJson({ status: comment, sealed, ...found }: ShownInFull) {
  const { request, url, state, open, by, opened, updated, asked } = found;
  const { what, next } = gist(comment?.body ?? "");
  return {
    ...{ request, url, state, open, by, opened, updated },
    ...(asked === undefined ? {} : askedJson(asked)),
    ...(comment === undefined ? {} : { what, next, since: comment.updated, text: plainText(comment.body) }),
    credentials: sealed !== undefined,
  };
}

function shownStatus({ request, url, state, by, asked, status: comment }: ShownInFull): string {
  if (comment !== undefined) return `${plainText(comment.body)}\n\n${url}\n`;
  const text =
    asked === undefined
      ? `#${request} by ${by}: ${shown(state)}. It is not the form of an access request, and Hallpass has not answered it.`
      : `Access request #${request} by ${by}: ${shown(state)}. Hallpass has not answered yet.`;
  return `${text}\n\n${url}\n`;
}
