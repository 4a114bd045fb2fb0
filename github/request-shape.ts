// The answers to the queries of `request-query.ts`, parsed. Nothing beyond the shapes sees GraphQL.

import * as z from "zod/mini";
import type { Instant } from "../core/ids.ts";
import {
  actor,
  bigId,
  fileText,
  instant,
  maybeInstant,
  type Page,
  pageOf,
  reshaped,
  type Shape,
  sha,
} from "./graphql-shape.ts";
import { pullEventPage, pullFields, pullPages, pullsPage, reviewPage } from "./pull-shape.ts";
import type { Actor, CommentReading, EditReading } from "./reading.ts";

const comment = reshaped(
  z.object({
    fullDatabaseId: bigId,
    body: z.string(),
    createdAt: instant,
    lastEditedAt: maybeInstant,
    author: actor,
  }),
  (value): CommentReading => ({
    id: value.fullDatabaseId,
    author: value.author,
    body: value.body,
    at: value.createdAt,
    edited: value.lastEditedAt !== undefined,
  }),
);

const edit = reshaped(
  z.object({ editedAt: instant, editor: actor }),
  (value): EditReading => ({ editor: value.editor, at: value.editedAt }),
);

export type SubjectEvent =
  | { readonly event: "closed"; readonly by: Actor | undefined; readonly at: Instant }
  | { readonly event: "transferred" };

const closed = reshaped(
  z.object({ __typename: z.literal("ClosedEvent"), createdAt: instant, actor }),
  (value): SubjectEvent => ({ event: "closed", by: value.actor, at: value.createdAt }),
);

const transferred = reshaped(
  z.object({ __typename: z.literal("TransferredEvent") }),
  (): SubjectEvent => ({ event: "transferred" }),
);

/** A page of each list that may go on, for `moreQuery`. */
export const pageShapes = {
  comments: pageOf(comment),
  edits: pageOf(edit),
  subjectEvents: pageOf<SubjectEvent>(z.union([closed, transferred])),
  reviews: reviewPage,
  pullEvents: pullEventPage,
};

const subjectFields = {
  body: z.string(),
  createdAt: instant,
  lastEditedAt: maybeInstant,
  closed: z.boolean(),
  author: actor,
  labels: z.nullable(z.object({ nodes: z.array(z.object({ name: z.string() })) })),
  edits: z.nullable(pageShapes.edits),
  subjectEvents: pageShapes.subjectEvents,
  comments: pageShapes.comments,
};

const issue = z.object({ __typename: z.literal("Issue"), ...subjectFields });

const pull = reshaped(
  z.object({ __typename: z.literal("PullRequest"), ...pullFields, ...subjectFields }),
  (value) => ({ ...value, pages: pullPages(value) }),
);

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
    defaultBranchRef: z.nullable(z.object({ name: z.string(), target: z.object({ oid: sha }) })),
    inventory: z.nullable(branchHead),
    ledger: z.nullable(z.object({ target: ledger })),
    subject: z.nullable(z.union([issue, pull])),
    pulls0: pullsPage,
    pulls1: pullsPage,
    pulls2: pullsPage,
  }),
});

export type RequestAnswer = z.output<typeof requestAnswer>["repository"];

export const morePullsAnswer = z.object({ repository: z.object({ pulls: pullsPage }) });

export const moreAnswer = <T>(page: Shape<Page<T>>) =>
  z.object({ repository: z.object({ subject: z.object({ list: page }) }) });
