import type { Stream } from '../../src/shared-signals/stream.ts'
import { EC, type Json, NOW, type TestKey, token } from '../identity/tokens.ts'

/** The transmitter of every test. */
export const STREAM: Stream = {
  name: 'okta',
  issuer: 'https://example.okta.com',
  audience: 'https://stepgate.example.com',
  algorithms: ['ES256', 'RS256'],
  leeway: 60,
  subjects: null,
}

export const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/'
export const RISC = 'https://schemas.openid.net/secevent/risc/event-type/'
export const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/'

/** Whom the tests are about: a subject of the issuer `idp`. */
export const IDP_URL = 'https://idp.example.com'
export const ADA = { format: 'iss_sub', iss: IDP_URL, sub: 'ada' }

/** The claims of a SET with one event; `more` replaces members. */
export function claimsOf(type: string, event: object = {}, more: object = {}): object {
  return {
    iss: STREAM.issuer,
    aud: STREAM.audience,
    jti: 'set-1',
    iat: NOW - 10,
    sub_id: ADA,
    events: { [type]: event },
    ...more,
  }
}

/** A signed SET of any claims and header, right or wrong. */
export function signedSet(claims: object, header: object = {}, signer: TestKey = EC): string {
  return token(claims as Json, { typ: 'secevent+jwt', ...header }, signer)
}

/** A SET with one event. */
export function setOf(type: string, event: object = {}, more: object = {}): string {
  return signedSet(claimsOf(type, event, more))
}

/** An id that only its issuer can tell anything of. */
export function opaque(id: string): object {
  return { format: 'opaque', id }
}

/** A subject of several members. */
export function complex(members: object): object {
  return { format: 'complex', ...members }
}
