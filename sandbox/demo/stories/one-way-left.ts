// Access ends in three ways that do not depend on each other. Here the Scheduler and the sweep each have to do it alone; that AWS's clock in the policy
// refuses what is new is seen in both, and how long a document alone leaves a shell open takes a quarter of an hour to show.

import type { Sandbox } from "../../start.ts";
import { issueOf, until } from "../cast.ts";
import {
  askAndSee,
  closedAs,
  goIn,
  isRefused,
  shellOutlivesWindow,
  shellTerminated,
  theWindowIsOver,
  windowOver,
} from "../inside.ts";
import { ledgerFiles } from "../leaks.ts";
import { expect, type Story } from "../story.ts";

const repo = { owner: "acme", repo: "access" } as const;
const on = "r2d2-dev-01";

/** No run of the workflow, by cron or by hand: nothing of GitHub takes part in the end. */
export const scheduleAlone: Story = {
  letter: "h",
  title: "the schedule alone: the workflow is switched off on GitHub",
  play: async (set) => {
    const { sandbox, tell } = set;
    const request = await askAndSee(set, "alice", {
      nodes: on,
      for: "12s",
      reason: "see it end without GitHub",
    });
    const inside = await goIn(set, { who: "alice", request, on });
    await setWorkflow(sandbox, "disable");
    await sandbox.stage.actions.idle();
    const before = await countRuns(sandbox);
    const { until: end } = inside.grant.record.granted;
    expect(Date.now() < end, "the workflow to be off before the end");
    tell.say("pat", "disables access.yml: no sweep, no dispatch");
    const shell = await shellOutlivesWindow(set, inside);
    expect((await countRuns(sandbox)) === before, "no run of the workflow since it is off");
    expect((await issueOf(sandbox.stage, request)).open, "the issue to be open: nobody could tell it");
    await setWorkflow(sandbox, "enable");
    tell.say("pat", "enables it again; until then the issue has stayed open and the record in active/");
    await closedAs(set, request, "expired");
    const by = await endedBy(sandbox, request);
    tell.say("sweep", `verified what was done while it was away: ended by \`${by}\`, and closed the issue`);
    return { requests: [request], found: { shell, by } };
  },
};

/** Schedules are kept and never fire. */
export const sweepAlone: Story = {
  letter: "i",
  title: "the sweep alone: AWS's Scheduler does not fire",
  play: async (set) => {
    const { sandbox, tell } = set;
    const { parameters } = sandbox.stage.aws;
    parameters.schedulerFires = false;
    tell.say("AWS", "EventBridge Scheduler takes schedules and does not fire them");
    const request = await askAndSee(set, "alice", {
      nodes: on,
      for: "8s",
      reason: "see it end without AWS's help",
    });
    const inside = await goIn(set, { who: "alice", request, on });
    const { until: end } = inside.grant.record.granted;
    await windowOver(inside);
    await isRefused(set, inside, on, theWindowIsOver);
    expect(inside.shell.open, "the shell to be open, for AWS ends none by itself");
    tell.say("AWS", "leaves the open shell as it is: no credential's end closes a session");
    const shell = await shellTerminated(inside, end);
    await closedAs(set, request, "expired");
    const by = await endedBy(sandbox, request);
    tell.say("sweep", `ended the open shell ${shell} s after the end, and recorded it: ended by \`${by}\``);
    parameters.schedulerFires = true;
    return { requests: [request], found: { shell, by } };
  },
};

const setWorkflow = ({ stage }: Sandbox, what: "enable" | "disable") =>
  stage.as("pat").request(`PUT /repos/{owner}/{repo}/actions/workflows/{workflow_id}/${what}`, {
    ...repo,
    workflow_id: "access.yml",
  });

async function countRuns({ stage }: Sandbox): Promise<number> {
  const { data } = await stage.as("pat").rest.actions.listWorkflowRunsForRepo(repo);
  return data.total_count;
}

/** Who the ledger says ended it: `schedule`, `sweep` or a login. */
const endedBy = (sandbox: Sandbox, request: number): Promise<string> =>
  until("its record in ended/", async () => {
    const files = await ledgerFiles(sandbox);
    const [, text] = [...files].find(([path]) => path.endsWith(`/${request}.yaml`)) ?? [];
    return /^ {2}by: (\S+)$/m.exec(text ?? "")?.[1];
  });
