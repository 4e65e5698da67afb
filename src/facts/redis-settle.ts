import type { Settled, Settlement } from '../domain/settlement.ts'
import { digest } from './digest.ts'
import { createScript, runScript, type Send } from './redis-script.ts'
import type { StoreLimits } from './store-limits.ts'

/**
 * As `createMemoryLogins` settles. Keys: the login, the challenges of the subject by operation, the rounds. A spent login stays a minute longer than it has to, for replicas whose
 * clocks are behind.
 */
const SETTLE = createScript(`
local login, challenges, rounds = KEYS[1], KEYS[2], KEYS[3]

local function standing(operation)
  local entry = redis.call('HGET', challenges, operation)
  if not entry then return nil end
  local at, expires = string.match(entry, '^(%S+) (%S+)$')
  if tonumber(expires) > now then return tonumber(at) end
  return nil
end

local function spend()
  local before = redis.call('HMGET', login, 'operation', 'stream', 'expires')
  if before[3] and tonumber(before[3]) > now then
    return ask.stream ~= '' and before[2] == ask.stream and before[1] == ask.operation
  end
  local at = standing(ask.operation)
  if not at or ask.authTime <= at then return false end
  local expires = math.max(now, ask.authTime * 1000) + ask.challengeLife
  redis.call('HSET', login, 'operation', ask.operation, 'stream', ask.stream, 'expires', text(expires))
  redis.call('PEXPIRE', login, text(math.ceil(expires - now + 60000)))
  redis.call('HDEL', challenges, ask.operation)
  return true
end

local function count()
  local known = redis.call('HMGET', rounds, 'attempts', 'at', 'fewest', 'expires')
  local at = math.max(math.floor(now / 1000), ask.issuedAt)
  local attempts, fewest, expires = 1, ask.shortfalls, now + ask.window
  if known[1] and tonumber(known[4]) > now then
    expires = tonumber(known[4])
    if ask.shortfalls >= tonumber(known[3]) then
      attempts, fewest = tonumber(known[1]), tonumber(known[3])
      if ask.issuedAt > tonumber(known[2]) then
        attempts = attempts + 1
      else
        at = tonumber(known[2])
      end
    end
  end
  redis.call('HSET', rounds, 'attempts', text(attempts), 'at', text(at), 'fewest', text(fewest), 'expires', text(expires))
  redis.call('PEXPIRE', rounds, text(math.ceil(expires - now)))
  return attempts <= ask.attempts
end

local function by_age(one, other)
  if one.expires ~= other.expires then return one.expires < other.expires end
  return one.operation < other.operation
end

local function make_room()
  local all = redis.call('HGETALL', challenges)
  local kept = {}
  for index = 1, #all, 2 do
    local expires = tonumber(string.match(all[index + 1], ' (%S+)$'))
    if expires > now then
      table.insert(kept, { operation = all[index], expires = expires })
    else
      redis.call('HDEL', challenges, all[index])
    end
  end
  table.sort(kept, by_age)
  for index = 1, #kept - ask.challenges + 1 do
    redis.call('HDEL', challenges, kept[index].operation)
  end
end

local function challenge_for_operation()
  if standing(ask.challenged) then return end
  make_room()
  local at = math.max(math.floor(now / 1000), ask.challengedLogin)
  redis.call('HSET', challenges, ask.challenged, text(at) .. ' ' .. text(now + ask.challengeLife))
  redis.call('PEXPIRE', challenges, text(ask.challengeLife))
end

if ask.spends and spend() then return 'spent' end
if not count() then return 'loop' end
if ask.asks then challenge_for_operation() end
return 'challenged'`)

/** Ends rounds; 1 when there were any. */
export const SATISFY = createScript(`
local expires = redis.call('HGET', KEYS[1], 'expires')
redis.call('DEL', KEYS[1])
if expires and tonumber(expires) > now then return 1 end
return 0`)

/** The key of the rounds about something, next to the subject's. */
export function roundsKey(subject: string, about: string): string {
  return `${subject}:r:${digest(about)}`
}

/** Settles in one step. Rejects when the server does, or says what it cannot have meant. */
export async function settleInRedis(
  send: Send,
  subject: string,
  { now, stream, spend, challenge }: Settlement,
  { loop, challengeLife, challenges }: StoreLimits,
): Promise<Settled> {
  const reply = await runScript(
    send,
    SETTLE,
    [
      `${subject}:l:${digest(String(spend?.authTime))}`,
      `${subject}:a`,
      roundsKey(subject, challenge.about),
    ],
    {
      now,
      challengeLife,
      challenges,
      ...loop,
      spends: spend !== null,
      authTime: spend?.authTime ?? 0,
      operation: digest(spend?.operation ?? ''),
      stream: stream ?? '',
      asks: challenge.operation !== null,
      challenged: digest(challenge.operation ?? ''),
      challengedLogin: challenge.authTime ?? 0,
      issuedAt: challenge.issuedAt,
      shortfalls: challenge.shortfalls,
    },
  )
  if (reply === 'spent' || reply === 'challenged' || reply === 'loop') return reply
  throw new Error(`Redis settled with ${String(reply)}`)
}
