// A webhook that never arrives. GitHub does not try twice by itself, so the App asks it what failed; the cron, which would find the request too, is stopped.

import type { Sandbox } from "../../start.ts";
import { ask, statusOf, until } from "../cast.ts";
import { closedAs, enter, postKey, shellTerminated } from "../inside.ts";
import { expect, type Story } from "../story.ts";

const repo = { owner: "acme", repo: "access" } as const;
const on = "r2d2-dev-01";

export const lostWebhook: Story = {
  letter: "q",
  title: "a webhook is lost: found at GitHub, and delivered again",
  play: async (set) => {
    const { sandbox, tell } = set;
    sandbox.cron.stop();
    await sandbox.stage.actions.idle();
    const mended = loseWebhooks(sandbox);
    const request = ask(sandbox.stage, "alice", { nodes: on, for: "5m", reason: "see it found again" });
    tell.say("alice", `opens issue #${request}: ${on}, shell, 5m`);
    const door = { who: "alice", request, on } as const;
    const operator = await postKey(set, door);
    const lost = mended();
    const at = Date.now();
    tell.say(
      "GitHub",
      `reaches nobody: ${lost.size} webhooks of #${request} are lost in flight, while the App runs on and knows of nothing`,
    );
    expect((await statusOf(sandbox.stage, request)) === undefined, "nobody to have answered yet");
    await until("all to be delivered again", async () => deliveredAgain(sandbox, lost) || undefined, 60_000);
    const after = Math.round((Date.now() - at) / 100) / 10;
    tell.say(
      "App",
      `found them in GitHub's own list of failed deliveries after ${after} s, and has them sent again`,
    );
    const inside = await enter(set, door, operator);
    await sandbox.stage.as("alice").rest.issues.update({ ...repo, issue_number: request, state: "closed" });
    tell.say("alice", "needs it no longer and closes the issue");
    const shell = await shellTerminated(inside, Date.now());
    await closedAs(set, request, "revoked");
    tell.say("Action", "ended it, on a webhook that arrived");
    sandbox.cron.start();
    return { requests: [request], found: { lost: lost.size, after, shell } };
  },
};

/** What people do from now on does not reach the App. Answers what mends it, which answers the ids of what was lost. */
function loseWebhooks({ stage }: Sandbox): () => ReadonlySet<string> {
  const { webhooks } = stage.github;
  const lost = new Set<string>();
  const before = webhooks.fate;
  webhooks.fate = ({ event, guid }) => {
    if (event !== "issues" && event !== "issue_comment") return "deliver";
    lost.add(guid);
    return "drop";
  };
  return () => {
    webhooks.fate = before;
    return lost;
  };
}

/** Whether GitHub has sent each of them once more, and the App has taken it. */
const deliveredAgain = ({ stage }: Sandbox, lost: ReadonlySet<string>): boolean =>
  [...lost].every((one) =>
    stage.github.webhooks.deliveries.some(
      ({ guid, redelivery, statusCode }) =>
        guid === one && redelivery && statusCode >= 200 && statusCode < 300,
    ),
  );
