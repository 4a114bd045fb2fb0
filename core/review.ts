// Reviews of a request's pull request, as the tally of approvals needs them.

import type { Account, Instant } from "./ids.ts";

/** What a review said when it was given. Comments decide nothing and are left out. */
export type Stance = "approved" | "changes-requested";

export interface Review {
  readonly by: Account;
  /** False for bots, apps, ghosts and mannequins: they never count. */
  readonly human: boolean;
  readonly stance: Stance;
  /**
   * True when the review is of the pull request's only head and nothing re-pointed it there: GitHub moves approvals to the new head on a
   * patch-identical force-push.
   */
  readonly onHead: boolean;
  /** There when somebody dismissed it; `by` is undefined when GitHub does not say who. */
  readonly dismissed?: { readonly by: string | undefined };
  readonly at: Instant;
}
