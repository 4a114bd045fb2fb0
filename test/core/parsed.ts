// What tests ask of a parser's answer.

import { expect } from "vitest";
import type { Parsed, Problem } from "../../core/problem.ts";

/** The value; fails the test with the problems when there is none. */
export function valueIn<T>(parsed: Parsed<T> | undefined): T {
  expect(parsed).toMatchObject({ ok: true });
  return (parsed as { readonly value: T }).value;
}

export const problemsOf = (parsed: Parsed<unknown> | undefined): readonly Problem[] =>
  parsed?.ok === false ? parsed.problems : [];

export const codesOf = (parsed: Parsed<unknown> | undefined): readonly string[] =>
  problemsOf(parsed).map(({ code }) => code);

/** `code line:column`, one a problem. */
export const placesOf = (parsed: Parsed<unknown>): readonly string[] =>
  problemsOf(parsed).map(({ code, place }) => `${code} ${place?.line}:${place?.column}`);
