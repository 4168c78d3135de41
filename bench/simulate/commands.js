'use strict';

const { crc32 } = require('zlib');


// The commands that the package and its tests use. Each is called with the server, its arguments as texts, and the connection


const ok = { status: 'OK' };


/** A number with a fraction, which RESP3 has a type for. */
const double = (number) => ({ double: textOf(number) });

const textOf = (number) => (number === Infinity ? 'inf' : number === -Infinity ? '-inf' : String(number));

/** Names and values in turn, which RESP3 has a type for. */
const map = (pairs) => ({ map: pairs });


const whole = function (text) {

    if (!/^-?\d+$/.test(text)) {
        throw new Error('ERR value is not an integer or out of range');
    }

    return Number(text);
};


const infinities = { '+inf': Infinity, inf: Infinity, '-inf': -Infinity };


const score = function (text) {

    const number = infinities[text] ?? Number(text);
    if (Number.isNaN(number) || text === '') {
        throw new Error('ERR value is not a valid float');
    }

    return number;
};


// What follows a command's first arguments: names, of which some have a value

const optionsOf = function (args, valued = {}) {

    const found = {};
    for (let i = 0; i < args.length; ++i) {
        const name = args[i].toUpperCase();
        const count = valued[name] ?? 0;
        found[name] = count === 0 ? true : count === 1 ? args[i + 1] : args.slice(i + 1, i + 1 + count);
        i += count;
    }

    return found;
};


const ends = function (server, options) {

    const { PX, EX, PXAT, EXAT } = options;
    const moment = PX !== undefined ? server.wall() + whole(PX) :
        EX !== undefined ? server.wall() + 1000 * whole(EX) :
            PXAT !== undefined ? whole(PXAT) :
                EXAT !== undefined ? 1000 * whole(EXAT) : Infinity;

    return moment;
};


const slice = function (list, start, stop) {

    const from = start < 0 ? Math.max(0, list.length + start) : start;
    const to = stop < 0 ? list.length + stop : stop;
    return list.slice(from, to + 1);
};


const count = function (keys, isCounted) {

    return keys.reduce((sum, key) => sum + (isCounted(key) ? 1 : 0), 0);
};


const expire = function (unit, isAbsolute) {

    return ({ data, wall }, [key, time, ...flags]) => {

        const moment = (isAbsolute ? 0 : wall()) + unit * whole(time);
        const held = data.expires(key);
        if (held === undefined) {
            return 0;
        }

        const options = optionsOf(flags);
        if (options.GT && !(moment > held) || options.LT && !(moment < held) || options.NX && held !== Infinity || options.XX && held === Infinity) {
            return 0;
        }

        data.expire(key, moment);
        return 1;
    };
};


const remains = function (unit) {

    return ({ data, wall }, [key]) => {

        const moment = data.expires(key);
        return moment === undefined ? -2 : moment === Infinity ? -1 : Math.max(0, Math.round((moment - wall()) / unit));
    };
};


const withScores = function (set, members, isWanted) {

    return isWanted ? members.flatMap((member) => [member, double(set.scores.get(member))]) : members;
};


const limited = function (list, [offset, number]) {

    return number < 0 ? list.slice(offset) : list.slice(offset, offset + number);
};


const limits = { LIMIT: 2 };


const range = function ({ data }, [key, start, stop, ...rest]) {

    const set = data.get(key, 'zset');
    if (!set) {
        return [];
    }

    const options = optionsOf(rest, limits);

    if (!options.BYSCORE) {
        const list = options.REV ? set.list.toReversed() : set.list;
        return withScores(set, slice(list, whole(start), whole(stop)), options.WITHSCORES);
    }

    const found = options.REV ? set.between(stop, start).reverse() : set.between(start, stop);
    return withScores(set, options.LIMIT ? limited(found, options.LIMIT.map(whole)) : found, options.WITHSCORES);
};


const zadd = function ({ data }, [key, ...args]) {

    let first = 0;
    while (/^(NX|XX|GT|LT|CH|INCR)$/i.test(args[first])) {
        ++first;
    }

    const options = optionsOf(args.slice(0, first));
    const set = data.make(key, 'zset');
    let changed = 0;
    for (let i = first; i < args.length; i += 2) {
        const member = args[i + 1];
        const held = set.scores.get(member);
        const next = score(args[i]);
        if (held === undefined ? options.XX : options.NX || options.GT && !(next > held) || options.LT && !(next < held)) {
            continue;
        }

        changed += held === undefined || options.CH && held !== next ? 1 : 0;
        set.set(member, next);
    }

    data.tidy(key);
    return changed;
};


