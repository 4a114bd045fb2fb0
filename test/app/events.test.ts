// Which request a webhook is about, on payloads that the GitHub twin made (its payloads are checked against GitHub's published schemas).

import { beforeAll, describe, expect, test } from "vitest";
import { type Affected, affectedBy, type EventPayload, subscribedEvents } from "../../app/events.ts";
import { realClock } from "../../sandbox/real-clock.ts";
import { appEvents, type Stage, setStage } from "../../sandbox/stage.ts";

const repo = { owner: "acme", repo: "access" } as const;
let stage: Stage;

beforeAll(async () => {
  stage = await setStage({
    clock: realClock,
    url: "http://github.test",
    executor: {
      javaScript: () => Promise.resolve({ exitCode: 0, log: "" }),
      shell: () => Promise.resolve({ exitCode: 0, log: "" }),
    },
    webhookUrl: "http://app.test/",
    files: { "action/dist/main.cjs": "// never run here\n" },
  });
});

/** What the App makes of every delivery of one event that something caused, in order. */
async function affected(event: string, cause: () => unknown): Promise<readonly Affected[]> {
  const { deliveries } = stage.github.webhooks;
  const before = deliveries.length;
  await cause();
  return deliveries
    .slice(before)
    .filter((each) => each.event === event)
    .map((each) => affectedBy(event, JSON.parse(each.body) as EventPayload, stage.app.botUserId));
}

const ask = (): number =>
  stage.github.submitForm("alice", stage.repository.fullName, "access-request.yml", {
    nodes: "r2d2-dev-01",
    access: "shell",
    for: "1h",
    reason: "INC-1 checkout is down",
  });

/** A pull request of alice's to a branch. */
async function openPull(branch: string, base: string): Promise<number> {
  const { github } = stage;
  const fork = forked ?? github.fork("alice", stage.repository.fullName, { defaultBranchOnly: false });
  forked = fork;
  const sha = github.commit({
    repository: fork,
    parent: base === "ledger" ? "ledger" : "main",
    files: { [`approved/alice-${branch.replace("/", "-")}.yaml`]: "nodes: []\n" },
    message: "ask",
    by: "alice",
  });
  github.push("alice", fork, branch, sha);
  const { data } = await stage.as("alice").rest.pulls.create({
    ...repo,
    head: `${fork.split("/")[0]}:${branch}`,
    base,
    title: "ask",
  });
  return data.number;
}
let forked: string | undefined;

describe("a real payload leads to the request it is about:", () => {
  test("an issue opened, edited, commented, closed, reopened", async () => {
    let number = 0;
    expect(
      await affected("issues", () => {
        number = ask();
      }),
    ).toContainEqual({ request: number });
    const { issues } = stage.as("alice").rest;
    const at = { ...repo, issue_number: number };
    expect(await affected("issues", () => issues.update({ ...at, body: "changed" }))).toEqual([
      { request: number },
    ]);
    expect(await affected("issue_comment", () => issues.createComment({ ...at, body: "/token" }))).toEqual([
      { request: number },
    ]);
    for (const state of ["closed", "open"] as const)
      expect(await affected("issues", () => issues.update({ ...at, state }))).toEqual([{ request: number }]);
  });

  test("a pull request to the ledger, and a review of it; none to another branch", async () => {
    let number = 0;
    expect(
      await affected("pull_request", async () => {
        number = await openPull("one", "ledger");
      }),
    ).toEqual([{ request: number }]);
    const review = () =>
      stage.as("bob").rest.pulls.createReview({ ...repo, pull_number: number, event: "APPROVE" });
    expect(await affected("pull_request_review", review)).toEqual([{ request: number }]);
    expect(await affected("pull_request", () => openPull("two", "main"))).toEqual(["nothing"]);
  });

  test("a push to the default branch looks at everything, one to another at nothing", async () => {
    const push = (branch: string) => () =>
      stage.github.pushFiles("olivia", "acme/access", branch, { [`${branch}.txt`]: "x" }, "push");
    expect(await affected("push", push("topic"))).toEqual(["nothing"]);
    expect(await affected("push", mergeToMain)).toContain("all");
  });

  test("people who come to a team or the repository, or leave it", async () => {
    const { github } = stage;
    expect(await affected("membership", () => github.addTeamMember("acme", "security", "pat"))).toEqual([
      "all",
    ]);
    expect(await affected("member", () => github.addCollaborator("acme/access", "erin", "write"))).toEqual([
      "all",
    ]);
    expect(
      await affected("team", () => github.createTeam({ organization: "acme", name: "night-shift" })),
    ).toContain("all");
  });
});

