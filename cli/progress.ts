// What is being waited for, on standard error: told as it changes, with one line below that counts the time on a terminal, or as JSON where that is wanted.

import { formatDuration } from "../core/duration.ts";
import type { Seconds } from "../core/ids.ts";
import type { ShownInFull } from "../flow/shown-requests.ts";
import { gist, levelsOf } from "./show-markdown.ts";
import { painter, type Terminal } from "./terminal.ts";
import { wrap } from "./wrap.ts";

export interface Progress {
  /** Something that happened. `event` and `fields` are for programs, `text` for people. */
  readonly tell: (event: string, text: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** How the request stands now. On a terminal, a line counts the time from the first look until `stop`. */
  readonly look: (shown: ShownInFull) => void;
  readonly stop: () => void;
}

export function showProgress(terminal: Terminal, json: boolean): Progress {
  const paint = painter(terminal.errColours);
  const clock = clockLine(terminal, json);
  let before = "";
  const tell: Progress["tell"] = (event, text, fields = {}) => {
    clock.clear();
    terminal.err(
      json ? `${JSON.stringify({ event, ...fields })}\n` : `${wrap(text, terminal.columns?.())}\n`,
    );
    clock.draw();
  };
  return {
    tell,
    stop: clock.stop,
    look: (shown) => {
      clock.start(shown);
      const { request, state, status, opened } = shown;
      // the line that counts says enough
      if (status === undefined && clock.counts) return;
      const { what, next, open } = status === undefined ? unanswered : gist(status.body);
      const levels = levelsOf(status?.body ?? "");
      // the label follows the comment, and for people that is no news
      const now = JSON.stringify([what, next, levels, ...(json ? [state] : [])]);
      if (now === before) return;
      before = now;
      const since = status?.updated ?? opened;
      const lines = [paint("strong", what), ...levels, ...(next === "" || open ? [] : [next])];
      tell("status", lines.join("\n  "), { request, state, what, next, levels, since });
    },
  };
}

const unanswered = { what: "Hallpass has not answered yet", next: "", open: false };

interface ClockLine {
  /** Whether there is one. */
  readonly counts: boolean;
  readonly start: (shown: ShownInFull) => void;
  readonly clear: () => void;
  readonly draw: () => void;
  readonly stop: () => void;
}

/** Nothing off a terminal. */
function clockLine(terminal: Terminal, json: boolean): ClockLine {
  const nothing = () => {};
  if (terminal.ask === undefined || json)
    return { counts: false, start: nothing, clear: nothing, draw: nothing, stop: nothing };
  const paint = painter(terminal.errColours);
  let since: string | undefined;
  let ticking: NodeJS.Timeout | undefined;
  const clear = () => {
    if (ticking !== undefined) terminal.err("\r\u001b[2K");
  };
  const draw = () => {
    if (ticking === undefined || since === undefined) return;
    // cut, for a line that wraps is two, of which only one would be taken back
    const line = clockText(since, Date.now()).slice(0, (terminal.columns?.() ?? 80) - 1);
    terminal.err(`\r\u001b[2K${paint("faint", line)}`);
  };
  return {
    counts: true,
    clear,
    draw,
    start: ({ opened }) => {
      since = opened;
      ticking ??= setInterval(draw, 1_000);
      draw();
    },
    stop: () => {
      clear();
      clearInterval(ticking);
      ticking = undefined;
    },
  };
}

/** No longer than a terminal of 60 columns is wide. `since` is ISO 8601, of GitHub's clock, which may be ahead of this one. */
function clockText(since: string, now: number): string {
  const seconds = Math.max(1, Math.round((now - Date.parse(since)) / 1_000)) as Seconds;
  return `${formatDuration(seconds)}, since ${since.slice(11, 16)} UTC; Ctrl-C leaves it standing`;
}
