import { blocks } from './blocks';
import { now, scriptOf } from './script';
import { difference } from './terms';

import type { Script } from './script';


const script = function (lua: string): Script {

    return scriptOf(now + lua);
};


// A subject's sessions: a string each (a hash with such long fields takes twice the memory), and a sorted set of their ids by start. Its member '' is the subject's clock:
// the last moment given, so that no two calls get the same one, whatever the server's clock does. A script processes at most a page of sessions

const tick = `
local function tick(list, maxAge)
    local moment = math.max(now, tonumber(redis.call('ZSCORE', list, '') or 0) + 1)
    redis.call('ZADD', list, whole(moment), '')
    redis.call('PEXPIREAT', list, whole(math.max(moment + maxAge, now + redis.call('PTTL', list))))
    return moment
end
`;


// Family and dates of an ended session stay until its last access token has expired, and a while longer: they distinguish its tokens from forged ones, and give a repeated
// logout the life of its revocation

const row = `
local fields = { 'family', 'secret', 'previous', 'nonce', 'created', 'renewed', 'rotated', 'ends', 'access', 'claims', 'data', 'lapses' }
local required = 11

local function unpackRow(text)
    local row = {}
    local i = 1
    for field in (text .. '\\n'):gmatch('([^\\n]*)\\n') do
        local isNumber = i > 4 and i < 10 or i == 12
        row[fields[i] or ''] = isNumber and tonumber(field) or not isNumber and field or nil
        i = i + 1
    end

    for j = 1, required do
        if row[fields[j]] == nil then return nil end
    end

    return row
end

local function readRow(key)
    local text = redis.call('GET', key)
    return text and unpackRow(text) or nil, text and true or false
end

local function writeRow(key, row, expires)
    local values = {}
    for i, field in ipairs(fields) do
        values[i] = type(row[field]) == 'number' and whole(row[field]) or row[field]
    end

    redis.call('SET', key, table.concat(values, '\\n'), 'PXAT', whole(expires))
end

local function isLive(row)
    return row and row.claims ~= ''
end

local function endRow(key, row, margin)
    row.secret, row.previous, row.nonce, row.claims, row.data = '', '', '', '', ''
    row.access = math.max(row.access, now)
    writeRow(key, row, row.access + margin)
end
`;


// The number of the newest sessions, up to `max`, and of those in the list whose row is gone

const newest = `
local function newest(list, prefix, max, count)
    local live, gone = 0, {}
    for _, id in ipairs(redis.call('ZRANGE', list, 0, max + count, 'REV')) do
        if live == max then break end
        if id ~= '' then
            if redis.call('EXISTS', prefix .. id) == 1 then live = live + 1 else table.insert(gone, id) end
        end
    end

    if #gone > 0 then redis.call('ZREM', list, unpack(gone)) end
    return live, #gone
end
`;


// A page of the oldest sessions beyond the newest `max`, and whether there may be more

const excess = `${newest}
local function excess(list, prefix, max, count)
    local ids = {}
    local total = redis.call('ZCARD', list) - 1
    if total <= max then return ids, false end

    local live, gone = newest(list, prefix, max, count)
    if live < max then return ids, total > max + count end

    local older = total - gone - live
    for _, id in ipairs(redis.call('ZRANGE', list, 0, math.min(older, count) - 1)) do
        if redis.call('EXISTS', prefix .. id) == 1 then table.insert(ids, id) else redis.call('ZREM', list, id) end
    end

    return ids, older > count
end
`;


/**
 * KEYS: session, list, what the names of its sessions begin with. ARGV: id, ttl, maxAge, accessTtl, family, secret, claims, data, max, page size, whether it is
 * refused (1) where there are `max`: then nothing begins, and the reply is 0, or -1 where there are so many that are gone that it has to be asked again.
 */
export const create = script(`${tick}${row}${excess}
local ttl, maxAge, max, count = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[9]), tonumber(ARGV[10])

-- A client of the app may send a command twice: the session may have been renewed or ended since

local known = readRow(KEYS[1])
if known then
    local ids, isPartial = excess(KEYS[2], KEYS[3], max, count)
    return { known.created, ids, isPartial and 1 or 0 }
end

if ARGV[11] == '1' then
    local total = redis.call('ZCARD', KEYS[2]) - 1
    if total >= max then
        if newest(KEYS[2], KEYS[3], max, count) == max then return { 0 } end
        if total > max + count then return { -1 } end
    end
end

local created = tick(KEYS[2], maxAge)

-- Of what has expired in the list a few go with each session that comes

for _, id in ipairs(redis.call('ZRANDMEMBER', KEYS[2], 10)) do
    if id ~= '' and redis.call('EXISTS', KEYS[3] .. id) == 0 then
        redis.call('ZREM', KEYS[2], id)
    end
end

redis.call('ZADD', KEYS[2], whole(created), ARGV[1])
writeRow(KEYS[1], {
    family = ARGV[5], secret = ARGV[6], previous = '', nonce = '', created = created, renewed = created, rotated = 0, ends = now + maxAge,
    access = now + tonumber(ARGV[4]), claims = ARGV[7], data = ARGV[8], lapses = 0
}, now + math.min(ttl, maxAge))

local ids, isPartial = excess(KEYS[2], KEYS[3], max, count)
return { created, ids, isPartial and 1 or 0 }
`);


