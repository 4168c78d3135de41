import { createHash } from 'node:crypto';

import type { Client } from './call';


/** A script in Lua, and its SHA-1, by which a server finds it. */
export interface Script {
    lua: string;
    sha: string;
}


// All moments are by the server's clock: processes pass durations, so their clocks may differ

export const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function whole(number) return string.format('%.0f', number) end
`;


export const scriptOf = function (text: string): Script {

    return { lua: text, sha: createHash('sha1').update(text).digest('hex') };
};


export type Argument = string | number | Buffer;


/** An argument that tracing cannot read: tracing clients put texts into spans, and this has an empty one. Redis receives all of it. */
export const hidden = function (text: string): Buffer {

    return Object.assign(Buffer.from(text), { toString: () => '[hidden]' });
};


/** Runs a script by its digest, or by its text if the server does not have it yet. */
export const evaluate = async function (client: Client, { lua, sha }: Script, keys: string[], args: Argument[]): Promise<unknown> {

    try {
        return await client.evalsha(sha, keys.length, ...keys, ...args);
    }
    catch (error) {
        if (!(error as Error).message.startsWith('NOSCRIPT')) {
            throw error;
        }

        return await client.eval(lua, keys.length, ...keys, ...args);
    }
};
