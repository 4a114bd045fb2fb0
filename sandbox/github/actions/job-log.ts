import { timestamp } from "../clock.ts";

// The log of a job as the runner writes it: workflow commands obeyed, every secret masked line by line.

export interface Annotation {
  level: "error" | "warning" | "notice";
  message: string;
  /** `file`, `line`, `title`, …, as given. */
  properties: Record<string, string>;
}

/** `set-output` and `save-state` on standard output: old, but obeyed where no file was given. */
export interface StepCommands {
  outputs: Record<string, string>;
  state: Record<string, string>;
}

export interface JobLog {
  addMask(secret: string): void;
  mask(text: string): string;
  /** Whether masking would change the text. */
  holdsSecret(text: string): boolean;
  /** A line of the runner's own; never a command. */
  say(line: string): void;
  /** What a step printed. */
  take(printed: string): StepCommands;
  /** Masked. With the time of each line, as `GET …/jobs/{id}/logs` shows it. */
  timed(): string;
  /** Masked, without times. */
  text(): string;
  /** What the steps printed, before any masking: for tests that prove nothing secret was printed. */
  unmaskedForTests(): string;
  annotations(): readonly Annotation[];
}

const COMMAND = /^::([\w-]+)(?: +(.*?))?::(.*)$/s;

export function createJobLog(options: { now: () => number; debug: boolean }): JobLog {
  // So that a secret inside another one does not leave the other's rest readable.
  let longestFirst: string[] = [];
  const lines: { at: number; line: string }[] = [];
  const raw: string[] = [];
  const annotations: Annotation[] = [];

  const mask = (text: string) => {
    let masked = text;
    for (const secret of longestFirst) masked = masked.replaceAll(secret, "***");
    return masked;
  };
  const addMask = (secret: string) => {
    longestFirst = [...new Set([...longestFirst, ...formsOf(secret)])].sort((a, b) => b.length - a.length);
  };
  const write = (line: string) => void lines.push({ at: options.now(), line: mask(line) });
  const annotate = (level: Annotation["level"], message: string, properties: Record<string, string>) => {
    annotations.push({ level, message: mask(message), properties });
    write(`##[${level}]${message}`);
  };

  const obey = (line: string, found: ParsedCommand, commands: StepCommands) => {
    const { name, properties, message } = found;
    if (name === "add-mask") {
      addMask(message);
      write("::add-mask::***");
    } else if (name === "error" || name === "warning" || name === "notice")
      annotate(name, message, properties);
    else if (name === "group") write(`##[group]${message}`);
    else if (name === "endgroup") write("##[endgroup]");
    else if (name === "debug") {
      if (options.debug) write(`##[debug]${message}`);
    } else if (name === "set-output") commands.outputs[properties["name"] ?? ""] = message;
    else if (name === "save-state") commands.state[properties["name"] ?? ""] = message;
    else write(line);
  };

  return {
    addMask,
    mask,
    holdsSecret: (text) => mask(text) !== text,
    say: write,
    take(printed) {
      raw.push(printed);
      const commands: StepCommands = { outputs: {}, state: {} };
      let stopped: string | undefined;
      for (const line of splitLines(printed)) {
        const found = parseCommand(line);
        if (stopped !== undefined) {
          if (line === `::${stopped}::`) stopped = undefined;
          write(line);
        } else if (found?.name === "stop-commands") {
          stopped = found.message;
          write(line);
        } else if (found) obey(line, found, commands);
        else write(line);
      }
      return commands;
    },
    timed: () => lines.map(({ at, line }) => `${timestamp(at).slice(0, -1)}.0000000Z ${line}\n`).join(""),
    text: () => lines.map(({ line }) => `${line}\n`).join(""),
    unmaskedForTests: () => raw.join(""),
    annotations: () => annotations,
  };
}

interface ParsedCommand {
  name: string;
  properties: Record<string, string>;
  message: string;
}

function parseCommand(line: string): ParsedCommand | undefined {
  const [, name, given = "", message = ""] = COMMAND.exec(line.trimStart()) ?? [];
  if (name === undefined) return undefined;
  const properties: Record<string, string> = {};
  for (const pair of given.split(",")) {
    const at = pair.indexOf("=");
    if (at > 0) properties[pair.slice(0, at).trim()] = unescapeCommand(pair.slice(at + 1));
  }
  return { name: name.toLowerCase(), properties, message: unescapeCommand(message) };
}

function unescapeCommand(value: string): string {
  return value
    .replaceAll("%0D", "\r")
    .replaceAll("%0A", "\n")
    .replaceAll("%3A", ":")
    .replaceAll("%2C", ",")
    .replaceAll("%25", "%");
}

/** A secret, its lines, and the encodings the runner also hides. */
function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  const plain = [secret, secret.trim(), ...lines].filter((form) => form.length > 0);
  const encoded = plain.flatMap((form) => [
    JSON.stringify(form).slice(1, -1),
    encodeURIComponent(form),
    Buffer.from(form).toString("base64"),
  ]);
  return [...plain, ...encoded];
}

function splitLines(printed: string): string[] {
  const lines = printed.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
