import { describe, expect, test } from "vitest";
import { access, createAcme } from "./acme.ts";
import { refused } from "./refused.ts";

describe("opening", () => {
  test("a pull request knows its files, commits and ends", async () => {
    const { propose, as, root, repositoryId } = createAcme();
    const { number, head } = await propose("carol", "topic", {
      "approved/1.yaml": "a: 1\n",
      "README.md": "# changed\n",
    });
    const { rest } = as("alice");
    const { data } = await rest.pulls.get({ ...access, pull_number: number });
    expect(data).toMatchObject({
      state: "open",
      merged: false,
      mergeable: true,
      commits: 1,
      changed_files: 2,
      additions: 2,
      deletions: 1,
      head: { ref: "topic", sha: head, repo: { id: repositoryId } },
      base: { ref: "main", sha: root },
      maintainer_can_modify: false,
    });
    const files = await rest.pulls.listFiles({ ...access, pull_number: number });
    expect(files.data.map(({ filename, status, patch }) => [filename, status, patch])).toEqual([
      ["README.md", "modified", "@@ -1 +1 @@\n-# access\n+# changed"],
      ["approved/1.yaml", "added", "@@ -0,0 +1 @@\n+a: 1"],
    ]);
    const commits = await rest.pulls.listCommits({ ...access, pull_number: number });
    expect(commits.data.map(({ sha, author }) => [sha, author?.login])).toEqual([[head, "carol"]]);
  });

  test("issues and pull requests share their numbers", async () => {
    const { propose, as } = createAcme();
    const { data } = await as("alice").rest.issues.create({ ...access, title: "x" });
    const { number } = await propose("carol", "topic", { a: "1" });
    expect(number).toBe(data.number + 1);
    const issue = await as("alice").rest.issues.get({ ...access, issue_number: number });
    expect(issue.data.pull_request?.url).toContain(`/pulls/${number}`);
    expect((await refused(as("alice").rest.pulls.get({ ...access, pull_number: data.number }))).status).toBe(
      404,
    );
  });

  test("no commits between, no common history, a missing end, a second one of the same head: 422", async () => {
    const { github, as, propose, root } = createAcme();
    const { rest } = as("carol");
    const open = (head: string, base = "main") => rest.pulls.create({ ...access, title: "x", head, base });
    github.push("carol", "acme/access", "same", root);
    expect((await refused(open("same"))).errors).toMatchObject([
      { message: "No commits between main and same" },
    ]);
    const orphan = github.commit({
      repository: "acme/access",
      parent: null,
      files: { "x.yaml": "1" },
      message: "ledger",
      by: "carol",
    });
    github.push("carol", "acme/access", "ledger", orphan);
    expect((await refused(open("ledger"))).errors).toMatchObject([
      { message: "The ledger branch has no history in common with main" },
    ]);
    expect((await refused(open("nowhere"))).status).toBe(422);
    await propose("carol", "topic", { a: "1" });
    expect((await refused(open("topic"))).errors).toMatchObject([
      { message: "A pull request already exists for acme:topic." },
    ]);
  });

  test("one from a fork crosses repositories; the base's writers may push to it where its owner lets them", async () => {
    const { github, as } = createAcme();
    const fork = github.fork("alice", "acme/access");
    expect(fork).toBe("alice/access");
    const head = github.pushFiles("alice", fork, "topic", { "approved/x.yaml": "a: 1\n" }, "ask");
    const { data } = await as("alice").rest.pulls.create({
      ...access,
      title: "x",
      head: "alice:topic",
      base: "main",
    });
    expect(data).toMatchObject({
      maintainer_can_modify: true,
      head: { label: "alice:topic", sha: head, repo: { full_name: fork } },
    });
    const evil = github.commit({
      repository: fork,
      parent: "topic",
      files: { "approved/x.yaml": "a: evil\n" },
      message: "m",
      by: "bob",
    });
    expect(() => github.push("dave", fork, "topic", evil)).toThrow(/denied to dave/);
    github.push("bob", fork, "topic", evil);
    await as("alice").rest.pulls.update({
      ...access,
      pull_number: data.number,
      maintainer_can_modify: false,
    });
    const more = github.commit({
      repository: fork,
      parent: "topic",
      files: { b: "1" },
      message: "m",
      by: "bob",
    });
    expect(() => github.push("bob", fork, "topic", more)).toThrow(/denied to bob/);
  });

  test("a pull request whose fork is deleted has no head repository", async () => {
    const { github, as } = createAcme();
    const fork = github.fork("alice", "acme/access");
    github.pushFiles("alice", fork, "topic", { x: "1" }, "ask");
    const { data } = await as("alice").rest.pulls.create({
      ...access,
      title: "x",
      head: "alice:topic",
      base: "main",
    });
    github.deleteRepository(fork);
    const answer = await as("alice").graphql(
      `{ repository(owner: "acme", name: "access") { pullRequest(number: ${data.number}) { headRepository { id } isCrossRepository headRefName } } }`,
    );
    expect(answer).toEqual({
      repository: { pullRequest: { headRepository: null, isCrossRepository: true, headRefName: "topic" } },
    });
  });
});

