-- Store a job unless its id was seen before, and mark its lane as ready.
-- ARGV: id, lane, message, most in a lane, most in all.  Returns 1 stored, 0 seen, -1 lane full, -2 all full.
local P, id, lane = KEYS[1], ARGV[1], ARGV[2]
local job, queue = P .. 'job:' .. id, P .. 'lane:' .. lane
if redis.call('EXISTS', job) == 1 then return 0 end
if tonumber(redis.call('GET', P .. 'pending') or '0') >= tonumber(ARGV[5]) then return -2 end
local waiting = redis.call('LLEN', queue)
if waiting >= tonumber(ARGV[4]) then return -1 end
local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('HSET', job, 'message', ARGV[3], 'at', now)
redis.call('RPUSH', queue, id)
redis.call('INCR', P .. 'pending')
if waiting == 0 then
  redis.call('ZADD', P .. 'ready', now, lane)
  redis.call('LPUSH', P .. 'wake', '1'); redis.call('LTRIM', P .. 'wake', 0, 255)
end
return 1
