import { hash } from 'node:crypto'
import type { SecurityEvent } from '../domain/security-event.ts'
import type { SubjectKey } from '../domain/settlement.ts'
import { type EventType, type Reading, readEvent, typeOf } from './read-event.ts'
import type { IssuerNames, Stream } from './stream.ts'
import { type KeySet, type Refusal, refused, type VerifiedSet, verifySet } from './verify-set.ts'

/** What receiving needs from outside. */
export type ReceiveDeps = {
  readonly issuers: IssuerNames
  /** A stream's keys by its name, null before they are there. */
  readonly keysOf: (stream: string) => KeySet | null
  /** Told that a key is missing; true when it may be there later, false when the keys are as new as they get. */
  readonly missed: (stream: string) => boolean
  /** Keeps an event, for all replicas; rejects when it cannot. An event that is told again changes nothing. */
  readonly tell: (event: SecurityEvent) => Promise<'applied' | 'superseded'>
  /** Forgets what is remembered of a subject's tokens. */
  readonly forget: (subject: SubjectKey) => void
  /** True for the first use of a name, to be remembered until then (ms since the epoch). */
  readonly useOnce: (use: {
    readonly name: string
    readonly now: number
    readonly until: number
    readonly stream: null
  }) => boolean | Promise<boolean>
  readonly onReceived: (report: SetReport) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What became of a SET; the label of `stepgate_security_events_total`. */
export type SetResult =
  /** It was kept, and some of it counts from now on. */
  | 'applied'
  /** Something later is known already. */
  | 'superseded'
  | 'ignored'
  | 'unknown-subject'
  | 'replayed'
  | 'rejected'
  /** Not received, through no fault of the transmitter: it will come again. */
  | 'failed'

/** What is told of each SET. */
export type SetReport = {
  readonly stream: string
  /** `none` where it could not be believed. */
  readonly type: EventType | 'none'
  readonly result: SetResult
  /** Its `jti`; null where that could not be believed. */
  readonly id: string | null
  /** What it came to. */
  readonly events: readonly SecurityEvent[]
  /** Those of them that count from now on, whatever became of the others. */
  readonly applied: readonly SecurityEvent[]
  /** Of a verification event: what the transmitter was asked to send. */
  readonly state: string | null
  /** Why it was rejected or failed. */
  readonly reason: string | null
}

/** The answer to the transmitter: it may forget the SET, it sent none, or it shall send it again. */
export type Receipt = { readonly kind: 'accepted' } | Refusal | { readonly kind: 'retry' }

/** Takes one SET of a stream. */
export type Receive = (stream: Stream, set: string) => Promise<Receipt>

/**
 * Milliseconds that a `jti` is remembered. Afterwards a replay is known by its time alone, which is not after that of
 * what is known by then.
 */
const REMEMBERED = 24 * 3_600_000

const ACCEPTED: Receipt = { kind: 'accepted' }
const RETRY: Receipt = { kind: 'retry' }

/**
 * Makes the function: verifies a SET, reads its event, and has all of it kept before it is acknowledged. What nobody here
 * is meant by is acknowledged too, since to send it again would not help.
 */
export function createReceive(deps: ReceiveDeps): Receive {
  return async (stream, set) => {
    const keys = deps.keysOf(stream.name)
    if (keys === null) return unverified(stream, 'the keys of the stream are not there yet', deps)
    const verification = await verifySet(set, stream, keys, deps.now())
    switch (verification.kind) {
      case 'verified':
        return heed(stream, verification.set, deps)
      case 'refused':
        return reject(stream, verification, deps)
      case 'unknown-key':
        return deps.missed(stream.name)
          ? unverified(stream, 'the SET is signed with a key that is not there yet', deps)
          : reject(stream, UNKNOWN_KEY, deps)
    }
  }
}

const UNKNOWN_KEY = refused('invalid_key', 'the SET is signed with an unknown key')

async function heed(stream: Stream, set: VerifiedSet, deps: ReceiveDeps): Promise<Receipt> {
  const reading = readEvent(set, { stream, issuers: deps.issuers })
  const applied: SecurityEvent[] = []
  const result = await tryResult(reading, applied, stream, set, deps)
  deps.onReceived({
    ...NOTHING,
    stream: stream.name,
    type: typeOf(set.type),
    id: set.id,
    events: reading.kind === 'events' ? reading.events : [],
    applied,
    state: reading.kind === 'verification' ? reading.state : null,
    ...result,
  })
  return result.result === 'failed' ? RETRY : ACCEPTED
}

type Result = Pick<SetReport, 'result' | 'reason'>

async function tryResult(...about: Parameters<typeof resultOf>): Promise<Result> {
  try {
    return { result: await resultOf(...about), reason: null }
  } catch (error) {
    return { result: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}

const NOTHING = {
  type: 'none',
  id: null,
  events: [],
  applied: [],
  state: null,
  reason: null,
} as const

async function resultOf(
  reading: Reading,
  applied: SecurityEvent[],
  stream: Stream,
  set: VerifiedSet,
  deps: ReceiveDeps,
): Promise<SetResult> {
  switch (reading.kind) {
    case 'unknown-subject':
      return 'unknown-subject'
    case 'verification':
      return 'applied'
    case 'ignored':
      for (const subject of reading.subjects) deps.forget(subject)
      return 'ignored'
    case 'events':
      await tellAll(reading.events, applied, deps)
      if (!(await isFirst(stream, set, deps))) return 'replayed'
      return applied.length > 0 ? 'applied' : 'superseded'
  }
}

/** Puts into `applied` what counts from now on, also where it rejects before all is told: what comes again is no news. */
async function tellAll(
  events: readonly SecurityEvent[],
  applied: SecurityEvent[],
  { tell }: ReceiveDeps,
): Promise<void> {
  for (const event of events) if ((await tell(event)) === 'applied') applied.push(event)
}

/**
 * Only once an event has been kept is its id used up: one that was not must be deliverable again. Where the ids cannot be
 * asked for, nothing is lost but the count.
 */
async function isFirst(
  stream: Stream,
  set: VerifiedSet,
  { useOnce, now }: ReceiveDeps,
): Promise<boolean> {
  const time = now()
  const name = hash('sha256', `${stream.issuer} ${set.id}`, 'base64url')
  try {
    return await useOnce({ name, now: time, until: time + REMEMBERED, stream: null })
  } catch {
    return true
  }
}

function reject(stream: Stream, refusal: Refusal, { onReceived }: ReceiveDeps): Receipt {
  const { description: reason } = refusal
  onReceived({ ...NOTHING, stream: stream.name, result: 'rejected', reason })
  return refusal
}

function unverified(stream: Stream, reason: string, { onReceived }: ReceiveDeps): Receipt {
  onReceived({ ...NOTHING, stream: stream.name, result: 'failed', reason })
  return RETRY
}
