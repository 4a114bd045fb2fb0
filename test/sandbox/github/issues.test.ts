import { describe, expect, test } from "vitest";
import { access, createAcme } from "./acme.ts";
import { refused } from "./refused.ts";

const editsQuery = `query ($number: Int!) {
  repository(owner: "acme", name: "access") {
    issue(number: $number) {
      body includesCreatedEdit lastEditedAt
      userContentEdits(first: 10) {
        totalCount
        nodes { editor { login } editedAt deletedAt diff }
      }
    }
  }
}`;

interface Edits {
  repository: {
    issue: {
      includesCreatedEdit: boolean;
      lastEditedAt: string | null;
      userContentEdits: {
        totalCount: number;
        nodes: { editor: { login: string } | null; diff: string | null; deletedAt: string | null }[];
      };
    };
  };
}

async function open(acme: ReturnType<typeof createAcme>, login = "alice", body = "first"): Promise<number> {
  const { data } = await acme.as(login).rest.issues.create({ ...access, title: "Access", body });
  return data.number;
}

describe("issues", () => {
  test("a reader may open one; the labels a reader asks for are dropped without a word", async () => {
    const { as } = createAcme();
    const { data } = await as("alice").rest.issues.create({
      ...access,
      title: "x",
      labels: ["bug"],
      assignees: ["bob"],
    });
    expect(data).toMatchObject({ labels: [], assignees: [], author_association: "MEMBER", state: "open" });
    const byWriter = await as("carol").rest.issues.create({
      ...access,
      title: "y",
      labels: ["bug", "made up"],
      assignees: ["bob"],
    });
    expect(byWriter.data.labels.map((label) => (typeof label === "string" ? label : label.name))).toEqual([
      "bug",
      "made up",
    ]);
    expect(byWriter.data.assignees?.map(({ login }) => login)).toEqual(["bob"]);
  });

  test("one without a title is 422", async () => {
    const { github, as } = createAcme();
    expect((await refused(as("alice").rest.issues.create({ ...access, title: "" }))).status).toBe(422);
    const raw = await github.handle(
      new Request(`${github.url}/repos/acme/access/issues`, {
        method: "POST",
        headers: { authorization: `token ${github.personalToken("alice")}` },
        body: "{}",
      }),
    );
    expect(raw.status).toBe(422);
  });

  test("a body over 65,536 characters is 422", async () => {
    const acme = createAcme();
    const answer = await refused(open(acme, "alice", "x".repeat(65_537)));
    expect(answer.status).toBe(422);
    await open(acme, "alice", "x".repeat(65_536));
  });

  test("an issue has no edit history until its first edit, which yields two revisions", async () => {
    const acme = createAcme();
    const number = await open(acme);
    const history = async () =>
      (await acme.as("alice").graphql<Edits>(editsQuery, { number })).repository.issue;
    expect(await history()).toMatchObject({
      includesCreatedEdit: false,
      lastEditedAt: null,
      userContentEdits: { totalCount: 0 },
    });
    acme.clock.advance(60_000);
    await acme.as("alice").rest.issues.update({ ...access, issue_number: number, body: "second" });
    const edited = await history();
    expect(edited).toMatchObject({ includesCreatedEdit: true, lastEditedAt: "2026-01-05T12:01:00Z" });
    expect(edited.userContentEdits.nodes.map(({ editor, diff }) => [editor?.login, diff])).toEqual([
      ["alice", "second"],
      ["alice", "first"],
    ]);
  });

  test("a writer's edit of another's issue is in its history under the writer's name; a title or a label is not", async () => {
    const acme = createAcme();
    const number = await open(acme);
    const { rest } = acme.as("carol");
    await rest.issues.update({ ...access, issue_number: number, title: "Other", labels: ["bug"] });
    const before = await acme.as("alice").graphql<Edits>(editsQuery, { number });
    expect(before.repository.issue.userContentEdits.totalCount).toBe(0);
    await rest.issues.update({ ...access, issue_number: number, body: "forged" });
    const { repository } = await acme.as("alice").graphql<Edits>(editsQuery, { number });
    expect(repository.issue.userContentEdits.nodes.map(({ editor }) => editor?.login)).toEqual([
      "carol",
      "alice",
    ]);
  });

  test("a deleted revision stays listed with its editor and loses its text; a deleted editor is null", async () => {
    const acme = createAcme();
    const number = await open(acme);
    await acme.as("carol").rest.issues.update({ ...access, issue_number: number, body: "forged" });
    acme.github.deleteRevision("olga", "acme/access", number, 1);
    acme.github.deleteUser("carol");
    const { repository } = await acme.as("alice").graphql<Edits>(editsQuery, { number });
    const [newest] = repository.issue.userContentEdits.nodes;
    expect(newest).toMatchObject({ editor: null, diff: null, deletedAt: expect.any(String) });
  });

  test("readers may not edit, close or label what is not theirs", async () => {
    const acme = createAcme();
    const number = await open(acme, "carol");
    const { rest } = acme.as("alice");
    for (const change of [{ body: "x" }, { state: "closed" as const }, { labels: ["bug"] }]) {
      expect((await refused(rest.issues.update({ ...access, issue_number: number, ...change }))).status).toBe(
        403,
      );
    }
    expect(
      (await refused(rest.issues.addLabels({ ...access, issue_number: number, labels: ["bug"] }))).status,
    ).toBe(403);
  });

  test("closing and reopening stand in the timeline with actor and reason, for ever", async () => {
    const acme = createAcme();
    const number = await open(acme);
    const { rest } = acme.as("carol");
    await rest.issues.update({
      ...access,
      issue_number: number,
      state: "closed",
      state_reason: "not_planned",
    });
    expect(
      (await refused(acme.as("alice").rest.issues.update({ ...access, issue_number: number, state: "open" })))
        .status,
    ).toBe(403);
    await rest.issues.update({ ...access, issue_number: number, state: "open" });
    const { data } = await rest.issues.listEventsForTimeline({ ...access, issue_number: number });
    expect(data).toMatchObject([
      { event: "closed", actor: { login: "carol" }, state_reason: "not_planned" },
      { event: "reopened", actor: { login: "carol" } },
    ]);
  });

  test("a locked issue takes comments from writers only", async () => {
    const acme = createAcme();
    const issue_number = await open(acme);
    await acme.as("carol").rest.issues.lock({ ...access, issue_number });
    expect(
      (await refused(acme.as("alice").rest.issues.createComment({ ...access, issue_number, body: "x" })))
        .status,
    ).toBe(403);
    await acme.as("carol").rest.issues.createComment({ ...access, issue_number, body: "x" });
  });

  test("a transferred issue keeps its author, gets a number and says where it came from; the old address moves", async () => {
    const acme = createAcme();
    acme.github.createRepository({ owner: "acme", name: "elsewhere" });
    acme.github.addCollaborator("acme/elsewhere", "alice", "read");
    const { data } = await acme
      .as("alice")
      .rest.issues.create({ owner: "acme", repo: "elsewhere", title: "x" });
    const number = acme.github.transferIssue("olga", "acme/elsewhere", data.number, "acme/access");
    const moved = await acme
      .as("alice")
      .rest.issues.get({ owner: "acme", repo: "elsewhere", issue_number: data.number });
    expect(moved.data).toMatchObject({ number, user: { login: "alice" } });
    const answer = await acme.as("alice").graphql(
      `{ repository(owner: "acme", name: "access") { issue(number: ${number}) {
        author { login }
        timelineItems(first: 5, itemTypes: [TRANSFERRED_EVENT]) { nodes { ... on TransferredEvent { actor { login } fromRepository { nameWithOwner } } } }
      } } }`,
    );
    expect(answer).toMatchObject({
      repository: {
        issue: {
          author: { login: "alice" },
          timelineItems: {
            nodes: [{ actor: { login: "olga" }, fromRepository: { nameWithOwner: "acme/elsewhere" } }],
          },
        },
      },
    });
  });

  test("what a deleted account wrote is ghost's in REST and nobody's in GraphQL", async () => {
    const acme = createAcme();
    const number = await open(acme);
    acme.github.deleteUser("alice");
    const { data } = await acme.as("carol").rest.issues.get({ ...access, issue_number: number });
    expect(data.user).toMatchObject({ login: "ghost", id: 10_137 });
    const answer = await acme
      .as("carol")
      .graphql(
        `{ repository(owner: "acme", name: "access") { issue(number: ${number}) { author { login } } } }`,
      );
    expect(answer).toEqual({ repository: { issue: { author: null } } });
  });
});

