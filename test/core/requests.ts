// Requests for tests: any valid one, and a config to check them against.

import fc from "fast-check";
import type { Instant, NodeId, Region, Seconds } from "../../core/ids.ts";
import { type AccessRequest, accessModes, type NodeSelector } from "../../core/request.ts";
import { looksLikeHeading } from "../../core/request-draft.ts";
import { parseSelector } from "../../core/selectors.ts";
import { hiddenCharacter } from "../../core/text.ts";

const hex = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 17, maxLength: 17 });
export const nodeIds: fc.Arbitrary<NodeId> = fc
  .tuple(fc.constantFrom("i-", "mi-"), hex)
  .map(([kind, digits]) => `${kind}${digits}` as NodeId);

/** Text of one line without characters that nobody sees. */
export const line = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .oneof(fc.string({ unit: "grapheme", maxLength }), fc.string({ maxLength }))
    .filter((text) => hiddenCharacter(text) === undefined);

const name = line(20).filter((text) => {
  const selector = parseSelector(text);
  return selector.ok && selector.value.by === "name";
});

export const selectors: fc.Arbitrary<NodeSelector> = fc.oneof(
  nodeIds.map((id) => ({ by: "id", id }) as const),
  name.map((each) => ({ by: "name", name: each }) as const),
  fc
    .tuple(fc.constantFrom("prod", "111122223333"), name)
    .map(
      ([account, each]) => ({ by: "path", account, region: "eu-central-1" as Region, name: each }) as const,
    ),
  fc
    .tuple(name, name)
    .filter(([key]) => !key.includes("="))
    .map(([key, value]) => ({ by: "tag", key, value }) as const),
);

const hostile = fc.string({
  unit: fc.constantFrom(
    "a",
    "`",
    "```",
    "~~~",
    "\n",
    " ",
    "\t",
    "#",
    "Nodes",
    "_No response_",
    ": ",
    "- ",
    '"',
    "'",
    "|",
    "{",
    "ü",
    "🎉",
  ),
  maxLength: 40,
});
const reasons = fc
  .oneof(line(80), hostile)
  .map((text) => text.trim())
  .filter((text) => text !== "" && !text.split("\n").some(looksLikeHeading));

/** Every request that can be asked for, under some config. */
export const requests: fc.Arbitrary<AccessRequest> = fc
  .record({
    nodes: fc.uniqueArray(selectors, {
      minLength: 1,
      maxLength: 4,
      selector: (each) => JSON.stringify(Object.values(each).slice(1)),
    }),
    access: fc.constantFrom(...accessModes),
    forward: fc.constantFrom("postgres", "web-1"),
    for: fc.integer({ min: 1, max: 1_209_600 }).map((seconds) => seconds as Seconds),
    reason: reasons,
    ticket: fc.option(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9#_./:-]{0,30}$/), { nil: undefined }),
    from: fc.option(
      fc.integer({ min: 1, max: 4_000_000_000 }).map((seconds) => (seconds * 1_000) as Instant),
      { nil: undefined },
    ),
  })
  .map(({ forward, ticket, from, ...rest }) => ({
    ...rest,
    ...(rest.access === "port-forward" ? { forward } : {}),
    ...(ticket === undefined ? {} : { ticket }),
    ...(from === undefined ? {} : { from }),
  }));
