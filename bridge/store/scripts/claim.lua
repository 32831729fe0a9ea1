#!lua flags=allow-oom
-- Lease lanes that are due, after making those whose lease ran out ready again.
-- ARGV: worker, lease ms, most.  Returns a list of {lane, owner, id, job fields}.
local P, worker, lease = KEYS[1], ARGV[1], tonumber(ARGV[2])
local ready, leases, owners = P .. 'ready', P .. 'leases', P .. 'owners'
local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
for _, lane in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, 64)) do
  redis.call('ZREM', leases, lane); redis.call('HDEL', owners, lane)
  redis.call('ZADD', ready, now - lease, lane)
end
local out = {}
for _, lane in ipairs(redis.call('ZRANGEBYSCORE', ready, '-inf', now, 'LIMIT', 0, tonumber(ARGV[3]))) do
  redis.call('ZREM', ready, lane)
  local id = redis.call('LINDEX', P .. 'lane:' .. lane, 0)
  if id then
    -- never goes back, even after a failover that lost writes
    local fence = math.max(tonumber(redis.call('GET', P .. 'fence') or '0') + 1, t[1] * 1000000 + t[2])
    fence = string.format('%.0f', fence)
    redis.call('SET', P .. 'fence', fence)
    local owner = worker .. ':' .. fence
    redis.call('HSET', owners, lane, owner)
    redis.call('ZADD', leases, now + lease, lane)
    local job = P .. 'job:' .. id
    redis.call('HINCRBY', job, 'attempts', 1)
    out[#out + 1] = {lane, owner, id, redis.call('HGETALL', job)}
  end
end
-- Nothing more is due: the tokens that woke this worker would only wake it, or others, in vain.
if #out < tonumber(ARGV[3]) then redis.call('DEL', P .. 'wake') end
return out
