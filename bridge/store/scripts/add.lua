-- Store a job unless its id was seen before, and mark its lane as ready.  A part of a group joins the last
-- job of its lane, if that is of the group and not at work; such a job waits a while for more.
-- ARGV: id, lane, message, most in a lane, most in all, group or '', ms to wait for its parts, ms to remember an id.
-- Returns 1 stored, 0 seen, -1 lane full, -2 all full.
local P, id, lane, group = KEYS[1], ARGV[1], ARGV[2], ARGV[6]
local job, queue = P .. 'job:' .. id, P .. 'lane:' .. lane
if redis.call('EXISTS', job) == 1 then return 0 end
local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
local due = now
local waiting = redis.call('LLEN', queue)
if group ~= '' then
  due = now + tonumber(ARGV[7])
  local last = waiting > 0 and P .. 'job:' .. redis.call('LINDEX', queue, -1)
  local theirs = last and redis.call('HMGET', last, 'group', 'attempts', 'message')
  if theirs and theirs[1] == group and not theirs[2] then
    redis.call('HSET', last, 'message', theirs[3] .. '\n' .. ARGV[3])
    redis.call('HSET', job, 'done', '1'); redis.call('PEXPIRE', job, ARGV[8])
    if waiting == 1 then redis.call('ZADD', P .. 'ready', 'XX', due, lane) end
    return 1
  end
end
if tonumber(redis.call('GET', P .. 'pending') or '0') >= tonumber(ARGV[5]) then return -2 end
if waiting >= tonumber(ARGV[4]) then return -1 end
redis.call('HSET', job, 'message', ARGV[3], 'at', now)
if group ~= '' then redis.call('HSET', job, 'group', group) end
redis.call('RPUSH', queue, id)
redis.call('INCR', P .. 'pending')
if waiting == 0 then
  redis.call('ZADD', P .. 'ready', due, lane)
  redis.call('LPUSH', P .. 'wake', '1'); redis.call('LTRIM', P .. 'wake', 0, 255)
end
return 1
