// `hallpass init`: writes an access repo into a folder, or proposes it as a pull request, and says what only a human can do then.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { configPath, parseConfig } from "../core/config.ts";
import type { Config } from "../core/law.ts";
import { accessRepoFiles, type SetUp } from "../flow/set-up.ts";
import { type GitHubHost, gitHubHost, hostForm, parseHost } from "../flow/set-up-aws.ts";
import { type Existing, isWritten, type PlannedFile, planFiles } from "../flow/set-up-plan.ts";
import { humanSteps, type SetUpStep } from "../flow/set-up-steps.ts";
import { configFile } from "../flow/set-up-texts.ts";
import { parsePublishedAction, type UsedAction } from "../flow/set-up-workflows.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { remoteOf } from "./git-remote.ts";
import {
  type Answers,
  accountForm,
  branchForm,
  completeAnswers,
  completeRepo,
  mergeAnswers,
  parseAccount,
  parseAnswers,
  parseBranch,
  parseTeams,
} from "./init-answers.ts";
import { folderPlace, pullRequestPlace } from "./init-places.ts";
import { projectFiles, projectVersion } from "./project-files.ts";
import { showProblems } from "./show-problems.ts";
import { apiHost, apiUrlOf, defaultHost, signIn } from "./sign-in.ts";
import { painter, type Terminal } from "./terminal.ts";

/** As typed. */
export interface InitOptions {
  readonly dir: string;
  readonly repo?: string;
  readonly host?: string;
  readonly app?: string;
  readonly account?: readonly string[];
  readonly team?: readonly string[];
  readonly timeZone?: string;
  readonly defaultBranch?: string;
  readonly action?: string;
  readonly answers?: string;
  readonly pullRequest: boolean;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly json: boolean;
}

export async function init(terminal: Terminal, options: InitOptions): Promise<ExitCode> {
  const folder = resolve(terminal.cwd, options.dir);
  const remote = options.pullRequest ? undefined : await remoteOf(folder);
  const given = mergeAnswers(flags(options), await answersFile(terminal, options.answers), remote ?? {});
  const host = gitHubHost(given.host ?? apiHost(terminal.env) ?? defaultHost(terminal.env));
  const [owner, repo] = await completeRepo(terminal, given);
  const place = options.pullRequest
    ? await pullRequestPlace(await signIn(withApi(terminal, host), `${owner}/${repo}`))
    : await folderPlace(folder);
  const known = await whatIsThere(place.existing);
  if (!known.ok) {
    showProblems(terminal, options.dir, known.problems);
    return exitCode.cannotRun;
  }
  const manifest = projectFiles.text("app/app.yml");
  const { hasPolicies } = place.existing;
  const answers = mergeAnswers(given, known.answers);
  const told = await completeAnswers({ terminal, host, owner, repo, manifest, hasPolicies }, answers);
  const setUp: SetUp = {
    ...told,
    defaultBranch: answers.defaultBranch ?? place.defaultBranch ?? "main",
    timeZone: answers.timeZone ?? "UTC",
    action: usedAction(answers.action),
    forwards: known.config?.forwards ?? [],
  };
  // one parser judges what was answered, the one that will read it
  const config = parseConfig(configFile(setUp));
  if (!config.ok) {
    showProblems(terminal, "answers", config.problems);
    return exitCode.cannotRun;
  }
  const files = await planFiles(accessRepoFiles(setUp, projectFiles), place.existing, options.force);
  const pullRequest = options.dryRun ? undefined : await place.write(files);
  const steps = humanSteps({ setUp, host, manifest, pullRequest });
  terminal.out(
    options.json
      ? asData(files, steps, pullRequest)
      : asText(terminal, { options, files, steps, pullRequest }),
  );
  return exitCode.ok;
}

function flags({
  repo,
  host,
  app,
  account,
  team = [],
  timeZone,
  defaultBranch,
  action,
}: InitOptions): Answers {
  if (host !== undefined && parseHost(host) === undefined)
    throw new Error(`\`${host}\` is no host; give --host ${hostForm}`);
  if (defaultBranch !== undefined && parseBranch(defaultBranch) === undefined)
    throw new Error(`\`${defaultBranch}\` is no branch to begin with; give --default-branch ${branchForm}`);
  if (app !== undefined && !/^[1-9]\d{0,11}$/.test(app))
    throw new Error(`\`${app}\` is no App's id; give the number from the App's settings`);
  const accounts = account?.map((text) => {
    const read = parseAccount(text);
    if (read === undefined) throw new Error(`\`${text}\` is no account; expected ${accountForm}`);
    return read;
  });
  const teams = parseTeams(
    team.map((text) => {
      const [role, slug, more] = text.split("=");
      if (!role || !slug || more !== undefined)
        throw new Error(`\`${text}\` is no team; expected \`role=slug\`, such as \`platform=platform-team\``);
      return [role, slug] as const;
    }),
  );
  return {
    repo,
    host: host === undefined ? undefined : parseHost(host),
    app: app === undefined ? undefined : Number(app),
    accounts,
    teams,
    timeZone,
    defaultBranch,
    action,
  };
}

