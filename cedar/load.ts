// Policy text in; a checked set, or every problem with its place, out. Cedar gets the whole text of a file, so that its spans are offsets
// into that file; what each policy may be like is checked before and after.

import { createHash } from "node:crypto";
import {
  type PolicyJson,
  policySetTextToParts,
  policyToJson,
  validate,
} from "@cedar-policy/cedar-wasm/nodejs";
import { type Place, type Problem, problem } from "../core/problem.ts";
import { hiddenCharacter } from "../core/text.ts";
import { parseProblems, validationProblems } from "./cedar-errors.ts";
import { checkPolicy } from "./check-policy.ts";
import { type Scan, scanPolicies } from "./lexer.ts";
import type { LoadedPolicy, LoadResult, PolicyFile } from "./policy-set.ts";
import { checkSchemaCopy, schemaText } from "./schema.ts";

/**
 * Loads the `*.cedar` files of a policies folder; a `*.cedarschema` among them is compared with the built-in schema. Problems are sorted by
 * file and line. May throw only when the engine itself breaks, which ends its instance.
 */
export function loadPolicies(files: readonly PolicyFile[]): LoadResult {
  const sorted = [...files].sort((a, b) => compare(a.path, b.path));
  const scanned = sorted.map(scanFile);
  const valid = validAtOnce(scanned);
  const loaded = scanned.map((file) => loadFile(file, valid));
  const policies = loaded.flatMap((file) => file.policies);
  const problems = [...loaded.flatMap((file) => file.problems), ...repeatedIds(policies)];
  if (problems.length > 0) return { ok: false, problems: problems.sort(byPlace) };
  return {
    ok: true,
    set: {
      id: createHash("sha256").update(JSON.stringify(sorted)).digest("hex"),
      files: sorted,
      policies,
      teams: distinct(loaded.flatMap((file) => file.teams)),
      groups: distinct(loaded.flatMap((file) => file.groups)),
      warnings: loaded.flatMap((file) => file.warnings).sort(byPlace),
    },
  };
}

/** Without a byte order mark, and with U+FFFD for half a character, which the engine could not read. */
const plainText = (text: string): string => text.replace(/^\uFEFF/, "").replace(/\p{Surrogate}/gu, "\uFFFD");

