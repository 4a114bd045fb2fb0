// `hallpass connect`: from need to shell. Uses what is open or asked already, asks otherwise, waits, checks, connects.

import { loadClients, whoAmI } from "../aws/as-operator.ts";
import { documentName } from "../aws/documents.ts";
import { parseDuration } from "../core/duration.ts";
import { formatInstant } from "../core/ids.ts";
import type { Node } from "../core/node.ts";
import { nodeKey } from "../core/node.ts";
import { accepted, type Parsed } from "../core/problem.ts";
import { when } from "../core/render-markdown.ts";
import { type AccessMode, accessModes } from "../core/request.ts";
import { type Awaited, type AwaitedRequest, awaitGrant, findMine } from "../flow/await-grant.ts";
import { type Ground, readGround } from "../flow/prepare-request.ts";
import { readMe } from "../flow/shown-requests.ts";
import { type TakenGrant, UntrustedCredentials } from "../flow/take-credentials.ts";
import type { GitHubClient } from "../github/client.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { checkPort, forwards, freePort, toUse } from "./forward.ts";
import { type IdentityFile, identityPath, makeIdentity, readIdentity, warnOfReaders } from "./identity.ts";
import { rememberNodes } from "./known-names.ts";
import { furtherSearch, oneNode } from "./pick-node.ts";
import { type Progress, showProgress } from "./progress.ts";
import { type AskOptions, openIssue, prepare, refuse } from "./request.ts";
import { findPlugin, openSession, type Plugin } from "./session.ts";
import { plainText } from "./show-markdown.ts";
import { signInHere } from "./sign-in.ts";
import { quoteWord, wordsOf } from "./started-as.ts";
import { painter, type Terminal } from "./terminal.ts";

export interface ConnectOptions extends AskOptions {
  readonly node: string;
  readonly repo?: string;
  readonly identity?: string;
  readonly localPort?: string;
  /** The longest wait, a duration; absent: until it is decided. */
  readonly wait?: string;
  readonly json: boolean;
}

interface Connecting {
  readonly terminal: Terminal;
  readonly options: ConnectOptions;
  readonly client: GitHubClient;
  readonly ground: Ground;
  readonly plugin: Plugin;
  readonly progress: Progress;
  readonly login: string;
}

export async function connect(terminal: Terminal, options: ConnectOptions): Promise<ExitCode> {
  const longest = readWait(options.wait);
  checkPort(options.localPort);
  const looking = findPlugin(terminal);
  // a missing plugin is told below, and not before somebody has answered what signing in asks
  looking.catch(() => {});
  const client = await signInHere(terminal, options.repo);
  const [plugin, ground, { login }] = await Promise.all([looking, readGround(client), readMe(client)]);
  if (!ground.ok) return refuse(terminal, ground.problems);
  void rememberNodes(terminal, client, ground.value);
  const node = await oneNode(terminal, ground.value, options.node);
  if (!node.ok) return refuse(terminal, node.problems, furtherSearch(ground.value, [options.node]));
  const progress = showProgress(terminal, options.json);
  const connecting = { terminal, options, client, ground: ground.value, plugin, progress, login };
  const asked = await requestFor(connecting, node.value);
  if (!asked.ok) return refuse(terminal, asked.problems);
  try {
    const { awaited, interrupted } = await wait(connecting, asked.value, longest);
    if (awaited.got === "grant") return await use(connecting, node.value, awaited.grant);
    return notGranted(connecting, asked.value.request, { awaited, interrupted });
  } catch (error) {
    if (!(error instanceof UntrustedCredentials)) throw error;
    terminal.err(`${painter(terminal.errColours)("bad", "error")}: ${error.message} [${error.code}]\n`);
    return exitCode.notOk;
  }
}

/** Undefined: for ever. In milliseconds. */
function readWait(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new Error(`--wait: expected a duration such as \`30m\`, got \`${text}\``);
  return seconds * 1_000;
}

/** What is open or asked already, or a new request. */
async function requestFor(
  { terminal, options, client, ground, progress, login }: Connecting,
  node: Node,
): Promise<Parsed<AwaitedRequest>> {
  const need = needOf(options, node);
  const mine = need && (await findMine(client, { login, ground, need }));
  if (mine !== undefined) {
    const { request, url, state } = mine;
    progress.tell("found", `goes on with #${request} (${state}), ${url}`, { request, url, state });
    return accepted({ request, isNew: false });
  }
  const prepared = await prepare(terminal, ground, [node.id], options);
  if (!prepared.ok) return prepared;
  const { request, url } = await openIssue(client, prepared.value);
  progress.tell("asked", `asked as #${request}, ${url}`, { request, url });
  return accepted({ request, isNew: true });
}

/** Undefined: it is none that could be asked for, which asking will say. */
function needOf({ access, forward }: ConnectOptions, node: Node) {
  const mode = accessModes.find((each): each is AccessMode => each === access);
  return mode && { node, access: mode, ...(forward === undefined ? {} : { forward }) };
}

async function wait(
  { terminal, options, client, ground, progress, login }: Connecting,
  asked: AwaitedRequest,
  longest: number | undefined,
): Promise<Waited> {
  const { unseal, recipient } = await ownKey(terminal, options, progress);
  const stop = new AbortController();
  const timer = longest === undefined ? undefined : setTimeout(() => stop.abort("waited"), longest);
  const listenNoMore = terminal.onInterrupt?.(() => stop.abort("interrupted"));
  try {
    const app = ground.config.app;
    const deps = { client, unseal, recipient, whoAmI, login, app, signal: stop.signal };
    // the time is there, and is not there later
    loadClients().catch(() => {});
    const awaited = await awaitGrant({ ...deps, onLook: progress.look }, asked);
    return { awaited, interrupted: stop.signal.reason === "interrupted" };
  } finally {
    clearTimeout(timer);
    listenNoMore?.();
    progress.stop();
  }
}

