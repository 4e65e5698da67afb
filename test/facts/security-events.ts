import type {
  AccountStatus,
  DeviceStatus,
  SecurityEvent,
  SessionEnded,
  SessionsRevoked,
} from '../../src/domain/security-event.ts'

export const ADA = { issuer: 'idp', id: 'ada' }

/** All of ada's sessions, or one of them. */
export function revoked(at: number, session: string | null = null, subject = ADA): SessionsRevoked {
  return { kind: 'session-revoked', subject, session, at }
}

/** One session of an issuer, whoever's it is. */
export function ended(at: number, session = 's', issuer = ADA.issuer): SessionEnded {
  return { kind: 'session-ended', issuer, session, at }
}

export function disabled(at: number, subject = ADA): AccountStatus {
  return { kind: 'account', subject, disabled: true, at }
}

export function enabled(at: number, subject = ADA): AccountStatus {
  return { ...disabled(at, subject), disabled: false }
}

export function compliant(at: number, device = 'laptop'): DeviceStatus {
  return { kind: 'device', device, compliant: true, at }
}

export function notCompliant(at: number, device = 'laptop'): DeviceStatus {
  return { ...compliant(at, device), compliant: false }
}

/** An event in few words, for the names of tests. */
export function inWords(event: SecurityEvent): string {
  const { kind, at } = event
  switch (kind) {
    case 'session-revoked':
      return `${event.session ?? 'all'} revoked at ${at}`
    case 'session-ended':
      return `${event.session} of ${event.issuer} ended at ${at}`
    case 'account':
      return `${event.disabled ? 'disabled' : 'enabled'} at ${at}`
    case 'device':
      return `${event.compliant ? 'compliant' : 'not compliant'} at ${at}`
  }
}