describe("comments", () => {
  test("are changed and deleted by their author or a writer, and by no other reader", async () => {
    const acme = createAcme();
    acme.github.addCollaborator("acme/access", "dave", "read");
    const issue_number = await open(acme);
    const { data } = await acme
      .as("alice")
      .rest.issues.createComment({ ...access, issue_number, body: "/token age1x" });
    const comment = { ...access, comment_id: data.id };
    expect((await refused(acme.as("dave").rest.issues.updateComment({ ...comment, body: "x" }))).status).toBe(
      403,
    );
    expect((await refused(acme.as("dave").rest.issues.deleteComment(comment))).status).toBe(403);
    await acme.as("carol").rest.issues.updateComment({ ...comment, body: "/token age1mine" });
    const answer = await acme.as("alice").graphql(
      `{ repository(owner: "acme", name: "access") { issue(number: ${issue_number}) { comments(first: 5) { nodes {
        databaseId author { login } viewerDidAuthor userContentEdits(first: 5) { nodes { editor { login } diff } }
      } } } } }`,
    );
    expect(answer).toMatchObject({
      repository: {
        issue: {
          comments: {
            nodes: [
              {
                databaseId: data.id,
                author: { login: "alice" },
                viewerDidAuthor: true,
                userContentEdits: { nodes: [{ editor: { login: "carol" } }, { editor: { login: "alice" } }] },
              },
            ],
          },
        },
      },
    });
    await acme.as("carol").rest.issues.deleteComment(comment);
    expect((await refused(acme.as("alice").rest.issues.getComment(comment))).status).toBe(404);
  });

  test("by an App are its bot's and say through which App they came", async () => {
    const acme = createAcme();
    const issue_number = await open(acme);
    const { data } = await (await acme.bot()).rest.issues.createComment({
      ...access,
      issue_number,
      body: "status",
    });
    expect(data).toMatchObject({
      user: { login: "hallpass[bot]", id: acme.app.botUserId, type: "Bot" },
      performed_via_github_app: { id: acme.app.id },
    });
    const profile = await acme.as("alice").rest.users.getByUsername({ username: "hallpass[bot]" });
    expect(profile.data.id).toBe(acme.app.botUserId);
  });

  test("an empty one is 422; reactions are one of a kind a person", async () => {
    const acme = createAcme();
    const issue_number = await open(acme);
    const { rest } = acme.as("alice");
    expect((await refused(rest.issues.createComment({ ...access, issue_number, body: " " }))).status).toBe(
      422,
    );
    const { data } = await rest.issues.createComment({ ...access, issue_number, body: "x" });
    const like = { ...access, comment_id: data.id, content: "+1" as const };
    expect((await rest.reactions.createForIssueComment(like)).status).toBe(201);
    expect((await rest.reactions.createForIssueComment(like)).status).toBe(200);
    expect(
      (await rest.issues.getComment({ ...access, comment_id: data.id })).data.reactions?.total_count,
    ).toBe(1);
  });
});

