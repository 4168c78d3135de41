import { blocks as blockFunctions } from './blocks';
import { now, scriptOf } from './script';
import { difference } from './terms';

import type { Script } from './script';


// The blacklist in Redis: a log of entries with positions, and the members that confirm them. PROTOCOL.md describes keys and scripts. No key has a time to live, which
// protects it from eviction policies for volatile keys


/** The keys of every script here, in this order, with a common prefix. All are in one Cluster slot. */
export const suffixes = [':blocks', ':expiries', ':issuers', ':log', ':members', ':waits', ':pending', ':suspects'];


const names = `
local blocks, expiries, issuers, log, members, waits, pending, suspects = unpack(KEYS)
`;


// A message and its confirmation take 10 to 18 us of Redis per member. Between two messages there are 40 us (spacing, in ms) per member, so they take less than half a core

const functions = `${now}
local spacing = 0.04

-- Whether another message may be published by now

local function isDue(at)
    local elapsed = now - tonumber(at)
    return elapsed < 0 or elapsed >= math.floor(spacing * redis.call('ZCARD', members))
end

-- Takes the news that were written and not published

local function takePending()
    local news = redis.call('LRANGE', pending, 0, -1)
    redis.call('DEL', pending)
    return news
end

-- Publishes news in one message: everything from what was published up to the head

local function send(channel, epoch, published, head, news)
    redis.call('HSET', log, 'head', head, 'published', head, 'at', whole(now))
    redis.call('PUBLISH', channel, epoch .. ' ' .. whole(published + 1) .. ' ' .. head .. ' ' .. table.concat(news, ' '))
    return tonumber(head)
end

-- Publishes what is pending, if it is due. Returns what has been published by now

local function publish(channel, epoch)
    local head, published, at = unpack(redis.call('HMGET', log, 'head', 'published', 'at'))
    if head == published or not isDue(at) then return tonumber(published) end
    return send(channel, epoch, published, head, takePending())
end

-- What all members have confirmed of what was published

local function leastOf(published)
    local lowest = redis.call('ZRANGE', members, 0, 0, 'WITHSCORES')[2]
    return math.min(published, tonumber(lowest or published))
end

-- Tells each writer the last of its positions that all members have confirmed

local function tell(channel, epoch)
    local waiting, published = unpack(redis.call('HMGET', log, 'waiting', 'published'))
    local least = leastOf(tonumber(published))
    if not waiting or least < tonumber(waiting) then return end

    local reached = {}
    for _, wait in ipairs(redis.call('ZRANGEBYSCORE', waits, '-inf', least)) do
        local id, position = wait:match('^(.*) (%d+)$')
        reached[id] = math.max(reached[id] or 0, tonumber(position))
    end

    redis.call('ZREMRANGEBYSCORE', waits, '-inf', least)
    for id, position in pairs(reached) do
        redis.call('PUBLISH', channel .. ':' .. id, epoch .. ' ' .. whole(position))
    end

    local nextWait = redis.call('ZRANGE', waits, 0, 0, 'WITHSCORES')[2]
    if nextWait then redis.call('HSET', log, 'waiting', nextWait) else redis.call('HDEL', log, 'waiting') end
end
`;


const appending = `${difference}${blockFunctions}
-- Writes the entries (name, cutoff, ttl, issuer, life, tolerance) from an argument on, and publishes them if that is due, or forced.
-- Where the log was: head, published, at. Returns the position of the entries, and what has been published by now

local function append(channel, epoch, head, published, at, first, isForced)
    local stale = redis.call('ZRANGEBYSCORE', expiries, '-inf', now, 'LIMIT', 0, 100)
    for _, name in ipairs(stale) do
        local field = blockOf(name)
        local block = take(redis.call('HGET', blocks, field), name)
        if block == '' then redis.call('HDEL', blocks, field) else redis.call('HSET', blocks, field, block) end
    end

    if #stale > 0 then redis.call('ZREM', expiries, unpack(stale)) end

    local news = {}
    for i = first, #ARGV, 6 do
        local cutoff, expires = tonumber(ARGV[i + 1]), now + tonumber(ARGV[i + 2]) + difference(issuers, ARGV[i + 3], ARGV[i + 4], ARGV[i + 5])
        local field = blockOf(ARGV[i])
        local block, heldCutoff, heldExpires = take(redis.call('HGET', blocks, field), ARGV[i])
        if heldCutoff then
            cutoff, expires = math.max(cutoff, tonumber(heldCutoff)), math.max(expires, tonumber(heldExpires))
        end

        redis.call('HSET', blocks, field, with(block, ARGV[i], whole(cutoff), expires))
        redis.call('ZADD', expiries, whole(expires), ARGV[i])
        table.insert(news, ARGV[i] .. ' ' .. whole(cutoff) .. ' ' .. whole(expires - now))
    end

    local position, text = whole(head + 1), table.concat(news, ' ')
    if isForced or isDue(at) then
        local all = head ~= published and takePending() or {}
        if text ~= '' then table.insert(all, text) end
        return tonumber(position), send(channel, epoch, published, position, all)
    end

    if text ~= '' then redis.call('RPUSH', pending, text) end
    redis.call('HSET', log, 'head', position)
    return tonumber(position), tonumber(published)
end
`;


