import { describe, expect, test } from "vitest";
import * as shape from "../../core/shape.ts";
import type { FormatCodes } from "../../core/yaml-read.ts";
import { placesOf, problemsOf, valueIn } from "./parsed.ts";

const codes: FormatCodes = {
  tooLarge: "config.malformed",
  notYaml: "config.malformed",
  characters: "config.malformed",
  unknownKey: "request.unknown-key",
  wrongType: "request.wrong-type",
};
const read = <T>(text: string, of: shape.Shape<T>) =>
  shape.readFile(text, { file: "f", codes, maxBytes: 10_000 }, of);

describe("shapes", () => {
  const person = shape.object({
    name: shape.required(shape.text),
    age: shape.optional(shape.integer(0, 150)),
    admin: shape.withDefault(shape.boolean, false),
    role: shape.withDefault(shape.oneOf(["dev", "ops"]), "dev"),
  });

  test("a map has the keys we know, defaults filled in, optional ones left out", () => {
    expect(valueIn(read("name: Ann", person))).toEqual({ name: "Ann", admin: false, role: "dev" });
    expect(valueIn(read("{name: Ann, age: 7, admin: true, role: ops}", person))).toEqual({
      name: "Ann",
      age: 7,
      admin: true,
      role: "ops",
    });
  });

  test.each([
    ["x", ["request.wrong-type 1:1"]],
    ["{}", ["request.wrong-type 1:1"]],
    ["name: [a]", ["request.wrong-type 1:7"]],
    ["name: 1", ["request.wrong-type 1:7"]],
    ["{name: A, age: -1}", ["request.wrong-type 1:16"]],
    ["{name: A, age: 151}", ["request.wrong-type 1:16"]],
    ["{name: A, age: 1.5}", ["request.wrong-type 1:16"]],
    ["{name: A, age: 0x10}", ["request.wrong-type 1:16"]],
    ["{name: A, admin: yes}", ["request.wrong-type 1:18"]],
    ["{name: A, role: boss}", ["request.wrong-type 1:17"]],
    ["{name: A, nmae: B, constructor: C}", ["request.unknown-key 1:11", "request.unknown-key 1:20"]],
  ])("%j is refused at its place", (text, places) => {
    expect(placesOf(read(text, person))).toEqual(places);
  });

  test("a complaint stands at the part it is about, or at the nearest whole that was written", () => {
    const complain = (at: readonly (string | number)[]) =>
      shape.audited(
        shape.mapOf(() => shape.list(shape.textAsWritten, 0, 9), {}),
        () => [{ at, message: "no" }],
        "config.malformed",
      );
    const text = "a:\n  - x\n  - y\n";
    expect(problemsOf(read(text, complain(["a", 1])))[0]).toMatchObject({
      field: "a[1]",
      place: { line: 3, column: 5 },
    });
    expect(problemsOf(read(text, complain(["a", 7])))[0]).toMatchObject({
      field: "a[7]",
      place: { line: 2, column: 3 },
    });
    expect(problemsOf(read(text, complain(["a", 1, "b"])))[0]).toMatchObject({
      field: "a[1].b",
      place: { line: 3, column: 5 },
    });
    expect(problemsOf(read(text, complain(["b", "c"])))[0]).toMatchObject({
      field: "b.c",
      place: { line: 1, column: 1 },
    });
    expect(problemsOf(read(text, complain([])))[0]).not.toHaveProperty("field");
  });

  test("what is nothing may be said to mean something", () => {
    const maybe = shape.orNothing(shape.text, "none");
    expect(valueIn(read("", maybe))).toBe("none");
    expect(valueIn(read("x", maybe))).toBe("x");
    expect(placesOf(read("[x]", maybe))).toEqual(["request.wrong-type 1:1"]);
  });

  test("no more problems than people read", () => {
    const text = Array.from({ length: 50 }, (_, i) => `k${i}: 1`).join("\n");
    expect(problemsOf(read(text, person))).toHaveLength(20);
  });
});