const remove = function (type) {

    return ({ data }, [key, ...members]) => {

        const held = data.get(key, type);
        const removed = held ? count(members, (member) => held.delete(member)) : 0;
        data.tidy(key);
        return removed;
    };
};


const evaluate = function (server, text, [number, ...rest], connection) {

    const keys = rest.slice(0, whole(number));
    return server.lua.run(text, keys, rest.slice(keys.length), (command) => legacy(server.execute(command, connection)));
};


// Scripts are shown what RESP2 has types for

const legacy = function (reply) {

    if (Array.isArray(reply)) {
        return reply.map(legacy);
    }

    return typeof reply === 'object' ? reply?.double ?? (reply?.map ? reply.map.map(legacy) : reply) : reply;
};


// By hash, as in Redis: what is there from the first page to the last is shown, whatever comes and goes meanwhile

const scan = function (names, cursor, { COUNT: most = 10 }, isMatching) {

    const rest = names.map((name) => [crc32(name) + 1, name]).filter(([place]) => place > whole(cursor)).sort(([a], [b]) => a - b);
    const last = rest[Math.min(Number(most), rest.length) - 1]?.[0];
    const page = rest.filter(([place]) => place <= last).map(([, name]) => name);
    return [page.length === rest.length ? '0' : String(last), page.filter(isMatching)];
};


