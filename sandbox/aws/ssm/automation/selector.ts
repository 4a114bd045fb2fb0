import { isStruct } from "../../wire/shape.ts";

type Part = { readonly name: string } | { readonly index: number } | "every" | { readonly anywhere: string };

/**
 * Reads the JSONPath of a step's output: names, `[0]`, `[*]` and `..name`. Filters are left out on purpose: whether
 * Automation takes them is not documented, and a runbook that ends access must not rest on them.
 */
export function parseSelector(text: string): readonly Part[] | undefined {
  if (!text.startsWith("$")) return undefined;
  const parts: Part[] = [];
  let rest = text.slice(1);
  while (rest !== "") {
    const match = /^(?:\.\.([A-Za-z_]\w*)|\.([A-Za-z_][\w-]*)|\['([^']+)'\]|\[(\d+)\]|(\[\*\]|\.\*))/.exec(
      rest,
    );
    if (match === null) return undefined;
    const [all, anywhere, name, quoted, index] = match;
    if (anywhere !== undefined) parts.push({ anywhere });
    else if (name !== undefined || quoted !== undefined) parts.push({ name: name ?? quoted ?? "" });
    else parts.push(index === undefined ? "every" : { index: Number(index) });
    rest = rest.slice(all.length);
  }
  return parts;
}

/** What a selector finds. A path to one place finds that or nothing; with `[*]` or `..` it finds a list, empty or not. */
export function select(value: unknown, selector: string): { readonly value: unknown } | undefined {
  const parts = parseSelector(selector) ?? [];
  const many = parts.some((part) => part === "every" || (typeof part === "object" && "anywhere" in part));
  let found: unknown[] = [value];
  for (const part of parts)
    found = found.flatMap((item) => step(item, part)).filter((item) => item !== undefined);
  if (many) return { value: found };
  return found.length === 0 ? undefined : { value: found[0] };
}

function step(value: unknown, part: Part): readonly unknown[] {
  if (part === "every") return Array.isArray(value) ? value : isStruct(value) ? Object.values(value) : [];
  if ("index" in part) return Array.isArray(value) ? [value[part.index]] : [];
  if ("name" in part) return isStruct(value) ? [value[part.name]] : [];
  return everywhere(value, part.anywhere);
}

function everywhere(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => everywhere(item, name));
  if (!isStruct(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    ...(key === name ? [item] : []),
    ...everywhere(item, name),
  ]);
}
