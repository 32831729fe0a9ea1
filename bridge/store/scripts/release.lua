#!lua flags=allow-oom
-- Leave the job where it is and the lane to others, after a delay.
-- ARGV: lane, owner, id, delay ms, 1 if this was no attempt.  Returns 1, or 0 when the lease is lost.
local P, lane, owner = KEYS[1], ARGV[1], ARGV[2]
if redis.call('HGET', P .. 'owners', lane) ~= owner then return 0 end
local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREM', P .. 'leases', lane); redis.call('HDEL', P .. 'owners', lane)
redis.call('ZADD', P .. 'ready', now + tonumber(ARGV[4]), lane)
if ARGV[5] == '1' then redis.call('HINCRBY', P .. 'job:' .. ARGV[3], 'attempts', -1) end
redis.call('LPUSH', P .. 'wake', '1'); redis.call('LTRIM', P .. 'wake', 0, 255)
return 1