describe("moving", () => {
  test("a push synchronizes, a force-push stands in the timeline with both commits", async () => {
    const { github, as, propose, root } = createAcme();
    const { number } = await propose("carol", "topic", { a: "1" });
    const next = github.pushFiles("carol", "acme/access", "topic", { a: "2" }, "two");
    const other = github.commit({
      repository: "acme/access",
      parent: root,
      files: { a: "3" },
      message: "m",
      by: "bob",
    });
    github.push("bob", "acme/access", "topic", other, { force: true });
    const answer = await as("alice").graphql(
      `{ repository(owner: "acme", name: "access") { pullRequest(number: ${number}) { headRefOid
        timelineItems(first: 5, itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT]) { totalCount filteredCount nodes { ... on HeadRefForcePushedEvent {
          actor { login } createdAt beforeCommit { oid } afterCommit { oid } } } } } } }`,
    );
    const event = { actor: { login: "bob" }, beforeCommit: { oid: next }, afterCommit: { oid: other } };
    expect(answer).toMatchObject({
      repository: { pullRequest: { headRefOid: other, timelineItems: { totalCount: 1, nodes: [event] } } },
    });
  });

  test("deleting the head closes; restoring it and reopening stand in the timeline", async () => {
    const { github, as, propose } = createAcme();
    const { number, head } = await propose("carol", "topic", { a: "1" });
    github.push("carol", "acme/access", "topic", null);
    const { rest } = as("carol");
    expect((await refused(rest.pulls.update({ ...access, pull_number: number, state: "open" }))).status).toBe(
      422,
    );
    github.push("carol", "acme/access", "topic", head);
    await rest.pulls.update({ ...access, pull_number: number, state: "open" });
    const { data } = await rest.issues.listEventsForTimeline({ ...access, issue_number: number });
    expect(data.map((item) => ("event" in item ? item.event : ""))).toEqual([
      "committed",
      "head_ref_deleted",
      "closed",
      "head_ref_restored",
      "reopened",
    ]);
  });

  test("another base stands in the timeline; a force-pushed base too", async () => {
    const { github, as, propose, root } = createAcme();
    github.pushFiles("carol", "acme/access", "ledger", { l: "1" }, "ledger");
    const { number } = await propose("carol", "topic", { a: "1" });
    await as("carol").rest.pulls.update({ ...access, pull_number: number, base: "ledger" });
    const other = github.commit({
      repository: "acme/access",
      parent: root,
      files: { l: "2" },
      message: "m",
      by: "carol",
    });
    github.push("carol", "acme/access", "ledger", other, { force: true });
    const answer = await as("alice").graphql(
      `{ repository(owner: "acme", name: "access") { pullRequest(number: ${number}) { baseRefName
        timelineItems(first: 5, itemTypes: [BASE_REF_CHANGED_EVENT, BASE_REF_FORCE_PUSHED_EVENT]) { nodes { __typename
          ... on BaseRefChangedEvent { actor { login } previousRefName currentRefName } } } } } }`,
    );
    expect(answer).toMatchObject({
      repository: {
        pullRequest: {
          baseRefName: "ledger",
          timelineItems: {
            nodes: [
              { __typename: "BaseRefChangedEvent", previousRefName: "main", currentRefName: "ledger" },
              { __typename: "BaseRefForcePushedEvent" },
            ],
          },
        },
      },
    });
  });
});

