import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FactGroup, Facts } from '../../src/domain/facts.ts'
import type { Identity } from '../../src/domain/identity.ts'
import type { SecurityEvent } from '../../src/domain/security-event.ts'
import { createDevice } from '../../src/facts/device.ts'
import { createStanding } from '../../src/facts/standing.ts'
import { ANONYMOUS, ada } from './asking.ts'
import { factsOf } from './facts-world.ts'
import { compliant, disabled, enabled, inWords, notCompliant, revoked } from './security-events.ts'

const WORKLOAD = { workload: true }
const GROUPS: readonly FactGroup[] = ['session-revoked', 'subject-disabled']

/** The facts of a request after these events; `null` is without contact. */
function reported(
  events: readonly SecurityEvent[] | null,
  given: { readonly identity?: Identity; readonly groups?: readonly FactGroup[] } = {},
  device: (() => { id: string; trusted?: boolean }) | null = null,
): Facts {
  const standing = createStanding({})
  for (const event of events ?? []) standing.apply(event)
  const { isRevoked, isDisabled, isNotCompliant } = standing
  const known = { isRevoked, isDisabled, isNotCompliant }
  const unknown = () => undefined
  const nothing = { isRevoked: unknown, isDisabled: unknown, isNotCompliant: unknown }
  const standings = events === null ? nothing : known
  return factsOf({ groups: GROUPS, ...given, sources: { standings, device } })
}

describe('what security events came to', () => {
  const login = ada({}, { authTime: 10, sessionId: 's' })
  const robot = ada(WORKLOAD, { issuedAt: 10 })
  const cases: readonly [string, readonly SecurityEvent[] | null, Identity, Facts][] = [
    ['of a caller of whom nothing was reported', [], login, facts(false, false)],
    ['of a revoked session', [revoked(20_000)], login, facts(true, false)],
    ['of a session revoked before the login', [revoked(9_000)], login, facts(false, false)],
    ['of that very session', [revoked(9_000, 's')], login, facts(true, false)],
    ['of another session', [revoked(20_000, 't')], login, facts(false, false)],
    ['of a disabled account', [disabled(5)], login, facts(false, true)],
    ['of one that is enabled again', [disabled(5), enabled(6)], login, facts(false, false)],
    ['of a login of unknown time', [revoked(1)], ada(), facts(true, false)],
    ['of one that only the token has', [revoked(1)], ada({}, { issuedAt: 10 }), facts(true, false)],
    ['of a program whose token is older', [revoked(20_000)], robot, facts(true, false)],
    ['of a program whose token is newer', [revoked(9_000)], robot, facts(false, false)],
    ['of a program whose token has no time', [revoked(1)], ada(WORKLOAD), facts(true, false)],
    ['of nobody', [revoked(20_000), disabled(5)], ANONYMOUS, facts(false, false)],
    ['of nobody, whatever can be known', null, ANONYMOUS, facts(false, false)],
    ['is unavailable without contact', null, login, {}],
  ]
  for (const [what, events, identity, expected] of cases) {
    // The store of this world fails the test when it is asked.
    it(`${what}, without the store`, () => {
      assert.deepEqual(reported(events, { identity }), expected)
    })
  }

  it('is looked up only when it is needed', () => {
    assert.deepEqual(reported([], { groups: [] }), {})
    assert.deepEqual(reported([], { groups: ['session-revoked'] }), { sessionRevoked: false })
    assert.deepEqual(reported([], { groups: ['subject-disabled'] }), { subjectDisabled: false })
  })

  it('is unavailable where nobody tells of events, but for nobody', () => {
    assert.deepEqual(factsOf({ groups: GROUPS }), {})
    assert.deepEqual(factsOf({ groups: GROUPS, identity: ANONYMOUS }), facts(false, false))
  })
})

function facts(sessionRevoked: boolean, subjectDisabled: boolean): Facts {
  return { sessionRevoked, subjectDisabled }
}

describe('a device', () => {
  const bad = [notCompliant(5)]
  const cases: readonly [
    said: boolean | undefined,
    events: readonly SecurityEvent[] | null,
    trusted: boolean | undefined,
  ][] = [
    [true, [], true],
    [true, bad, false],
    [true, [...bad, compliant(6)], true],
    [true, [...bad, compliant(4)], false],
    [true, [notCompliant(5, 'phone')], true],
    [true, null, undefined],
    [false, [], false],
    [false, [compliant(6)], false],
    [false, null, false],
    [undefined, [], undefined],
    [undefined, [compliant(6)], undefined],
    [undefined, bad, false],
    [undefined, null, undefined],
  ]
  for (const [said, events, trusted] of cases) {
    const after = events === null ? 'without contact' : events.map(inWords).join(', ') || 'nothing'
    it(`that the settings call ${word(said)} is ${word(trusted)} after ${after}`, () => {
      const find = () => ({ id: 'laptop', ...(said !== undefined && { trusted: said }) })
      const { device } = reported(events, { groups: ['device'] }, find)
      assert.deepEqual(device, { id: 'laptop', ...(trusted !== undefined && { trusted }) })
    })
  }

  it('that is none is what the settings make of none', () => {
    const none = createDevice({ from: [], trusted: { claim: 'trusted' }, reputation: null })
    const { device } = factsOf({
      groups: ['device'],
      sources: {
        device: none,
        standings: {
          isRevoked: () => undefined,
          isDisabled: () => undefined,
          isNotCompliant: () => assert.fail('nothing is reported of no device'),
        },
      },
    })
    assert.deepEqual(device, { id: '', trusted: false })
  })
})

function word(trusted: boolean | undefined): string {
  return trusted === undefined ? 'unknown' : trusted ? 'trusted' : 'not trusted'
}
