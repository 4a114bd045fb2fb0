// What a person feels of the start: the installed program's help against `node -e 0`, and against reading what it is made of, in turns.

import { spawnSync } from "node:child_process";
import { install } from "./installed.ts";
import { median } from "./median.ts";

export interface StartCost {
  readonly node: string;
  readonly program: string;
  readonly runs: number;
  /** Medians, in milliseconds from Enter to the end. */
  readonly time: number;
  readonly empty: number;
  /** Median of each turn's. */
  readonly ratio: number;
}

export async function benchStart({
  node,
  runs,
}: {
  readonly node: { readonly path: string; readonly version: string };
  readonly runs: number;
}): Promise<readonly StartCost[]> {
  const { main, home, remove } = await install();
  const commander = import.meta.resolve("commander");
  const programs = {
    "hallpass --help": [main, "--help"],
    "hallpass connect --help": [main, "connect", "--help"],
    "hallpass key": [main, "key"],
    "commander alone": ["--input-type=module", "-e", `import ${JSON.stringify(commander)}`],
  };
  const time = (args: readonly string[]): number => {
    const began = performance.now();
    const env = { PATH: process.env["PATH"], HOME: home, NODE_COMPILE_CACHE: `${home}/compiled` };
    const { status, stderr } = spawnSync(node.path, args, { env, encoding: "utf8" });
    if (status !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
    return performance.now() - began;
  };
  const times: Record<string, { own: number; empty: number }[]> = {};
  try {
    // the first round makes the key, and fills caches
    for (let round = 0; round <= runs; round++)
      for (const [name, args] of Object.entries(programs)) {
        const turn = { empty: time(["-e", "0"]), own: time(args) };
        if (round > 0) times[name] = [...(times[name] ?? []), turn];
      }
  } finally {
    remove();
  }
  return Object.entries(times).map(([program, turns]) => ({
    node: node.version,
    program,
    runs,
    time: median(turns.map(({ own }) => own)),
    empty: median(turns.map(({ empty }) => empty)),
    ratio: median(turns.map(({ own, empty }) => own / empty)),
  }));
}
