#!lua flags=allow-oom
-- Write fields of a job, if its lane is still ours, and renew the lease.
-- ARGV: lane, owner, id, lease ms, field, value, ...  Returns 1, or 0 when the lease is lost.
local P, lane, owner, id = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
if redis.call('HGET', P .. 'owners', lane) ~= owner then return 0 end
if redis.call('LINDEX', P .. 'lane:' .. lane, 0) ~= id then return 0 end
local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZADD', P .. 'leases', now + tonumber(ARGV[4]), lane)
redis.call('HSET', P .. 'job:' .. id, unpack(ARGV, 5))
return 1
