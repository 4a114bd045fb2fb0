import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type FormatCodes, mostProblems, readYaml, type YamlValue } from "../../core/yaml-read.ts";
import { type Writable, writeYaml } from "../../core/yaml-write.ts";
import { codesOf, placesOf, problemsOf, valueIn } from "./parsed.ts";

const codes: FormatCodes = {
  tooLarge: "request.too-large",
  notYaml: "request.not-yaml",
  characters: "request.characters",
  unknownKey: "request.unknown-key",
  wrongType: "request.wrong-type",
};
const read = (text: string, maxBytes = 64 * 1024) => readYaml(text, { file: "f.yaml", codes, maxBytes });

/** The tree as plain JavaScript, scalars as written. */
function plain(value: YamlValue): unknown {
  if (value.kind === "scalar") return value.value;
  if (value.kind === "list") return value.items.map((item) => plain(item.value));
  return Object.fromEntries(value.entries.map((entry) => [entry.key, plain(entry.value)]));
}

describe("reading YAML", () => {
  test.each([
    ["a: 1\nb: [x, true, null, ~, '']\n", { a: 1, b: ["x", true, null, null, ""] }],
    ["", null],
    ["# only a comment\n", null],
    ["{a, b: }", { a: null, b: null }],
    ["- a\n- b: c\n", ["a", { b: "c" }]],
    ["[a: b]", [{ a: "b" }]],
    ["\uFEFFa: b\r\nc: d\r\n", { a: "b", c: "d" }],
    ["a: |\n  two\n  lines\n", { a: "two\nlines\n" }],
    ["a: >-\n  folded\n  line\n", { a: "folded line" }],
    ["1: x", { "1": "x" }],
    ["a: yes", { a: "yes" }],
    ["a: 2026-12-01T22:00:00Z", { a: "2026-12-01T22:00:00Z" }],
    ["---\na: b\n", { a: "b" }],
    ['"<<": {b: 2}', { "<<": { b: 2 } }],
    ["__proto__: x", Object.fromEntries([["__proto__", "x"]])],
  ])("%j", (text, expected) => {
    expect(plain(valueIn(read(text)))).toEqual(expected);
  });

  test("keeps what stands there", () => {
    const value = valueIn(read("a: 012345678901\nb: '1'\nc: 1e3\nd: ~\n"));
    const texts =
      value.kind === "map" ? value.entries.map(({ value: each }) => each.kind === "scalar" && each.text) : [];
    expect(texts).toEqual(["012345678901", "1", "1e3", "~"]);
  });

  test("knows the place of every value, key and item", () => {
    const value = valueIn(read("é: x\nlist:\n  -\n    - 1\n  - k: v\nflow: [a, {b: c}]\n"));
    const places: string[] = [];
    const walk = (each: YamlValue): void => {
      places.push(`${each.kind} ${each.place.line}:${each.place.column}`);
      if (each.kind === "list")
        for (const item of each.items) {
          places.push(`item ${item.place.line}:${item.place.column}`);
          walk(item.value);
        }
      if (each.kind === "map")
        for (const entry of each.entries) {
          places.push(`key ${entry.key} ${entry.place.line}:${entry.place.column}`);
          walk(entry.value);
        }
    };
    walk(value);
    expect(places).toEqual([
      "map 1:1",
      "key é 1:1",
      "scalar 1:4",
      "key list 2:1",
      "list 3:3",
      "item 3:3",
      "list 4:5",
      "item 4:5",
      "scalar 4:7",
      "item 5:3",
      "map 5:5",
      "key k 5:5",
      "scalar 5:8",
      "key flow 6:1",
      "list 6:7",
      "item 6:8",
      "scalar 6:8",
      "item 6:11",
      "map 6:11",
      "key b 6:12",
      "scalar 6:15",
    ]);
  });

  test.each([
    ["an anchor", "a: &x 1\n", "1:4"],
    ["an alias", "a: *x\n", "1:4"],
    ["a bomb of aliases", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "1:4"],
    ["an anchor on the document", "&x\na: 1\n", "1:1"],
    ["an anchor on a key", "&x a: 1\n", "1:1"],
    ["a tag", "a: !!str 1\n", "1:4"],
    ["a tag of somebody", "a: !!js/function x\n", "1:4"],
    ["a tag on a block", "a: !x |\n  b\n", "1:4"],
    ["a merge key", "a: 1\n<<: {b: 2}\n", "2:1"],
    ["a directive", "%YAML 1.1\n---\na: 1\n", "1:1"],
    ["two documents", "a: 1\n---\nb: 2\n", "2:1"],
    ["a key twice", "a: 1\nb: 2\na: 3\n", "3:1"],
    ["a key twice in two spellings", "a: 1\n'a': 3\n", "2:1"],
    ["a list as key", "? [a]\n: b\n", "1:3"],
    ["no key", ": x\n", "1:1"],
    ["an unclosed bracket", "a: [1\n", "2:1"],
    ["a bare handle", "levels: [@bob]\n", "1:10"],
    ["bad indentation", "a: 1\n b: 2\n", "1:4"],
    ["a tab as indentation", "a:\n\tb: 1\n", "2:1"],
  ])("refuses %s", (_, text, place) => {
    expect(placesOf(read(text))[0]).toBe(`request.not-yaml ${place}`);
  });

  test("says what to do about a bare handle", () => {
    expect(problemsOf(read("- @bob\n"))[0]?.message).toContain("quotes");
  });

  test.each([
    ["a: \u202ex\n", "1:4"],
    ["a: 1\nb: \u200bx\n", "2:4"],
    ["a: 1\r\nb: \u0000\n", "2:4"],
    ["a: \uFEFF\n", "1:4"],
    ["a: 1\rb: 2\n", "1:5"],
  ])("refuses what cannot be seen: %j", (text, place) => {
    expect(placesOf(read(text))).toEqual([`request.characters ${place}`]);
  });

  test("refuses what is too large, counted in bytes", () => {
    expect(placesOf(read("a: éé", 6))).toEqual(["request.too-large 1:1"]);
    expect(read("a: éé", 7).ok).toBe(true);
  });

  test("says no more than people read", () => {
    expect(problemsOf(read("[]".repeat(1_000)))).toHaveLength(mostProblems);
  });
});

