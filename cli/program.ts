// The commands and their help. A command's own file is loaded when it runs, so that `--help` is quick.

import { Command, CommanderError } from "commander";
import {
  describeConnect,
  describeKey,
  describeList,
  describeRequest,
  describeStatus,
} from "./access-commands.ts";
import type { DoctorOptions } from "./doctor.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import type { InitOptions } from "./init.ts";
import {
  describeApprove,
  describeCancel,
  describeExtend,
  describeReject,
  describeRevoke,
} from "./review-commands.ts";
import { painter, type Terminal } from "./terminal.ts";

/** Runs what was typed. The only place where a command's errors are caught. */
export async function run(terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCode.ok;
  const program = describeProgram(terminal, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(terminal.args.length === 0 ? ["--help"] : [...terminal.args], { from: "user" });
    return code;
  } catch (error) {
    // commander has already said what is wrong, or shown the help that was asked for
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.cannotRun;
    const { trouble } = await import("./github-trouble.ts");
    terminal.err(`${painter(terminal.errColours)("bad", "error")}: ${trouble(error)}\n`);
    return exitCode.cannotRun;
  }
}

const access = [describeConnect, describeRequest, describeStatus, describeList, describeKey];
const reviews = [describeApprove, describeReject, describeRevoke, describeCancel, describeExtend];

type Finish = (code: ExitCode) => void;

function describeProgram(terminal: Terminal, finish: Finish): Command {
  const program = new Command("hallpass")
    .description(
      "Just-in-time access to AWS Systems Manager nodes, asked, approved, granted and ended on GitHub.",
    )
    .exitOverride()
    .showHelpAfterError("(add --help for what it takes)")
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      getOutHasColors: () => terminal.outColours,
      getErrHasColors: () => terminal.errColours,
    });
  for (const describe of [...access, ...reviews]) describe(program, terminal, finish);
  describeInit(program, terminal, finish);
  describeDoctor(program, terminal, finish);
  const policy = program
    .command("policy")
    .description("Test and check the policies of an access repository.");
  describePolicyTest(policy, terminal, finish);
  describePolicyCheck(policy, terminal, finish);
  describeCredentials(program, terminal, finish);
  const aws = program
    .command("aws")
    .description("What Hallpass does in AWS, for reading and for other tools.");
  describeSessionPolicy(aws, terminal, finish);
  return program;
}

function describeInit(program: Command, terminal: Terminal, finish: Finish): void {
  const each = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  program
    .command("init")
    .description("Write an access repository into a folder, or propose it as a pull request.")
    .argument("[dir]", "the folder; made if need be", ".")
    .option("--repo <owner/name>", "the access repository (default: the folder's remote `origin`)")
    .option("--app <id>", "id of your GitHub App")
    .option(
      "--account <id=regions>",
      "an AWS account, 111122223333=eu-central-1,us-east-1; again for more",
      each,
    )
    .option(
      "--team <role=slug>",
      "a team of the starter policies, platform=platform-team; again for more",
      each,
    )
    .option("--time-zone <name>", "of weekday and time of day in policies (default: UTC)")
    .option("--default-branch <name>", "of the access repository (default: main)")
    .option("--host <name>", "an Enterprise Server, or TENANT.ghe.com (default: github.com)")
    .option("--action <owner/name@sha>", "use a published Action (default: a copy in the access repository)")
    .option("--answers <file>", "all of this as YAML or JSON; - reads standard input")
    .option("--pull-request", "propose the files on GitHub instead of writing them here")
    .option("--dry-run", "show what would be written")
    .option("--force", "overwrite Hallpass's own files that differ; never policies, config or CODEOWNERS")
    .option("--json", "one JSON object: files, steps, pullRequest")
    .addHelpText(
      "after",
      `
Asks on a terminal for what it cannot know; anywhere else, what is missing is an error that names the flag. A second
run changes nothing. Ends with the few steps that only a human can do.

Teams: platform (needed: owns the law), devops, devops-leads, security, on-call, contractors. Policies about a team
that you do not name are left out.

Exits with 0 when the files are there, 2 when it could not run.

Examples:
  $ hallpass init access --repo acme/access
  $ hallpass init --repo acme/access --app 123456 --account 111122223333=eu-central-1 --team platform=platform
  $ hallpass init --pull-request --repo acme/access --answers answers.yaml --json`,
    )
    .action(async (dir: string, options: Omit<InitOptions, "dir">) => {
      const { init } = await import("./init.ts");
      const { pullRequest = false, dryRun = false, force = false, json = false } = options;
      finish(await init(terminal, { ...options, dir, pullRequest, dryRun, force, json }));
    });
}

