/** Where to listen. Port 0 lets the system choose one. */
export type Address = {
  /** A name or an IP address, without brackets. */
  readonly host: string
  readonly port: number
  /** `host:port`, an IPv6 address in brackets. */
  readonly text: string
}

/** Reads `host:port` or `[ipv6]:port`; null for anything else. */
export function parseAddress(text: string): Address | null {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  return host === undefined || port > 65_535 ? null : { host, port, text }
}