describe("hostile YAML", () => {
  // 16 KB of `{` abort the whole process when they reach the library's composer
  test.each([
    "[",
    "{",
    "- ",
    "? ",
    "{a: ",
    "a: ",
    "[,",
    ": ",
    "[a,",
    "{? ",
    "- ? : ",
    "!a ",
    "&a ",
    '"',
    "[]",
    "{}",
    "%\n",
    "---\n",
    "*a ",
    "'",
    "|\n",
    "> ",
    "\t",
    "\n",
  ])("16 KB of %j are answered", (piece) => {
    const answer = read(piece.repeat(Math.floor(16_384 / piece.length)));
    expect(typeof answer.ok).toBe("boolean");
  });

  test("nesting has a limit", () => {
    expect(read("[".repeat(14) + "]".repeat(14)).ok).toBe(true);
    expect(codesOf(read("[".repeat(17) + "]".repeat(17)))).toEqual(["request.not-yaml"]);
  });

  test("no text throws, and what is read has no tag, anchor or alias in it", () => {
    const piece = fc.constantFrom(
      "a",
      "b: ",
      "- ",
      "? ",
      ": ",
      "[",
      "]",
      "{",
      "}",
      ",",
      "\n",
      "\n  ",
      "&x ",
      "*x",
      "!t ",
      "!!str ",
      "|\n",
      ">-\n",
      '"',
      "'",
      "#",
      "%",
      "---",
      "...",
      "<<",
      "@",
      "\t",
      "é",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const text = pieces.join("");
        const answer = read(text);
        if (answer.ok) expect(plain(answer.value)).toEqual(parse(text, { version: "1.2", schema: "core" }));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("writing YAML", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({
      unit: fc.constantFrom(
        "a",
        "1",
        ":",
        " ",
        "#",
        "-",
        "\n",
        '"',
        "'",
        "\\",
        "e",
        ".",
        "~",
        "{",
        "\u202e",
        "🎉",
        "\ud800",
        "\u0085",
      ),
    }),
    fc.constantFrom(
      "true",
      "No",
      "null",
      "~",
      "1",
      "012",
      "1e3",
      "0x1f",
      ".inf",
      "2h",
      "1d2h",
      "2026-12-01T22:00:00Z",
      "=",
      "<<",
      "- a",
      "a: b",
      "a #b",
      " a",
      "a ",
      "Y",
    ),
  );
  const { value: writable } = fc.letrec<{ value: Writable }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      text,
      fc.nat(),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(text, tie("value"), { maxKeys: 4, noNullPrototype: true }),
    ) as fc.Arbitrary<Writable>,
  }));

  test("every YAML reads back what was written", () => {
    fc.assert(
      fc.property(fc.dictionary(text, writable, { noNullPrototype: true }), (map) => {
        const written = writeYaml(map);
        expect(parse(written, { version: "1.2" })).toEqual(map);
        expect(
          parse(written, {
            version: "1.1",
            schema: "yaml-1.1",
            resolveKnownTags: false,
            customTags: (tags) =>
              tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:timestamp"),
          }),
        ).toEqual(map);
        expect(written).not.toMatch(/[\u202e\u0085\ud800-\udbff](?![\udc00-\udfff])/);
      }),
      { numRuns: 500 },
    );
  });

  test("is what a person would write", () => {
    expect(
      writeYaml({
        nodes: ["i-0123456789abcdef0", "web 01"],
        for: "2h",
        left: undefined,
        from: "2026-12-01T22:00:00Z",
        account: "012345678901",
        reason: "it's down: now",
        empty: [],
        none: {},
        id: 12,
        list: [{ a: "x", b: ["y"] }, ["z"], [], {}],
      }),
    ).toBe(`nodes:
  - i-0123456789abcdef0
  - web 01
for: 2h
from: 2026-12-01T22:00:00Z
account: "012345678901"
reason: "it's down: now"
empty: []
none: {}
id: 12
list:
  - a: x
    b:
      - "y"
  -
    - z
  - []
  - {}
`);
  });
});
