/** What is known of a request while its policies are judged: keys in small letters, each one or several values. */
export type RequestContext = ReadonlyMap<string, readonly string[]>;

/** Condition keys do not mind letter case. */
export function requestContext(
  entries: Readonly<Record<string, string | readonly string[] | undefined>>,
): RequestContext {
  const context = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(entries)) {
    if (value !== undefined) context.set(key.toLowerCase(), typeof value === "string" ? [value] : value);
  }
  return context;
}

/** A pattern in which policy variables are filled in: literal text and wildcards are told apart. */
export type Pattern = readonly (string | { readonly wildcard: "*" | "?" })[];

/**
 * Fills in `${aws:userid}` and the like. What a variable holds is literal, also where it has a `*`.
 * Undefined when a variable has no value: such an element matches nothing.
 */
export function readPattern(text: string, context: RequestContext, variables: boolean): Pattern | undefined {
  const pattern: (string | { readonly wildcard: "*" | "?" })[] = [];
  for (const part of text.split(variables ? /(\$\{[^}]*\}|[*?])/ : /([*?])/)) {
    if (part === "*" || part === "?") pattern.push({ wildcard: part });
    else if (variables && part.startsWith("${")) {
      const value = variableValue(part.slice(2, -1), context);
      if (value === undefined) return undefined;
      pattern.push(value);
    } else if (part !== "") pattern.push(part);
  }
  return pattern;
}

function variableValue(inside: string, context: RequestContext): string | undefined {
  if (inside === "*" || inside === "?" || inside === "$") return inside;
  const [, key = "", fallback] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(inside) ?? [];
  const values = context.get(key.toLowerCase());
  // a key with several values cannot be a variable
  return values?.length === 1 ? values[0] : fallback;
}

/** Whether text matches a pattern whole; `*` and `?` match any characters, colons too. */
export function matches(pattern: Pattern, text: string, ignoreCase = false): boolean {
  const source = pattern.map((part) =>
    typeof part === "string"
      ? part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
      : part.wildcard === "*"
        ? ".*"
        : ".",
  );
  return new RegExp(`^${source.join("")}$`, ignoreCase ? "is" : "s").test(text);
}

/** A pattern read as plain text, for operators without wildcards. */
export function asText(pattern: Pattern): string {
  return pattern.map((part) => (typeof part === "string" ? part : part.wildcard)).join("");
}

/**
 * ARNs in conditions compare part by part: a wildcard does not reach over one of the first five colons. Undefined when either
 * is no ARN, or a variable has no value: then the condition does not hold, negated or not.
 */
export function arnMatches(
  pattern: string,
  arn: string,
  context: RequestContext,
  variables: boolean,
): boolean | undefined {
  const wanted = splitArn(pattern)?.map((part) => readPattern(part, context, variables));
  const given = splitArn(arn);
  if (wanted === undefined || given === undefined || wanted.includes(undefined)) return undefined;
  return wanted.every((part, index) => matches(part ?? [], given[index] ?? ""));
}

function splitArn(arn: string): readonly string[] | undefined {
  const parts: string[] = [];
  let rest = arn;
  for (let index = 0; index < 5; index++) {
    const at = colonOutsideVariables(rest);
    if (at < 0) return undefined;
    parts.push(rest.slice(0, at));
    rest = rest.slice(at + 1);
  }
  return [...parts, rest];
}

function colonOutsideVariables(text: string): number {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    if (text.startsWith("${", index)) depth++;
    else if (text[index] === "}" && depth > 0) depth--;
    else if (text[index] === ":" && depth === 0) return index;
  }
  return -1;
}
