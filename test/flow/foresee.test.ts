// What is foreseen is what the App then decides: the same people ask the same, and GitHub shows it.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decidedByPeople, decidedByPolicy } from "../../core/render-decision.ts";
import { inertMessage, sentence } from "../../core/render-markdown.ts";
import type { RequestDraft } from "../../core/request-draft.ts";
import { approvalOf, type Foreseen, foresee } from "../../flow/foresee.ts";
import { createClient, type GitHubClient } from "../../github/client.ts";
import type { Person } from "../../sandbox/stage.ts";
import type { FormFields } from "../whole/people.ts";
import { sharedEngine as engine } from "../whole/shared-engine.ts";
import { createWorld, type World } from "../whole/world.ts";

let world: World;
const wire: string[] = [];
beforeAll(async () => {
  world = await createWorld({
    cron: false,
    files: {
      "policies/delegations.yaml":
        "- { from: bob, to: carol, since: 2026-12-01, until: 2026-12-14 }\n- { from: pat, to: erin, since: 2027-01-01, until: 2027-01-02 }\n" +
        '- { from: dave, to: pat, since: 2026-12-01, until: 2026-12-14, only: ["@acme/security", "@dave"] }\n',
    },
  });
});
afterAll(() => world.close());

const clientOf = (login: Person): GitHubClient =>
  createClient({
    ...{ owner: "acme", repo: "access", baseUrl: world.stage.github.url, clock: world.time },
    token: () => world.stage.github.personalToken(login),
    fetch: async (address, init) => {
      const { query = "" } = String(address).endsWith("/graphql") ? JSON.parse(`${init?.body}`) : {};
      wire.push(/^\s*query\b/.test(query) ? "query" : (init?.method ?? "GET"));
      return world.stage.github.fetch(address, init);
    },
  });

const draftOf = (fields: FormFields): RequestDraft => ({
  origin: "form",
  nodes: (fields.nodes ?? "r2d2-dev-01").split(", "),
  access: fields.access ?? "shell",
  forward: fields.forward ?? "",
  for: fields.for ?? "1h",
  reason: "INC-1 checkout is down",
  ticket: fields.ticket ?? "",
  from: fields.from ?? "",
});
const ahead = (login: Person, fields: FormFields, as?: Person) =>
  foresee(
    { client: clientOf(login), engine },
    { draft: draftOf(fields), ...(as === undefined ? {} : { as }) },
  );

const headings = {
  approved: "approved",
  pending: "waiting for approval",
  denied: "denied by policy",
  invalid: "cannot be decided as it is written",
} as const;
type State = keyof typeof headings;

/** What it comes to, and every line that the status comment has to have. */
function expected({ facts, verdict }: Foreseen): readonly [string, readonly string[]] {
  switch (verdict.state) {
    case "approved":
      if (verdict.tally !== undefined) throw new Error("nobody can have approved yet");
      return ["approved", [decidedByPolicy(facts, verdict.outcome)]];
    case "pending":
      return ["pending", decidedByPeople(facts, verdict.outcome, verdict.tally, verdict.outOfReach).flat()];
    case "ending":
      return [verdict.how, [sentence(verdict.why)]];
    case "invalid":
      return ["invalid", verdict.problems.map(({ message }) => inertMessage(message))];
    case "broken":
    case "active":
    case "over":
      throw new Error(`not expected: ${verdict.state}`);
  }
}

test("levels name everybody who can fill them, and nobody else", async () => {
  const ofAlice = await ahead("alice", { nodes: "r2d2-app-01" });
  const ofBob = await ahead("bob", { nodes: "r2d2-app-01" });
  const people = async (foreseen: Foreseen) =>
    (await approvalOf(clientOf("alice"), foreseen))?.levels.map((level) => level.people);
  expect(await people(ofAlice)).toEqual([
    [{ login: "bob" }, { login: "dave" }, { login: "carol", for: "bob" }],
    [{ login: "carol" }, { login: "bob" }, { login: "erin" }],
  ]);
  // nobody stands in for the requester
  expect(await people(ofBob)).toEqual([[{ login: "dave" }], [{ login: "carol" }, { login: "erin" }]]);
  expect(await approvalOf(clientOf("alice"), ofAlice)).toMatchObject({
    possible: true,
    fewest: [
      { need: 1, people: [], teams: ["acme/devops-leads"] },
      { need: 2, people: ["carol"], teams: ["acme/security"] },
    ],
  });
});

describe("what is foreseen is what is decided", () => {
  test.each<[Person, FormFields, State]>([
    ["alice", {}, "approved"],
    ["alice", { nodes: "tag:Environment=Development", for: "8h" }, "approved"],
    ["alice", { from: "2026-12-02T22:00:00Z" }, "approved"],
    ["bob", {}, "pending"],
    ["mallory", {}, "pending"],
    ["alice", { nodes: "r2d2-app-01" }, "pending"],
    ["erin", { nodes: "r2d2-app-01, r2d2-dev-01" }, "pending"],
    ["dave", { nodes: "r2d2-app-01", ticket: "INC-1" }, "approved"],
    ["dave", { nodes: "r2d2-app-01", ticket: "INC-1", for: "2h" }, "pending"],
    ["alice", { nodes: "c3po-vault-01" }, "denied"],
    ["mallory", { nodes: "r2d2-app-01" }, "denied"],
    ["carol", { nodes: "bb8-batch-01", for: "5h" }, "denied"],
    ["alice", { nodes: "r2d2-dev-1" }, "invalid"],
    ["alice", { for: "9h" }, "invalid"],
    ["alice", { access: "ssh" }, "invalid"],
  ])("%s asks for %j: %s", async (login, fields, state) => {
    // GitHub takes so many writes a minute
    await world.advance(60);
    const foreseen = await ahead(login, fields);
    const forAnother = await ahead("olivia", fields, login);
    expect(forAnother.verdict).toEqual(foreseen.verdict);
    const [found, lines] = expected(foreseen);
    expect(found).toBe(state);
    const number = world.people.ask(login, fields);
    await world.run();
    const status = await world.shown.status(number);
    expect(status).toContain(`### Access request #${number}: ${headings[state]}\n`);
    expect(lines).not.toEqual([]);
    for (const line of lines) expect(status).toContain(line);
    expect(foreseen.unseen).toEqual({ teams: [], access: false });
  });

  test("nothing is written", () => {
    expect(wire.length).toBeGreaterThan(60);
    expect(new Set(wire)).toEqual(new Set(["GET", "query"]));
  });
});
