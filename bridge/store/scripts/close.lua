#!lua flags=allow-oom
-- Let nobody draw on a bucket for a while.  ARGV: us, emission us, burst.
local t = redis.call('TIME'); local now = t[1] * 1000000 + t[2]
local emission, burst = tonumber(ARGV[2]), tonumber(ARGV[3])
local due = now + tonumber(ARGV[1]) + emission * (burst - 1)
if due > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + 1000)
end
return 1
