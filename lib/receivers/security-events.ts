import { bodyText, isObject } from './body';
import { end } from './ending';
import { senderOf } from './order-token';
import { InvalidRequest, respond, respondToError } from './response';
import { identifierOf, subjectOf } from './subject';

import type { Request } from '@hapi/hapi';
import type { SecurityEventsSettings } from '../options/settings';
import type { Named, SecurityEvent } from '../types';
import type { HandlerKind } from './contract';
import type { EndingOptions } from './ending';
import type { OrderClaims } from './order-token';
import type { ReceivedOrder } from './orders';


const types: Record<string, SecurityEvent> = {
    'https://schemas.openid.net/secevent/caep/event-type/session-revoked': 'session-revoked',
    'https://schemas.openid.net/secevent/caep/event-type/credential-change': 'credential-change',
    'https://schemas.openid.net/secevent/risc/event-type/account-disabled': 'account-disabled',
    'https://schemas.openid.net/secevent/risc/event-type/account-purged': 'account-purged',
    'https://schemas.openid.net/secevent/risc/event-type/sessions-revoked': 'sessions-revoked'
};

const verification = 'https://schemas.openid.net/secevent/ssf/event-type/verification';


// RFC 8935 §2.4

const setNames = { code: 'err', text: 'description' };


/** Security Event Tokens (RFC 8417), pushed by their transmitter (RFC 8935). */
export const securityEvents: HandlerKind<SecurityEventsSettings> = {

    method: 'post',

    create(settings, context) {

        const { audience, maxWait, find, events: acted } = settings;
        const { issuer, tokens } = senderOf(settings, context, { audience, types: ['secevent+jwt'], required: ['events'] });
        const { server, strategy, orders } = context;

        // What the events of a token end

        const plan = function (claims: OrderClaims, request: Request): EndingOptions[] {

            const { events, iat, jti } = claims;
            if (!isObject(events) || Object.keys(events).length === 0 || !Object.values(events).every(isObject)) {
                throw new InvalidRequest('invalid_request', 'The token has no event');
            }

            return Object.keys(events).flatMap((uri) => {

                if (uri === verification) {
                    return [];
                }

                const type = types[uri];
                const named = type !== undefined && acted.includes(type) ? namesOf(claims, issuer, type, find !== undefined) : [];
                if (named.length === 0) {
                    server.log(['hard-logout', 'event', 'ignored', 'info'], `A security event ended nothing: ${JSON.stringify(uri)}, issuer ${issuer}, jti ${jti}`);
                }

                const extent = type === 'session-revoked' ? 'session' as const : 'subject' as const;
                return named.map((each) => ({ strategy, named: each, find, extent, issued: iat * 1000, reason: type!, request }));
            });
        };

        return async (request, h) => {

            const received = Date.now();

            const verify = async (): Promise<ReceivedOrder> => {

                const claims = await tokens.verify(bodyText(request, 'application/secevent+jwt').trim(), received);
                const planned = plan(claims, request);
                return { issuer, jti: claims.jti, end: () => Promise.all(planned.map(end)).then(() => true) };
            };

            try {
                await orders.carryOut({ strategy: strategy.name(), receive: 'security-events', request, maxWait, verify });
                return respond(h, 202);
            }
            catch (error) {
                return respondToError(h, error, setNames).header('content-language', 'en');
            }
        };
    }
};


// What an event is about; empty if only the app could know. The subject of the event may be a session

const namesOf = function ({ sub_id: subId }: OrderClaims, issuer: string, type: SecurityEvent, isFound: boolean): Named[] {

    const identifier = identifierOf(subId);
    const { subject, session } = subjectOf(identifier, [issuer]);
    if (isFound) {
        return [{ issuer, subject, session, identifier }];
    }

    if (type !== 'session-revoked') {
        return subject === undefined ? [] : [{ issuer, subject, identifier }];
    }

    if (identifier.format === 'opaque' && subject !== undefined) {
        return [{ issuer, session: subject, identifier }, { issuer, subject, identifier }];
    }

    return subject === undefined && session === undefined ? [] : [{ issuer, subject, session, identifier }];
};
