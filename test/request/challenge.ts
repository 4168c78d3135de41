import * as Boom from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { Outage } from '../../lib/errors/outage';
import { Challenges, isUnavailable } from '../../lib/request/challenge';
import { bearer, jwt, prepare } from '../support/server';
import { parseChallenges } from '../support/challenge-parser';
import { inspectField, seen } from '../support/challenges';
import { RedisServer } from '../support/redis';
import { mint } from '../support/tokens';

import type { Request, ServerInjectOptions, ServerInjectResponse } from '@hapi/hapi';
import type { ChallengeCode, StrategyOptions } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();

const { afterEach, describe, it } = lab;

const now = Date.now;


/** How a server is brought to refuse with a code, and what the client is told then. */
interface Case {
    status: 400 | 401 | 403 | 409;
    error?: 'invalid_request' | 'invalid_token' | 'insufficient_user_authentication';
    params?: Record<string, string>;
    description: string;
    strategy?: Partial<StrategyOptions>;

    /** What is sent, after a login. */
    request: (pair: Pair, prepared: Prepared) => ServerInjectOptions | Promise<ServerInjectOptions>;
}


const get = function (authorization: unknown, url = '/me'): ServerInjectOptions {

    return { method: 'GET', url, headers: { authorization } as Record<string, string> };
};

const post = function (path: string, refreshToken: string, accessToken?: string): ServerInjectOptions {

    return { method: 'POST', url: `${path}?refreshToken=${refreshToken}`, ...accessToken && { headers: bearer(accessToken) } };
};


// The type demands one of each

const cases: Record<ChallengeCode, Case> = {
    access_token_malformed: {
        status: 400,
        error: 'invalid_request',
        description: 'The access token is malformed',
        request: () => get('Bearer a b')
    },
    access_token_repeated: {
        status: 400,
        error: 'invalid_request',
        description: 'The access token is repeated',
        request: (pair) => get([`Bearer ${pair.jwt}`, `Bearer ${pair.jwt}`])
    },
    refresh_token_malformed: {
        status: 400,
        error: 'invalid_request',
        description: 'The refresh token is malformed',
        request: (pair) => post('/token', 'x'.repeat(20_000))
    },
    refresh_token_repeated: {
        status: 400,
        error: 'invalid_request',
        description: 'The refresh token is repeated',
        request: (pair) => post('/token', `${pair.refreshToken}&refreshToken=${pair.refreshToken}`)
    },
    access_token_missing: {
        status: 401,
        error: 'invalid_token',
        description: 'The access token is missing',
        request: (pair) => post('/logout', pair.refreshToken)
    },
    access_token_invalid: {
        status: 401,
        error: 'invalid_token',
        description: 'The access token is invalid',
        request: () => get('Bearer x.y.z')
    },
    access_token_expired: {
        status: 401,
        error: 'invalid_token',
        description: 'The access token expired',
        request: (pair) => {

            const later = now() + 60 * 60_000;
            Date.now = () => later;
            return get(`Bearer ${pair.jwt}`);
        }
    },
    access_token_revoked: {
        status: 401,
        error: 'invalid_token',
        description: 'The access token was revoked',
        request: async (pair, { auth }) => {

            await auth.revoke({ accessToken: pair.jwt });
            return get(`Bearer ${pair.jwt}`);
        }
    },
    refresh_token_missing: {
        status: 401,
        error: 'invalid_token',
        description: 'The refresh token is missing',
        request: (pair) => post('/logout', '', pair.jwt)
    },
    refresh_token_invalid: {
        status: 401,
        error: 'invalid_token',
        description: 'The refresh token is invalid',
        request: () => post('/token', 'unknown')
    },
    refresh_token_expired: {
        status: 401,
        error: 'invalid_token',
        description: 'The refresh token expired',
        strategy: { refreshToken: { query: 'refreshToken' }, lookup: { find: () => ({ subject: '42', expires: 1 }), remove: () => undefined } },
        request: () => post('/wanted', 'of-the-app')
    },
    refresh_token_revoked: {
        status: 401,
        error: 'invalid_token',
        description: 'The refresh token was revoked',
        request: async (pair, { auth }) => {

            await auth.revoke({ refreshToken: pair.refreshToken });
            return post('/token', pair.refreshToken);
        }
    },
    refresh_token_reused: {
        status: 401,
        error: 'invalid_token',
        description: 'The refresh token was used before',
        strategy: { refreshToken: { query: 'refreshToken' }, sessions: { grace: 0 } },
        request: async (pair, { auth }) => {

            await auth.refresh(pair.refreshToken);
            return post('/token', pair.refreshToken);
        }
    },
    tokens_mismatched: {
        status: 401,
        error: 'invalid_token',
        description: 'The access token and the refresh token do not belong together',
        request: async (pair, { login }) => post('/logout', (await login()).refreshToken, pair.jwt)
    },
    credentials_refused: {
        status: 401,
        error: 'invalid_token',
        description: 'The credentials were refused',
        strategy: { validate: () => ({ isValid: false }) },
        request: (pair) => get(`Bearer ${pair.jwt}`)
    },
    insufficient_user_authentication: {
        status: 401,
        error: 'insufficient_user_authentication',
        params: { acr_values: 'gold silver', max_age: '90' },
        description: 'A more recent or a stronger authentication is required',
        request: (pair, { server }) => {

            server.route({ method: 'GET', path: '/vault', options: { plugins: { 'hard-logout': { maxAuthAge: 90_500, acr: ['gold', 'silver'] } } }, handler: () => 'never' });
            return get(`Bearer ${pair.jwt}`, '/vault');
        }
    },
    cross_origin_refused: {
        status: 403,
        description: 'The request came from another origin',
        strategy: { refreshToken: { cookie: 'refresh' } },
        request: (pair) => ({ method: 'POST', url: '/token', headers: { cookie: `refresh=${pair.refreshToken}`, 'sec-fetch-site': 'cross-site' } })
    },
    too_many_sessions: {
        status: 409,
        description: 'The user has too many sessions',
        strategy: { sessions: { max: 1, whenFull: 'refuse' } },
        request: () => ({ method: 'POST', url: '/login' })
    },
    actor_refused: {
        status: 403,
        description: 'An actor cannot end the other sessions of the user',
        request: async (pair, { server }) => {

            server.route({ method: 'POST', path: '/everywhere', options: { plugins: { 'hard-logout': { tokens: 'access', revoke: 'subject' } } }, handler: () => 'never' });
            return { method: 'POST', url: '/everywhere', headers: bearer(await mint({ act: { sub: 'agent' } })) };
        }
    }
};


