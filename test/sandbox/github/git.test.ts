import { describe, expect, test } from "vitest";
import { diffTrees, patchId, unifiedDiff } from "../../../sandbox/github/git/diff.ts";
import { mergeTrees } from "../../../sandbox/github/git/merge.ts";
import {
  applyChanges,
  createObjectStore,
  type ObjectStore,
  writeBlob,
  writeCommit,
} from "../../../sandbox/github/git/objects.ts";
import { toChanges } from "../../../sandbox/github/world/repositories.ts";
import { access, createAcme } from "./acme.ts";
import { refused } from "./refused.ts";

function tree(store: ObjectStore, files: Record<string, string>, base?: string): string {
  return applyChanges(store, base, toChanges(store, files));
}

const lines = (...numbers: (number | string)[]) => numbers.map((one) => `line ${one}\n`).join("");

describe("objects", () => {
  test("ids are those of git: blob, tree with a folder and an executable, commit", () => {
    // made with git itself
    const store = createObjectStore();
    expect(writeBlob(store, "# hi\n")).toBe("77ebc6577e3fc2c38b5bc7f233510fafba6822ac");
    const files = {
      "README.md": "# hi\n",
      "a/b/c.txt": "x",
      "a.txt": "y",
      "a-b": { mode: "100755" as const, content: "z" },
    };
    const sha = applyChanges(store, undefined, toChanges(store, files));
    expect(sha).toBe("90aef7cf0cc2e6d504e7f17228efd74bbd0534c5");
    const by = { name: "Ann", email: "ann@x.org", at: 1_767_614_400_000 };
    const commit = writeCommit(store, {
      tree: sha,
      parents: [],
      author: by,
      committer: by,
      message: "first\n",
      verified: false,
    });
    expect(commit).toBe("310b24d6c85fe637e280b74ead5000b1ec8d28ac");
  });

  test("a folder that loses its last file is gone", () => {
    const store = createObjectStore();
    const before = tree(store, { "a/b.txt": "x", "c.txt": "y" });
    const after = applyChanges(store, before, new Map([["a/b.txt", null]]));
    expect(after).toBe(tree(store, { "c.txt": "y" }));
  });
});

