#!lua flags=allow-oom
-- Make the lanes ready that a dead worker held.  ARGV: its name, or '' for every worker.  Returns how many.
local P, prefix, count = KEYS[1], ARGV[1], 0
local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
local all = redis.call('HGETALL', P .. 'owners')
for i = 1, #all, 2 do
  if prefix == '' or string.sub(all[i + 1], 1, #prefix + 1) == prefix .. ':' then
    redis.call('HDEL', P .. 'owners', all[i]); redis.call('ZREM', P .. 'leases', all[i])
    redis.call('ZADD', P .. 'ready', now, all[i]); count = count + 1
  end
end
return count
