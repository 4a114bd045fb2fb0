// GitHub's own words about a failure, made safe to show: one line, short, no raw body.

const most = 160;

/** The `message` of an error's body and of its parts. */
export function saidBy(body: unknown): string {
  if (typeof body !== "object" || body === null) return "";
  const parts = "errors" in body && Array.isArray(body.errors) ? body.errors : [];
  return [body, ...parts]
    .map(messageOf)
    .filter((text) => text !== "")
    .join(": ")
    .replace(/[^\x20-\x7e]+|`+/g, " ")
    .slice(0, most);
}

function messageOf(part: unknown): string {
  if (typeof part === "string") return part;
  if (typeof part !== "object" || part === null || !("message" in part)) return "";
  return typeof part.message === "string" ? part.message : "";
}
