// `npm run sandbox`: everything running, until Ctrl-C, and how to play each person.

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { appSettings, describeSettings } from "./demo/settings.ts";
import { nodes, type Person, people } from "./stage.ts";
import { readAccessFolder } from "./stage-folder.ts";
import { freePort, type Sandbox, startSandbox, writeInventory } from "./start.ts";

const help = `Usage: npm run sandbox -- [--folder <dir>] [--help]

Starts a GitHub with an access repo, an AWS with an account and nodes, and the App, on this
machine, and prints how to act as each person, with hallpass, curl or Octokit. Stops with Ctrl-C.

  --folder <dir>  an access repo that \`hallpass init\` wrote, in place of a copy of this project

Examples:
  npm run sandbox
  npm run -s hallpass -- init /tmp/access --repo acme/access --app 1001 --account 111122223333=eu-central-1 --team platform=platform
  npm run sandbox -- --folder /tmp/access
`;

/** The same each time, unless another sandbox is running. */
const freePorts = async () => ({
  github: await freePort(4100),
  aws: await freePort(4200),
  app: await freePort(4300),
});

/** Requests. The cron is 300 times as fast as GitHub's, and would have used up GitHub's own 5,000 within half an hour. */
const hourlyLimit = 300 * 5_000;

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(help);
    return 0;
  }
  const [option, dir, more] = args;
  const known = option === undefined || (option === "--folder" && dir !== undefined && more === undefined);
  if (!known) {
    const wrong = option === "--folder" && dir !== undefined ? more : option;
    process.stderr.write(
      `sandbox: unknown option or no value: \`${wrong}\`; see npm run sandbox -- --help\n`,
    );
    return 2;
  }
  // npm changes the working directory, and says where the person stands
  const folder =
    dir === undefined ? {} : { folder: readAccessFolder(resolve(process.env["INIT_CWD"] ?? ".", dir)) };
  process.stderr.write("starting a GitHub, an AWS and the App …\n");
  const sandbox = await startSandbox({ ...appSettings, ...folder, ports: await freePorts() });
  sandbox.stage.github.quirks.hourlyLimit = hourlyLimit;
  await writeInventory(sandbox);
  // a folder keeps its own limits: nothing shorter than its `minDuration`
  process.stdout.write(guide(sandbox, dir === undefined));
  await new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
  await sandbox.stop();
  return 0;
}

const bin = fileURLToPath(new URL("aws/bin", import.meta.url));

function guide(sandbox: Sandbox, hasOurLimits: boolean): string {
  const { githubUrl, awsUrl, stage } = sandbox;
  const memberships = (login: Person): string =>
    Object.entries(stage.teams)
      .flatMap(([team, members]) => (members.includes(login) ? [`@${stage.repository.owner}/${team}`] : []))
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
  const body = `### Nodes\\n\\nr2d2-dev-01\\n\\n### Access\\n\\nshell\\n\\n### Forward\\n\\n_No response_\\n\\n### For\\n\\n${hasOurLimits ? "5m" : "15m"}\\n\\n### Reason\\n\\ntrying it out\\n\\n### Ticket\\n\\n_No response_\\n\\n### From\\n\\n_No response_`;
  return `
${describeSettings(sandbox, hasOurLimits).join("\n")}
GitHub allows ${hourlyLimit.toLocaleString("en")} requests an hour (usually 5,000)

The people of ${stage.repository.owner}, with their tokens:
${tokens.join("\n")}

The nodes of account ${stage.account} in ${stage.region}:
${machines.join("\n")}

At a terminal, as alice (TOKEN of anybody above; sandbox/aws/bin has a stand-in for AWS's session-manager-plugin):
  export GITHUB_API_URL=${githubUrl} AWS_ENDPOINT_URL=${awsUrl} HALLPASS_REPOSITORY=${stage.repository.fullName}
  export GH_TOKEN=${alice} PATH="${bin}:$PATH"
  npm run -s hallpass -- connect r2d2-dev-01 --for ${hasOurLimits ? "5m" : "15m"} --reason "trying it out"

Ask, as alice (the issue form's text):
  curl -s ${githubUrl}/repos/${stage.repository.fullName}/issues -H "authorization: Bearer ${alice}" \\
    -d '{"title":"Access request","labels":["access: pending"],"body":"${body}"}'

See what was decided:
  curl -s ${githubUrl}/repos/${stage.repository.fullName}/issues/1/comments -H "authorization: Bearer ${alice}"

Post a key to seal the credentials to (an age key of your own):
  curl -s ${githubUrl}/repos/${stage.repository.fullName}/issues/1/comments -H "authorization: Bearer ${alice}" \\
    -d '{"body":"/token age1…"}'

Approve a pull request, as anybody above (its number is in the status comment):
  curl -s ${githubUrl}/repos/${stage.repository.fullName}/pulls/2/reviews -H "authorization: Bearer TOKEN" -d '{"event":"APPROVE"}'

The same from Node: new Octokit({ auth: "TOKEN", baseUrl: "${githubUrl}" })
AWS for the SDK and the CLI: AWS_ENDPOINT_URL=${awsUrl}

Ctrl-C stops it.
`;
}

process.exit(await main(process.argv.slice(2)));
