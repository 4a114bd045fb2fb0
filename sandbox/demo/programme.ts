// What is played, in acts: the stories of an act run at the same time, the next act begins when all of them are over.

import { breakGlass, delegation } from "./stories/cannot-wait.ts";
import { extension, ignored, revokedByApprover } from "./stories/commands.ts";
import { automatic, guardrail, rejection, twoLevels } from "./stories/decisions.ts";
import { lostWebhook } from "./stories/lost-webhook.ts";
import { noServer } from "./stories/no-server.ts";
import { scheduleAlone, sweepAlone } from "./stories/one-way-left.ts";
import { orphan } from "./stories/orphan.ts";
import { fromFork, laterStart } from "./stories/otherwise.ts";
import { overlap } from "./stories/overlap.ts";
import { revocation } from "./stories/revocation.ts";
import type { Outcome, Story, StorySet } from "./story.ts";

export type Act = readonly Story[];

/** `npm run demo`: one after the other, for reading along; less than a minute. */
export const plain: readonly Act[] = [[automatic], [twoLevels], [guardrail], [rejection]];

/** `npm run demo -- --all`. A story that breaks a part of GitHub or AWS for everybody has an act of its own; of two early ends the later may overwrite the other's deny for a moment. */
export const all: readonly Act[] = [
  [automatic, twoLevels, guardrail, rejection, fromFork, revokedByApprover, laterStart],
  [revocation, orphan, overlap, extension, ignored],
  [breakGlass, delegation],
  [scheduleAlone],
  [sweepAlone],
  [lostWebhook],
  [noServer],
];

export type Played = Outcome & Pick<Story, "letter" | "title">;

export async function play(acts: readonly Act[], { sandbox, tell }: StorySet): Promise<readonly Played[]> {
  const played: Played[] = [];
  for (const act of acts) {
    const voices = act.map((story) => ({ story, tell: tell.story(story.letter, story.title) }));
    const outcomes = await Promise.all(
      voices.map(async ({ story, tell: voice }) => ({
        letter: story.letter,
        title: story.title,
        ...(await story.play({ sandbox, tell: voice })),
      })),
    );
    played.push(...outcomes);
  }
  return played;
}
