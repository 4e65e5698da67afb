/** RFC 9110 §9.1 token characters in upper case; CONNECT has no path, and tunnels whatever follows. */
export function isPlainMethod(method: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Z]+$/.test(method) && method !== 'CONNECT'
}

/** An authority as policies compare it: lower case, without port and trailing dot; undefined when it is no plain name or address. */
export function canonicalHost(authority: string): string | undefined {
  const host = authority.replace(/:\d*$/, '').replace(/\.$/, '')
  return /^(?:[A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])$/.test(host) ? host.toLowerCase() : undefined
}
