#!lua flags=allow-oom
-- Store the conversation of a session and what it asked last.  A full store must not lose them: this is
-- part of draining.  KEYS: talk, prompt.  ARGV: user, conversation, prompt, seconds to live.
redis.call('HSET', KEYS[1], 'user', ARGV[1], 'conversation', ARGV[2]); redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
return 1
