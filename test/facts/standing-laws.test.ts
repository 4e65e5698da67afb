import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { JournalEntry } from '../../src/facts/journal.ts'
import { createStanding } from '../../src/facts/standing.ts'
import { compliant, disabled, enabled, ended, notCompliant, revoked } from './security-events.ts'

function standingAfter(...entries: readonly JournalEntry[]) {
  const standing = createStanding({})
  return { standing, applied: entries.map((entry) => standing.apply(entry)) }
}

const name = fc.constantFrom('ada', 'bob')
const at = fc.integer({ min: 1, max: 8 }).map((second) => second * 1000)
const event: fc.Arbitrary<JournalEntry> = fc.oneof(
  fc
    .tuple(at, fc.constantFrom(null, 's', 't'), name)
    .map(([when, session, id]) => revoked(when, session, { issuer: 'idp', id })),
  fc
    .tuple(at, fc.constantFrom('s', 't'), fc.constantFrom('idp', 'other'))
    .map((of) => ended(...of)),
  fc.tuple(at, name).map(([when, id]) => disabled(when, { issuer: 'idp', id })),
  fc.tuple(at, name).map(([when, id]) => enabled(when, { issuer: 'idp', id })),
  fc.tuple(at, name).map(([when, device]) => compliant(when, device)),
  fc.tuple(at, name).map(([when, device]) => notCompliant(when, device)),
  { weight: 1, arbitrary: at.map((when) => ({ kind: 'forgotten' as const, at: when - 1_000 })) },
)

/** Everything that can be asked. */
function answers(entries: readonly JournalEntry[]) {
  const { standing } = standingAfter(...entries)
  const logins = [undefined, 's', 't', 'u'].flatMap((sessionId) =>
    [undefined, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((authTime) => ({
      ...(sessionId !== undefined && { sessionId }),
      ...(authTime !== undefined && { authTime }),
    })),
  )
  return ['ada', 'bob'].map((id) => ({
    revoked: ['idp', 'other'].flatMap((issuer) =>
      logins.map((login) => standing.isRevoked({ issuer, id }, login)),
    ),
    disabled: standing.isDisabled({ issuer: 'idp', id }),
    notCompliant: standing.isNotCompliant(id),
  }))
}

describe('replicas', () => {
  it('come to the same whatever the order of the events and however often each came', () => {
    const told = fc.array(event, { maxLength: 12 }).chain((events) =>
      fc.record({
        events: fc.constant(events),
        other: fc
          .tuple(
            fc.shuffledSubarray(events, { minLength: events.length }),
            fc.shuffledSubarray(events),
            fc.shuffledSubarray(events),
          )
          .map((parts) => parts.flat()),
      }),
    )
    const property = fc.property(told, ({ events, other }) => {
      assert.deepEqual(answers(other), answers(events))
    })
    fc.assert(property, { numRuns: 500 })
  })

  it('come to the same by what another one remembers', () => {
    const property = fc.property(fc.array(event, { maxLength: 12 }), (events) => {
      assert.deepEqual(answers(standingAfter(...events).standing.entries()), answers(events))
    })
    fc.assert(property, { numRuns: 300 })
  })

  it('say of an event that it changes something only when it does', () => {
    const property = fc.property(fc.array(event, { maxLength: 8 }), event, (events, one) => {
      const { applied } = standingAfter(...events, one, one)
      assert.equal(applied.at(-1), false)
      if (applied.at(-2) === false) assert.deepEqual(answers([...events, one]), answers(events))
    })
    fc.assert(property, { numRuns: 300 })
  })

  it('let nothing more through after a revocation, a disabled account, a lost one or a bad device', () => {
    const tightening = event.filter(
      (one) =>
        !(one.kind === 'account' && !one.disabled) && !(one.kind === 'device' && one.compliant),
    )
    const property = fc.property(fc.array(event, { maxLength: 8 }), tightening, (events, one) => {
      const [before, after] = [answers(events), answers([...events, one])].map((all) =>
        all.flatMap((of) => [...of.revoked, of.disabled, of.notCompliant]),
      )
      before?.forEach((was, index) => {
        assert.ok(was === false || after?.[index] === true)
      })
    })
    fc.assert(property, { numRuns: 300 })
  })
})
