// What the texts of a request mean, and whether it may be asked for. Every problem at once, each at its field.

import { durationForm, formatDuration, parseDuration } from "./duration.ts";
import { formatInstant, type Instant, type Seconds } from "./ids.ts";
import type { Config } from "./law.ts";
import { suggestion } from "./nearest.ts";
import { parseForwardName, parseInstant } from "./parse-ids.ts";
import { type Parsed, type Problem, type ProblemCode, problem, unlessProblems } from "./problem.ts";
import { type AccessMode, type AccessRequest, accessModes, type NodeSelector } from "./request.ts";
import { headingOf, looksLikeHeading, type RequestDraft, type RequestField } from "./request-draft.ts";
import { formatSelector, parseSelector } from "./selectors.ts";
import { hiddenCharacter, quoted } from "./text.ts";

const longestReason = 1_000;

/** What was asked, or why it cannot be. `written` is when its author wrote it: `from` must be ahead of that. */
export function checkRequest(draft: RequestDraft, config: Config, written: Instant): Parsed<AccessRequest> {
  const forwards = config.forwards.map(({ name }) => name);
  const { read, problems, refuse } = readFields(draft, forwards);
  if (draft.origin === "file") refuseAllButIds(read.nodes, refuse);
  if (read.access !== undefined && !config.modes.includes(read.access))
    refuse(
      "access",
      "request.access-unknown",
      `${quoted(read.access)} is not allowed here; expected one of ${config.modes.join(", ")}`,
    );
  if (read.forward !== undefined && !forwards.includes(read.forward))
    refuse(
      "forward",
      "request.forward-unknown",
      `unknown forward ${quoted(read.forward)}${suggestion(read.forward, forwards) || expectedOne(forwards)}`,
    );
  if (read.for !== undefined) checkDuration(read.for, config.limits, refuse);
  if (read.from !== undefined) checkStart(read.from, written, config.limits.openFor, refuse);
  return unlessProblems(problems, requestOf(read));
}

/** Without the config: for records, which outlive the config they were asked under. */
export function readRequest(draft: RequestDraft): Parsed<AccessRequest> {
  const { read, problems } = readFields(draft, []);
  return unlessProblems(problems, requestOf(read));
}

type Refuse = (field: RequestField, code: ProblemCode, message: string) => undefined;

/** Undefined: not there, or refused. */
type Read = { readonly [K in keyof AccessRequest]-?: AccessRequest[K] | undefined } & {
  readonly nodes: readonly NodeSelector[];
};

/** INVARIANT: what an AccessRequest must have is undefined only after a problem, and then it is not used. */
const requestOf = (read: Read): AccessRequest =>
  Object.fromEntries(
    Object.entries(read).filter(([, value]) => value !== undefined),
  ) as unknown as AccessRequest;

function readFields(draft: RequestDraft, forwards: readonly string[]) {
  const problems: Problem[] = [];
  const refuse: Refuse = (field, code, message) => {
    const place = draft.places?.[field];
    const label = draft.origin === "form" ? headingOf(field) : field;
    problems.push(problem(code, message, { field: label, ...(place === undefined ? {} : { place }) }));
    return undefined;
  };
  const text = <T>(
    field: Exclude<RequestField, "nodes">,
    read: (text: string) => T | undefined,
  ): T | undefined => {
    const written = draft[field].trim();
    const hidden = hiddenCharacter(written);
    if (hidden === undefined) return read(written);
    return refuse(field, "request.characters", `character ${hidden.name} cannot be seen; take it out`);
  };
  const nodes = readNodes(draft.nodes, refuse);
  const access = text("access", (written) => readAccess(written, refuse));
  const read: Read = {
    nodes,
    access,
    forward: text("forward", (written) => readForward(written, access, forwards, refuse)),
    for: text("for", (written) => readDuration(written, refuse)),
    reason: text("reason", (written) => readReason(written, refuse)),
    ticket: text("ticket", (written) => readTicket(written, refuse)),
    from: text("from", (written) => readFrom(written, refuse)),
  };
  return { read, problems, refuse };
}

function readNodes(written: readonly string[], refuse: Refuse): readonly NodeSelector[] {
  const texts = new Set(written.map((text) => text.trim()).filter((text) => text !== ""));
  if (texts.size === 0)
    refuse(
      "nodes",
      "request.nodes-empty",
      "no node is named; expected an id, a name, account/region/name or tag:Key=Value",
    );
  return [...texts].flatMap((text) => {
    const selector = parseSelector(text);
    if (selector.ok) return [selector.value];
    for (const { code, message } of selector.problems) refuse("nodes", code, message);
    return [];
  });
}

