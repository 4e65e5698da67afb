import type { Identity, TokenProblem } from '../domain/identity.ts'
import { readLogin, readSubject } from './claims.ts'
import type { Issuer } from './issuer.ts'
import type { JsonObject } from './token-form.ts'

/** Nothing was offered as proof. */
export const ANONYMOUS: Identity = Object.freeze({ kind: 'anonymous' })

/** Whom claims speak of that have been found good. */
export function authenticate(claims: JsonObject, issuer: Issuer): Identity {
  const subject = readSubject(claims, issuer)
  if (subject === null) return rejected('claims-invalid')
  return { kind: 'authenticated', subject, login: readLogin(claims, issuer) }
}

/** Something was offered, and is not accepted. */
export function rejected(problem: TokenProblem): Identity {
  return { kind: 'rejected', problem }
}
