import { type LineReading, ORIGIN, readLine } from './line.ts'
import type { BrokenKind, ChainSummary, Place } from './verification.ts'

/** One chain, as far as it has been followed. */
export type Link = {
  readonly chain: string
  readonly first: number
  /** Where its last record stands. */
  place: Place
  seq: number
  hash: string
  /** Whether its last record is the checkpoint of a stop. */
  closed: boolean
  /** Whether the last record but checkpoints began a file. */
  begun: boolean
  /** Records since the last checkpoint, and how many checkpoints a given key has signed. */
  unsigned: number
  genuine: number
}

/** What is wrong with a line. */
export type Fault = { readonly what: BrokenKind; readonly message: string; readonly place?: Place }

/** Reads a line whose bytes are those that were written; otherwise what is wrong with it. */
export function readIntact(line: Buffer): LineReading | Fault {
  const reading = readLine(line)
  if (reading === null)
    return { what: 'not-a-record', message: 'this line has not the form of a record' }
  if (reading.intact) return reading
  return { what: 'changed', message: `record ${reading.seq} has been changed` }
}

/** What is wrong with a line as the next of its chain; null: nothing. */
export function breakAt(link: Link, { seq, prev }: LineReading): Fault | null {
  const expected = link.seq + 1
  if (seq < expected) return { what: 'repeated', message: `record ${seq} comes again, or too late` }
  if (seq > expected)
    return { what: 'missing', message: `${spanOf(expected, seq - 1)} missing before it` }
  if (prev === link.hash) return null
  const message = `record ${link.seq} has been changed together with its hash: the next one names another`
  return { what: 'replaced', message, place: link.place }
}

function spanOf(first: number, last: number): string {
  return first === last ? `record ${first} is` : `records ${first} to ${last} are`
}

/** Begins to follow a chain at the first line that there is of it. */
export function beginLink(
  chain: string,
  { seq, prev, hash }: LineReading,
  place: Place,
): Link | Fault {
  if ((seq === 1) !== (prev === ORIGIN))
    return {
      what: 'replaced',
      message: 'the first record of the chain has been changed together with its hash',
    }
  return {
    chain,
    first: seq,
    place,
    seq,
    hash,
    closed: false,
    begun: true,
    unsigned: 1,
    genuine: 0,
  }
}

/** Whether bytes without a line feed can be the beginning of a record that was being written. */
export function canBeTorn(bytes: Buffer): boolean {
  const known = Math.min(bytes.length, BEGIN.length)
  const text = bytes.toString('latin1')
  return text.startsWith(BEGIN.slice(0, known)) && !WHOLE.test(text) && !NOT_WRITTEN.test(text)
}

const BEGIN = '{"v":1,"event":"'

/** A torn line ends before its hash does. */
const WHOLE = /"hash":"[0-9a-f]{64}"\}?./

/** A record is printable ASCII. */
const NOT_WRITTEN = /[^\x20-\x7e]/

/** What there is to say of a chain that has been followed to its end. */
export function summaryOf({ chain, first, seq, hash, closed, unsigned }: Link): ChainSummary {
  const begin = first === 1 ? 'start' : 'middle'
  return { chain, first, last: seq, begin, end: closed ? 'stopped' : 'open', head: hash, unsigned }
}
