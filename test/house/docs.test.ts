// What the documents promise of the repository: that it is there.

import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { codeIn, documents, readDocument, section, tableIn } from "./documents.ts";
import { filesBelow, root } from "./sources.ts";

const isThere = (path: string): boolean => existsSync(`${root}${path}`);
const folders = [...new Set(filesBelow("").map((path) => path.split("/")[0] ?? ""))].filter(
  (name) => !name.includes("."),
);

/** Made by a build, or only where the project runs as an access repo. */
const made = ["cli/dist", ".github/hallpass.yml", ".github/PULL_REQUEST_TEMPLATE.md"];

describe.each(documents)("%s", (path) => {
  const text = readDocument(path);

  test("each link to a file of ours leads to one", () => {
    const links = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, link]) => link ?? "");
    const ours = links.filter((link) => !/^https?:/.test(link));
    expect(ours.filter((link) => !isThere(posix.join(posix.dirname(path), link)))).toEqual([]);
  });

  test("each file that it names is there", () => {
    const named = codeIn(text)
      .map((code) => code.replace(/:\d+$/, ""))
      .filter((code) => /^[\w.-]+(?:\/[\w.-]+)*\/[\w.-]*$/.test(code) && isPath(code));
    expect(named.filter((code) => !isThere(code) && !made.includes(code))).toEqual([]);
  });

  test("each link leads to a heading that is there", () => {
    const anchors = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => anchorOf(title));
    expect(anchors.filter((anchor) => !headings.includes(anchor ?? ""))).toEqual([]);
  });

  test("tables are whole: every row has as many cells as its head", () => {
    const rows = text.replace(/^```[\s\S]*?^```/gm, "").split("\n");
    const torn = rows.filter((row, index) => {
      const above = rows[index - 1] ?? "";
      return row.startsWith("|") && above.startsWith("|") && cells(row) !== cells(above);
    });
    expect(torn).toEqual([]);
  });

  test("the text is plain: no character that cannot be seen, no line left to be written", () => {
    expect(text).not.toMatch(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/);
    expect(text).not.toMatch(/\b(?:TODO|FIXME|TBD|XXX|lorem ipsum)\b/i);
  });
});

const cells = (row: string): number => row.replaceAll("\\|", "").split("|").length;

/** Paths of branches (`active/12.yaml`) are not of this tree. */
const isPath = (code: string): boolean => {
  const [first = ""] = code.split("/");
  return folders.includes(first) || first === ".github";
};

const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

describe("SECURITY.md", () => {
  const rows = [
    "A person of the organization",
    "A stolen token of the App",
    "Text",
    "AWS",
    "The terminal",
    "The house",
  ].flatMap((title) => tableIn(section(readDocument(".github/SECURITY.md"), title)));

  test("every attack has what stops it, and a test that shows it", () => {
    expect(rows.length).toBeGreaterThan(25);
    for (const [attack, stops, shown] of rows) {
      expect(stops, attack).not.toBe("");
      expect(testsIn(shown), attack).not.toEqual([]);
    }
  });

  test.each(rows.map(([attack, , shown]) => [attack, shown]))("%s: the tests are there", (_, shown) => {
    for (const { file, name } of testsIn(shown)) {
      expect(isThere(file), file).toBe(true);
      expect(readFileSync(`${root}${file}`, "utf8").includes(`"${name}"`), `${file}: "${name}"`).toBe(true);
    }
  });
});

/** `test/whole/kill.test.ts`: "one name", "another name". */
function testsIn(cell = ""): readonly { readonly file: string; readonly name: string }[] {
  return [...cell.matchAll(/`([\w/.-]+\.test\.ts)`:((?:,? *"[^"]+")+)/g)].flatMap(
    ([, file = "", names = ""]) => [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => ({ file, name })),
  );
}
