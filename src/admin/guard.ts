import { createHash, timingSafeEqual } from 'node:crypto'

/** True for an `Authorization` header that carries the token. */
export type Guard = (authorization: string | undefined) => boolean

/** Creates the guard of a bearer token (RFC 6750 §2.1); null: nobody needs one. How long it takes tells nothing of the token. */
export function createGuard(token: string | null): Guard {
  if (token === null) return () => true
  const wanted = digest(token)
  return (authorization) => {
    const given = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
    return timingSafeEqual(digest(given ?? ''), wanted) && given !== undefined
  }
}

/** Of one length, whatever was given. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
