import { beforeAll, describe, expect, it } from "vitest";
import type { Instant, RequestNumber } from "../../core/ids.ts";
import { renderRecord } from "../../core/record.ts";
import { commitToLedger } from "../../github/ledger.ts";
import { performGitHubStep } from "../../github/perform.ts";
import { judgePulls } from "../../github/pulls.ts";
import { readRequest } from "../../github/read-request.ts";
import type { RequestReading } from "../../github/reading.ts";
import { type AccessRepo, accessRepo, costOf, fails, form, fullName } from "./access-repo.ts";
import { approvedRecord, gather, look, openPullStep } from "./facts.ts";

let world: AccessRepo;
beforeAll(async () => {
  world = await accessRepo();
});

/** What one look costs, and what it sees. */
async function lookAt(number: RequestNumber): Promise<{ reading: RequestReading; requests: number }> {
  const client = world.newClient();
  let reading: RequestReading | undefined;
  const { requests } = await costOf(client, async () => {
    reading = await readRequest(client, world.us, number, world.clock.now() as Instant);
  });
  if (reading === undefined) throw new Error(`no #${number}`);
  return { reading, requests };
}

const comment = (number: number, login: string, body: string) =>
  world.as(login, "POST", `/issues/${number}/comments`, { body });

describe("one look at a request", () => {
  it("costs one request", async () => {
    const number = await world.ask();
    await comment(number, "bob", "hello");
    const { reading, requests } = await lookAt(number);
    expect(requests).toBe(1);
    expect(reading).toMatchObject({
      repository: { owner: "acme", name: "access", closed: true, defaultBranch: "main" },
      subject: {
        kind: "issue",
        number,
        author: { kind: "User", login: "alice" },
        body: form(),
        open: true,
        edits: [],
        closings: [],
        transferred: false,
        labels: ["access: pending"],
        comments: [{ author: { login: "bob" }, body: "hello", edited: false }],
      },
      pulls: [],
      ledger: { everActive: false },
    });
    expect(reading.inventory).toBeDefined();
  });

  it("still costs one with a pull request that people review", async () => {
    const facts = await gather(world, await world.ask());
    const opened = await performGitHubStep(world.client, openPullStep(facts), facts);
    const pull = opened.pulls[0]?.number ?? 0;
    await world.as("bob", "POST", `/pulls/${pull}/reviews`, { event: "REQUEST_CHANGES", body: "why?" });
    const reviews = (await world.as("bob", "GET", `/pulls/${pull}/reviews`)) as { id: number }[];
    await world.as("dave", "PUT", `/pulls/${pull}/reviews/${reviews[0]?.id}/dismissals`, { message: "no" });
    await world.as("carol", "POST", `/pulls/${pull}/reviews`, { event: "APPROVE" });
    const { reading, requests } = await lookAt(facts.subject.number);
    expect(requests).toBe(1);
    expect(judgePulls(reading)).toMatchObject({
      pulls: [
        {
          number: pull,
          reviews: [
            { by: { login: "bob" }, stance: "changes-requested", dismissed: { by: "dave" }, onHead: true },
            { by: { login: "carol" }, stance: "approved", onHead: true },
          ],
        },
      ],
      lookalikes: [],
    });
  });

  it("still costs one when all is over", async () => {
    const facts = await gather(world, await world.ask());
    const number = facts.subject.number;
    const record = renderRecord({
      folder: "ended",
      requester: facts.subject.author,
      subject: { kind: "issue", number },
      ended: { at: facts.now, how: "cancelled", by: "alice", why: "not needed", sessions: [] },
    });
    await commitToLedger(world.client, {
      expectedHead: facts.ledger.head,
      message: "End",
      additions: [{ path: `ended/2026/12/${number}.yaml`, content: record }],
      deletions: [],
    });
    const { reading, requests } = await lookAt(number);
    expect(requests).toBe(1);
    expect(reading.ledger.ended).toEqual({ path: `ended/2026/12/${number}.yaml`, text: record });
  });

  it("sees no request in an ordinary issue, or in our own pull request", async () => {
    const plain = await world.ask("alice", "Just a question");
    await world.as("alice", "PATCH", `/issues/${plain}`, { labels: [] });
    expect(await readRequest(world.client, world.us, plain, 0 as Instant)).toBeUndefined();
    const facts = await gather(world, await world.ask());
    const { pulls } = await performGitHubStep(world.client, openPullStep(facts), facts);
    const ours = (pulls[0]?.number ?? 0) as RequestNumber;
    expect(await readRequest(world.client, world.us, ours, 0 as Instant)).toBeUndefined();
  });

  it("knows a number that is nothing", async () => {
    expect(await readRequest(world.client, world.us, 7777 as RequestNumber, 0 as Instant)).toBeUndefined();
  });
});

