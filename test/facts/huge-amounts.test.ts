import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createMemoryStore } from '../../src/facts/memory-store.ts'
import { createReplica, decideNow, policyOf, requestOf, tokenOf } from '../support/chain.ts'

const START = 1_795_428_000_000

const POLICY = policyOf(`
version: 1
assurance: [{ level: mfa, acr: { idp: [mfa] } }]
inputs: { body: { seats: number } }
counters: { moved: { per: subject.id, window: 24h, add: request.body.seats, of: allowed } }
rules:
  - { id: move, match: { paths: [/watched, /open] }, when: subject.authenticated, effect: allow }
  - { id: much, match: { paths: [/watched] }, when: total("moved") > 1000.0, effect: step_up, require: { level: mfa, max_age: 5m } }
`)

/** Moves seats, with a login of so many minutes ago. */
function openScene() {
  const store = createMemoryStore({ loop: { attempts: 3, window: 300_000 } })
  const replica = createReplica({ policy: POLICY, store, now: () => START })
  return (path: string, seats: number, minutes: number) => {
    const sent = { method: 'PUT', path, body: { seats }, device: null, userAgent: '', ip: '' }
    const request = requestOf(sent, { id: `${path} ${seats}`, time: START })
    const authTime = START / 1000 - 60 * minutes
    const token = tokenOf({ id: 'ada' }, { acr: 'mfa', authTime })
    return decideNow(replica, request, token).outcome
  }
}

for (const seats of [900, 1e12, 2e12, 1e300]) {
  it(`${seats} that nobody watched, or that a fresh login moved, are in the sum of the next request`, () => {
    const unwatched = openScene()
    assert.equal(unwatched('/open', seats, 60), 'allow')
    assert.equal(unwatched('/watched', 101, 60), 'step_up')
    const afterLogin = openScene()
    assert.equal(afterLogin('/watched', seats, 1), 'allow')
    assert.equal(afterLogin('/watched', 101, 60), 'step_up')
  })
}
