// Where each policy of a file begins and ends, and whether it stays inside the limits that keep Cedar alive. Runs before Cedar sees a
// byte: one policy with 131 nested parentheses breaks a wasm instance for good, and a proposed policy is anybody's text.

import { type Place, type Problem, problem } from "../core/problem.ts";
import { positionsIn, type TextPositions } from "./text-position.ts";
import { eachToken, type TokenKind } from "./tokens.ts";

/** What Cedar survives, with a wide margin (measured: 130 parentheses, 363 boolean terms, fewer than 400 chained reads or sums). */
export const limits = { bytes: 32 * 1024, depth: 32, operators: 100 } as const;

export interface PolicySource {
  /** Index of the first token, annotations included, and the index after the closing `;`. */
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
  /** The deepest of nested brackets and chained `.attribute` reads. */
  readonly depth: number;
  /** `&& || ! + - *`, `if`, and each `when` or `unless` after the first. */
  readonly operators: number;
  /** The first `?principal` or `?resource`: a template, not a policy. */
  readonly slot?: number;
}

export interface Scan {
  readonly policies: readonly PolicySource[];
  readonly problems: readonly Problem[];
  readonly positions: TextPositions;
}

export function scanPolicies(file: string, text: string): Scan {
  const positions = positionsIn(file, text);
  const policies = measurePolicies(text);
  return { policies, problems: policies.flatMap((policy) => overLimits(policy, positions)), positions };
}

interface Bracket {
  /** Length of the chain of reads that the current operand has. */
  chain: number;
  /** The longest chain inside this bracket: what a chain behind it goes on from. */
  longest: number;
}

interface Measure {
  start: number;
  depth: number;
  operators: number;
  clauses: number;
  slot?: number;
  previous: TokenKind;
  brackets: Bracket[];
  /** The tokens outside every bracket. */
  ground: Bracket;
}

function measurePolicies(text: string): readonly PolicySource[] {
  const policies: PolicySource[] = [];
  let measure: Measure | undefined;
  const finish = (end: number): void => {
    if (measure === undefined) return;
    const { start, depth, operators, slot } = measure;
    const bytes = Buffer.byteLength(text.slice(start, end));
    policies.push({ start, end, bytes, depth, operators, ...(slot === undefined ? {} : { slot }) });
    measure = undefined;
  };
  eachToken(text, (kind, start, end) => {
    measure ??= newMeasure(start);
    // seven characters tell `unless` from a longer name; a name may be as long as the file
    add(measure, kind, start, text.slice(start, Math.min(end, start + 7)));
    // INVARIANT: a `;` inside a bracket ends nothing, so that it cannot reset the count
    if (kind === "end" && measure.brackets.length === 0) finish(end);
  });
  finish(text.length);
  return policies;
}

function newMeasure(start: number): Measure {
  const ground = { chain: 0, longest: 0 };
  return { start, depth: 0, operators: 0, clauses: 0, previous: "end", brackets: [], ground };
}

function add(measure: Measure, kind: TokenKind, start: number, token: string): void {
  const inside = measure.brackets.at(-1) ?? measure.ground;
  switch (kind) {
    case "open":
      // `[` behind an operand reads an attribute, as `.` does
      if (token === "[" && isOperand(measure.previous)) lengthen(measure, inside, 1);
      measure.brackets.push({ chain: 0, longest: 0 });
      measure.depth = Math.max(measure.depth, measure.brackets.length);
      break;
    case "close":
      close(measure);
      break;
    case "dot":
      lengthen(measure, inside, 1);
      break;
    case "operator":
      measure.operators++;
      inside.chain = 0;
      break;
    case "word":
      addWord(measure, inside, token);
      break;
    case "slot":
      measure.slot ??= start;
      break;
    case "end":
    case "other":
      inside.chain = 0;
      break;
    case "string":
      break;
  }
  measure.previous = kind;
}

const isOperand = (kind: TokenKind): boolean => kind === "word" || kind === "close" || kind === "string";

function addWord(measure: Measure, inside: Bracket, word: string): void {
  if (measure.previous === "dot") return;
  inside.chain = 0;
  if (word === "if") measure.operators++;
  if (word !== "when" && word !== "unless") return;
  // Cedar joins the clauses of a policy as `&&` does
  if (measure.clauses > 0) measure.operators++;
  measure.clauses++;
}

function lengthen(measure: Measure, bracket: Bracket, by: number): void {
  bracket.chain += by;
  bracket.longest = Math.max(bracket.longest, bracket.chain);
  measure.depth = Math.max(measure.depth, bracket.longest);
}

function close(measure: Measure): void {
  const closed = measure.brackets.pop();
  const outside = measure.brackets.at(-1) ?? measure.ground;
  // `(a.b.c).d` is as deep as `a.b.c.d`
  if (closed !== undefined && closed.longest > outside.chain)
    lengthen(measure, outside, closed.longest - outside.chain);
}

function overLimits(policy: PolicySource, { atIndex }: TextPositions): readonly Problem[] {
  const place: Place = atIndex(policy.start);
  const problems: Problem[] = [];
  if (policy.bytes > limits.bytes) {
    const message = `this policy has ${policy.bytes} bytes, more than ${limits.bytes} (32 KB): split it into several policies`;
    problems.push(problem("policy.too-large", message, { place }));
  }
  if (policy.depth > limits.depth) {
    const message = `brackets or attribute reads are nested ${policy.depth} deep in this policy, more than ${limits.depth}: take some out, or split it into several policies`;
    problems.push(problem("policy.too-deep", message, { place }));
  }
  if (policy.operators > limits.operators) {
    const message = `this policy has ${policy.operators} operators, more than ${limits.operators}: use a set with \`contains\` or \`in\`, or split it into several policies`;
    problems.push(problem("policy.too-many-operators", message, { place }));
  }
  return problems;
}
