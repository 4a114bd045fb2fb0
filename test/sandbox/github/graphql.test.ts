import { describe, expect, test } from "vitest";
import { access, createAcme } from "./acme.ts";
import { refusedGraphql } from "./refused.ts";

describe("the schema is GitHub's", () => {
  test("a field that GitHub does not have is refused", async () => {
    const { as } = createAcme();
    const [error] = await refusedGraphql(as("alice").graphql("{ viewer { shoeSize } }"));
    expect(error?.message).toContain("shoeSize");
  });

  test("a field that the twin does not have fails the whole query, it is not made up", async () => {
    const { as } = createAcme();
    const [error] = await refusedGraphql(as("alice").graphql("{ viewer { login bio } }"));
    expect(error?.message).toBe("the twin does not implement User.bio");
  });

  test("an argument that the twin would ignore fails as well", async () => {
    const { as } = createAcme();
    const query = `{ repository(owner: "acme", name: "access") { issues(first: 1, filterBy: { mentioned: "bob" }) { totalCount } } }`;
    const [error] = await refusedGraphql(as("alice").graphql(query));
    expect(error?.message).toContain("does not implement");
  });
});

test("CODEOWNERS: every owner that does not exist or may not write, and every line that cannot be read", async () => {
  const { as, github } = createAcme();
  github.createTeam({ organization: "acme", name: "readers", members: ["bob"] });
  github.addTeamToRepository("acme/access", "readers", "read");
  const ask = async () => {
    const query =
      '{ repository(owner: "acme", name: "access") { codeowners { errors { line column kind suggestion path source } } } }';
    const { repository } = await as("carol").graphql<{
      repository: { codeowners: { errors: object[] } | null };
    }>(query);
    return repository.codeowners?.errors;
  };
  const write = (text: string) =>
    github.pushFiles("carol", "acme/access", "main", { CODEOWNERS: text }, "owners");
  expect(await ask()).toBeUndefined();
  write("# who\n* @acme/devops-leads @carol # both\n");
  expect(await ask()).toEqual([]);
  write("* @carol @acme/readers\n/a @nobody nobody@example.com\n/b @\n/[c] @carol\n");
  const team =
    "make sure the team @acme/readers exists, is publicly visible, and has write access to the repository";
  const of = { path: "CODEOWNERS" };
  const person = (who: string) => `make sure ${who} exists and has write access to the repository`;
  expect(await ask()).toEqual([
    {
      ...of,
      line: 1,
      column: 10,
      kind: "Unknown owner",
      suggestion: team,
      source: "* @carol @acme/readers\n",
    },
    expect.objectContaining({ line: 2, column: 4, kind: "Unknown owner", suggestion: person("@nobody") }),
    expect.objectContaining({ line: 2, column: 12, suggestion: person("nobody@example.com") }),
    { ...of, line: 3, column: 4, kind: "Invalid owner", suggestion: null, source: "/b @\n" },
    { ...of, line: 4, column: 1, kind: "Invalid pattern", suggestion: null, source: "/[c] @carol\n" },
  ]);
});

