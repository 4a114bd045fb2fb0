// A pull request as `request-query.ts` asks for it, parsed.

import * as z from "zod/mini";
import {
  actor,
  bigId,
  fileText,
  instant,
  maybeInstant,
  type Page,
  pageOf,
  reshaped,
  sha,
  treeEntries,
} from "./graphql-shape.ts";
import type { CommitReading, PullEvent, PullReading, ReviewReading, TreeReading } from "./reading.ts";

const reviewStates = z.enum(["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"]);

const review = reshaped(
  z.object({
    fullDatabaseId: bigId,
    state: reviewStates,
    submittedAt: maybeInstant,
    commit: z.nullable(z.object({ oid: sha })),
    author: actor,
  }),
  (value): ReviewReading => ({
    id: value.fullDatabaseId,
    author: value.author,
    state: value.state,
    commit: value.commit?.oid,
    submittedAt: value.submittedAt,
  }),
);

const rePointed = reshaped(
  z.object({
    __typename: z.enum([
      "HeadRefForcePushedEvent",
      "HeadRefRestoredEvent",
      "BaseRefChangedEvent",
      "BaseRefForcePushedEvent",
    ]),
    createdAt: instant,
  }),
  (value): PullEvent => ({ event: "re-pointed", at: value.createdAt }),
);

const dismissed = reshaped(
  z.object({
    __typename: z.literal("ReviewDismissedEvent"),
    createdAt: instant,
    previousReviewState: reviewStates,
    actor,
    review: z.nullable(z.object({ fullDatabaseId: bigId })),
  }),
  (value): PullEvent => ({
    event: "review-dismissed",
    at: value.createdAt,
    by: value.actor,
    review: value.review?.fullDatabaseId,
    was: value.previousReviewState,
  }),
);

const requested = reshaped(
  z.object({ __typename: z.literal("ReviewRequestedEvent"), createdAt: instant, actor }),
  (value): PullEvent => ({ event: "review-requested", at: value.createdAt, by: value.actor }),
);

export const reviewPage = pageOf(review);
export const pullEventPage = pageOf<PullEvent>(z.union([rePointed, dismissed, requested]));

const treeFields = {
  tree: z.object({ entries: treeEntries }),
  /** Anything else of that name (a file, a submodule) has no entries, and shows as a difference in the root. */
  approved: z.nullable(z.object({ object: z.nullable(z.object({ entries: z.optional(treeEntries) })) })),
};

const treeReading = ({ tree, approved }: z.output<z.ZodMiniObject<typeof treeFields>>): TreeReading => ({
  root: tree.entries,
  approved: approved?.object?.entries ?? [],
});

const checkRun = z.object({ databaseId: bigId, status: z.string() });

const commit = z.object({
  oid: sha,
  ...treeFields,
  record: fileText,
  parents: z.object({ nodes: z.array(z.object(treeFields)) }),
  checkSuites: z.nullable(
    z.object({
      nodes: z.array(z.object({ checkRuns: z.nullable(z.object({ nodes: z.array(checkRun) })) })),
    }),
  ),
});

type CommitAnswer = z.output<typeof commit>;

const commitReading = (value: CommitAnswer): CommitReading => ({
  parents: value.parents.nodes.map(treeReading),
  tree: treeReading(value),
  record: value.record?.text,
});

/** The latest of our check runs: GitHub judges by it. */
function latestCheck(value: CommitAnswer): Pick<PullReading, "check"> {
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
  mergeCommit: z.nullish(z.object({ message: z.string() })),
  author: actor,
  headRepository: z.nullable(z.object({ databaseId: z.int() })),
  commits: z.object({ totalCount: z.int(), nodes: z.array(z.object({ commit })) }),
  reviews: reviewPage,
  pullEvents: pullEventPage,
};

export function pullPages(value: z.output<z.ZodMiniObject<typeof pullFields>>): PullPages {
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
      ...(value.mergeCommit == null ? {} : { mergeMessage: value.mergeCommit.message }),
    },
    reviews: value.reviews,
    events: value.pullEvents,
  };
}

export const pullsPage = pageOf<PullPages>(reshaped(z.object(pullFields), pullPages));
