// People to places: one person counts for one level only, one membership fills one place only, and no approval is wasted by the order in which it came.

/** One level: how many it needs, and for each seat whether it takes it. A seat is somebody's being in the level's list, whoever acts on it. */
export interface Places {
  readonly need: number;
  readonly takes: readonly boolean[];
}

/** A place that is filled: by whom, on whose membership. */
export interface Filled {
  readonly candidate: number;
  readonly seat: number;
}

/**
 * Matches candidates to the places of levels so that the most places are filled; of those matchings the one that completes the most
 * levels, then the lower levels. `seats` has the seats of each candidate, their own first. Answers, for each level, what fills it.
 *
 * Any set of places that can be filled at once can be kept while the matching grows to the maximum (an augmenting path never empties a
 * place), so it is enough to look for the best set of whole levels first and then to fill what else there is.
 */
export function matchLevels(
  levels: readonly Places[],
  seats: readonly (readonly number[])[],
): readonly (readonly Filled[])[] {
  const matching = new Matching(levels, seats);
  for (const level of bestWholeLevels(levels, seats)) matching.fill(level);
  for (let level = 0; level < levels.length; level++) matching.fill(level);
  return levels.map((_, level) => matching.filled(level));
}

/** One way to fill the levels: what each takes, by seat, and the seats of each candidate. */
export interface Way {
  readonly takes: readonly (readonly boolean[])[];
  readonly seats: readonly (readonly number[])[];
}

/** Of several ways the one that fills the most places, then the most levels, then the lower ones; the first of equals. */
export function bestMatching(
  levels: readonly { readonly need: number }[],
  ways: readonly Way[],
): readonly (readonly Filled[])[] {
  const tried = ways.map(({ takes, seats }) => {
    const places = levels.map(({ need }, i) => ({ need, takes: takes[i] as readonly boolean[] }));
    const filled = matchLevels(places, seats);
    return { filled, worth: worthOf(levels, filled) };
  });
  return tried.reduce((best, other) => (isMore(other.worth, best.worth) ? other : best)).filled;
}

function worthOf(
  levels: readonly { readonly need: number }[],
  filled: readonly (readonly Filled[])[],
): readonly number[] {
  const places = filled.map((each) => each.length);
  const whole = levels.map(({ need }, i) => Number((places[i] as number) >= need));
  const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
  return [sum(places), sum(whole), ...whole, ...places];
}

function isMore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((one, i) => one !== b[i]);
  return at !== -1 && (a[at] as number) > (b[at] as number);
}

/** More are not tried: with some eight people for whom several stand in differently at once, an approval may stay unused. */
const mostWays = 256;

/** One of each, in every combination; beyond that of the rest the first. */
export const waysToChoose = <T>(choices: readonly (readonly T[])[]): readonly (readonly T[])[] =>
  choices.reduce<readonly (readonly T[])[]>(
    (all, some) => {
      const few = all.length * some.length > mostWays ? some.slice(0, 1) : some;
      return all.flatMap((way) => few.map((one) => [...way, one]));
    },
    [[]],
  );

/** The largest set of levels that can all be complete at once; of equally large ones, the one with the lower levels. */
function bestWholeLevels(
  levels: readonly Places[],
  seats: readonly (readonly number[])[],
): readonly number[] {
  let best: readonly number[] = [];
  const search = (next: number, chosen: readonly number[], free: number): void => {
    if (chosen.length > best.length) best = chosen;
    // INVARIANT: taking a level is tried before leaving it, and only a larger set replaces the best, so lower levels win a tie
    const level = levels[next];
    // each further whole level takes at least one more person
    if (level === undefined || chosen.length + Math.min(levels.length - next, free) <= best.length) return;
    const withNext = [...chosen, next];
    if (canComplete(levels, seats, withNext)) search(next + 1, withNext, free - level.need);
    search(next + 1, chosen, free);
  };
  search(0, [], seats.length);
  return best;
}

function canComplete(
  levels: readonly Places[],
  seats: readonly (readonly number[])[],
  chosen: readonly number[],
): boolean {
  const matching = new Matching(levels, seats);
  return chosen.every((level) => matching.fill(level));
}

type Vertex = "source" | `candidate ${number}` | `seat ${number}` | `used ${number}` | `level ${number}`;

/**
 * A flow from people over seats to levels that grows by augmenting paths: somebody is moved to another seat, or a seat to another level, when that makes room. Every
 * edge carries one at most, and a seat is an edge of its own (`seat` to `used`), so that it is filled once however many may act on it.
 */
class Matching {
  readonly #levels: readonly Places[];
  /** Where one more can go, from each vertex. What is carried shows as an edge back. */
  readonly #open = new Map<Vertex, Set<Vertex>>();

  constructor(levels: readonly Places[], seats: readonly (readonly number[])[]) {
    this.#levels = levels;
    for (const [candidate, theirs] of seats.entries()) {
      this.#from("source").add(`candidate ${candidate}`);
      for (const seat of theirs) {
        this.#from(`candidate ${candidate}`).add(`seat ${seat}`);
        this.#from(`seat ${seat}`).add(`used ${seat}`);
      }
    }
    for (const [level, { takes }] of levels.entries())
      for (const [seat, taken] of takes.entries())
        if (taken) this.#from(`used ${seat}`).add(`level ${level}`);
  }

  /** Fills as many places of the level as can be; true when it is complete. */
  fill(level: number): boolean {
    const { need } = this.#levels[level] as Places;
    while (this.#from(`level ${level}`).size < need) {
      if (!this.#augment("source", `level ${level}`, new Set())) return false;
    }
    return true;
  }

  /** In the order of the candidates. */
  filled(level: number): readonly Filled[] {
    return [...this.#from(`level ${level}`)]
      .map((used) => numberOf(used))
      .map((seat) => ({ seat, candidate: this.#candidateOn(seat) }))
      .sort((a, b) => a.candidate - b.candidate);
  }

  // INVARIANT: what a used seat carries has come from one candidate
  #candidateOn(seat: number): number {
    const [holder] = this.#from(`seat ${seat}`);
    return numberOf(holder as Vertex);
  }

  #augment(at: Vertex, goal: Vertex, seen: Set<Vertex>): boolean {
    if (at === goal) return true;
    seen.add(at);
    for (const next of this.#from(at)) {
      if (seen.has(next) || !this.#augment(next, goal, seen)) continue;
      this.#from(at).delete(next);
      this.#from(next).add(at);
      return true;
    }
    return false;
  }

  #from(vertex: Vertex): Set<Vertex> {
    const known = this.#open.get(vertex);
    if (known !== undefined) return known;
    const made = new Set<Vertex>();
    this.#open.set(vertex, made);
    return made;
  }
}

const numberOf = (vertex: Vertex): number => Number(vertex.slice(vertex.indexOf(" ") + 1));
