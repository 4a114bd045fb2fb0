// Cedar's errors as problems that say where, what and what to do next.

import type { DetailedError, ValidationError } from "@cedar-policy/cedar-wasm/nodejs";
import { type Problem, type ProblemCode, problem } from "../core/problem.ts";
import type { TextPositions } from "./text-position.ts";

interface Source {
  readonly text: string;
  readonly positions: TextPositions;
}

/** A parse error with the further ones that Cedar found behind it. */
export function parseProblems(error: DetailedError, source: Source): readonly Problem[] {
  const related = error.related ?? [];
  return [
    toProblem("policy.parse", error, source),
    ...related.flatMap((each) => parseProblems(each, source)),
  ];
}

/**
 * What strict validation says of one file, whose policies begin at `starts`. Cedar reports an unguarded read once for each type of node, in
 * no stable order, and takes every read behind an unguarded one for unguarded too: here one read is one problem, and only a real one.
 */
export function validationProblems(
  errors: readonly ValidationError[],
  source: Source,
  starts: readonly number[],
): readonly Problem[] {
  const sorted = [...errors].sort((a, b) => startOf(a.error) - startOf(b.error) || compare(a.error, b.error));
  const seen = new Set<string>();
  const unguarded = new Set<string>();
  return sorted.flatMap(({ policyId, error }) => {
    const read = readOf(error, source);
    const key = `${policyId} ${startOf(error)} ${read === undefined ? error.message : "read"}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const found = toProblem("policy.validation", error, source);
    if (read === undefined) return [found];
    const start = starts[Number(policyId.replace("policy", ""))] ?? 0;
    const isThere = stands(guardFor(read.text), source.text.slice(start, read.index));
    if (isThere && unguarded.has(policyId)) return [];
    unguarded.add(policyId);
    return [isThere ? { ...found, message: `${found.message}; ${guardElsewhere}` } : found];
  });
}

const guardElsewhere =
  "the guard is there, but counts only where `&&` joins it to the read (for `!guard || a == b`, write `!(guard && a != b)`)";

const startOf = (error: DetailedError): number => error.sourceLocations?.[0]?.start ?? 0;

const compare = (a: DetailedError, b: DetailedError): number => (a.message < b.message ? -1 : 1);

/** The expression that reads what may be missing, and its index in the file. */
function readOf(error: DetailedError, source: Source): { text: string; index: number } | undefined {
  const [location] = error.sourceLocations ?? [];
  if (location === undefined || !withoutId(error.message).startsWith(unguardedRead)) return undefined;
  return { text: oneLine(slice(source, location)), index: source.positions.indexOfByte(location.start) };
}

const unguardedRead = "unable to guarantee safety of access";

const withoutId = (message: string): string => message.replace(/^for policy `policy\d+`, /, "");

const stands = (guard: string | undefined, before: string): boolean =>
  guard !== undefined && before.replace(/\s+/g, "").includes(guard.replace(/\s+/g, ""));

function toProblem(code: ProblemCode, error: DetailedError, source: Source): Problem {
  const [location] = error.sourceLocations ?? [];
  const place = source.positions.atByte(location?.start ?? 0);
  const read = location === undefined ? "" : slice(source, location);
  return problem(code, explain(error, location?.label ?? undefined, read), { place });
}

const slice = ({ text, positions }: Source, { start, end }: { start: number; end: number }): string =>
  text.slice(positions.indexOfByte(start), positions.indexOfByte(end));

function explain(error: DetailedError, label: string | undefined, read: string): string {
  const message = withoutId(error.message).replace(/^failed to parse polic(y|ies) from string: /, "");
  const advice = adviceFor(message, read) ?? withoutId(error.help ?? "");
  if (message.startsWith(unguardedRead)) {
    const guard = guardFor(oneLine(read));
    const fix = guard === undefined ? advice : `put \`${guard} &&\` in front of it`;
    return `\`${oneLine(read)}\` may be missing, and Cedar would skip the policy: ${fix}`;
  }
  return [message, label, advice].filter((part) => part !== undefined && part !== "").join("; ");
}

/** Fixes for what AWS's own pages get wrong. */
function adviceFor(message: string, read: string): string | undefined {
  const action = /^expected an entity uid, found name `AWS::SSM::(\w+)`$/.exec(message)?.[1];
  if (action !== undefined) return `write \`AWS::SSM::Action::"${action}"\``;
  if (message === "unexpected end of input") return "a policy ends with `;`";
  if (message === "`exists` is not a valid method") return "test what you need with `has` or `.hasTag(…)`";
  if (message === "empty set literals are forbidden in policies")
    return read === "" ? "name at least one action" : "name at least one element, or take the test out";
  return undefined;
}

/** The guard that a read needs, in the policy's own words. */
function guardFor(read: string): string | undefined {
  const tag = /^(.+?)\s*\.\s*getTag\s*\(\s*(.+?)\s*\)$/.exec(read);
  if (tag !== null) return `${tag[1]}.hasTag(${tag[2]})`;
  const attribute = /^(.+?)\s*\.\s*(\w+)$/.exec(read) ?? /^(.+)\[\s*("[^"]*")\s*\]$/.exec(read);
  return attribute === null ? undefined : `${attribute[1]} has ${attribute[2]}`;
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
