// "Did you mean …?"

const furthest = 2;
const longestWord = 64;

/** Up to three candidates at most two typing errors away, the nearest first. Letter case does not count as an error. */
export function nearest(word: string, candidates: Iterable<string>): readonly string[] {
  const lower = word.toLowerCase();
  if (word.length > longestWord) return [];
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, distance: distance(lower, candidate.toLowerCase()) }))
    .filter((each) => each.distance <= Math.min(furthest, Math.floor(word.length / 2)))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map((each) => each.candidate);
}

/** ` (did you mean \`x\`?)`, or nothing. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates);
  return near.length === 0 ? "" : `; did you mean ${near.map((each) => `\`${each}\``).join(" or ")}?`;
}

/** Edits (insert, delete, replace, swap neighbours) from a to b; anything over `furthest` where it is surely more. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > furthest) return furthest + 1;
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        at(previous, j) + 1,
        at(row, j - 1) + 1,
        at(previous, j - 1) + (same ? 0 : 1),
        swapped ? at(older, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    if (Math.min(...row) > furthest) return furthest + 1;
    older = previous;
    previous = row;
  }
  return at(previous, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] as number;