describe("labels", () => {
  test("that do not exist are made when set, and compare without letter case", async () => {
    const acme = createAcme();
    const issue_number = await open(acme);
    const { rest } = acme.as("carol");
    await rest.issues.addLabels({ ...access, issue_number, labels: ["access: pending"] });
    await rest.issues.addLabels({ ...access, issue_number, labels: ["ACCESS: Pending"] });
    const { data } = await rest.issues.setLabels({ ...access, issue_number, labels: ["access: active"] });
    expect(data.map(({ name }) => name)).toEqual(["access: active"]);
    expect((await refused(rest.issues.removeLabel({ ...access, issue_number, name: "none" }))).status).toBe(
      404,
    );
    expect((await refused(rest.issues.createLabel({ ...access, name: "Access: Active" }))).status).toBe(422);
  });

  test("filter lists: all of them in REST, any of them in GraphQL", async () => {
    const { as } = createAcme();
    const { rest, graphql } = as("carol");
    await rest.issues.create({ ...access, title: "both", labels: ["a", "b"] });
    await rest.issues.create({ ...access, title: "one", labels: ["a"] });
    const { data } = await rest.issues.listForRepo({ ...access, labels: "a,b" });
    expect(data.map(({ title }) => title)).toEqual(["both"]);
    const answer = await graphql(
      `{ repository(owner: "acme", name: "access") { issues(first: 5, labels: ["a", "b"]) { nodes { title } } } }`,
    );
    expect(answer).toEqual({ repository: { issues: { nodes: [{ title: "both" }, { title: "one" }] } } });
  });
});

describe("issue forms", () => {
  test("become a body as GitHub renders it", async () => {
    const { github, as } = createAcme();
    const number = github.submitForm("alice", "acme/access", "access-request.yml", {
      nodes: "i-0123456789abcdef0",
      access: "shell",
      reason: "one\ntwo",
      log: "x",
    });
    const { data } = await as("alice").rest.issues.get({ ...access, issue_number: number });
    expect(data.title).toBe("Access: ");
    expect(data.body).toBe(
      "### Nodes\n\ni-0123456789abcdef0\n\n### Access\n\nshell\n\n### Reason\n\none\r\ntwo\n\n### Log\n\n```shell\nx\n```",
    );
  });

  test("say _No response_ for what was left out, and refuse what the page would refuse", async () => {
    const { github, as } = createAcme();
    const submit = (values: Record<string, string>) =>
      github.submitForm("alice", "acme/access", "access-request.yml", values);
    const { data } = await as("alice").rest.issues.get({ ...access, issue_number: submit({ nodes: "x" }) });
    expect(data.body).toBe(
      "### Nodes\n\nx\n\n### Access\n\n_No response_\n\n### Reason\n\n_No response_\n\n### Log\n\n_No response_",
    );
    expect(() => submit({})).toThrow(/Nodes can't be blank/);
    expect(() => submit({ nodes: "x", access: "root" })).toThrow(/no option/);
    expect(() => submit({ nodes: "x", other: "y" })).toThrow(/no field/);
    expect(() => github.submitForm("alice", "acme/access", "none.yml", {})).toThrow(/no issue form/);
  });

  test("set their labels where these exist, also for a reader", async () => {
    const { github, as } = createAcme();
    await as("carol").rest.issues.createLabel({ ...access, name: "access" });
    const number = github.submitForm("alice", "acme/access", "access-request.yml", { nodes: "x" });
    const { data } = await as("alice").rest.issues.listLabelsOnIssue({ ...access, issue_number: number });
    expect(data.map(({ name }) => name)).toEqual(["access"]);
  });
});
