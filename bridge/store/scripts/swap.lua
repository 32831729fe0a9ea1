-- KEYS: a hash. ARGV: field, what it holds, what it is to hold.
-- Returns 1 if it holds the new value afterwards.
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held == ARGV[2] then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
  return 1
end
return held == ARGV[3] and 1 or 0
