"""The shared gate's arithmetic, in Lua: each script is one step that no other worker can come between.

One hash holds what is known of a credential, one sorted set the turns that are out, each with when it lapses. Instants
are milliseconds of Redis's clock, which all workers share. Fields of the hash, ``<p>`` being "" for the credential as a
whole or a lane: ``hold:<p>`` nobody asks before; ``limit:<p>``, ``left:<p>``, ``ends:<p>`` the quota as it was told;
``ours:<p>`` what we took of it since ``since:<p>``; ``bucket:<p>`` it fills up bit by bit; ``next:<p>`` when pacing lets
the next one go; ``minute:<p>``, ``took:<p>`` the present tenth of a minute; ``width``, ``good``, ``cut`` how many
requests may be out, how many good answers came since it changed, and when it was halved.
"""

from __future__ import annotations

# What every script begins with.
_BEGIN = """
local s, out = KEYS[1], KEYS[2]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function get(f) return tonumber(redis.call('HGET', s, f) or '0') or 0 end
local function set(f, v) redis.call('HSET', s, f, v) end
local function keep() redis.call('PEXPIRE', s, 172800000) end
local function renewed(p)
  local ends, since = get('ends:' .. p), get('since:' .. p)
  if (ends > 0 and now >= ends) or (ends == 0 and since > 0 and now - since >= 3600000) then
    redis.call('HDEL', s, 'limit:' .. p, 'left:' .. p, 'ends:' .. p, 'ours:' .. p, 'since:' .. p, 'next:' .. p)
  end
end
local function allowed(p, share)
  local limit = get('limit:' .. p)
  if limit == 0 or get('ends:' .. p) == 0 or get('bucket:' .. p) == 1 then return -1 end
  return math.max(1, math.floor(limit * share / 100))
end
"""

# ARGV: lane, cost, share, start, most, lease, lapse ms, per minute; then for "" and for the lane what the caller knows:
# hold ms, window ms, ours, limit; last the patience, ms. Gives: why, wait ms; then for both: ours, window ms, limit.
# Who waits stands in ``:queue`` by when his patience ends, so that people come before workers and none waits for ever;
# who was not ``:seen`` asking for three seconds has left it.
TURN = (
    _BEGIN
    + """
local lane, cost, share = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local pools = {'', lane}
for i, p in ipairs(pools) do
  local k = 8 + (i - 1) * 4
  local hold, window = tonumber(ARGV[k + 1]), tonumber(ARGV[k + 2])
  local ours, limit = tonumber(ARGV[k + 3]), tonumber(ARGV[k + 4])
  renewed(p)
  if hold > 0 and now + hold > get('hold:' .. p) + 1000 then set('hold:' .. p, now + hold) end
  if window > 0 and limit > 0 then
    if get('ends:' .. p) == 0 then set('ends:' .. p, now + window); set('limit:' .. p, limit) end
    if math.abs(get('ends:' .. p) - now - window) < 5000 then set('ours:' .. p, math.max(ours, get('ours:' .. p))) end
  end
end
local queue, seen, lease = s .. ':queue', s .. ':seen', ARGV[6]
local function answer(why, wait)
  if why ~= 'full' then redis.call('ZREM', queue, lease); redis.call('ZREM', seen, lease) end
  local a = {why, math.ceil(wait)}
  for _, p in ipairs(pools) do
    a[#a + 1] = get('ours:' .. p); a[#a + 1] = math.max(0, get('ends:' .. p) - now); a[#a + 1] = get('limit:' .. p)
    if get('bucket:' .. p) == 1 then a[#a] = 0 end
  end
  keep()
  return a
end
local hold = math.max(get('hold:'), get('hold:' .. lane))
if hold > now then return answer('held', hold - now) end
for _, p in ipairs(pools) do
  local most, ours = allowed(p, share), get('ours:' .. p)
  if most >= 0 and ours > 0 and ours + cost > most then return answer('share', get('ends:' .. p) - now) end
  if get('next:' .. p) > now then return answer('paced', get('next:' .. p) - now) end
end
local tenth, minute = math.floor(tonumber(ARGV[8]) * share / 1000), math.floor(now / 6000)
if get('minute:' .. lane) ~= minute then set('minute:' .. lane, minute); set('took:' .. lane, 0) end
local took = get('took:' .. lane)
if tonumber(ARGV[8]) > 0 and took > 0 and took + cost > tenth then return answer('paced', (minute + 1) * 6000 - now) end
redis.call('ZREMRANGEBYSCORE', out, 0, now)
local width = get('width')
if width == 0 then width = tonumber(ARGV[4]); set('width', width) end
local free = math.min(width, tonumber(ARGV[5])) - redis.call('ZCARD', out)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', seen, 0, now - 3000)) do
  redis.call('ZREM', queue, gone); redis.call('ZREM', seen, gone)
end
if free <= 0 or redis.call('ZCARD', queue) > 0 then
  redis.call('ZADD', queue, 'NX', now + tonumber(ARGV[17]), lease)
  redis.call('ZADD', seen, now, lease)
  redis.call('PEXPIRE', queue, 60000); redis.call('PEXPIRE', seen, 60000)
  local before = redis.call('ZRANK', queue, lease)
  if before >= free then return answer('full', math.min(500, 10 * (before - math.max(free, 0) + 1))) end
end
redis.call('ZADD', out, now + tonumber(ARGV[7]), lease)
redis.call('PEXPIRE', out, 600000)
set('took:' .. lane, took + cost)
for _, p in ipairs(pools) do
  if get('since:' .. p) == 0 then set('since:' .. p, now) end
  redis.call('HINCRBY', s, 'ours:' .. p, cost)
  local most, left = allowed(p, share), redis.call('HGET', s, 'left:' .. p)
  if most > 0 then
    local open = most - get('ours:' .. p)
    if left then
      set('left:' .. p, math.max(0, tonumber(left) - cost))
      open = math.min(open, tonumber(left) - cost)
    end
    if open < most / 5 then
      set('next:' .. p, now + math.floor(math.min((get('ends:' .. p) - now) / math.max(open, 1), 5000)))
    end
  end
end
return answer('go', 0)
"""
)

