// What may be configured. Each line under an @ts-expect-error has to be refused

import * as Hapi from '@hapi/hapi';
import { plugin } from 'hapi-auth-hard-logout';
import { Cluster, Redis } from 'ioredis';

import type {
    Algorithm, BackChannelOptions, Claims, GlobalTokenRevocationOptions, HandlerOptions, Jwk, JwtOptions, LookupOptions, PluginOptions, RefreshTokenPlace, RouteOptions,
    SecurityEventsOptions, SessionOptions, StrategyOptions, Validation
} from 'hapi-auth-hard-logout';


const server = Hapi.server();


// Of the plugin

server.register(plugin);
server.register({ plugin });
server.register({ plugin, options: {} });
server.register({ plugin, options: { redis: process.env.REDIS_URL, prefix: 'futureflix', timeout: 1000, cache: { max: 1000 } } });
server.register({ plugin, options: { redis: { host: '127.0.0.1', port: 6379, password: 'secret' } } });
server.register({ plugin, options: { redis: new Redis({ lazyConnect: true }) } });
server.register({ plugin, options: { redis: new Cluster([], { lazyConnect: true }) } });

export const pluginOptions: PluginOptions[] = [
    {},

    // @ts-expect-error - unknown
    { ttl: 1000 },

    // @ts-expect-error - milliseconds
    { timeout: '1s' },

    // @ts-expect-error - unknown
    { cache: { ttl: 1000 } },

    // @ts-expect-error - neither a place nor a client
    { redis: 6379 }
];


// Of a strategy

const jwt: JwtOptions = { key: 'a shared secret of 32 bytes or more', algorithms: ['HS256'] };

const find = (token: string) => (token === '' ? null : { subject: '42' });

const remove = () => undefined;

server.auth.strategy('least', 'hard-logout', { jwt } satisfies StrategyOptions);

server.auth.strategy('most', 'hard-logout', {
    jwt: {
        key: new URL('https://issuer.example/jwks.json'),
        algorithms: ['RS256', 'ES256', 'EdDSA'],
        signingKey: { kty: 'OKP', kid: '1' },
        issuer: ['https://issuer.example', 'https://other.example'],
        audience: 'api',
        clockTolerance: 0,
        maxAge: 1000,
        ttl: 1000,
        sessionClaim: 'session'
    },
    refreshToken: { cookie: { name: '__Host-refresh', isSecure: true, isSameSite: 'Lax', path: '/' } },
    sessions: { maxIdle: 1000, maxAge: 1000, rotate: false, grace: 0, max: async ({ sub }) => (sub === '42' ? 5 : 1), whenFull: 'refuse' },
    validate: (claims, request, h) => {

        const sub: string = claims.sub;
        const path: string = request.path;
        return { isValid: sub !== path && h.realm !== undefined, credentials: { scope: ['user'], device: claims.device } };
    },
    realm: 'futureflix',
    origins: ['https://app.futureflix.example'],
    clearSiteData: ['cache', 'storage']
} satisfies StrategyOptions);

