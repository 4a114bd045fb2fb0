import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRequest } from "../../core/check-request.ts";
import { parseForm, renderForm } from "../../core/form.ts";
import { looksLikeHeading, requestFields } from "../../core/request-draft.ts";
import { codesOf, problemsOf, valueIn } from "./parsed.ts";
import { requests } from "./requests.ts";

const headings = ["Nodes", "Access", "Forward", "For", "Reason", "Ticket", "From"];
const filled: Readonly<Record<string, string>> = {
  Nodes: "i-0123456789abcdef0, web-1\nprod/eu-central-1/db-1",
  Access: "shell",
  Forward: "_No response_",
  For: "2h",
  Reason: "INC-1234 checkout is down",
  Ticket: "INC-1234",
  From: "_No response_",
};
const form = (fields: Readonly<Record<string, string>> = {}, order = headings): string =>
  order.map((heading) => `### ${heading}\n\n${{ ...filled, ...fields }[heading] ?? ""}\n`).join("\n");

describe("the form", () => {
  test("is cut at its headings", () => {
    expect(valueIn(parseForm(form()))).toEqual({
      origin: "form",
      nodes: ["i-0123456789abcdef0", " web-1", "prod/eu-central-1/db-1"],
      access: "shell",
      forward: "",
      for: "2h",
      reason: "INC-1234 checkout is down",
      ticket: "INC-1234",
      from: "",
    });
  });

  test("comes from the web with its line ends", () => {
    expect(parseForm(form().replaceAll("\n", "\r\n"))).toEqual(parseForm(form()));
  });

  test.each([
    ["```shell\nls -l\n```", "ls -l"],
    ["```\n# comment\n\n  two\n```", "# comment\n\n  two"],
    ["~~~\nx\n~~~", "x"],
    ["````\n```\nx\n```\n````", "```\nx\n```"],
    ["```\n_No response_\n```", "_No response_"],
    ["```\n\n```", ""],
    ["```\nnever closed", "```\nnever closed"],
    ["``` `x`\ny\n```", "``` `x`\ny\n```"],
    ["text\n```\nx\n```", "text\n```\nx\n```"],
    ["two\n\nparagraphs", "two\n\nparagraphs"],
    ["# a comment of a shell\n## and another", "# a comment of a shell\n## and another"],
    ["", ""],
  ])("a value %j is %j", (written, value) => {
    expect(valueIn(parseForm(form({ Reason: written }))).reason).toBe(value);
  });

  test.each([
    ["nothing", "", Array(7).fill("form.heading-missing")],
    ["a heading left out", form({}, headings.slice(0, 6)), ["form.heading-missing"]],
    ["another order", form({}, ["Access", "Nodes", ...headings.slice(2)]), ["form.heading-order"]],
    [
      "another order and one left out",
      form({}, ["Access", "Nodes", ...headings.slice(3)]),
      ["form.heading-missing", "form.heading-order"],
    ],
    ["a heading twice", `${form()}\n### From\n\nx\n`, ["form.heading-repeated"]],
    ["an unknown heading", `${form()}\n### Key\n\nage1\n`, ["form.heading-unknown"]],
    ["text before the form", `please\n${form()}`, ["form.heading-order"]],
    ["a heading before the form", `### Request\n${form()}`, ["form.heading-unknown"]],
    [
      "a reason that smuggles nodes",
      form({ Reason: "x\n### Nodes\n\ni-0000000000000000f" }),
      ["form.heading-repeated"],
    ],
    [
      "a reason that smuggles nodes in a fence",
      form({ Reason: "```\n### Nodes\ni-0000000000000000f\n```" }),
      ["form.heading-repeated"],
    ],
    [
      "a reason with spaces before the heading",
      form({ Reason: "x\n   ### Nodes\n\ni-1" }),
      ["form.heading-unknown"],
    ],
    ["a reason with another letter case", form({ Reason: "x\n### nodes\n\ni-1" }), ["form.heading-unknown"]],
    ["a reason with closing hashes", form({ Reason: "x\n### Nodes ###\n\ni-1" }), ["form.heading-unknown"]],
    ["a reason with a bigger heading", form({ Reason: "x\n# Nodes\n\ni-1" }), ["form.heading-unknown"]],
    ["a reason with a smaller heading", form({ Reason: "x\n#### Nodes" }), ["form.heading-unknown"]],
    [
      "a reason with a heading of its own",
      form({ Reason: "### Impact\nall down" }),
      ["form.heading-unknown"],
    ],
    ["a reason with hashes only", form({ Reason: "###" }), ["form.heading-unknown"]],
    ["a megabyte", form({ Reason: "x".repeat(1_048_576) }), ["form.too-large"]],
    ["64 KB in letters that take more", form({ Reason: "ü".repeat(33_000) }), ["form.too-large"]],
  ])("refuses %s", (_, body, codes) => {
    expect(codesOf(parseForm(body))).toEqual(codes);
  });

  test("names the field that a foreign heading stands in", () => {
    expect(problemsOf(parseForm(form({ Reason: "### Impact" })))[0]?.field).toBe("Reason");
    expect(problemsOf(parseForm(form({}, headings.slice(1))))[0]?.field).toBe("Nodes");
    expect(problemsOf(parseForm(`### X\n${form()}`))[0]).not.toHaveProperty("field");
  });

  test("renderForm and parseForm are inverse for every request", () => {
    fc.assert(
      fc.property(requests, (request) => {
        expect(valueIn(readRequest(valueIn(parseForm(renderForm(request)))))).toEqual(request);
      }),
      { numRuns: 500 },
    );
  });

  test("whatever stands in a field, no other field changes", () => {
    const piece = fc.constantFrom(
      "### ",
      "Nodes",
      "Reason",
      "\n",
      "\r\n",
      "\r",
      "#",
      "```",
      " ",
      "i-0",
      "_No response_",
      "\u2028",
      "\u000b",
      "x",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 15 }), (pieces) => {
        const cut = parseForm(form({ Reason: pieces.join("") }));
        if (!cut.ok) return;
        const { reason, ...others } = cut.value;
        expect(typeof reason).toBe("string");
        expect({ ...others, reason: "" }).toEqual({ ...valueIn(parseForm(form())), reason: "" });
      }),
      { numRuns: 2_000 },
    );
  });

  test("hostile bodies are answered at once", () => {
    const started = performance.now();
    for (const piece of ["#", "# ", "### ", " ", "```\n", "### Nodes\n", "_", "\n", "#\t"])
      parseForm(piece.repeat(65_536 / piece.length));
    for (const line of [`#${" ".repeat(60_000)}x`, `# nodes${" #".repeat(30_000)}x`]) looksLikeHeading(line);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

test.each([
  ["### Nodes", true],
  ["###", true],
  ["#######", true],
  ["###x", true],
  ["\t### x", true],
  ["# Nodes", true],
  ["## for ##", true],
  ["#reason", true],
  ["# formal", false],
  ["# ls -l", false],
  ["#12", false],
  ["Nodes", false],
  ["", false],
])("%j looks like a heading of the form: %s", (text, expected) => {
  expect(looksLikeHeading(text)).toBe(expected);
});

test("the fields are those of the form, in its order", () => {
  expect(requestFields.map((field) => field.toLowerCase())).toEqual(
    headings.map((heading) => heading.toLowerCase()),
  );
});
