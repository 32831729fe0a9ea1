#!lua flags=allow-oom
-- Mark jobs of a lane as stopped by their user, and tell their workers.
-- ARGV: lane, which ('*' all, '^' the head, or how an id begins: also of the one whose place a job took, as
-- its button may still be shown).  Returns how many.
local P, which, count = KEYS[1], ARGV[2], 0
local function begins(id) return id and which == string.sub(id, 1, #which) end
for at, id in ipairs(redis.call('LRANGE', P .. 'lane:' .. ARGV[1], 0, -1)) do
  local job = P .. 'job:' .. id
  if which == '*' or (which == '^' and at == 1) or begins(id) or begins(redis.call('HGET', job, 'after')) then
    redis.call('HSET', job, 'stop', '1')
    redis.call('PUBLISH', P .. 'stops', id)
    if redis.call('HEXISTS', job, 'heir') == 0 then count = count + 1 end  -- else its place is taken
  end
end
return count
