const SECONDS: ReadonlyMap<string, number> = new Map([
  ['ms', 0.001],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
])

/**
 * Reads a duration as people write it: one whole number and one unit (`150ms`, `5s`, `3m`, `8h`, `90d`).
 * Returns seconds, or null for anything else: signs, fractions, several units and blanks included.
 */
export function parseDuration(text: string): number | null {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? []
  const seconds = SECONDS.get(unit ?? '')
  return digits === undefined || seconds === undefined ? null : Number(digits) * seconds
}
