// `npm run demo`: starts a GitHub, an AWS and the App on this machine and plays a request from need to end, in real time.

import { statusOf, until } from "./demo/cast.ts";
import { everythingWritten, leaksIn, ledgerFiles } from "./demo/leaks.ts";
import { all, type Played, plain, play } from "./demo/programme.ts";
import { appSettings, describeSettings, whoIsAway } from "./demo/settings.ts";
import { createTeller, type Teller } from "./demo/tell.ts";
import { type Sandbox, startSandbox, writeInventory } from "./start.ts";

const help = `Usage: npm run demo -- [--all] [--json] [--help]

Plays the life of access requests against a GitHub and an AWS on this machine: a development
node decided by policy, a production node approved by three people, a guardrail, a rejection.
Nothing leaves the machine; no account is needed. Takes less than a minute.

  --all    also plays what ends access and other ways to ask, in two to three minutes: early
           revocations, an orphan, two grants on one node, the schedule with no sweep, the sweep
           with no schedule, a pull request from a fork, more time, ignored words, a later start,
           webhooks that are lost, no server at all
  --json   print the same as one JSON object on standard output (progress on standard error)
  --help   print this

Examples:
  npm run demo
  npm run demo -- --all
  npm run -s demo -- --json | jq .ledger

Exit code: 0 when every story came out as told, 1 when not, 2 for an unknown option.
`;

const options = ["--all", "--json", "--help"];

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => !options.includes(arg));
  if (unknown !== undefined) {
    process.stderr.write(`demo: unknown option \`${unknown}\`; see npm run demo -- --help\n`);
    return 2;
  }
  if (args.includes("--help")) {
    process.stdout.write(help);
    return 0;
  }
  const json = args.includes("--json");
  const out = json ? process.stderr : process.stdout;
  const printed: string[] = [];
  const tell = createTeller({
    now: Date.now,
    colours: out.isTTY === true,
    write: (text) => {
      printed.push(text);
      out.write(text);
    },
  });
  const sandbox = await start(tell);
  try {
    const stories = await play(args.includes("--all") ? all : plain, { sandbox, tell });
    const data = await conclude(sandbox, tell, { stories, printed });
    if (json) process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    return data.leaks.length === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(
      `\ndemo: ${error instanceof Error ? error.message : String(error)}\n${sandbox.appLog()}`,
    );
    return 1;
  } finally {
    await sandbox.stop();
  }
}

async function start(tell: Teller): Promise<Sandbox> {
  tell.story("", "Hallpass: access to AWS nodes, asked, approved, opened and ended on GitHub");
  const sandbox = await startSandbox({ ...appSettings, files: whoIsAway(Date.now()) });
  process.env["AWS_ENDPOINT_URL"] = sandbox.awsUrl;
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  for (const line of describeSettings(sandbox)) tell.say("sandbox", line);
  await writeInventory(sandbox);
  await inventoried(sandbox);
  tell.say("Action", "wrote the inventory of the account: 6 nodes");
  return sandbox;
}

async function inventoried({ stage }: Sandbox): Promise<void> {
  await until("the inventory", async () => {
    const { data } = await stage.as("pat").rest.repos.listBranches({ owner: "acme", repo: "access" });
    return data.some(({ name }) => name === "inventory") ? true : undefined;
  });
}

async function conclude(
  sandbox: Sandbox,
  tell: Teller,
  { stories, printed }: { readonly stories: readonly Played[]; readonly printed: readonly string[] },
) {
  const ledger = Object.fromEntries(await ledgerFiles(sandbox));
  const b = stories.find(({ letter }) => letter === "b")?.requests[0] ?? 0;
  const issue = (await statusOf(sandbox.stage, b)) ?? "";
  tell.story("", "What is left to read, a year later");
  tell.show(`issue #${b}, the status comment`, issue);
  tell.show("branch ledger", Object.keys(ledger).join("\n"));
  const record = Object.entries(ledger).find(([path]) => path.endsWith(`/${b}.yaml`));
  if (record !== undefined) tell.show(`ledger: ${record[0]}`, record[1].trimEnd());
  const secrets = sandbox.stage.aws.issuedSecrets();
  const texts = await everythingWritten(sandbox, printed.join(""));
  const leaks = leaksIn(texts, secrets);
  tell.say(
    "check",
    `${secrets.length} secrets that AWS issued, searched for in ${texts.size} texts (comments, records, logs, outputs): ${leaks.length === 0 ? "none found in plain" : `FOUND in ${leaks.join(", ")}`}`,
  );
  tell.say("demo", `every story came out as told, in ${tell.seconds()} s`);
  return {
    stories,
    seconds: tell.seconds(),
    told: tell.told,
    ledger,
    issue,
    leaks,
    searched: [...texts.keys()],
    secrets: secrets.length,
  };
}

process.exit(await main(process.argv.slice(2)));
