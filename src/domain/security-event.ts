import type { SubjectKey } from './settlement.ts'

/**
 * What a provider says about somebody between two logins, as far as decisions depend on it: events of OpenID CAEP 1.0
 * and RISC 1.0, reduced to what they change. `at` is when it happened there, in milliseconds since the epoch.
 */
export type SecurityEvent = SessionsRevoked | SessionEnded | AccountStatus | DeviceStatus

/** Logins up to `at` prove nothing any more: those of one session, or with null all of the subject's. */
export type SessionsRevoked = {
  readonly kind: 'session-revoked'
  readonly subject: SubjectKey
  /** The value of the mapped session claim. */
  readonly session: string | null
  readonly at: number
}

/** A session has ended, whoever's it is: no login of it proves anything any more. */
export type SessionEnded = {
  readonly kind: 'session-ended'
  /** The name of the issuer in the settings. */
  readonly issuer: string
  /** The value of the mapped session claim. */
  readonly session: string
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

/** The name of the issuer whose subject or session an event is about; null for a device, which has none. */
export function issuerOf(event: SecurityEvent): string | null {
  switch (event.kind) {
    case 'session-revoked':
    case 'account':
      return event.subject.issuer
    case 'session-ended':
      return event.issuer
    case 'device':
      return null
  }
}