export const keys: JwtOptions['key'][] = [
    'secret',
    Buffer.from('secret'),
    { kty: 'oct', k: 'secret' },
    { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA' }] },
    new URL('https://issuer.example/jwks.json'),
    () => null,
    async ({ kid }) => ({ kty: 'oct', kid } satisfies Jwk),

    // @ts-expect-error - what it is not
    42,

    // @ts-expect-error - a JWK has a kty
    { k: 'secret' },

    // @ts-expect-error - a function returns a key
    () => new URL('https://issuer.example/jwks.json')
];

export const algorithms: Algorithm[] = [
    'HS256',

    // @ts-expect-error - RFC 8725 §3.2
    'none'
];

export const jwtOptions: JwtOptions[] = [
    jwt,

    // @ts-expect-error - algorithms are always named
    { key: 'secret' },

    // @ts-expect-error - something has to verify
    { algorithms: ['HS256'] },

    // @ts-expect-error - a key set does not sign
    { ...jwt, signingKey: { keys: [] } },

    // @ts-expect-error - milliseconds
    { ...jwt, ttl: '15m' }
];

export const places: RefreshTokenPlace[] = [
    { query: 'refreshToken' },
    { header: 'x-refresh-token' },
    { cookie: '__Host-refresh' },

    // @ts-expect-error - one place
    {},

    // @ts-expect-error - one place
    { query: 'refreshToken', header: 'x-refresh-token' },

    // @ts-expect-error - always HttpOnly
    { cookie: { name: 'refresh', isHttpOnly: false } },

    // @ts-expect-error - no such value
    { cookie: { name: 'refresh', isSameSite: false } },

    // @ts-expect-error - a policy is no place
    { query: 'refreshToken', ttl: 1000 }
];

export const sessions: SessionOptions[] = [
    {},
    { maxIdle: 1000, maxAge: 2000, rotate: false, grace: 0 },
    { max: (claims) => (claims.scope ? 1 : 2), whenFull: 'refuse' },

    // @ts-expect-error - milliseconds
    { maxIdle: '30d' }
];

export const lookups: LookupOptions[] = [
    { find, remove },
    { find: async (token) => ({ subject: token }), remove: async () => true },
    {
        maxAge: 1000,
        find: (token, request) => ({
            subject: '42',
            session: request?.path ?? token,
            issued: new Date(),
            expires: Date.now() + 1000,
            credentials: { user: {}, scope: ['user'], row: 7 }
        }),
        remove: (token, request) => request?.log(token)
    },

    // @ts-expect-error - neither without the other
    { find },

    // @ts-expect-error - neither without the other
    { remove },

    // @ts-expect-error - whose it is
    { find: () => ({ session: '1' }), remove },

    // @ts-expect-error - the app rotates its tokens itself
    { find, remove, rotate: true }
];

export const strategies: StrategyOptions[] = [
    { jwt },
    { jwt, refreshToken: { query: 'refreshToken' } },
    { jwt, refreshToken: { query: 'refreshToken' }, lookup: { find, remove } },

    // @ts-expect-error - nothing verifies
    { refreshToken: { query: 'refreshToken' } },

    // @ts-expect-error - unknown
    { jwt, cookie: 'refresh' },

    // @ts-expect-error - sessions of ours or tokens of the app, not half of each
    { jwt, refreshToken: { query: 'refreshToken' }, lookup: { find } },

    // @ts-expect-error - a boolean is no answer
    { jwt, validate: () => true },

    // @ts-expect-error - claims are what they are
    { jwt, validate: (claims: { sub: number }) => ({ isValid: claims.sub > 0 }) }
];

export const validate = (claims: Claims): Validation => {

    const session: string | undefined = claims.sid;

    // @ts-expect-error - seconds, and not always there
    const expires: number = claims.exp;

    return { isValid: session !== undefined && expires > 0 };
};


// Of a route

const handler = () => null;

server.route({ method: 'GET', path: '/', options: { plugins: { 'hard-logout': { tokens: 'either' } } }, handler });
server.route({ method: 'POST', path: '/', options: { plugins: { 'hard-logout': { tokens: 'both', revoke: 'subject' } } }, handler });
server.route({ method: 'POST', path: '/', options: { plugins: { 'hard-logout': { revoke: true, allowSafeMethods: true } } }, handler });

// @ts-expect-error - no such tokens
server.route({ method: 'GET', path: '/', options: { plugins: { 'hard-logout': { tokens: 'all' } } }, handler });

// @ts-expect-error - no such extent
server.route({ method: 'POST', path: '/', options: { plugins: { 'hard-logout': { revoke: 'everyone' } } }, handler });

export const routes: RouteOptions[] = [
    {},
    { revoke: false },

    // @ts-expect-error - unknown
    { scope: ['user'] }
];


// Of a handler

server.route({ method: 'POST', path: '/token', handler: { 'hard-logout': { endpoint: 'token', strategy: 'session' } } });
server.route({ method: 'POST', path: '/logout', handler: { 'hard-logout': { receive: 'back-channel', strategy: 'session', client: 'shop' } } });

// @ts-expect-error - no such endpoint
server.route({ method: 'POST', path: '/authorize', handler: { 'hard-logout': { endpoint: 'authorization', strategy: 'session' } } });

export const handlers: HandlerOptions[] = [
    { endpoint: 'revocation', strategy: 'session' },
    { endpoint: 'introspection', strategy: 'session' },
    { endpoint: 'metadata', strategy: 'session', url: 'https://api.example' },

    // @ts-expect-error - a strategy is always named
    { endpoint: 'revocation' }
];

server.route({ method: 'POST', path: '/backchannel-logout', handler: { 'hard-logout': { receive: 'back-channel', strategy: 'keycloak', client: 'shop' } } });

// @ts-expect-error - no client
server.route({ method: 'POST', path: '/backchannel-logout', handler: { 'hard-logout': { receive: 'back-channel', strategy: 'keycloak' } } });

// @ts-expect-error - no such kind
server.route({ method: 'POST', path: '/frontchannel-logout', handler: { 'hard-logout': { receive: 'front-channel', strategy: 'keycloak' } } });

export const backChannelOptions: BackChannelOptions[] = [
    { receive: 'back-channel', strategy: 'session', client: ['a', 'b'], issuer: 'https://a.example', key: new URL('https://a.example/keys'), algorithms: ['RS256'], maxWait: 0, extent: 'subject' },
    { receive: 'back-channel', strategy: 'session', client: 'a', find: ({ issuer, subject, session }) => (issuer && session ? { session } : subject ? [{ subject }] : null) },

    // @ts-expect-error - unknown
    { receive: 'back-channel', strategy: 'session', client: 'a', audience: 'a' }
];

// @ts-expect-error - a session or a subject
export const findBoth: BackChannelOptions['find'] = () => ({ session: 'a', subject: 'b' });

export const globalTokenRevocationOptions: GlobalTokenRevocationOptions = {
    receive: 'global-token-revocation',
    strategy: 'session',
    audience: 'https://api.example/revoke',
    find: async ({ identifier }) => (identifier?.format === 'email' ? { subject: String(identifier.email) } : null)
};

export const securityEventsOptions: SecurityEventsOptions[] = [
    { receive: 'security-events', strategy: 'session', audience: 'https://api.example/events', events: ['session-revoked'] },

    // @ts-expect-error - no such event
    { receive: 'security-events', strategy: 'session', audience: 'https://api.example/events', events: ['device-compliance-change'] }
];
