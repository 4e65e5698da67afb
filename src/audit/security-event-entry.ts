import { quote, quoteOrNull } from '../domain/json-text.ts'
import { issuerOf, type SecurityEvent } from '../domain/security-event.ts'
import type { Entry } from './chain.ts'
import { createMasker, DROPPED, type Mask } from './mask.ts'
import type { Pseudonyms } from './pseudonym.ts'

/** A security event that counts from now on, and the SET that told of it. */
export type AppliedEvent = {
  readonly stream: string
  readonly type: string
  /** Its `jti`. */
  readonly id: string
  readonly event: SecurityEvent
}

/** Forms its entry: whom it is about as decisions name them, and when it happened at the transmitter. */
export type FormSecurityEvent = (applied: AppliedEvent) => Entry

/** Creates the function. */
export function createFormSecurityEvent(pseudonyms: Pseudonyms, mask: Mask): FormSecurityEvent {
  const show = createMasker(pseudonyms)
  const subjectOf = (event: SecurityEvent): string => {
    if (event.kind === 'device' || event.kind === 'session-ended') return 'null'
    if (mask.subject === 'drop') return DROPPED
    return quote(pseudonyms.of('subject', event.subject.issuer, event.subject.id))
  }
  return ({ stream, type, id, event }) => ({
    event: 'security-event',
    fields:
      `,"stream":${quote(stream)},"type":${quote(type)},"jti":${show('jti', 'keep', id)}` +
      `,"subject":${subjectOf(event)}` +
      `,"issuer":${quoteOrNull(issuerOf(event))}` +
      `,"session":${show('session', 'hash', 'session' in event ? event.session : null)}` +
      `,"device":${show('device', mask.device, event.kind === 'device' ? event.device : null)}` +
      `,"effect":${quote(effectOf(event))}` +
      `,"at":${quote(new Date(event.at).toISOString())}`,
  })
}

function effectOf(event: SecurityEvent): string {
  switch (event.kind) {
    case 'session-revoked':
    case 'session-ended':
      return 'revoked'
    case 'account':
      return event.disabled ? 'disabled' : 'enabled'
    case 'device':
      return event.compliant ? 'compliant' : 'not-compliant'
  }
}
