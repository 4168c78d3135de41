'use strict';

const { createHash } = require('crypto');


const internals = {};


// KEYS of all scripts, in this order. All in one slot

exports.keys = (prefix) => ['', ':expiries', ':log', ':members', ':waits', ':pending', ':suspects'].map((name) => `{${prefix}}:blacklist${name}`);


internals.names = 'local entries, expiries, log, members, waits, pending, suspects = unpack(KEYS)\n';


// A published message takes 10 to 18 us of Redis for each member: it is written to it, and confirmed by it. Between two there are 40 us (spacing, in
// ms) for each member, so that however many logouts there are, all that takes less than half of a core

internals.functions = `
local spacing = 0.04

local function time()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function whole(number) return string.format('%.0f', number) end

-- Tells the writers of what all members have confirmed

local function tell(channel, epoch, published, waiting)
    local least = redis.call('ZRANGE', members, 0, 0, 'WITHSCORES')[2]
    least = math.min(published, tonumber(least or published))
    if least < waiting then return end

    local last = {}
    for _, wait in ipairs(redis.call('ZRANGEBYSCORE', waits, '-inf', least)) do
        local id, position = wait:match('^(.*) (%d+)$')
        last[id] = math.max(last[id] or 0, tonumber(position))
    end

    redis.call('ZREMRANGEBYSCORE', waits, '-inf', least)
    for id, position in pairs(last) do
        redis.call('PUBLISH', channel .. ':' .. id, epoch .. ' ' .. whole(position))
    end

    local nextWait = redis.call('ZRANGE', waits, 0, 0, 'WITHSCORES')[2]
    if nextWait then redis.call('HSET', log, 'waiting', nextWait) else redis.call('HDEL', log, 'waiting') end
end

-- Publishes what is pending in one message, unless the last one was a moment ago

local function publish(channel, epoch, head, published, at, isForced)
    local now = time()
    local elapsed = now - at
    if not isForced and elapsed >= 0 and elapsed < spacing * redis.call('ZCARD', members) then return published end

    local news = redis.call('LRANGE', pending, 0, -1)
    redis.call('DEL', pending)
    redis.call('HSET', log, 'published', whole(head), 'at', whole(now))
    redis.call('PUBLISH', channel, epoch .. ' ' .. whole(published + 1) .. ' ' .. whole(head) .. ' ' .. table.concat(news, ' '))
    return head
end
`;


internals.script = function (lua) {

    const text = internals.names + (lua.includes('FUNCTIONS') ? lua.replace('FUNCTIONS', () => internals.functions) : internals.functions + lua);
    return { lua: text, sha: createHash('sha1').update(text).digest('hex') };
};


/** ARGV: channel, a new epoch, id of the entry that goes ('' for none), lease. Replies epoch, head, settled, longest lease, whether it is new. */
exports.open = internals.script(`
local channel, candidate, old, lease = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local history = redis.call('INFO', 'replication'):match('master_replid:(%w+)')
local epoch, known, head, published, settled, longest, waiting = unpack(redis.call('HMGET', log, 'epoch', 'history', 'head', 'published', 'settled', 'lease', 'waiting'))
local isNew = not epoch or known ~= history
if isNew then
    redis.call('DEL', log, members, waits, pending, suspects)
    epoch, head, published, settled, longest, waiting = candidate, 0, 0, false, 0, false
    redis.call('HSET', log, 'epoch', epoch, 'history', history, 'head', 0, 'published', 0, 'at', 0)
end

if lease > tonumber(longest) then
    longest = lease
    redis.call('HSET', log, 'lease', longest)
end

if old ~= '' and redis.call('ZREM', members, old) == 1 and waiting then
    tell(channel, epoch, tonumber(published), tonumber(waiting))
end

return { epoch, tonumber(head), settled and 1 or 0, tonumber(longest), isNew and 1 or 0 }
`);


