// What goes between the App's thread and the policy engine's.

import type { NodeAnswer, Question } from "../core/answer.ts";
import type { LoadResult, PolicyFile, PolicySet } from "./policy-set.ts";

export type Asked =
  | { readonly load: readonly PolicyFile[] }
  /** `of` names the set; `set` comes along when the thread has said that it does not know it. */
  | { readonly ask: Question; readonly of: string; readonly set?: PolicySet };

export type Reply =
  | { readonly loaded: LoadResult }
  | { readonly answers: readonly NodeAnswer[] }
  | { readonly unknown: true }
  /** The engine broke: the thread has to be replaced. */
  | { readonly failed: string };
