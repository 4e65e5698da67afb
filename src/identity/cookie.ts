import { cookieValues } from '../domain/cookies.ts'
import { NO_CREDENTIAL, type ReadCredential, refused } from './credential.ts'
import { placeId } from './token-place.ts'

const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/

/** Reads the token in a cookie. The same name twice is refused: which of them the upstream believes is anybody's guess. */
export function cookieReader(name: string, maxLength: number): ReadCredential {
  const place = placeId({ cookie: name })
  return ({ headers }) => {
    const [token, ...more] = cookieValues(headers, name)
    if (token === undefined) return NO_CREDENTIAL
    if (more.length > 0) return refused('several-credentials')
    if (token.length > maxLength) return refused('too-large')
    if (!TOKEN.test(token)) return refused('malformed')
    return { kind: 'token', token, place, scheme: 'bearer' }
  }
}
