import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  escapeHidden,
  hiddenCharacter,
  inertMarkdown,
  quoted,
  shown,
  unixLines,
  utf8Bytes,
  visible,
} from "../../core/text.ts";

describe("what nobody sees", () => {
  test.each([
    ["\u0000", "U+0000"],
    ["\u001b[31m", "U+001B"],
    ["\u007f", "U+007F"],
    ["\u0085", "U+0085"],
    ["\u00ad", "U+00AD"],
    ["\u061c", "U+061C"],
    ["\u200b", "U+200B"],
    ["\u200d", "U+200D"],
    ["\u200e", "U+200E"],
    ["\u2028", "U+2028"],
    ["\u202e", "U+202E"],
    ["\u2060", "U+2060"],
    ["\u2066", "U+2066"],
    ["\u3164", "U+3164"],
    ["\ufeff", "U+FEFF"],
    ["\ufff9", "U+FFF9"],
    ["\ud800", "U+D800"],
    ["\u{e0041}", "U+E0041"],
    ["\r", "U+000D"],
  ])("%j is found and named", (text, name) => {
    expect(hiddenCharacter(`ab${text}`)).toEqual({ index: 2, name });
    expect(visible(`ab${text[0] === "\u001b" ? "\u001b" : text}c`)).toBe(`ab[${name}]c`);
  });

  test.each(["plain", "two\nlines", "a\ttab", "Grüße, 日本語, مرحبا", "✓ 🎉 ❤️", ""])("%j is fine", (text) => {
    expect(hiddenCharacter(text)).toBeUndefined();
    expect(visible(text)).toBe(text);
  });

  test("escapes for double quotes say the same text", () => {
    expect(escapeHidden("a\u202eb\u{e0041}c\n")).toBe("a\\u202Eb\\U000E0041c\n");
  });
});

test("values in messages are one line, cut when long", () => {
  expect(quoted("a\nb\u202e")).toBe("`a b[U+202E]`");
  expect(shown("x".repeat(80))).toBe("x".repeat(80));
  expect(shown("🎉".repeat(81))).toBe(`${"🎉".repeat(79)}…`);
});

test("lines of the web and of old tools are lines", () => {
  expect(unixLines("a\r\nb\rc\n")).toBe("a\nb\nc\n");
  expect(utf8Bytes("ü🎉")).toBe(6);
});

/** What GitHub makes of inert text: tags part it, entities become characters. */
const rendered = (markdown: string): readonly string[] =>
  markdown
    .split(/<wbr>|(<br>)/)
    .filter((part) => part !== undefined)
    .map((part) =>
      part === "<br>" ? "\n" : part.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
    );

const expectInert = (text: string): void => {
  const markdown = inertMarkdown(text);
  // what Markdown itself sees: letters, digits, spaces, harmless punctuation, our entities and two tags
  const bare = markdown.replaceAll(/<wbr>|<br>|&#\d{2,3};/g, "");
  expect(bare).not.toMatch(/[!"#$&()*+:<=>@[\\\]^_`{|}~\n\r\t]/);
  expect(markdown).not.toMatch(/^(?:[-.\s]|\d{1,9}[.)])|www\.|\s$/i);
  const parts = rendered(markdown);
  for (const part of parts) {
    // what GitHub looks for in the finished text
    expect(part).not.toMatch(/@[a-z0-9]|#\d|\bgh-\d|\b(?:ghsa|cve)-\w|:\/\/|www\.|:[a-z0-9+_-]+:|\$.+\$/i);
    expect(part).not.toMatch(/[0-9a-f]{7}/i);
    expect(part).not.toMatch(/\S@\S/);
  }
  // and nothing is lost
  const lines = visible(unixLines(text).trim()).split("\n");
  expect(parts.join("")).toBe(lines.map((line) => line.trim().replace(/\s/g, " ")).join("\n"));
};

describe("inert Markdown", () => {
  test.each([
    "@alice @acme/devops-leads",
    "mail alice@example.com",
    "https://evil.example/ http://x ftp://y www.evil.example WWW.EVIL.EXAMPLE",
    "#12 acme/access#12 GH-12 gh-12 GHSA-jfh8-c2jp-5v3q CVE-2024-12345",
    "acme/access@0123456789abcdef0123456789abcdef01234567 0123456789ABCDEF 1234567",
    "[text](https://x) ![img](x) [ref]: x <https://x> [^1]",
    "<img src=x onerror=alert(1)><script>x</script><!-- hallpass:status --> &lt;b&gt; &#64;alice",
    "```\n@alice\n```\n~~~\n`code` ``x``",
    "# heading\n### Nodes\n- item\n+ item\n* item\n1. item\n1) item\n> quote\n---\n===\n- [ ] task",
    "a | b\n--- | ---\n1 | 2",
    "*em* _em_ **b** ~~s~~ :tada: $x$ $$y$$ \\* \\@alice",
    "::error::x\n##[error]x\n::add-mask::y",
    "> [!CAUTION]\n> fake",
    "1.5 hours\n1. x",
    "-- x",
    "...",
    "12345678. x",
    "fixes #1, closes acme/x#2",
    "\u202eevil\u0000",
    "   indented\n\ttab\n\n\n  end   ",
    "",
  ])("%j", expectInert);

  test("nothing gets out of any text", () => {
    const hostile = fc.constantFrom(
      "@",
      "#",
      ":",
      "/",
      "http://",
      "www.",
      "gh-",
      "<",
      ">",
      "`",
      "```",
      "|",
      "\n",
      "\r\n",
      " ",
      "    ",
      "-",
      "1.",
      "1)",
      "&#64;",
      "&",
      "\\",
      "[",
      "](",
      "!",
      "*",
      "_",
      "~",
      "$",
      "=",
      "<!--",
      "-->",
      "abcdef0",
      "1234567",
      "alice",
      "acme/x",
      "\u200b",
      "\u202e",
      "\0",
      "é",
      "🎉",
    );
    fc.assert(fc.property(fc.array(hostile, { maxLength: 30 }), (parts) => expectInert(parts.join(""))));
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), expectInert));
  });

  test("stays readable", () => {
    expect(inertMarkdown("INC-1234 checkout is down, see r2d2-app-01")).toBe(
      "INC-1234 checkout is down, see r2d2-app-01",
    );
  });

  test("takes no more than linear time", () => {
    const started = performance.now();
    inertMarkdown(`${" ".repeat(60_000)}x${" ".repeat(60_000)}`);
    inertMarkdown("1".repeat(60_000));
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