interface LoadedFile {
  readonly policies: readonly (LoadedPolicy & { readonly place: Place })[];
  readonly teams: readonly string[];
  readonly groups: readonly string[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

const nothing: LoadedFile = { policies: [], teams: [], groups: [], problems: [], warnings: [] };

interface ScannedFile extends PolicyFile {
  /** Undefined: a schema. */
  readonly scan: Scan | undefined;
}

function scanFile({ path, text: written }: PolicyFile): ScannedFile {
  const text = plainText(written);
  return { path, text, scan: path.endsWith(".cedarschema") ? undefined : scanPolicies(path, text) };
}

/**
 * Whether Cedar has nothing to say about any of several files, asked once: it reads the schema each time that it is asked. Otherwise each is asked for
 * alone, so that places are of that file.
 */
function validAtOnce(files: readonly ScannedFile[]): boolean {
  const scanned = files.filter(({ scan }) => scan !== undefined);
  // INVARIANT: Cedar never sees a text that is over the limits
  if (scanned.length < 2 || scanned.some(({ scan }) => scan?.problems.length !== 0)) return false;
  const answer = validate({
    schema: schemaText,
    policies: { staticPolicies: scanned.map(({ text }) => text).join("\n") },
  });
  return answer.type === "success" && answer.validationErrors.length + answer.validationWarnings.length === 0;
}

function loadFile({ scan, ...file }: ScannedFile, valid: boolean): LoadedFile {
  if (scan === undefined) return { ...nothing, problems: checkSchemaCopy(file.path, file.text) };
  // INVARIANT: Cedar never sees a text that is over the limits
  if (scan.problems.length > 0) return { ...nothing, problems: scan.problems };
  const unseen = hiddenCharacter(file.text.replaceAll("\r\n", " \n"));
  if (unseen !== undefined) return { ...nothing, problems: [cannotBeSeen(unseen, scan)] };
  const source = { text: file.text, positions: scan.positions };
  const parts = policySetTextToParts(file.text);
  if (parts.type === "failure")
    return { ...nothing, problems: parts.errors.flatMap((error) => parseProblems(error, source)) };
  if (parts.policy_templates.length > 0) return { ...nothing, problems: templates(scan) };
  if (!sameParts(file.text, scan, parts.policies)) return { ...nothing, problems: [disagreement(file.path)] };
  return checkFile(file, scan, valid);
}

/** ATTACK: who reviews a policy must read what the engine reads; a lone carriage return ends a comment, and a bidi override turns text around. */
const cannotBeSeen = ({ index, name }: { index: number; name: string }, { positions }: Scan): Problem =>
  problem("policy.parse", `character ${name} cannot be seen; take it out`, {
    place: positions.atIndex(index),
  });

function templates({ policies, positions }: Scan): readonly Problem[] {
  const message =
    "this is a template, which nothing links here: write the principal or resource in place of the `?` slot";
  return policies.flatMap(({ slot }) =>
    slot === undefined ? [] : [problem("policy.validation", message, { place: positions.atIndex(slot) })],
  );
}

/** INVARIANT: where we think that a policy begins and ends is where Cedar thinks so; else limits and names would be of something else. */
function sameParts(text: string, { policies }: Scan, parts: readonly string[]): boolean {
  const ours = policies.map(({ start, end }) => text.slice(start, end)).sort();
  const theirs = [...parts].sort();
  return ours.length === theirs.length && ours.every((part, index) => part === theirs[index]);
}

const disagreement = (file: string): Problem =>
  problem(
    "policy.engine",
    "where the policies of this file begin and end is not clear: write it more plainly",
    {
      place: { file, line: 1, column: 1 },
    },
  );

function checkFile(file: PolicyFile, scan: Scan, valid: boolean): LoadedFile {
  const source = { text: file.text, positions: scan.positions };
  const answer = valid
    ? nothingToSay
    : validate({ schema: schemaText, policies: { staticPolicies: file.text } });
  if (answer.type === "failure")
    return { ...nothing, problems: answer.errors.flatMap((error) => parseProblems(error, source)) };
  const starts = scan.policies.map((policy) => policy.start);
  const problems = [...validationProblems(answer.validationErrors, source, starts)];
  const warnings = [...validationProblems(answer.validationWarnings, source, starts)];
  const policies: (LoadedPolicy & { place: Place })[] = [];
  const teams: string[] = [];
  const groups: string[] = [];
  for (const { start, end } of scan.policies) {
    const place = scan.positions.atIndex(start);
    const text = file.text.slice(start, end);
    const json = jsonOf(text);
    const check = checkPolicy(json, place);
    problems.push(...check.problems);
    warnings.push(...check.warnings);
    teams.push(...check.teams);
    groups.push(...check.groups);
    const annotations = annotationsOf(json);
    const name = annotations["id"] ?? `${file.path.replace(/^policies\//, "")}:${place.line}`;
    const ref = { name, file: file.path, line: place.line };
    policies.push({ ref, effect: json.effect, actions: check.actions, annotations, text, start, place });
  }
  return { policies, teams, groups, problems, warnings };
}

const nothingToSay = { type: "success", validationErrors: [], validationWarnings: [] } as const;

function jsonOf(text: string): PolicyJson {
  const answer = policyToJson(text);
  // INVARIANT: it was parsed as part of its file already
  if (answer.type === "failure") throw new Error("the policy engine cannot read what it has parsed");
  return answer.json;
}

function annotationsOf(json: PolicyJson): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(json.annotations ?? {}).map(([key, value]) => [key, value ?? ""]));
}

/** Two policies of one name could not be told apart in a record; nor may an `@id` pass for the place of a policy without one. */
function repeatedIds(policies: LoadedFile["policies"]): readonly Problem[] {
  const taken = new Map<string, Place>();
  const named = policies.filter(({ annotations }) => annotations["id"] !== undefined);
  for (const { annotations, ref, place } of policies)
    if (annotations["id"] === undefined) taken.set(ref.name, place);
  return named.flatMap(({ ref, place }) => {
    const earlier = taken.get(ref.name);
    if (earlier === undefined) {
      taken.set(ref.name, place);
      return [];
    }
    const message = `\`@id("${ref.name}")\` is taken by the policy at ${earlier.file}:${earlier.line}: give each policy its own`;
    return [problem("policy.duplicate-id", message, { place })];
  });
}

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)].sort(compare);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function byPlace(a: Problem, b: Problem): number {
  const [left, right] = [a.place, b.place];
  return (
    compare(left?.file ?? "", right?.file ?? "") ||
    (left?.line ?? 0) - (right?.line ?? 0) ||
    (left?.column ?? 0) - (right?.column ?? 0) ||
    compare(a.message, b.message)
  );
}
