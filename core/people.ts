// `policies/people.yaml`: what GitHub does not know of a person, or of everyone in a team.

import type { TeamHandle, UserId } from "./ids.ts";
import type { IdentityAttributes, People, PersonEntry } from "./law.ts";
import { parseLogin, parseTeamHandle } from "./parse-ids.ts";
import type { Parsed } from "./problem.ts";
import {
  checked,
  converted,
  integer,
  list,
  mapOf,
  object,
  optional,
  orNothing,
  type Reading,
  readFile,
  report,
  type Shape,
  textAsWritten,
  withDefault,
  wrongType,
} from "./shape.ts";
import { quoted, shown } from "./text.ts";
import { oneCode, type YamlEntry } from "./yaml-read.ts";

export const peoplePath = "policies/people.yaml";

const codes = oneCode("people.malformed");

export const noPeople: People = { people: new Map(), teams: new Map() };

/** A person not in it has no group, attribute or tag, and that is a fact, not a missing one. */
export const parsePeople = (content: string, file: string = peoplePath): Parsed<People> =>
  readFile(content, { file, codes, maxBytes: 256 * 1024 }, orNothing(people, noPeople));

const word = checked(textAsWritten, (value) =>
  value === "" || value.length > 256 ? "expected 1 to 256 characters" : undefined,
);

const tags = converted(
  mapOf(() => word, { type: "object", additionalProperties: word.json }),
  (read): Readonly<Record<string, string>> => Object.fromEntries(read),
);

const attributes = ["employeeNumber", "costCenter", "organization", "division"] as const;

const ofEveryone = {
  groups: withDefault(list(word, 0, 1_000), []),
  employeeNumber: optional(word),
  costCenter: optional(word),
  organization: optional(word),
  division: optional(word),
  principalTags: withDefault(tags, {}),
};

// INVARIANT: who is not in this file is the principal `@login`, so no Identity Store user may look like that
const storeUser = checked(word, (value) =>
  value.startsWith("@") ? "an Identity Store user id does not begin with `@`" : undefined,
);

const userId = converted(integer(1, 999_999_999_999), (value) => value as UserId);
const team = converted(object(ofEveryone), entryOf);
const person = converted(object({ ...ofEveryone, id: optional(userId), user: optional(storeUser) }), entryOf);

type Written = Omit<PersonEntry, "attributes"> & IdentityAttributes;

function entryOf(written: Written): PersonEntry {
  const { groups, principalTags, id, user } = written;
  return {
    groups,
    principalTags,
    attributes: Object.fromEntries(
      attributes.flatMap((key) => (written[key] === undefined ? [] : [[key, written[key]]])),
    ),
    ...(id === undefined ? {} : { id }),
    ...(user === undefined ? {} : { user }),
  };
}

const people: Shape<People> = {
  json: { type: "object", additionalProperties: person.json },
  read: (value, field, reading) => {
    if (value.kind !== "map") return wrongType(value, field, reading, "a map of people and teams");
    const found = { people: new Map<string, PersonEntry>(), teams: new Map<TeamHandle, PersonEntry>() };
    for (const entry of value.entries) readEntry(entry, found, reading);
    return found;
  },
};

function readEntry(
  entry: YamlEntry,
  found: { readonly people: Map<string, PersonEntry>; readonly teams: Map<TeamHandle, PersonEntry> },
  reading: Reading,
): void {
  const handle = parseTeamHandle(entry.key);
  const login = parseLogin(entry.key)?.toLowerCase();
  if (handle !== undefined) readInto(found.teams, handle, team, entry, reading);
  else if (login !== undefined) readInto(found.people, login, person, entry, reading);
  else {
    const message = `${quoted(entry.key)} is no key; expected a login without \`@\`, or "@org/team"`;
    report(reading, reading.codes.unknownKey, message, { field: shown(entry.key), place: entry.place });
  }
}

function readInto<K>(
  found: Map<K, PersonEntry>,
  key: K,
  shape: Shape<PersonEntry>,
  entry: YamlEntry,
  reading: Reading,
): void {
  if (found.has(key)) {
    const message = `${quoted(entry.key)} is there twice (letter case does not count); keep one`;
    report(reading, reading.codes.unknownKey, message, { field: shown(entry.key), place: entry.place });
  }
  const read = shape.read(entry.value, shown(entry.key), reading);
  if (read !== undefined) found.set(key, read);
}
