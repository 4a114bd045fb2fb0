// When those who would have to approve are not there: the glass is broken and reviewed afterwards, or somebody stands in.

import { glassLabel } from "../../../core/plan.ts";
import { ask, comment, issueOf, openPullOf, review, statusOf, until } from "../cast.ts";
import { closedAs, goIn, shellOutlivesWindow } from "../inside.ts";
import { expect, type Story, type StorySet } from "../story.ts";

const on = "r2d2-app-01";

const waits = (set: StorySet, request: number) =>
  until("its pull request", () => openPullOf(set.sandbox.stage, request));

export const breakGlass: Story = {
  letter: "o",
  title: "production at night: dave, on call, breaks the glass; three people review it afterwards",
  play: async (set) => {
    const { tell } = set;
    const { stage } = set.sandbox;
    const fields = { nodes: on, for: "15s", reason: "checkout is down" };
    const request = ask(stage, "dave", fields);
    const pull = await waits(set, request);
    tell.say(
      "dave",
      `opens issue #${request}: ${on}, shell, 15s. A lead and two of security have to approve`,
    );
    await comment(stage, "dave", request, "/break-glass INC-1234 nobody answers");
    tell.say("dave", "comments `/break-glass INC-1234 nobody answers`");
    const inside = await goIn(set, { who: "dave", request, on });
    const { body } = await until("everybody to be told", async () => reminderOf(set, request));
    expect(
      ["@acme/devops-leads", "@carol"].every((each) => body.includes(each)),
      "all of them to be told",
    );
    tell.say("App", "tells everybody who was not waited for, in one comment");
    const shell = await shellOutlivesWindow(set, inside);
    await until("the end to be recorded", async () =>
      (await issueOf(stage, request)).labels.includes("access: expired") ? true : undefined,
    );
    const { open, labels } = await issueOf(stage, request);
    expect(open && labels.includes(glassLabel), "the issue to stay open until it is reviewed");
    tell.say("sweep", `recorded the end; the issue stays open as \`${glassLabel}\``);
    for (const who of ["bob", "erin", "carol"] as const) await review(stage, who, pull.number, "APPROVE");
    await closedAs(set, request, "expired");
    tell.say("App", "wrote into the record who approved it afterwards, and closed the issue");
    return { requests: [request], found: { shell } };
  },
};

async function reminderOf({ sandbox }: StorySet, request: number) {
  const { data } = await sandbox.stage
    .as("pat")
    .rest.issues.listComments({ owner: "acme", repo: "access", issue_number: request });
  const found = data.find(({ body }) => body?.startsWith("<!-- hallpass:reminder "));
  return found?.body === undefined ? undefined : { body: found.body };
}

export const delegation: Story = {
  letter: "p",
  title: "carol is away: pat stands in for her, on her one membership",
  play: async (set) => {
    const { tell } = set;
    const { stage } = set.sandbox;
    const request = ask(stage, "alice", { nodes: on, for: "15s", reason: "read one log" });
    const pull = await waits(set, request);
    tell.say(
      "alice",
      `opens issue #${request}: ${on}. policies/delegations.yaml: carol is away, pat stands in`,
    );
    for (const who of ["bob", "carol", "pat"] as const) await review(stage, who, pull.number, "APPROVE");
    const status = await until("carol's membership to count once", async () => {
      const text = await statusOf(stage, request);
      return text?.includes("`@pat` approved too") || text?.includes("`@carol` approved too")
        ? text
        : undefined;
    });
    expect(status.includes("1 of 2"), "one place of level 2 to be open still");
    tell.say("App", "carol and pat both approve, and fill one place: it is one membership");
    await review(stage, "erin", pull.number, "APPROVE");
    const inside = await goIn(set, { who: "alice", request, on });
    const shell = await shellOutlivesWindow(set, inside);
    await closedAs(set, request, "expired");
    return { requests: [request], found: { shell } };
  },
};
