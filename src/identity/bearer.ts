import type { MultiMap } from '../domain/access-request.ts'
import type { TokenProblem } from '../domain/identity.ts'

/** What the request offers as proof of its caller. */
export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'refused'; readonly problem: TokenProblem }

/** Longest token that is looked at, in characters, unless told otherwise. */
export const MAX_TOKEN_LENGTH = 8192

/** `Bearer` in any case, blanks, one token68 (RFC 6750 §2.1, RFC 9110 §11.2). */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/** Room for the scheme in front of a token. */
const SCHEME_LENGTH = 16

/**
 * Reads the bearer token out of the `Authorization` header; no other place is looked at.
 * A comma never occurs in a bearer token: it shows two headers that a proxy joined.
 */
export function readBearer(headers: MultiMap, maxLength: number = MAX_TOKEN_LENGTH): Credential {
  const values = headers.get('authorization') ?? []
  const [value] = values
  if (value === undefined) return { kind: 'none' }
  if (values.length > 1 || value.includes(',')) return refused('several-credentials')
  if (value.length > maxLength + SCHEME_LENGTH) return refused('too-large')
  const token = BEARER.exec(value.trim())?.[1]
  if (token === undefined) return refused('not-bearer')
  return token.length > maxLength ? refused('too-large') : { kind: 'bearer', token }
}

function refused(problem: TokenProblem): Credential {
  return { kind: 'refused', problem }
}
