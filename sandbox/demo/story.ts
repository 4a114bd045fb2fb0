// What a story of the demo is. Each stands in a file of its theme below stories/, and in programme.ts.

import type { Sandbox } from "../start.ts";
import type { Teller } from "./tell.ts";

export interface Story {
  /** What its lines are marked with, (a) and so on. */
  readonly letter: string;
  readonly title: string;
  /** Throws when something does not come out as told. */
  readonly play: (set: StorySet) => Promise<Outcome>;
}

export interface StorySet {
  readonly sandbox: Sandbox;
  readonly tell: Teller;
}

/** What came of it, for `--json`. */
export interface Outcome {
  /** The requests that it asked, in order. */
  readonly requests: readonly number[];
  /** What was measured, in seconds after the end that was agreed or asked for, and what was found. */
  readonly found?: Readonly<Record<string, number | string | readonly string[]>>;
}

/** A step that does not come out as told fails the demo. */
export function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`the story did not come out as told: expected ${what}`);
}