describe("who wrote what", () => {
  it("sees edits of an issue and of a comment, and by whom", async () => {
    const number = await world.ask();
    await comment(number, "alice", "/cancel");
    const { id } = (
      (await world.as("alice", "GET", `/issues/${number}/comments`)) as { id: number }[]
    )[0] ?? { id: 0 };
    await world.as("ada", "PATCH", `/issues/comments/${id}`, { body: "/revoke" });
    await world.as("dave", "PATCH", `/issues/${number}`, { body: form({ Reason: "other" }) });
    const { reading } = await lookAt(number);
    expect(reading.subject.edits?.map(({ editor }) => editor?.login)).toContain("dave");
    expect(reading.subject.lastEditedAt).toBeDefined();
    expect(reading.subject.comments).toMatchObject([{ edited: true, author: { login: "alice" } }]);
  });

  it("sees every closing and who did it", async () => {
    const number = await world.ask();
    await world.as("bob", "PATCH", `/issues/${number}`, { state: "closed" });
    await world.as("bob", "PATCH", `/issues/${number}`, { state: "open" });
    expect((await lookAt(number)).reading.subject).toMatchObject({
      open: true,
      closings: [{ by: { login: "bob" } }],
    });
  });

  it("sees that an issue came from elsewhere", async () => {
    world.github.createRepository({ owner: "acme", name: "elsewhere", visibility: "private" });
    world.github.addCollaborator("acme/elsewhere", "alice", "write");
    const made = await world.github.fetch(`${world.github.url}/repos/acme/elsewhere/issues`, {
      method: "POST",
      headers: { authorization: `Bearer ${world.github.personalToken("alice")}` },
      body: JSON.stringify({ title: "Access", body: form() }),
    });
    const { number } = (await made.json()) as { number: number };
    const moved = world.github.transferIssue("alice", "acme/elsewhere", number, fullName);
    expect((await lookAt(moved as RequestNumber)).reading.subject.transferred).toBe(true);
  });

  it("sees nobody where the account was deleted", async () => {
    world.github.createUser({ login: "leaver" });
    world.github.addMember("acme", "leaver");
    world.github.addCollaborator(fullName, "leaver", "write");
    const number = await world.ask("leaver");
    world.github.deleteUser("leaver");
    expect((await lookAt(number)).reading.subject.author).toBeUndefined();
  });

  it("calls our App as every page does, so that no person can be taken for it", async () => {
    const facts = await gather(world, await world.ask());
    await performGitHubStep(world.client, openPullStep(facts), facts);
    const { reading } = await lookAt(facts.subject.number);
    expect(reading.pulls).toMatchObject([
      { author: { kind: "Bot", login: "hallpass[bot]", id: world.us.botId } },
    ]);
  });
});

