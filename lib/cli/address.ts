import { Usage } from './failure';


const usage = 'needs redis://, rediss:// or the path of a unix socket, which begins with /; a password in it is percent-encoded';


/**
 * Where Redis is.
 *
 * @throws `Usage` for what ioredis would take for something else, a socket's path say, and then show in its error, password and all.
 */
export const redisAddress = function (redis: string | undefined, env: NodeJS.ProcessEnv): string {

    const name = redis === undefined ? 'REDIS_URL' : '--redis';
    const text = redis ?? env.REDIS_URL;
    if (text === undefined || text === '') {
        throw new Usage('No Redis is named: set REDIS_URL, or --redis where nobody sees the list of processes');
    }

    if (!text.startsWith('/') && !isUrl(text)) {
        throw new Usage(`${name} ${usage}`);
    }

    return text;
};


const isUrl = function (text: string): boolean {

    if (!URL.canParse(text)) {
        return false;
    }

    const { protocol, hostname, pathname, search, hash } = new URL(text);
    return /^rediss?:$/.test(protocol) && hostname !== '' && !`${pathname}${search}${hash}`.includes('@');
};
