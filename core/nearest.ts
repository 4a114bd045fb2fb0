// "Did you mean …?"

const furthest = 2;
const longestWord = 64;

/**
 * Up to three candidates, first those that contain the word (a single letter says nothing), then those at most two typing errors away; of each the nearest first.
 * Letter case does not count as an error.
 */
export function nearest(word: string, candidates: Iterable<string>): readonly string[] {
  const lower = word.toLowerCase();
  const most = Math.min(furthest, Math.floor(word.length / 2));
  if (word.length > longestWord) return [];
  return [...new Set(candidates)]
    .map((candidate) => {
      const whole = word.length > 1 && candidate.toLowerCase().includes(lower);
      const far = whole ? candidate.length - word.length : distance(lower, candidate.toLowerCase(), most);
      return { candidate, whole, far };
    })
    .filter(({ whole, far }) => whole || far <= most)
    .sort(
      (a, b) => Number(b.whole) - Number(a.whole) || a.far - b.far || (a.candidate < b.candidate ? -1 : 1),
    )
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** ` (did you mean \`x\`?)`, or nothing. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates);
  return near.length === 0 ? "" : `; did you mean ${near.map((each) => `\`${each}\``).join(" or ")}?`;
}

/**
 * Edits (insert, delete, replace, swap neighbours) from a to b; more than `most` where it is more. Each step skips what is alike and then tries the four edits, so the
 * cost is that of a few readings of the word, however many edits it would take.
 */
function distance(a: string, b: string, most: number): number {
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  const [left, right] = [a.slice(same), b.slice(same)];
  const apart = Math.abs(left.length - right.length);
  if (left === "" || right === "" || apart > most) return apart;
  if (most === 0) return 1;
  const swapped = left[0] === right[1] && left[1] === right[0];
  return (
    1 +
    Math.min(
      distance(left.slice(1), right, most - 1),
      distance(left, right.slice(1), most - 1),
      distance(left.slice(1), right.slice(1), most - 1),
      swapped ? distance(left.slice(2), right.slice(2), most - 1) : most,
    )
  );
}