/** KEYS: list, what the names of its sessions begin with. ARGV: max, page size */
export const surplus = script(`${excess}
local ids, isPartial = excess(KEYS[1], KEYS[2], tonumber(ARGV[1]), tonumber(ARGV[2]))
return { ids, isPartial and 1 or 0 }
`);


/** KEYS: session. ARGV: family, secret, grace, then to renew: next secret, nonce, ttl, accessTtl, and where they change: claims */
export const present = script(`${row}
local row, isThere = readRow(KEYS[1])
if not row then return { isThere and 'damaged' or 'unknown' } end
if row.family ~= ARGV[1] then return { 'unknown' } end
if not isLive(row) then return { 'ended' } end

local current = row.secret == ARGV[2]
local grace = row.rotated + tonumber(ARGV[3])
local previous = row.previous == ARGV[2] and now < grace
if not current and not previous then return { 'superseded', '', row.created, row.claims } end

if not current and row.nonce == '' then return { 'ended' } end

local remaining = redis.call('PTTL', KEYS[1])
if ARGV[4] then
    if ARGV[8] or current and ARGV[4] ~= ARGV[2] then
        row.secret, row.previous, row.nonce, row.rotated, row.lapses = ARGV[4], row.secret, ARGV[5], now, now + remaining
        row.claims = ARGV[8] or row.claims
    end

    row.renewed, row.access = now, math.max(row.access, now + tonumber(ARGV[7]))
    local expires = math.min(now + tonumber(ARGV[6]), row.ends)
    writeRow(KEYS[1], row, expires)
    remaining = expires - now
elseif not current then

    -- Who only looks sees no trace of a renewal

    remaining = math.max(row.lapses or 0, grace) - now
end

return { current and 'current' or 'previous', row.nonce, row.created, row.claims, row.data, remaining }
`);


/** KEYS: session */
export const claims = script(`${row}
local row = readRow(KEYS[1])
return isLive(row) and row.claims
`);


/** KEYS: session. ARGV: life */
export const prolong = script(`${row}
local row = readRow(KEYS[1])
if not isLive(row) then return 0 end
row.access = math.max(row.access, now + tonumber(ARGV[1]))
writeRow(KEYS[1], row, now + redis.call('PTTL', KEYS[1]))
return 1
`);


/**
 * The row of a session and its revocations change in one step: otherwise a server with older data could have the row again, and shortened revocations.
 *
 * KEYS: list, session, then blocks, expiries and issuers. ARGV: id, margin, then to shorten: channel, key, cutoff, ttl, issuer, tolerance, …
 */
export const remove = script(`${difference}${blocks}${row}
local margin = tonumber(ARGV[2])
local row = readRow(KEYS[2])
redis.call('ZREM', KEYS[1], ARGV[1])
if not row then return end
endRow(KEYS[2], row, margin)

local news = { '-', '0', '0' }
for i = 4, #ARGV, 5 do
    local field = blockOf(ARGV[i])
    local block, cutoff, heldExpires = take(redis.call('HGET', KEYS[3], field), ARGV[i])
    local expires = math.max(row.access + margin, now + tonumber(ARGV[i + 2])) + difference(KEYS[5], ARGV[i + 3], '', ARGV[i + 4])
    if cutoff == ARGV[i + 1] and expires < tonumber(heldExpires) then
        redis.call('HSET', KEYS[3], field, with(block, ARGV[i], cutoff, expires))
        redis.call('ZADD', KEYS[4], whole(expires), ARGV[i])
        table.insert(news, ARGV[i] .. ' ' .. cutoff .. ' ' .. whole(expires - now))
    end
end

if #news > 3 then redis.call('PUBLISH', ARGV[3], table.concat(news, ' ')) end
`);


/** Ends a page of the rows of sessions that began at or before a cut-off. KEYS: list, what the names of its sessions begin with. ARGV: cutoff, margin, page size */
export const clear = script(`${row}
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
local ended = 0
for _, id in ipairs(ids) do
    if id ~= '' then
        local key = KEYS[2] .. id
        local row = readRow(key)
        if row then endRow(key, row, tonumber(ARGV[2])) end
        redis.call('ZREM', KEYS[1], id)
        ended = ended + 1
    end
end

return ended
`);


/** KEYS: list. ARGV: maxAge */
export const stamp = script(`${tick}
return tick(KEYS[1], tonumber(ARGV[1]))
`);


/** KEYS: list, what the names of its sessions begin with (they share its slot, and a key prefix of the client's). ARGV: after which moment, page size */
export const list = script(`${row}
local live, last = {}, ''
local members = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
for i = 1, #members, 2 do
    local id = members[i]
    if id ~= '' then
        local row, isThere = readRow(KEYS[2] .. id)
        last = members[i + 1]
        if isLive(row) then
            table.insert(live, { id, row.created, row.renewed, redis.call('PTTL', KEYS[2] .. id), row.ends - now, row.data, row.claims:find('"act":', 1, true) and row.claims or '' })
        elseif isThere and not row then
            table.insert(live, { id })
        else
            redis.call('ZREM', KEYS[1], id)
        end
    end
end

return { live, #members == 2 * tonumber(ARGV[2]) and last or '' }
`);
