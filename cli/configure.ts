// `hallpass configure ID|NODE`: an AWS profile that asks `hallpass credentials ID` for its credentials. Nothing secret is written.

import { mkdir, readFile, realpath, rename, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { nodeKey } from "../core/node.ts";
import type { ActiveRecord } from "../core/record.ts";
import { listMyOpen } from "../flow/my-requests.ts";
import { readConfig } from "../flow/prepare-request.ts";
import { gitHubHost } from "../flow/set-up-aws.ts";
import { readMe } from "../flow/shown-requests.ts";
import { readGrant, UntrustedCredentials } from "../flow/take-credentials.ts";
import type { GitHubClient } from "../github/client.ts";
import {
  type Edited,
  hasCredentials,
  isProfileName,
  removeProfile,
  renderProfile,
  writeProfile,
} from "./aws-profile.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { remoteOf } from "./git-remote.ts";
import { identityPath } from "./identity.ts";
import { pick } from "./pick.ts";
import { signInHere } from "./sign-in.ts";
import { quoteWord, wordsOf } from "./started-as.ts";
import { requestNumber } from "./status.ts";
import { painter, type Terminal } from "./terminal.ts";

export interface ConfigureOptions {
  /** The number of a request, or a node that one of yours is open for. */
  readonly what: string;
  readonly profile?: string;
  /** `account/region`. */
  readonly place?: string;
  readonly repo?: string;
  readonly identity?: string;
  readonly force: boolean;
  readonly remove: boolean;
  readonly print: boolean;
  readonly json: boolean;
}

export async function configure(terminal: Terminal, options: ConfigureOptions): Promise<ExitCode> {
  if (options.profile !== undefined && !isProfileName(options.profile))
    throw new Error(
      `--profile: expected letters, digits and \`_.@+-\`, up to 64, got \`${options.profile}\``,
    );
  try {
    return await (options.remove ? remove(terminal, options) : write(terminal, options));
  } catch (error) {
    if (!(error instanceof UntrustedCredentials)) throw error;
    terminal.err(`${painter(terminal.errColours)("bad", "error")}: ${error.message} [${error.code}]\n`);
    return error.code === "config" ? exitCode.cannotRun : exitCode.notOk;
  }
}

async function write(terminal: Terminal, options: ConfigureOptions): Promise<ExitCode> {
  const client = await signInHere(terminal, options.repo);
  const { number, place } = await findGrant(terminal, client, options);
  const name = options.profile ?? `hallpass-${number}`;
  const command = await commandFor(terminal, client, { ...options, number, place });
  const profile = { name, command, region: place.region };
  const told = { profile: name, ...place, credential_process: command };
  if (options.print) {
    terminal.out(options.json ? `${JSON.stringify({ did: "printed", ...told })}\n` : renderProfile(profile));
    return exitCode.ok;
  }
  await refuseHidden(terminal, name);
  const file = configPath(terminal);
  const did = await edit(file, name, (text) => writeProfile(text, profile, options.force));
  if (options.json) terminal.out(`${JSON.stringify({ did, file, ...told })}\n`);
  else terminal.out(`profile ${name} ${said[did]} ${file}; \`aws --profile ${name} …\` uses it\n`);
  return exitCode.ok;
}

async function remove(
  terminal: Terminal,
  { what, profile, force, json }: ConfigureOptions,
): Promise<ExitCode> {
  if (profile === undefined && !isNumber(what))
    throw new Error("--remove: which? give the number of the request, or --profile");
  const name = profile ?? `hallpass-${requestNumber(what)}`;
  const file = configPath(terminal);
  const did = await edit(file, name, (text) => removeProfile(text, name, force));
  terminal.out(
    json ? `${JSON.stringify({ did, profile: name, file })}\n` : `profile ${name} ${said[did]} ${file}\n`,
  );
  return exitCode.ok;
}

const said = {
  made: "is new in",
  changed: "is changed in",
  same: "stands as it should in",
  removed: "is removed from",
  absent: "is not in",
} as const;

const isNumber = (text: string): boolean => /^#?\d+$/.test(text);

interface Found {
  readonly number: number;
  readonly place: { readonly account: string; readonly region: string };
}

async function findGrant(
  terminal: Terminal,
  client: GitHubClient,
  { what, place }: ConfigureOptions,
): Promise<Found> {
  const { login } = await readMe(client);
  const { number, record } = isNumber(what)
    ? { number: requestNumber(what), record: (await readGrant(client, requestNumber(what))).record }
    : await openFor(client, login, what);
  if (record.requester.login.toLowerCase() !== login.toLowerCase())
    throw new Error(`#${number} is ${record.requester.login}'s; its credentials are sealed to their key`);
  const nodes = isNumber(what) ? record.nodes : record.nodes.filter((node) => isCalled(node, what));
  return { number, place: await choosePlace(terminal, nodes, place) };
}

/** The newest of mine that is open for this node. */
async function openFor(client: GitHubClient, login: string, what: string) {
  const config = await readConfig(client);
  const mine = await listMyOpen(client, { login, app: config.ok ? config.value.app : 0 }, 50);
  for (const { request } of mine.filter(({ state }) => state === "active")) {
    const number = requestNumber(String(request));
    const { record } = await readGrant(client, number);
    if (record.nodes.some((node) => isCalled(node, what))) return { number, record };
  }
  throw new UntrustedCredentials(
    "no-grant",
    `nothing of yours is open for \`${what}\`; \`hallpass request ${what}\` asks for it`,
  );
}

type Pinned = ActiveRecord["nodes"][number];

const isCalled = (node: Pinned, what: string): boolean =>
  [node.id, node.name, nodeKey(node), `${node.account}/${node.region}/${node.name}`].includes(what);

async function choosePlace(
  terminal: Terminal,
  nodes: readonly Pinned[],
  wanted: string | undefined,
): Promise<Found["place"]> {
  const all = new Map(nodes.map(({ account, region }) => [`${account}/${region}`, { account, region }]));
  const places = [...all.keys()].join(", ");
  if (wanted !== undefined) {
    const place = all.get(wanted);
    if (place !== undefined) return place;
    throw new Error(`the grant has no credentials for \`${wanted}\`; it has them for ${places}`);
  }
  const [only, another] = all.values();
  if (only !== undefined && another === undefined) return only;
  const choices = [...all].map(([label, value]) => ({ label, value }));
  const picked = await pick(terminal, "Which place?", choices);
  if (picked !== undefined) return picked;
  throw new Error(`the grant has credentials for ${places}; choose one with --place account/region`);
}

/** As this program was started, with all that it knows from here: whoever calls it stands elsewhere, with another environment. */
async function commandFor(
  terminal: Terminal,
  { owner, repo }: GitHubClient,
  { number, place, identity, repo: given }: Omit<ConfigureOptions, "place"> & Found,
): Promise<string> {
  const key = identity ?? terminal.env["HALLPASS_IDENTITY"];
  const words = [
    ...(await environment(terminal, given)),
    ...wordsOf(terminal),
    ...["credentials", String(number), "--repo", `${owner}/${repo}`],
    ...["--place", `${place.account}/${place.region}`],
    ...(key === undefined || key === "" ? [] : ["--identity", identityPath(terminal, key)]),
  ];
  const command = words.map((word) => quoteWord(word)).join(" ");
  // some of AWS's tools end a value at such a mark, quoted or not
  if (/[\r\n]|\s[#;]/.test(command))
    throw new Error(
      `\`${command}\` cannot stand in an AWS config file; a folder in it has a line end, or a space before \`#\` or \`;\``,
    );
  return command;
}

/** Which GitHub, where it is another than github.com. */
async function environment({ env, cwd }: Terminal, given: string | undefined): Promise<readonly string[]> {
  const named = given !== undefined || (env["HALLPASS_REPOSITORY"] ?? "") !== "";
  const remote = named ? undefined : await remoteOf(cwd);
  const url = env["GITHUB_API_URL"] || (remote === undefined ? undefined : gitHubHost(remote.host).apiUrl);
  if (url === undefined || url === "https://api.github.com") return [];
  if (process.platform === "win32")
    throw new Error(
      "set GITHUB_API_URL for all of your programs, and configure with `--print`: a profile on Windows cannot carry it",
    );
  return ["env", `GITHUB_API_URL=${url}`];
}

const homeOf = ({ env }: Terminal): string => env["HOME"] ?? homedir();
const pathOf = (terminal: Terminal, variable: string, name: string): string => {
  const given = terminal.env[variable] || join(homeOf(terminal), ".aws", name);
  return resolve(terminal.cwd, given.replace(/^~(?=[\\/])/, homeOf(terminal)));
};
const configPath = (terminal: Terminal): string => pathOf(terminal, "AWS_CONFIG_FILE", "config");

const textOf = (file: string): Promise<string | undefined> =>
  readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new Error(`${file} cannot be read: ${error.code ?? error.message}`);
  });

async function refuseHidden(terminal: Terminal, name: string): Promise<void> {
  const file = pathOf(terminal, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
  if (hasCredentials((await textOf(file)) ?? "", name))
    throw new Error(
      `${file} has a profile \`${name}\`, whose keys AWS's tools would take instead; choose another with --profile`,
    );
}

async function edit(
  file: string,
  name: string,
  change: (text: string) => Edited,
): Promise<keyof typeof said> {
  const text = await textOf(file);
  const edited = change(text ?? "");
  if (edited.did === "foreign")
    throw new Error(
      `${file} has a profile \`${name}\` that \`hallpass configure\` has not written; choose another with --profile, or replace it with --force`,
    );
  if (edited.text !== (text ?? "")) await replace(file, edited.text);
  return edited.did;
}

/** Whole or not at all: it may hold every profile that somebody has. */
async function replace(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // a link into somebody's folder of settings stays one
  const real = await realpath(file).catch(() => file);
  const mode = await stat(real).then(
    (found) => found.mode & 0o777,
    () => 0o600,
  );
  const next = `${real}.hallpass-${process.pid}`;
  await writeFile(next, text, { mode });
  await rename(next, real);
}
