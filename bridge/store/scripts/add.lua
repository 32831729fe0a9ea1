-- Store a job unless its id was seen before, and mark its lane as ready.
--
-- A part of a group joins the last job of its lane, if that is of the group and not at work; such a job waits a
-- while for more.  What only `joins` the group is not waited for, and may be at work when a part of the group
-- follows: then both are asked anew, in its place.  An edit changes a job that is not at work; else it is a job of
-- its own, if it changes the newest message of the lane, in place of the one at work.
-- ARGV: id, lane, message, most in a lane, most in all, ms to wait for the parts of a group, s within which parts
-- that join are sent, ms to remember an id, ms to remember the newest message.
-- Returns 1 stored, 2 joined to what waits, 0 seen or not to be stored, -1 lane full, -2 all full.
local P, id, lane, message = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local job, queue, newest = P .. 'job:' .. id, P .. 'lane:' .. lane, P .. 'newest:' .. lane
if redis.call('EXISTS', job) == 1 then return 0 end
local said = cjson.decode(message)
local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
local due = said.group == '' and now or now + tonumber(ARGV[6])
local ids = redis.call('LRANGE', queue, 0, -1)
local replaced  -- the job at work that this one takes the place of

local function remember(whole)
  if said.command == 'retry' then return end  -- which asks the newest once more
  if said.posted ~= '' then redis.call('SET', newest, whole, 'PX', ARGV[9]) else redis.call('DEL', newest) end
end

local function stored_with(other, whole)
  redis.call('HSET', other, 'message', whole)
  redis.call('HSET', job, 'done', '1'); redis.call('PEXPIRE', job, ARGV[8])
  return 2
end

-- What a part asks, as far as a user can edit it.
local function asks(part)
  local sizes = {}
  for at, file in ipairs(part.files) do sizes[at] = tostring(file.size) end
  return cjson.encode({part.command, part.text, table.concat(sizes, ' ')})
end

-- The parts with the one that is edited as it is now; nil where there is none, or it asks what it asked before.
local function amended(parts)
  local lines, found = {}, nil
  for line in string.gmatch(parts, '[^\n]+') do
    local part = cjson.decode(line)
    if part.posted == said.posted then
      if asks(part) == asks(said) then return nil end
      line, found = message, true
    end
    lines[#lines + 1] = line
  end
  return found and table.concat(lines, '\n')
end

if said.edits then
  local last = redis.call('GET', newest)
  for _, each in ipairs(ids) do
    local other = P .. 'job:' .. each
    local theirs = redis.call('HMGET', other, 'message', 'attempts')
    local whole = not theirs[2] and amended(theirs[1])
    if whole then
      if last == theirs[1] then remember(whole) end
      redis.call('HDEL', other, 'stop')
      return stored_with(other, whole)
    end
  end
  message = last and amended(last)
  if not message then return 0 end
  replaced = #ids == 1 and ids[1]
elseif #ids > 0 and (said.group ~= '' or said.joins ~= '') then
  local other = P .. 'job:' .. ids[#ids]
  local theirs = redis.call('HMGET', other, 'message', 'attempts', 'stop')
  local before = cjson.decode(string.match(theirs[1], '[^\n]+$'))
  local wanted = said.group ~= '' and said.group or said.joins
  local follows = before.group == wanted or (said.group ~= '' and before.joins == wanted)
  local soon = math.abs(said.sent - (before.sent or 0)) <= tonumber(ARGV[7])
  if follows and soon and not theirs[3] then
    local whole = theirs[1] .. '\n' .. message
    if not theirs[2] then
      if #ids == 1 then redis.call('ZADD', P .. 'ready', 'XX', due, lane) end
      remember(whole)
      return stored_with(other, whole)
    end
    if #ids == 1 and before.joins == wanted then message, replaced = whole, ids[1] end
  end
end
if not (said.addressed or replaced) then return 0 end  -- a part of something, or for nobody here

if tonumber(redis.call('GET', P .. 'pending') or '0') >= tonumber(ARGV[5]) then return -2 end
if #ids >= tonumber(ARGV[4]) then return -1 end
redis.call('HSET', job, 'message', message, 'at', now)
if replaced then
  redis.call('HSET', job, 'after', replaced)
  redis.call('HSET', P .. 'job:' .. replaced, 'stop', '1', 'heir', id)
  redis.call('ZADD', P .. 'ready', 'XX', now, lane)  -- it may have been put off
  redis.call('PUBLISH', P .. 'stops', replaced)
end
redis.call('RPUSH', queue, id)
redis.call('INCR', P .. 'pending')
remember(message)
if #ids == 0 then
  redis.call('ZADD', P .. 'ready', due, lane)
  redis.call('LPUSH', P .. 'wake', '1'); redis.call('LTRIM', P .. 'wake', 0, 255)
end
return 1
