#!lua flags=allow-oom
-- Mark jobs of a lane as stopped by their user, and tell their workers.
-- ARGV: lane, which ('*' all, '^' the head, or how an id begins).  Returns how many.
local P, which, count = KEYS[1], ARGV[2], 0
for at, id in ipairs(redis.call('LRANGE', P .. 'lane:' .. ARGV[1], 0, -1)) do
  if which == '*' or which == string.sub(id, 1, #which) or (which == '^' and at == 1) then
    redis.call('HSET', P .. 'job:' .. id, 'stop', '1')
    redis.call('PUBLISH', P .. 'stops', id)
    count = count + 1
  end
end
return count
