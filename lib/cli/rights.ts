import { createHash } from 'node:crypto';

import type { Redis } from 'ioredis';


// A command to try each right with, on keys of its own. Later commands delete what earlier ones wrote

const lua = 'return 1';

const sha = createHash('sha1').update(lua).digest('hex');

type Names = Record<'channel' | 'hash' | 'list' | 'session' | 'set' | 'text', string>;

const trials: Record<string, (names: Names) => (string | number)[]> = {
    ping: () => ['PING'],
    hello: () => ['HELLO'],
    info: () => ['INFO', 'replication'],
    time: () => ['TIME'],
    'client|setname': () => ['CLIENT', 'SETNAME', 'hard-logout:doctor'],
    'client|reply': () => ['CLIENT', 'REPLY', 'ON'],
    eval: ({ text }) => ['EVAL', lua, 1, text],
    evalsha: ({ text }) => ['EVALSHA', sha, 1, text],
    publish: ({ channel }) => ['PUBLISH', channel, ''],
    set: ({ text }) => ['SET', text, '', 'PX', 1000],
    get: ({ text }) => ['GET', text],
    rpush: ({ list }) => ['RPUSH', list, ''],
    lrange: ({ list }) => ['LRANGE', list, 0, 0],
    del: ({ list }) => ['DEL', list],
    exists: ({ text }) => ['EXISTS', text],
    pttl: ({ text }) => ['PTTL', text],
    pexpireat: ({ text }) => ['PEXPIREAT', text, 1],
    hset: ({ hash }) => ['HSET', hash, 'a', ''],
    hget: ({ hash }) => ['HGET', hash, 'a'],
    hlen: ({ hash }) => ['HLEN', hash],
    hmget: ({ hash }) => ['HMGET', hash, 'a'],
    hscan: ({ hash }) => ['HSCAN', hash, 0],
    hgetall: ({ hash }) => ['HGETALL', hash],
    hdel: ({ hash }) => ['HDEL', hash, 'a'],
    zadd: ({ set }) => ['ZADD', set, 1, 'a'],
    zcard: ({ set }) => ['ZCARD', set],
    zcount: ({ set }) => ['ZCOUNT', set, 1, 1],
    zscore: ({ set }) => ['ZSCORE', set, 'a'],
    zrange: ({ set }) => ['ZRANGE', set, 0, 0],
    zrangebyscore: ({ set }) => ['ZRANGEBYSCORE', set, 1, 1],
    zrandmember: ({ set }) => ['ZRANDMEMBER', set],
    zremrangebyscore: ({ set }) => ['ZREMRANGEBYSCORE', set, 2, 2],
    zrem: ({ set }) => ['ZREM', set, 'a'],

    // Last: after it some servers accept no other command on the connection

    subscribe: ({ channel }) => ['SUBSCRIBE', channel]
};


export const neededCommands = Object.keys(trials);


/** The rules that the user of a connection lacks, in the form of `ACL SETUSER`. The connection cannot be used for anything else afterwards. */
export const missingRights = async function (server: Redis, prefix: string): Promise<string[]> {

    const blacklist = `{${prefix}}:blacklist`;
    const names = {
        channel: `${blacklist}:news:doctor`,
        session: `${prefix}:{doctor}:session:doctor`,
        text: `${blacklist}:doctor:text`,
        hash: `${blacklist}:doctor:hash`,
        set: `${blacklist}:doctor:set`,
        list: `${blacklist}:doctor:list`
    };

    const rules: Record<string, string> = { key: `~${blacklist}*`, channel: `&${blacklist}:news:*`, session: `~${prefix}:{*}:session*` };
    const missing = new Set<string>();
    const attempt = async (args: (string | number)[], ruleOf: (text: string) => string) => {

        const [command, ...rest] = args;
        await server.call(`${command}`, ...rest).catch(({ message }: Error) => {

            if (message.startsWith('NOPERM')) {
                missing.add(ruleOf(message));
            }
        });
    };

    await attempt(['GET', names.session], (text) => (isOfKey(text) ? rules.session! : '+get'));
    for (const [command, argsOf] of Object.entries(trials)) {
        await attempt(argsOf(names), (text) => (isOfKey(text) ? rules.key! : isOfChannel(text) ? rules.channel! : `+${command}`));
    }

    return [...missing];
};


const isOfKey = (text: string) => /\bkeys?\b/.test(text);

const isOfChannel = (text: string) => /\bchannels?\b/.test(text);
