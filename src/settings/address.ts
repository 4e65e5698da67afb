/** Where to listen. Port 0 lets the system choose one. */
export type Address = {
  /** A name or an IP address, without brackets. */
  readonly host: string
  readonly port: number
  /** `host:port`, an IPv6 address in brackets. */
  readonly text: string
}

/** A Unix socket to listen on. */
export type SocketAddress = {
  /** Absolute. */
  readonly path: string
  /** `unix:` and the path. */
  readonly text: string
}

/** What introduces the path of a Unix socket. */
export const SOCKET_PREFIX = 'unix:'

/** Bytes: macOS takes 103, Linux 107, and a path that was cut off would be another one. */
const LONGEST_PATH = 103

/** Reads `host:port` or `[ipv6]:port`; null for anything else. */
export function parseAddress(text: string): Address | null {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  return host === undefined || port > 65_535 ? null : { host, port, text }
}

/** Reads `unix:/path`: absolute, printable and short enough for every system; null for anything else. */
export function parseSocketAddress(text: string): SocketAddress | null {
  if (!text.startsWith(SOCKET_PREFIX)) return null
  const path = text.slice(SOCKET_PREFIX.length)
  if (!/^\/[^/\p{Cc}][^\p{Cc}]*$/u.test(path) || path.endsWith('/')) return null
  return Buffer.byteLength(path) > LONGEST_PATH ? null : { path, text }
}
