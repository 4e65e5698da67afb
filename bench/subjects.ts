import { createMemoryStore } from '../src/facts/memory-store.ts'
import type { CompiledPolicy } from '../src/policy/compiled-policy.ts'
import {
  addressIn,
  createReplica,
  decideNow,
  policyOf,
  type Replica,
  requestOf,
  tokenOf,
} from '../test/support/chain.ts'

/*
 * `npm run bench:subjects`: a million requests of 100,000 people through everything that follows the token,
 * on one thread, with the memory store as it is by default. Every request looks up device, place, fingerprint, roles and a
 * counter; one in ten is a change, and one in a hundred comes from a device and a program that were never seen before. It plays
 * 1,000 seconds; memory grows until the counter's window of 600 seconds is full, and stays.
 */

const SUBJECTS = 100_000
const REQUESTS = 1_000_000
const ROUND = 200_000
const START = 1_795_428_000_000

const POLICY: CompiledPolicy = policyOf(`
version: 1
assurance:
  - { level: password, acr: { idp: [pwd] } }
  - { level: mfa, acr: { idp: [mfa] } }
counters: { requests: { per: subject.id, window: 10m } }
signals:
  - { id: device, when: "!device.known", score: 20 }
  - { id: fingerprint, when: session.fingerprint_changed, score: 20 }
  - { id: roles, when: size(subject.roles_added) > 0, score: 20 }
  - { id: travel, when: travel.country_changed || travel.speed_kmh > 900.0, score: 20 }
  - { id: rate, when: rate("requests") > 1000.0, score: 10 }
risk: { levels: { odd: 20, critical: 90 } }
rules:
  - { id: all, match: { paths: [/v1/**] }, when: subject.authenticated, effect: allow }
  - { id: never, match: { paths: [/v1/**] }, when: risk.at_least("critical"), effect: deny }
  - { id: odd, match: { methods: [PUT], paths: [/v1/**] }, when: risk.at_least("odd"), effect: step_up, require: { level: mfa, max_age: 5m } }
`)

const CITIES = ['berlin', 'munich', 'paris', 'lisbon'] as const
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

let now = START
const counts = { allow: 0, step_up: 0, deny: 0, unauthenticated: 0, fault: 0 }

/** Seconds; whoever is challenged logs in anew. */
const logins = new Uint32Array(SUBJECTS).fill(START / 1000 - 60)

function ask(replica: Replica, at: number): void {
  now = START + at
  const number = (at * 7919) % SUBJECTS
  const isStrange = at % 100 === 0
  const sent = {
    // Another tenth of the people each time round.
    method: (at + Math.floor(at / SUBJECTS)) % 10 === 5 ? 'PUT' : 'GET',
    path: `/v1/licenses/L-${at % 1000}`,
    device: isStrange ? `strange-${at}` : `laptop-${number}`,
    userAgent: isStrange ? `strange-${at}/1` : BROWSER,
    ip: addressIn(CITIES[number % 4] ?? 'berlin', number % 250),
  }
  const decision = decideNow(
    replica,
    requestOf(sent, { id: `stream-${at}`, time: now }),
    token(number),
  )
  counts[decision.outcome] += 1
  if (decision.outcome === 'step_up' && !isStrange) logins[number] = Math.ceil(now / 1000) + 1
}

function token(number: number) {
  const authTime = logins[number] ?? 0
  const login = { acr: 'mfa', authTime, issuedAt: Math.floor(now / 1000), sessionId: `S-${number}` }
  return tokenOf({ id: `person-${number}`, roles: ['reader', 'license-manager'] }, login)
}

function heap(): string {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  for (let times = 0; times < 3; times += 1) globalThis.gc()
  return `${(process.memoryUsage().heapUsed / 1e6).toFixed(0)} MB`
}

const store = createMemoryStore({ loop: { attempts: 3, window: 300_000 } })
const replica = createReplica({ policy: POLICY, store, now: () => now })
console.log(`heap before: ${heap()}`)
let spent = 0
for (let at = 0; at < REQUESTS; at += ROUND) {
  const began = performance.now()
  for (let next = at; next < at + ROUND; next += 1) ask(replica, next)
  const took = performance.now() - began
  spent += took
  console.log(`after ${at + ROUND}: ${heap()}, ${Math.round((1000 * ROUND) / took)} requests/s`)
}
console.log(`${Math.round((1000 * REQUESTS) / spent)} requests/s in all:`, counts)
// Still alive until here, or there would be nothing to measure.
ask(replica, REQUESTS)
