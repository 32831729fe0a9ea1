#!lua flags=allow-oom
-- Take the job off its lane and let the next one begin.  With a reason the job becomes a dead letter.
-- ARGV: lane, owner, id, ms to remember the id for, reason or ''.  Returns 1, or 0 when the lease is lost.
local P, lane, owner, id = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local job, queue = P .. 'job:' .. id, P .. 'lane:' .. lane
if redis.call('HGET', P .. 'owners', lane) ~= owner then
  return redis.call('HEXISTS', job, 'done')  -- said before, and the answer was lost
end
if redis.call('LINDEX', queue, 0) == id then
  redis.call('LPOP', queue); redis.call('DECR', P .. 'pending')
  if ARGV[5] == '' then
    local heir, shown = unpack(redis.call('HMGET', job, 'heir', 'shown'))
    if heir and shown and redis.call('HEXISTS', P .. 'job:' .. heir, 'message') == 1 then
      redis.call('HSET', P .. 'job:' .. heir, 'shown', shown)  -- which it draws over
    end
    redis.call('DEL', job)
  else
    redis.call('HSET', job, 'dead', ARGV[5], 'lane', lane)
    redis.call('LPUSH', P .. 'dead', id); redis.call('LTRIM', P .. 'dead', 0, 999)
  end
  redis.call('HSET', job, 'done', '1'); redis.call('PEXPIRE', job, ARGV[4])
end
redis.call('ZREM', P .. 'leases', lane); redis.call('HDEL', P .. 'owners', lane)
if redis.call('LLEN', queue) > 0 then
  local t = redis.call('TIME')
  redis.call('ZADD', P .. 'ready', t[1] * 1000 + math.floor(t[2] / 1000), lane)  -- at the back: fair
  redis.call('LPUSH', P .. 'wake', '1'); redis.call('LTRIM', P .. 'wake', 0, 255)
end
return 1
