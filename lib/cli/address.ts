import { Cluster } from 'ioredis';

import { isAddress } from '../options/redis';
import { Usage } from './failure';

import type { RedisOptions } from 'ioredis';
import type { PluginSettings } from '../options/settings';


interface Login {
    username?: string;
    password?: string;
}


const sentinelUrl = /^(rediss?)\+sentinel:\/\/(?:([^@/?#\s]*)@)?([^@/?#\s]+)\/([^@/?#\s]+?)(?:\/(\d{1,9}))?$/;

const usage = 'redis://, rediss://, redis+sentinel://host:port,host:port/name or the path of a unix socket, which begins with /; a password in it is percent-encoded';


/**
 * Where Redis is: the arguments, or else `REDIS_URL`, with spaces between several, which are the nodes of a Cluster. The client of a Cluster is not connected yet.
 *
 * @throws `Usage` for an address that ioredis would misunderstand and quote in its error, with the password.
 */
export const redisAddress = function (redis: string[] | undefined, env: NodeJS.ProcessEnv): PluginSettings['redis'] {

    const name = redis === undefined ? 'REDIS_URL' : '--redis';
    const texts = redis ?? (env.REDIS_URL?.startsWith('/') ? [env.REDIS_URL] : env.REDIS_URL?.split(/\s+/) ?? []).filter((text) => text !== '');
    const [text] = texts;
    if (text === undefined) {
        throw new Usage('No Redis is given: set REDIS_URL, or use --redis where no other user can list the processes');
    }

    const sentinel = texts.length === 1 && sentinelUrl.exec(text);
    if (!sentinel && !texts.every(isAddress)) {
        throw new Usage(`${name} needs ${usage}`);
    }

    const login = { username: env.REDIS_USERNAME || undefined, password: env.REDIS_PASSWORD || undefined };
    try {
        return sentinel ? sentinelOptions(sentinel, login, env) : texts.length > 1 ? cluster(texts, login, name) : withLogin(text, login);
    }
    catch (error) {

        // Not percent-encoded

        throw error instanceof URIError ? new Usage(`${name} needs ${usage}`) : error;
    }
};


const withLogin = function (text: string, { username = '', password }: Login): string {

    if (password === undefined) {
        return text;
    }

    if (text.startsWith('/')) {
        return hasLogin(text) ? text : `${text}${text.includes('?') ? '&' : '?'}${new URLSearchParams({ ...username !== '' && { username }, password }).toString()}`;
    }

    const url = new URL(text);
    if (!hasLogin(text)) {
        url.username ||= encodeURIComponent(username);
        url.password = encodeURIComponent(password);
    }

    return url.href;
};


const hasLogin = function (text: string): boolean {

    return text.startsWith('/') ? /[?&]password=/.test(text) : new URL(text).password !== '';
};


const sentinelOptions = function ([, scheme, userinfo, hosts, name, db]: string[], login: Login, env: NodeJS.ProcessEnv): RedisOptions {

    const sentinels = hosts!.split(',').map((text) => {

        const [, host, port = '26379'] = /^(\[[\da-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(text) ?? [];
        if (host === undefined) {
            throw new URIError();
        }

        return { host: bare(host), port: Number(port) };
    });

    const [username = '', password] = userinfo?.split(/:(.*)/s).map(decodeURIComponent) ?? [];
    return {

        // With a failover detector ioredis prints the Sentinels that it cannot reach

        failoverDetector: false,
        sentinels,
        name: decodeURIComponent(name!),
        ...db !== undefined && { db: Number(db) },
        ...given({ username: username === '' ? login.username : username, password: password ?? login.password }),
        ...env.REDIS_SENTINEL_PASSWORD && { sentinelPassword: env.REDIS_SENTINEL_PASSWORD },
        ...scheme === 'rediss' && { tls: {}, enableTLSForSentinelMode: true }
    };
};


const cluster = function (texts: string[], login: Login, name: string): Cluster {

    if (texts.some((text) => text.startsWith('/'))) {
        throw new Usage(`${name} has several addresses, so they are the nodes of a Cluster: each has to start with redis:// or rediss://`);
    }

    const urls = texts.map((text) => new URL(text));
    const { protocol, username, password } = urls.find((url) => url.password !== '') ?? urls[0]!;
    const redisOptions = {
        commandTimeout: 4000,
        ...given({ username: decodeURIComponent(username) || login.username, password: decodeURIComponent(password) || login.password }),
        ...protocol === 'rediss:' && { tls: {} }
    };

    const client = new Cluster(urls.map(({ hostname, port }) => ({ host: bare(hostname), port: Number(port || '6379') })), { lazyConnect: true, redisOptions });

    // Without a listener ioredis prints errors

    return client.on('error', () => undefined);
};


const given = function ({ username, password }: Login): Login {

    return { ...password !== undefined && { ...username !== undefined && { username }, password } };
};


// An IPv6 address

const bare = (host: string) => host.replace(/^\[(.*)\]$/, '$1');
