import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { PartialSituation } from '../../src/scenario/scenario-schema.ts'
import {
  compile,
  decided,
  named,
  type Parts,
  parts,
  passes,
  shadowed,
  signal,
  situation,
  tightening,
  withoutMethods,
} from '../support/random-policies.ts'

describe('the laws of the policy language, for the same facts', () => {
  it('decides whatever it is asked, with the rules sorted and the revision named', () => {
    holds(fc.tuple(parts, situation), ([some, now]) => {
      const decision = decided(compile(some), now)
      assert.notEqual('reason' in decision && decision.reason, 'evaluation-failed')
      assert.deepEqual(decision.rules, decision.rules.toSorted())
      assert.equal(decision.revision, 'r')
    })
  })

  it('does not depend on the order of rules and signals', () => {
    const both = parts.map(named).chain((some) =>
      fc.record({
        some: fc.constant(some),
        rules: fc.shuffledSubarray([...some.rules], { minLength: some.rules.length }),
        signals: fc.shuffledSubarray([...some.signals], { minLength: some.signals.length }),
      }),
    )
    holds(fc.tuple(both, situation), ([{ some, ...other }, now]) => {
      assert.deepEqual(decided(compile(some), now), decided(compile(other), now))
    })
  })

  it('is the same in one file or in several', () => {
    holds(fc.tuple(shadowed, fc.integer({ min: 2, max: 4 }), situation), ([some, files, now]) => {
      assert.deepEqual(decided(compile(some), now), decided(compile(some, files), now))
    })
  })

  it('lets nothing more through for another step_up or deny', () => {
    holds(fc.tuple(parts, tightening, situation), ([some, more, now]) => {
      const stricter = { ...some, rules: [...some.rules, more] }
      if (passes(compile(stricter), now)) assert.ok(passes(compile(some), now))
    })
  })

  it('lets nothing more through for another signal', () => {
    holds(fc.tuple(parts, signal, situation), ([some, more, now]) => {
      const stricter = { ...some, signals: [...some.signals, more] }
      if (passes(compile(stricter), now)) assert.ok(passes(compile(some), now))
    })
  })

  it('lets nothing more through for an older login', () => {
    const ages = fc.subarray(['1s', '30m', '2h', '10h'], { minLength: 2, maxLength: 2 })
    holds(fc.tuple(parts, situation, ages), ([some, now, [young, old]]) => {
      never(some, aged(now, old), aged(now, young))
    })
  })

  it('lets nothing more through for a weaker login', () => {
    const levels = fc.subarray(['mfa', 'password'], { minLength: 2, maxLength: 2 })
    holds(fc.tuple(parts.map(withoutMethods), situation, levels), ([some, now, [strong, weak]]) => {
      never(some, at(now, weak), at(now, strong))
    })
  })

  it('lets nothing more through for a claim or list that is absent', () => {
    holds(fc.tuple(parts, situation), ([some, now]) => {
      if (!now.subject) return
      const { roles: _roles, ...rest } = now.subject
      never(some, { ...now, subject: { ...rest, claims: {} } }, now)
    })
  })

  it('lets nothing more through for an address that is unknown', () => {
    holds(fc.tuple(parts, situation), ([some, now]) => {
      never(some, { ...now, source: {} }, now)
    })
  })

  it('lets nothing more through for a body that cannot be read', () => {
    const bodies = fc.constantFrom({ seats: 1 }, { seats: 501 })
    holds(fc.tuple(parts, situation, bodies), ([some, now, body]) => {
      const sent = (body_state: 'complete' | 'truncated') => ({
        ...now,
        request: { ...now.request, body, body_state },
      })
      never(some, sent('truncated'), sent('complete'))
    })
  })

  it('lets nothing more through for a session that was revoked, or when nobody can know', () => {
    holds(fc.tuple(parts, situation, worse), ([some, now, revoked]) => {
      never(some, sessionIs(now, revoked), sessionIs(now, false))
    })
  })

  it('lets nothing more through for an account that was disabled, or when nobody can know', () => {
    holds(fc.tuple(parts, situation, worse), ([some, now, disabled]) => {
      if (!now.subject) return
      const { subject } = now
      never(
        some,
        { ...now, subject: { ...subject, disabled } },
        { ...now, subject: { ...subject, disabled: false } },
      )
    })
  })

  it('lets nobody through whom no rule allows', () => {
    holds(fc.tuple(fc.array(tightening, { maxLength: 6 }), situation), ([rules, now]) => {
      assert.equal(passes(compile({ rules, signals: [] }), now), false)
    })
  })

  it('answers the same whatever stands in shadow', () => {
    holds(fc.tuple(shadowed, situation), ([some, now]) => {
      const { shadow: _shadow, ...answer } = decided(compile(some), now)
      const { shadow: _none, ...without } = decided(compile(enforcedOnly(some)), now)
      assert.deepEqual({ ...answer, candidates: 0 }, { ...without, candidates: 0 })
    })
  })

  it('reports for shadow what it would answer if it were enforced', () => {
    holds(fc.tuple(shadowed, situation), ([some, facts]) => {
      // A login is made for what is enforced: nothing in shadow was ever challenged for.
      const now = { ...facts, session: { ...facts.session, single_use: false } }
      const { shadow } = decided(compile(some), now)
      const enforced = decided(compile(allEnforced(some)), now)
      if (shadow) assert.equal(shadow.outcome, enforced.outcome)
      else assert.equal(decided(compile(some), now).outcome, enforced.outcome)
    })
  })

  it('lets no more through with a login that is spent', () => {
    holds(fc.tuple(parts, situation), ([some, now]) => {
      never(some, spendable(now, false), spendable(now, true))
    })
  })
})

/** Reported, or unavailable. */
const worse = fc.constantFrom(true, null)

function sessionIs(now: PartialSituation, revoked: boolean | null): PartialSituation {
  return { ...now, session: { ...now.session, revoked } }
}

function spendable(now: PartialSituation, single_use: boolean): PartialSituation {
  return { ...now, session: { ...now.session, single_use } }
}

/** What passes with the worse facts passes with the better ones. */
function never(some: Parts, worse: PartialSituation, better: PartialSituation): void {
  const policy = compile(some)
  if (passes(policy, worse)) assert.ok(passes(policy, better))
}

function aged(now: PartialSituation, auth_age: string | undefined): PartialSituation {
  return { ...now, session: { ...now.session, auth_age } as PartialSituation['session'] }
}

function at(now: PartialSituation, level: string | undefined): PartialSituation {
  return { ...now, session: { ...now.session, level } as PartialSituation['session'] }
}

function isShadow(part: object): boolean {
  return 'mode' in part && part.mode === 'shadow'
}

/** Named first, so that what is left keeps its ids. */
function enforcedOnly(some: Parts): Parts {
  const { rules, signals } = named(some)
  return {
    rules: rules.filter((one) => !isShadow(one)),
    signals: signals.filter((one) => !isShadow(one)),
  }
}

function allEnforced(some: Parts): Parts {
  const enforce = (part: object) => ({ ...part, mode: 'enforce' })
  return { rules: some.rules.map(enforce), signals: some.signals.map(enforce) }
}

function holds<T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, check), { numRuns: 250 })
}
