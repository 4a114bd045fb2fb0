// `hallpass completion SHELL`, and what its scripts ask at each press of the key: the words typed so far in, what may come next out.

import type { Command, Option } from "commander";
import { parseSelector } from "../core/selectors.ts";
import { completionScript, type Shell } from "./completion-scripts.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { remoteOf } from "./git-remote.ts";
import { knownNodes, knownRequests, refresh } from "./known-names.ts";
import { signInHere } from "./sign-in.ts";
import { quoteWord, wordsOf } from "./started-as.ts";
import type { Terminal } from "./terminal.ts";

export interface CompletionOptions {
  readonly shell: Shell;
}

export interface CompleteOptions {
  /** After the program's name; the last is the one that is being typed. */
  readonly words: readonly string[];
  readonly refresh?: "nodes" | "requests";
  readonly repo?: string;
}

export async function completion(terminal: Terminal, { shell }: CompletionOptions): Promise<ExitCode> {
  const command = wordsOf(terminal)
    .map((word) => quoteWord(word))
    .join(" ");
  terminal.out(completionScript(shell, command));
  return exitCode.ok;
}

/** Silent on any trouble: it is asked in the middle of somebody's line. */
export async function complete(
  terminal: Terminal,
  program: Command,
  options: CompleteOptions,
): Promise<ExitCode> {
  try {
    if (options.refresh !== undefined)
      await refresh(terminal, await signInHere(terminal, options.repo), options.refresh);
    else
      for (const { value, about } of await suggest(terminal, program, options.words))
        terminal.out(about === undefined ? `${value}\n` : `${value}\t${about}\n`);
  } catch {
    // nothing is suggested
  }
  return exitCode.ok;
}

interface Suggestion {
  readonly value: string;
  readonly about?: string;
}

/** The shell's own completion of files. */
const files: readonly Suggestion[] = [{ value: ":files" }];
const most = 1_000;

async function suggest(
  terminal: Terminal,
  program: Command,
  words: readonly string[],
): Promise<readonly Suggestion[]> {
  const current = words.at(-1) ?? "";
  const { command, operands, pending, only } = walk(program, words.slice(0, -1));
  const [, name, value] = (only ? undefined : /^(--[\w-]+)=(.*)$/s.exec(current)) ?? [];
  const option = pending ?? (name === undefined ? undefined : optionOf(command, name));
  const names: Names = { terminal, words };
  const all =
    option !== undefined
      ? await valuesOf(names, option)
      : current.startsWith("-") && !only
        ? optionsOf(command)
        : command.commands.length > 0
          ? commandsOf(command)
          : await operandsOf(names, command, operands);
  if (all === files) return files;
  const typed = value ?? current;
  const prefix = value === undefined ? "" : `${name}=`;
  return all
    .filter((each) => each.value.startsWith(typed))
    .slice(0, most)
    .map((each) => ({ ...each, value: `${prefix}${each.value}` }));
}

interface Place {
  readonly command: Command;
  readonly operands: readonly string[];
  /** Its value comes next. */
  readonly pending: Option | undefined;
  /** After `--`: no options any more. */
  readonly only: boolean;
}

function walk(program: Command, words: readonly string[]): Place {
  let [command, pending, only] = [program, undefined as Option | undefined, false];
  const operands: string[] = [];
  for (const word of words) {
    if (pending !== undefined) pending = undefined;
    else if (only) operands.push(word);
    else if (word === "--") only = true;
    else if (word.startsWith("-")) {
      const option = optionOf(command, word);
      if (option !== undefined && (option.required || option.optional)) pending = option;
    } else {
      const next = command.commands.find((each) => each.name() === word);
      if (next === undefined) operands.push(word);
      else command = next;
    }
  }
  return { command, operands, pending, only };
}

const optionOf = (command: Command, flag: string): Option | undefined =>
  command.options.find(({ long, short }) => flag === long || flag === short);

const optionsOf = (command: Command): readonly Suggestion[] =>
  [
    ...command.options.filter(({ hidden }) => !hidden),
    { long: "--help", description: "how to use it" },
  ].flatMap(({ long, description }) =>
    typeof long === "string" ? [{ value: long, about: gist(description) }] : [],
  );

