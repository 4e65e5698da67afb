import { canonicalAddress } from '../domain/ip-address.ts'

/**
 * The client's address in canonical text (RFC 5952; an IPv4-mapped IPv6 address as IPv4), or null when it is unknown.
 *
 * `trustedHops` is the number of proxies in front of Envoy that are trusted to append to X-Forwarded-For: none means
 * Envoy's peer, N ≥ 1 the N-th entry from the right once Envoy's own (its peer, under `use_remote_address`) is dropped.
 * With fewer entries than that nobody trusted wrote one, and the peer counts.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: readonly string[],
  trustedHops: number,
): string | null {
  const peerAddress = canonicalAddress(peer ?? '')
  if (trustedHops === 0) return peerAddress
  const entries = forwardedFor.flatMap((line) => line.split(',')).map((entry) => entry.trim())
  if (isEnvoysOwn(entries.at(-1), peerAddress)) entries.pop()
  const entry = entries.at(-trustedHops)
  return entry === undefined ? peerAddress : canonicalAddress(entry)
}

/** Envoy appends its peer or, for a peer on its own host, an address of itself (seen on 1.40). */
function isEnvoysOwn(entry: string | undefined, peer: string | null): boolean {
  if (peer === '127.0.0.1' || peer === '::1') return true
  return peer !== null && canonicalAddress(entry ?? '') === peer
}
