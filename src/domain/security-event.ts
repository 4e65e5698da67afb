import type { SubjectKey } from './settlement.ts'

/**
 * What a provider says about somebody between two logins, as far as decisions depend on it: events of OpenID CAEP 1.0
 * and RISC 1.0, reduced to what they change. `at` is when it happened there, in milliseconds since the epoch.
 */
export type SecurityEvent = SessionsRevoked | AccountStatus | DeviceStatus

/** Logins up to `at` prove nothing any more: those of one session, or with null all of the subject's. */
export type SessionsRevoked = {
  readonly kind: 'session-revoked'
  readonly subject: SubjectKey
  /** The value of the mapped session claim. */
  readonly session: string | null
  readonly at: number
}

/** An account was disabled, or enabled again. */
export type AccountStatus = {
  readonly kind: 'account'
  readonly subject: SubjectKey
  readonly disabled: boolean
  readonly at: number
}

/** A device no longer meets, or meets again, what its owner asks of devices. */
export type DeviceStatus = {
  readonly kind: 'device'
  /** The key of the device, as `device.id` has it. */
  readonly device: string
  readonly compliant: boolean
  readonly at: number
}
