import { canonicalHost, portOf } from './request-target.ts'

/** Scheme, host and port of an address, normalised (RFC 3986 §6.2.2, §6.2.3): two are the same when all of them are. */
export type Origin = {
  readonly scheme: string
  readonly host: string
  /** Undefined where neither the authority nor the scheme says one. */
  readonly port: number | undefined
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 }

/** The scheme, the authority and the path of an address (RFC 3986 appendix B); query and fragment are left out. */
const ADDRESS = /^(https?):\/\/([^/?#]*)([^?#]*)/i

/** An http address as its origin and its path, as written; null when it is none. */
export function splitAddress(
  text: string,
): { readonly origin: Origin; readonly path: string } | null {
  const [, scheme = '', authority = '', path = ''] = ADDRESS.exec(text) ?? []
  const host = canonicalHost(authority)
  if (host === undefined) return null
  return { origin: originOf(scheme, host, portOf(authority)), path }
}

/** The origin of an address that is nothing but one; null of any other. */
export function parseOrigin(text: string): Origin | null {
  const { origin, path } = splitAddress(text) ?? { origin: null, path: '' }
  return path === '' && !/[?#]/.test(text) ? origin : null
}

/** Puts an origin together; `host` in lower case. */
export function originOf(written: string, host: string, port: number | undefined): Origin {
  const scheme = written.toLowerCase()
  return { scheme, host, port: port ?? DEFAULT_PORTS[scheme] }
}

/** True when they are the same. */
export function isSameOrigin(one: Origin, other: Origin): boolean {
  return one.scheme === other.scheme && one.host === other.host && one.port === other.port
}