describe("diffs and merges", () => {
  test("a patch is git's unified diff", () => {
    const before = lines(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    const after = lines(1, 2, 3, "four", 5, 6, 7, 8, 9, 10, 11, 12, 13);
    const { patch, additions, deletions } = unifiedDiff(before, after);
    expect([additions, deletions]).toEqual([2, 1]);
    expect(patch).toBe(
      [
        "@@ -1,7 +1,7 @@",
        " line 1",
        " line 2",
        " line 3",
        "-line 4",
        "+line four",
        " line 5",
        " line 6",
        " line 7",
        "@@ -10,3 +10,4 @@",
        " line 10",
        " line 11",
        " line 12",
        "+line 13",
      ].join("\n"),
    );
  });

  test("a renamed file is one change", () => {
    const store = createObjectStore();
    const before = tree(store, { "approved/1.yaml": "a: 1\n" });
    const after = tree(store, { "active/1.yaml": "a: 1\n" });
    const changes = diffTrees(store, before, after);
    expect(changes).toMatchObject([
      { status: "renamed", path: "active/1.yaml", previousPath: "approved/1.yaml" },
    ]);
  });

  test("the same change elsewhere in the file has the same patch id, another change has not", () => {
    const store = createObjectStore();
    const one = patchId(store, tree(store, { f: lines(1, 2, 3) }), tree(store, { f: lines(1, "x", 3) }));
    const moved = patchId(
      store,
      tree(store, { f: lines(1, 2, 3), g: "other\n" }),
      tree(store, { f: lines(1, "x", 3), g: "other\n" }),
    );
    const other = patchId(store, tree(store, { f: lines(1, 2, 3) }), tree(store, { f: lines(1, "y", 3) }));
    expect(one).toBe(moved);
    expect(one).not.toBe(other);
  });

  test("changes to different lines merge, to the same line conflict", () => {
    const store = createObjectStore();
    const base = tree(store, { f: lines(1, 2, 3, 4, 5, 6, 7) });
    const ours = tree(store, { f: lines("one", 2, 3, 4, 5, 6, 7) });
    const theirs = tree(store, { f: lines(1, 2, 3, 4, 5, 6, "seven"), g: "new\n" });
    expect(mergeTrees(store, base, ours, theirs)).toBe(
      tree(store, { f: lines("one", 2, 3, 4, 5, 6, "seven"), g: "new\n" }),
    );
    expect(mergeTrees(store, base, ours, tree(store, { f: lines("uno", 2, 3, 4, 5, 6, 7) }))).toBeUndefined();
  });

  test("two sides that add the same path with other content conflict", () => {
    const store = createObjectStore();
    const base = tree(store, { f: "" });
    expect(
      mergeTrees(store, base, tree(store, { f: "", g: "a\n" }), tree(store, { f: "", g: "b\n" })),
    ).toBeUndefined();
  });
});

describe("the git endpoints", () => {
  test("blobs, trees, commits and refs made one by one become a branch", async () => {
    const { bot, root } = createAcme();
    const { rest } = await bot();
    const blob = await rest.git.createBlob({
      ...access,
      content: Buffer.from("x: 1\n").toString("base64"),
      encoding: "base64",
    });
    const entry = { path: "approved/1.yaml", mode: "100644", type: "blob", sha: blob.data.sha } as const;
    const made = await rest.git.createTree({ ...access, base_tree: root, tree: [entry] });
    const commit = await rest.git.createCommit({
      ...access,
      message: "request",
      tree: made.data.sha,
      parents: [root],
    });
    expect(commit.data.verification.verified).toBe(true);
    await rest.git.createRef({ ...access, ref: "refs/heads/request/1", sha: commit.data.sha });
    const { data } = await rest.repos.getContent({ ...access, path: "approved/1.yaml", ref: "request/1" });
    expect(data).toMatchObject({ type: "file", encoding: "base64", sha: blob.data.sha });
    const shown = await rest.repos.getCommit({ ...access, ref: "request/1" });
    expect(shown.data.author?.login).toBe("hallpass[bot]");
    expect(shown.data.files?.map(({ filename, status }) => [filename, status])).toEqual([
      ["approved/1.yaml", "added"],
    ]);
  });

  test("a ref that exists is 422, a name below or above another is 422, a missing one 404", async () => {
    const { bot, root } = createAcme();
    const { rest } = await bot();
    const create = (ref: string) => rest.git.createRef({ ...access, ref, sha: root });
    await create("refs/heads/request/1");
    expect(await refused(create("refs/heads/request/1"))).toMatchObject({
      status: 422,
      message: "Reference already exists",
    });
    expect((await refused(create("refs/heads/request"))).status).toBe(422);
    expect((await refused(create("refs/heads/request/1/x"))).status).toBe(422);
    expect((await refused(create("refs/heads/with space"))).status).toBe(422);
    expect((await refused(rest.git.getRef({ ...access, ref: "heads/nowhere" }))).status).toBe(404);
    const { data } = await rest.git.listMatchingRefs({ ...access, ref: "heads/request/" });
    expect(data.map(({ ref }) => ref)).toEqual(["refs/heads/request/1"]);
  });

  test("an update that is no fast-forward is 422 unless forced", async () => {
    const { bot, github, root } = createAcme();
    const { rest } = await bot();
    github.pushFiles("carol", "acme/access", "topic", { a: "1" }, "one");
    const back = rest.git.updateRef({ ...access, ref: "heads/topic", sha: root });
    expect(await refused(back)).toMatchObject({ status: 422, message: "Update is not a fast forward" });
    await rest.git.updateRef({ ...access, ref: "heads/topic", sha: root, force: true });
    const { data } = await rest.git.getRef({ ...access, ref: "heads/topic" });
    expect(data.object.sha).toBe(root);
  });

  test("the activity lists who moved what, and how", async () => {
    const { bot, github, root } = createAcme();
    const { rest } = await bot();
    github.pushFiles("carol", "acme/access", "topic", { a: "1" }, "one");
    github.pushFiles("bob", "acme/access", "topic", { a: "2" }, "two");
    github.push("carol", "acme/access", "topic", root, { force: true });
    await rest.git.deleteRef({ ...access, ref: "heads/topic" });
    const { data } = await rest.repos.listActivities({ ...access, ref: "refs/heads/topic" });
    expect(data.map(({ activity_type, actor }) => [activity_type, actor?.login])).toEqual([
      ["branch_deletion", "hallpass[bot]"],
      ["force_push", "carol"],
      ["push", "bob"],
      ["branch_creation", "carol"],
    ]);
    const page = await rest.repos.listActivities({ ...access, per_page: 3 });
    expect(page.headers.link).toContain('rel="next"');
  });

  test("comparing answers ahead, behind and diverged", async () => {
    const { as, github } = createAcme();
    github.pushFiles("carol", "acme/access", "topic", { a: "1" }, "one");
    const carol = as("carol");
    const compare = async (basehead: string) =>
      (await carol.rest.repos.compareCommitsWithBasehead({ ...access, basehead })).data;
    expect(await compare("main...topic")).toMatchObject({
      status: "ahead",
      ahead_by: 1,
      files: [{ filename: "a" }],
    });
    expect(await compare("topic...main")).toMatchObject({ status: "behind", behind_by: 1 });
    github.pushFiles("carol", "acme/access", "main", { b: "1" }, "other");
    expect(await compare("main...topic")).toMatchObject({ status: "diverged", ahead_by: 1, behind_by: 1 });
  });

  test("contents are read as JSON, raw, and as a folder; a stale sha is 409", async () => {
    const { as } = createAcme();
    const { rest, request } = as("carol");
    const raw = await request("GET /repos/{owner}/{repo}/contents/{path}", {
      ...access,
      path: "README.md",
      mediaType: { format: "raw" },
    });
    expect(String(raw.data)).toBe("# access\n");
    const folder = await rest.repos.getContent({ ...access, path: "" });
    expect(Array.isArray(folder.data) && folder.data.map(({ name, type }) => `${type} ${name}`)).toEqual([
      "dir .github",
      "file README.md",
    ]);
    const put = {
      ...access,
      path: "README.md",
      message: "change",
      content: Buffer.from("new\n").toString("base64"),
    };
    expect((await refused(rest.repos.createOrUpdateFileContents(put))).status).toBe(422);
    expect(
      (await refused(rest.repos.createOrUpdateFileContents({ ...put, sha: "0".repeat(40) }))).status,
    ).toBe(409);
    const { data } = await rest.repos.getContent({ ...access, path: "README.md" });
    const sha = Array.isArray(data) ? "" : data.sha;
    const written = await rest.repos.createOrUpdateFileContents({ ...put, sha });
    expect(written.data.commit.verification?.verified).toBe(true);
    await rest.repos.deleteFile({
      ...access,
      path: "README.md",
      message: "gone",
      sha: written.data.content?.sha ?? "",
    });
    expect((await refused(rest.repos.getContent({ ...access, path: "README.md" }))).status).toBe(404);
  });

  test("an App without the permission puts no new workflow file on a branch", async () => {
    const { bot } = createAcme();
    const { rest } = await bot();
    const content = Buffer.from("on: push\n").toString("base64");
    const answer = await refused(
      rest.repos.createOrUpdateFileContents({
        ...access,
        path: ".github/workflows/x.yml",
        message: "m",
        content,
      }),
    );
    expect(answer.status).toBe(403);
    await rest.repos.createOrUpdateFileContents({ ...access, path: "x.yml", message: "m", content });
  });

  test("people push only what they can write", async () => {
    const { github, root } = createAcme();
    const sha = github.commit({
      repository: "acme/access",
      parent: root,
      files: { a: "1" },
      message: "m",
      by: "alice",
    });
    expect(() => github.push("alice", "acme/access", "topic", sha)).toThrow(/denied to alice/);
    github.push("carol", "acme/access", "topic", sha);
  });

  test("a commit's names are free text, and link to whoever has the address", async () => {
    const { github, as } = createAcme();
    const author = {
      name: "Not Bob",
      email: `${github.createUser({ login: "erin" }).id}+erin@users.noreply.github.com`,
    };
    const sha = github.commit({
      repository: "acme/access",
      parent: "main",
      files: { a: "1" },
      message: "m",
      by: "carol",
      author,
    });
    github.push("carol", "acme/access", "topic", sha);
    const { data } = await as("carol").rest.repos.getCommit({ ...access, ref: sha });
    expect(data.author?.login).toBe("erin");
    expect(data.committer?.login).toBe("carol");
    expect(data.commit.verification?.verified).toBe(false);
  });
});
