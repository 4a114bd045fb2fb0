// `/extend`: more time, as a new issue that our App opens. It asks with the form's own words for what the record of the first grant pins, so it is decided like any other
// request; and whoever looks at it can say from that record and the comment what its text must be.

import type { CommandFacts, ExtensionOf, Facts } from "./facts.ts";
import { renderForm } from "./form.ts";
import type { Instant, Seconds } from "./ids.ts";
import { parseRequestNumber } from "./parse-ids.ts";
import type { ActiveRecord, EndedGrant } from "./record.ts";
import type { NodeSelector } from "./request.ts";
import { unixLines } from "./text.ts";

/** The grant that is extended. */
export type Extendable = Pick<ActiveRecord | EndedGrant, "request" | "nodes" | "granted" | "subject">;

export interface Extend {
  readonly comment: number;
  readonly at: Instant;
  readonly for: Seconds;
}

/** Nobody needs more for one request, and each is an issue that our App writes. */
const mostExtensions = 3;

/** The `/extend` that count: the requester's own, given while access was open, the first three. */
export function heededExtends(commands: readonly CommandFacts[], { granted }: Extendable): readonly Extend[] {
  return commands
    .flatMap((each) =>
      each.command === "extend" &&
      each.allowed &&
      "for" in each &&
      each.at >= granted.at &&
      each.at < granted.until
        ? [{ comment: each.comment, at: each.at, for: each.for }]
        : [],
    )
    .slice(0, mostExtensions);
}

/** How long before the first end the second access begins: starting a run takes a minute, and an operator must not be thrown out meanwhile. In milliseconds. */
const overlap = 5 * 60_000;

const marker = /^<!-- hallpass:extend ([1-9]\d{0,14}) ([1-9]\d{0,17}) -->$/;

const firstLine = ({ request, comment }: ExtensionOf): string =>
  `<!-- hallpass:extend ${request} ${comment} -->`;

/** Which `/extend` an issue says it answers, by its first line. */
export function parseExtension(body: string): ExtensionOf | undefined {
  const [line = ""] = unixLines(body).split("\n", 1);
  const [, first, comment] = marker.exec(line.trimEnd()) ?? [];
  const request = parseRequestNumber(Number(first));
  return request === undefined ? undefined : { request, comment: Number(comment) };
}

/** The form's part of an extension's text. */
export const formOfExtension = (body: string): string =>
  unixLines(body).split("\n").slice(preambleLines).join("\n");

const preambleLines = 3;

export const extensionTitle = ({ subject }: Extendable): string => `Extend access request #${subject.number}`;

/**
 * The whole text of the issue. INVARIANT: a function of the record and the comment alone, so that the App's stolen token cannot ask for other nodes or longer. Its end is
 * the end of the first access and what was asked beyond, if it is granted before it begins.
 */
export function renderExtension(record: Extendable, said: Extend): string {
  const { request, nodes, granted, subject } = record;
  const planned = granted.until - overlap;
  const begins = Math.max(planned, said.at);
  const { forward, ticket } = request;
  return [
    firstLine({ request: subject.number, comment: said.comment }),
    `More time for #${subject.number}, as its requester asked there. Only Hallpass writes this text: an edit withdraws it.`,
    "",
    renderForm({
      nodes: nodes.map(
        ({ account, region, id }): NodeSelector => ({ by: "path", account, region, name: id }),
      ),
      access: request.access,
      ...(forward === undefined ? {} : { forward }),
      for: (said.for + Math.ceil((granted.until - begins) / 1000)) as Seconds,
      reason: request.reason,
      ...(ticket === undefined ? {} : { ticket }),
      // what begins at once has no start to wait for
      ...(begins === planned ? { from: planned as Instant } : {}),
    }),
  ].join("\n");
}

/** Line ends are the web's to change, nothing else is. */
export const saysTheSame = (body: string, text: string): boolean =>
  unixLines(body).trimEnd() === text.trimEnd();

/** The `/extend` of this request that no issue answers yet. */
export function unansweredExtends(
  { commands, extensions = [] }: Facts,
  record: Extendable,
): readonly Extend[] {
  return heededExtends(commands, record).filter(
    ({ comment }) => !extensions.some((each) => each.comment === comment),
  );
}