describe("lists longer than a page", () => {
  it("are read to their end", async () => {
    const number = await world.ask();
    for (let i = 0; i < 205; i++) await comment(number, "bob", `comment ${i}`);
    for (let i = 0; i < 110; i++)
      await world.as("alice", "PATCH", `/issues/${number}`, { body: `${form()}\n<!-- ${i} -->` });
    const { reading, requests } = await lookAt(number);
    expect(requests).toBe(4);
    expect(reading.subject.comments).toHaveLength(205);
    expect(new Set(reading.subject.comments.map(({ id }) => id)).size).toBe(205);
    expect(reading.subject.edits).toHaveLength(111);
  });

  it("are read to their end in pull requests too", async () => {
    const facts = await gather(world, await world.ask());
    const opened = await performGitHubStep(world.client, openPullStep(facts), facts);
    const pull = opened.pulls[0]?.number ?? 0;
    for (let i = 0; i < 101; i++)
      await world.as("bob", "POST", `/pulls/${pull}/reviews`, { event: "COMMENT", body: `${i}` });
    await world.as("carol", "POST", `/pulls/${pull}/reviews`, { event: "APPROVE" });
    const { reading, requests } = await lookAt(facts.subject.number);
    expect(requests).toBe(2);
    expect(reading.pulls[0]?.reviews).toHaveLength(102);
  });

  it("are an error when they cannot be read to their end", async () => {
    const number = await world.ask();
    for (let i = 0; i < 101; i++) await comment(number, "bob", `comment ${i}`);
    const when = ({ graphql }: { graphql?: { operations: string[] } | undefined }) =>
      graphql?.operations.includes("More") === true;
    world.github.faults.add({ when, respond: "timeout" });
    await fails(look(world, number), "unavailable");
    world.github.faults.clear();
    const hidden = {
      data: {
        repository: {
          subject: { list: { nodes: [null], pageInfo: { hasNextPage: false, endCursor: null } } },
        },
      },
    };
    world.github.faults.add({ when, respond: () => new Response(JSON.stringify(hidden)) });
    await fails(look(world, number), "malformed");
    world.github.faults.clear();
    expect((await lookAt(number)).reading.subject.comments).toHaveLength(101);
  });

  it("are an error when they never end", async () => {
    const number = await world.ask();
    for (let i = 0; i < 101; i++) await comment(number, "bob", `comment ${i}`);
    const endless = {
      data: {
        repository: { subject: { list: { nodes: [], pageInfo: { hasNextPage: true, endCursor: "x" } } } },
      },
    };
    world.github.faults.add({
      when: ({ graphql }) => graphql?.operations.includes("More") === true,
      respond: () => new Response(JSON.stringify(endless)),
    });
    await fails(look(world, number), "truncated");
    const { ledger } = await look(world, await world.ask());
    await commitToLedger(world.client, {
      expectedHead: ledger.head,
      message: "Open",
      additions: [{ path: `active/${number}.yaml`, content: "x: 1\n" }],
      deletions: [],
    });
    // while access is open they must stop no end
    expect((await look(world, number)).subject.comments).toHaveLength(100);
    world.github.faults.clear();
  });
});

describe("pull requests of a request", () => {
  it("are found however often it was edited", async () => {
    let facts = await gather(world, await world.ask());
    const { number } = facts.subject;
    for (const reason of ["one", "two", "three", "four"]) {
      const { request } = approvedRecord(facts);
      facts = await performGitHubStep(
        world.client,
        openPullStep(facts, { request: { ...request, reason } }),
        facts,
      );
      facts = await performGitHubStep(
        world.client,
        { do: "close-pull", pull: facts.pulls.at(-1)?.number ?? 0 },
        facts,
      );
    }
    const { reading, requests } = await lookAt(number);
    expect(reading.pulls.map(({ branch }) => branch)).toEqual(
      ["", "-2", "-3", "-4"].map((nth) => `request/${number}${nth}`),
    );
    expect(judgePulls(reading).pulls).toHaveLength(4);
    // the fourth branch, and the fifth that nobody used
    expect(requests).toBe(3);
  });

  it("are told from a stranger's of the same name, from a fork or not", async () => {
    const facts = await gather(world, await world.ask());
    const { number } = facts.subject;
    const opened = await performGitHubStep(world.client, openPullStep(facts), facts);
    // the fork's branch is the very same commit
    world.github.fork("carol", fullName, { defaultBranchOnly: false });
    await world.as("carol", "POST", "/pulls", {
      head: `carol:request/${number}`,
      base: "ledger",
      title: "Access",
    });
    const judged = judgePulls((await lookAt(number)).reading);
    expect(judged.pulls.map((each) => each.number)).toEqual([opened.pulls[0]?.number]);
    expect(judged.lookalikes).toMatchObject([{ code: "trust.pull-lookalike" }]);
  });

  it("are nobody's once somebody pushed to the branch, and approvals of before are gone", async () => {
    const facts = await gather(world, await world.ask());
    const opened = await performGitHubStep(world.client, openPullStep(facts), facts);
    world.github.pushFiles(
      "dave",
      fullName,
      openPullStep(facts).branch,
      { "approved/x.yaml": "x\n" },
      "More",
    );
    const judged = judgePulls((await lookAt(facts.subject.number)).reading);
    expect(judged.pulls).toEqual([]);
    expect(judged.lookalikes).toMatchObject([
      { message: expect.stringContaining(`#${opened.pulls[0]?.number}`) },
    ]);
  });

  it("keep no approval through a force-push that GitHub re-points it on", async () => {
    const facts = await gather(world, await world.ask());
    const step = openPullStep(facts);
    const opened = await performGitHubStep(world.client, step, facts);
    await world.as("bob", "POST", `/pulls/${opened.pulls[0]?.number}/reviews`, { event: "APPROVE" });
    const same = world.github.commit({
      repository: fullName,
      parent: facts.ledger.head,
      files: { [step.path]: step.content },
      message: "The same change, another commit",
      by: "dave",
    });
    world.github.push("dave", fullName, step.branch, same, { force: true });
    const { reading } = await lookAt(facts.subject.number);
    expect(reading.pulls[0]?.reviews[0]?.commit).toBe(same);
    expect(judgePulls(reading).pulls).toMatchObject([{ reviews: [{ stance: "approved", onHead: false }] }]);
  });
});

