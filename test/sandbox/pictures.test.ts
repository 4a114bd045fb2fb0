// The README's pictures: each is there, each is shown, and what they picture is what there is. They are not made here; `sandbox/recordings/pictures.ts` does.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { describeApprove } from "../../cli/commands/approve.ts";
import { describeConnect } from "../../cli/commands/connect.ts";
import { ganttSvg } from "../../sandbox/recordings/gantt.ts";
import { masking } from "../../sandbox/recordings/mask.ts";
import { statusPage } from "../../sandbox/recordings/status-page.ts";
import { terminalSvg } from "../../sandbox/recordings/terminal-svg.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = ".github/images/";
const there = readdirSync(`${root}${folder}`);
const connect = readFileSync(`${root}${folder}connect.svg`, "utf8");

test("the README shows every picture, each with words for who cannot see it", () => {
  const readme = readFileSync(`${root}README.md`, "utf8");
  const shown = [...readme.matchAll(/!\[([^\]]*)\]\(\.github\/images\/([^)]+)\)/g)];
  expect(shown.map(([, , file]) => file).sort()).toEqual([...there].sort());
  for (const [, words = "", file] of shown) expect(words.length, file).toBeGreaterThan(20);
});

test.each(there)("%s is small", (file) => {
  expect(statSync(`${root}${folder}${file}`).size).toBeLessThan(file.endsWith(".svg") ? 60_000 : 150_000);
});

test("connect.svg pictures commands that there are, with options that they take", () => {
  const typed = [...connect.matchAll(/>\$ hallpass ([^<]+)</g)].map(([, line = ""]) => line.split(" "));
  const names = new Set(typed.map(([name]) => name));
  expect([...names].sort()).toEqual(["approve", "connect"]);
  for (const words of typed) {
    const program = new Command().exitOverride();
    let ran = 0;
    for (const describeIt of [describeConnect, describeApprove])
      describeIt(program, async () => {
        ran++;
      });
    program.parse(words, { from: "user" });
    expect(ran, words.join(" ")).toBe(1);
  }
});

test("nothing of the machine that made them is in them", () => {
  expect(connect).not.toMatch(/127\.0\.0\.1|localhost|\/tmp\/|\/home\/|\/work\//);
});

describe("what makes them", () => {
  const at = Date.parse("2031-05-05T10:20:31Z");
  const mask = masking(at, "/tmp/x", "http://127.0.0.1:4100");

  test.each([
    [
      "asked as #1, http://127.0.0.1:4100/acme/access/issues/1",
      "asked as #1, https://github.com/acme/access/issues/1",
    ],
    ["made your key, /tmp/x/alice/hallpass/identity", "made your key, ~/.config/hallpass/identity"],
    ["open until 2031-05-05 12:20:44 UTC", "open until 2026-12-02 00:00 UTC"],
    ["Asked: 2031-05-05 10:20 UTC", "Asked: 2026-12-01 22:00 UTC"],
    ["1m2s, since 10:20 UTC; Ctrl-C leaves it standing", "12s, since 22:00 UTC; Ctrl-C leaves it standing"],
    [`policies: "${"1a".repeat(20)}"`, "policies: 5eedc0ffee5eedc0ffee5eedc0ffee5eedc0ffee"],
  ])("%s is the same each time", (text, expected) => {
    expect(mask(text)).toBe(expected);
  });

  test("a terminal's text stays text, with no markup of its own", () => {
    const frame = { title: "alice", seconds: 1, lines: [[{ text: "<b> & ok", style: "good" }]] } as const;
    const svg = terminalSvg({ title: 'a "b"', columns: 10 }, [frame]);
    expect(svg).toContain('<tspan class="good">&#60;b&#62; &#38; ok</tspan>');
    expect(svg).toContain('aria-label="a &#34;b&#34;"');
  });

  test("a comment's code is not Markdown, its lists and boxes are", () => {
    const comment =
      "<!-- x -->\n### A: b\n\n> [!TIP]\n> **Next:** `a**b**<i>`\n\n- [x] **One**\n- two\n  - three";
    const page = statusPage(comment, 390);
    expect(page).toContain("<code>a&#42;&#42;b&#42;&#42;&#60;i&#62;</code>");
    expect(page).toContain('<input type="checkbox" disabled checked> <strong>One</strong>');
    expect(page).toContain("<li>two<ul><li>three</li></ul></li>");
  });

  test("a bar of the chart is as long as its time", () => {
    const lines = [
      "gantt",
      "Can be opened :active, 2026-01-05T12:00:00Z, 3600s",
      "Access at the earliest :done, 2026-01-05T12:30:00Z, 1800s",
    ];
    const widths = [...ganttSvg(lines, 564).matchAll(/<rect [^>]*width="(\d+)"/g)].map(([, width]) =>
      Number(width),
    );
    expect(widths).toEqual([400, 200]);
  });
});
