// Pieces that every GraphQL answer here is parsed with.

import { z } from "zod";
import type { Instant, Sha, UserId } from "../core/ids.ts";
import { parseSha } from "../core/parse-ids.ts";
import type { Actor, TreeEntry } from "./reading.ts";

export const instant = z.string().transform((text, context): Instant => {
  const at = Date.parse(text);
  if (Number.isNaN(at)) context.addIssue({ code: "custom", message: "not a time" });
  return at as Instant;
});

export const maybeInstant = z.union([instant, z.null().transform(() => undefined)]);

export const sha = z.string().transform((text, context): Sha => {
  const parsed = parseSha(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: "not a git object id" });
  return z.NEVER;
});

/** Ids of comments, reviews and check runs have left 32 bits: GraphQL writes them as text. */
export const bigId = z.union([z.string(), z.number()]).transform(Number).pipe(z.int().positive());

const actorKinds = ["User", "Bot", "Mannequin", "Organization", "EnterpriseUserAccount"] as const;

/** Null is a deleted account; so is, for us, one without an id. */
export const actor = z
  .object({ __typename: z.enum(actorKinds), login: z.string(), databaseId: z.int().nullish() })
  .nullable()
  .transform((value): Actor | undefined => {
    if (typeof value?.databaseId !== "number") return undefined;
    const { __typename: kind, login, databaseId } = value;
    // REST and every page call a bot `name[bot]`, GraphQL only `name`, which may be a person's login too
    const suffix = kind === "Bot" && !login.endsWith("[bot]") ? "[bot]" : "";
    return { kind, login: `${login}${suffix}`, id: databaseId as UserId };
  });

export interface Page<T> {
  readonly nodes: readonly T[];
  /** The cursor of what follows; undefined at the end. */
  readonly next: string | undefined;
}

/** INVARIANT: a null among the nodes is an item that GitHub hides, so the list is not whole: it does not parse. */
export const pageOf = <T>(node: z.ZodType<T>) =>
  z
    .object({
      nodes: z.array(node),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    })
    .transform(
      ({ nodes, pageInfo }): Page<T> => ({
        nodes,
        next: pageInfo.hasNextPage ? (pageInfo.endCursor ?? "") : undefined,
      }),
    );

/** A file at a commit. */
export interface FileText {
  readonly oid: Sha;
  /** As git writes it, octal. */
  readonly mode: number;
  /** Undefined: not text, or too long for GraphQL to show whole. */
  readonly text: string | undefined;
}

/** Undefined: not there, or no file. INVARIANT: a text that GitHub cut is never taken for the whole. */
export const fileText = z
  .object({
    mode: z.int(),
    object: z
      .object({ oid: sha.optional(), text: z.string().nullish(), isTruncated: z.boolean().optional() })
      .nullable(),
  })
  .nullable()
  .transform((entry): FileText | undefined => {
    const blob = entry?.object;
    if (entry === null || blob?.oid === undefined) return undefined;
    const text = blob.isTruncated === true ? undefined : (blob.text ?? undefined);
    return { oid: blob.oid, mode: entry.mode, text };
  });

export const treeEntries = z.array(
  z
    .object({ name: z.string(), mode: z.int(), oid: sha })
    .transform(({ name, mode, oid }): TreeEntry => ({ name, mode, oid })),
);
