// Cedar's tokens, as far as the limits need them: a string or a comment must neither hide a bracket nor fake one.

export type TokenKind =
  | "word"
  | "string"
  /** `&& || ! + - *`, as each of them makes the expression deeper. Comparisons cannot be chained in Cedar. */
  | "operator"
  | "open"
  | "close"
  | "end"
  | "dot"
  | "slot"
  | "other";

/** `start` inclusive, `end` exclusive: indexes into the text. */
export type TokenSink = (kind: TokenKind, start: number, end: number) => void;

/** Walks over the text once, whatever it holds: linear, and never throws. Blanks and comments are left out. */
export function eachToken(text: string, sink: TokenSink): void {
  let at = 0;
  while (at < text.length) {
    const blank = endOfBlank(text, at);
    if (blank > at) {
      at = blank;
      continue;
    }
    const end = endOfToken(text, at);
    sink(kindOf(text, at, end), at, end);
    at = end;
  }
}

function endOfBlank(text: string, at: number): number {
  if (text.startsWith("//", at)) {
    let end = at;
    // INVARIANT: a comment ends where Cedar ends it, at a lone carriage return too; else brackets behind one would not be counted
    while (end < text.length && text[end] !== "\n" && text[end] !== "\r") end++;
    return end;
  }
  let end = at;
  while (end < text.length && isBlank(text.charCodeAt(end))) end++;
  return end;
}

/** Unicode's White_Space, which Cedar's lexer goes by. */
const isBlank = (code: number): boolean =>
  code === 0x20 ||
  (code >= 0x09 && code <= 0x0d) ||
  (code >= 0x80 && /[\s\u0085]/.test(String.fromCharCode(code)));

function endOfToken(text: string, at: number): number {
  const first = text.charAt(at);
  if (first === '"') return endOfString(text, at);
  if (isWordPart(text.charCodeAt(at))) {
    let end = at + 1;
    while (end < text.length && isWordPart(text.charCodeAt(end))) end++;
    return end;
  }
  const two = text.slice(at, at + 2);
  return twoCharacterTokens.has(two) ? at + 2 : at + 1;
}

const twoCharacterTokens: ReadonlySet<string> = new Set(["&&", "||", "==", "!=", "<=", ">=", "::"]);

function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return Math.min(end + 1, text.length);
}

const isWordPart = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x5f;

function kindOf(text: string, at: number, end: number): TokenKind {
  const first = text.charAt(at);
  if (isWordPart(text.charCodeAt(at))) return "word";
  if (end - at === 2 && first !== '"') return first === "&" || first === "|" ? "operator" : "other";
  switch (first) {
    case '"':
      return "string";
    case "(":
    case "[":
    case "{":
      return "open";
    case ")":
    case "]":
    case "}":
      return "close";
    case "!":
    case "+":
    case "-":
    case "*":
      return "operator";
    case ";":
      return "end";
    case ".":
      return "dot";
    case "?":
      return "slot";
    default:
      return "other";
  }
}
