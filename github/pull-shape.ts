// A pull request as `request-query.ts` asks for it, parsed.

import { z } from "zod";
import {
  actor,
  bigId,
  fileText,
  instant,
  maybeInstant,
  type Page,
  pageOf,
  sha,
  treeEntries,
} from "./graphql-shape.ts";
import type { CommitReading, PullEvent, PullReading, ReviewReading, TreeReading } from "./reading.ts";

const reviewStates = z.enum(["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"]);

const review = z
  .object({
    fullDatabaseId: bigId,
    state: reviewStates,
    submittedAt: maybeInstant,
    commit: z.object({ oid: sha }).nullable(),
    author: actor,
  })
  .transform(
    (value): ReviewReading => ({
      id: value.fullDatabaseId,
      author: value.author,
      state: value.state,
      commit: value.commit?.oid,
      submittedAt: value.submittedAt,
    }),
  );

const event = z.union([
  z
    .object({
      __typename: z.enum([
        "HeadRefForcePushedEvent",
        "HeadRefRestoredEvent",
        "BaseRefChangedEvent",
        "BaseRefForcePushedEvent",
      ]),
      createdAt: instant,
    })
    .transform((value): PullEvent => ({ event: "re-pointed", at: value.createdAt })),
  z
    .object({
      __typename: z.literal("ReviewDismissedEvent"),
      createdAt: instant,
      previousReviewState: reviewStates,
      actor,
      review: z.object({ fullDatabaseId: bigId }).nullable(),
    })
    .transform(
      (value): PullEvent => ({
        event: "review-dismissed",
        at: value.createdAt,
        by: value.actor,
        review: value.review?.fullDatabaseId,
        was: value.previousReviewState,
      }),
    ),
  z
    .object({ __typename: z.literal("ReviewRequestedEvent"), createdAt: instant, actor })
    .transform((value): PullEvent => ({ event: "review-requested", at: value.createdAt, by: value.actor })),
]);

export const reviewPage = pageOf(review);
export const pullEventPage = pageOf(event);

const treeFields = {
  tree: z.object({ entries: treeEntries }),
  /** Anything else of that name (a file, a submodule) has no entries, and shows as a difference in the root. */
  approved: z.object({ object: z.object({ entries: treeEntries.optional() }).nullable() }).nullable(),
};

const treeReading = ({ tree, approved }: z.infer<z.ZodObject<typeof treeFields>>): TreeReading => ({
  root: tree.entries,
  approved: approved?.object?.entries ?? [],
});

const checkRun = z.object({ databaseId: bigId, status: z.string() });

const commit = z.object({
  oid: sha,
  ...treeFields,
  record: fileText,
  parents: z.object({ nodes: z.array(z.object(treeFields)) }),
  checkSuites: z
    .object({
      nodes: z.array(z.object({ checkRuns: z.object({ nodes: z.array(checkRun) }).nullable() })),
    })
    .nullable(),
});

const commitReading = (value: z.infer<typeof commit>): CommitReading => ({
  parents: value.parents.nodes.map(treeReading),
  tree: treeReading(value),
  record: value.record?.text,
});

/** The latest of our check runs: GitHub judges by it. */
function latestCheck(value: z.infer<typeof commit>): { check?: { id: number; done: boolean } } {
  const runs = (value.checkSuites?.nodes ?? []).flatMap((suite) => suite.checkRuns?.nodes ?? []);
  const latest = runs.sort((a, b) => a.databaseId - b.databaseId).at(-1);
  if (latest === undefined) return {};
  return { check: { id: latest.databaseId, done: latest.status === "COMPLETED" } };
}

/** A pull request with the first page of each of its lists. */
export interface PullPages {
  readonly pull: Omit<PullReading, "reviews" | "events">;
  readonly reviews: Page<ReviewReading>;
  readonly events: Page<PullEvent>;
}

export const pullFields = {
  number: z.int(),
  createdAt: instant,
  headRefName: z.string(),
  baseRefName: z.string(),
  headRefOid: sha,
  state: z.enum(["OPEN", "CLOSED", "MERGED"]),
  mergedAt: maybeInstant,
  maintainerCanModify: z.boolean(),
  author: actor,
  headRepository: z.object({ databaseId: z.int() }).nullable(),
  commits: z.object({ totalCount: z.int(), nodes: z.array(z.object({ commit })) }),
  reviews: reviewPage,
  pullEvents: pullEventPage,
};

export function pullPages(value: z.infer<z.ZodObject<typeof pullFields>>): PullPages {
  // INVARIANT: the commit that is judged is the head itself
  const head = value.commits.nodes.map((node) => node.commit).find(({ oid }) => oid === value.headRefOid);
  return {
    pull: {
      number: value.number,
      author: value.author,
      createdAt: value.createdAt,
      headRepository: value.headRepository?.databaseId,
      branch: value.headRefName,
      base: value.baseRefName,
      head: value.headRefOid,
      state: value.state,
      maintainerCanModify: value.maintainerCanModify,
      commits: value.commits.totalCount,
      commit: head && commitReading(head),
      ...(head === undefined ? {} : latestCheck(head)),
    },
    reviews: value.reviews,
    events: value.pullEvents,
  };
}

export const pullsPage = pageOf(z.object(pullFields).transform(pullPages));
