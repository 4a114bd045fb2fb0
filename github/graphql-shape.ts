// Pieces that every GraphQL answer here is parsed with.

import * as z from "zod/mini";
import type { Instant, Sha, UserId } from "../core/ids.ts";
import { parseSha } from "../core/parse-ids.ts";
import type { Actor, TreeEntry } from "./reading.ts";

export type Shape<T> = z.ZodMiniType<T>;

/** Parses with `shape`, and makes of it what the rest of the folder speaks of. */
export const reshaped = <S extends z.ZodMiniType, T>(shape: S, make: (value: z.output<S>) => T) =>
  z.pipe(shape, z.transform(make));

export const instant = z.pipe(
  z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), "not a time")),
  z.transform((text): Instant => Date.parse(text) as Instant),
);

export const maybeInstant = reshaped(z.nullable(instant), (at) => at ?? undefined);

export const sha = z
  .string()
  .check(z.refine((text) => parseSha(text) !== undefined)) as unknown as Shape<Sha>;

/** Ids of comments, reviews and check runs have left 32 bits: GraphQL writes them as text. */
export const bigId = z.pipe(reshaped(z.union([z.string(), z.number()]), Number), z.int());

const actorKinds = ["User", "Bot", "Mannequin", "Organization", "EnterpriseUserAccount"] as const;

/** Null is a deleted account; so is, for us, one without an id. */
export const actor = reshaped(
  z.nullable(z.object({ __typename: z.enum(actorKinds), login: z.string(), databaseId: z.nullish(z.int()) })),
  (value): Actor | undefined => {
    if (typeof value?.databaseId !== "number") return undefined;
    const { __typename: kind, login, databaseId } = value;
    // REST and every page call a bot `name[bot]`, GraphQL only `name`, which may be a person's login too
    const suffix = kind === "Bot" && !login.endsWith("[bot]") ? "[bot]" : "";
    return { kind, login: `${login}${suffix}`, id: databaseId as UserId };
  },
);

export interface Page<T> {
  readonly nodes: readonly T[];
  /** The cursor of what follows; undefined at the end. */
  readonly next: string | undefined;
}

/** INVARIANT: a null among the nodes is an item that GitHub hides, so the list is not whole: it does not parse. */
export const pageOf = <T>(node: Shape<T>) =>
  reshaped(
    z.object({
      nodes: z.array(node),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) }),
    }),
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
export const fileText = reshaped(
  z.nullable(
    z.object({
      mode: z.int(),
      object: z.nullable(
        z.object({
          oid: z.optional(sha),
          text: z.nullish(z.string()),
          isTruncated: z.optional(z.boolean()),
        }),
      ),
    }),
  ),
  (entry): FileText | undefined => {
    const blob = entry?.object;
    if (entry === null || blob?.oid === undefined) return undefined;
    const text = blob.isTruncated === true ? undefined : (blob.text ?? undefined);
    return { oid: blob.oid, mode: entry.mode, text };
  },
);

export interface FolderFile {
  readonly name: string;
  /** Undefined: a folder or a submodule. */
  readonly file: FileText | undefined;
  /** Paths from it of the files in it, where it is a folder and they were asked for. */
  readonly below: readonly string[];
}

const folderFile = z.pipe(
  z.looseObject({ name: z.string() }),
  z.transform(
    (value): FolderFile => ({
      name: value.name,
      file: fileText.parse(value),
      below: namesIn(value["object"]),
    }),
  ),
);

const folder = z.object({ entries: z.array(z.looseObject({ name: z.string() })) });

const namesIn = (object: unknown): readonly string[] =>
  (folder.safeParse(object).data?.entries ?? []).flatMap(({ name, object: inner }) => {
    const below = namesIn(inner);
    return below.length === 0 ? [name] : below.map((path) => `${name}/${path}`);
  });

/** What lies in a folder; nothing when there is no folder of that name. */
export const folderFiles = reshaped(
  z.nullable(z.object({ object: z.nullable(z.object({ entries: z.optional(z.array(folderFile)) })) })),
  (value): readonly FolderFile[] => value?.object?.entries ?? [],
);

export const treeEntries: Shape<readonly TreeEntry[]> = z.array(
  z.object({ name: z.string(), mode: z.int(), oid: sha }),
);
