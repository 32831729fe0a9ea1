-- Put a dead letter back at the end of its lane.  ARGV: id.  Returns 1, or 0 if there is none.
local P, id = KEYS[1], ARGV[1]
local job = P .. 'job:' .. id
local lane = redis.call('HGET', job, 'lane')
if not lane or redis.call('LREM', P .. 'dead', 0, id) == 0 then return 0 end
redis.call('HDEL', job, 'dead', 'done', 'attempts', 'lane', 'stop'); redis.call('PERSIST', job)
local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('INCR', P .. 'pending')
if redis.call('RPUSH', P .. 'lane:' .. lane, id) == 1 then redis.call('ZADD', P .. 'ready', now, lane) end
redis.call('LPUSH', P .. 'wake', '1'); redis.call('LTRIM', P .. 'wake', 0, 255)
return 1
