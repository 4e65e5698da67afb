import assert from 'node:assert/strict'
import type { Identity } from '../../src/domain/identity.ts'
import { createMemoryStore } from '../../src/facts/memory-store.ts'
import type { Store } from '../../src/facts/store.ts'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import {
  addressIn,
  createReplica,
  decideNow,
  policyOf,
  requestOf,
  type Sent,
  tokenOf,
} from '../support/chain.ts'
import type { AdaAsks, Story, ThiefAsks, What } from './thief-stories.ts'

const START = 1_795_428_000_000

/**
 * Every signal counts little: nothing is refused for its risk, so that the thief has every chance to teach something. The
 * last rule is what a thief is up against.
 */
function policyWith(match: string): CompiledPolicy {
  return policyOf(`
version: 1
assurance:
  - { level: password, acr: { idp: [pwd] } }
  - { level: mfa, acr: { idp: [mfa] } }
counters: { requests: { per: subject.id, window: 10m } }
variables: { fast: travel.speed_kmh > 900.0 }
signals:
  - { id: device, ${match} when: "!device.known", score: 1 }
  - { id: fingerprint, ${match} when: session.fingerprint_changed, score: 1 }
  - { id: roles, ${match} when: size(subject.roles_added) > 0, score: 1 }
  - { id: country, ${match} when: travel.country_changed, score: 1 }
  - { id: speed, ${match} when: variables.fast, score: 1 }
  - { id: rate, ${match} when: rate("requests") > 1000.0, score: 1 }
risk: { levels: { odd: 1, critical: 90 } }
rules:
  - { id: plain, match: { paths: [/plain] }, when: subject.authenticated, effect: allow }
  - { id: all, match: { paths: [/v1/a] }, when: subject.authenticated, effect: allow }
  - { id: never, match: { paths: [/v1/a] }, when: risk.at_least("critical"), effect: deny }
  - { id: odd, match: { methods: [PUT], paths: [/v1/a] }, when: risk.at_least("odd"), effect: step_up, require: { level: mfa, max_age: 5m } }
`)
}

/** By what the signals watch. */
export const POLICIES: Readonly<Record<Story['policy'], CompiledPolicy>> = {
  all: policyWith(''),
  changes: policyWith('match: { methods: [PUT] },'),
}

/** A login of Ada's: whoever holds a token of it can have it renewed. */
export type Held = {
  readonly acr: 'pwd' | 'mfa'
  readonly authTime: number
  readonly sessionId?: string
}

/** Three replicas and the provider, each with its clock. */
export function openScene({ policy, ahead, skews, shared, named }: Story) {
  let now = START
  let stream = 0
  let stores: readonly Store[] = []
  const empty = () => {
    const first = openStore()
    stores = skews.map((_, at) => (shared || at === 0 ? first : openStore()))
  }
  empty()
  const replicas = skews.map((skew, at) =>
    createReplica({
      policy: POLICIES[policy],
      store: passOn(() => stores[at] ?? assert.fail()),
      now: () => now + skew,
    }),
  )
  return {
    now: () => now,
    wait: (ms: number) => {
      now += ms
    },
    empty,
    login: (acr: Held['acr']): Held => ({
      acr,
      authTime: Math.floor((now + ahead) / 1000),
      ...(named && { sessionId: 'S-1' }),
    }),
    /** Milliseconds, by the provider's clock. */
    ageOf: ({ authTime }: Held) => now + ahead - authTime * 1000,
    renewed: (roles: readonly string[], login: Held) =>
      tokenOf({ id: 'ada', roles }, { ...login, issuedAt: Math.floor(now / 1000) }),
    nextStream: () => {
      stream += 1
      return stream
    },
    ask: (replica: number, sent: Sent, token: Identity) => {
      const request = requestOf(sent, { id: `stream-${stream}`, time: START })
      return decideNow(replicas[replica] ?? assert.fail(), request, token)
    },
  }
}

/** The store of the moment. */
function passOn(store: () => Store): Store {
  return {
    ...store(),
    observe: (sighting) => store().observe(sighting),
    remember: (memory) => store().remember(memory),
    settle: (settlement) => store().settle(settlement),
  }
}

function openStore(): Store {
  return createMemoryStore({ loop: { attempts: 3, window: 300_000 }, capacity: 100 })
}

const AGENTS = {
  laptop: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  phone: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Safari/604.1',
  thief: 'curl/8.14.1',
}

/** What Ada sends. */
export function sentByAda({ what, device, city }: AdaAsks): Sent {
  return { ...lineOf(what), device, userAgent: AGENTS[device], ip: addressIn(city, 1) }
}

/** What the thief sends: `another` device has the number of the stream. */
export function sentByThief({ what, device, city }: ThiefAsks, stream: number): Sent {
  const id = { own: 'thief', another: `thief-${stream}`, none: null }[device]
  return { ...lineOf(what), device: id, userAgent: AGENTS.thief, ip: addressIn(city, 2) }
}

function lineOf(what: What): Pick<Sent, 'method' | 'path'> {
  if (what === 'plain') return { method: 'GET', path: '/plain' }
  return { method: what === 'read' ? 'GET' : 'PUT', path: '/v1/a' }
}
