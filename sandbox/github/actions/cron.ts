// Cron expressions as GitHub takes them: five POSIX fields, UTC.

export interface Cron {
  minutes: ReadonlySet<number>;
  hours: ReadonlySet<number>;
  days: ReadonlySet<number>;
  months: ReadonlySet<number>;
  weekdays: ReadonlySet<number>;
  /** With both days and weekdays restricted, either is enough. */
  eitherDay: boolean;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
// A leap day that is also a given weekday comes back within 28 years (40 across a century).
const FURTHEST = 41 * 366 * DAY;

export function parseCron(expression: string): Cron {
  const fields = expression.trim().split(/\s+/);
  const [minute, hour, day, month, weekday] = fields;
  if (fields.length !== 5 || !minute || !hour || !day || !month || !weekday) {
    throw new Error(`cron \`${expression}\` has ${fields.length} fields, expected 5`);
  }
  const weekdays = new Set([...parseField(expression, weekday, 0, 7, WEEKDAYS, 0)].map((one) => one % 7));
  return {
    minutes: parseField(expression, minute, 0, 59, [], 0),
    hours: parseField(expression, hour, 0, 23, [], 0),
    days: parseField(expression, day, 1, 31, [], 1),
    months: parseField(expression, month, 1, 12, MONTHS, 1),
    weekdays,
    eitherDay: !day.startsWith("*") && !weekday.startsWith("*"),
  };
}

/** The first full minute after `after` (ms) that matches; undefined when none ever does. */
export function nextFire(cron: Cron, after: number): number | undefined {
  let at = Math.floor(after / MINUTE) * MINUTE + MINUTE;
  while (at - after < FURTHEST) {
    const date = new Date(at);
    if (!dayMatches(cron, date)) at = (Math.floor(at / DAY) + 1) * DAY;
    else if (!cron.hours.has(date.getUTCHours())) at = (Math.floor(at / (60 * MINUTE)) + 1) * 60 * MINUTE;
    else if (!cron.minutes.has(date.getUTCMinutes())) at += MINUTE;
    else return at;
  }
  return undefined;
}

function dayMatches(cron: Cron, date: Date): boolean {
  if (!cron.months.has(date.getUTCMonth() + 1)) return false;
  const day = cron.days.has(date.getUTCDate());
  const weekday = cron.weekdays.has(date.getUTCDay());
  return cron.eitherDay ? day || weekday : day && weekday;
}

function parseField(
  expression: string,
  field: string,
  low: number,
  high: number,
  names: readonly string[],
  firstName: number,
): Set<number> {
  const number = (token: string): number => {
    const named = names.indexOf(token.toUpperCase());
    const value = named >= 0 ? named + firstName : /^\d+$/.test(token) ? Number(token) : Number.NaN;
    if (!(value >= low && value <= high)) {
      throw new Error(`cron \`${expression}\`: \`${token}\` is not between ${low} and ${high}`);
    }
    return value;
  };
  const values = new Set<number>();
  for (const item of field.split(",")) {
    const [range = "", stepText] = item.split("/");
    const step = stepText === undefined ? 1 : Number(stepText);
    if (!Number.isInteger(step) || step < 1) throw new Error(`cron \`${expression}\`: step in \`${item}\``);
    const [from = "", to] = range === "*" ? [String(low), String(high)] : range.split("-");
    const last = to !== undefined ? number(to) : stepText !== undefined ? high : number(from);
    for (let value = number(from); value <= last; value += step) values.add(value);
  }
  return values;
}
