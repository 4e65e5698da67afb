/**
 * What is known of a request besides the request and its token. A member that is absent is unavailable: it was not
 * asked for, its source is down or late, or it is not configured. What is known not to be there has a value of its own.
 */
export type Facts = {
  readonly location?: Location
  readonly device?: Device
  /** True when the device has been learnt for this subject, and not been forgotten since. */
  readonly deviceKnown?: boolean
  readonly travel?: Travel
  /** Seconds since the session was first seen; never less than the age of its login. */
  readonly sessionAge?: number
  readonly fingerprintChanged?: boolean
  /** False without a caller, as is `subjectDisabled`. */
  readonly sessionRevoked?: boolean
  readonly subjectDisabled?: boolean
  /** Roles of the token that the subject had not been seen with at a login, sorted. */
  readonly rolesAdded?: readonly string[]
  /** Counter id → its value, with the request at hand where the counter counts it. */
  readonly counters?: ReadonlyMap<string, number>
  /** What the request shows that has not been learnt. */
  readonly unlearnt?: ReadonlyMap<FactKind, Unlearnt>
}

/** Where an address is: the empty country and the number 0 stand for "in no file"; each absent when its files are. */
export type Location = {
  /** ISO 3166-1 alpha-2. */
  readonly country?: string
  readonly asn?: number
}

/** The device that a request comes from; the empty id stands for none, and none is neither trusted nor reputable. */
export type Device = {
  readonly id: string
  /** Absent when nothing is configured that could say so. */
  readonly trusted?: boolean
  /** 0 (bad) to 100 (good); absent when nothing is configured that could say so. */
  readonly reputation?: number
}

/** From the subject's last accepted place to this one; without an earlier place all of it is 0 and false. */
export type Travel = {
  readonly distanceKm: number
  readonly speedKmh: number
  readonly countryChanged: boolean
}

/** What a subject can become known for. */
export type FactKind = 'device' | 'place' | 'fingerprint' | 'roles'

/** Whether the login is newer than the first sight of the value for this subject. */
export type Unlearnt = 'login-newer' | 'login-older'

/** What conditions can ask for, each from a source of its own. */
export type FactGroup =
  | 'location'
  | 'device'
  | 'device-known'
  | 'travel'
  | 'session-age'
  | 'fingerprint'
  | 'roles-added'
  | 'session-revoked'
  | 'subject-disabled'

/** What a decision needs to know: only what is read by a condition whose `match` fits. */
export type FactNeeds = {
  readonly groups: ReadonlySet<FactGroup>
  /** Every counter that counts this request, read or not. */
  readonly counters: readonly CounterUse[]
}

/** One counter that counts the request at hand. */
export type CounterUse = {
  /** Unique in the policy. */
  readonly id: string
  /** What is counted apart: the value of `per`. */
  readonly key: string
  /** Milliseconds. */
  readonly window: number
  readonly of: 'attempts' | 'allowed' | 'refused'
  /**
   * What the request adds: 1, or the value of `add`, not less than 0; null when there is none, and then the counter is
   * unavailable, too.
   */
  readonly amount: number | null
  /** True when a condition reads it: then it is reserved before the decision. */
  readonly read: boolean
}

/** Nothing is known, and nothing was asked for. */
export const NO_FACTS: Facts = {}

/** What a decision leaves to be remembered, once its answer is formed. */
export type Aftermath = {
  readonly allowed: boolean
  /** What may be learnt of this request. */
  readonly learn: readonly FactKind[]
  /** The requirement that an allowed request has met, and so perhaps an earlier challenge about it; null for none. */
  readonly satisfied: Satisfied | null
}

/** What an earlier challenge would have been about, and the level that it asked for (null: none). */
export type Satisfied = { readonly about: string; readonly level: string | null }
