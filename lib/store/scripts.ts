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

/** KEYS: entries, expiries. ARGV: key, cutoff, ttl, … */
export const revoke = script(`
local stale = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 500)
if #stale > 0 then
    redis.call('HDEL', KEYS[1], unpack(stale))
    redis.call('ZREM', KEYS[2], unpack(stale))
end

for i = 1, #ARGV, 3 do
    local cutoff, expires = tonumber(ARGV[i + 1]), now + tonumber(ARGV[i + 2])
    local held = redis.call('HGET', KEYS[1], ARGV[i])
    if held then
        local heldCutoff, heldExpires = held:match('^(%d+):(%d+)$')
        cutoff, expires = math.max(cutoff, tonumber(heldCutoff)), math.max(expires, tonumber(heldExpires))
    end

    redis.call('HSET', KEYS[1], ARGV[i], whole(cutoff) .. ':' .. whole(expires))
    redis.call('ZADD', KEYS[2], whole(expires), ARGV[i])
end
`);


/** KEYS: entries, expiries. ARGV: key, cutoff, ttl */
export const shorten = script(`
local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held then return end

local cutoff, heldExpires = held:match('^(%d+):(%d+)$')
local expires = now + tonumber(ARGV[3])
if cutoff == ARGV[2] and expires < tonumber(heldExpires) then
    redis.call('HSET', KEYS[1], ARGV[1], cutoff .. ':' .. whole(expires))
    redis.call('ZADD', KEYS[2], whole(expires), ARGV[1])
end
`);


// A subject's sessions: one hash each, beside a sorted set of their ids by beginning. Its member '' is the subject's clock: the last
// moment given to anyone, so that two calls never get the same one, whatever the server's clock does

const tick = `
local function tick(list, maxAge)
    local moment = math.max(now, tonumber(redis.call('ZSCORE', list, '') or 0) + 1)
    redis.call('ZREMRANGEBYSCORE', list, '-inf', now - maxAge)
    redis.call('ZADD', list, whole(moment), '')
    redis.call('PEXPIREAT', list, whole(math.max(moment + maxAge, now + redis.call('PTTL', list))))
    return moment
end
`;


/** KEYS: session, list. ARGV: id, ttl, maxAge, accessTtl, family, secret, claims, data */
export const create = script(`${tick}
local ttl, maxAge = tonumber(ARGV[2]), tonumber(ARGV[3])
local created = tick(KEYS[2], maxAge)
redis.call('ZADD', KEYS[2], whole(created), ARGV[1])
redis.call('HSET', KEYS[1], 'family', ARGV[5], 'secret', ARGV[6], 'claims', ARGV[7], 'data', ARGV[8],
    'created', whole(created), 'ends', whole(now + maxAge), 'access', whole(now + tonumber(ARGV[4])))
redis.call('PEXPIREAT', KEYS[1], whole(now + math.min(ttl, maxAge)))
return created
`);


/** KEYS: session. ARGV: family, secret, grace, then to renew: next secret, nonce, ttl, accessTtl */
export const present = script(`
local row = redis.call('HMGET', KEYS[1], 'family', 'secret', 'previous', 'rotated', 'nonce', 'ends', 'access', 'created', 'claims', 'data')
if row[1] ~= ARGV[1] then return { 'unknown' } end

local current = row[2] == ARGV[2]
local previous = row[3] == ARGV[2] and now < tonumber(row[4]) + tonumber(ARGV[3])
if not current and not previous then return { 'superseded' } end

local nonce, ends = row[5] or '', tonumber(row[6])
if ARGV[4] then
    if current and ARGV[4] ~= ARGV[2] then
        nonce = ARGV[5]
        redis.call('HSET', KEYS[1], 'secret', ARGV[4], 'previous', ARGV[2], 'nonce', nonce, 'rotated', whole(now))
    end

    redis.call('HSET', KEYS[1], 'access', whole(math.max(tonumber(row[7]), now + tonumber(ARGV[7]))))
    redis.call('PEXPIREAT', KEYS[1], whole(math.min(now + tonumber(ARGV[6]), ends)))
end

return { current and 'current' or 'previous', nonce, row[8], row[9], row[10], redis.call('PTTL', KEYS[1]), ends - now }
`);


/** KEYS: list, then the sessions of the ids. ARGV: ids */
export const remove = script(`
local access = now
for i, id in ipairs(ARGV) do
    access = math.max(access, tonumber(redis.call('HGET', KEYS[i + 1], 'access') or 0))
    redis.call('DEL', KEYS[i + 1])
    redis.call('ZREM', KEYS[1], id)
end

return access - now
`);


/** KEYS: list. ARGV: maxAge */
export const stamp = script(`${tick}
return tick(KEYS[1], tonumber(ARGV[1]))
`);


/** KEYS: list, what the names of its sessions begin with (they share its slot, and a key prefix of the client's) */
export const list = script(`
local live = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    if id ~= '' then
        if redis.call('EXISTS', KEYS[2] .. id) == 1 then
            table.insert(live, id)
        else
            redis.call('ZREM', KEYS[1], id)
        end
    end
end

return live
`);