const matcher = function (pattern = '*') {

    const source = pattern.replace(/[.+^${}()|\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
    const expression = new RegExp(`^${source}$`, 's');
    return (text) => expression.test(text);
};


exports.commands = {

    // Connections

    PING: (server, [text]) => text ?? { status: 'PONG' },
    ECHO: (server, [text]) => text,
    SELECT: () => ok,
    AUTH: () => ok,
    READONLY: () => ok,
    WAIT: () => 0,

    HELLO(server, [protocol], connection) {

        connection.protocol = Number(protocol ?? connection.protocol);
        return map(['server', 'redis', 'version', server.version, 'proto', connection.protocol, 'id', connection.id, 'mode', 'standalone', 'role', 'master', 'modules', []]);
    },

    CLIENT(server, [name, mode], connection) {

        // Of this command, and of the next one

        if (name.toUpperCase() === 'REPLY' && mode.toUpperCase() === 'SKIP') {
            connection.skips = 2;
        }

        return name.toUpperCase() === 'ID' ? connection.id : ok;
    },

    // The server

    TIME(server) {

        const micros = Math.floor(server.wall() * 1000);
        return [String(Math.floor(micros / 1e6)), String(micros % 1e6)];
    },

    INFO: (server) => server.info(),

    CONFIG(server, [action, name, value]) {

        if (action.toUpperCase() === 'SET') {
            server.config[name] = value;
            return ok;
        }

        return map(Object.entries(server.config).filter(([each]) => matcher(name)(each)).flat());
    },

    FLUSHALL(server) {

        server.data.clear();
        return ok;
    },

    FLUSHDB(server) {

        server.data.clear();
        return ok;
    },

    DBSIZE: ({ data }) => data.size,

    // Keys

    KEYS: ({ data }, [pattern]) => data.keys().filter(matcher(pattern)),
    DEL: ({ data }, keys) => count(keys, (key) => data.delete(key)),
    UNLINK: ({ data }, keys) => count(keys, (key) => data.delete(key)),
    EXISTS: ({ data }, keys) => count(keys, (key) => data.expires(key) !== undefined),
    TYPE: ({ data }, [key]) => ({ status: data.type(key) }),
    EXPIRE: expire(1000, false),
    PEXPIRE: expire(1, false),
    EXPIREAT: expire(1000, true),
    PEXPIREAT: expire(1, true),
    TTL: remains(1000),
    PTTL: remains(1),
    PERSIST: ({ data }, [key]) => (Number.isFinite(data.expires(key)) ? Number(data.expire(key, Infinity)) : 0),

    // Strings

    GET: ({ data }, [key]) => data.get(key, 'string') ?? null,
    MGET: ({ data }, keys) => keys.map((key) => (data.type(key) === 'string' ? data.get(key, 'string') : null)),

    SET(server, [key, value, ...rest]) {

        const { data } = server;
        const options = optionsOf(rest, { PX: 1, EX: 1, PXAT: 1, EXAT: 1 });
        const held = options.GET ? data.get(key, 'string') ?? null : null;
        const isThere = data.type(key) !== 'none';
        if (options.NX && isThere || options.XX && !isThere) {
            return held;
        }

        data.set(key, value, options.KEEPTTL ? data.expires(key) : ends(server, options));
        return options.GET ? held : ok;
    },

    MSET({ data }, args) {

        for (let i = 0; i < args.length; i += 2) {
            data.set(args[i], args[i + 1]);
        }

        return ok;
    },

    INCR: (server, [key]) => exports.commands.INCRBY(server, [key, '1']),

    INCRBY({ data }, [key, by]) {

        const next = whole(data.get(key, 'string') ?? '0') + whole(by);
        data.set(key, String(next), data.expires(key));
        return next;
    },

    // Hashes

    HGET: ({ data }, [key, field]) => data.get(key, 'hash')?.get(field) ?? null,
    HMGET({ data }, [key, ...fields]) {

        const hash = data.get(key, 'hash');
        return fields.map((field) => hash?.get(field) ?? null);
    },

    HGETALL: ({ data }, [key]) => map([...data.get(key, 'hash') ?? []].flat()),
    HKEYS: ({ data }, [key]) => [...data.get(key, 'hash')?.keys() ?? []],
    HVALS: ({ data }, [key]) => [...data.get(key, 'hash')?.values() ?? []],
    HLEN: ({ data }, [key]) => data.get(key, 'hash')?.size ?? 0,
    HEXISTS: ({ data }, [key, field]) => Number(data.get(key, 'hash')?.has(field) ?? false),
    HDEL: remove('hash'),

    HSET({ data }, [key, ...args]) {

        const hash = data.make(key, 'hash');
        let added = 0;
        for (let i = 0; i < args.length; i += 2) {
            added += hash.has(args[i]) ? 0 : 1;
            hash.set(args[i], args[i + 1]);
        }

        return added;
    },

    HSETNX(server, [key, field, value]) {

        return server.data.get(key, 'hash')?.has(field) ? 0 : exports.commands.HSET(server, [key, field, value]);
    },

    HSCAN({ data }, [key, cursor, ...rest]) {

        const options = optionsOf(rest, { COUNT: 1, MATCH: 1 });
        const hash = data.get(key, 'hash') ?? new Map();
        const [next, page] = scan([...hash.keys()], cursor, options, matcher(options.MATCH));
        return [next, page.flatMap((field) => [field, hash.get(field)])];
    },

    // Sorted sets

    ZADD: zadd,
    ZREM: remove('zset'),
    ZCARD: ({ data }, [key]) => data.get(key, 'zset')?.size ?? 0,
    ZRANGE: range,
    ZRANGEBYSCORE: (server, [key, min, max, ...rest]) => range(server, [key, min, max, 'BYSCORE', ...rest]),
    ZREVRANGEBYSCORE: (server, [key, max, min, ...rest]) => range(server, [key, max, min, 'BYSCORE', 'REV', ...rest]),
    ZCOUNT: ({ data }, [key, min, max]) => data.get(key, 'zset')?.between(min, max).length ?? 0,

    ZSCORE({ data }, [key, member]) {

        const found = data.get(key, 'zset')?.scores.get(member);
        return found === undefined ? null : double(found);
    },

    ZMSCORE: (server, [key, ...members]) => members.map((member) => exports.commands.ZSCORE(server, [key, member])),

    ZRANK({ data }, [key, member]) {

        const set = data.get(key, 'zset');
        return set?.scores.has(member) ? set.list.indexOf(member) : null;
    },

    ZRANDMEMBER(server, [key, number]) {

        const list = server.data.get(key, 'zset')?.list ?? [];
        if (number === undefined) {
            return list.length > 0 ? list[server.random.below(list.length)] : null;
        }

        const rest = [...list];
        const found = [];
        while (found.length < whole(number) && rest.length > 0) {
            found.push(...rest.splice(server.random.below(rest.length), 1));
        }

        return found;
    },

    ZREMRANGEBYSCORE({ data }, [key, min, max]) {

        const set = data.get(key, 'zset');
        const removed = set ? count(set.between(min, max), (member) => set.delete(member)) : 0;
        data.tidy(key);
        return removed;
    },

    ZSCAN({ data }, [key, cursor, ...rest]) {

        const options = optionsOf(rest, { COUNT: 1, MATCH: 1 });
        const set = data.get(key, 'zset');
        const [next, page] = scan(set?.list ?? [], cursor, options, matcher(options.MATCH));
        return [next, page.flatMap((member) => [member, String(set.scores.get(member))])];
    },

    // Lists and sets

    RPUSH: ({ data }, [key, ...values]) => data.make(key, 'list').push(...values),
    LPUSH: ({ data }, [key, ...values]) => data.make(key, 'list').unshift(...values.reverse()),
    LLEN: ({ data }, [key]) => data.get(key, 'list')?.length ?? 0,
    LRANGE: ({ data }, [key, start, stop]) => slice(data.get(key, 'list') ?? [], whole(start), whole(stop)),

    LTRIM({ data }, [key, start, stop]) {

        const list = data.get(key, 'list');
        if (list) {
            list.splice(0, list.length, ...slice(list, whole(start), whole(stop)));
            data.tidy(key);
        }

        return ok;
    },

    LPOP({ data }, [key, number]) {

        const list = data.get(key, 'list');
        const found = list?.splice(0, number === undefined ? 1 : whole(number));
        data.tidy(key);
        return number === undefined ? found?.[0] ?? null : found ?? null;
    },

    SADD({ data }, [key, ...members]) {

        const set = data.make(key, 'set');
        return count(members, (member) => !set.has(member) && set.add(member));
    },

    SREM: remove('set'),
    SCARD: ({ data }, [key]) => data.get(key, 'set')?.size ?? 0,
    SMEMBERS: ({ data }, [key]) => [...data.get(key, 'set') ?? []],
    SISMEMBER: ({ data }, [key, member]) => Number(data.get(key, 'set')?.has(member) ?? false),

    // News

    PUBLISH: (server, [channel, message]) => server.publish(channel, message),

    SUBSCRIBE(server, channels, connection) {

        return { pushes: channels.map((channel) => ['subscribe', channel, server.subscribe(connection, channel)]) };
    },

    UNSUBSCRIBE(server, channels, connection) {

        return { pushes: channels.map((channel) => ['unsubscribe', channel, server.unsubscribe(connection, channel)]) };
    },

    // Scripts

    EVAL(server, [text, ...rest], connection) {

        server.scripts.set(server.digest(text), text);
        return evaluate(server, text, rest, connection);
    },

    EVALSHA(server, [sha, ...rest], connection) {

        const text = server.scripts.get(sha.toLowerCase());
        if (text === undefined) {
            throw new Error('NOSCRIPT No matching script. Please use EVAL.');
        }

        return evaluate(server, text, rest, connection);
    },

    SCRIPT(server, [action, ...rest]) {

        switch (action.toUpperCase()) {
            case 'FLUSH':
                server.scripts.clear();
                return ok;
            case 'LOAD':
                server.scripts.set(server.digest(rest[0]), rest[0]);
                return server.digest(rest[0]);
            default:
                return rest.map((sha) => Number(server.scripts.has(sha.toLowerCase())));
        }
    }
};


const readers = ['PING', 'ECHO', 'SELECT', 'AUTH', 'READONLY', 'WAIT', 'HELLO', 'CLIENT', 'TIME', 'INFO', 'CONFIG', 'DBSIZE', 'KEYS', 'EXISTS', 'TYPE', 'TTL', 'PTTL', 'GET', 'MGET',
    'HGET', 'HMGET', 'HGETALL', 'HKEYS', 'HVALS', 'HLEN', 'HEXISTS', 'HSCAN', 'ZCARD', 'ZRANGE', 'ZRANGEBYSCORE', 'ZREVRANGEBYSCORE', 'ZCOUNT', 'ZSCORE', 'ZMSCORE', 'ZRANK', 'ZRANDMEMBER',
    'ZSCAN', 'LLEN', 'LRANGE', 'SCARD', 'SMEMBERS', 'SISMEMBER', 'PUBLISH', 'SUBSCRIBE', 'UNSUBSCRIBE', 'EVAL', 'EVALSHA', 'SCRIPT'];

/** Those that change data: what a replica, or a master without replicas, refuses. */
exports.writers = new Set(Object.keys(exports.commands).filter((name) => !readers.includes(name)));
