import { createHash } from 'node:crypto';


export interface Script {
    lua: string;
    sha: string;
}


// Every moment is the server's own: processes pass durations, so that their clocks need not agree

const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function whole(number) return string.format('%.0f', number) end
`;


const script = function (lua: string): Script {

    const text = now + lua;
    return { lua: text, sha: createHash('sha1').update(text).digest('hex') };
};


// The blacklist is a hash (key: 'cutoff:expires') beside a sorted set of what expires when. Neither has a time to live of its own:
// an eviction policy that takes volatile keys must not take this one

// A third hash says for how long the strategies of each issuer accept its tokens (issuer: 'life tolerance name'), whichever process they are in.
// The tolerance counts twice: for the clock of the issuer, and for that of the process

const difference = `
local function difference(issuers, issuer, life, tolerance)
    local held = issuer ~= '' and redis.call('HGET', issuers, issuer)
    if not held then return 0 end
    local longest, widest = held:match('^(%d+) (%d+)')
    return (life ~= '' and math.max(0, longest - life) or 0) + 2 * math.max(0, widest - tolerance)
end
`;


/** KEYS: issuers. ARGV: issuer, life, tolerance, name, … */
export const register = script(`
for i = 1, #ARGV, 4 do
    local life, tolerance = tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
    local held = redis.call('HGET', KEYS[1], ARGV[i])
    if held then
        local heldLife, heldTolerance = held:match('^(%d+) (%d+)')
        life, tolerance = math.max(life, tonumber(heldLife)), math.max(tolerance, tonumber(heldTolerance))
    end

    redis.call('HSET', KEYS[1], ARGV[i], whole(life) .. ' ' .. whole(tolerance) .. ' ' .. ARGV[i + 3])
end

local longest = 0
local registered = redis.call('HGETALL', KEYS[1])
for i = 2, #registered, 2 do
    local life, tolerance = registered[i]:match('^(%d+) (%d+)')
    longest = math.max(longest, life + 2 * tolerance)
end

return longest
`);


/**
 * Writes, tells, reads the registry, in this order. A transaction would not do: before Redis 7.2 it mixes up news and answers.
 *
 * KEYS: entries, expiries, processes, issuers. ARGV: channel, from, sequence, then key, cutoff, ttl, issuer, life, tolerance, …
 */
export const revoke = script(`${difference}
local stale = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 500)
if #stale > 0 then
    redis.call('HDEL', KEYS[1], unpack(stale))
    redis.call('ZREM', KEYS[2], unpack(stale))
end

local news = { ARGV[2], ARGV[3] }
for i = 4, #ARGV, 6 do
    local cutoff, expires = tonumber(ARGV[i + 1]), now + tonumber(ARGV[i + 2]) + difference(KEYS[4], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5])
    local held = redis.call('HGET', KEYS[1], ARGV[i])
    if held then
        local heldCutoff, heldExpires = held:match('^(%d+):(%d+)$')
        cutoff, expires = math.max(cutoff, tonumber(heldCutoff)), math.max(expires, tonumber(heldExpires))
    end

    redis.call('HSET', KEYS[1], ARGV[i], whole(cutoff) .. ':' .. whole(expires))
    redis.call('ZADD', KEYS[2], whole(expires), ARGV[i])
    table.insert(news, ARGV[i] .. ' ' .. whole(cutoff) .. ' ' .. whole(expires - now))
end

redis.call('PUBLISH', ARGV[1], table.concat(news, ' '))
return redis.call('HGETALL', KEYS[3])
`);


/** Unless they have beaten since. KEYS: processes. ARGV: id, beat, … */
export const strike = script(`
for i = 1, #ARGV, 2 do
    if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then
        redis.call('HDEL', KEYS[1], ARGV[i])
    end
end
`);


// A subject's sessions: one string each (a hash with such long fields takes twice the memory), beside a sorted set of their ids by
// beginning. Its member '' is the subject's clock: the last moment given to anyone, so that two calls never get the same one, whatever the
// server's clock does

const tick = `
local function tick(list, maxAge)
    local moment = math.max(now, tonumber(redis.call('ZSCORE', list, '') or 0) + 1)
    redis.call('ZADD', list, whole(moment), '')
    redis.call('PEXPIREAT', list, whole(math.max(moment + maxAge, now + redis.call('PTTL', list))))
    return moment
end
`;


const row = `
local fields = { 'family', 'secret', 'previous', 'nonce', 'created', 'renewed', 'rotated', 'ends', 'access', 'claims', 'data' }

local function unpackRow(text)
    local row = {}
    local i = 1
    for field in (text .. '\\n'):gmatch('([^\\n]*)\\n') do
        row[fields[i]] = tonumber(i > 4 and i < 10 and field) or field
        i = i + 1
    end

    return row
end

local function readRow(key)
    local text = redis.call('GET', key)
    return text and unpackRow(text)
