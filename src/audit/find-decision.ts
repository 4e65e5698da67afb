import { readIntact } from './chain-check.ts'
import { readLines } from './read-lines.ts'

/** The record of one decision: its text, where it stands, and whether its bytes are those that were written. */
export type FoundDecision = {
  readonly text: string
  readonly file: string
  readonly line: number
  readonly intact: boolean
}

/**
 * Looks for the record of a decision in files, packed by gzip or not, one after the other; null when none of them has it.
 * Whether the record itself is whole, only `verifyFiles` can say. Rejects when a file cannot be read.
 */
export async function findDecision(
  paths: readonly string[],
  id: string,
): Promise<FoundDecision | null> {
  const wanted = Buffer.from(`,"decision_id":"${id}"`)
  for (const file of paths) {
    const found = await findIn(file, wanted)
    if (found !== null) return found
  }
  return null
}

async function findIn(file: string, wanted: Buffer): Promise<FoundDecision | null> {
  let line = 0
  let found: FoundDecision | null = null
  const look = (bytes: Buffer, isEnded: boolean) => {
    line++
    if (found !== null || !isEnded || !bytes.includes(wanted)) return
    found = { text: bytes.toString(), file, line, intact: !('what' in readIntact(bytes)) }
  }
  await readLines(file, look, () => found === null)
  return found
}
