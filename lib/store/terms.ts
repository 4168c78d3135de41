import { evaluate, now, scriptOf } from './script';

import type { RegisteredTerms } from './blacklist-contract';
import type { Client } from './call';


// A hash in Redis with the terms of each issuer: life, tolerance, lease, whether there are sessions, and the name (PROTOCOL.md)


// The difference between given terms and the greatest registered ones of an issuer. The tolerance counts twice: for the issuer's clock, and for that of the process

export const difference = `
local registered = {}

local function difference(issuers, issuer, life, tolerance)
    if issuer == '' then return 0 end
    if registered[issuer] == nil then registered[issuer] = redis.call('HGET', issuers, issuer) end

    local held = registered[issuer]
    if not held then return 0 end
    local longest, widest = held:match('^(%d+) (%d+)')
    return (life ~= '' and math.max(0, longest - life) or 0) + 2 * math.max(0, widest - tolerance)
end
`;


/** ARGV: issuer, life, tolerance, lease (0: none), 1 for sessions, name, … Replies the longest time for which a token is accepted. */
export const registration = scriptOf(`${now}
local issuers = KEYS[3]
for i = 1, #ARGV, 6 do
    local life, tolerance, lease, sessions = tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4])
    local held = redis.call('HGET', issuers, ARGV[i])
    if held then
        local heldLife, heldTolerance, heldLease, heldSessions = held:match('^(%d+) (%d+) (%d+) (%d) ')
        life, tolerance, sessions = math.max(life, tonumber(heldLife)), math.max(tolerance, tonumber(heldTolerance)), math.max(sessions, tonumber(heldSessions))
        if lease == 0 then lease = tonumber(heldLease) end
    end

    redis.call('HSET', issuers, ARGV[i], whole(life) .. ' ' .. whole(tolerance) .. ' ' .. whole(lease) .. ' ' .. whole(sessions) .. ' ' .. ARGV[i + 5])
end

local longest = 0
local registered = redis.call('HGETALL', issuers)
for i = 2, #registered, 2 do
    local life, tolerance = registered[i]:match('^(%d+) (%d+)')
    longest = math.max(longest, life + 2 * tolerance)
end

return longest
`);


/** Registers terms, on any connection. `lease` (ms) is that of this process, 0 where it has none. */
export const register = async function (client: Client, keys: string[], terms: RegisteredTerms[], lease: number): Promise<number> {

    const args = terms.flatMap(({ issuer, life, tolerance, name, hasSessions }) => [issuer, life, tolerance, lease, Number(hasSessions ?? false), name]);
    return Number(await evaluate(client, registration, keys, args));
};


/** What is registered of each issuer: the greatest of each, and the lease (ms) that was registered last; 0 where no process has one. */
export const registeredTerms = async function (client: Client, [,, issuers]: string[]): Promise<(RegisteredTerms & { lease: number })[]> {

    const found = await client.hgetall(issuers!);
    return Object.entries(found).map(([issuer, text]) => {

        const [, life, tolerance, lease, sessions, name] = /^(\d+) (\d+) (\d+) (\d) (.*)$/s.exec(text)!;
        return { issuer, life: Number(life), tolerance: Number(tolerance), lease: Number(lease), hasSessions: sessions === '1', name: name! };
    });
};
