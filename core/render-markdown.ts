// How words that others chose stand in a comment or a pull request of ours: as code, as inert text, as a link of ours, in a list that ends.

import type { PolicyRef } from "./answer.ts";
import type { Facts } from "./facts.ts";
import { formatInstant, type Instant, type Sha } from "./ids.ts";
import { inertMarkdown, shown, visible } from "./text.ts";

/**
 * Any text as code, on one line. GitHub looks for no mention, reference, emoji or address in code, and shows entities there as they are
 * written; so the text stands as it is, between more backticks than it has itself. Not for the cell of a table.
 */
export function code(text: string): string {
  const line = visible(text).replace(/\s+/g, " ").trim() || " ";
  const fence = "`".repeat(1 + Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)));
  // Markdown takes one space off both ends
  const space = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}

/** A login as people know it; as code, so that it calls nobody. */
export const person = (login: string): string => code(`@${login}`);

/**
 * A message of ours, where backticks mark what others wrote. Each pair becomes code and the rest inert text. ATTACK: what others wrote may have
 * backticks too, so that the pairs shift; then code and text change places, and both are still made safe.
 */
export function inertMessage(text: string, most = 2_000): string {
  const parts = (text.length > most ? `${text.slice(0, most)}…` : text).split("`");
  const last = parts.length - 1;
  const safe = parts.map((part, index) => {
    if (index % 2 === 0) return inertPart(part);
    return index === last ? `&#96;${inertPart(part)}` : code(part);
  });
  // between two pairs must stand something, or their backticks would become one longer row
  return safe.map((part, index) => (part === "" && index > 0 && index < last ? " " : part)).join("");
}

/** `2026-12-01 22:00 UTC`; seconds only where there are some. */
export const when = (at: Instant): string =>
  formatInstant(at)
    .replace("T", " ")
    .replace(/(?::00)?Z$/, " UTC");

/** With a full stop, unless it ends like a sentence already. */
export const sentence = (text: string): string => `${inertMessage(text)}${/[.?!]\s*$/.test(text) ? "" : "."}`;

/** Spaces at its ends stay: it is a piece of a sentence. */
const inertPart = (part: string): string =>
  part.trim() === ""
    ? part.replace(/\s+/g, " ")
    : `${/^\s/.test(part) ? " " : ""}${inertMarkdown(part)}${/\s$/.test(part) ? " " : ""}`;

const mostLines = 25;
const mostCharacters = 12_000;

/** The first lines of a list; a comment of GitHub's holds 65,536 characters, and nobody reads the hundredth line. */
export function listed(lines: readonly string[], rest: (count: number) => string): readonly string[] {
  let characters = 0;
  const kept = lines.slice(0, mostLines).filter((line) => {
    characters += line.length;
    return characters <= mostCharacters;
  });
  return kept.length === lines.length ? kept : [...kept, rest(lines.length - kept.length)];
}

/** A policy or an approval rule, at the commit it decided under. */
export const policyLink = (facts: Facts, policy: PolicyRef): string =>
  `[${code(shown(policy.name))}](${policyUrl(facts, policy)})`;

export function policyUrl({ repository, law }: Facts, { file, line }: PolicyRef): string {
  const path = file
    .replace(/^policies\//, "")
    .split("/")
    .map(encoded)
    .join("/");
  return `${repository.htmlUrl}/blob/${law.commit}/policies/${path}#L${line}`;
}

export const policiesLink = ({ repository }: Facts, commit: Sha): string =>
  `[policies at ${code(commit.slice(0, 7))}](${repository.htmlUrl}/tree/${commit}/policies)`;

/** Nothing is left that could end the address, nor half a character, which has no encoding. */
const encoded = (part: string): string =>
  encodeURIComponent(visible(part)).replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
