import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'

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

/** True for a `Host` header that no web page can have chosen. */
export type HostGuard = (host: string | undefined) => boolean

/**
 * Creates the guard against pages whose name leads here by a change in the DNS (DNS rebinding): their browser sends that
 * name. An address, a name without a dot, such as `localhost`, and the host that is listened on are none of those.
 */
export function createHostGuard(listenedOn: string): HostGuard {
  return (host) => {
    const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::\d*)?$/.exec(host ?? '') ?? []
    const name = (bracketed ?? plain)?.toLowerCase()
    if (name === undefined) return false
    return isIP(name) > 0 || !name.includes('.') || name === listenedOn.toLowerCase()
  }
}
