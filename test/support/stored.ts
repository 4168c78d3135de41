import { forever } from '../../lib/blacklist/blacklist';

import type { Revocation } from '../../lib/store/blacklist-contract';
import type { NewSession, Presentation, SessionAddress } from '../../lib/store/session-contract';


// What tests give to stores: usual values, and what a test changes of them


const minute = 60_000;


export const revocation = function (given: Partial<Revocation>): Revocation {

    return { key: 'key', cutoff: forever, ttl: minute, ...given };
};


export const address = function (id: string, subject = '42'): SessionAddress {

    return { subject, id };
};


export const session = function (given: Partial<NewSession> = {}): NewSession {

    return { family: 'family', secret: 'first', claims: '{"sub":"42"}', data: 'null', ttl: minute, maxAge: 10 * minute, accessTtl: minute, max: 100, ...given };
};


export const presentation = function (given: Partial<Presentation> = {}): Presentation {

    return { family: 'family', secret: 'first', grace: minute, ...given };
};
