import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AccountId, Instant, Region } from "../../core/ids.ts";
import {
  inventoryPath,
  parseInventory,
  parseInventoryPath,
  parseUnread,
  parseUnreadPath,
  renderInventory,
  renderUnread,
  unreadPath,
} from "../../core/inventory.ts";
import { type Node, nodeType } from "../../core/node.ts";
import { codesOf, placesOf, problemsOf, valueIn } from "./parsed.ts";
import { nodeIds } from "./requests.ts";

const place = { account: "111122223333" as AccountId, region: "eu-central-1" as Region };
const path = "111122223333/eu-central-1.json";
const anyText = fc.string({ unit: "binary", maxLength: 10 });
const nodes: fc.Arbitrary<Node[]> = fc.uniqueArray(
  fc
    .record({
      id: nodeIds,
      name: fc.option(anyText, { nil: undefined }),
      platform: fc.option(anyText, { nil: undefined }),
      agent: fc.constantFrom("online" as const, "offline" as const, "unknown" as const),
      tags: fc.dictionary(fc.oneof(anyText, fc.constant("__proto__")), anyText, {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    })
    .map(({ name, platform, ...rest }) => ({
      ...place,
      ...rest,
      type: nodeType(rest.id),
      ...(name === undefined ? {} : { name }),
      ...(platform === undefined ? {} : { platform }),
    })),
  { maxLength: 6, selector: ({ id }) => id },
);

describe("the inventory", () => {
  test("reads back, in the order of ids, and is the same bytes whatever order it came in", () => {
    fc.assert(
      fc.property(nodes, (all) => {
        const text = renderInventory(all);
        const read = valueIn(parseInventory(text, path));
        expect(read).toEqual([...all].sort((a, b) => (a.id < b.id ? -1 : 1)));
        expect(renderInventory([...read].reverse())).toBe(text);
      }),
    );
  });

  test("one line a node, keys in one order", () => {
    const node: Node = {
      ...place,
      type: "AWS::EC2::Instance",
      id: "i-01234567" as never,
      name: "web",
      agent: "online",
      tags: { b: "2", a: "1" },
    };
    expect(renderInventory([node])).toBe(`{"nodes": [
{"id":"i-01234567","type":"AWS::EC2::Instance","name":"web","agent":"online","tags":{"a":"1","b":"2"}}
]}
`);
    expect(parseInventory(renderInventory([]), path)).toEqual({ ok: true, value: [] });
  });

  test("its path names account and Region", () => {
    expect(inventoryPath(place)).toBe(path);
    expect(parseInventoryPath(path)).toEqual(place);
    for (const wrong of [
      "1/eu-central-1.json",
      "111122223333/eu.json",
      "111122223333/eu-central-1",
      "111122223333",
      `${path}/x`,
      `x/${path}`,
    ])
      expect(parseInventoryPath(wrong)).toBeUndefined();
  });

  const one = '{"id":"i-01234567","type":"AWS::EC2::Instance","agent":"online","tags":{}}';
  test.each([
    ["no JSON", "{"],
    ["another value", "[]"],
    ["null", "null"],
    ["a time", '{"nodes":[],"at":1}'],
    ["a wildcard for an id", `{"nodes":[${one.replace("i-01234567", "*")}]}`],
    ["an id that is no text", `{"nodes":[${one.replace('"i-01234567"', "1")}]}`],
    ["an unknown key", `{"nodes":[${one.replace('"tags"', '"x":1,"tags"')}]}`],
    ["no agent", `{"nodes":[${one.replace('"agent":"online",', "")}]}`],
    ["another agent", `{"nodes":[${one.replace("online", "asleep")}]}`],
    ["tags that are a list", `{"nodes":[${one.replace("{}}", "[]}")}]}`],
    ["tags that are nothing", `{"nodes":[${one.replace("{}}", "null}")}]}`],
    ["tags that are text", `{"nodes":[${one.replace("{}}", '"x"}')}]}`],
    ["a tag that is a number", `{"nodes":[${one.replace("{}}", '{"a":1}}')}]}`],
    ["a node twice", `{"nodes":[${one},${one}]}`],
    ["another order", `{"nodes":[${one.replace("01234567", "11234567")},${one}]}`],
    ["another type than its id says", `{"nodes":[${one.replace("EC2::Instance", "SSM::ManagedInstance")}]}`],
  ])("refuses %s", (_, content) => {
    expect(placesOf(parseInventory(content, path))).toEqual(["inventory.malformed 1:1"]);
  });

  test("refuses a path that names no account, and says where in the file it is wrong", () => {
    expect(codesOf(parseInventory('{"nodes":[]}', "x.json"))).toEqual(["inventory.malformed"]);
    expect(
      problemsOf(parseInventory(`{"nodes":[${one.replace("online", "asleep")}]}`, path))[0]?.message,
    ).toContain("nodes.0.agent");
  });
});

describe("a place that cannot be read", () => {
  test("has a file of its own, which says since when", () => {
    const since = Date.parse("2026-12-01T10:00:00Z") as Instant;
    expect(unreadPath(place)).toBe("unread/111122223333/eu-central-1.json");
    expect(parseUnreadPath(unreadPath(place))).toEqual(place);
    expect(parseUnread(renderUnread(since), unreadPath(place))).toEqual({ ok: true, value: since });
  });
  test("and nothing else is taken for it", () => {
    expect(parseUnreadPath(path)).toBeUndefined();
    for (const content of ["", "{}", '{"since": "10:00"}\n', '{"since": "2026-13-01T10:00:00Z"}\n'])
      expect(codesOf(parseUnread(content, unreadPath(place)))).toEqual(["inventory.malformed"]);
  });
});
