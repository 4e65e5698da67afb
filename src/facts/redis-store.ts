import type { CounterUse } from '../domain/facts.ts'
import type { SubjectKey } from '../domain/settlement.ts'
import { subjectDigest } from './digest.ts'
import { asksOfSubject, teaches } from './memory-store.ts'
import type { RedisAddress } from './redis-connection.ts'
import { countFrom, countInRedis, lookUp } from './redis-counters.ts'
import { createRedisLink, type RedisLink, type RedisLinkOptions } from './redis-link.ts'
import { runScript, type Send } from './redis-script.ts'
import { roundsKey, SATISFY, settleInRedis } from './redis-settle.ts'
import { learnInRedis, observeInRedis } from './redis-subjects.ts'
import { useOnceInRedis } from './redis-uses.ts'
import type { Memory, Sighting, Store, Uses } from './store.ts'
import { type GivenLimits, STORE_LIMITS, type StoreLimits } from './store-limits.ts'

/** Where Redis is, what is kept there, and who is told how it does. */
export type RedisStoreOptions = RedisAddress &
  GivenLimits &
  Pick<RedisLinkOptions, 'prefix' | 'clock' | 'onState' | 'onWarning'> & {
    /** Milliseconds that a call may take; 20 when absent. */
    readonly deadline?: number
  }

/** A store in Redis 7 or Valkey, which replicas share. */
export type RedisStore = Store & Uses & Pick<RedisLink, 'call' | 'start' | 'stop' | 'state'>

const DEADLINE = 20

/**
 * Creates the store. Each call is one round trip; it rejects when there is no answer in time, and at once while Redis is
 * down. A call that rejects may have been carried out all the same: then a login is spent that opened nothing, or a
 * request is counted that was refused.
 */
export function createRedisStore(options: RedisStoreOptions): RedisStore {
  const { prefix, deadline = DEADLINE } = options
  const home = { prefix, limits: { ...STORE_LIMITS, ...options } }
  const link = createRedisLink({ ...options, deadline, address: options })
  return {
    observe: async (sighting) => {
      const [seen, ...sums] = await link.call(observing(sighting, home))
      return { ...seen, counters: sums.map(countFrom) }
    },
    settle: (settlement) =>
      link.call((send) =>
        settleInRedis(send, subjectKey(prefix, settlement.subject), settlement, home.limits),
      ),
    remember: async (memory) => {
      const [satisfied, , ...sums] = await link.call(remembering(memory, home))
      sums.forEach(countFrom)
      return satisfied
    },
    useOnce: (use) => link.call((send) => useOnceInRedis(send, prefix, use)),
    call: link.call,
    start: link.start,
    stop: link.stop,
    state: link.state,
  }
}

type Home = { readonly prefix: string; readonly limits: StoreLimits }

/** Throws when a request cannot be counted, before anything is sent. */
function observing(sighting: Sighting, { prefix, limits }: Home) {
  const steps = sighting.counters.map((use) =>
    countInRedis(prefix, use, { ...sighting, act: lookUp(use) }),
  )
  const look = async (send: Send) =>
    asksOfSubject(sighting)
      ? await observeInRedis(send, subjectKey(prefix, sighting.subject), sighting, limits)
      : {}
  return (send: Send) => Promise.all([look(send), ...steps.map((step) => step(send))])
}

function remembering(memory: Memory, { prefix, limits }: Home) {
  const counting = (act: 'count' | 'give back') => (use: CounterUse) =>
    countInRedis(prefix, use, { ...memory, act })
  const steps = [
    ...memory.giveBack.map(counting('give back')),
    ...memory.count.map(counting('count')),
  ]
  return (send: Send) =>
    Promise.all([
      satisfy(send, memory, prefix),
      learn(send, memory, { prefix, limits }),
      ...steps.map((step) => step(send)),
    ])
}

async function satisfy(
  send: Send,
  { subject, satisfied, now }: Memory,
  prefix: string,
): Promise<boolean> {
  if (subject === null || satisfied === null) return false
  const key = roundsKey(subjectKey(prefix, subject), satisfied)
  return (await runScript(send, SATISFY, [key], { now })) === 1
}

async function learn(send: Send, memory: Memory, { prefix, limits }: Home): Promise<void> {
  if (memory.subject === null || !teaches(memory)) return
  await learnInRedis(send, subjectKey(prefix, memory.subject), memory, limits)
}

/** Braces: all that is kept of one subject is in one slot of a cluster. */
function subjectKey(prefix: string, subject: SubjectKey): string {
  return `${prefix}{${subjectDigest(subject)}}`
}
