// What is being waited for, on standard error: one line that changes on a terminal, a line a change elsewhere, JSON where that is wanted.

import type { ShownInFull } from "../flow/shown-requests.ts";
import { gist } from "./show-markdown.ts";
import { painter, type Terminal } from "./terminal.ts";

export interface Progress {
  /** Something that happened. `event` and `fields` are for programs, `text` for people. */
  readonly tell: (event: string, text: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** How the request stands now. */
  readonly look: (shown: ShownInFull) => void;
}

export function showProgress(terminal: Terminal, json: boolean): Progress {
  const paint = painter(terminal.errColours);
  const live = terminal.ask !== undefined && !json;
  let before = "";
  const clear = live ? "\r\u001b[2K" : "";
  const tell: Progress["tell"] = (event, text, fields = {}) =>
    terminal.err(json ? `${JSON.stringify({ event, ...fields })}\n` : `${clear}${text}\n`);
  return {
    tell,
    look: (shown) => {
      const { request, state, status } = shown;
      const { what, next } =
        status === undefined ? { what: "Hallpass has not answered yet", next: "" } : gist(status.body);
      const since = status?.updated ?? shown.opened;
      // the label follows the comment, and for people that is no news
      const now = JSON.stringify([what, next, ...(json ? [state] : [])]);
      if (now !== before) tell("status", lines(what, next), { request, state, what, next, since });
      before = now;
      if (live)
        terminal.err(
          `${clear}${paint("faint", `waiting since ${clock(since)}; Ctrl-C leaves the request standing`)}`,
        );
    },
  };
}

const lines = (what: string, next: string): string => (next === "" ? what : `${what}\n  ${next}`);

/** `22:36:05 UTC` of an ISO 8601 time. */
const clock = (time: string): string => `${time.slice(11, 19)} UTC`;
