// `hallpass connect` with a pipe for standard input: the shell goes on while the node answers, and is let go when nobody is left to talk to.

import { dirname } from "node:path";
import { execPath } from "node:process";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { carryPiped } from "../../cli/piped-shell.ts";
import { granted, withGrants } from "./granted.ts";

const open = withGrants();
const bin = fileURLToPath(new URL("../../sandbox/aws/bin", import.meta.url));
const env = { PATH: `${bin}:${dirname(execPath)}:/usr/bin:/bin` };
const { id } = granted[0];

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

function connecting() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let shown = "";
  output.on("data", (text: Buffer) => (shown += text));
  const ended = open.as("alice", ["connect", id, "--json"], { env, piped: { input, output } });
  return { input, output, shown: () => shown, ended };
}

const lastOf = (err: string): unknown => JSON.parse(err.trimEnd().split("\n").at(-1) ?? "");

test("input that ends without exit: the node is heard out, then the session is ended, exit 1", {
  timeout: 60_000,
}, async () => {
  const { input, shown, ended } = connecting();
  input.end("hostname\n");
  await expect.poll(shown, { timeout: 15_000 }).toContain(`$ hostname\n${id}\n`);
  vi.advanceTimersByTime(10_000);
  const { code, err } = await ended;
  expect([code, lastOf(err)]).toEqual([
    1,
    expect.objectContaining({
      event: "ended",
      code: 0,
      cut: "standard input ended without `exit`, and nothing came for 10 seconds",
    }),
  ]);
  expect(shown()).toContain("was ended: terminated");
});

test("input that ends with exit: all answers come, exit 0", { timeout: 60_000 }, async () => {
  const { input, shown, ended } = connecting();
  input.end("hostname\nexit\n");
  const { code, err } = await ended;
  expect([code, lastOf(err)]).toEqual([0, expect.not.objectContaining({ cut: expect.anything() })]);
  expect(shown()).toMatch(new RegExp(`\\$ hostname\\n${id}\\n\\$ exit\\nExiting session\\.\\n$`));
});

function carried() {
  const [input, stdin, stdout, output] = [
    new PassThrough(),
    new PassThrough(),
    new PassThrough(),
    new PassThrough({ highWaterMark: 4 }),
  ];
  output.on("error", () => {});
  const alone = vi.fn<(why: string) => void>();
  const stop = carryPiped({ input, output }, { stdin, stdout } as never, alone);
  return { input, stdin, stdout, output, alone, stop };
}

const soon = () => new Promise(setImmediate);

test("silence counts from the end of the input, and from the last that came", async () => {
  const { input, stdin, stdout, output, alone, stop } = carried();
  output.resume();
  vi.advanceTimersByTime(60_000);
  expect(alone).not.toHaveBeenCalled();
  input.end("x");
  await soon();
  expect([String(stdin.read()), stdin.writableEnded]).toEqual(["x", false]);
  vi.advanceTimersByTime(9_000);
  stdout.write("y");
  await soon();
  vi.advanceTimersByTime(9_000);
  expect(alone).not.toHaveBeenCalled();
  vi.advanceTimersByTime(60_000);
  expect(alone).toHaveBeenCalledOnce();
  stop();
  expect(vi.getTimerCount()).toBe(0);
});

test("a reader who is slow is waited for, one who is gone is not", async () => {
  const { input, stdout, output, alone, stop } = carried();
  input.end();
  stdout.write("much to read");
  await soon();
  vi.advanceTimersByTime(60_000);
  expect(alone).not.toHaveBeenCalled();
  output.destroy(new Error("EPIPE"));
  await soon();
  expect(alone).toHaveBeenCalledExactlyOnceWith("nobody reads standard output any more");
  stop();
});
