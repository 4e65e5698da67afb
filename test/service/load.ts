import assert from 'node:assert/strict'
import type { Asked } from './asking.ts'
import type { AuditWorld } from './audit-world.ts'

/** Rules for every outcome. */
export const POLICY = `
version: 1
assurance:
  - { level: password, acr: { idp: ["1"] } }
  - { level: mfa, acr: { idp: ["2"] }, max_age: 5m }
inputs: { body: { seats: number, note: string }, claims: { department: string } }
variables: { manager: '"manager" in subject.roles' }
rules:
  - { id: open, match: { paths: ["/open"] }, effect: allow }
  - { id: read, match: { paths: ["/v1/**", "/fault"] }, when: subject.authenticated, effect: allow }
  - id: big-tier
    match: { methods: [PUT], paths: ["/v1/licenses/{license}/tier"] }
    when: request.body.seats > 500.0
    unless: variables.manager
    effect: step_up
    require: { level: mfa }
  - { id: hr-only, match: { paths: ["/v1/people/{person}"] }, when: subject.claims.department != "hr", effect: deny, reason: not-yours }
  - { id: broken, match: { paths: ["/fault"] }, when: request.body.seats > 5.0, effect: deny }
  - { id: later, mode: shadow, match: { paths: ["/v1/shadow"] }, when: request.method == "GET", effect: deny }
`

/** What is challenged, with values that the record must not show. */
export const TIER = {
  path: '/v1/licenses/L-1/tier',
  method: 'PUT',
  body: { seats: 600.25, note: 'secret' },
}

/** One request for each outcome, and more. */
export const KINDS: readonly (readonly [Asked, string])[] = [
  [{ path: '/open', claims: null }, 'allow'],
  [{ path: '/v1/licenses' }, 'allow'],
  [{ path: '/v1/shadow' }, 'allow'],
  [TIER, 'insufficient_user_authentication'],
  [{ ...TIER, claims: { roles: ['manager'] } }, 'allow'],
  [{ path: '/v1/people/ada', claims: { department: 'it' } }, 'not-yours'],
  [{ path: '/nowhere' }, 'no-rule'],
  [{ path: '/a%2fb' }, 'ambiguous-path'],
  [{ path: '/v1/licenses', claims: null }, 'unauthenticated'],
  [{ path: '/v1/licenses', claims: { exp: 1 } }, 'invalid_token'],
  [{ path: '/fault' }, 'source-unavailable'],
]

/** All of them, as metrics and records name them. */
export const OUTCOMES = ['allow', 'step_up', 'deny', 'unauthenticated', 'fault']

/** Asks for every kind so often, a few dozen at once. */
export async function load(world: AuditWorld, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    const answers = await Promise.all(KINDS.map(([asked]) => world.ask(asked)))
    assert.deepEqual(
      answers.map(({ said }) => said),
      KINDS.map(([, said]) => said),
    )
  }
}
