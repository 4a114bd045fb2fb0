// Whole-process CPU of the Action's `grant`: the committed `action/dist`, started as the runner starts it, granting real requests against the twins
// on loopback, in turns with `node -e 0`, so that a busy machine slows both.

import { generateIdentity, identityToRecipient } from "age-encryption";
import type { Stage } from "../../sandbox/stage.ts";
import { startLoopback } from "./loopback.ts";
import { median } from "./median.ts";
import { emptyRun, timed } from "./process-cpu.ts";

export interface GrantCost {
  readonly node: string;
  readonly runs: number;
  /** Medians, in milliseconds of user and system CPU. */
  readonly grant: number;
  readonly empty: number;
  readonly ratio: number;
}

export interface GrantBench {
  /** The `node` to measure, and its version. */
  readonly node: { readonly path: string; readonly version: string };
  readonly runs: number;
  /** Takes the place of the committed files of the Action, by path. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** More variables of the runner, such as `NODE_OPTIONS` to see where the time goes. */
  readonly environment?: Readonly<Record<string, string>>;
}

export async function benchGrant({
  node,
  runs,
  files = {},
  environment = {},
}: GrantBench): Promise<GrantCost> {
  const program = timed(node.path);
  const loopback = await startLoopback({ node: program.path, environment, stage: { files } });
  try {
    await loopback.run("inventory");
    const [grants, empties]: [number[], number[]] = [[], []];
    // the first round warms up the twins and the machine's file cache
    for (let round = 0; round <= runs; round++) {
      const number = await ask(loopback.stage);
      program.take();
      await loopback.run("grant", number);
      const [grant = Number.NaN] = program.take();
      const empty = await emptyRun(program);
      if (round === 0) continue;
      grants.push(grant);
      empties.push(empty);
    }
    const [grant, empty] = [median(grants), median(empties)];
    return { node: node.version, runs, grant, empty, ratio: grant / empty };
  } finally {
    loopback.stop();
    program.remove();
  }
}

/** An automatic request with a key, as it waits for its grant. */
async function ask(stage: Stage): Promise<number> {
  const number = stage.github.submitForm("alice", stage.repository.fullName, "access-request.yml", {
    nodes: "r2d2-dev-01",
    access: "shell",
    for: "1h",
    reason: "INC-1234 checkout is down",
  });
  const recipient = await identityToRecipient(await generateIdentity());
  await stage.as("alice").rest.issues.createComment({
    owner: stage.repository.owner,
    repo: stage.repository.name,
    issue_number: number,
    body: `/token ${recipient}`,
  });
  return number;
}
