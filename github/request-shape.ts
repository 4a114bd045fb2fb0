// The answers to the queries of `request-query.ts`, parsed. Nothing beyond the shapes sees GraphQL.

import { z } from "zod";
import type { Instant } from "../core/ids.ts";
import { actor, bigId, fileText, instant, maybeInstant, type Page, pageOf, sha } from "./graphql-shape.ts";
import { pullEventPage, pullFields, pullPages, pullsPage, reviewPage } from "./pull-shape.ts";
import type { Actor, CommentReading, EditReading } from "./reading.ts";

const comment = z
  .object({
    fullDatabaseId: bigId,
    body: z.string(),
    createdAt: instant,
    lastEditedAt: maybeInstant,
    author: actor,
  })
  .transform(
    (value): CommentReading => ({
      id: value.fullDatabaseId,
      author: value.author,
      body: value.body,
      at: value.createdAt,
      edited: value.lastEditedAt !== undefined,
    }),
  );

const edit = z.object({ editedAt: instant, deletedAt: maybeInstant, editor: actor }).transform(
  (value): EditReading => ({
    editor: value.editor,
    at: value.editedAt,
    deleted: value.deletedAt !== undefined,
  }),
);

export type SubjectEvent =
  | { readonly event: "closed"; readonly by: Actor | undefined; readonly at: Instant }
  | { readonly event: "transferred" };

const subjectEvent = z.union([
  z
    .object({ __typename: z.literal("ClosedEvent"), createdAt: instant, actor })
    .transform((value): SubjectEvent => ({ event: "closed", by: value.actor, at: value.createdAt })),
  z
    .object({ __typename: z.literal("TransferredEvent") })
    .transform((): SubjectEvent => ({ event: "transferred" })),
]);

/** A page of each list that may go on, for `moreQuery`. */
export const pageShapes = {
  comments: pageOf(comment),
  edits: pageOf(edit),
  subjectEvents: pageOf(subjectEvent),
  reviews: reviewPage,
  pullEvents: pullEventPage,
};

const subjectFields = {
  body: z.string(),
  createdAt: instant,
  lastEditedAt: maybeInstant,
  closed: z.boolean(),
  author: actor,
  labels: z.object({ nodes: z.array(z.object({ name: z.string() })) }).nullable(),
  edits: pageShapes.edits.nullable(),
  subjectEvents: pageShapes.subjectEvents,
  comments: pageShapes.comments,
};

const subject = z.discriminatedUnion("__typename", [
  z.object({ __typename: z.literal("Issue"), ...subjectFields }),
  z
    .object({ __typename: z.literal("PullRequest"), ...pullFields, ...subjectFields })
    .transform((value) => ({ ...value, pages: pullPages(value) })),
]);

const branchHead = z.object({ target: z.object({ oid: sha }) });

const ledger = z.object({
  oid: sha,
  approved: fileText,
  active: fileText,
  ended0: fileText,
  ended1: fileText,
  ended2: fileText,
  ended3: fileText,
  everActive: z.object({ nodes: z.array(z.unknown()) }),
});

/** The answer of `requestQuery`. */
export const requestAnswer = z.object({
  repository: z.object({
    databaseId: z.int(),
    name: z.string(),
    visibility: z.enum(["PUBLIC", "PRIVATE", "INTERNAL"]),
    url: z.string(),
    owner: z.object({ login: z.string() }),
    defaultBranchRef: branchHead.extend({ name: z.string() }).nullable(),
    inventory: branchHead.nullable(),
    ledger: z.object({ target: ledger }).nullable(),
    subject: subject.nullable(),
    pulls0: pullsPage,
    pulls1: pullsPage,
    pulls2: pullsPage,
  }),
});

export type RequestAnswer = z.infer<typeof requestAnswer>["repository"];

export const morePullsAnswer = z.object({ repository: z.object({ pulls: pullsPage }) });

export const moreAnswer = <T>(page: z.ZodType<Page<T>>) =>
  z.object({ repository: z.object({ subject: z.object({ list: page }) }) });
