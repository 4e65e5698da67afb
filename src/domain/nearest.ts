/**
 * The candidate that the author probably meant by `word`, or null when none is close.
 * Close: at most two edits (one for three or four letters, none below), a swap of neighbours counting once;
 * case and the difference between `-` and `_` do not count. On a tie the earlier candidate wins.
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  if (word.length > LONGEST) return null
  const wanted = fold(word)
  let best: string | null = null
  let limit = wanted.length > 4 ? 2 : wanted.length > 2 ? 1 : 0
  for (const candidate of ofLikelyLength(candidates, wanted.length, limit)) {
    const distance = editDistance(wanted, fold(candidate), limit)
    if (distance > limit) continue
    best = candidate
    limit = distance - 1
  }
  return best
}

/** Longer words are not typed by anyone, and comparing them would cost the square of their length. */
const LONGEST = 100

/** How many candidates of a likely length are looked at: a hint is worth milliseconds, not seconds. */
const MOST = 10_000

function* ofLikelyLength(
  candidates: Iterable<string>,
  length: number,
  limit: number,
): Generator<string> {
  let left = MOST
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - length) > limit) continue
    if (left-- === 0) return
    yield candidate
  }
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll('_', '-')
}

/** Damerau-Levenshtein distance over adjacent swaps, or anything above `limit` when it is larger. */
function editDistance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = nextRow(a, b, row, last, beforeLast)
    // A swap reaches back two rows; from beyond the limit in both there is no way back.
    if (Math.min(...current) > limit && Math.min(...last) >= limit) return limit + 1
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}

function nextRow(
  a: string,
  b: string,
  row: number,
  last: number[],
  beforeLast: number[],
): number[] {
  const current = [row]
  for (let column = 1; column <= b.length; column++) {
    const same = a[row - 1] === b[column - 1]
    const swapped =
      row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
    current[column] = Math.min(
      at(current, column - 1) + 1,
      at(last, column) + 1,
      at(last, column - 1) + (same ? 0 : 1),
      swapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
    )
  }
  return current
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