// After a restart or promotion of its server, a log may have lost data and members

const opening = `
local function open(candidate, id, lease)
    local history = redis.call('INFO', 'replication'):match('master_replid:(%w+)')
    if not history then error('NOHISTORY') end

    local epoch, known = unpack(redis.call('HMGET', log, 'epoch', 'history'))
    if not epoch or known ~= history then
        epoch = candidate
        redis.call('DEL', log, members, waits, pending, suspects)
        redis.call('HSET', log, 'epoch', epoch, 'history', history, 'head', 0, 'published', 0, 'at', 0, 'lease', 0)
        if id ~= '' then redis.call('HSET', log, 'restoring', id .. ' 0') end
    end

    if lease > tonumber(redis.call('HGET', log, 'lease')) then redis.call('HSET', log, 'lease', whole(lease)) end
    return epoch
end
`;


const script = function (...parts: string[]): Script {

    return scriptOf([names, ...parts].join(''));
};


/** ARGV: channel, a name for a new epoch, id, id of the member that is replaced ('' for none), lease. Replies epoch, head, settled, longest lease. */
export const open = script(functions, opening, `
local epoch = open(ARGV[2], ARGV[3], tonumber(ARGV[5]))
if ARGV[4] ~= '' and redis.call('ZREM', members, ARGV[4]) == 1 then tell(ARGV[1], epoch) end
local head, settled, longest = unpack(redis.call('HMGET', log, 'head', 'settled', 'lease'))
return { epoch, tonumber(head), settled and 1 or 0, tonumber(longest) }
`);


/**
 * ARGV: channel, epoch, id, entries. Replies position, published, least, settled, longest lease, 1 if it counts as confirmed by its writer; nil: another epoch.
 *
 * A writer that has confirmed everything before need not confirm its own write: only the writer reports it as done, and after its news.
 */
export const write = script(functions, appending, `
local current, settled, longest, waiting, head, published, at = unpack(redis.call('HMGET', log, 'epoch', 'settled', 'lease', 'waiting', 'head', 'published', 'at'))
if current ~= ARGV[2] then return false end

local position, published = append(ARGV[1], current, head, published, at, 4, false)
local confirmed = redis.call('ZSCORE', members, ARGV[3]) == whole(position - 1)
if confirmed then redis.call('ZADD', members, whole(position), ARGV[3]) end

local least = leastOf(published)
if least < position then
    redis.call('ZADD', waits, whole(position), ARGV[3] .. ' ' .. whole(position))
    if not waiting then redis.call('HSET', log, 'waiting', whole(position)) end
end

return { position, published, least, settled and 1 or 0, tonumber(longest), confirmed and 1 or 0 }
`);


/** For a process without a lease: opens, and writes. ARGV: channel, a name for a new epoch, entries. Replies published, least, settled, longest lease, epoch, position. */
export const enter = script(functions, opening, appending, `
local epoch = open(ARGV[2], '', 0)
local settled, longest, head, published, at = unpack(redis.call('HMGET', log, 'settled', 'lease', 'head', 'published', 'at'))
local position, published = append(ARGV[1], epoch, head, published, at, 3, false)
return { published, leastOf(published), settled and 1 or 0, tonumber(longest), epoch, position }
`);


/** For a process without a lease. ARGV: channel, epoch. Replies published, least, settled, longest lease; nil: another epoch, or another server. */
export const progress = script(functions, `
local epoch, known, settled, longest = unpack(redis.call('HMGET', log, 'epoch', 'history', 'settled', 'lease'))
if epoch ~= ARGV[2] or known ~= redis.call('INFO', 'replication'):match('master_replid:(%w+)') then return false end

local published = publish(ARGV[1], epoch)
return { published, leastOf(published), settled and 1 or 0, tonumber(longest) }
`);


/** ARGV: channel, epoch, id, what `restoring` was, entries. Replies what it is then, '' where it was something else; nil: another epoch. */
export const restore = script(functions, appending, `
local epoch, restoring, head, published, at = unpack(redis.call('HMGET', log, 'epoch', 'restoring', 'head', 'published', 'at'))
if epoch ~= ARGV[2] then return false end
if (restoring or '') ~= ARGV[4] then return '' end

append(ARGV[1], epoch, head, published, at, 5, true)
restoring = ARGV[3] .. ' ' .. whole((tonumber(ARGV[4]:match(' (%d+)$')) or 0) + 1)
redis.call('HSET', log, 'restoring', restoring)
return restoring
`);


