import { isPast } from '../blacklist/clock';
import { parse as parseRefreshToken } from '../sessions/refresh-token-format';
import { Usage } from './failure';


const zoned = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

const jwt = /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/;


/** A date in milliseconds since the epoch. A time without a zone, or a mere number, is ambiguous and refused. */
export const moment = function (name: string, text: string): number {

    const [, day] = zoned.exec(text) ?? [];
    const value = day === undefined || !isDay(day) ? NaN : Date.parse(text);
    if (!isPast(value)) {
        throw new Usage(`--${name} needs a date such as 2030-01-31T12:00:00Z or 2030-01-31 (UTC), at most a minute in the future`);
    }

    return value;
};


/** The id of a subject, a session or a token. A token itself is refused before any of it is shown. */
export const identity = function (name: string, text: string): string {

    if (text === '' || !text.isWellFormed()) {
        throw new Usage(`--${name} is empty, or not valid text`);
    }

    if (jwt.test(text) || parseRefreshToken(text) !== null) {
        throw new Usage(`--${name} is a token. Give the token's sub, sid or jti instead`);
    }

    return text;
};


// Date.parse() turns 30 February into 2 March

const isDay = function (day: string): boolean {

    const value = new Date(day);
    return !Number.isNaN(value.getTime()) && value.toISOString().startsWith(day);
};
