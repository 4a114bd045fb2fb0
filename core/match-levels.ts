// People to places: one person counts for one level only, and no approval is wasted by the order in which it came.

/** One level: how many it needs, and for each candidate whether it takes them. */
export interface Places {
  readonly need: number;
  readonly takes: readonly boolean[];
}

/**
 * Matches candidates to the places of levels so that the most places are filled; of those matchings the one that completes the most
 * levels, then the lower levels. Answers, for each level, the candidates that fill it.
 *
 * Any set of places that can be filled at once can be kept while the matching grows to the maximum (an augmenting path never empties a
 * place), so it is enough to look for the best set of whole levels first and then to fill what else there is.
 */
export function matchLevels(levels: readonly Places[]): readonly (readonly number[])[] {
  const whole = bestWholeLevels(levels);
  const matching = new Matching(levels);
  for (const level of whole) matching.fill(level);
  for (let level = 0; level < levels.length; level++) matching.fill(level);
  return levels.map((_, level) => matching.candidatesOf(level));
}

/** The largest set of levels that can all be complete at once; of equally large ones, the one with the lower levels. */
function bestWholeLevels(levels: readonly Places[]): readonly number[] {
  let best: readonly number[] = [];
  const candidates = levels[0]?.takes.length ?? 0;
  const search = (next: number, chosen: readonly number[], free: number): void => {
    if (chosen.length > best.length) best = chosen;
    // INVARIANT: taking a level is tried before leaving it, and only a larger set replaces the best, so lower levels win a tie
    const level = levels[next];
    // each further whole level takes at least one more person
    if (level === undefined || chosen.length + Math.min(levels.length - next, free) <= best.length) return;
    const withNext = [...chosen, next];
    if (canComplete(levels, withNext)) search(next + 1, withNext, free - level.need);
    search(next + 1, chosen, free);
  };
  search(0, [], candidates);
  return best;
}

function canComplete(levels: readonly Places[], chosen: readonly number[]): boolean {
  const matching = new Matching(levels);
  return chosen.every((level) => matching.fill(level));
}

/** A bipartite matching that grows by augmenting paths: a candidate is moved to another level when that makes room. */
class Matching {
  readonly #levels: readonly Places[];
  readonly #filled: number[][];

  constructor(levels: readonly Places[]) {
    this.#levels = levels;
    this.#filled = levels.map(() => []);
  }

  /** Fills as many places of the level as can be; true when it is complete. */
  fill(level: number): boolean {
    const { need } = this.#at(level);
    while (this.candidatesOf(level).length < need) {
      if (!this.#augment(level, new Set())) return false;
    }
    return true;
  }

  candidatesOf(level: number): readonly number[] {
    return this.#filled[level] as readonly number[];
  }

  #at(level: number): Places {
    return this.#levels[level] as Places;
  }

  #augment(level: number, seen: Set<number>): boolean {
    const { takes } = this.#at(level);
    for (const [candidate, taken] of takes.entries()) {
      if (!taken || seen.has(candidate)) continue;
      seen.add(candidate);
      const holder = this.#filled.findIndex((filled) => filled.includes(candidate));
      if (holder === level) continue;
      if (holder === -1 || this.#augment(holder, seen)) {
        // the holder has found somebody else, or nobody held this candidate
        if (holder !== -1) this.#release(holder, candidate);
        (this.#filled[level] as number[]).push(candidate);
        return true;
      }
    }
    return false;
  }

  #release(holder: number, candidate: number): void {
    this.#filled[holder] = this.candidatesOf(holder).filter((other) => other !== candidate);
  }
}
