import { authorizationReader, tokenHeaderReader } from './bearer.ts'
import { cookieReader } from './cookie.ts'
import { NO_CREDENTIAL, type ReadCredential, refused } from './credential.ts'
import { payloadReader } from './metadata-payload.ts'
import { placeId, type TokenPlace } from './token-place.ts'

/** Longest token that is looked at, in characters, unless told otherwise. */
export const MAX_TOKEN_LENGTH = 8192

const AUTHORIZATION: TokenPlace = { from: 'authorization' }

/**
 * Makes the function that finds the one credential of a request: in `Authorization` always, since a token there means to
 * be seen, and in each of `places`. More than one credential is refused, wherever they are and even when they are the same.
 */
export function createReadCredential(
  places: readonly TokenPlace[],
  maxLength: number = MAX_TOKEN_LENGTH,
): ReadCredential {
  const distinct = new Map([AUTHORIZATION, ...places].map((place) => [placeId(place), place]))
  const readers = [...distinct.values()].map((place) => readerOf(place, maxLength))
  const [only, ...others] = readers
  return only !== undefined && others.length === 0 ? only : oneOf(readers)
}

function readerOf(place: TokenPlace, maxLength: number): ReadCredential {
  if ('header' in place) return tokenHeaderReader(place.header, maxLength)
  if ('cookie' in place) return cookieReader(place.cookie, maxLength)
  if ('metadata' in place) return payloadReader(place.metadata)
  return authorizationReader(maxLength)
}

function oneOf(readers: readonly ReadCredential[]): ReadCredential {
  return (request) => {
    let found = NO_CREDENTIAL
    for (const read of readers) {
      const credential = read(request)
      if (credential.kind === 'none') continue
      if (found.kind !== 'none') return refused('several-credentials')
      found = credential
    }
    return found
  }
}