describe("a repository without a ledger", () => {
  it("has no requests", async () => {
    const number = await world.ask();
    const bare = {
      ...world.client,
      query: async (query: never) => {
        const answer = (await world.client.query(query)) as { repository: object };
        return { repository: { ...answer.repository, ledger: null } };
      },
    } as unknown as typeof world.client;
    expect(await readRequest(bare, world.us, number, world.clock.now() as Instant)).toBeUndefined();
  });
});

describe("records", () => {
  it("of an old request are looked for in every month since it was asked", async () => {
    const number = await world.ask();
    const facts = await gather(world, number);
    await commitToLedger(world.client, {
      expectedHead: facts.ledger.head,
      message: "End",
      additions: [{ path: `ended/2027/01/${number}.yaml`, content: "x: 1\n" }],
      deletions: [],
    });
    const client = world.newClient();
    const later = Date.parse("2028-03-01T00:00:00Z") as Instant;
    let reading: RequestReading | undefined;
    const { requests } = await costOf(client, async () => {
      reading = await readRequest(client, world.us, number, later);
    });
    expect(reading?.ledger.ended).toEqual({ path: `ended/2027/01/${number}.yaml`, text: "x: 1\n" });
    expect(requests).toBe(2);
  });

  it("that were active once are known to have been, wherever they are now", async () => {
    const number = await world.ask();
    const path = `active/${number}.yaml`;
    const write = async (
      additions: readonly { path: string; content: string }[],
      deletions: readonly string[],
    ) => {
      const { ledger } = await look(world, number);
      await commitToLedger(world.client, {
        expectedHead: ledger.head,
        message: "Move",
        additions,
        deletions,
      });
    };
    await write([{ path, content: "x: 1\n" }], []);
    expect((await look(world, number)).ledger).toMatchObject({ everActive: true, active: "x: 1\n" });
    await write([], [path]);
    const { ledger } = await look(world, number);
    expect(ledger.everActive).toBe(true);
    expect(ledger.active).toBeUndefined();
  });

  it("that GitHub cuts are not taken for missing", async () => {
    const number = await world.ask();
    const { ledger } = await look(world, number);
    await commitToLedger(world.client, {
      expectedHead: ledger.head,
      message: "Large",
      additions: [{ path: `active/${number}.yaml`, content: `# ${"x".repeat(600_000)}\n` }],
      deletions: [],
    });
    await fails(look(world, number), "truncated");
  });
});

