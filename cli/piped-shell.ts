// A shell whose standard input is no terminal: it is let go when the input is over and the node says nothing more.

import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";

export interface Piped {
  readonly input: Readable;
  readonly output: Writable;
}

/** How long the node may say nothing once the input is over. In seconds. */
const longestSilence = 10;

/**
 * Carries the input to the plugin and what it shows to the output; calls back, with the reason, when nobody is left to talk to. Gives what stops it.
 *
 * INVARIANT: the plugin never sees the end of its input. AWS's exits at once there, before the node's answers have come,
 * and leaves the session open. Nothing is typed in anybody's name either: `exit` could end something else than the shell.
 */
export function carryPiped(
  { input, output }: Piped,
  { stdin, stdout }: Pick<ChildProcess, "stdin" | "stdout">,
  alone: (why: string) => void,
): () => void {
  if (stdin === null || stdout === null) throw new Error("a plugin was started without streams");
  let [over, silent] = [input.readableEnded, 0];
  const isOver = () => {
    over = true;
  };
  input.once("end", isOver).once("error", isOver).pipe(stdin, { end: false });
  // it may have gone before all was read
  stdin.on("error", () => {});
  stdout.on("data", () => {
    silent = 0;
  });
  stdout.pipe(output, { end: false });
  const noReader = () => alone("nobody reads standard output any more");
  output.once("error", noReader);
  // counted, not timed once: where writing has blocked for long, what the node has said meanwhile is still to be read
  const seconds = setInterval(() => {
    silent = over && !output.writableNeedDrain ? silent + 1 : 0;
    if (silent === longestSilence)
      alone(`standard input ended without \`exit\`, and nothing came for ${longestSilence} seconds`);
  }, 1_000);
  return () => {
    clearInterval(seconds);
    output.off("error", noReader);
    // an input that goes on would keep the process
    input.destroy();
  };
}
