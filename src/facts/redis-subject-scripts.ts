import { createScript } from './redis-script.ts'

/** What `sights.ts` and `memory-subjects.ts` do, for both scripts: `fields` are those of the subject's hash, of which `@…` are no sights. */
const SUBJECT = `
local key, fields = KEYS[1], {}
local flat = redis.call('HGETALL', key)
for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end

local function set(field, value)
  fields[field] = value
  redis.call('HSET', key, field, value)
end

local function drop(field)
  fields[field] = nil
  redis.call('HDEL', key, field)
end

local function open()
  local used = tonumber(fields['@used'] or '0')
  if used + ask.subjectLife <= now then
    redis.call('DEL', key)
    fields, used = {}, 0
  end
  set('@used', text(math.max(used, now)))
  redis.call('PEXPIRE', key, text(ask.subjectLife))
end

local function open_session(session)
  local first, used, learnt = unpack(redis.call('HMGET', session, 'first', 'used', 'learnt'))
  if not first or tonumber(used) + ask.sessionLife <= now then
    redis.call('DEL', session)
    first, used, learnt = text(now), '0', false
  end
  redis.call('HSET', session, 'first', first, 'used', text(math.max(tonumber(used), now)))
  redis.call('PEXPIRE', session, text(ask.sessionLife))
  return first, learnt
end

local function sight(name)
  local first, known = string.match(fields[name] or '', '^(%S+) (%S+)$')
  return tonumber(first), tonumber(known)
end

local function of_kind(kind, is_known)
  local names = {}
  for name in pairs(fields) do
    local _, known = sight(name)
    if string.sub(name, 1, 1) == kind and (known ~= 0) == is_known then names[#names + 1] = name end
  end
  return names
end`

/** Looks up the sights of `names`, and adds those that are new. Keys: the subject, and the session if one is asked for. */
export const OBSERVE = createScript(
  SUBJECT,
  `
local function see(name)
  local kind = string.sub(name, 1, 1)
  local first, known = sight(name)
  if known == 0 and first + ask.sightLife > now then return first, 0 end
  if first and known ~= 0 and (kind == 'r' or known + ask.deviceLife > now) then return first, known end
  if first then drop(name) end
  local unlearnt = of_kind(kind, false)
  if #unlearnt >= (kind == 'r' and ask.roleSights or ask.sights) then
    for _, one in ipairs(unlearnt) do drop(one) end
  end
  set(name, text(ask.seenAt) .. ' 0')
  return ask.seenAt, 0
end

open()
local first, learnt = '', false
if KEYS[2] then first, learnt = open_session(KEYS[2]) end
local reply = { first, learnt or '', fields['@place'] or '', fields['@roles'] or '', fields['@rolesAt'] or '0' }
for _, name in ipairs(ask.names) do
  local seen, known = see(name)
  reply[#reply + 1] = text(seen)
  reply[#reply + 1] = text(known)
end
return reply`,
)

/** Learns the sights of `names`, the place and the roles. Keys: the subject, and the session of a fingerprint. */
export const LEARN = createScript(
  SUBJECT,
  `
local function know(name)
  local kind = string.sub(name, 1, 1)
  local first, known = sight(name)
  set(name, text(first or now) .. ' ' .. text(math.max(known or 0, now)))
  local all = kind == 'r' and {} or of_kind(kind, true)
  if #all <= ask.known then return end
  local oldest, used = nil, nil
  for _, one in ipairs(all) do
    local _, at = sight(one)
    if not used or at < used or (at == used and one < oldest) then oldest, used = one, at end
  end
  drop(oldest)
end

open()
if ask.place then set('@place', ask.place) end
if ask.roles then
  set('@roles', ask.roles)
  set('@rolesAt', text(now))
  local given = {}
  for _, name in ipairs(ask.names) do given[name] = true end
  for _, is_known in ipairs({ true, false }) do
    for _, name in ipairs(of_kind('r', is_known)) do
      if not given[name] then drop(name) end
    end
  end
end
for _, name in ipairs(ask.names) do know(name) end
if KEYS[2] then
  local _, learnt = open_session(KEYS[2])
  local values = {}
  for _, one in ipairs(learnt and cjson.decode(learnt) or {}) do
    if one ~= ask.fingerprint then values[#values + 1] = one end
  end
  values[#values + 1] = ask.fingerprint
  while #values > ask.sessionFingerprints do table.remove(values, 1) end
  redis.call('HSET', KEYS[2], 'learnt', cjson.encode(values))
end
return 1`,
)
