import { describe, expect, test } from "vitest";
import { noPeople, parsePeople } from "../../core/people.ts";
import { placesOf, problemsOf, valueIn } from "./parsed.ts";

describe("people.yaml", () => {
  test("reads the example of the design", () => {
    const people = valueIn(
      parsePeople(`alice: { id: 1001, user: "906b8590", groups: ["911b8590-7041-70fa-d20b-12345EXAMPLE"], costCenter: "1001", principalTags: { Role: Admin } }
"@acme/devops": { groups: ["911b8590-7041-70fa-d20b-12345EXAMPLE"] }   # everyone in a team
`),
    );
    expect([...people.people]).toEqual([
      [
        "alice",
        {
          id: 1001,
          user: "906b8590",
          groups: ["911b8590-7041-70fa-d20b-12345EXAMPLE"],
          attributes: { costCenter: "1001" },
          principalTags: { Role: "Admin" },
        },
      ],
    ]);
    expect([...people.teams]).toEqual([
      [
        "acme/devops",
        { groups: ["911b8590-7041-70fa-d20b-12345EXAMPLE"], attributes: {}, principalTags: {} },
      ],
    ]);
  });

  test("keys compare without letter case, values are text as written", () => {
    const people = valueIn(
      parsePeople(
        'Alice: {employeeNumber: 0012}\n"@Acme/DevOps": {principalTags: {On: true, __proto__: x}}\n',
      ),
    );
    expect(people.people.get("alice")?.attributes).toEqual({ employeeNumber: "0012" });
    const tags = people.teams.get("acme/devops" as never)?.principalTags ?? {};
    expect(Object.entries(tags)).toEqual([
      ["On", "true"],
      ["__proto__", "x"],
    ]);
  });

  test.each(["", "# nobody yet\n", "{}"])("%j has nobody", (text) => {
    expect(parsePeople(text)).toEqual({ ok: true, value: noPeople });
  });

  test.each([
    ["a list", "- alice\n", ["people.malformed 1:1"]],
    ["a person that is nothing", "alice:\n", ["people.malformed 1:7"]],
    ["a key with @", '"@alice": {}\n', ["people.malformed 1:1"]],
    ["a team without @", "acme/devops: {}\n", ["people.malformed 1:1"]],
    ["one person twice", "alice: {}\nALICE: {}\n", ["people.malformed 2:1"]],
    ["one team twice", '"@a/b": {}\n"@A/B": {}\n', ["people.malformed 2:1"]],
    ["an unknown key", "alice: { grups: [] }\n", ["people.malformed 1:10"]],
    ["an id of a team", '"@a/b": { id: 1 }\n', ["people.malformed 1:11"]],
    ["an id that is no number", "alice: { id: x }\n", ["people.malformed 1:14"]],
    ["an id of 0", "alice: { id: 0 }\n", ["people.malformed 1:14"]],
    ["an id in quotes", 'alice: { id: "1" }\n', ["people.malformed 1:14"]],
    ["a user that looks like nobody's principal", 'alice: { user: "@bob" }\n', ["people.malformed 1:16"]],
    ["an empty value", 'alice: { division: "" }\n', ["people.malformed 1:20"]],
    ["an endless value", `alice: { division: ${"x".repeat(257)} }\n`, ["people.malformed 1:20"]],
    ["groups that are a word", "alice: { groups: x }\n", ["people.malformed 1:18"]],
    ["tags that are a list", "alice: { principalTags: [x] }\n", ["people.malformed 1:25"]],
    ["a tag that is a map", "alice: { principalTags: {a: {}} }\n", ["people.malformed 1:29"]],
    ["no YAML", "{", ["people.malformed 1:2"]],
    [
      "several at once",
      "alice: { id: x, user: [] }\nx y: {}\n",
      ["people.malformed 1:14", "people.malformed 1:23", "people.malformed 2:1"],
    ],
  ])("refuses %s", (_, text, places) => {
    expect(placesOf(parsePeople(text))).toEqual(places);
  });

  test("names the file and field", () => {
    expect(problemsOf(parsePeople("alice: { id: x }"))[0]).toMatchObject({
      field: "alice.id",
      place: { file: "policies/people.yaml" },
    });
  });
});
