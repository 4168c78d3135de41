import { LRUCache } from 'lru-cache';

import { maxSkew } from '../blacklist/clock';
import { digest, issuersOf } from '../blacklist/identities';
import { fail } from '../request/routes';
import { jsonOf } from './body';
import { end } from './ending';
import { senderOf } from './order-token';
import { InvalidRequest, oauthNames, respond, respondToError } from './response';
import { identifierOf, subjectOf } from './subject';

import type { Request } from '@hapi/hapi';
import type { GlobalTokenRevocationSettings } from '../options/settings';
import type { HandlerContext, HandlerKind } from './contract';
import type { ReceivedOrder } from './orders';


// How old (ms) the JWT of a sender may be: the draft recommends five minutes. Its jti is remembered for longer, against a second use

const maxAge = 60 * 60 * 1000;


// For which issuers a sender may order, and how it is authenticated

interface Caller {
    issuers: string[];
    authenticate: (request: Request, now: number) => Promise<{ issuer: string | null; jti: string | null }>;
}


/** draft-parecki-oauth-global-token-revocation-06: everything of a user ends. */
export const globalTokenRevocation: HandlerKind<GlobalTokenRevocationSettings> = {

    method: 'post',

    create(settings, context) {

        const { maxWait, find } = settings;
        const { strategy, orders } = context;
        const caller = callerOf(settings, context);

        return async (request, h) => {

            const received = Date.now();

            const verify = async (): Promise<ReceivedOrder> => {

                const { issuer, jti } = await caller.authenticate(request, received);
                const identifier = identifierOf(jsonOf(request).sub_id);
                const named = subjectOf(identifier, caller.issuers);
                if (!find && named.subject === undefined) {
                    throw new InvalidRequest('invalid_request', 'The format of the subject identifier, or its issuer, is not supported');
                }

                return {
                    issuer,
                    jti,
                    end: () => end({ strategy, named: { issuer, ...named, identifier }, find, extent: 'subject', issued: null, reason: 'global-token-revocation', request })
                };
            };

            try {
                const isKnown = await orders.carryOut({ strategy: strategy.name(), receive: 'global-token-revocation', request, maxWait, verify });
                return isKnown ? respond(h, 204) : respond(h, 404, { error: 'not_found', error_description: 'The user is not known here' });
            }
            catch (error) {
                const response = respondToError(h, error, oauthNames);
                return response.statusCode === 401 ? response.header('www-authenticate', challenge(strategy.settings.realm)) : response;
            }
        };
    }
};


const callerOf = function (settings: GlobalTokenRevocationSettings, context: HandlerContext): Caller {

    const { route, strategy, store } = context;
    const { audience, client } = settings;

    // By the route's own authentication

    if (route.settings.auth) {
        if (audience) {
            fail(route, 'has an auth of its own, and needs no audience for the JWT of a sender');
        }

        const { issuer } = strategy.settings.jwt;
        return { issuers: issuersOf(issuer), authenticate: async () => ({ issuer: null, jti: null }) };
    }

    // By a JWT in the Authorization header (§3.5)

    if (!audience) {
        return fail(route, 'needs audience, the URL by which the sender knows it, or an auth of its own');
    }

    const { issuer, tokens } = senderOf(settings, context, { audience, types: ['global-token-revocation+jwt', 'jwt', undefined], required: ['exp', 'sub'] });

    // The store in memory does not remember them

    const used = new LRUCache<string, string>({ max: 10_000, ttl: maxAge + 2 * maxSkew });

    const authenticate = async (request: Request, now: number) => {

        const [, token] = /^Bearer +([^\s]+)$/i.exec(String(request.headers.authorization)) ?? [];
        if (token === undefined) {
            throw unauthenticated();
        }

        const { jti, iat, sub } = await tokens.verify(token, now).catch((error) => {

            throw error instanceof InvalidRequest ? unauthenticated() : error;
        });

        if (client && !client.includes(sub!) || iat * 1000 < now - maxAge) {
            throw unauthenticated();
        }

        // Single use: who has seen the JWT could log out another user with it. The mark distinguishes a second use from a repeated command to Redis

        const name = digest(Buffer.from(JSON.stringify([issuer, jti])));
        const mark = request.info.id;
        const isOther = (known: string | null | undefined) => typeof known === 'string' && known !== mark;
        if (isOther(used.get(name))) {
            throw unauthenticated();
        }

        used.set(name, mark);
        if (isOther(await store.exchange(`order:${name}`, mark, maxAge + 2 * maxSkew))) {
            throw unauthenticated();
        }

        return { issuer, jti };
    };

    return { issuers: [issuer], authenticate };
};


const unauthenticated = function (): InvalidRequest {

    return new InvalidRequest('authentication_failed', 'A JWT of the sender is needed, which was not used before');
};


const challenge = function (realm: string): string {

    return `Bearer realm="${realm}", error="invalid_token", error_description="A JWT of the sender is needed, which was not used before"`;
};
