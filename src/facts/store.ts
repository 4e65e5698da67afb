import type { CounterUse } from '../domain/facts.ts'
import type { Settled, Settlement, SubjectKey } from '../domain/settlement.ts'

/**
 * What is remembered from one request to the next, in this process or for all replicas. Whatever it forgets, it forgets
 * to the stricter side: what is not remembered is new. Each function works in one atomic step for one subject, throws or
 * rejects when it cannot, and answers at once where it needs no network.
 */
export type Store = {
  /** Looks up what is known, records what is seen for the first time, and reserves what is counted. */
  readonly observe: (sighting: Sighting) => Observed | Promise<Observed>
  /** Spends a login, or records a challenge. */
  readonly settle: (settlement: Settlement) => Settled | Promise<Settled>
  /** Learns and counts what a decision came to; true when a challenge was answered by it. */
  readonly remember: (memory: Memory) => boolean | Promise<boolean>
}

/** What else is remembered of requests: not about a subject, and nothing that a rule reads. */
export type Uses = {
  /** Uses up what is good for one request only, as a `Store` does; false when another request has done so before. */
  readonly useOnce: (use: SingleUse) => boolean | Promise<boolean>
}

/** Something that is good for one request, such as the proof that a key is held (RFC 9449 §11.1). */
export type SingleUse = {
  /** What it is, in a fixed length: no two are called alike. */
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** It is not forgotten before (ms since the epoch): from then on it is good for nothing anyway. */
  readonly until: number
  /** The attempt of Envoy's that uses it, which may do so again; null when it has no id. */
  readonly stream: string | null
}

/** What a request shows of its subject. A member that is absent is not asked for. */
export type Sighting = {
  /** Null for nobody: then only counters can be asked for. */
  readonly subject: SubjectKey | null
  /** Milliseconds since the epoch. */
  readonly now: number
  /**
   * When what is new counts as first seen, where that is not now (ms): never before the login that shows it, by whatever
   * clock, or the same login could pass for a newer one.
   */
  readonly seenAt?: number
  /** Of Envoy's stream, null without one: a counter counts a stream once. */
  readonly stream: string | null
  /** Id of the device. */
  readonly device?: string
  /** Name of the area that the address is in. */
  readonly place?: string
  /** Key of the session. */
  readonly session?: string
  /** Of the request, to be compared within the session: `session` is given as well. */
  readonly fingerprint?: string
  readonly roles?: readonly string[]
  /** Those whose value is wanted: `attempts` and `allowed` include the request at hand, `refused` does not. */
  readonly counters: readonly CounterUse[]
}

/** What is remembered of what was asked for. Times in milliseconds since the epoch. */
export type Observed = {
  /** `learnt`: known for this subject and not forgotten since. */
  readonly device?: { readonly learnt: boolean; readonly firstSeen: number }
  /** The last accepted place, null before the first; `firstSeen` is of the area asked for. */
  readonly place?: { readonly last: Place | null; readonly firstSeen: number }
  readonly session?: { readonly firstSeen: number }
  /** Learnt within the session, null before the first; `firstSeen` is of this one for the subject. */
  readonly fingerprint?: { readonly learnt: readonly string[] | null; readonly firstSeen: number }
  /** Those of the last login that was learnt, null before the first; `firstSeen` is of the latest role asked for. */
  readonly roles?: {
    readonly learnt: readonly string[] | null
    /** When they were (the `now` of that memory), 0 before the first. */
    readonly learntAt: number
    readonly firstSeen: number
  }
  /** In the order of the sighting. */
  readonly counters: readonly number[]
}

/** Where a subject was, and when (ms since the epoch). */
export type Place = {
  readonly latitude: number
  readonly longitude: number
  readonly accuracyKm: number
  readonly country: string
  readonly at: number
}

/** What is to be kept of a decision. A member that is absent is not learnt. */
export type Memory = {
  readonly subject: SubjectKey | null
  /** That of the sighting. */
  readonly now: number
  readonly stream: string | null
  readonly device?: string
  readonly place?: Place
  /** Of this session. */
  readonly fingerprint?: { readonly session: string; readonly value: string }
  /** In place of all those before. */
  readonly roles?: readonly string[]
  /** Counted only now, because no condition reads them. */
  readonly count: readonly CounterUse[]
  /** Reserved by the sighting, and not to be counted after all. Of a sighting that failed nothing may be given back. */
  readonly giveBack: readonly CounterUse[]
  /** What the challenge was about that this answers; null for none. */
  readonly satisfied: string | null
}