const commandsOf = (command: Command): readonly Suggestion[] =>
  command.commands
    .filter((each) => !each.name().startsWith("_"))
    .map((each) => ({ value: each.name(), about: gist(each.description()) }));

const gist = (text: string): string => text.split(/[:;(]|\.(?: |$)/)[0]?.trim() ?? "";

interface Names {
  readonly terminal: Terminal;
  readonly words: readonly string[];
}

function operandsOf(
  names: Names,
  command: Command,
  { length }: readonly string[],
): Promise<readonly Suggestion[]> {
  const argument =
    command.registeredArguments[length] ?? command.registeredArguments.findLast(({ variadic }) => variadic);
  if (argument === undefined) return Promise.resolve([]);
  return valuesNamed(names, argument.name(), { choices: argument.argChoices, command: command.name() });
}

function valuesOf(names: Names, option: Option): Promise<readonly Suggestion[]> {
  const [, kind = ""] = /[<[]([^>\]]+)[>\]]/.exec(option.flags) ?? [];
  const known = ["--access", "--forward", "--node"].find((long) => long === option.long);
  return valuesNamed(names, known ?? kind, { choices: option.argChoices, command: "" });
}

/** @param kind - what the help calls the value. */
async function valuesNamed(
  names: Names,
  kind: string,
  { choices, command }: { readonly choices: readonly string[] | undefined; readonly command: string },
): Promise<readonly Suggestion[]> {
  if (choices !== undefined) return choices.map((value) => ({ value }));
  switch (kind) {
    case "file":
    case "folder":
    case "dir":
      return files;
    case "duration":
      return ["30m", "1h", "2h", "4h", "8h"].map((value) => ({ value }));
    case "id":
      return numbers(names, command);
    case "id-or-node":
      return [...(await numbers(names, command)), ...(await nodes(names))];
    case "node":
    case "--node":
    case "search":
      return nodes(names);
    case "--access":
    case "--forward": {
      const known = await read(names, knownNodes);
      return (kind === "--access" ? (known?.modes ?? ["shell"]) : (known?.forwards ?? [])).map((value) => ({
        value,
      }));
    }
    case "account/region": {
      const known = await read(names, knownNodes);
      return [...new Set(known?.nodes.map(({ place }) => place))].map((value) => ({ value }));
    }
    default:
      return [];
  }
}

/** By name; an id only once it is begun, as there are as many. What could not be asked for is left out. */
async function nodes(names: Names): Promise<readonly Suggestion[]> {
  const all = (await read(names, knownNodes))?.nodes ?? [];
  const byId = /^m?i-/.test(names.words.at(-1) ?? "");
  return all.flatMap(({ id, name, place }) => {
    const value = byId ? id : (name ?? id);
    if (value.startsWith("-") || value.startsWith(":") || !parseSelector(value).ok) return [];
    return [
      { value, about: byId && name !== undefined && parseSelector(name).ok ? `${place} ${name}` : place },
    ];
  });
}

async function numbers(names: Names, command: string): Promise<readonly Suggestion[]> {
  const known = await read(names, knownRequests);
  const all = ["approve", "reject"].includes(command) ? known?.forMe : known?.mine;
  return (all ?? []).map(({ request, about }) => ({
    value: String(request),
    about: about.replace(/[\p{C}\s]+/gu, " "),
  }));
}

async function read<T>(
  { terminal, words }: Names,
  known: (terminal: Terminal, repo: string) => Promise<T | undefined>,
): Promise<T | undefined> {
  const at = words.lastIndexOf("--repo");
  const typed =
    at === -1 ? words.findLast((word) => word.startsWith("--repo="))?.slice("--repo=".length) : words[at + 1];
  const repo = typed || terminal.env["HALLPASS_REPOSITORY"] || (await remoteOf(terminal.cwd))?.repo;
  return repo === undefined ? undefined : known(terminal, repo).catch(() => undefined);
}
