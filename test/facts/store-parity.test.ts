import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import type { CounterUse } from '../../src/domain/facts.ts'
import type { Settlement } from '../../src/domain/settlement.ts'
import { createMemoryStore } from '../../src/facts/memory-store.ts'
import type { Memory, Sighting, Store } from '../../src/facts/store.ts'
import { openFollowedStore } from '../support/followed-store.ts'
import { findRedis } from '../support/redis-binary.ts'
import { startRedis } from '../support/redis-server.ts'
import { NOW } from './settlements.ts'

/** Small enough that everything overflows; long enough that Redis drops nothing by its own clock meanwhile. */
const LIMITS = {
  loop: { attempts: 2, window: 20_000 },
  challengeLife: 20_000,
  challenges: 2,
  sightLife: 15_000,
  deviceLife: 40_000,
  sessionLife: 30_000,
  sights: 3,
  roleSights: 4,
  known: 2,
  sessionFingerprints: 2,
}

const redis = await findRedis()
const options = 'missing' in redis ? { skip: redis.missing } : {}

describe('the stores', options, async () => {
  if ('missing' in redis) return
  const server = await startRedis(redis)
  after(server.kill)

  it('say the same to the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps(), { maxLength: 60, size: 'max' }), async (taken) => {
        const inRedis = await openFollowedStore({ ...LIMITS, url: server.url, deadline: 2_000 })
        try {
          await compare(createMemoryStore({ ...LIMITS, capacity: 1_000 }), inRedis, taken)
        } finally {
          await inRedis.stop()
        }
      }),
      { numRuns: 40 },
    )
  })
})

async function compare(memory: Store, inRedis: Store, taken: readonly Step[]): Promise<void> {
  let now = NOW
  for (const [at, { after: passed, act }] of taken.entries()) {
    now += passed
    const said = await outcome(memory, act, now)
    assert.deepEqual(await outcome(inRedis, act, now), said, `step ${at + 1}`)
  }
}

type Act =
  | { readonly kind: 'observe'; readonly sighting: Omit<Sighting, 'now'> }
  | { readonly kind: 'remember'; readonly memory: Omit<Memory, 'now'> }
  | { readonly kind: 'settle'; readonly settlement: Omit<Settlement, 'now'> }

/** What is done, so many milliseconds after the step before; a few go back. */
type Step = { readonly after: number; readonly act: Act }

async function outcome(store: Store, act: Act, now: number): Promise<unknown> {
  try {
    switch (act.kind) {
      case 'observe':
        return await store.observe(ahead(act.sighting, now))
      case 'remember':
        return await store.remember({ ...act.memory, now })
      case 'settle':
        return await store.settle(within(act.settlement, now))
    }
  } catch (error) {
    return (error as Error).message
  }
}

/** What is new may count as first seen a few seconds later. */
function ahead({ seenAt, ...sighting }: Omit<Sighting, 'now'>, now: number): Sighting {
  return { ...sighting, now, ...(seenAt !== undefined && { seenAt: now + seenAt }) }
}

/** Logins and tokens are made a few seconds before or after the step. */
function within(settlement: Omit<Settlement, 'now'>, now: number): Settlement {
  const { spend, challenge } = settlement
  const second = Math.floor(now / 1000)
  const authTime = challenge.authTime && second + challenge.authTime
  const asked = { ...challenge, authTime, issuedAt: second + challenge.issuedAt }
  const spent = spend && { ...spend, authTime: second + spend.authTime }
  return { ...settlement, now, spend: spent, challenge: asked }
}

function steps(): fc.Arbitrary<Step> {
  const passed = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 1_500 }) },
    { weight: 1, arbitrary: fc.integer({ min: -3_000, max: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: 5_000, max: 45_000 }) },
  )
  const acts = fc.oneof(
    fc.record({ kind: fc.constant('observe' as const), sighting: sightings() }),
    fc.record({ kind: fc.constant('remember' as const), memory: memories() }),
    fc.record({ kind: fc.constant('settle' as const), settlement: settlements() }),
  )
  return fc.record({ after: passed, act: acts })
}

const oneOf = (...values: string[]) => fc.constantFrom(...values)
const subjects = () => fc.constantFrom({ issuer: 'i', id: 'a' }, { issuer: 'i', id: 'b' })
const streams = () => fc.option(oneOf('s1', 's2', 's3'), { nil: null })
const sessions = () => oneOf('x', 'y')
const values = () => oneOf('1', '2', '3', '4', '5', 'ü/"')
const roles = () => fc.array(values(), { maxLength: 5 })

function uses(): fc.Arbitrary<CounterUse[]> {
  const use = fc.record({
    id: oneOf('c', 'd'),
    key: oneOf('k', 'l'),
    window: fc.constantFrom(6_000, 61_111),
    of: fc.constantFrom('attempts' as const, 'allowed' as const, 'refused' as const),
    amount: fc.oneof(
      fc.constant(1),
      fc.double({ min: -1, max: 1000, noNaN: true }),
      fc.constantFrom(1e12, 2e12),
    ),
    read: fc.boolean(),
  })
  return fc.array(use, { maxLength: 3 })
}

function sightings(): fc.Arbitrary<Omit<Sighting, 'now'>> {
  return fc.record(
    {
      subject: subjects(),
      stream: streams(),
      seenAt: fc.integer({ min: 0, max: 5_000 }),
      device: values(),
      place: values(),
      session: sessions(),
      roles: roles(),
      fingerprint: values(),
      counters: uses(),
    },
    { requiredKeys: ['subject', 'stream', 'session', 'counters'] },
  )
}

function memories(): fc.Arbitrary<Omit<Memory, 'now'>> {
  const place = fc.record(
    {
      latitude: fc.double({ min: -90, max: 90, noNaN: true }).map((degrees) => degrees + 0),
      longitude: fc.constant(13.4),
      accuracyKm: fc.constant(20),
      country: oneOf('DE', 'FR'),
      at: fc.constant(NOW + 0.25),
    },
    { noNullPrototype: true },
  )
  return fc.record(
    {
      subject: fc.option(subjects(), { nil: null }),
      stream: streams(),
      device: values(),
      place,
      fingerprint: fc.record({ session: sessions(), value: values() }),
      roles: roles(),
      count: uses(),
      giveBack: uses(),
      satisfied: fc.option(oneOf('r', 'q'), { nil: null }),
    },
    { requiredKeys: ['subject', 'stream', 'count', 'giveBack', 'satisfied'] },
  )
}

function settlements(): fc.Arbitrary<Omit<Settlement, 'now'>> {
  const operation = () => oneOf('o', 'p')
  return fc.record({
    subject: subjects(),
    stream: streams(),
    spend: fc.option(
      fc.record({ authTime: fc.integer({ min: -6, max: 2 }), operation: operation() }),
      {
        nil: null,
      },
    ),
    challenge: fc.record({
      operation: fc.option(operation(), { nil: null }),
      authTime: fc.option(fc.integer({ min: -6, max: 2 }), { nil: null }),
      about: oneOf('r', 'q'),
      issuedAt: fc.integer({ min: -6, max: 2 }),
      shortfalls: fc.integer({ min: 1, max: 3 }),
    }),
  })
}