async function answersFile(terminal: Terminal, file: string | undefined): Promise<Answers> {
  if (file === undefined) return {};
  if (file === "-") return parseAnswers(await terminal.input(), "standard input");
  const text = await readFile(resolve(terminal.cwd, file), "utf8").catch(() => {
    throw new Error(`\`${file}\` cannot be read; give --answers a file, or \`-\` for standard input`);
  });
  return parseAnswers(text, file);
}

const withApi = (terminal: Terminal, host: GitHubHost): Terminal => ({
  ...terminal,
  env: { ...terminal.env, GITHUB_API_URL: apiUrlOf(terminal.env, host) },
});

function usedAction(text: string | undefined): UsedAction {
  if (text === undefined) return { kind: "vendored" };
  const published = parsePublishedAction(text);
  if (published === undefined)
    throw new Error(
      `\`${text}\` is no Action to pin; expected \`owner/repository@\` and the whole SHA of a commit, 40 characters`,
    );
  return { kind: "published", uses: text, version: projectVersion() };
}

/** The answers of a set-up that is there already: a second run asks nothing. */
async function whatIsThere(existing: Existing) {
  const text = await existing.text(configPath);
  const config = text === undefined ? undefined : parseConfig(text);
  if (config !== undefined && !config.ok) return { ok: false, problems: config.problems } as const;
  const owner = /^\/policies\/\s+@[\w-]+\/([\w.-]+)/m.exec((await existing.text(".github/CODEOWNERS")) ?? "");
  const used = /uses: ([\w-]+\/[\w.-]+@[0-9a-f]{40})\b(?!.*\n\s+with:\n\s+persist)/.exec(
    ((await existing.text(".github/workflows/access.yml")) ?? "").replaceAll(
      /uses: actions\/checkout@.*/g,
      "",
    ),
  );
  const answers: Answers = {
    ...(config === undefined ? {} : fromConfig(config.value)),
    ...(owner?.[1] === undefined ? {} : { teams: { platform: owner[1] } }),
    ...(used?.[1] === undefined ? {} : { action: used[1] }),
  };
  return { ok: true, answers, config: config?.value } as const;
}

const fromConfig = ({ app, timeZone, accounts }: Config): Answers => ({
  app,
  timeZone,
  accounts: accounts.map(({ id, name, regions }) => ({ id, name, regions })),
});

const asData = (
  files: readonly PlannedFile[],
  steps: readonly SetUpStep[],
  pullRequest: string | undefined,
): string =>
  `${JSON.stringify({
    files: files.map(({ path, is }) => ({ path, is })),
    ...(pullRequest === undefined ? {} : { pullRequest }),
    steps,
  })}\n`;

const shownAs = {
  new: "new",
  overwritten: "overwritten",
  same: "same",
  differs: "differs, kept (--force overwrites)",
  theirs: "yours, kept",
} as const;

function asText(
  terminal: Terminal,
  shown: {
    readonly options: InitOptions;
    readonly files: readonly PlannedFile[];
    readonly steps: readonly SetUpStep[];
    readonly pullRequest: string | undefined;
  },
): string {
  const { options, files, steps, pullRequest } = shown;
  const paint = painter(terminal.outColours);
  const lines = files
    .filter(({ is }) => is !== "same")
    .map(({ path, is }) => `  ${path}  ${paint(is === "differs" ? "bad" : "faint", shownAs[is])}`);
  const written = files.filter(isWritten).length;
  const same = files.filter(({ is }) => is === "same").length;
  const verb = options.dryRun ? "would be written" : "written";
  const summary = `${written} ${written === 1 ? "file" : "files"} ${verb}, ${same} already as they should be`;
  const todo = steps.flatMap(({ title, why, commands }, i) => [
    `${paint("strong", `${i + 1}. ${title}`)}`,
    `   ${paint("faint", why)}`,
    ...commands.map((command) => `     ${command}`),
  ]);
  return [
    ...lines,
    summary,
    ...(pullRequest === undefined ? [] : [`pull request: ${pullRequest}`]),
    "",
    "What is left for you to do, in this order:",
    "",
    ...todo,
    "",
  ].join("\n");
}
