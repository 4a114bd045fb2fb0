// What the help promises: every command has examples and its exit codes, and the README's table says the same.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { emptyFolder, hallpass } from "./folder.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const section = /^## From the terminal$([\s\S]*?)^## /m.exec(readme)?.[1] ?? "";
const rows = [...section.matchAll(/^\| `hallpass ([^`]+)` \| (.+) \|$/gm)].map(
  ([, usage = "", what = ""]) => ({
    usage,
    what,
    name: usage.split(" ")[0] ?? "",
  }),
);

/** These print what another program reads, and nothing else. */
const forOthers = ["credentials", "completion"];

const help = async (...args: readonly string[]) => {
  const { code, out, err } = await hallpass([...args, "--help"], { cwd: emptyFolder() });
  expect([code, err]).toEqual([0, ""]);
  return out;
};
const oneLine = (text: string): string => text.replace(/\s+/g, " ");

test("the README's table has the commands of operators and approvers, in the help's order", async () => {
  const listed = [...(await help()).matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  const names = rows.map(({ name }) => name);
  expect(names).toHaveLength(17);
  expect(listed.slice(0, names.length)).toEqual(names);
});

describe.each(rows)("hallpass $name", ({ usage, what, name }) => {
  test("its help says what the README says, with exit codes, examples, and what --json has", async () => {
    const text = await help(name);
    const [, ...args] = usage.split(" ");
    expect(text).toContain([`Usage: hallpass ${name} [options]`, ...args].join(" "));
    expect(oneLine(text)).toContain(what);
    expect(oneLine(text)).toMatch(/Exits with 0 when/);
    expect(text).toMatch(/^Examples:\n(?: {2}\$ .*\n)+/m);
    expect(text).toContain(`hallpass ${name}`);
    if (forOthers.includes(name)) return;
    expect(oneLine(text)).toMatch(/--json (?:one JSON (?:object|array)|progress as JSON)/);
  });
});
