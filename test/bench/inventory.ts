// The Action's `inventory` at the sizes of large organizations: time, memory, and what it writes when one node has changed.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { account, region, type StageAccount } from "../../sandbox/stage.ts";
import { startLoopback } from "./loopback.ts";
import { timed } from "./process-cpu.ts";

export interface InventoryCost {
  readonly nodes: number;
  /** Accounts and Regions that they are spread over: one file each. */
  readonly places: number;
  readonly run: "first" | "nothing changed" | "one node changed";
  /** Of the whole run, the twins' own work included, and CPU of the Action's process. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Peak of the Action's process, in MB. */
  readonly peakMemory: number;
  readonly githubRequests: number;
  readonly awsCalls: number;
  /** Bodies of what is not GET, to GitHub. */
  readonly bytesWritten: number;
}

const sizes = [
  { nodes: 1_000, places: 1 },
  { nodes: 10_000, places: 1 },
  { nodes: 50_000, places: 1 },
  { nodes: 50_000, places: 10 },
] as const;

export async function benchInventory(): Promise<readonly InventoryCost[]> {
  const costs: InventoryCost[] = [];
  for (const size of sizes) costs.push(...(await inventoryOf(size)));
  return costs;
}

async function inventoryOf({ nodes, places }: (typeof sizes)[number]): Promise<readonly InventoryCost[]> {
  const program = timed(process.execPath);
  const memory = watchMemory();
  const seen = { requests: 0, bytes: 0 };
  const { stage, run, stop } = await startLoopback({
    node: program.path,
    environment: memory.environment,
    stage: { accounts: accountsOf(places) },
    heard: ({ method, headers, url }) => {
      seen.requests += 1;
      if (method !== "GET" && !url.endsWith("/access_tokens"))
        seen.bytes += Number(headers.get("content-length") ?? 0);
    },
  });
  const costs: InventoryCost[] = [];
  const measure = async (name: InventoryCost["run"]): Promise<void> => {
    const calls = stage.aws.calls.length;
    Object.assign(seen, { requests: 0, bytes: 0 });
    program.take();
    const began = performance.now();
    await run("inventory");
    costs.push({
      nodes,
      places,
      run: name,
      seconds: (performance.now() - began) / 1_000,
      cpuSeconds: (program.take()[0] ?? Number.NaN) / 1_000,
      peakMemory: memory.take(),
      githubRequests: seen.requests,
      awsCalls: stage.aws.calls.length - calls,
      bytesWritten: seen.bytes,
    });
  };
  try {
    const all = accountsOf(places);
    const made = Array.from({ length: nodes }, (_, i) => {
      const where = all[i % places];
      const tags = {
        Name: `web-${i}`,
        Environment: i % 3 === 0 ? "Production" : "Development",
        Workload: "Shop",
      };
      return stage.aws.addNode({
        account: where?.id ?? account,
        region: where?.regions[0] ?? region,
        name: `web-${i}`,
        tags,
      });
    });
    await measure("first");
    await measure("nothing changed");
    const [changed] = made;
    if (changed !== undefined)
      stage.aws.retag(changed, { Name: "web-0", Environment: "Staging", Workload: "Shop" });
    await measure("one node changed");
    return costs;
  } finally {
    stop();
    program.remove();
    memory.remove();
  }
}

const accountsOf = (places: number): readonly StageAccount[] =>
  Array.from({ length: places }, (_, i) => ({
    id: String(Number(account) + i),
    name: `account-${i}`,
    regions: [region],
  }));

/** A process says at its end how much memory it ever held. */
function watchMemory() {
  const folder = mkdtempSync(join(tmpdir(), "hallpass-memory-"));
  const [watcher, peak] = [join(folder, "watch.cjs"), join(folder, "peak")];
  writeFileSync(
    watcher,
    `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)));\n`,
  );
  return {
    environment: { NODE_OPTIONS: `--require=${watcher}` },
    take: () => Math.round(Number(readFileSync(peak, "utf8")) / 1_024),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