/** The default branch changes by pull request only, with an owner's review. */
async function mergeToMain(): Promise<void> {
  const { github } = stage;
  github.pushFiles("pat", "acme/access", "change", { "NOTES.md": "notes\n" }, "change");
  const { data } = await stage.as("pat").rest.pulls.create({
    ...repo,
    head: "change",
    base: "main",
    title: "change",
  });
  await stage.as("olivia").rest.pulls.createReview({ ...repo, pull_number: data.number, event: "APPROVE" });
  await stage.as("olivia").rest.pulls.merge({ ...repo, pull_number: data.number });
}

const bot = 77;
const sender = { id: 5 };

describe("a payload", () => {
  test.each<[string, EventPayload, Affected]>([
    // because of `/extend`
    ["issues", { action: "opened", sender: { id: bot }, issue: { number: 3 } }, { request: 3 }],
    ["issues", { action: "labeled", sender: { id: bot }, issue: { number: 3 } }, "nothing"],
    ["issue_comment", { action: "created", sender: { id: bot }, issue: { number: 3 } }, "nothing"],
    ["issues", { sender }, "nothing"],
    ["pull_request", pull({ id: bot }, "request/4"), "nothing"],
    ["pull_request", pull(sender, "request/4"), { request: 4 }],
    ["pull_request", pull(sender, "request/4-2"), { request: 4 }],
    ["pull_request", pull(sender, "request/04"), { request: 9 }],
    ["pull_request", pull(sender, "request/4-0"), { request: 9 }],
    ["pull_request", pull(sender, "request/4/5"), { request: 9 }],
    ["pull_request", pull(sender, "x/request/4"), { request: 9 }],
    ["pull_request", pull(sender, "request/99999999999"), { request: 9 }],
    ["pull_request_review", pull(sender, "request/4-3"), { request: 4 }],
    ["pull_request_review", { sender }, "nothing"],
    ["check_run", check("rerequested", "request/4"), { request: 4 }],
    ["check_run", check("completed", "request/4"), "nothing"],
    ["check_run", check("rerequested", "main"), "nothing"],
    ["check_run", { action: "rerequested", check_run: {} }, "nothing"],
    ["check_run", { action: "rerequested" }, "nothing"],
    ["workflow_run", run("completed", "grant 4", "failure"), { request: 4 }],
    ["workflow_run", run("completed", "grant 4", "cancelled"), { request: 4 }],
    ["workflow_run", run("completed", "end 4", "failure"), { request: 4 }],
    ["workflow_run", run("completed", "grant 4", "success"), "nothing"],
    ["workflow_run", run("completed", "end 4", "success"), "nothing"],
    ["workflow_run", run("requested", "grant 4", null), "nothing"],
    ["workflow_run", run("completed", "sweep", "failure"), "nothing"],
    ["workflow_run", run("completed", "grant 4; rm", "failure"), "nothing"],
    ["workflow_run", run("completed", "grant 04", "failure"), "nothing"],
    ["workflow_run", { action: "completed" }, "nothing"],
    ["push", { ref: "refs/heads/main", repository: { default_branch: "main" } }, "all"],
    ["push", { ref: "refs/heads/ledger", repository: { default_branch: "main" } }, "nothing"],
    ["push", { ref: "refs/tags/main", repository: { default_branch: "main" } }, "nothing"],
    ["push", {}, "nothing"],
    ["star", { action: "created", issue: { number: 3 } }, "nothing"],
    ["constructor", { issue: { number: 3 } }, "nothing"],
  ])("of %s %j leads to %j", (name, payload, expected) => {
    expect(affectedBy(name, payload, bot)).toEqual(expected);
  });
});

test("every event that the App subscribes to is one that it does something about, and the stage's App has the same", () => {
  expect([...subscribedEvents].sort()).toEqual([...appEvents].sort());
});

function pull(by: { readonly id: number }, branch: string): EventPayload {
  return {
    action: "opened",
    sender: by,
    pull_request: { number: 9, base: { ref: "ledger" }, head: { ref: branch } },
  };
}

function check(action: string, branch: string): EventPayload {
  return { action, sender, check_run: { pull_requests: [{ head: { ref: branch } }] } };
}

function run(action: string, display_title: string, conclusion: string | null): EventPayload {
  return { action, sender, workflow_run: { display_title, conclusion } };
}
