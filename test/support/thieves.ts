import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import { addressIn, type Sent } from './chain.ts'
import { playPerson } from './everyday.ts'
import type { Visit } from './everyday-life.ts'

const MINUTE = 60_000

/** Tuesday of the fourth week, two in the afternoon in Berlin. */
const DAY_OF_THEFT = Date.UTC(2026, 11, 15, 13)

const CURL = 'curl/8.14.1'
const OTHER_BROWSER =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36'

type Disguise = Pick<Sent, 'device' | 'userAgent' | 'ip'>

/** What a thief has besides the token, from what its owner sent last. */
export const THIEVES: Readonly<Record<string, (last: Sent) => Disguise>> = {
  'the owner': (last) => last,
  'far away, no device, a script': () => ({
    device: null,
    userAgent: CURL,
    ip: addressIn('tokyo', 9),
  }),
  'far away, own device and browser': () => ({
    device: 'thief',
    userAgent: OTHER_BROWSER,
    ip: addressIn('tokyo', 9),
  }),
  'same city, own device and browser': (last) => ({
    device: 'thief',
    userAgent: OTHER_BROWSER,
    ip: nearby(last.ip),
  }),
  'same network, own device, copied user agent': ({ userAgent, ip }) => ({
    device: 'thief',
    userAgent,
    ip,
  }),
  'far away, copied device and user agent': ({ device, userAgent }) => ({
    device,
    userAgent,
    ip: addressIn('tokyo', 9),
  }),
}

/** Another network of the city; whoever is in the office is in Berlin. */
function nearby(ip: string): string {
  return ip.startsWith('10.') ? addressIn('berlin', 250) : ip.replace(/\.\d+\.7$/, '.250.7')
}

/** What came of the changes that a thief asked for, after three reads. */
export type Haul = { allowed: number; challenged: number; refused: number }

const CHANGES: readonly Pick<Sent, 'method' | 'path' | 'body'>[] = [
  { method: 'POST', path: '/v1/licenses/L-7/renew' },
  { method: 'POST', path: '/v1/licenses', body: { seats: 5 } },
  { method: 'PUT', path: '/v1/licenses/L-7/tier', body: { seats: 100 } },
  { method: 'PUT', path: '/v1/licenses/L-7/tier', body: { seats: 300 } },
]

/** One theft, ten minutes after the owner's last request: a read, and a change, every ten seconds. */
export function playThief(
  policy: CompiledPolicy,
  number: number,
  disguise: (last: Sent) => Disguise,
) {
  const { last, steal } = playPerson(policy, number, DAY_OF_THEFT)
  const haul: Haul = { allowed: 0, challenged: 0, refused: 0 }
  const ask = (what: Pick<Sent, 'method' | 'path' | 'body'>, at: number) =>
    steal({ ...what, ...disguise(last.sent) }, timeOf(last) + at)
  for (const at of [0, 1, 2]) ask({ method: 'GET', path: '/v1/licenses/L-7' }, at * 10_000)
  for (const [at, change] of CHANGES.entries()) {
    const { outcome } = ask(change, MINUTE + at * 10_000)
    haul[outcome === 'allow' ? 'allowed' : outcome === 'step_up' ? 'challenged' : 'refused'] += 1
  }
  return haul
}

function timeOf({ at }: Visit): number {
  return at + 10 * MINUTE
}
