import { isPast } from '../blacklist/clock';
import { isAddress } from '../options/redis';
import { parse as parseRefreshToken } from '../sessions/refresh-token';
import { Usage } from './failure';


const zoned = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

const jwt = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;


/** A moment in milliseconds since the epoch. A time without its zone, or a mere number, is ambiguous and refused. */
export const moment = function (name: string, text: string): number {

    const [, day] = zoned.exec(text) ?? [];
    const value = day === undefined || !isDay(day) ? NaN : Date.parse(text);
    if (!isPast(value)) {
        throw new Usage(`--${name} needs a moment such as 2030-01-31T12:00:00Z or 2030-01-31 (UTC), at most a minute ahead`);
    }

    return value;
};


/** The id of a subject, a session or a token. A token itself is refused before any of it is shown. */
export const identity = function (name: string, text: string): string {

    if (text === '' || !text.isWellFormed()) {
        throw new Usage(`--${name} is empty, or no text`);
    }

    if (jwt.test(text) || parseRefreshToken(text) !== null) {
        throw new Usage(`--${name} is given a token. Give the token's sub, sid or jti instead`);
    }

    return text;
};


/**
 * The address of Redis.
 *
 * @throws `Usage` for what ioredis would take for something else, a socket's path for instance, and then show in its error with the password in it.
 */
export const redisAddress = function (redis: string | undefined, env: NodeJS.ProcessEnv): string {

    const name = redis === undefined ? 'REDIS_URL' : '--redis';
    const text = redis ?? env.REDIS_URL;
    if (text === undefined || text === '') {
        throw new Usage('No Redis is named: set REDIS_URL, or give --redis where no other user can list the processes');
    }

    if (!isAddress(text)) {
        throw new Usage(`${name} needs redis://, rediss:// or the path of a unix socket, which begins with /; a password in it is percent-encoded`);
    }

    return text;
};


// Date.parse() turns 30 February into 2 March

const isDay = function (day: string): boolean {

    const value = new Date(day);
    return !Number.isNaN(value.getTime()) && value.toISOString().startsWith(day);
};
