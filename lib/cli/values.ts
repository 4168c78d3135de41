import { isPast } from '../blacklist/clock';
import { parse as parseRefreshToken } from '../sessions/refresh-token';
import { Usage } from './failure';


const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const zoned = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

const jwt = /^[\w-]+\.[\w-]+\.[\w-]*$/;


/** A duration as it is typed, `90d` or `1500ms`, in milliseconds; without a unit it is one of those. */
export const duration = function (name: string, text: string, least: number, most: number): number {

    const [, number, unit = 'ms'] = /^(\d{1,13})(ms|s|m|h|d)?$/.exec(text) ?? [];
    const value = Number(number) * units[unit as keyof typeof units];
    if (!(value >= least && value <= most)) {
        throw new Usage(`--${name} needs a duration such as 90d, 12h, 30m, 15s or 1500ms, from ${least}ms to ${most}ms`);
    }

    return value;
};


/** A moment as it is typed, in milliseconds since the epoch. What could be mistaken, a time without its zone or a mere number, is refused. */
export const moment = function (name: string, text: string): number {

    const [, day] = zoned.exec(text) ?? [];
    const value = day === undefined || !isDay(day) ? NaN : Date.parse(text);
    if (!isPast(value)) {
        throw new Usage(`--${name} needs a moment such as 2030-01-31T12:00:00Z or 2030-01-31 (UTC), at most a minute ahead`);
    }

    return value;
};


/** Who or what is meant. A token is refused before anything of it is shown. */
export const identity = function (name: string, text: string): string {

    if (text === '' || !text.isWellFormed()) {
        throw new Usage(`--${name} is empty, or no text`);
    }

    if (jwt.test(text) && text.startsWith('eyJ') || parseRefreshToken(text) !== null) {
        throw new Usage(`--${name} is given a token. Name what the token says: its sub, its sid or its jti`);
    }

    return text;
};


// Date.parse() makes of 30 February the 2 March

const isDay = function (day: string): boolean {

    const value = new Date(day);
    return !Number.isNaN(value.getTime()) && value.toISOString().startsWith(day);
};
