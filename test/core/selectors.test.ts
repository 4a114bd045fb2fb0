import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AccountId, NodeId, Region } from "../../core/ids.ts";
import type { AccountConfig } from "../../core/law.ts";
import { type Node, nodeKey, nodeType } from "../../core/node.ts";
import type { NodeSelector } from "../../core/request.ts";
import {
  describeNode,
  formatSelector,
  parseSelector,
  resolveNodes,
  stillNamed,
} from "../../core/selectors.ts";
import { codesOf, problemsOf, valueIn } from "./parsed.ts";

const node = (id: string, name: string | undefined, more: Partial<Node> = {}): Node => ({
  type: nodeType(id),
  account: "111122223333" as AccountId,
  region: "eu-central-1" as Region,
  id: id as NodeId,
  agent: "online",
  tags: {},
  ...(name === undefined ? {} : { name }),
  ...more,
});
const second = "444455556666" as AccountId;
const web1 = node("i-00000000000000001", "web-1", { tags: { Env: "Dev" } });
const web2 = node("i-00000000000000002", "web-2", { tags: { Env: "Dev", "a b": "x=y" } });
const twin = node("i-00000000000000003", "web-2", { account: second, tags: { Env: "Prod" } });
const nameless = node("mi-0000000000000000a", undefined, { region: "us-east-1" as Region });
const slash = node("i-00000000000000004", "a/b");
const inventory = [nameless, twin, slash, web2, web1];
const roles = { inventory: "", access: "", revoke: "" };
const accounts: readonly AccountConfig[] = [
  { id: "111122223333" as AccountId, regions: [], roles },
  { id: second, name: "prod", regions: [], roles },
];

describe("a selector", () => {
  test.each<[string, NodeSelector]>([
    ["i-0123456789abcdef0", { by: "id", id: "i-0123456789abcdef0" as NodeId }],
    ["mi-0123456789abcdef0", { by: "id", id: "mi-0123456789abcdef0" as NodeId }],
    ["web-1", { by: "name", name: "web-1" }],
    ["web 1 (old)", { by: "name", name: "web 1 (old)" }],
    ["i-like-trains", { by: "name", name: "i-like-trains" }],
    ["a/b", { by: "name", name: "a/b" }],
    ["a/b/c", { by: "name", name: "a/b/c" }],
    ["prod/eu-central-1/web-1", { by: "path", account: "prod", region: "eu-central-1", name: "web-1" }],
    ["prod/eu-central-1/a/b", { by: "path", account: "prod", region: "eu-central-1", name: "a/b" }],
    ["tag:Env=Dev", { by: "tag", key: "Env", value: "Dev" }],
    ["tag:a b=x=y", { by: "tag", key: "a b", value: "x=y" }],
    ["tag:/=/", { by: "tag", key: "/", value: "/" }],
    ["tag:a/b=c/", { by: "tag", key: "a/b", value: "c/" }],
  ])("%j", (text, selector) => {
    expect(parseSelector(text)).toEqual({ ok: true, value: selector });
  });

  test.each([
    ["", "request.node-malformed"],
    [" web", "request.node-malformed"],
    ["a\nb", "request.node-malformed"],
    ["a\tb", "request.node-malformed"],
    ["a,b", "request.node-malformed"],
    ["### Nodes", "request.node-malformed"],
    ["x".repeat(513), "request.node-malformed"],
    ["i-123", "request.node-malformed"],
    ["I-0123456789abcdef0", "request.node-malformed"],
    ["mi-0123456789abcdef", "request.node-malformed"],
    ["tag:Env", "request.node-malformed"],
    ["tag:Env=", "request.node-malformed"],
    ["tag:=Dev", "request.node-malformed"],
    ["prod/eu-central-1/", "request.node-malformed"],
    ["tagged/eu-central-1/", "request.node-malformed"],
    ["web\u202e", "request.characters"],
    ["web\u200b-1", "request.characters"],
  ])("%j is refused", (text, code) => {
    expect(codesOf(parseSelector(text))).toEqual([code]);
  });

  test("formatSelector is the inverse of parseSelector", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "i-", "0", "/", "eu-central-1", "tag:", "=", " ", "b"),
      maxLength: 12,
    });
    fc.assert(
      fc.property(text, (written) => {
        const selector = parseSelector(written);
        if (selector.ok) expect(formatSelector(selector.value)).toBe(written);
      }),
    );
  });
});

