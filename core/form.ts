// The issue form. All headings, in this order, each once: nothing a field says can become another field.

import { formatDuration } from "./duration.ts";
import { formatInstant } from "./ids.ts";
import { type Parsed, type Problem, problem, refused, unlessProblems } from "./problem.ts";
import type { AccessRequest } from "./request.ts";
import {
  headingOf,
  looksLikeHeading,
  type RequestDraft,
  type RequestField,
  requestFields,
} from "./request-draft.ts";
import { formatSelector } from "./selectors.ts";
import { quoted, unixLines, utf8Bytes } from "./text.ts";

const mostBytes = 64 * 1024;
/** What GitHub writes for a field that was left empty. */
const noResponse = "_No response_";

/** Cuts the body of an issue into the texts of its fields. */
export function parseForm(body: string): Parsed<RequestDraft> {
  const bytes = utf8Bytes(body);
  if (bytes > mostBytes)
    return refused(problem("form.too-large", `${bytes} bytes, expected at most ${mostBytes}; shorten it`));
  const { sections, problems } = cut(unixLines(body).split("\n"));
  const text = (field: RequestField): string => textOf(sections.get(field) ?? []);
  return unlessProblems(problems, {
    origin: "form",
    nodes: text("nodes").split(/[\n,]/),
    access: text("access"),
    forward: text("forward"),
    for: text("for"),
    reason: text("reason"),
    ticket: text("ticket"),
    from: text("from"),
  });
}

const fieldOfHeading = (line: string): RequestField | undefined =>
  requestFields.find((field) => line.trimEnd() === `### ${headingOf(field)}`);

function cut(lines: readonly string[]) {
  const sections = new Map<RequestField, string[]>();
  const problems: Problem[] = [];
  let current: RequestField | undefined;
  for (const line of lines) {
    const field = fieldOfHeading(line);
    if (field !== undefined) {
      if (sections.has(field)) problems.push(repeated(field));
      sections.set(field, []);
      current = field;
    } else if (looksLikeHeading(line)) problems.push(foreign(line, current));
    else if (current !== undefined) sections.get(current)?.push(line);
    else if (line.trim() !== "") problems.push(early(line));
  }
  return { sections, problems: [...problems, ...missingOrMoved([...sections.keys()])] };
}

const repeated = (field: RequestField): Problem =>
  problem(
    "form.heading-repeated",
    `the heading \`### ${headingOf(field)}\` is there twice; keep the form's own, and no such line in a field`,
    { field: headingOf(field) },
  );

const foreign = (line: string, current: RequestField | undefined): Problem =>
  problem(
    "form.heading-unknown",
    `the line ${quoted(line)} looks like a heading of the form; change it`,
    current === undefined ? {} : { field: headingOf(current) },
  );

const early = (line: string): Problem =>
  problem("form.heading-order", `${quoted(line)} stands before the first heading; keep the form as it is`);

function missingOrMoved(found: readonly RequestField[]): readonly Problem[] {
  const missing = requestFields
    .filter((field) => !found.includes(field))
    .map((field) =>
      problem(
        "form.heading-missing",
        `the heading \`### ${headingOf(field)}\` is missing; use the form, and leave a field empty rather than out`,
        { field: headingOf(field) },
      ),
    );
  const expected = requestFields.filter((field) => found.includes(field));
  const moved = found.some((field, i) => field !== expected[i]);
  const order = `the headings stand in another order; expected ${requestFields.map(headingOf).join(", ")}`;
  return moved ? [...missing, problem("form.heading-order", order)] : missing;
}

const opensFence = (line: string): string | undefined => /^(`{3,}|~{3,})[^`]*$/.exec(line)?.[1];

/** A field that the form shows as code comes in a fence. */
function textOf(lines: readonly string[]): string {
  const value = lines.join("\n").trim();
  const [first = "", ...others] = value.split("\n");
  const fence = opensFence(first);
  if (fence !== undefined && others.at(-1) === fence) return others.slice(0, -1).join("\n");
  return value === noResponse ? "" : value;
}

/** The body of the issue that asks for this: what the CLI writes, and `parseForm` reads back. */
export function renderForm(request: AccessRequest): string {
  const texts: Readonly<Record<RequestField, string>> = {
    nodes: request.nodes.map(formatSelector).join("\n"),
    access: request.access,
    forward: request.forward ?? "",
    for: formatDuration(request.for),
    reason: request.reason,
    ticket: request.ticket ?? "",
    from: request.from === undefined ? "" : formatInstant(request.from),
  };
  return requestFields.map((field) => `### ${headingOf(field)}\n\n${section(texts[field])}\n`).join("\n");
}

function section(text: string): string {
  if (text === "") return noResponse;
  const [first = ""] = text.split("\n");
  if (text !== noResponse && opensFence(first) === undefined) return text;
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}
