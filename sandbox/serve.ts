// `npm run sandbox`: everything running, until Ctrl-C, and how to play each person.

import { appSettings, describeSettings } from "./demo/settings.ts";
import { nodes, type Person, people, teams } from "./stage.ts";
import { type Sandbox, startSandbox } from "./start.ts";

const help = `Usage: npm run sandbox -- [--help]

Starts a GitHub with an access repo, an AWS with an account and nodes, and the App, on this
machine, and prints how to act as each person with curl or Octokit. Stops with Ctrl-C.

Examples:
  npm run sandbox
`;

const ports = { github: 4100, aws: 4200, app: 4300 };

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(help);
    return 0;
  }
  if (args.length > 0) {
    process.stderr.write(`sandbox: unknown option \`${args[0]}\`; see npm run sandbox -- --help\n`);
    return 2;
  }
  process.stderr.write("starting a GitHub, an AWS and the App …\n");
  const sandbox = await startSandbox({ ...appSettings, ports });
  await writeInventory(sandbox);
  process.stdout.write(guide(sandbox));
  await new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
  await sandbox.stop();
  return 0;
}

async function writeInventory({ stage }: Sandbox): Promise<void> {
  await stage.as("pat").rest.actions.createWorkflowDispatch({
    owner: "acme",
    repo: "access",
    workflow_id: "access.yml",
    ref: "main",
    inputs: { command: "inventory" },
  });
}

function guide(sandbox: Sandbox): string {
  const { githubUrl, awsUrl, stage } = sandbox;
  const memberships = (login: Person): string =>
    Object.entries(teams)
      .flatMap(([team, members]) => ((members as readonly Person[]).includes(login) ? [`@acme/${team}`] : []))
      .join(" ");
  const tokenOf = new Map(people.map((login) => [login, stage.github.personalToken(login)]));
  const tokens = people.map((login) => `  ${login.padEnd(8)} ${tokenOf.get(login)}  ${memberships(login)}`);
  const machines = nodes.map(
    ({ id, name, tags }) =>
      `  ${name.padEnd(14)} ${id}  ${Object.entries(tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(" ")}`,
  );
  const alice = tokenOf.get("alice");
  const body =
    "### Nodes\\n\\nr2d2-dev-01\\n\\n### Access\\n\\nshell\\n\\n### Forward\\n\\n_No response_\\n\\n### For\\n\\n5m\\n\\n### Reason\\n\\ntrying it out\\n\\n### Ticket\\n\\n_No response_\\n\\n### From\\n\\n_No response_";
  return `
${describeSettings(sandbox).join("\n")}

The people of acme, with their tokens:
${tokens.join("\n")}

The nodes of account ${stage.account} in ${stage.region}:
${machines.join("\n")}

Ask, as alice (the issue form's text):
  curl -s ${githubUrl}/repos/acme/access/issues -H "authorization: Bearer ${alice}" \\
    -d '{"title":"Access request","labels":["access: pending"],"body":"${body}"}'

See what was decided:
  curl -s ${githubUrl}/repos/acme/access/issues/1/comments -H "authorization: Bearer ${alice}"

Post a key to seal the credentials to (an age key of your own):
  curl -s ${githubUrl}/repos/acme/access/issues/1/comments -H "authorization: Bearer ${alice}" \\
    -d '{"body":"/token age1…"}'

Approve a pull request, as anybody above (its number is in the status comment):
  curl -s ${githubUrl}/repos/acme/access/pulls/2/reviews -H "authorization: Bearer TOKEN" -d '{"event":"APPROVE"}'

The same from Node: new Octokit({ auth: "TOKEN", baseUrl: "${githubUrl}" })
AWS for the SDK and the CLI: AWS_ENDPOINT_URL=${awsUrl}

Ctrl-C stops it.
`;
}

process.exit(await main(process.argv.slice(2)));
