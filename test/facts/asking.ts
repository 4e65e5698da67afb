import type { AccessRequest } from '../../src/domain/access-request.ts'
import type { Identity, Login, Subject } from '../../src/domain/identity.ts'

/** Milliseconds, on a whole second. */
export const NOW = 1_795_428_000_000

export const ANONYMOUS: Identity = { kind: 'anonymous' }

type Headers = Readonly<Record<string, string | readonly string[]>>

/** A request that matters by its headers and its address only. */
export function requestWith(
  headers: Headers = {},
  ip: string | null = '203.0.113.7',
): AccessRequest {
  return {
    id: 'stream-1',
    time: NOW,
    method: 'GET',
    host: 'licensing.example.com',
    path: { text: '/', segments: [''] },
    scheme: 'https',
    protocol: 'HTTP/2',
    query: new Map(),
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value].flat()])),
    headerNames: Object.keys(headers),
    body: { kind: 'missing' },
    context: new Map(),
    metadata: new Map(),
    source: { ip, principal: '' },
  }
}

/** Ada with these claims, roles and login. */
export function ada(given: Partial<Subject> = {}, login: Partial<Login> = {}): Identity {
  return {
    kind: 'authenticated',
    subject: { issuer: 'idp', id: 'ada', workload: false, claims: {}, ...given },
    login: { proof: 'acr', tolerance: { ahead: 10, leeway: 0 }, ...login },
  }
}