function readAccess(text: string, refuse: Refuse): AccessMode | undefined {
  const mode = text === "" ? "shell" : accessModes.find((each) => each === text);
  const near = suggestion(text, accessModes) || expectedOne(accessModes);
  return mode ?? refuse("access", "request.access-unknown", `unknown access ${quoted(text)}${near}`);
}

function readForward(
  text: string,
  access: AccessMode | undefined,
  forwards: readonly string[],
  refuse: Refuse,
): string | undefined {
  if (access !== "port-forward") {
    // of an unknown mode it cannot be said whether it takes a forward
    const unwanted = text !== "" && access !== undefined;
    const message = `${quoted(text)} is for access port-forward only; leave it empty, or ask for port-forward`;
    return unwanted ? refuse("forward", "request.forward-unwanted", message) : undefined;
  }
  if (text === "")
    return refuse(
      "forward",
      "request.forward-missing",
      `port-forward needs a forward${expectedOne(forwards)}`,
    );
  return (
    parseForwardName(text) ??
    refuse("forward", "request.forward-unknown", `unknown forward ${quoted(text)}${expectedOne(forwards)}`)
  );
}

const readDuration = (text: string, refuse: Refuse): Seconds | undefined =>
  parseDuration(text) ??
  refuse("for", "request.duration-malformed", `expected ${durationForm}, got ${quoted(text)}`);

function readReason(text: string, refuse: Refuse): string | undefined {
  if (text === "") return refuse("reason", "request.reason-empty", "say why; the people who approve read it");
  const length = [...text].length;
  if (length > longestReason)
    return refuse(
      "reason",
      "request.reason-too-long",
      `${length} characters, expected at most ${longestReason}; say it shorter, or link to the rest`,
    );
  const heading = text.split("\n").find(looksLikeHeading);
  return heading === undefined
    ? text
    : refuse(
        "reason",
        "form.heading-unknown",
        `the line ${quoted(heading)} looks like a heading of the form; change it`,
      );
}

function readTicket(text: string, refuse: Refuse): string | undefined {
  if (text === "") return undefined;
  return /^[A-Za-z0-9][A-Za-z0-9#_./:-]{0,99}$/.test(text)
    ? text
    : refuse(
        "ticket",
        "request.ticket-malformed",
        `expected up to 100 letters, digits and \`#_./:-\`, got ${quoted(text)}`,
      );
}

function readFrom(text: string, refuse: Refuse): Instant | undefined {
  if (text === "") return undefined;
  return (
    parseInstant(text) ??
    refuse(
      "from",
      "request.from-malformed",
      `expected a moment such as \`2026-12-01T22:00:00Z\`, got ${quoted(text)}`,
    )
  );
}

/** Names and tags can move to other nodes while a file lies there; of an issue the App pins what they resolve to. */
function refuseAllButIds(nodes: readonly NodeSelector[], refuse: Refuse): void {
  for (const node of nodes)
    if (node.by !== "id")
      refuse(
        "nodes",
        "request.node-malformed",
        `${quoted(formatSelector(node))} is not an id; a file spells node ids, because names and tags can move to other nodes before it is approved`,
      );
}

function checkDuration(duration: Seconds, limits: Config["limits"], refuse: Refuse): void {
  const { maxDuration, minDuration } = limits;
  const asked = formatDuration(duration);
  const [most, least] = [formatDuration(maxDuration), formatDuration(minDuration)];
  if (duration > maxDuration)
    refuse(
      "for",
      "request.duration-over-limit",
      `${asked} is over the limit of ${most} (\`limits.maxDuration\`); ask for ${most} or less`,
    );
  if (duration < minDuration)
    refuse(
      "for",
      "request.duration-under-limit",
      `${asked} is under the limit of ${least} (\`limits.minDuration\`); ask for ${least} or more`,
    );
}

function checkStart(from: Instant, written: Instant, openFor: Seconds, refuse: Refuse): void {
  const latest = (written + openFor * 1_000) as Instant;
  if (from < written)
    refuse("from", "request.from-past", `${formatInstant(from)} is past; leave it empty to start at once`);
  if (from > latest)
    refuse(
      "from",
      "request.from-too-far",
      `${formatInstant(from)} is too far ahead (\`limits.openFor\`); expected ${formatInstant(latest)} or earlier; ask again nearer to it`,
    );
}

const expectedOne = (words: readonly string[]): string =>
  words.length === 0 ? "; the config allows none" : `; expected one of ${words.join(", ")}`;
