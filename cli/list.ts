// `hallpass list`: requests, one a line.

import { labelPrefix } from "../core/plan.ts";
import type { RequestDraft } from "../core/request-draft.ts";
import { shown } from "../core/text.ts";
import { listMyOpen } from "../flow/my-requests.ts";
import { readConfig } from "../flow/prepare-request.ts";
import { listRequests, pullsForMe, readMe, readShown, type ShownRequest } from "../flow/shown-requests.ts";
import type { GitHubClient } from "../github/client.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { signInHere } from "./sign-in.ts";
import { painter, type Terminal } from "./terminal.ts";

/** Open ones of mine; those whose review is asked of me; those with open access; the newest of everybody. */
export type Which = "mine" | "for-me" | "active" | "all";

export interface ListOptions {
  readonly which: Which;
  readonly repo?: string;
  readonly json: boolean;
}

/** One that is for me says where it is reviewed. */
type Row = ShownRequest & { readonly pull?: number };

const most = 100;

export async function list(terminal: Terminal, { which, repo, json }: ListOptions): Promise<ExitCode> {
  const client = await signInHere(terminal, repo);
  const config = await readConfig(client);
  const rows = await readRows(client, which, config.ok ? config.value.app : 0);
  if (json) terminal.out(`${JSON.stringify(rows.map(rowJson))}\n`);
  else if (rows.length === 0) terminal.err(`${nothing[which]}\n`);
  else terminal.out(table(terminal, rows));
  return exitCode.ok;
}

const nothing: Readonly<Record<Which, string>> = {
  mine: "none of your requests is open",
  "for-me": "nobody waits for your review",
  active: "no access is open",
  all: "nobody has asked for anything yet",
};

/** Without a config that can be read there is no App, and only what people opened themselves is found to be theirs. */
async function readRows(client: GitHubClient, which: Which, app: number): Promise<readonly Row[]> {
  switch (which) {
    case "mine": {
      const { login } = await readMe(client);
      return listMyOpen(client, { login, app }, most);
    }
    case "for-me": {
      const { login } = await readMe(client);
      const rows: Row[] = [];
      for (const { request, pull } of await pullsForMe(client, login))
        rows.push({ ...(await readShown(client, request, undefined)), pull });
      return rows;
    }
    case "active":
      return listRequests(client, { state: "all", label: `${labelPrefix}active` }, most);
    case "all":
      return listRequests(client, { state: "all" }, most);
  }
}

/** The fields of the form, empty ones left out. */
export function askedJson({ nodes, access, forward, for: length, reason, ticket, from }: RequestDraft) {
  const texts = { access, forward, for: length, reason, ticket, from };
  return {
    nodes: nodesOf({ nodes }),
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim() !== "")),
  };
}

const nodesOf = ({ nodes }: Pick<RequestDraft, "nodes">): readonly string[] =>
  nodes.map((node) => node.trim()).filter((node) => node !== "");

const rowJson = ({ request, url, state, open, by, opened, updated, asked, pull }: Row) => ({
  ...{ request, url, state, open, by, opened, updated },
  ...(asked === undefined ? {} : askedJson(asked)),
  ...(pull === undefined ? {} : { pull }),
});

function table(terminal: Terminal, rows: readonly Row[]): string {
  const paint = painter(terminal.outColours);
  const cells = rows.map(({ request, state, by, asked, opened }) => [
    `#${request}`,
    shown(state),
    by,
    asked === undefined ? "" : shown(nodesOf(asked).join(" ")),
    asked === undefined ? "" : shown(`${asked.access} ${asked.for}`.trim()),
    opened.replace("T", " ").replace(/:\d\dZ$/, ""),
  ]);
  const heads = ["#", "STATE", "BY", "NODES", "FOR", "OPENED"];
  const widths = heads.map((head, i) => Math.max(head.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  return [paint("faint", line(heads)), ...cells.map(line), ""].join("\n");
}