describe("a pull request written by hand", () => {
  async function writeByHand(files: Record<string, string | null>, base = "ledger"): Promise<RequestNumber> {
    const branch = `ask-${Object.keys(files).length}-${world.clock.now()}`;
    world.clock.pass(1000);
    world.github.push("alice", fullName, branch, (await look(world, await world.ask())).ledger.head);
    world.github.pushFiles("alice", fullName, branch, files, "Ask");
    const made = await world.as("alice", "POST", "/pulls", { head: branch, base, title: "Access" });
    return (made as { number: number }).number as RequestNumber;
  }

  it("shows its one file, and who had a hand in it", async () => {
    const number = await writeByHand({ "approved/alice-x.yaml": "nodes: [i-0123456789abcdef0]\n" });
    const { reading, requests } = await lookAt(number);
    expect(reading.subject).toMatchObject({
      kind: "pull",
      author: { login: "alice" },
      pull: {
        number,
        added: { path: "approved/alice-x.yaml", text: "nodes: [i-0123456789abcdef0]\n" },
        hands: expect.arrayContaining(["alice"]),
      },
    });
    expect(requests).toBe(5);
  });

  it("bars whoever pushed to its branch", async () => {
    const number = await writeByHand({ "approved/alice-y.yaml": "nodes: []\n" });
    const { reading } = await lookAt(number);
    const branch = reading.subject.pull?.branch ?? "";
    world.github.pushFiles("dave", fullName, branch, { "approved/alice-y.yaml": "nodes: [x]\n" }, "Help");
    expect((await lookAt(number)).reading.subject.pull?.hands).toEqual(
      expect.arrayContaining(["alice", "dave"]),
    );
  });

  it.each([
    ["two files", { "approved/alice-a.yaml": "a\n", "approved/alice-b.yaml": "b\n" }, /2 files/],
    ["a changed file", { "README.md": "changed\n" }, /README.md/],
    ["a file elsewhere", { "active/1.yaml": "x\n" }, /regular file/],
    ["a file in a folder below", { "approved/a/b.yaml": "x\n" }, /regular file/],
  ] as const)("is refused with %s", async (_, files, why) => {
    const { reading } = await lookAt(await writeByHand(files));
    expect(reading.subject.pull?.added).toEqual({ problem: expect.stringMatching(why) });
  });

  async function open(number: RequestNumber): Promise<void> {
    const { ledger } = await look(world, number);
    await commitToLedger(world.client, {
      expectedHead: ledger.head,
      message: "Open",
      additions: [{ path: `active/${number}.yaml`, content: "x: 1\n" }],
      deletions: [],
    });
  }

  it("stays a request when its author points it elsewhere while access is open, and nothing in it is read", async () => {
    const number = await writeByHand({ "approved/alice-z.yaml": "nodes: []\n" });
    await open(number);
    await world.as("alice", "PATCH", `/pulls/${number}`, { base: "main" });
    await comment(number, "alice", "/revoke");
    const { reading, requests } = await lookAt(number);
    expect(reading.subject).toMatchObject({
      pull: { base: "main", added: { problem: expect.stringContaining("`main`") } },
      comments: [{ body: "/revoke" }],
    });
    expect(requests).toBe(1);
  });

  it.each(["404", "502"] as const)(
    "that cannot be compared is still seen while access is open: %s",
    async (status) => {
      const number = await writeByHand({ "approved/alice-w.yaml": "nodes: []\n" });
      const fault = {
        when: ({ path }: { path: string }) => path.includes("/compare/"),
        respond: () => new Response("{}", { status: Number(status) }),
      };
      if (status === "502") {
        world.github.faults.add(fault);
        await fails(look(world, number), "unavailable");
        world.github.faults.clear();
      }
      await open(number);
      world.github.faults.add(fault);
      const again = { evenIfDecided: true };
      const reading = await readRequest(world.client, world.us, number, world.clock.now() as Instant, again);
      world.github.faults.clear();
      expect(reading?.subject.pull).toMatchObject({
        added: { problem: expect.stringContaining("cannot be read whole") },
        hands: [undefined],
      });
    },
  );

  it("costs one request, as an issue does, once its access is open", async () => {
    const number = await writeByHand({ "approved/alice-v.yaml": "nodes: []\n" });
    await open(number);
    const { reading, requests } = await lookAt(number);
    expect(requests).toBe(1);
    expect(reading.subject.pull).toMatchObject({
      added: { problem: expect.stringContaining("decided already") },
      hands: [undefined],
    });
  });

  it("is no request when it goes elsewhere", async () => {
    const branch = "docs";
    world.github.push("alice", fullName, branch, (await look(world, await world.ask())).defaultHead);
    world.github.pushFiles("alice", fullName, branch, { "README.md": "# better\n" }, "Docs");
    const { number } = (await world.as("alice", "POST", "/pulls", {
      head: branch,
      base: "main",
      title: "Docs",
    })) as {
      number: number;
    };
    expect(await readRequest(world.client, world.us, number as RequestNumber, 0 as Instant)).toBeUndefined();
  });
});