describe("limits", () => {
  const issues = (args: string) =>
    `{ repository(owner: "acme", name: "access") { issues${args} { nodes { number } } } }`;

  test("a connection wants first or last, and at most 100", async () => {
    const { as } = createAcme();
    expect(await refusedGraphql(as("alice").graphql(issues("")))).toMatchObject([
      { type: "MISSING_PAGINATION_BOUNDARIES" },
    ]);
    expect(await refusedGraphql(as("alice").graphql(issues("(first: 101)")))).toMatchObject([
      { type: "EXCESSIVE_PAGINATION" },
    ]);
    expect(await refusedGraphql(as("alice").graphql(issues('(first: 1, after: "x")')))).toMatchObject([
      { type: "INVALID_CURSOR_ARGUMENTS" },
    ]);
  });

  test("nested pages may not add up to more than half a million nodes", async () => {
    const { as } = createAcme();
    const query = `{ repository(owner: "acme", name: "access") { issues(first: 100) { nodes { comments(first: 100) { nodes { reactions(first: 100) { totalCount } } } } } } }`;
    expect(await refusedGraphql(as("alice").graphql(query))).toMatchObject([
      { type: "MAX_NODE_LIMIT_EXCEEDED" },
    ]);
  });

  test("pages follow each other by cursor", async () => {
    const { as } = createAcme();
    for (let i = 1; i <= 5; i++) await as("alice").rest.issues.create({ ...access, title: `${i}` });
    const seen: number[] = [];
    let after: string | null = null;
    for (;;) {
      const answer: {
        repository: {
          issues: { nodes: { number: number }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
        };
      } = await as("alice").graphql(
        `query ($after: String) { repository(owner: "acme", name: "access") { issues(first: 2, after: $after) { nodes { number } pageInfo { hasNextPage endCursor } } } }`,
        { after },
      );
      const { nodes, pageInfo } = answer.repository.issues;
      seen.push(...nodes.map(({ number }) => number));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    const last = await as("alice").graphql(
      `{ repository(owner: "acme", name: "access") { issues(last: 2) { nodes { number } pageInfo { hasPreviousPage } } } }`,
    );
    expect(last).toMatchObject({
      repository: { issues: { nodes: [{ number: 4 }, { number: 5 }], pageInfo: { hasPreviousPage: true } } },
    });
  });
});

describe("access", () => {
  test("what one may not see does not exist", async () => {
    const { as } = createAcme();
    const query = `{ repository(owner: "acme", name: "access") { id } }`;
    expect(await refusedGraphql(as("mallory").graphql(query))).toMatchObject([
      { type: "NOT_FOUND", message: "Could not resolve to a Repository with the name 'acme/access'." },
    ]);
  });

  test("an App reads each part with its permission only", async () => {
    const { bot } = createAcme();
    const { graphql } = await bot({ permissions: { issues: "read" } });
    const ask = (part: string) => graphql(`{ repository(owner: "acme", name: "access") { ${part} } }`);
    await ask("issues(first: 1) { totalCount }");
    for (const part of [
      "pullRequests(first: 1) { totalCount }",
      `object(expression: "main:README.md") { oid }`,
    ]) {
      expect(await refusedGraphql(ask(part))).toMatchObject([{ type: "FORBIDDEN" }]);
    }
    const team = graphql(`{ organization(login: "acme") { team(slug: "devops-leads") { id } } }`);
    expect(await refusedGraphql(team)).toMatchObject([{ type: "FORBIDDEN" }]);
  });

  test("an App's JWT and nobody are 401", async () => {
    const { asApp, withToken } = createAcme();
    for (const octokit of [asApp(), withToken(undefined)]) {
      await expect(octokit.graphql("{ viewer { login } }")).rejects.toMatchObject({ status: 401 });
    }
  });
});

describe("objects of git", () => {
  test("trees, blobs and commits by expression and by id", async () => {
    const { as, github, root } = createAcme();
    github.pushFiles(
      "carol",
      "acme/access",
      "main",
      { "policies/a.cedar": "permit", "policies/deep/b.cedar": "forbid", bin: new Uint8Array([0, 1]) },
      "policies",
    );
    const answer = await as("alice").graphql(`{ repository(owner: "acme", name: "access") {
      tree: object(expression: "main:policies") { ... on Tree { entries { name path type mode object { ... on Blob { text isBinary isTruncated byteSize } ... on Tree { entries { path } } } } } }
      blob: object(expression: "main:bin") { ... on Blob { text isBinary } }
      none: object(expression: "main:nowhere") { oid }
      first: object(oid: "${root}") { ... on Commit { message parents(first: 1) { totalCount } } }
    } }`);
    expect(answer).toEqual({
      repository: {
        tree: {
          entries: [
            {
              name: "a.cedar",
              path: "policies/a.cedar",
              type: "blob",
              mode: 33188,
              object: { text: "permit", isBinary: false, isTruncated: false, byteSize: 6 },
            },
            {
              name: "deep",
              path: "policies/deep",
              type: "tree",
              mode: 16384,
              object: { entries: [{ path: "policies/deep/b.cedar" }] },
            },
          ],
        },
        blob: { text: null, isBinary: true },
        none: null,
        first: { message: "Initial commit", parents: { totalCount: 0 } },
      },
    });
  });

  test("a path's history is the commits that changed it", async () => {
    const { as, github, clock } = createAcme();
    for (const [path, message] of [
      ["active/1.yaml", "grant"],
      ["other", "noise"],
    ] as const) {
      clock.advance(1000);
      github.pushFiles("carol", "acme/access", "main", { [path]: "x" }, message);
    }
    clock.advance(1000);
    github.pushFiles("carol", "acme/access", "main", { "active/1.yaml": null, "ended/1.yaml": "x" }, "end");
    const answer = await as(
      "alice",
    ).graphql(`{ repository(owner: "acme", name: "access") { ref(qualifiedName: "refs/heads/main") { name target { ... on Commit {
      committedDate history(path: "active/1.yaml", first: 5) { totalCount nodes { message committedDate } } } } } } }`);
    expect(answer).toMatchObject({
      repository: {
        ref: {
          name: "main",
          target: { history: { totalCount: 2, nodes: [{ message: "end" }, { message: "grant" }] } },
        },
      },
    });
  });

  test("branches by prefix", async () => {
    const { as, github, root } = createAcme();
    for (const branch of ["request/2", "request/1", "other"])
      github.push("carol", "acme/access", branch, root);
    const answer = await as("alice").graphql(
      `{ repository(owner: "acme", name: "access") { refs(refPrefix: "refs/heads/request/", first: 5) { nodes { name } } } }`,
    );
    expect(answer).toEqual({ repository: { refs: { nodes: [{ name: "1" }, { name: "2" }] } } });
  });

  test("a bot's commit has no user, a person's has", async () => {
    const { as, bot, root } = createAcme();
    const { graphql } = await bot();
    const made = await graphql<{ createCommitOnBranch: { commit: { oid: string } } }>(
      "mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }",
      {
        input: {
          branch: { repositoryNameWithOwner: "acme/access", branchName: "main" },
          expectedHeadOid: root,
          message: { headline: "by bot", body: "more" },
        },
      },
    );
    const { oid } = made.createCommitOnBranch.commit;
    const answer = await as(
      "alice",
    ).graphql(`{ repository(owner: "acme", name: "access") { object(oid: "${oid}") { ... on Commit {
      message author { name user { login } } committer { name user { login } } signature { isValid }
      parents(first: 1) { nodes { author { user { login databaseId } } } } } } } }`);
    expect(answer).toMatchObject({
      repository: {
        object: {
          message: "by bot\n\nmore",
          author: { name: "hallpass[bot]", user: null },
          committer: { name: "GitHub", user: { login: "web-flow" } },
          signature: { isValid: true },
          parents: { nodes: [{ author: { user: { login: "olga" } } }] },
        },
      },
    });
  });
});

describe("createCommitOnBranch", () => {
  const mutation =
    "mutation ($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } ref { name } } }";
  const input = (expectedHeadOid: string, fileChanges: object, branchName = "main") => ({
    input: {
      branch: { repositoryNameWithOwner: "acme/access", branchName },
      expectedHeadOid,
      message: { headline: "m" },
      fileChanges,
    },
  });
  const addition = { path: "active/1.yaml", contents: Buffer.from("x").toString("base64") };

  test("is a compare-and-swap: of two on one head the second is stale", async () => {
    const { bot, root } = createAcme();
    const { graphql } = await bot();
    await graphql(mutation, input(root, { additions: [addition] }));
    const second = graphql(mutation, input(root, { additions: [{ ...addition, path: "active/2.yaml" }] }));
    expect(await refusedGraphql(second)).toMatchObject([{ type: "STALE_DATA" }]);
  });

  test("moves a file; what it deletes must be there", async () => {
    const { bot, github, as } = createAcme();
    const head = github.pushFiles("carol", "acme/access", "main", { "approved/1.yaml": "x" }, "m");
    const { graphql } = await bot();
    await graphql(mutation, input(head, { additions: [addition], deletions: [{ path: "approved/1.yaml" }] }));
    const { data } = await as("alice").rest.repos.listCommits(access);
    const gone = graphql(mutation, input(data[0]?.sha ?? "", { deletions: [{ path: "approved/1.yaml" }] }));
    expect(await refusedGraphql(gone)).toMatchObject([{ type: "UNPROCESSABLE" }]);
    const shown = await as("alice").rest.repos.getCommit({ ...access, ref: "main" });
    expect(shown.data.files).toMatchObject([
      { status: "renamed", filename: "active/1.yaml", previous_filename: "approved/1.yaml" },
    ]);
  });

  test("needs a branch, and contents: write", async () => {
    const { bot, root } = createAcme();
    const { graphql } = await bot();
    expect(await refusedGraphql(graphql(mutation, input(root, {}, "nowhere")))).toMatchObject([
      { type: "NOT_FOUND" },
    ]);
    const reading = await bot({ permissions: { contents: "read" } });
    expect(await refusedGraphql(reading.graphql(mutation, input(root, {})))).toMatchObject([
      { type: "FORBIDDEN" },
    ]);
  });
});

describe("nodes", () => {
  test("an issue, a comment and a review are found by id, in what one may see", async () => {
    const { as } = createAcme();
    const { data } = await as("alice").rest.issues.create({ ...access, title: "x" });
    const comment = await as("alice").rest.issues.createComment({
      ...access,
      issue_number: data.number,
      body: "c",
    });
    const ask = (login: string, id: string) =>
      as(login).graphql("query ($id: ID!) { node(id: $id) { __typename id } }", { id });
    expect(await ask("bob", data.node_id)).toEqual({ node: { __typename: "Issue", id: data.node_id } });
    expect(await ask("bob", comment.data.node_id)).toMatchObject({ node: { __typename: "IssueComment" } });
    expect(await refusedGraphql(ask("mallory", data.node_id))).toMatchObject([{ type: "NOT_FOUND" }]);
    expect(await refusedGraphql(ask("bob", "I_none"))).toMatchObject([{ type: "NOT_FOUND" }]);
  });

  test("a comment is minimized by who may write", async () => {
    const { as, bot } = createAcme();
    const { data } = await as("alice").rest.issues.create({ ...access, title: "x" });
    const comment = await as("bob").rest.issues.createComment({
      ...access,
      issue_number: data.number,
      body: "c",
    });
    const mutation =
      "mutation ($id: ID!) { minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { minimizedComment { isMinimized minimizedReason } } }";
    const id = comment.data.node_id;
    expect(await refusedGraphql(as("alice").graphql(mutation, { id }))).toHaveLength(1);
    const answer = await (await bot()).graphql(mutation, { id });
    expect(answer).toEqual({
      minimizeComment: { minimizedComment: { isMinimized: true, minimizedReason: "outdated" } },
    });
  });

  test("logins of bots come without [bot], but for one's own", async () => {
    const { bot } = createAcme();
    const { graphql, rest } = await bot();
    const { data } = await rest.issues.create({ ...access, title: "x" });
    const answer = await graphql(
      `{ viewer { login } repository(owner: "acme", name: "access") { issue(number: ${data.number}) { author { __typename login } } } }`,
    );
    expect(answer).toEqual({
      viewer: { login: "hallpass[bot]" },
      repository: { issue: { author: { __typename: "Bot", login: "hallpass" } } },
    });
  });

  test("a team's members, with those of the teams below it", async () => {
    const { bot } = createAcme();
    const { graphql } = await bot();
    const answer = await graphql(
      `{ organization(login: "acme") { team(slug: "engineering") { members(first: 5) { nodes { login databaseId } } immediate: members(first: 5, membership: IMMEDIATE) { totalCount } } } rateLimit { remaining limit } }`,
    );
    expect(answer).toMatchObject({
      organization: { team: { members: { nodes: [{ login: "bob" }] }, immediate: { totalCount: 0 } } },
      rateLimit: { limit: 5000 },
    });
  });
});
