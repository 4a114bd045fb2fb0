// The figures of `/metrics` as lines of a log that CloudWatch makes metrics of, its "embedded metric format": a function has no port that anybody could ask.

import type { Taken } from "./metrics.ts";

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** What CloudWatch is to read from a line: metrics that have the same dimensions, which are labels there. */
interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly [readonly string[]];
  readonly Metrics: { readonly Name: string; readonly Unit: "Seconds" | "Count" }[];
}

/** A line has one value a name. */
interface Line {
  readonly directives: Map<string, Directive>;
  readonly values: Map<string, string | number>;
}

/** One line, and one more for each time that a label has another value. `at`: milliseconds since the epoch. */
export function emfLines(taken: Taken, at: number): readonly string[] {
  const lines: Line[] = [];
  for (const figure of figuresOf(taken)) {
    const line = lines.find((each) => fits(figure, each)) ?? { directives: new Map(), values: new Map() };
    if (line.values.size === 0) lines.push(line);
    put(figure, line);
  }
  return lines.map(({ directives, values }) =>
    JSON.stringify({
      _aws: { Timestamp: at, CloudWatchMetrics: [...directives.values()] },
      ...Object.fromEntries(values),
    }),
  );
}

const fits = ({ name, labels }: Figure, { values }: Line): boolean =>
  !values.has(name) &&
  Object.entries(labels).every(([label, value]) => (values.get(label) ?? value) === value);

function put({ name, value, labels }: Figure, { directives, values }: Line): void {
  const dimensions = Object.keys(labels);
  const key = dimensions.join();
  const directive = directives.get(key) ?? { Namespace: "Hallpass", Dimensions: [dimensions], Metrics: [] };
  directives.set(key, directive);
  directive.Metrics.push({ Name: name, Unit: /_seconds(?:_sum)?$/.test(name) ? "Seconds" : "Count" });
  for (const [label, text] of Object.entries(labels)) values.set(label, text);
  values.set(name, value);
}

/** INVARIANT: what needs the memory of one process is left out, since many environments each see a part: how a request stood before, above all. */
const remembered = ["hallpass_verdicts_total", "hallpass_state_seconds"];

function figuresOf(taken: Taken): readonly Figure[] {
  const lookedAtEverything = taken.some(
    ({ name, values }) =>
      name === "hallpass_last_full_look_timestamp_seconds" && values.some(({ value }) => value > 0),
  );
  const leftOut = [...remembered, ...(lookedAtEverything ? [] : ["hallpass_requests"])];
  return taken
    .filter(({ name }) => !leftOut.includes(name))
    .flatMap(({ name, values }) =>
      values.map(({ metricName = name, value, labels }) => ({ name: metricName, value, labels })),
    )
    .filter(({ name, value, labels }) => !name.endsWith("_bucket") && !isUntouched(value, labels));
}

/** What has no label is 0 before anything is counted. */
const isUntouched = (value: number, labels: Figure["labels"]): boolean =>
  value === 0 && Object.keys(labels).length === 0;
