import type { PolicySource } from './policy-files.ts'

/**
 * Milliseconds for which a file that is only the beginning of what it was must stay so to count as written: that is how
 * a policy looks while it is being written, and cut between two rules it is a valid one without the last of them.
 */
const PATIENCE = 1200

/**
 * Creates the function that tells whether these files look half-written; `content` names them. Files that do not are
 * remembered as what the next ones are compared with. `now` in milliseconds on a clock that never goes back.
 */
export function createHalfWritten(
  now: () => number,
): (sources: readonly PolicySource[], content: string) => boolean {
  let whole: readonly PolicySource[] = []
  let waiting = { content: '', since: 0 }
  return (sources, content) => {
    if (waiting.content !== content) waiting = { content, since: now() }
    const isHalf = sources.some((source) => isBeginning(source, whole))
    if (isHalf && now() - waiting.since < PATIENCE) return true
    whole = sources
    return false
  }
}

function isBeginning({ file, text }: PolicySource, whole: readonly PolicySource[]): boolean {
  const before = whole.find((other) => other.file === file)?.text ?? ''
  return text.length < before.length && before.startsWith(text)
}