/** ARGV: epoch, what `restoring` was. */
export const restored = script(`
local epoch, restoring = unpack(redis.call('HMGET', log, 'epoch', 'restoring'))
if epoch ~= ARGV[1] then return false end
if restoring == ARGV[2] then redis.call('HDEL', log, 'restoring') end
return 1
`);


/** ARGV: epoch. */
export const settle = script(`
if redis.call('HGET', log, 'epoch') ~= ARGV[1] then return false end
redis.call('HSET', log, 'settled', 1)
return 1
`);


/**
 * ARGV: channel, epoch, id, position, 1 to ask for the least. Replies published, least (or 0), longest lease, size of the blacklist, number of members;
 * nil: another epoch.
 *
 * A message published here may come after the reply (Redis 7.2 and later), so the reply has the position published before.
 *
 * With 'quiet' in the last place it is an acknowledgement: the reply is dropped and, before Redis 7.0.10, also messages to its own connection. So it publishes no news and
 * adds no member. It is the same script as the heartbeat, which loads it again after a server has lost it.
 */
export const confirm = script(`
local channel, epoch, id, position, isQuiet = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5] == 'quiet'
local current, head, published, waiting, suspected, longest = unpack(redis.call('HMGET', log, 'epoch', 'head', 'published', 'waiting', 'suspected', 'lease'))
if current ~= epoch then return false end

if suspected then redis.call('HDEL', suspects, id) end

if isQuiet then
    redis.call('ZADD', members, 'XX', 'GT', ARGV[4], id)
    if not waiting or position < tonumber(waiting) or redis.call('ZCOUNT', members, '-inf', '(' .. waiting) > 0 then return 1 end
else
    redis.call('ZADD', members, 'GT', ARGV[4], id)
end

local least = 0
if ARGV[5] == '1' or waiting and position >= tonumber(waiting) then
    least = math.min(tonumber(published), tonumber(redis.call('ZRANGE', members, 0, 0, 'WITHSCORES')[2]))
end

-- Most confirmations end here. Functions are made behind it: they cost more than all of it

local reply = { tonumber(published), least, tonumber(longest), redis.call('ZCARD', expiries), redis.call('ZCARD', members) }
if published == head and not (waiting and least >= tonumber(waiting)) then return reply end
`, functions, `
if not isQuiet then publish(channel, epoch) end
tell(channel, epoch)
return reply
`);


/**
 * ARGV: epoch, position, name of a new suspicion. Suspects up to 1,000 members that have not confirmed the position. Replies the names under which they are suspected now.
 *
 * A member that is suspected already stays under its earlier suspicion: if each new one took its place, the logouts of several processes would put off its removal for ever.
 */
export const suspect = script(`
if redis.call('HGET', log, 'epoch') ~= ARGV[1] then return false end
local silent = redis.call('ZRANGEBYSCORE', members, '-inf', '(' .. ARGV[2], 'LIMIT', 0, 1000)
if #silent > 0 then redis.call('HSET', log, 'suspected', 1) end

local found, suspicions = {}, {}
for _, id in ipairs(silent) do
    local suspicion = redis.call('HGET', suspects, id)
    if not suspicion then
        suspicion = ARGV[3]
        redis.call('HSET', suspects, id, suspicion)
    end

    if not found[suspicion] then table.insert(suspicions, suspicion) end
    found[suspicion] = true
end

return suspicions
`);


/** ARGV: channel, epoch, names of suspicions. Removes the members that are still under one of them. Replies how many. */
export const strike = script(functions, `
if redis.call('HGET', log, 'epoch') ~= ARGV[2] then return false end

local isNamed = {}
for i = 3, #ARGV do isNamed[ARGV[i]] = true end

local count = 0
local all = redis.call('HGETALL', suspects)
for i = 1, #all, 2 do
    if isNamed[all[i + 1]] then
        count = count + redis.call('ZREM', members, all[i])
        redis.call('HDEL', suspects, all[i])
    end
end

if redis.call('EXISTS', suspects) == 0 then redis.call('HDEL', log, 'suspected') end
tell(ARGV[1], ARGV[2])
return count
`);


/** ARGV: channel, epoch, id. */
export const leave = script(functions, `
if redis.call('HGET', log, 'epoch') ~= ARGV[2] then return false end
redis.call('ZREM', members, ARGV[3])
redis.call('HDEL', suspects, ARGV[3])
tell(ARGV[1], ARGV[2])
return 1
`);