# ARGV: outcome (good, free, bad, limit), lane, pool, limit, left, resets ms, refills ms (-1 = not told), share, start,
# most.
TOLD = (
    _BEGIN
    + """
local outcome, p, share = ARGV[1], ARGV[3], tonumber(ARGV[8])
local limit, left = tonumber(ARGV[4]), tonumber(ARGV[5])
local resets, refills = tonumber(ARGV[6]), tonumber(ARGV[7])
renewed(p)
if limit > 0 then
  set('limit:' .. p, limit)
  if left >= 0 then set('left:' .. p, left) end
  if refills >= 0 then
    set('bucket:' .. p, 1)
    local floor = math.max(1, math.ceil(limit * (100 - share) / 100))
    if left >= 0 and left < floor then
      set('hold:' .. p, math.max(get('hold:' .. p), now + math.min((floor - left) * refills, 60000)))
    end
  elseif resets < 0 then
    if left >= 0 and left < math.ceil(limit * (100 - share) / 100) then set('next:' .. p, now + 1000) end
  else
    local ends = get('ends:' .. p)
    if ends == 0 or now + resets < ends then set('ends:' .. p, now + resets) end
    if left == 0 then set('hold:' .. p, math.max(get('hold:' .. p), now + resets)) end
  end
end
if outcome == 'free' then
  for _, pool in ipairs({'', ARGV[2]}) do
    if get('ours:' .. pool) > 0 then redis.call('HINCRBY', s, 'ours:' .. pool, -1) end
  end
end
local width, most = get('width'), tonumber(ARGV[10])
if width == 0 then width = tonumber(ARGV[9]) end
if outcome == 'limit' then
  if now - get('cut') > 3000 then set('width', math.max(1, math.floor(width / 2))); set('cut', now) end
  set('good', 0)
elseif outcome == 'bad' then
  set('good', 0)
elseif redis.call('HINCRBY', s, 'good', 1) >= 20 * width then
  set('width', math.min(most, width + 1)); set('good', 0)
end
keep()
return 1
"""
)

# ARGV: lane ("" = the whole credential), ms.
HOLD = (
    _BEGIN
    + """
set('hold:' .. ARGV[1], math.max(get('hold:' .. ARGV[1]), now + tonumber(ARGV[2])))
keep()
return 1
"""
)

# ARGV: lane, points more.
SPENT = (
    _BEGIN
    + """
for _, p in ipairs({'', ARGV[1]}) do
  if get('since:' .. p) == 0 then set('since:' .. p, now) end
  set('ours:' .. p, math.max(0, get('ours:' .. p) + tonumber(ARGV[2])))
end
keep()
return 1
"""
)

# KEYS: any, then the sorted set. ARGV: lapse ms, leases that still stand. After a FLUSHALL they are back.
RENEW = (
    _BEGIN
    + """
for i = 2, #ARGV do redis.call('ZADD', out, now + tonumber(ARGV[1]), ARGV[i]) end
redis.call('PEXPIRE', out, 600000)
return 1
"""
)
