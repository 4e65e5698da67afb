import assert from 'node:assert/strict'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import { parseOrigin } from '../../src/domain/origin.ts'
import { type ProofCase, proofTable } from './dpop-table.ts'
import { pathOf, proof } from './dpop-world.ts'

const HTU = 'https://licensing.example.com/v1/licenses/L-1/tier'
const ROOT = { path: pathOf('/') }
const ON_8443 = { port: 8443 }
const IN_CLEAR = { scheme: 'http' }

/** `htu`, what Envoy saw where that is something else, and whether it is the same. */
const TARGETS: readonly (readonly [string, string, Partial<AccessRequest>, boolean])[] = [
  ['a query', `${HTU}?seats=5`, {}, true],
  ['a fragment', `${HTU}#top`, {}, true],
  ['the scheme in upper case', HTU.replace('https', 'HTTPS'), {}, true],
  ['the host in upper case', HTU.replace('licensing.example', 'Licensing.EXAMPLE'), {}, true],
  ['the default port', HTU.replace('.com', '.com:443'), {}, true],
  ['an empty port', HTU.replace('.com', '.com:'), {}, true],
  ['a dot behind the host', HTU.replace('.com', '.com.'), {}, true],
  ['an escaped letter', HTU.replace('tier', '%74ier'), {}, true],
  ['no path, for the root', 'https://licensing.example.com', ROOT, true],
  ['a query and no path, for the root', 'https://licensing.example.com?x', ROOT, true],
  [
    'an escape in lower case',
    `${HTU}%c3%a9`,
    { path: pathOf('/v1/licenses/L-1/tier%C3%A9') },
    true,
  ],
  ['the port that was asked', HTU.replace('.com', '.com:8443'), ON_8443, true],
  ['the default port that was named', HTU, { port: 443 }, true],
  ['clear text that was asked in', HTU.replace('https', 'http'), IN_CLEAR, true],
  ['another path', HTU.replace('L-1', 'L-2'), {}, false],
  ['a path that goes on', `${HTU}/x`, {}, false],
  ['a slash more', `${HTU}/`, {}, false],
  ['a path in other case', HTU.replace('tier', 'Tier'), {}, false],
  ['a path with dots', HTU.replace('/tier', '/x/../tier'), {}, false],
  ['a path with an escaped slash', HTU.replace('/tier', '%2Ftier'), {}, false],
  ['a path with a parameter', `${HTU};v=1`, {}, false],
  ['another origin', HTU.replace('licensing', 'payments'), {}, false],
  ['a longer host', HTU.replace('.com', '.com.eve.example'), {}, false],
  ['a user in front of the host', HTU.replace('//', '//eve@'), {}, false],
  ['the host as a user', HTU.replace('.com', '.com@eve.example'), {}, false],
  ['another port', HTU.replace('.com', '.com:8443'), {}, false],
  ['no port, where one was asked', HTU, ON_8443, false],
  ['the other scheme', HTU.replace('https', 'http'), {}, false],
  [
    'the other scheme on the same port',
    HTU.replace('https', 'http').replace('.com', '.com:443'),
    {},
    false,
  ],
  ['https for clear text', HTU, IN_CLEAR, false],
  ['the port of the other scheme', HTU.replace('.com', '.com:80'), {}, false],
  ['a websocket', HTU.replace('https', 'wss'), {}, false],
  ['a path alone', '/v1/licenses/L-1/tier', {}, false],
  ['no scheme', HTU.replace('https:', ''), {}, false],
  ['a blank in front', ` ${HTU}`, {}, false],
  ['a line break behind', `${HTU}\n`, {}, false],
  ['backslashes', HTU.replaceAll('/', '\\'), {}, false],
  ['nothing', '', {}, false],
  ['a request without a scheme', HTU, { scheme: '' }, false],
]

proofTable('htu', [
  ...TARGETS.map(([name, htu, request, same]): ProofCase => {
    return [name, proof({ htu }), same ? 'authenticated' : 'proof-uri', { request }]
  }),
])

const origins = ['https://licensing.example.com', 'https://other.example.com:8443'].map(
  (text) => parseOrigin(text) ?? assert.fail(text),
)

proofTable('behind a proxy that ends TLS', [
  [
    'the origin of the settings',
    proof(),
    'authenticated',
    { rules: { origins }, request: { ...IN_CLEAR, port: 8080 } },
  ],
  [
    'what Envoy sees',
    proof({ htu: HTU.replace('https', 'http') }),
    'proof-uri',
    { rules: { origins }, request: IN_CLEAR },
  ],
  [
    'another origin of the settings',
    proof({ htu: HTU.replace('licensing.example.com', 'other.example.com:8443') }),
    'proof-uri',
    { rules: { origins } },
  ],
  [
    'a host that the settings lack',
    proof({ htu: HTU.replace('licensing', 'eve') }),
    'proof-uri',
    { rules: { origins }, request: { host: 'eve.example.com' } },
  ],
])
