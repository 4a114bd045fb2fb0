import { data, Evaluator, Lexer, Parser } from "@actions/expressions";

// `${{ … }}` as GitHub evaluates it: the language is GitHub's own package, the contexts are ours.

/** What `success()`, `failure()`, `cancelled()` answer where the expression stands. */
export interface StatusAnswers {
  success: boolean;
  failure: boolean;
  cancelled: boolean;
}

export interface ExpressionScope {
  /** Plain JSON values by context name: `github`, `env`, `inputs`, … A context that is not here is an error to name. */
  contexts: Record<string, unknown>;
  status?: StatusAnswers;
}

export class ExpressionFailure extends Error {}

const STATUS_FUNCTIONS = ["success", "failure", "cancelled", "always"] as const;

/** One expression without its `${{ }}`; the answer as a plain JSON value. */
export function evaluateExpression(text: string, scope: ExpressionScope): unknown {
  return toPlain(evaluate(text, scope));
}

/** A text with any number of `${{ }}` in it; each becomes its string, exactly as it is. */
export function interpolate(text: string, scope: ExpressionScope): string {
  return cut(text)
    .map((part) => ("literal" in part ? part.literal : evaluate(part.expression, scope).coerceString()))
    .join("");
}

/** A YAML scalar that may be one whole expression, which then keeps its type. */
export function evaluateScalar(value: unknown, scope: ExpressionScope): unknown {
  if (typeof value !== "string") return value;
  const parts = cut(value);
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && "expression" in only) {
    return evaluateExpression(only.expression, scope);
  }
  return interpolate(value, scope);
}

/** An `if:`. Without a status function in it, `success()` is asked first. */
export function evaluateCondition(
  condition: string | boolean | number | undefined,
  scope: ExpressionScope & { status: StatusAnswers },
): boolean {
  if (condition === undefined || condition === "") return scope.status.success;
  const text = conditionText(String(condition));
  const asked = namesStatusFunction(text) ? text : `success() && (${text})`;
  const answer = evaluate(asked, scope);
  return truthy(answer);
}

// `${{ a }} == 'b'` is text, not a comparison: GitHub formats it to a string, which is always true.
function conditionText(condition: string): string {
  const parts = cut(condition.trim());
  const [only] = parts;
  if (parts.every((part) => "literal" in part)) return condition;
  if (parts.length === 1 && only !== undefined && "expression" in only) return only.expression;
  const format = parts.map((part, index) => ("literal" in part ? part.literal : `{${index}}`)).join("");
  const args = parts.map((part) => ("literal" in part ? "''" : part.expression));
  return `format('${format.replaceAll("'", "''")}', ${args.join(", ")})`;
}

function namesStatusFunction(text: string): boolean {
  const withoutStrings = text.replace(/'(?:[^']|'')*'/g, "''");
  return STATUS_FUNCTIONS.some((name) => new RegExp(`\\b${name}\\s*\\(`, "i").test(withoutStrings));
}

function evaluate(text: string, scope: ExpressionScope): data.ExpressionData {
  const status = scope.status;
  const answers = status && { ...status, always: true };
  const functions = answers
    ? STATUS_FUNCTIONS.map((name) => ({
        name,
        minArgs: 0,
        maxArgs: 0,
        call: () => new data.BooleanData(answers[name]),
      }))
    : [];
  const contexts = new data.Dictionary();
  for (const [name, value] of Object.entries(scope.contexts)) contexts.add(name, fromPlain(value));
  try {
    const tokens = new Lexer(text).lex().tokens;
    const parsed = new Parser(tokens, Object.keys(scope.contexts), functions).parse();
    return new Evaluator(parsed, contexts, new Map(functions.map((each) => [each.name, each]))).evaluate();
  } catch (error) {
    throw new ExpressionFailure(
      `cannot evaluate \`${text.trim()}\`: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

type Part = { literal: string } | { expression: string };

/** Cuts at `${{` and the `}}` that is not inside a string. */
function cut(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf("${{", at);
    if (open < 0) break;
    const close = endOfExpression(text, open + 3);
    if (close < 0) throw new ExpressionFailure(`the expression at \`${text.slice(open)}\` is not closed`);
    if (open > at) parts.push({ literal: text.slice(at, open) });
    parts.push({ expression: text.slice(open + 3, close) });
    at = close + 2;
  }
  if (at < text.length) parts.push({ literal: text.slice(at) });
  return parts;
}

function endOfExpression(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "'") quoted = !quoted;
    else if (!quoted && text.startsWith("}}", at)) return at;
  }
  return -1;
}

function fromPlain(value: unknown): data.ExpressionData {
  return JSON.parse(JSON.stringify(value ?? null), data.reviver) as data.ExpressionData;
}

function toPlain(value: data.ExpressionData): unknown {
  return JSON.parse(JSON.stringify(value, data.replacer));
}

function truthy(value: data.ExpressionData): boolean {
  if (value instanceof data.Null) return false;
  if (value instanceof data.BooleanData || value instanceof data.StringData) return Boolean(value.value);
  if (value instanceof data.NumberData) return value.value !== 0 && !Number.isNaN(value.value);
  return true;
}