/** ARGV: channel, epoch, id, 1 to publish at once, then key, cutoff, ttl, … Replies position, published, settled, longest lease; nil: another epoch. */
exports.write = internals.script(`
local channel, epoch, id, isForced = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1'
local current, head, published, at, settled, longest, waiting = unpack(redis.call('HMGET', log, 'epoch', 'head', 'published', 'at', 'settled', 'lease', 'waiting'))
if current ~= epoch then return false end

local now = time()
local stale = redis.call('ZRANGEBYSCORE', expiries, '-inf', now, 'LIMIT', 0, 500)
if #stale > 0 then
    redis.call('HDEL', entries, unpack(stale))
    redis.call('ZREM', expiries, unpack(stale))
end

local news = {}
for i = 5, #ARGV, 3 do
    local cutoff, expires = tonumber(ARGV[i + 1]), now + tonumber(ARGV[i + 2])
    local held = redis.call('HGET', entries, ARGV[i])
    if held then
        local heldCutoff, heldExpires = held:match('^(%d+):(%d+)$')
        cutoff, expires = math.max(cutoff, tonumber(heldCutoff)), math.max(expires, tonumber(heldExpires))
    end

    redis.call('HSET', entries, ARGV[i], whole(cutoff) .. ':' .. whole(expires))
    redis.call('ZADD', expiries, whole(expires), ARGV[i])
    table.insert(news, ARGV[i] .. ' ' .. whole(cutoff) .. ' ' .. whole(expires - now))
end

head, published = tonumber(head) + 1, tonumber(published)
redis.call('HSET', log, 'head', whole(head))
redis.call('RPUSH', pending, table.concat(news, ' '))
published = publish(channel, epoch, head, published, tonumber(at), isForced)

if id ~= '' then
    redis.call('ZADD', waits, whole(head), id .. ' ' .. whole(head))
    if not waiting then redis.call('HSET', log, 'waiting', whole(head)) end
end

return { head, published, settled and 1 or 0, tonumber(longest) }
`);


/** ARGV: channel, epoch, id, position, 1 to be told the least. Replies what is published, the longest lease, the size of the blacklist, the least (or 0); nil: another epoch. */
exports.confirm = internals.script(`
local channel, epoch, id, position = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local current, head, published, waiting, suspected, longest = unpack(redis.call('HMGET', log, 'epoch', 'head', 'published', 'waiting', 'suspected', 'lease'))
if current ~= epoch then return false end

redis.call('ZADD', members, position, id)
if suspected then redis.call('HDEL', suspects, id) end

-- Most confirmations end here. Functions are made behind it: they cost more than all of it

local size = redis.call('HLEN', entries)
published, waiting = tonumber(published), tonumber(waiting)
local isDue = published < tonumber(head)
local least = 0
if ARGV[5] == '1' or waiting and tonumber(position) >= waiting then
    least = math.min(published, tonumber(redis.call('ZRANGE', members, 0, 0, 'WITHSCORES')[2]))
end

if not isDue and not (waiting and least >= waiting) then return { published, tonumber(longest), size, least } end
FUNCTIONS
if isDue then published = publish(channel, epoch, tonumber(head), published, tonumber(redis.call('HGET', log, 'at')), false) end
if waiting then tell(channel, epoch, published, waiting) end
return { published, tonumber(longest), size, least }
`);


/** ARGV: epoch, position, token. Suspects up to 1,000 members that have not confirmed it. Replies how many. */
exports.suspect = internals.script(`
if redis.call('HGET', log, 'epoch') ~= ARGV[1] then return false end
local silent = redis.call('ZRANGEBYSCORE', members, '-inf', '(' .. ARGV[2], 'LIMIT', 0, 1000)
for _, id in ipairs(silent) do redis.call('HSET', suspects, id, ARGV[3]) end
if #silent > 0 then redis.call('HSET', log, 'suspected', 1) end
return #silent
`);


/** ARGV: channel, epoch, token. Removes who has been suspected by this token ever since. Replies how many. */
exports.strike = internals.script(`
local epoch, published, waiting = unpack(redis.call('HMGET', log, 'epoch', 'published', 'waiting'))
if epoch ~= ARGV[2] then return false end
local count = 0
local all = redis.call('HGETALL', suspects)
for i = 1, #all, 2 do
    if all[i + 1] == ARGV[3] then
        count = count + redis.call('ZREM', members, all[i])
        redis.call('HDEL', suspects, all[i])
    end
end

if redis.call('EXISTS', suspects) == 0 then redis.call('HDEL', log, 'suspected') end
if waiting then tell(ARGV[1], epoch, tonumber(published), tonumber(waiting)) end
return count
`);


/** ARGV: channel, epoch, id. */
exports.leave = internals.script(`
local epoch, published, waiting = unpack(redis.call('HMGET', log, 'epoch', 'published', 'waiting'))
if epoch ~= ARGV[2] then return false end
redis.call('ZREM', members, ARGV[3])
redis.call('HDEL', suspects, ARGV[3])
if waiting then tell(ARGV[1], epoch, tonumber(published), tonumber(waiting)) end
return 1
`);


/** ARGV: epoch. */
exports.settle = internals.script(`
if redis.call('HGET', log, 'epoch') ~= ARGV[1] then return false end
redis.call('HSET', log, 'settled', 1)
return 1
`);
