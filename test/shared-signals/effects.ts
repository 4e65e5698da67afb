import type { SecurityEvent } from '../../src/domain/security-event.ts'
import { NOW } from '../identity/tokens.ts'
import { IDP_URL } from './sets.ts'

export const NOW_S = NOW
export const NOW_MS = NOW * 1000
export const IDP = IDP_URL

/** What events about the user `ada`, her session and her device come to, when they happened at that time. */
export function ofAda(at: number) {
  const subject = { issuer: 'idp', id: 'ada' }
  return {
    revoked: { kind: 'session-revoked', subject, session: null, at },
    ofSession: { kind: 'session-revoked', subject, session: 's-1', at },
    ended: { kind: 'session-ended', issuer: 'idp', session: 's-1', at },
    disabled: { kind: 'account', subject, disabled: true, at },
    enabled: { kind: 'account', subject, disabled: false, at },
    compliant: { kind: 'device', device: 'd-1', compliant: true, at },
    notCompliant: { kind: 'device', device: 'd-1', compliant: false, at },
  } satisfies Record<string, SecurityEvent>
}
