import { describe, expect, it } from "vitest";
import { accepted } from "../../core/problem.ts";
import { handWrittenPull, judgePulls } from "../../github/pulls.ts";
import type { CommitReading, PullReading } from "../../github/reading.ts";
import {
  added,
  alice,
  at,
  bob,
  bot,
  commit,
  entries,
  oid,
  pull,
  reading,
  record,
  review,
  subject,
} from "./readings.ts";

const judge = (...pulls: readonly PullReading[]) => judgePulls(reading({ pulls }));

describe("the request's own pull request", () => {
  it("is what our App opened, adding the one record", () => {
    const { pulls, lookalikes } = judge(pull());
    expect(lookalikes).toEqual([]);
    expect(pulls).toMatchObject([
      {
        number: 13,
        branch: "request/12",
        head: oid("d"),
        open: true,
        merged: false,
        barred: [],
        asked: false,
        file: { ok: true, value: { requester: { id: 1001 }, subject: { number: 12 } } },
      },
    ]);
  });

  it.each([
    ["OPEN", { open: true, merged: false }],
    ["CLOSED", { open: false, merged: false }],
    ["MERGED", { open: false, merged: true }],
  ] as const)("is %s", (state, expected) => {
    expect(judge(pull({ state })).pulls).toMatchObject([expected]);
  });

  it("keeps its number among several", () => {
    const second = pull({ number: 15, branch: "request/12-2" });
    expect(judge(pull({ state: "CLOSED" }), second).pulls.map(({ number }) => number)).toEqual([13, 15]);
  });

  it("has a first record in an empty folder", () => {
    const first = commit({
      parents: [{ root: [entries.readme], approved: [] }],
      tree: { root: [entries.readme, entries.folder("b")], approved: [added] },
    });
    expect(judge(pull({ commit: first })).pulls).toHaveLength(1);
  });

  it("is known to be nobody's when its file is no record", () => {
    const { pulls } = judge(pull({ commit: commit({ record: "everything: please\n" }) }));
    expect(pulls).toMatchObject([{ file: { ok: false } }]);
  });

  it("has been asked about when our App asked, not when somebody else did", () => {
    const asked = (by: typeof bob) =>
      judge(pull({ events: [{ event: "review-requested", at: at(2), by }] })).pulls;
    expect(asked(bot)).toMatchObject([{ asked: true }]);
    expect(asked(bob)).toMatchObject([{ asked: false }]);
  });

  it("shows our check run", () => {
    const check = { id: 5, done: true };
    expect(judge(pull({ check, reviews: [review()] })).pulls).toMatchObject([
      { check, reviews: [{ by: { login: "bob" } }] },
    ]);
  });
});

describe("a look-alike", () => {
  const of = (more: Partial<CommitReading>) => ({ commit: commit(more) });
  const tree = (approved: CommitReading["tree"]["approved"], root = commit().tree.root) =>
    of({ tree: { root, approved } });
  it.each<[string, Partial<PullReading>, RegExp]>([
    ["opened by a person", { author: bob }, /opened by `bob`/],
    ["opened by a deleted account", { author: undefined }, /opened by `ghost`/],
    ["from a fork", { headRepository: 6000 }, /another repository/],
    ["from a fork that is gone", { headRepository: undefined }, /another repository/],
    ["to another base", { base: "main" }, /goes to `main`/],
    ["of another request", { branch: "request/13" }, /branch `request\/13`/],
    ["of a branch that only begins alike", { branch: "request/12-x" }, /branch/],
    ["two commits", { commits: 2 }, /2 commits/],
    ["no commit", { commits: 0 }, /0 commits/],
    ["a head that GitHub does not show", { commit: undefined }, /commits/],
    ["a root commit", of({ parents: [] }), /0 parents/],
    ["a merge", of({ parents: [...commit().parents, ...commit().parents] }), /2 parents/],
    [
      "a changed file elsewhere",
      tree(commit().tree.approved, [{ ...entries.readme, oid: oid("2") }, entries.folder("b")]),
      /README/,
    ],
    ["a removed file elsewhere", tree(commit().tree.approved, [entries.folder("b")]), /README/],
    [
      "an added file elsewhere",
      tree(commit().tree.approved, [entries.readme, { ...entries.readme, name: "x" }, entries.folder("b")]),
      /`x`/,
    ],
    [
      "another mode elsewhere",
      tree(commit().tree.approved, [{ ...entries.readme, mode: 0o100755 }, entries.folder("b")]),
      /README/,
    ],
    [
      "a file called approved",
      tree(commit().tree.approved, [entries.readme, { name: "approved", mode: 0o100644, oid: oid("b") }]),
      /folder/,
    ],
    ["two added", tree([added, entries.other, { ...added, name: "13.yaml" }]), /2 files/],
    ["one added, one changed", tree([added, { ...entries.other, oid: oid("8") }]), /2 files/],
    ["one added, one removed", tree([added]), /2 files/],
    ["nothing added", tree([entries.other]), /0 files/],
    ["another name", tree([entries.other, { ...added, name: "13.yaml" }]), /1 files/],
    ["a symbolic link", tree([{ ...added, mode: 0o120000 }, entries.other]), /regular file/],
    ["an executable", tree([{ ...added, mode: 0o100755 }, entries.other]), /regular file/],
    ["a submodule", tree([{ ...added, mode: 0o160000 }, entries.other]), /regular file/],
    [
      "a record replaced",
      of({
        parents: [
          { root: commit().parents[0]?.root ?? [], approved: [{ ...added, oid: oid("3") }, entries.other] },
        ],
      }),
      /replaces/,
    ],
    ["what is not text", of({ record: undefined }), /not text/],
  ])("is nobody's: %s", (_, more, why) => {
    const { pulls, lookalikes } = judge(pull(more));
    expect(pulls).toEqual([]);
    expect(lookalikes).toMatchObject([{ code: "trust.pull-lookalike", message: expect.stringMatching(why) }]);
  });

  it("does not hide the one that counts", () => {
    const { pulls, lookalikes } = judge(pull({ number: 11, author: bob }), pull());
    expect(pulls.map(({ number }) => number)).toEqual([13]);
    expect(lookalikes).toHaveLength(1);
  });
});

describe("a pull request written by hand", () => {
  const written = (more: Partial<PullReading> = {}) => ({
    ...pull({ number: 12, author: alice, branch: "ask", ...more }),
    added: { path: "approved/alice-x.yaml", text: "nodes: []" },
    hands: ["alice", "dave", undefined],
  });
  const facts = (more: Partial<PullReading> = {}) => {
    const approved = judge(pull()).pulls[0]?.file;
    if (approved?.ok !== true) throw new Error(record);
    return handWrittenPull(
      reading({ subject: subject({ kind: "pull", pull: written(more) }) }),
      accepted(approved.value),
    );
  };

  it("bars everyone who had a hand in it", () => {
    expect(facts()).toMatchObject({
      number: 12,
      branch: "ask",
      barred: ["alice", "dave"],
      file: { ok: true },
    });
  });

  it("is nobody's when maintainers may push to the fork's branch", () => {
    expect(facts({ headRepository: 6000, maintainerCanModify: true })).toMatchObject({ file: { ok: false } });
    expect(facts({ headRepository: 6000, maintainerCanModify: false })).toMatchObject({ file: { ok: true } });
    expect(facts({ maintainerCanModify: true })).toMatchObject({ file: { ok: true } });
  });

  it("is not there for an issue", () => {
    const approved = judge(pull()).pulls[0]?.file;
    if (approved === undefined) throw new Error("no pull");
    expect(handWrittenPull(reading(), approved)).toBeUndefined();
  });
});
