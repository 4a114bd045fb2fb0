// The App, killed between any two of its writes in the stories that end otherwise, as in kill.test.ts.

import { afterEach, describe, expect, test } from "vitest";
import { createWorld, type World, type WorldOptions } from "./world.ts";

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

const repo = { owner: "acme", repo: "access" };

interface Story {
  readonly name: string;
  /** Answers the request's number. */
  readonly play: (world: World) => Promise<number>;
  readonly label: string;
  readonly tally: Readonly<Record<string, number>>;
  /** Commands whose first run is killed too. */
  readonly alsoRuns?: readonly string[];
}

const open = (world: World, number: number, branch: string) => async (): Promise<boolean> =>
  (await world.shown.pulls(number)).some(({ head, state }) => head === branch && state === "open");

const labelled = (world: World, number: number, state: string) => async (): Promise<boolean> =>
  (await world.shown.labels(number)).includes(`access: ${state}`);

const closed = (world: World, number: number) => async (): Promise<boolean> =>
  (await world.shown.state(number)) === "closed";

const stories: readonly Story[] = [
  {
    name: "a rejection",
    label: "rejected",
    tally: { openPulls: 0, pulls: 1, merges: 0, grants: 0, ends: 1, statuses: 1, sealed: 0 },
    play: async (world) => {
      const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
      await world.until(open(world, number, `request/${number}`));
      await world.people.reject("erin", number);
      await world.until(closed(world, number));
      return number;
    },
  },
  {
    name: "an edit, and a cancellation",
    label: "cancelled",
    tally: { openPulls: 0, pulls: 2, merges: 0, grants: 0, ends: 1, statuses: 1, sealed: 0 },
    play: async (world) => {
      const number = world.people.ask("alice", { nodes: "r2d2-app-01" });
      await world.until(open(world, number, `request/${number}`));
      await world.people.edit("alice", number, (body) => body.replace("1h", "2h"));
      await world.until(open(world, number, `request/${number}-2`));
      expect((await world.shown.tally(number)).openPulls).toBe(1);
      await world.people.comment("alice", number, "/cancel");
      await world.until(closed(world, number));
      return number;
    },
  },
  {
    name: "a denial",
    label: "denied",
    tally: { openPulls: 0, pulls: 0, merges: 0, grants: 0, ends: 1, statuses: 1, sealed: 0 },
    play: async (world) => {
      const number = world.people.ask("alice", { nodes: "c3po-vault-01" });
      await world.until(closed(world, number));
      return number;
    },
  },
  {
    name: "a form that is mended",
    label: "active",
    tally: { openPulls: 0, pulls: 0, merges: 0, grants: 1, ends: 0, statuses: 1, sealed: 1 },
    play: async (world) => {
      const number = world.people.ask("alice", { for: "soon" });
      await world.until(labelled(world, number, "invalid"));
      await world.people.edit("alice", number, (body) => body.replace("soon", "4h"));
      await world.people.token("alice", number);
      await world.until(labelled(world, number, "active"));
      return number;
    },
  },
  {
    name: "a broken glass that somebody says no to",
    label: "revoked",
    alsoRuns: ["grant", "end"],
    tally: { openPulls: 0, pulls: 1, merges: 0, grants: 1, ends: 1, statuses: 1, sealed: 1 },
    play: async (world) => {
      const number = await glassBroken(world);
      await world.people.reject("erin", number);
      await world.until(closed(world, number));
      return number;
    },
  },
  {
    name: "a pull request written by hand",
    label: "active",
    tally: { openPulls: 0, pulls: 0, grants: 1, ends: 0, statuses: 1, sealed: 1 },
    play: async (world) => {
      const number = await writtenByHand(world);
      for (const approver of ["bob", "erin", "carol"] as const)
        await world.people.review(approver, number, "APPROVE");
      await world.until(labelled(world, number, "active"));
      return number;
    },
  },
];

/** dave is on call, and his word opens what needs a lead and two of security. */
async function glassBroken(world: World): Promise<number> {
  const number = world.people.ask("dave", { nodes: "r2d2-app-01" });
  await world.people.token("dave", number);
  await world.until(open(world, number, `request/${number}`));
  await world.people.comment("dave", number, "/break-glass INC-1234 nobody answers");
  await world.until(async () => (await world.shown.sealed(number)).length > 0);
  const said = await world.shown.comments(number);
  expect(said.filter(({ body }) => body.startsWith("<!-- hallpass:reminder "))).toHaveLength(1);
  return number;
}

async function writtenByHand({ stage, people }: World): Promise<number> {
  const { github, repository } = stage;
  github.addCollaborator(repository.fullName, "dave", "write");
  const file = "nodes: [i-0a0a0a0a0a0a0a0a1]\nfor: 4h\nreason: INC-1 checkout is down\n";
  const sha = github.commit({
    repository: repository.fullName,
    parent: "ledger",
    files: { "approved/dave-fix.yaml": file },
    message: "Access",
    by: "dave",
  });
  github.push("dave", repository.fullName, "dave-fix", sha);
  const { rest } = stage.as("dave");
  const { data } = await rest.pulls.create({ ...repo, head: "dave-fix", base: "ledger", title: "Access" });
  await people.token("dave", data.number);
  return data.number;
}

async function played({ play, label, tally }: Story, mortality: WorldOptions = {}): Promise<World> {
  const world = await createWorld({ cron: false, lookEvery: 1_200, ...mortality });
  worlds.push(world);
  const number = await play(world);
  await world.advance(1_500);
  expect(await world.shown.labels(number)).toEqual([`access: ${label}`]);
  expect(await world.shown.tally(number)).toMatchObject(tally);
  return world;
}

for (const story of stories) {
  // the writes of a life without death, found once for the names of the tests
  const calm = await played(story);
  const writes = calm.apps[0]?.effects ?? [];

  describe(`killed in ${story.name}`, () => {
    test.each([...["before any", ...writes].entries()])("%i: %s", async (point) => {
      const world = await played(story, { appDiesAt: point });
      expect(world.apps.map((app) => app.dead())).toEqual([true, false]);
    });

    for (const command of story.alsoRuns ?? []) {
      const effects = calm.runs.find((run) => run.command === command)?.effects ?? [];

      test.each([...["before any", ...effects].entries()])(
        `its run to ${command} at %i: %s`,
        async (point) => {
          let first = true;
          const world = await played(story, {
            runDiesAt: (run) => {
              if (run.command !== command || !first) return undefined;
              first = false;
              return point;
            },
          });
          expect(first).toBe(false);
          expect(world.shown.runs().find(({ title }) => title.startsWith(command))?.conclusion).toBe(
            "failure",
          );
        },
      );
    }
  });
}
