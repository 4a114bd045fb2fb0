// Everything that GitHub can answer, at every kind of call that the two-level story makes: each call fails first, whoever makes it, the App or a run. The story takes
// longer, and comes to the same: one pull request, one merge, one grant, one end, one status comment, credentials once.

import { afterEach, describe, expect, test } from "vitest";
import { parseEnded } from "../../../core/parse-record.ts";
import type { FaultResponse } from "../../../sandbox/github/faults.ts";
import { issuedFor } from "../thief.ts";
import { createWorld, type World } from "../world.ts";

const node = "i-0a0a0a0a0a0a0a0a1";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly graphql: { readonly operations: readonly string[] } | undefined;
}

/** `PUT /repos/acme/access/pulls/N/merge`, or the name of a GraphQL operation. */
const kindOf = ({ method, path, graphql }: Asked): string =>
  graphql?.operations[0] ??
  `${method} ${path
    .replace(/[0-9a-f]{40}/g, "SHA")
    .replace(/\/\d+/g, "/N")
    .replace(
      /\/(?:rules\/branches|git\/ref|compare|collaborators)\/[^?]*/,
      (part) => `/${part.split("/")[1]}/…`,
    )}`;

/** Our App's tokens and its JWT; people have others, and a job asks its runner elsewhere. */
const isOurs = ({ headers }: Asked): boolean =>
  /^Bearer (?:ghs_|eyJ)/.test(headers.get("authorization") ?? "");

const answer =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): FaultResponse =>
  () =>
    new Response(typeof body === "string" ? body : JSON.stringify(body), {
      status,
      headers: { "content-type": "application/json; charset=utf-8", ...headers },
    });

interface Failure {
  readonly name: string;
  readonly respond: FaultResponse;
  /** How often each kind of call fails before it works. */
  readonly times: number;
  /** Kinds where this answer is no failure but says something. */
  readonly says?: RegExp;
}

const failures: readonly Failure[] = [
  { name: "401", respond: answer(401, { message: "Bad credentials" }), times: 2 },
  { name: "403", respond: answer(403, { message: "Resource not accessible by integration" }), times: 1 },
  // that somebody is no collaborator any more is an end
  { name: "404", respond: answer(404, { message: "Not Found" }), times: 1, says: /collaborators/ },
  { name: "409", respond: answer(409, { message: "Conflict" }), times: 1 },
  { name: "422", respond: answer(422, { message: "Validation Failed", errors: [] }), times: 1 },
  {
    name: "429 with a short wait",
    respond: answer(429, { message: "Too many" }, { "retry-after": "3" }),
    times: 2,
  },
  {
    name: "a secondary limit with a long wait",
    respond: answer(403, { message: "You have exceeded a secondary rate limit" }, { "retry-after": "240" }),
    times: 1,
  },
  { name: "502 with a page", respond: answer(502, "<html>Unicorn!</html>"), times: 3 },
  { name: "no answer, and nothing done", respond: "timeout", times: 3 },
  { name: "no answer, though it is done", respond: "after-effect", times: 1 },
  {
    name: "a list that goes on, or half an object",
    respond: answer(200, [], { link: '<http://x>; rel="next"' }),
    times: 1,
  },
  { name: "200 with a page in place of JSON", respond: answer(200, "<html>captive portal</html>"), times: 1 },
];

let world: World;
afterEach(() => world.close());

/** Makes each kind of call fail so often, in the order in which they come. Answers what has been struck. */
function strikeAll({ respond, times, says }: Failure): ReadonlyMap<string, number> {
  const struck = new Map<string, number>();
  world.stage.github.faults.add({
    when: (asked) => {
      if (!isOurs(asked)) return false;
      const kind = kindOf(asked);
      const before = struck.get(kind) ?? 0;
      if (before >= times || says?.test(kind) === true) return false;
      struck.set(kind, before + 1);
      return true;
    },
    respond,
  });
  return struck;
}

const hours = 3_600;

/** From need to end, by people who look now and then and do what is theirs to do. */
async function play(): Promise<number> {
  const { people, shown } = world;
  const number = people.ask("alice", { nodes: "r2d2-app-01", for: "8h" });
  await people.token("alice", number);
  await world.until(async () => (await shown.tally(number)).openPulls === 1, 6 * hours);
  for (const approver of ["bob", "erin", "carol"] as const) {
    await people.approve(approver, number);
    await world.run();
  }
  await world.until(async () => (await shown.tally(number)).sealed > 0, 6 * hours);
  const { record, credentials } = await world.operator("alice").take(number);
  const [issued] = credentials;
  if (issued === undefined) throw new Error("nothing was issued");
  await world.advanceTo(record.granted.until - 60_000);
  await world.operator("alice").start(issued, node, "Hallpass-Shell-720");
  for (let sweeps = 0; sweeps < 24 && (await shown.state(number)) !== "closed"; sweeps++) {
    await world.advance(900);
    await people.dispatch("pat", "sweep");
    await world.run();
  }
  await world.advance(hours);
  return number;
}

describe("GitHub answers every kind of call at first with", () => {
  test.each(failures.map((each) => [each.name, each] as const))(
    "%s",
    async (_, failure) => {
      world = await createWorld({ cron: false, lookEvery: 900 });
      const struck = strikeAll(failure);
      const number = await play();
      // both of our processes met it, when they read and when they wrote
      expect([...struck.keys()]).toEqual(
        expect.arrayContaining([
          "Request",
          "Commit",
          "POST /repos/acme/access/pulls",
          "PUT /repos/acme/access/pulls/N/merge",
          "POST /repos/acme/access/issues/N/comments",
          "POST /repos/acme/access/actions/workflows/access.yml/dispatches",
        ]),
      );
      const { path = "", text = "" } = world.shown.record(number) ?? {};
      expect(parseEnded(text, path)).toMatchObject({
        ok: true,
        value: { ended: { how: "expired", sessions: [{ node, how: "terminated" }] } },
      });
      expect(await world.shown.labels(number)).toEqual(["access: expired"]);
      expect(await world.shown.tally(number)).toEqual({
        openPulls: 0,
        pulls: 1,
        merges: 1,
        grants: 1,
        ends: 1,
        statuses: 1,
        sealed: 1,
      });
      expect(await world.shown.untils(number)).toHaveLength(1);
      expect(world.shown.sessions(number)).toMatchObject([{ open: false }]);
      // a run that died between issuing and posting issued for nobody
      expect(issuedFor(world, number)).toBeLessThan(8);
      expect(world.shown.ledger(`request/${number}`).size).toBeGreaterThan(0);
    },
    60_000,
  );
});
