// GraphQL says 200 and puts what went wrong beside the data. Half an answer is no answer, except where the caller said that nothing may be there.

import * as z from "zod/mini";
import { GitHubError, type GitHubErrorCode } from "./error.ts";
import { saidBy } from "./said.ts";

const answerShape = z.object({
  data: z.optional(z.unknown()),
  errors: z.optional(
    z.array(
      z.object({
        type: z.optional(z.string()),
        path: z.optional(z.array(z.union([z.string(), z.number()]))),
        message: z.string(),
      }),
    ),
  ),
});

export function graphqlAnswer(
  call: string,
  body: unknown,
  {
    mayMiss = [],
    mayHide = [],
  }: { readonly mayMiss?: readonly string[]; readonly mayHide?: readonly string[] },
  signOn?: string,
): unknown {
  const parsed = answerShape.safeParse(body);
  if (!parsed.success) throw new GitHubError("malformed", { call });
  const { data, errors = [] } = parsed.data;
  const grave = errors.find(({ type = "", path = [] }) => {
    const where = path.join(".");
    if (type === "NOT_FOUND") return !mayMiss.includes(where) && !mayHide.includes(where);
    return !(type === "FORBIDDEN" && mayHide.includes(where));
  });
  if (grave === undefined) return data;
  const code = codes[grave.type ?? ""] ?? "unavailable";
  throw new GitHubError(code, { call, said: saidBy({ message: grave.message }), signOn });
}

/** Without a type it is mostly a query that took too long. */
const codes: Readonly<Record<string, GitHubErrorCode>> = {
  NOT_FOUND: "not-found",
  FORBIDDEN: "forbidden",
  INSUFFICIENT_SCOPES: "forbidden",
  STALE_DATA: "conflict",
  UNPROCESSABLE: "unprocessable",
  RATE_LIMITED: "rate-limited",
  MAX_NODE_LIMIT_EXCEEDED: "malformed",
};