end

local function writeRow(key, row, expires)
    local values = {}
    for i, field in ipairs(fields) do
        values[i] = type(row[field]) == 'number' and whole(row[field]) or row[field]
    end

    redis.call('SET', key, table.concat(values, '\\n'), 'PXAT', whole(expires))
end
`;


/** KEYS: session, list. ARGV: id, ttl, maxAge, accessTtl, family, secret, claims, data */
export const create = script(`${tick}${row}
local ttl, maxAge = tonumber(ARGV[2]), tonumber(ARGV[3])
local created = tick(KEYS[2], maxAge)

-- Of what has expired in the list a few go with each session that comes

local prefix = KEYS[1]:sub(1, -#ARGV[1] - 1)
for _, id in ipairs(redis.call('ZRANDMEMBER', KEYS[2], 10)) do
    if id ~= '' and redis.call('EXISTS', prefix .. id) == 0 then
        redis.call('ZREM', KEYS[2], id)
    end
end

redis.call('ZADD', KEYS[2], whole(created), ARGV[1])
writeRow(KEYS[1], {
    family = ARGV[5], secret = ARGV[6], previous = '', nonce = '', created = created, renewed = now, rotated = 0, ends = now + maxAge,
    access = now + tonumber(ARGV[4]), claims = ARGV[7], data = ARGV[8]
}, now + math.min(ttl, maxAge))
return created
`);


/** KEYS: session. ARGV: family, secret, grace, then to renew: next secret, nonce, ttl, accessTtl */
export const present = script(`${row}
local row = readRow(KEYS[1])
if not row or row.family ~= ARGV[1] then return { 'unknown' } end

local current = row.secret == ARGV[2]
local previous = row.previous == ARGV[2] and now < row.rotated + tonumber(ARGV[3])
if not current and not previous then return { 'superseded', '', row.created, row.claims } end

if ARGV[4] then
    if current and ARGV[4] ~= ARGV[2] then
        row.secret, row.previous, row.nonce, row.rotated = ARGV[4], ARGV[2], ARGV[5], now
    end

    row.renewed, row.access = now, math.max(row.access, now + tonumber(ARGV[7]))
    writeRow(KEYS[1], row, math.min(now + tonumber(ARGV[6]), row.ends))
end

return { current and 'current' or 'previous', row.nonce, row.created, row.claims, row.data, redis.call('PTTL', KEYS[1]) }
`);


/** KEYS: session */
export const claims = script(`${row}
local row = readRow(KEYS[1])
return row and row.claims
`);


/**
 * With the rows of sessions go the revocations of what was in them, in one step: were they two, a server that comes back with data from before could
 * hold the rows again, and be told of the second one only.
 *
 * KEYS: list, the sessions of the ids, then entries and expiries. ARGV: number of ids, ids, then to shorten: channel, margin, key, cutoff, ttl, …
 */
export const remove = script(`${row}
local count = tonumber(ARGV[1])
local access, isKnown = now, true
for i = 2, count + 1 do
    local row = readRow(KEYS[i])
    access, isKnown = math.max(access, row and row.access or 0), isKnown and row
    redis.call('DEL', KEYS[i])
    redis.call('ZREM', KEYS[1], ARGV[i])
end

if not isKnown then return end

local entries, expiries = KEYS[count + 2], KEYS[count + 3]
local channel, margin = ARGV[count + 2], tonumber(ARGV[count + 3])
local news = { '-', '-' }
for i = count + 4, #ARGV, 3 do
    local held = redis.call('HGET', entries, ARGV[i]) or ''
    local cutoff, heldExpires = held:match('^(%d+):(%d+)$')
    local expires = math.max(access + margin, now + tonumber(ARGV[i + 2]))
    if cutoff == ARGV[i + 1] and expires < tonumber(heldExpires) then
        redis.call('HSET', entries, ARGV[i], cutoff .. ':' .. whole(expires))
        redis.call('ZADD', expiries, whole(expires), ARGV[i])
        table.insert(news, ARGV[i] .. ' ' .. cutoff .. ' ' .. whole(expires - now))
    end
end

if #news > 2 then redis.call('PUBLISH', channel, table.concat(news, ' ')) end
`);


/** KEYS: list. ARGV: maxAge */
export const stamp = script(`${tick}
return tick(KEYS[1], tonumber(ARGV[1]))
`);


/** KEYS: list, what the names of its sessions begin with (they share its slot, and a key prefix of the client's) */
export const list = script(`${row}
local live = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    local row = id ~= '' and readRow(KEYS[2] .. id)
    if row then
        table.insert(live, { id, row.created, row.renewed, redis.call('PTTL', KEYS[2] .. id), row.data })
    elseif id ~= '' then
        redis.call('ZREM', KEYS[1], id)
    end
end

return live
`);
