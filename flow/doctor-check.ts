// One thing that a live set-up needs, and what was found of it.

import { GitHubError } from "../github/error.ts";

export const checkStates = ["ok", "warning", "failed", "could-not-look"] as const;
export type CheckState = (typeof checkStates)[number];

export interface Finding {
  readonly state: CheckState;
  readonly found: string;
  /** What to do; only of what is not ok. */
  readonly todo?: string;
}

export interface Check extends Finding {
  readonly name: string;
}

export interface Examination {
  readonly name: string;
  readonly look: () => Promise<Finding>;
}

export const ok = (found: string): Finding => ({ state: "ok", found });
export const warning = (found: string, todo: string): Finding => ({ state: "warning", found, todo });
export const failed = (found: string, todo: string): Finding => ({ state: "failed", found, todo });
export const couldNotLook = (found: string, todo: string): Finding => ({
  state: "could-not-look",
  found,
  todo,
});

/** Several things that are wrong, as one finding; `fine` when there are none. */
export const unless = (wrong: readonly string[], todo: string, fine: string): Finding =>
  wrong.length === 0 ? ok(fine) : failed(wrong.join("; "), todo);

/** INVARIANT: what nobody lets us see is never ok. */
export async function examined({ name, look }: Examination): Promise<Check> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return { name, ...couldNotLook(`GitHub, ${error.call}: ${error.code}`, hint(error)) };
  }
}

const hint = ({ code }: GitHubError): string =>
  code === "forbidden" || code === "not-found" || code === "unauthorized"
    ? "look again as an owner of the organization, with a token of the scopes `repo`, `workflow` and `admin:org` (`gh auth refresh --scopes repo,workflow,admin:org`)"
    : "look again later";
