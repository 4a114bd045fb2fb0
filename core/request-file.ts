// A request as YAML: written by hand in a pull request, and inside records.

import { formatDuration } from "./duration.ts";
import { formatInstant } from "./ids.ts";
import { type Parsed, type Problem, problem } from "./problem.ts";
import type { AccessRequest } from "./request.ts";
import type { RequestDraft } from "./request-draft.ts";
import { formatSelector } from "./selectors.ts";
import { list, object, readFile, required, type Shape, text, withDefault } from "./shape.ts";
import { quoted } from "./text.ts";
import type { FormatCodes, YamlMap } from "./yaml-read.ts";
import { type Writable, writeYaml } from "./yaml-write.ts";

const codes: FormatCodes = {
  tooLarge: "request.too-large",
  notYaml: "request.not-yaml",
  characters: "request.characters",
  unknownKey: "request.unknown-key",
  wrongType: "request.wrong-type",
};

const texts = object({
  nodes: required(list(text, 0, 1_000)),
  access: withDefault(text, ""),
  forward: withDefault(text, ""),
  for: required(text),
  reason: required(text),
  ticket: withDefault(text, ""),
  from: withDefault(text, ""),
});

/** The texts of a request's fields and where they stand. */
export const requestDraft = (origin: "file" | "record"): Shape<RequestDraft> => ({
  json: texts.json,
  read: (value, field, reading) => {
    const read = texts.read(value, field, reading);
    if (read === undefined) return undefined;
    // INVARIANT: only a map could be read
    const { entries } = value as YamlMap;
    const places = Object.fromEntries(entries.map((entry) => [entry.key, entry.value.place]));
    return { origin, ...read, places };
  },
});

/** A request that a person wrote by hand, `file` being its path in the pull request. */
export const parseRequestFile = (content: string, file: string): Parsed<RequestDraft> =>
  readFile(content, { file, codes, maxBytes: 16 * 1024 }, requestDraft("file"));

/** A file written by hand is `approved/<its author's login>-<anything>.yaml`, so that two people never choose the same name and none looks like a record of ours. */
export function refuseRequestPath(path: string, author: string): Problem | undefined {
  const prefix = `approved/${author}-`;
  const fits =
    path.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase() &&
    /^[A-Za-z0-9._-]{1,100}\.yaml$/.test(path.slice(prefix.length));
  const message = `the file is ${quoted(path)}; expected ${quoted(`${prefix}<anything>.yaml`)}`;
  return fits ? undefined : problem("request.path", message, { place: { file: path, line: 1, column: 1 } });
}

/** What `formatRequest` writes and records hold, keys in the order of the form. */
export const writableRequest = (
  request: AccessRequest,
): { readonly [key: string]: Writable | undefined } => ({
  nodes: request.nodes.map(formatSelector),
  access: request.access,
  forward: request.forward,
  for: formatDuration(request.for),
  reason: request.reason,
  ticket: request.ticket,
  from: request.from === undefined ? undefined : formatInstant(request.from),
});

/** Canonical: two requests are the same when these texts are. */
export const formatRequest = (request: AccessRequest): string => writeYaml(writableRequest(request));
