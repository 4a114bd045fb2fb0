// A real terminal around a command, and what a person sees in it: a pseudo-terminal of the system's, and a screen that reads what it writes.

import { spawn } from "@lydell/node-pty";
import headless from "@xterm/headless";

export type Screen = InstanceType<typeof headless.Terminal>;

export interface PseudoTerminal {
  /** The screen and all that has scrolled off it, lines without the spaces at their ends. */
  readonly text: () => string;
  readonly screen: Screen;
  readonly type: (text: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  /** Waits until it is on the screen. Rejects with the screen when it does not come. */
  readonly shows: (what: string | RegExp, timeout?: number) => Promise<void>;
  /** The exit code, when everything it wrote is on the screen. */
  readonly ended: Promise<number>;
  readonly kill: () => void;
}

export interface Started {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
}

export function startInTerminal(started: Started): PseudoTerminal {
  const { command, args, cwd, env, columns = 100, rows = 40 } = started;
  const screen = new headless.Terminal({
    cols: columns,
    rows,
    scrollback: 1_000,
    allowProposedApi: true,
  });
  const pty = spawn(command, [...args], {
    name: "xterm-256color",
    cols: columns,
    rows,
    cwd,
    env: { ...env, TERM: "xterm-256color" },
  });
  let written = Promise.resolve();
  let seen = () => {};
  pty.onData((data) => {
    written = new Promise((resolve) =>
      screen.write(data, () => {
        resolve();
        seen();
      }),
    );
  });
  const ended = new Promise<number>((resolve) =>
    pty.onExit(({ exitCode }) => void written.then(() => resolve(exitCode))),
  );
  const text = () => textOf(screen);
  return {
    text,
    screen,
    ended,
    type: (typed) => pty.write(typed),
    resize: (to, high) => {
      screen.resize(to, high);
      pty.resize(to, high);
    },
    shows: (what, timeout = 20_000) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (typeof what === "string" ? !text().includes(what) : !what.test(text())) return;
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(
          () => reject(new Error(`the terminal never showed ${what}; it shows:\n${text()}`)),
          timeout,
        );
        seen = look;
        look();
      }),
    kill: () => pty.kill("SIGKILL"),
  };
}

export function textOf({ buffer: { active } }: Screen): string {
  const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row));
  return lines
    .map((line) => `${line?.isWrapped === true ? "" : "\n"}${line?.translateToString(true) ?? ""}`)
    .join("")
    .trim();
}
