import { MOST_UNSIGNED, signedText } from './chain.ts'
import { beginLink, breakAt, type Fault, type Link } from './chain-check.ts'
import type { LineReading } from './line.ts'
import type { SignatureCheck } from './signer.ts'
import type { Disturbed, GapFound, Place, RepairFound, Unvouched } from './verification.ts'

/** A check under way: what has been seen of all chains. */
export type RecordCheck = {
  readonly keys: readonly SignatureCheck[]
  /** The hash of a record that must be there, and its number. */
  readonly head: { readonly seq: number; readonly hash: string } | null
  headSeen: boolean
  readonly links: Map<string, Link>
  /** The chain of the file at hand; null before its first line. */
  current: Link | null
  records: number
  readonly gaps: GapFound[]
  readonly repairs: RepairFound[]
  readonly unvouched: Unvouched[]
  readonly disturbed: Disturbed[]
  checkpoints: number
  genuine: number
  readonly keyIds: Set<string>
}

type Fields = Readonly<Record<string, unknown>>

/** Begins a check. */
export function startCheck({ keys, head }: Pick<RecordCheck, 'keys' | 'head'>): RecordCheck {
  return {
    keys,
    head,
    headSeen: head === null,
    links: new Map(),
    current: null,
    records: 0,
    gaps: [],
    repairs: [],
    unvouched: [],
    disturbed: [],
    checkpoints: 0,
    genuine: 0,
    keyIds: new Set(),
  }
}

/** Takes the next record, whose bytes are intact; what is wrong with it, null when nothing is. */
export function checkRecord(
  check: RecordCheck,
  reading: LineReading,
  line: Buffer,
  place: Place,
): Fault | null {
  const fields = reading.event === 'decision' ? {} : fieldsOf(line)
  if (fields === null) return { what: 'not-a-record', message: 'this line is no JSON object' }
  const link = linkOf(check, reading, fields, place)
  if ('what' in link) return link
  check.records++
  if (reading.seq === check.head?.seq && reading.hash === check.head.hash) check.headSeen = true
  return note(check, link, reading, fields, place)
}

/** Null for a line that somebody made up: one of ours is always an object. */
function fieldsOf(line: Buffer): Fields | null {
  try {
    return JSON.parse(line.toString()) as Fields
  } catch {
    return null
  }
}

/** The chain that the record is of, with the record taken into it. */
function linkOf(
  check: RecordCheck,
  reading: LineReading,
  fields: Fields,
  place: Place,
): Link | Fault {
  const isFirst = reading.event === 'file'
  if (check.current === null && !isFirst)
    return {
      what: 'beheaded',
      message: `the file lacks its beginning: record ${reading.seq} is its first`,
    }
  const known = isFirst ? check.links.get(String(fields.chain)) : check.current
  if (!known) return begun(check, String(fields.chain), reading, place)
  const fault = breakAt(known, reading)
  if (fault !== null) return fault
  check.current = known
  Object.assign(known, { seq: reading.seq, hash: reading.hash, place })
  known.unsigned++
  return known
}

function begun(
  check: RecordCheck,
  chain: string,
  reading: LineReading,
  place: Place,
): Link | Fault {
  const link = beginLink(chain, reading, place)
  if ('what' in link) return link
  check.links.set(chain, link)
  check.current = link
  return link
}

/** Takes down what the record tells of the record itself. */
function note(
  check: RecordCheck,
  link: Link,
  { event, ts }: LineReading,
  fields: Fields,
  place: Place,
): Fault | null {
  link.closed = event === 'checkpoint' && fields.cause === 'stop'
  if (event === 'checkpoint') return checkpoint(check, link, fields, place)
  link.begun = event === 'file'
  if (check.keys.length > 0 && link.unsigned > MOST_UNSIGNED) return UNSIGNED
  if (event === 'repaired') check.repairs.push({ ...place, ts, bytes: Number(fields.bytes) })
  if (event === 'gap') check.gaps.push(gapOf(fields, place))
  if (event === 'file' && DISTURBED.includes(fields.begin))
    check.disturbed.push({ ...place, begin: String(fields.begin) })
  return null
}

const DISTURBED: readonly unknown[] = ['removed', 'emptied', 'damaged']

const UNSIGNED: Fault = {
  what: 'unsigned',
  message: `the ${MOST_UNSIGNED} records before it have no checkpoint: no writer leaves that many`,
}

function gapOf({ cause, count, since, until }: Fields, place: Place): GapFound {
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  return {
    ...place,
    cause: text(cause) ?? 'unknown',
    count: typeof count === 'number' ? count : null,
    since: text(since),
    until: text(until),
  }
}

function checkpoint(check: RecordCheck, link: Link, fields: Fields, place: Place): Fault | null {
  const { count, head, key, sig, cause } = fields
  const unvouched = unvouchedBefore(link, place)
  check.checkpoints++
  link.unsigned = 0
  if (typeof key === 'string') check.keyIds.add(key)
  if (check.keys.length === 0) return null
  const end = { chain: link.chain, seq: Number(count), hash: String(head) }
  const text = signedText(end, String(cause))
  const isHere = count === link.seq - 1 && head === fields.prev
  const signer = check.keys.find(({ keyId }) => keyId === key)
  if (!signer || !isHere || !signer.isGenuine(text, String(sig)))
    return { what: 'signature', message: `checkpoint ${link.seq} ${whyNot(key, signer)}` }
  check.genuine++
  link.genuine++
  if (cause === 'resumed' && unvouched !== null) check.unvouched.push(unvouched)
  return null
}

/** The first line of a file stands before its checkpoint, and is of the same process. */
function unvouchedBefore({ seq, unsigned, begun }: Link, place: Place): Unvouched | null {
  const [first, last] = [seq - unsigned + 1, begun ? seq - 2 : seq - 1]
  return first > last ? null : { ...place, first, last }
}

function whyNot(key: unknown, signer: SignatureCheck | undefined): string {
  if (typeof key !== 'string') return 'is not signed'
  return signer
    ? 'has a signature that is not of its key'
    : `is signed by key ${key}, which was not given`
}
