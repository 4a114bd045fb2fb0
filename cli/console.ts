// `hallpass console ID`: signs in to AWS's pages with a grant's credentials, at the browser shell of its node.

import { spawn } from "node:child_process";
import * as z from "zod/mini";
import { whoAmI } from "../aws/as-operator.ts";
import { documentName } from "../aws/documents.ts";
import { formatInstant } from "../core/ids.ts";
import type { ActiveRecord } from "../core/record.ts";
import type { GrantedCredentials } from "../flow/seal.ts";
import { type TakenGrant, takeCredentials, UntrustedCredentials } from "../flow/take-credentials.ts";
import { chooseCredentials } from "./credentials.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { requireIdentity } from "./identity.ts";
import { pick } from "./pick.ts";
import { signInHere } from "./sign-in.ts";
import { requestNumber } from "./status.ts";
import { painter, type Terminal } from "./terminal.ts";

export interface ConsoleOptions {
  readonly id: string;
  readonly repo?: string;
  readonly identity?: string;
  /** `account/region`. */
  readonly place?: string;
  /** Id or name of one of the grant's. */
  readonly node?: string;
  readonly print: boolean;
  readonly json: boolean;
}

export async function openConsole(terminal: Terminal, options: ConsoleOptions): Promise<ExitCode> {
  const number = requestNumber(options.id);
  const client = await signInHere(terminal, options.repo);
  const { unseal } = await requireIdentity(terminal, options.identity);
  try {
    const taken = await takeCredentials({ client, unseal, whoAmI }, number);
    const node = await chooseNode(terminal, taken.record, options);
    const credentials = chooseCredentials(taken.credentials, `${node.account}/${node.region}`);
    const url = await loginUrl(terminal.env, credentials, node.id);
    if (!options.print) await openInBrowser(terminal.env, url);
    tell(terminal, taken, { ...options, node, url });
    return exitCode.ok;
  } catch (error) {
    if (!(error instanceof UntrustedCredentials)) throw error;
    terminal.err(`${painter(terminal.errColours)("bad", "error")}: ${error.message} [${error.code}]\n`);
    return error.code === "config" ? exitCode.cannotRun : exitCode.notOk;
  }
}

type Pinned = ActiveRecord["nodes"][number];

async function chooseNode(
  terminal: Terminal,
  { request, nodes }: ActiveRecord,
  { id, node: wanted, place }: ConsoleOptions,
): Promise<Pinned> {
  if (request.access !== "shell")
    throw new Error(
      `#${id.replace("#", "")} is for ${request.access}, and a browser opens shells; \`hallpass connect\` uses it`,
    );
  const fitting = nodes.filter(
    (node) =>
      (place === undefined || place === `${node.account}/${node.region}`) &&
      (wanted === undefined || wanted === node.id || wanted === node.name),
  );
  const [only, another] = fitting;
  if (only !== undefined && another === undefined) return only;
  const choices = fitting.map((node) => ({ label: labelOf(node), value: node }));
  const picked = fitting.length === 0 ? undefined : await pick(terminal, "Which node?", choices);
  if (picked !== undefined) return picked;
  const all = (fitting.length === 0 ? nodes : fitting).map(labelOf).join(", ");
  throw new Error(`the grant is for ${all}; choose one with --node, or with --place account/region`);
}

const labelOf = ({ account, region, id, name }: Pinned): string =>
  `${account}/${region}/${name ?? id} (${id})`;

function tell(
  { out, err }: Terminal,
  { record }: TakenGrant,
  {
    node,
    url,
    print,
    json,
  }: Pick<ConsoleOptions, "print" | "json"> & { readonly node: Pinned; readonly url: string },
): void {
  const { request, granted, subject } = record;
  const { account, region, id } = node;
  const until = formatInstant(granted.until);
  const told = { request: subject.number, node: id, account, region, until, opened: !print };
  if (json) out(`${JSON.stringify({ ...told, ...(print ? { url } : {}) })}\n`);
  else if (print) out(`${url}\n`);
  if (print) err("this link is a secret: for 15 minutes it signs in whoever has it\n");
  else if (!json) err(`opened ${labelOf(node)} in your browser; access ends at ${until}\n`);
  const document = documentName({ mode: "shell" }, request.for);
  if (!json)
    err(
      `AWS's page starts its own default document, and this grant only ${document}: where the page is refused, use \`hallpass connect ${node.name ?? id}\`\n`,
    );
}

/** By the Region's partition. */
export function consoleHosts(region: string): { readonly signIn: string; readonly pages: string } {
  const domain = region.startsWith("cn-")
    ? "amazonaws.cn"
    : region.startsWith("us-gov-")
      ? "amazonaws-us-gov.com"
      : "aws.amazon.com";
  return { signIn: `https://signin.${domain}`, pages: `https://${region}.console.${domain}` };
}

/** Where AWS shows a shell on one node. */
export const shellPage = (region: string, node: string): string =>
  `${consoleHosts(region).pages}/systems-manager/session-manager/${encodeURIComponent(node)}?region=${region}`;

/**
 * Signs in for as long as the credentials are good. INVARIANT: never with a SessionDuration, which would let the browser's session outlive them (and which AWS refuses
 * for credentials that come from others).
 */
async function loginUrl(
  env: Terminal["env"],
  credentials: GrantedCredentials,
  node: string,
): Promise<string> {
  const { region, AccessKeyId, SecretAccessKey, SessionToken } = credentials;
  const base = env["AWS_ENDPOINT_URL_SIGNIN"] || env["AWS_ENDPOINT_URL"] || consoleHosts(region).signIn;
  const federation = `${base.replace(/\/+$/, "")}/federation`;
  const session = { sessionId: AccessKeyId, sessionKey: SecretAccessKey, sessionToken: SessionToken };
  // in a body: addresses end up in logs
  const answer = await fetch(federation, {
    method: "POST",
    body: new URLSearchParams({ Action: "getSigninToken", Session: JSON.stringify(session) }),
    redirect: "error",
    signal: AbortSignal.timeout(20_000),
  }).catch(() => {
    throw new Error(`AWS's sign-in (${federation}) cannot be reached; check your connection, and try again`);
  });
  const token = answer.ok ? signInToken.safeParse(await answer.json().catch(() => undefined)) : undefined;
  if (token?.success !== true)
    throw new Error(
      `AWS does not sign in with these credentials (${answer.status}); have they ended? \`hallpass status\` says`,
    );
  const login = new URLSearchParams({
    ...{ Action: "login", Issuer: "hallpass", Destination: shellPage(region, node) },
    SigninToken: token.data.SigninToken,
  });
  return `${federation}?${login}`;
}

const signInToken = z.object({ SigninToken: z.string() });

const openers: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};

/** How long a browser may take to say that it cannot; one that is started here goes on. */
const patience = 3_000;

async function openInBrowser(env: Terminal["env"], url: string): Promise<void> {
  const [opener, ...args] = openers[process.platform] ?? ["xdg-open"];
  // a browser has no use for the secrets of this environment
  const { GH_TOKEN: _, GITHUB_TOKEN: __, PRIVATE_KEY: ___, ...others } = env;
  const failed = await new Promise<boolean>((resolve) => {
    const child = spawn(opener, [...args, url], { env: others, stdio: "ignore", detached: true });
    const timer = setTimeout(() => resolve(false), patience);
    child.once("error", () => resolve(true));
    child.once("exit", (code) => {
      clearTimeout(timer);
      resolve(code !== 0);
    });
    child.unref();
  });
  if (failed) throw new Error(`\`${opener}\` opens no browser here; --print gives the link`);
}