const resolve = (texts: readonly string[], maxNodes = 10) =>
  resolveNodes(
    texts.map((text) => valueIn(parseSelector(text))),
    { inventory, accounts, maxNodes, field: "Nodes" },
  );

describe("the nodes that selectors name", () => {
  test.each([
    [["i-00000000000000001"], [web1]],
    [["web-1"], [web1]],
    [["111122223333/eu-central-1/web-2"], [web2]],
    [["prod/eu-central-1/web-2"], [twin]],
    [["444455556666/eu-central-1/web-2"], [twin]],
    [["prod/eu-central-1/i-00000000000000003"], [twin]],
    [["tag:Env=Dev"], [web1, web2]],
    [["tag:a b=x=y"], [web2]],
    [["mi-0000000000000000a"], [nameless]],
    [["111122223333/us-east-1/mi-0000000000000000a"], [nameless]],
    [["a/b"], [slash]],
    [
      [
        "prod/eu-central-1/web-2",
        "mi-0000000000000000a",
        "tag:Env=Dev",
        "web-1",
        "i-00000000000000001",
        "web-1",
      ],
      [web1, web2, nameless, twin],
    ],
  ])("%j", (texts, nodes) => {
    expect(valueIn(resolve(texts))).toEqual(nodes);
  });

  test.each([
    ["an unknown id", ["i-00000000000000009"], ["request.node-unknown"]],
    ["an unknown name", ["web-3"], ["request.node-unknown"]],
    ["a name in other letter case", ["WEB-1"], ["request.node-unknown"]],
    ["an unknown account", ["test/eu-central-1/web-1"], ["request.node-unknown"]],
    ["another account's node", ["prod/eu-central-1/web-1"], ["request.node-unknown"]],
    ["another Region's node", ["prod/us-east-1/web-2"], ["request.node-unknown"]],
    ["a tag that nobody has", ["tag:Env=dev"], ["request.node-unknown"]],
    ["a tag that every object has", ["tag:constructor=x"], ["request.node-unknown"]],
    ["a name of two nodes", ["web-2"], ["request.node-ambiguous"]],
    ["each problem at once", ["web-2", "nope", "web-1"], ["request.node-ambiguous", "request.node-unknown"]],
  ])("%s is refused", (_, texts, codes) => {
    const answer = resolve(texts);
    expect(codesOf(answer)).toEqual(codes);
    expect(problemsOf(answer).every(({ field }) => field === "Nodes")).toBe(true);
  });

  test("too many are refused, counted after folding", () => {
    expect(codesOf(resolve(["tag:Env=Dev", "mi-0000000000000000a"], 2))).toEqual(["request.nodes-too-many"]);
    expect(codesOf(resolve(["tag:Env=Dev", "web-1", "i-00000000000000001"], 2))).toEqual([]);
    const many = Array.from({ length: 201 }, (_, i) => `web-${i}`);
    expect(codesOf(resolve(many))).toEqual(["request.nodes-too-many"]);
  });

  test("a thousand names that are almost right are answered at once, with no more problems than people read", () => {
    const prefix = "x".repeat(50);
    const crowd = Array.from({ length: 10_000 }, (_, i) =>
      node(`i-${i.toString(16).padStart(17, "0")}`, `${prefix}web-${i}`),
    );
    const wrong = Array.from({ length: 200 }, (_, i) => valueIn(parseSelector(`${prefix}wob-z${i}`)));
    const started = performance.now();
    const answer = resolveNodes(wrong, { inventory: crowd, accounts, maxNodes: 10 });
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(problemsOf(answer)).toHaveLength(20);
  });

  test("an unknown name comes with the nearest, an ambiguous one with its candidates", () => {
    expect(problemsOf(resolve(["webb-1"]))[0]?.message).toContain("did you mean `web-1`");
    expect(problemsOf(resolve(["i-0000000000000001f"]))[0]?.message).toContain("i-00000000000000001");
    expect(problemsOf(resolve(["zzzzzzz"]))[0]?.message).toContain("inventory");
    const { message } = problemsOf(resolve(["web-2"]))[0] ?? {};
    expect(message).toContain("111122223333/eu-central-1/web-2 (i-00000000000000002)");
    expect(message).toContain("prod/eu-central-1/web-2 (i-00000000000000003)");
  });

  test("a long list of candidates is cut", () => {
    const crowd = Array.from({ length: 14 }, (_, i) => node(`i-000000000000001${10 + i}`, "crowd"));
    const selectors = [valueIn(parseSelector("crowd"))];
    const answer = resolveNodes(selectors, { inventory: crowd, accounts, maxNodes: 10 });
    expect(problemsOf(answer)[0]).toMatchObject({ message: expect.stringContaining("and 4 more") });
    expect(problemsOf(answer)[0]).not.toHaveProperty("field");
  });

  test("the order of the inventory and of the selectors does not matter", () => {
    const all = inventory.map(({ id }) => ({ by: "id", id }) as const);
    const expected = inventory.map(nodeKey).sort();
    fc.assert(
      fc.property(
        fc.shuffledSubarray(inventory, { minLength: 5 }),
        fc.shuffledSubarray(all, { minLength: 5 }),
        (nodes, selectors) => {
          const found = valueIn(resolveNodes(selectors, { inventory: nodes, accounts, maxNodes: 10 }));
          expect(found.map(nodeKey)).toEqual(expected);
        },
      ),
    );
  });

  test("a node is described by its account's name, its own name and its id", () => {
    expect(describeNode(twin, accounts)).toBe("prod/eu-central-1/web-2 (i-00000000000000003)");
    expect(describeNode(nameless, accounts)).toBe(
      "111122223333/us-east-1/mi-0000000000000000a (mi-0000000000000000a)",
    );
  });
});

