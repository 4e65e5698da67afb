/** RFC 9110 §9.1 token characters in upper case; CONNECT has no path, and tunnels whatever follows. */
export function isPlainMethod(method: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Z]+$/.test(method) && method !== 'CONNECT'
}

/**
 * An authority as policies compare it: lower case, without port and one trailing dot; undefined when it is neither a
 * name of non-empty labels nor an address in brackets.
 */
export function canonicalHost(authority: string): string | undefined {
  const host = authority.replace(/:\d*$/, '').replace(/\.$/, '')
  return PLAIN_HOST.test(host) ? host.toLowerCase() : undefined
}

/** The port that an authority names; undefined where it names none. */
export function portOf(authority: string): number | undefined {
  const port = /:(\d+)$/.exec(authority)?.[1]
  return port === undefined ? undefined : Number(port)
}

const PLAIN_HOST = /^(?:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\])$/