interface Waited {
  readonly awaited: Awaited;
  readonly interrupted: boolean;
}

async function ownKey(
  terminal: Terminal,
  { identity }: ConnectOptions,
  progress: Progress,
): Promise<IdentityFile> {
  const file = identityPath(terminal, identity);
  const found = await readIdentity(file, terminal.env);
  if (found !== undefined) {
    warnOfReaders(found, (text) => progress.tell("warning", text, { text }));
    return found;
  }
  const made = await makeIdentity(file, { postQuantum: false });
  const { recipient } = made;
  progress.tell("key", `made your key, ${file}`, { file, recipient });
  return made;
}

function notGranted(
  { options, progress }: Connecting,
  number: number,
  {
    awaited,
    interrupted,
  }: { readonly awaited: Exclude<Awaited, { got: "grant" }>; readonly interrupted: boolean },
): ExitCode {
  const { request, state, url, status } = awaited.shown;
  if (awaited.got === "over") {
    const why = status === undefined ? state : plainText(status.body);
    progress.tell("over", `${why}\n\n${url}`, { request, state, url });
    return exitCode.notOk;
  }
  const back = wayBack(options);
  const text = [
    `#${number} stands (${state}).`,
    `  \`${back}\` goes on with it`,
    `  \`hallpass cancel ${number}${inRepo(options)}\` withdraws it`,
  ].join("\n");
  progress.tell("waiting", text, { request, state, url, back });
  return interrupted ? exitCode.interrupted : exitCode.stillWaiting;
}

const inRepo = ({ repo }: ConnectOptions): string => (repo === undefined ? "" : ` --repo ${repo}`);

/** Without the key that was named, another would be made and posted. */
const withKey = ({ identity }: ConnectOptions): string =>
  identity === undefined ? "" : ` --identity ${quoteWord(identity, "posix")}`;

/** The same command, without what was asked with it. */
function wayBack(options: ConnectOptions): string {
  const { node, access, forward, localPort } = options;
  const mode = access === "shell" ? "" : ` --access ${access}`;
  const to = forward === undefined ? "" : ` --forward ${forward}`;
  const port = localPort === undefined ? "" : ` --local-port ${localPort}`;
  return `hallpass connect ${quoteWord(node, "posix")}${mode}${to}${port}${inRepo(options)}${withKey(options)}`;
}

/** The document is the one that the session policy allows; the record says which. */
function askOf({ request }: TakenGrant["record"], node: Node, localPort: string | undefined) {
  const { access, forward = "", reason } = request;
  const kind = access === "port-forward" ? { mode: access, forward } : { mode: access };
  return {
    node: node.id,
    document: documentName(kind, request.for),
    reason,
    ...(localPort === undefined ? {} : { localPort }),
  };
}

async function use(
  connecting: Connecting,
  node: Node,
  { record, credentials }: TakenGrant,
): Promise<ExitCode> {
  const { terminal, options, plugin, progress } = connecting;
  const { request, granted, subject } = record;
  const issued = credentials.find(
    ({ account, region }) => account === node.account && region === node.region,
  );
  if (issued === undefined || !record.nodes.some((each) => nodeKey(each) === nodeKey(node)))
    throw new Error(`#${subject.number} is open, but not for ${nodeKey(node)}; ask for it in a new request`);
  const until = formatInstant(granted.until);
  const { number } = subject;
  const open = { request: number, node: node.id, account: node.account, region: node.region, until };
  progress.tell("open", `#${number} is open until ${when(granted.until)}`, open);
  if (request.access === "ssh" && terminal.ask !== undefined) {
    terminal.out(`${sshLine(terminal, options, node)}\n`);
    return exitCode.ok;
  }
  const localPort = forwards(request.access) ? (options.localPort ?? (await freePort())) : undefined;
  const ask = askOf(record, node, localPort);
  const session = await openSession(terminal, plugin, issued, ask);
  progress.tell("session", toUse(request, node.name ?? node.id, localPort), {
    session: session.id,
    document: ask.document,
    ...(localPort === undefined ? {} : { localPort: Number(localPort) }),
  });
  const { code, cut } = await session.run(request.access === "shell" ? terminal.piped : undefined);
  const text = [
    cut ?? (code === 0 ? "the session has ended" : `the session ended with ${code}`),
    `  \`${wayBack(options)}\` opens another until ${when(granted.until)}`,
    `  \`hallpass revoke ${number}${inRepo(options)}\` ends the access now`,
  ].join("\n");
  progress.tell("ended", text, { session: session.id, code, ...(cut === undefined ? {} : { cut }) });
  return code === 0 && cut === undefined ? exitCode.ok : exitCode.notOk;
}

/** Started by `ssh`, this very command is the stream: its standard input is no terminal then. */
function sshLine(terminal: Terminal, options: ConnectOptions, node: Node): string {
  const program = wordsOf(terminal)
    .map((word) => quoteWord(word))
    .join(" ");
  // ssh reads `%` itself
  const [before, after] = [program, `${inRepo(options)}${withKey(options)}`].map((words) =>
    words.replaceAll("%", "%%"),
  );
  const command = `${before} connect %h --access ssh${after}`;
  return `ssh -o ProxyCommand="${command.replace(/["$`]/g, "\\$&")}" ${node.id}`;
}
