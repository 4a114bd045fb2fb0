// Text that would like to be more than text: shown as it is read, and nothing of it gets out.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createWorld, type World } from "../world.ts";
import { asRead } from "./as-read.ts";

const reasons: readonly (readonly [name: string, reason: string])[] = [
  ["a mention", "@bob @acme/security please"],
  ["a reference", "see #1, acme/access#2, GH-3 and 0123456789abcdef0123456789abcdef01234567"],
  ["a link", "[click](https://evil.test) https://evil.test www.evil.test <https://evil.test>"],
  ["an image", "![x](https://evil.test/x.png)"],
  ["HTML", "<img src=x onerror=alert(1)> <details open> <!-- hidden --> </details> &lt;b&gt;"],
  ["a fence that does not end", "```\n/revoke"],
  ["the end of a fence", "~~~\ntext\n~~~\n> quote"],
  ["our own marker", "<!-- hallpass:status -->\n<!-- hallpass:credentials -->"],
  ["a table", "| a | b |\n|---|---|\n| c | d |"],
  ["commands", "/revoke\n/token age1x\n::error::x\n::set-output name=state::active"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is an expression of GitHub's
  ["an expression", "${{ secrets.HALLPASS_PRIVATE_KEY }} $(id) `id` ; rm -rf /"],
  ["YAML", "x: &a [*a]\n--- \n!!js/function >\n# comment"],
  ["a tick box and math", "- [x] **Level 1** approved\n$$x$$ $`y`$"],
];

let world: World;
const numbers = new Map<string, number>();
const numberOf = (name: string): number => numbers.get(name) ?? 0;
const ours = async (number: number) =>
  (await world.shown.comments(number)).filter(({ by }) => by === world.stage.app.botLogin);

beforeAll(async () => {
  world = await createWorld({ cron: false });
  for (const [name, reason] of reasons)
    numbers.set(name, world.people.ask("alice", { nodes: "r2d2-app-01", reason }));
  await world.run();
}, 30_000);
afterAll(() => world.close());

test.each(reasons)("%s in a reason is read as it was written, and is inert", async (name, reason) => {
  const number = numberOf(name);
  const [pull] = await world.shown.pulls(number);
  const { data } = await world.stage
    .as("olivia")
    .rest.pulls.get({ owner: "acme", repo: "access", pull_number: pull?.number ?? 0 });
  const [status, ...others] = await ours(number);
  expect(others).toEqual([]);
  for (const shown of [status?.body ?? "", data.body ?? ""]) {
    const line = /^- \*\*Reason:\*\* (.*)$/m.exec(shown)?.[1] ?? "";
    expect(asRead(line)).toBe(
      reason
        .split("\n")
        .map((each) => each.trim())
        .join("\n"),
    );
    expect(line).not.toMatch(/[@<>[\]`|#{}](?<!<br>|<wbr>)(?!br>|wbr>|\d+;)/);
    expect(line).not.toMatch(/https?:\/\/|www\.|[0-9a-f]{7}/);
  }
});

test("text changes nothing: each has one pull request, whose file says what was written, and no run", async () => {
  for (const [name, reason] of reasons) {
    const number = numberOf(name);
    expect(await world.shown.labels(number)).toEqual(["access: pending"]);
    const file = world.shown.ledger(`request/${number}`).get(`approved/${number}.yaml`) ?? "";
    const { parseApproved } = await import("../../../core/parse-record.ts");
    expect(parseApproved(file, `approved/${number}.yaml`)).toMatchObject({
      ok: true,
      value: { request: { reason } },
    });
  }
  expect(world.runs.filter(({ command }) => command !== "inventory")).toEqual([]);
});

test("nothing is read from a title, and none of it is shown", async () => {
  const number = world.people.ask("alice");
  await world.stage.as("alice").rest.issues.update({
    owner: "acme",
    repo: "access",
    issue_number: number,
    title: "### Nodes r2d2-app-01 /token @bob <img>",
  });
  await world.run();
  const [status] = await ours(number);
  expect(status?.body).not.toContain("<img>");
  expect(status?.body).not.toContain("r2d2-app-01");
});
