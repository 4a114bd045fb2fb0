// What `hallpass nodes` takes.

import { type Describe, each, repoOption } from "../describe.ts";

interface Typed {
  readonly account?: string;
  readonly region?: string;
  readonly tag?: readonly string[];
  readonly online?: true;
  readonly repo?: string;
  readonly json?: true;
}

export const describeNodes: Describe = (program, run) => {
  program
    .command("nodes")
    .description("Find nodes by name, id, tag, account or Region.")
    .argument("[search...]", "part of one of these or a glob, or a tag Key=Value; all words must match")
    .option("--account <account>", "by id or name; * is a wildcard")
    .option("--region <region>", "for example eu-central-1, or eu-*")
    .option("--tag <tag>", "Key=Value, or Key for any value; give it again for more that must match", each)
    .option("--online", "only where the agent answers")
    .option(...repoOption)
    .option("--json", "one JSON array: account, accountName, region, id, name, type, platform, agent, tags")
    .addHelpText(
      "after",
      `
Letter case does not count. On a terminal it is a table; elsewhere a node a line, parted by tabs: name, id,
account, Region, platform, agent, tags. An old inventory is told of on standard error.

Exits with 0 when it found some, 1 when nothing matches, 2 when it could not look.

Examples:
  $ hallpass nodes app
  $ hallpass nodes 'r2d2-*-01' Environment=Production --online
  $ hallpass nodes --account workloads --region 'eu-*' --json | jq -r '.[].id'`,
    )
    .action((words: readonly string[], { tag = [], online, json, ...rest }: Typed) =>
      run(
        { ...rest, words, tags: tag, online: online === true, json: json === true },
        async () => (await import("../nodes.ts")).nodes,
      ),
    );
};