describe("merging", () => {
  test("with the head's sha merges; with another is 409; twice is 405", async () => {
    const { as, propose, root } = createAcme();
    const { number, head } = await propose("carol", "topic", { a: "1" });
    const { rest } = as("carol");
    const pull = { ...access, pull_number: number };
    expect((await refused(rest.pulls.merge({ ...pull, sha: root }))).status).toBe(409);
    const { data } = await rest.pulls.merge({
      ...pull,
      sha: head,
      commit_title: "Merge it",
      commit_message: "Hallpass-Request: 1",
    });
    const merged = await rest.git.getCommit({ ...access, commit_sha: data.sha });
    expect(merged.data.message).toBe("Merge it\n\nHallpass-Request: 1");
    expect(merged.data.parents.map(({ sha }) => sha)).toEqual([root, head]);
    const after = await rest.pulls.get(pull);
    expect(after.data).toMatchObject({
      state: "closed",
      merged: true,
      merged_by: { login: "carol" },
      merge_commit_sha: data.sha,
    });
    expect((await refused(rest.pulls.merge(pull))).status).toBe(405);
    expect((await rest.pulls.checkIfMerged(pull)).status).toBe(204);
  });

  test("a reader's merge is 403, a conflicting one 405", async () => {
    const { as, propose, github } = createAcme();
    const { number } = await propose("carol", "topic", { "README.md": "topic\n" });
    github.pushFiles("carol", "acme/access", "main", { "README.md": "main\n" }, "other");
    const pull = { ...access, pull_number: number };
    expect((await refused(as("alice").rest.pulls.merge(pull))).status).toBe(403);
    expect((await refused(as("carol").rest.pulls.merge(pull))).status).toBe(405);
    expect((await as("carol").rest.pulls.get(pull)).data).toMatchObject({
      mergeable: false,
      mergeable_state: "dirty",
    });
  });

  test("squashing makes one commit, rebasing replays each under its author", async () => {
    const { as, propose, github } = createAcme();
    const squash = await propose("carol", "one", { a: "1" });
    github.pushFiles("carol", "acme/access", "one", { a: "2" }, "second");
    const { rest } = as("bob");
    await rest.pulls.merge({ ...access, pull_number: squash.number, merge_method: "squash" });
    const rebase = await propose("carol", "two", { b: "1" });
    github.pushFiles("bob", "acme/access", "main", { c: "1" }, "meanwhile");
    await rest.pulls.merge({ ...access, pull_number: rebase.number, merge_method: "rebase" });
    const { data } = await rest.repos.listCommits(access);
    expect(data.map(({ commit, parents }) => [commit.message.split("\n")[0], parents.length])).toEqual([
      ["change two", 1],
      ["meanwhile", 1],
      [`one (#${squash.number})`, 1],
      ["Initial commit", 0],
    ]);
  });

  test("the race of two merges can be played: 405 once, then it merges", async () => {
    const { as, propose, github } = createAcme();
    const { number } = await propose("carol", "topic", { a: "1" });
    github.quirks.baseModifiedRaces = 1;
    const merge = () => as("carol").rest.pulls.merge({ ...access, pull_number: number });
    const answer = await refused(merge());
    expect(answer).toMatchObject({
      status: 405,
      message: expect.stringContaining("Base branch was modified"),
    });
    await merge();
  });

  test("whether it merges is null on the first look", async () => {
    const { as, github } = createAcme({ quirks: { lateMergeability: true } });
    github.pushFiles("carol", "acme/access", "topic", { a: "1" }, "m");
    const { data } = await as("carol").rest.pulls.create({
      ...access,
      title: "x",
      head: "topic",
      base: "main",
    });
    expect(data.mergeable).toBeNull();
    const get = async () =>
      (await as("carol").rest.pulls.get({ ...access, pull_number: data.number })).data.mergeable;
    expect(await get()).toBe(true);
    github.pushFiles("carol", "acme/access", "topic", { a: "2" }, "m");
    expect(await get()).toBeNull();
    expect(await get()).toBe(true);
  });

  test("pushing the head to the base by hand counts as the merge", async () => {
    const { as, propose, github } = createAcme();
    const { number, head } = await propose("carol", "topic", { a: "1" });
    github.push("carol", "acme/access", "main", head);
    const { data } = await as("carol").rest.pulls.get({ ...access, pull_number: number });
    expect(data).toMatchObject({ merged: true, merge_commit_sha: head, commits: 1 });
    const reopen = as("carol").rest.issues.update({ ...access, issue_number: number, state: "open" });
    expect((await refused(reopen)).status).toBe(422);
  });

  test("merging needs contents: write of an App", async () => {
    const { bot, propose } = createAcme();
    const { number } = await propose("carol", "topic", { a: "1" });
    const { rest } = await bot({ permissions: { pull_requests: "write" } });
    expect((await refused(rest.pulls.merge({ ...access, pull_number: number }))).status).toBe(403);
  });
});
