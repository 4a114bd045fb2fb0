// Two people on one node at the same time: nobody's end is somebody else's.

import { refusalOf } from "../cast.ts";
import { askAndSee, closedAs, goIn, goOut, node, shellOutlivesWindow } from "../inside.ts";
import { expect, type Story } from "../story.ts";

export const overlap: Story = {
  letter: "g",
  title: "r2d2-dev-01 twice: one grant ends while another goes on",
  play: async (set) => {
    const { tell } = set;
    const on = "r2d2-dev-01";
    const long = await askAndSee(set, "dave", { nodes: on, for: "25s", reason: "watch the queue" });
    const dave = await goIn(set, { who: "dave", request: long, on });
    const short = await askAndSee(set, "alice", { nodes: on, for: "8s", reason: "read one log" });
    const alice = await goIn(set, { who: "alice", request: short, on });
    await shellOutlivesWindow(set, alice);
    expect(dave.shell.open, "dave's shell to be open still");
    dave.shell.type();
    const refusal = await refusalOf(() => dave.operator.start(dave.grant, node(on)));
    expect(refusal === undefined, `dave to open another session, got ${refusal}`);
    tell.say("dave", "types on in his shell, and opens a second one on the same node");
    await closedAs(set, short, "expired");
    tell.say("sweep", "closed alice's issue, and left dave's alone");
    const shell = await goOut(set, dave);
    return { requests: [long, short], found: { shell } };
  },
};
