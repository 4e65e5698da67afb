import type { TokenProblem } from '../domain/identity.ts'
import {
  type Credential,
  NO_CREDENTIAL,
  type ReadCredential,
  refused,
  type TokenScheme,
} from './credential.ts'
import { placeId } from './token-place.ts'

type HeaderForm = {
  readonly name: string
  /** What the value must be; its groups are the scheme, if any, and the token. */
  readonly form: RegExp
  /** The problem of any other value. */
  readonly otherwise: TokenProblem
  readonly place: string
}

/** `Bearer` or `DPoP` in any case, blanks, one token68 (RFC 6750 §2.1, RFC 9449 §7.1, RFC 9110 §11.2). */
const SCHEME_AND_TOKEN = /^(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)$/i

/** A token alone or after `Bearer`; `DPoP` belongs into `Authorization`. */
const BARE_OR_BEARER = /^(?:(bearer) +)?([A-Za-z0-9\-._~+/]+=*)$/i

/** Room for the scheme in front of a token. */
const SCHEME_LENGTH = 16

/** Reads the token in `Authorization`, sent as `Bearer` or `DPoP`; any other scheme is refused. Lengths in characters. */
export function authorizationReader(maxLength: number): ReadCredential {
  const place = placeId({ from: 'authorization' })
  return headerReader(
    { name: 'authorization', form: SCHEME_AND_TOKEN, otherwise: 'not-bearer', place },
    maxLength,
  )
}

/** Reads the token in another header, `name` in lower case: alone, or after `Bearer`. */
export function tokenHeaderReader(name: string, maxLength: number): ReadCredential {
  const place = placeId({ header: name })
  return headerReader({ name, form: BARE_OR_BEARER, otherwise: 'malformed', place }, maxLength)
}

function headerReader(header: HeaderForm, maxLength: number): ReadCredential {
  return ({ headers }) => {
    const values = headers.get(header.name)
    const value = values?.[0]
    if (value === undefined) return NO_CREDENTIAL
    return values?.length === 1
      ? readValue(value, header, maxLength)
      : refused('several-credentials')
  }
}

/** A comma never occurs in a token: it shows two headers that a proxy joined. */
function readValue(value: string, header: HeaderForm, maxLength: number): Credential {
  if (value.includes(',')) return refused('several-credentials')
  if (value.length > maxLength + SCHEME_LENGTH) return refused('too-large')
  const [, scheme, token] = header.form.exec(value.trim()) ?? []
  if (token === undefined) return refused(header.otherwise)
  if (token.length > maxLength) return refused('too-large')
  return { kind: 'token', token, place: header.place, scheme: schemeOf(scheme) }
}

function schemeOf(written: string | undefined): TokenScheme {
  return written?.toLowerCase() === 'dpop' ? 'dpop' : 'bearer'
}