const phrases = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 409: 'Conflict' };


const refusalOf = function (request: Request): Boom.Boom<object> & { isMissing?: boolean } {

    return request.auth.error as Boom.Boom<object>;
};


/** What an `onPreResponse` extension of the app's gets to see. */
const shown = function ({ response }: Request): Boom.Boom<object> {

    return (response as unknown as { _error: Boom.Boom<object> })._error;
};


const challengesOf = function (res: ServerInjectResponse) {

    const field = res.headers['www-authenticate'] as unknown as string | undefined;
    return field === undefined ? [] : parseChallenges(field);
};


describe('Challenges', () => {

    afterEach(() => {

        Date.now = now;
    });

    for (const [code, { status, error, params, description, strategy, request }] of Object.entries(cases)) {

        it(`responds to ${code} with ${status} and ${error ?? 'no challenge'}, once, and nothing that a cache would keep`, async () => {

            const prepared = await prepare(strategy);
            prepared.server.route({
                method: 'POST',
                path: '/wanted',
                options: { plugins: { 'hard-logout': { tokens: 'refresh' } } },
                handler: () => 'never'
            });

            const own = !strategy?.lookup;
            const pair = own ? await prepared.login() : { jwt: '', refreshToken: '' };
            const res = await prepared.server.inject(await request(pair, prepared));

            expect(res.statusCode).to.equal(status);
            expect(res.headers['cache-control']).to.equal('no-store');
            expect(challengesOf(res)).to.equal(error ? [{ scheme: 'Bearer', params: { realm: 'api', error, error_description: description, ...params } }] : []);
            expect(res.result).to.equal({ statusCode: status, error: phrases[status], message: description, code });

            const refusal: ReturnType<typeof refusalOf> = refusalOf(res.request) ?? shown(res.request);
            expect(refusal.data).to.equal({ code, ...code === 'access_token_invalid' && { detail: 'it cannot be read as a JWT' } });
            expect(refusal.isMissing).to.be.undefined();

            // RFC 6750 §3: what error and error_description may consist of

            expect(description).to.match(/^[ !#-[\]-~]+$/);
        });
    }

    it('responds to a request without credentials with 401 and no error', async () => {

        const { server } = await prepare();

        const res = await server.inject('/me');

        expect(res.statusCode).to.equal(401);
        expect(challengesOf(res)).to.equal([{ scheme: 'Bearer', params: { realm: 'api' } }]);
        expect(res.result).to.equal({ statusCode: 401, error: 'Unauthorized', message: 'Missing authentication', code: 'credentials_missing' });
        expect(res.headers['cache-control']).to.equal('no-store');
        expect(shown(res.request).data).to.equal({ code: 'credentials_missing' });
    });

    it('leaves every other refusal of a stranger alone', async () => {

        const { server, login } = await prepare();
        server.auth.strategy('second', 'hard-logout', { jwt, refreshToken: { header: 'x-refresh-token' } });
        server.auth.scheme('slow', () => ({ authenticate: () => new Promise<never>(() => undefined) }));
        server.auth.strategy('slow', 'slow');
        server.route([
            {
                method: 'GET',
                path: '/handler',
                options: { auth: { strategies: ['session', 'second'] }, plugins: { 'hard-logout': { tokens: 'refresh' } } },
                handler: () => Boom.unauthorized('Not by me')
            },
            {
                method: 'GET',
                path: '/optional',
                options: { auth: { mode: 'optional' } },
                handler: () => Boom.unauthorized('Not by me')
            },
            {
                method: 'GET',
                path: '/slow',
                options: { auth: { strategies: ['session', 'slow'] }, timeout: { server: 20 } },
                handler: () => 'never'
            }
        ]);

        const { refreshToken } = await login();
        for (const [url, status] of [['/handler', 401], ['/optional', 401], ['/slow', 503]] as const) {
            const res = await server.inject({ url, headers: { 'x-refresh-token': refreshToken } });
            expect(res.statusCode).to.equal(status);
            expect(res.headers['cache-control']).to.equal('no-cache');
            expect(shown(res.request).data).to.be.null();
            expect(res.result).to.not.include('code');
        }
    });

    it('names the realm of the strategy', async () => {

        const realm = 'Futureflix, the \'api\'';
        const { server } = await prepare({ realm });

        const missing = await server.inject('/me');
        const refused = await server.inject(get('Bearer x'));

        expect(challengesOf(missing)[0]!.params.realm).to.equal(realm);
        expect(challengesOf(refused)[0]!.params.realm).to.equal(realm);
    });

    it('names the metadata of the resource, where the strategy has some', async () => {

        const resourceMetadata = 'https://futureflix.example/.well-known/oauth-protected-resource?a=b,c';
        const { server, login } = await prepare({ resourceMetadata });
        server.route({ method: 'GET', path: '/admin', options: { auth: { access: { scope: 'admin' } } }, handler: () => 'never' });

        const missing = await server.inject('/me');
        const refused = await server.inject(get('Bearer x'));
        const forbidden = await server.inject(get(`Bearer ${(await login()).jwt}`, '/admin'));

        expect(missing.headers['www-authenticate']).to.equal(`Bearer realm="api", resource_metadata="${resourceMetadata}"`);
        expect([missing, refused, forbidden].map((res) => challengesOf(res)[0]!.params.resource_metadata)).to.equal([resourceMetadata, resourceMetadata, resourceMetadata]);
    });

    it('lists the challenges of all strategies where nothing was presented', async () => {

        const { server } = await prepare();
        server.auth.strategy('other', 'hard-logout', { jwt, realm: 'other' });
        server.auth.scheme('basic', () => ({

            authenticate() {

                throw Boom.unauthorized(null as unknown as string, 'Basic', { realm: 'basic' });
            }
        }));
        server.auth.strategy('basic', 'basic');
        server.route({ method: 'GET', path: '/several', options: { auth: { strategies: ['session', 'other', 'basic'] } }, handler: () => 'never' });

        const res = await server.inject('/several');

        expect(res.statusCode).to.equal(401);
        expect(challengesOf(res)).to.equal([
            { scheme: 'Bearer', params: { realm: 'api' } },
            { scheme: 'Bearer', params: { realm: 'other' } },
            { scheme: 'Basic', params: { realm: 'basic' } }
        ]);
    });

    it('responds to a lacking scope with 403 and insufficient_scope', async () => {

        const { server, login } = await prepare();
        server.route({ method: 'GET', path: '/admin', options: { auth: { access: { scope: 'admin' } } }, handler: () => 'never' });

        const res = await server.inject(get(`Bearer ${(await login()).jwt}`, '/admin'));

        expect(res.statusCode).to.equal(403);
        expect(challengesOf(res)).to.equal([{
            scheme: 'Bearer',
            params: { realm: 'api', error: 'insufficient_scope', error_description: 'The access token lacks a scope' }
        }]);
        expect(res.headers['cache-control']).to.equal('no-store');
        expect(res.result).to.equal({ statusCode: 403, error: 'Forbidden', message: 'Insufficient scope', code: 'insufficient_scope' });
        expect(shown(res.request).data).to.include({ code: 'insufficient_scope' });
        expect(shown(res.request).data).to.include('need');
    });

    it('leaves other refusals with 403 alone', async () => {

        const { server, login } = await prepare();
        server.route([
            { method: 'GET', path: '/machine', options: { auth: { access: { entity: 'app' } } }, handler: () => 'never' },
            { method: 'GET', path: '/forbidden', handler: () => Boom.forbidden('Not today') }
        ]);

        const { jwt: accessToken } = await login();
        for (const path of ['/machine', '/forbidden']) {
            const res = await server.inject(get(`Bearer ${accessToken}`, path));
            expect(res.statusCode).to.equal(403);
            expect(res.headers).to.not.include('www-authenticate');
        }
    });
});


describe('An outage', () => {

    it('responds to a lost store with 503 and Retry-After: no challenge, no stored answer, nothing of the store', async () => {

        const redis = await RedisServer.start({ isSettled: true });
        try {
            const { server, login } = await prepare({}, { redis: redis.options(), timeout: 50 });
            await server.initialize();
            const { refreshToken } = await login();
            await redis.kill();

            const res = await server.inject(post('/token', refreshToken));

            expect(res.statusCode).to.equal(503);
            expect(Number(res.headers['retry-after'])).to.equal(1);
            expect(res.headers['cache-control']).to.equal('no-store');
            expect(res.headers).to.not.include('www-authenticate');
            expect(res.result).to.equal({ statusCode: 503, error: 'Service Unavailable', message: 'The token store cannot be reached', code: 'store_unavailable' });
            expect(refusalOf(res.request).data).to.equal({ code: 'store_unavailable' });

            await server.stop();
        }
        finally {
            await redis.stop();
        }
    });

    it('does not stand in for a bug', async () => {

        const { server, login } = await prepare({
            validate: () => {

                throw new TypeError('a bug');
            }
        });

        const res = await server.inject(get(`Bearer ${(await login()).jwt}`));

        expect(res.statusCode).to.equal(500);
        expect(res.headers).to.not.include('www-authenticate');
        expect(res.headers).to.not.include('retry-after');
    });
});


describe('isUnavailable()', () => {

    it('distinguishes the response to an outage from other errors', () => {

        expect(isUnavailable(new Challenges({ realm: 'api' }).responseTo(new Outage('Redis: away')))).to.be.true();
        for (const error of [Boom.serverUnavailable(), Boom.notFound('', { code: 'other' }), new Outage('Redis: away'), new Error('a bug'), undefined]) {
            expect(isUnavailable(error)).to.be.false();
        }
    });
});


describe('The eye that these tests keep on all challenges', () => {

    it('sees every one that any server of this process sends', async () => {

        const { server } = await prepare();
        const before = seen.fields;
        await server.inject('/me');
        await server.inject(get('Bearer x'));
        await Hapi.server().inject('/');
        expect(seen.fields - before).to.equal(2);
    });

    it('finds what RFC 6750 does not have', () => {

        const good = [
            'Bearer realm="api"', 'Bearer realm="a", error="invalid_token", error_description="It expired"', 'Basic realm="x", error="1"', 'Basic dTpw',
            'Bearer realm="a", Bearer realm="b", error="insufficient_scope", error_description="x"'
        ];

        for (const field of good) {
            inspectField(field);
        }

        const broken = [
            'Bearer', 'Bearer x', 'Bearer error="invalid_token", error_description="x"', 'Bearer realm="a", error="invalid_token"', 'Bearer realm="a", error_description="x"',
            'Bearer realm="a", error="invalid_grant", error_description="x"', 'Bearer realm="a", error="invalid_token", error_description=""', 'Bearer realm="a", realm="b"',
            'Bearer realm="a", error="invalid_token", error="invalid_token", error_description="x"', 'Bearer realm="a", error="invalid_token", error_description="a\\"b"',
            'Bearer realm="a", attributes="x"', 'Bearer realm="a", resource_metadata="x"', 'Bearer realm="a" error="invalid_token"', 'Basic realm="x", Bearer'
        ];

        for (const field of broken) {
            expect(() => inspectField(field), field).to.throw();
        }
    });
});


describe('The parser of these tests', () => {

    it('reads parameters, quoted or not, several challenges, and token68', () => {

        expect(parseChallenges('Bearer')).to.equal([{ scheme: 'Bearer', params: {} }]);
        expect(parseChallenges('A x=1, Y = "2, \\"3\\"" , B, C dG9rZW4=, D z=""')).to.equal([
            { scheme: 'A', params: { x: '1', y: '2, "3"' } },
            { scheme: 'B', params: {} },
            { scheme: 'C', params: {}, token68: 'dG9rZW4=' },
            { scheme: 'D', params: { z: '' } }
        ]);
    });

    it('refuses what the grammar does not have', () => {

        const broken = ['', ' Bearer', 'Bearer ', 'Bearer a="b', 'Bearer a="\u00e9"', 'Bearer a="b" c="d"', 'Bearer a="1", A="2"', 'Bearer,', 'Bearer a=1,, b=2', 'Bearer a=1,'];
        for (const field of broken) {
            expect(() => parseChallenges(field), field).to.throw();
        }
    });
});