function describeDoctor(program: Command, terminal: Terminal, finish: Finish): void {
  const each = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  program
    .command("doctor")
    .description("Look at a live set-up from end to end, and say what to mend.")
    .option(
      "--repo <owner/name>",
      "the access repository (default: HALLPASS_REPOSITORY, else the remote `origin`)",
    )
    .option(
      "--host <name>",
      "an Enterprise Server, or TENANT.ghe.com (default: of GITHUB_API_URL, else github.com)",
    )
    .option(
      "--trust-policy <file>",
      "a role's trust policy as JSON, to compare with this repository; again for more",
      each,
    )
    .option("--aws", "read the roles of the account that you are signed in to, as the AWS CLI would")
    .option("--json", "one JSON array: name, state, found, todo")
    .addHelpText(
      "after",
      `
Signs in with GH_TOKEN, GITHUB_TOKEN or \`gh auth token\`; an owner of the organization sees everything. With APP_ID and
PRIVATE_KEY, as the server has them, the App's webhook deliveries are looked at too.

Exits with 0 when nothing has failed (warnings, and what could not be looked at, are shown), 1 when something has, 2 when
it could not look at all.

Examples:
  $ hallpass doctor --repo acme/access
  $ AWS_PROFILE=workloads hallpass doctor --repo acme/access --aws
  $ hallpass doctor --json | jq '.[] | select(.state != "ok")'`,
    )
    .action(async (options: Partial<DoctorOptions>) => {
      const { doctor } = await import("./doctor.ts");
      const { trustPolicy = [], aws = false, json = false } = options;
      finish(await doctor(terminal, { ...options, trustPolicy, aws, json }));
    });
}

function describeCredentials(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command("credentials")
    .description("Open the sealed credentials of your grant and print them as a `credential_process` does.")
    .argument("<id>", "number of the request")
    .option("--repo <owner/name>", "the access repository (default: HALLPASS_REPOSITORY)")
    .option(
      "--identity <file>",
      "your age identity (default: HALLPASS_IDENTITY, else ~/.config/hallpass/identity)",
    )
    .option("--place <account/region>", "which of them, when the grant is in several")
    .addHelpText(
      "after",
      `
Takes only what the App wrote, nobody edited, and AWS says belongs to this grant. Signs in with GH_TOKEN,
GITHUB_TOKEN or \`gh auth token\`.

Exits with 0 when credentials were printed, 1 when there are none to be trusted, 2 when it could not look.

Examples:
  $ hallpass credentials 12 --repo acme/access
  $ aws configure set credential_process "hallpass credentials 12 --repo acme/access" --profile grant-12`,
    )
    .action(async (id: string, options: { repo?: string; identity?: string; place?: string }) => {
      const { credentials } = await import("./credentials.ts");
      finish(await credentials(terminal, { ...options, id }));
    });
}

function describeSessionPolicy(aws: Command, terminal: Terminal, finish: Finish): void {
  aws
    .command("session-policy")
    .description("Print the session policies of an active record, read from standard input.")
    .option("--json", "one JSON array: account, region, document, session, until, nodes, policy")
    .option("--partition <name>", "aws, aws-cn or aws-us-gov", "aws")
    .addHelpText(
      "after",
      `
Exits with 0 when every policy fits, 1 when one does not, 2 when the record cannot be read.

Examples:
  $ git show origin/ledger:active/12.yaml | hallpass aws session-policy
  $ hallpass aws session-policy --json < 12.yaml | jq '.[].policy'`,
    )
    .action(async (options: { json?: true; partition: string }) => {
      const { awsSessionPolicy } = await import("./aws-session-policy.ts");
      finish(await awsSessionPolicy(terminal, { ...options, json: options.json === true }));
    });
}

function describePolicyTest(policy: Command, terminal: Terminal, finish: Finish): void {
  policy
    .command("test")
    .description("Run policy cases: is everybody decided upon as the cases say?")
    .argument("[cases]", "folder of YAML or JSON files, each a list of cases", "policies/cases")
    .option(
      "--policies <dir>",
      "folder of *.cedar, approvals.yaml, people.yaml and delegations.yaml",
      "policies",
    )
    .option("--json", "one JSON object a line, one line a case, and nothing else")
    .option("--time-zone <name>", "time zone of weekday and timeOfDay", "UTC")
    .addHelpText(
      "after",
      `
Exits with 0 when every case is as expected, 1 when one is not, 2 when policies or cases do not load.

Examples:
  $ hallpass policy test
  $ hallpass policy test policies/cases --policies policies
  $ hallpass policy test policies/cases --json | jq 'select(.ok | not)'
  $ hallpass policy test --time-zone Europe/Berlin`,
    )
    .action(async (cases: string, options: { policies: string; json?: true; timeZone: string }) => {
      const { policyTest } = await import("./policy-test.ts");
      finish(await policyTest(terminal, { ...options, cases, json: options.json === true }));
    });
}

function describePolicyCheck(policy: Command, terminal: Terminal, finish: Finish): void {
  policy
    .command("check")
    .description("Load policies, approval rules, people and cases, and show every problem at its place.")
    .argument("[dir]", "the policies folder", "policies")
    .addHelpText(
      "after",
      `
Exits with 0 when everything loads (warnings are shown), 2 when it does not.

Examples:
  $ hallpass policy check
  $ hallpass policy check ../access/policies`,
    )
    .action(async (dir: string) => {
      const { policyCheck } = await import("./policy-check.ts");
      finish(await policyCheck(terminal, dir));
    });
}