describe("pinned nodes", () => {
  const named = (
    texts: readonly string[],
    pinned: readonly Node[],
    { seen = inventory, maxNodes = 10 } = {},
  ) =>
    stillNamed(
      texts.map((text) => valueIn(parseSelector(text))),
      pinned,
      { inventory: seen, accounts, maxNodes, field: "Nodes" },
    );

  test.each([
    ["by id", ["i-00000000000000001"], [web1]],
    ["by name", ["web-1"], [web1]],
    ["by path", ["prod/eu-central-1/web-2"], [twin]],
    ["by tag", ["tag:Env=Dev"], [web2, web1]],
    ["by a tag that names more by now", ["tag:Env=Dev"], [web1]],
    ["by two at once", ["web-1", "tag:Env=Dev"], [web1, web2]],
  ])("that are named %s are what is asked for", (_, texts, pinned) => {
    expect(valueIn(named(texts, pinned))).toEqual(pinned.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
  });

  test.each([
    ["another than the id", ["i-00000000000000001"], [web2], "request.node-unknown"],
    ["another than the name", ["web-1"], [web2], "request.node-unknown"],
    ["another account's than the path", ["prod/eu-central-1/web-2"], [web2], "request.node-unknown"],
    ["another than the tag", ["tag:Env=Dev"], [twin], "request.node-unknown"],
    ["one more than the name", ["web-1"], [web1, nameless], "trust.different-answer"],
    ["one more than the tag", ["tag:Env=Dev"], [web1, web2, twin], "trust.different-answer"],
    ["fewer", ["web-1", "a/b"], [web1], "request.node-unknown"],
    ["one of two of a name", ["web-2"], [web2], "request.node-ambiguous"],
    ["both of a name", ["web-2"], [web2, twin], "request.node-ambiguous"],
    ["a node that was renamed", ["web-1"], [{ ...web1, name: "old" }], "request.node-unknown"],
    ["a node that was retagged", ["tag:Env=Dev"], [{ ...web1, tags: {} }], "request.node-unknown"],
  ])("that are %s are not", (_, texts, pinned, code) => {
    expect(codesOf(named(texts, pinned))).toEqual([code]);
    expect(problemsOf(named(texts, pinned)).every(({ field }) => field === "Nodes")).toBe(true);
  });

  test("are counted, and what a tag names besides is not", () => {
    expect(codesOf(named(["tag:Env=Dev"], [web1, web2], { maxNodes: 1 }))).toEqual([
      "request.nodes-too-many",
    ]);
    expect(valueIn(named(["tag:Env=Dev"], [web1], { maxNodes: 1 }))).toEqual([web1]);
  });

  test("are named in the message, without a field where none is known", () => {
    const [first] = problemsOf(
      stillNamed([{ by: "name", name: "web-1" }], [web1, twin], { inventory, accounts, maxNodes: 10 }),
    );
    expect(first?.message).toContain(nodeKey(twin));
    expect(first).not.toHaveProperty("field");
  });
});
