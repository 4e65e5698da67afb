import type { CounterUse } from '../domain/facts.ts'
import {
  addedAfterwards,
  addedBy,
  bucketAt,
  bucketWidth,
  countOf,
  STREAM_LIFE,
  type Thousandths,
} from './counting.ts'
import { counterDigest, digest } from './digest.ts'
import { createScript, runScript, type Send } from './redis-script.ts'

/**
 * As `createMemoryCounters` counts. Keys: the buckets of the counter, and what the stream added, if there is one.
 * Returns the sum, or `full`.
 */
const COUNT = createScript(`
local counter, stream = KEYS[1], KEYS[2]

local function keep(before)
  local value = table.concat({ before.bucket, before.units, before.at, text(before.attempts) }, ' ')
  redis.call('SET', stream, value, 'PX', text(ask.streamLife))
end

local function load_stream()
  local value = stream and redis.call('GET', stream)
  if not value then return nil end
  local bucket, units, at, attempts = string.match(value, '^(%S+) (%S+) (%S+) (%S+)$')
  if tonumber(at) + ask.streamLife <= now then return nil end
  return { bucket = bucket, units = units, at = at, attempts = tonumber(attempts) }
end

local function take(bucket, units)
  local sum = redis.call('HGET', counter, bucket)
  if sum then redis.call('HSET', counter, bucket, text(math.max(0, tonumber(sum) - units))) end
end

local before = load_stream()
local adds = ask.act == 'reserve' or ask.act == 'count'
if adds and before then
  if ask.act == 'reserve' then before.attempts = before.attempts + 1 end
  keep(before)
elseif adds then
  local bucket = text(ask.bucket)
  local sum = tonumber(redis.call('HGET', counter, bucket) or '0') + ask.units
  if sum > 9007199254740991 then
    if ask.act == 'reserve' then return 'full' end
    sum = 9007199254740991
  end
  redis.call('HSET', counter, bucket, text(sum))
  redis.call('PEXPIRE', counter, text(ask.life))
  if stream then keep({ bucket = bucket, units = text(ask.units), at = text(now), attempts = 1 }) end
elseif ask.act == 'give back' and not stream then
  take(text(ask.bucket), ask.units)
elseif ask.act == 'give back' and before and before.attempts > 1 then
  before.attempts = before.attempts - 1
  keep(before)
elseif ask.act == 'give back' and before then
  redis.call('DEL', stream)
  take(before.bucket, tonumber(before.units))
end

local sum = 0
local buckets = redis.call('HGETALL', counter)
for i = 1, #buckets, 2 do
  if tonumber(buckets[i]) >= ask.oldest then
    sum = sum + tonumber(buckets[i + 1])
  elseif adds then
    redis.call('HDEL', counter, buckets[i])
  end
end
return text(sum)`)

/** What is done to a counter: looked up, or reserved, before the decision; counted, or given back, after it. */
type Act = 'read' | 'reserve' | 'count' | 'give back'

/** What is done for one request. */
export type Counting = {
  readonly act: Act
  readonly now: number
  readonly stream: string | null
}

/** The act that looks a counter up before the outcome is known. */
export function lookUp({ of }: CounterUse): 'read' | 'reserve' {
  return of === 'refused' ? 'read' : 'reserve'
}

/** A minute in which replicas whose clocks are behind still see what was counted. */
const SLACK = 60_000

/** Prepares one counter's step; throws when the request cannot be counted. */
export function countInRedis(prefix: string, use: CounterUse, counting: Counting) {
  const { act, now, stream } = counting
  const key = `${prefix}{${counterDigest(use)}}:c`
  const keys: [string, ...string[]] = stream === null ? [key] : [key, `${key}:${digest(stream)}`]
  const ask = {
    act,
    now,
    units: unitsOf(use, act),
    bucket: bucketAt(now, use.window),
    oldest: bucketAt(now - use.window, use.window),
    life: use.window + bucketWidth(use.window) + SLACK,
    streamLife: STREAM_LIFE,
  }
  return (send: Send): Promise<unknown> => runScript(send, COUNT, keys, ask)
}

function unitsOf(use: CounterUse, act: Act): Thousandths {
  switch (act) {
    case 'read':
      return 0
    case 'count':
      return addedAfterwards(use)
    case 'reserve':
    case 'give back':
      return addedBy(use)
  }
}

/** The value that a step came to. Throws when there is none. */
export function countFrom(reply: unknown): number {
  if (reply === 'full') throw new Error('a counter is full')
  return countOf(typeof reply === 'string' ? Number(reply) : Number.NaN)
}
