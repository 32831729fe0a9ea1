-- Note that a message was heard, and where, if the bot takes part in its thread.
-- KEYS: heard, places, joined, thread.  ARGV: message, moment, GT where all before it is heard, else NX, most
-- messages, most places, seconds to keep messages, seconds to keep places; then the places.
local heard, places, joined, moment = KEYS[1], KEYS[2], KEYS[3], ARGV[2]
redis.call('ZADD', heard, moment, ARGV[1])
redis.call('ZREMRANGEBYRANK', heard, 0, -1 - ARGV[4])
redis.call('EXPIRE', heard, ARGV[6])
if redis.call('EXISTS', KEYS[4]) == 0 then return 0 end
for i = 8, #ARGV do
  redis.call('ZADD', places, ARGV[3], moment, ARGV[i])
  redis.call('HSETNX', joined, ARGV[i], moment)
end
for _ = 1, redis.call('ZCARD', places) - ARGV[5] do
  redis.call('HDEL', joined, redis.call('ZPOPMIN', places)[1])
end
redis.call('EXPIRE', places, ARGV[7]); redis.call('EXPIRE', joined, ARGV[7])
return 1
