#!lua flags=allow-oom
-- Count what a turn used, once.  KEYS: the mark that it is counted, then a hash for each who spent it.
-- ARGV: tokens, seconds to live of the mark, and of the hashes.  Returns 1, or 0 when it was counted before.
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[2]) then return 0 end
for i = 2, #KEYS do
  redis.call('HINCRBY', KEYS[i], 'turns', 1)
  redis.call('HINCRBY', KEYS[i], 'tokens', ARGV[1])
  redis.call('EXPIRE', KEYS[i], ARGV[3])
end
return 1
