#!lua flags=allow-oom
-- Draw one call on every bucket (GCRA), or on none.  KEYS: buckets.  ARGV for each: emission us, burst, reserve.
-- Returns {0, 0}, or {us to wait, index of the bucket that asks for it}.
local t = redis.call('TIME'); local now = t[1] * 1000000 + t[2]
local wait, culprit, due = 0, 0, {}
for i = 1, #KEYS do
  local emission, burst, reserve = tonumber(ARGV[i * 3 - 2]), tonumber(ARGV[i * 3 - 1]), tonumber(ARGV[i * 3])
  local last = math.max(tonumber(redis.call('GET', KEYS[i]) or '0'), now)
  due[i] = last + emission
  local w = due[i] - emission * (burst - reserve) - now
  if w > wait then wait = w; culprit = i - 1 end
end
if wait > 0 then return {math.ceil(wait), culprit} end
for i = 1, #KEYS do
  redis.call('SET', KEYS[i], string.format('%.0f', due[i]), 'PX', math.ceil((due[i] - now) / 1000) + 1000)
end
return {0, 0}
