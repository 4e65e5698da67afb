import { canBeTorn, readIntact, summaryOf } from './chain-check.ts'
import { type LineReading, readLine } from './line.ts'
import { inOrder } from './order.ts'
import { readLines } from './read-lines.ts'
import { checkRecord, type RecordCheck, startCheck } from './record-check.ts'
import type { SignatureCheck } from './signer.ts'
import type { Broken, FileSummary, Verification } from './verification.ts'

/** How files are checked. */
export type VerifyOptions = {
  /** One of them must have signed each checkpoint; without any, signatures are not looked at. */
  readonly keys: readonly SignatureCheck[]
  /** A record that must be there, known from elsewhere; null: none is. */
  readonly head: { readonly seq: number; readonly hash: string } | null
  /** Told of the bytes read so far. */
  readonly onProgress: (bytes: number) => void
}

/** One file under way. */
type FileCheck = {
  readonly file: string
  lines: number
  records: number
  first: number | null
  last: number | null
  torn: number
  broken: Broken | null
}

/**
 * Checks that the files have every record as it was written, each behind the one before it. They are put into the order
 * of their chains first, however they are named. Ends at the first record that is not. Rejects when a file cannot be read.
 */
export async function verifyFiles(
  paths: readonly string[],
  options: VerifyOptions,
): Promise<Verification> {
  const ordered = await inOrder(paths)
  const check = startCheck(options)
  const files: FileCheck[] = []
  let bytes = 0
  for (const path of ordered) {
    const onBytes = (count: number) => {
      bytes += count
      options.onProgress(bytes)
    }
    const file = await verifyFile(check, path, onBytes)
    files.push(file)
    if (file.broken !== null) break
  }
  const broken = files.at(-1)?.broken ?? whatIsLacking(check, ordered[0] ?? '')
  return resultOf(check, files, await tellFromMissing(broken, check, ordered))
}

async function verifyFile(
  check: RecordCheck,
  file: string,
  onBytes: (count: number) => void,
): Promise<FileCheck> {
  const state: FileCheck = {
    file,
    lines: 0,
    records: 0,
    first: null,
    last: null,
    torn: 0,
    broken: null,
  }
  check.current = null
  await readLines(
    file,
    (line, isEnded) => {
      if (state.broken === null) verifyLine(check, state, line, isEnded)
    },
    (count) => {
      onBytes(count)
      return state.broken === null
    },
  )
  return state
}

function verifyLine(check: RecordCheck, state: FileCheck, line: Buffer, isEnded: boolean): void {
  state.lines++
  const reading = readIntact(line)
  if (!('what' in reading)) takeRecord(check, state, reading, line)
  else if (!isEnded && canBeTorn(line)) state.torn = line.length
  else state.broken = { ...placeOf(state, readLine(line)?.seq ?? null), ...reading }
}

function takeRecord(
  check: RecordCheck,
  state: FileCheck,
  reading: LineReading,
  line: Buffer,
): void {
  const place = placeOf(state, reading.seq)
  const fault = checkRecord(check, reading, line, place)
  if (fault !== null) {
    const { what, message } = fault
    state.broken = { ...(fault.place ?? place), what, message }
    return
  }
  state.records++
  state.first ??= reading.seq
  state.last = reading.seq
}

function placeOf({ file, lines }: FileCheck, seq: number | null) {
  return { file, line: lines, seq }
}

/** What should be in files that are sound as far as they go. */
function whatIsLacking(check: RecordCheck, file: string): Broken | null {
  const { keys, head, headSeen, links, records } = check
  const place = { file, line: 1, seq: null }
  if (keys.length > 0 && records === 0)
    return { ...place, what: 'unsigned', message: 'there is no record, and nothing that is signed' }
  if (records === 0) return { ...place, what: 'missing', message: 'there is no record' }
  const bare = [...links.values()].find(({ genuine }) => genuine === 0)
  if (keys.length > 0 && bare)
    return { ...place, what: 'unsigned', message: `chain ${bare.chain} has no signed checkpoint` }
  if (headSeen || head === null) return null
  const message = `record ${head.seq} with the hash that was given is not here: the end has been cut off or rewritten`
  return { ...place, seq: head.seq, what: 'missing', message }
}

/** A record that is missing at its place and stands at another has been moved. */
async function tellFromMissing(
  broken: Broken | null,
  { current }: RecordCheck,
  files: readonly string[],
): Promise<Broken | null> {
  if (broken?.what !== 'missing' || current === null) return broken
  const [seq, prev] = [current.seq + 1, current.hash]
  for (const file of files) {
    let [line, at] = [0, 0]
    const look = (bytes: Buffer) => {
      line++
      const reading = readLine(bytes)
      if (reading?.seq === seq && reading.prev === prev && reading.intact) at = line
    }
    await readLines(file, look, () => at === 0)
    if (at > 0)
      return {
        ...broken,
        what: 'reordered',
        message: `record ${seq} belongs before it, and stands in ${file}:${at}`,
      }
  }
  return broken
}

function resultOf(
  check: RecordCheck,
  files: readonly FileCheck[],
  broken: Broken | null,
): Verification {
  const { records, gaps, repairs, unvouched, disturbed, links } = check
  const { checkpoints, genuine, keyIds } = check
  return {
    broken,
    files: files.map(({ lines, broken: _, ...summary }): FileSummary => summary),
    chains: [...links.values()].map(summaryOf),
    records,
    gaps,
    repairs,
    unvouched,
    disturbed,
    checkpoints: { count: checkpoints, genuine, keys: [...keyIds] },
  }
}
