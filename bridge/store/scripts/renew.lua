#!lua flags=allow-oom
-- Renew leases.  ARGV: lease ms, then lane, owner, id of each.
-- Returns for each: 1 kept, 2 kept but stopped by its user, 0 lost.
local P, out = KEYS[1], {}
local t = redis.call('TIME'); local till = t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[1])
for i = 2, #ARGV, 3 do
  if redis.call('HGET', P .. 'owners', ARGV[i]) == ARGV[i + 1] then
    redis.call('ZADD', P .. 'leases', till, ARGV[i])
    out[#out + 1] = redis.call('HGET', P .. 'job:' .. ARGV[i + 2], 'stop') and 2 or 1
  else
    out[#out + 1] = 0
  end
end
return out
