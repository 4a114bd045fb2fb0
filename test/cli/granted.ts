// Open access of alice's, granted by the real App and Action in one process, and both twins on loopback for a command to use it.

import { writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, vi } from "vitest";
import { listen as listenAws } from "../../sandbox/aws/listen.ts";
import { listen } from "../../sandbox/github/listen.ts";
import type { Person } from "../../sandbox/stage.ts";
import { createWorld, type World } from "../whole/world.ts";
import { emptyFolder, hallpass, type Person as Terminal } from "./folder.ts";

const development = { tags: { Environment: "Development" } };
/** One of them in another place. */
export const granted = [
  { account: "111122223333", region: "eu-central-1", id: "i-0d0d0d0d0d0d0d0d1", name: "r2d2-dev-01" },
  {
    account: "111122223333",
    region: "us-east-1",
    id: "i-0d0d0d0d0d0d0d0d7",
    name: "r2d2-dev-07",
    ...development,
  },
] as const;

export interface Granted {
  readonly world: World;
  readonly urls: { readonly github: string; readonly aws: string };
  /** Requests for the first of them, and for both. */
  readonly one: number;
  readonly both: number;
  readonly env: (login: Person) => Readonly<Record<string, string>>;
  readonly as: (
    login: Person,
    args: readonly string[],
    more?: Partial<Terminal>,
  ) => ReturnType<typeof hallpass>;
  /** Calls of GitHub that changed something, since the last look. */
  readonly writes: () => readonly string[];
}

/** For the tests of a whole file. */
export function withGrants(): Granted {
  let made: Granted | undefined;
  const servers: Server[] = [];
  const theOne = (): Granted => {
    if (made === undefined) throw new Error("there is no grant before the tests");
    return made;
  };
  beforeAll(async () => {
    const world = await createWorld({
      cron: false,
      start: new Date().toISOString(),
      stage: {
        accounts: [{ id: "111122223333", name: "workloads", regions: ["eu-central-1", "us-east-1"] }],
        nodes: [granted[1]],
      },
    });
    const ask = async (nodes: readonly { id: string }[]): Promise<number> => {
      const number = world.people.ask("alice", { nodes: nodes.map(({ id }) => id).join("\n"), for: "1h" });
      await world.people.token("alice", number);
      await world.run();
      return number;
    };
    const [one, both] = [await ask(granted.slice(0, 1)), await ask(granted)];
    let written: string[] = [];
    const github = await listen((request) => {
      const { pathname } = new URL(request.url);
      if (request.method !== "GET" && !pathname.endsWith("/graphql"))
        written.push(`${request.method} ${pathname}`);
      return world.stage.github.handle(request);
    }, 0);
    const aws = await listenAws(world.stage.aws.handle);
    servers.push(github.server, aws.server);
    const urls = { github: `http://127.0.0.1:${github.port}`, aws: aws.url };
    // the SDK reads it from the process
    vi.stubEnv("AWS_ENDPOINT_URL", urls.aws);
    const identity = await world.people.identity("alice");
    const env = (login: Person) => ({
      GITHUB_API_URL: urls.github,
      GITHUB_TOKEN: world.stage.github.personalToken(login),
      HALLPASS_REPOSITORY: "acme/access",
      AWS_ENDPOINT_URL: urls.aws,
    });
    made = {
      ...{ world, urls, one, both, env },
      as: (login, args, more = {}) => {
        const cwd = more.cwd ?? emptyFolder();
        writeFileSync(join(cwd, "identity"), `${identity}\n`, { mode: 0o600 });
        return hallpass(args, {
          ...more,
          cwd,
          env: { HOME: cwd, HALLPASS_IDENTITY: "identity", ...env(login), ...more.env },
        });
      },
      writes: () => {
        const all = written;
        written = [];
        return all;
      },
    };
  }, 60_000);
  afterAll(() => {
    made?.world.close();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    vi.unstubAllEnvs();
  });
  return {
    get world() {
      return theOne().world;
    },
    get urls() {
      return theOne().urls;
    },
    get one() {
      return theOne().one;
    },
    get both() {
      return theOne().both;
    },
    env: (login) => theOne().env(login),
    as: (...given) => theOne().as(...given),
    writes: () => theOne().writes(),
  };
}
