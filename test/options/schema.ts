import { createSecretKey } from 'node:crypto';
import { inspect } from 'node:util';

import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { plugin } from '../../lib';
import { pluginSettings, routeSettings, strategySettings } from '../../lib/options/schema';
import { secret } from '../support/server';

import type { PluginOptions } from '../../lib';


export const lab = Lab.script();

const { describe, it } = lab;


const day = 24 * 60 * 60 * 1000;

const century = 36_500 * day;


// What must never be seen in an error. No message of ours or of joi's holds it by accident

const value = 'hunter2-hunter2';


const find = () => null;

const revoke = () => undefined;

const minimal = { key: secret, algorithms: ['HS256'] };


const thrownBy = function (work: () => unknown): Error {

    try {
        work();
    }
    catch (error) {
        return error as Error;
    }

    throw new Error('Nothing was thrown');
};


/** The one sentence that is told, without the values given: `value` is nowhere in the error. */
const refusal = function (work: () => unknown): string {

    const error = thrownBy(work);
    for (const text of [error.message, error.stack!, inspect(error, { depth: Infinity, showHidden: true })]) {
        expect(text).to.not.include(value);
    }

    expect(error.message).to.startWith('hard-logout: ');
    return error.message;
};


const setStrategy = async function (options?: object): Promise<Hapi.Server> {

    const server = Hapi.server({ debug: false });
    await server.register(plugin);
    server.auth.strategy('session', 'hard-logout', options);
    return server;
};


const plain = function (options: unknown) {

    return () => pluginSettings(options);
};


const strategy = function (options?: unknown) {

    return () => strategySettings(options);
};


const withJwt = (jwt: object) => strategy({ jwt: { ...minimal, ...jwt } });

const withRefresh = (refreshToken: unknown) => strategy({ jwt: minimal, refreshToken });

const withCookie = (cookie: unknown) => withRefresh({ cookie });

const withSessions = (sessions: unknown) => strategy({ jwt: minimal, refreshToken: { query: 'a' }, sessions });

const withLookup = (lookup: unknown) => strategy({ jwt: minimal, refreshToken: { query: 'a' }, lookup });


const route = function (options: unknown) {

    return () => routeSettings(options, 'GET /');
};


describe('pluginSettings()', () => {

    it('has defaults', () => {

        const defaults = { prefix: 'hard-logout', timeout: 400, lease: 1500, startWithoutStore: false, cache: { max: 100_000 }, events: { client: false } };

        expect<object>(pluginSettings(undefined)).to.equal(defaults);
        expect<object>(pluginSettings({})).to.equal(defaults);
        expect<object>(pluginSettings({ cache: {} })).to.equal(defaults);
    });

    it('takes every option', () => {

        const options = { redis: 'redis://localhost', prefix: 'futureflix:logout', timeout: 1000, lease: false as const, startWithoutStore: true, cache: { max: 5 }, events: { client: () => ({}) } };
        expect(pluginSettings(options)).to.equal(options);
    });

    it('takes a client of the user\'s as it is, and options as well', () => {

        const client = new Redis({ lazyConnect: true });
        const options = { host: 'redis.example' };

        expect(pluginSettings({ redis: client }).redis).to.shallow.equal(client);
        expect(pluginSettings({ redis: options }).redis).to.shallow.equal(options);
    });

    it('takes numbers at the ends of their ranges', () => {

        for (const options of [{ timeout: 10 }, { timeout: 60_000 }, { lease: 100 }, { lease: 60_000 }, { prefix: 'p'.repeat(100) }]) {
            expect(pluginSettings(options)).to.include(options);
        }

        for (const max of [1, 10_000_000]) {
            expect(pluginSettings({ cache: { max } }).cache).to.equal({ max });
        }
    });

    for (const [message, options] of Object.entries<unknown>({
        'value must be of type object': value,
        'secret is not allowed': { secret: value },
        'events.client must be a boolean or a function': { events: { client: value } },
        'events.clients is not allowed': { events: { clients: true } },
        'cache.ttl is not allowed': { cache: { ttl: value } },
        'cache must be of type object': { cache: value },
        'cache.max must be a number': { cache: { max: value } },
        'cache.max must be greater than or equal to 1': { cache: { max: 0 } },
        'cache.max must be less than or equal to 10000000': { cache: { max: 10_000_001 } },
        'cache.max must be an integer': { cache: { max: 1.5 } },
        'timeout must be greater than or equal to 10': { timeout: 9 },
        'timeout must be less than or equal to 60000': { timeout: 60_001 },
        'timeout must be an integer': { timeout: 10.5 },
        'timeout must be a number': { timeout: NaN },
        'lease must be greater than or equal to 100': { lease: 99 },
        'lease must be less than or equal to 60000': { lease: 60_001 },
        'lease must be an integer': { lease: 100.5 },
        'lease must be a number': { lease: value },
        'startWithoutStore must be a boolean': { startWithoutStore: value },
        'prefix must be a string': { prefix: 7 },
        'prefix is not allowed to be empty': { prefix: '' },
        'prefix length must be less than or equal to 100 characters long': { prefix: value.repeat(7) },
        'prefix must be a text without braces and white space': { prefix: `{${value}}` }
    })) {
        it(`refuses: ${message}`, () => {

            expect(refusal(plain(options))).to.equal(`hard-logout: invalid plugin options: ${message}`);
        });
    }

    it('refuses a prefix that would choose another slot, or break a key', () => {

        for (const prefix of ['a b', 'a\n', 'a{', 'a}']) {
            expect(refusal(plain({ prefix }))).to.endWith('prefix must be a text without braces and white space');
        }
    });

    it('refuses a redis that is none, without its text', () => {

        expect(refusal(plain({ redis: `http://:${value}@localhost` }))).to.startWith('hard-logout: invalid plugin options: redis must be a URL that starts with redis://');
    });

    it('stops the registration, without the password of a URL', async () => {

        const server = Hapi.server();
        const options = { redis: `redis://:${value}@localhost`, cash: {} } as PluginOptions;

        const error: Error = await expect(server.register({ plugin, options })).to.reject('hard-logout: invalid plugin options: cash is not allowed');

        expect(inspect(error, { depth: Infinity, showHidden: true })).to.not.include(value);
    });
});


describe('strategySettings()', () => {

    it('has defaults', () => {

        expect(strategySettings({ jwt: minimal })).to.equal({
            jwt: {
                key: secret,
                algorithms: ['HS256'],
                issuer: [],
                clockTolerance: 5000,
                maxAge: 30 * day,
                ttl: 15 * 60_000,
                sessionClaim: 'sid',
                allowBoundTokens: false,
                cache: { maxBytes: 256 * 1024 * 1024 }
            },
            onOutage: 'reject',
            realm: 'api',
            origins: [],
            clearSiteData: []
        });
    });

    it('has defaults for sessions, which are there with a refreshToken', () => {

        const sessions = { maxIdle: 30 * day, maxAge: 90 * day, rotate: true, grace: 10_000, max: 100, whenFull: 'end-oldest' as const };
        expect(strategySettings({ jwt: minimal, refreshToken: { query: 'refreshToken' } })).to.include({
            refreshToken: { place: { from: 'query', name: 'refreshToken' } },
            sessions
        });

        expect(strategySettings({ jwt: minimal, refreshToken: { query: 'refreshToken' }, sessions: { grace: 0 } }).sessions).to.equal({ ...sessions, grace: 0 });
        expect(strategySettings({ jwt: minimal })).to.not.include(['refreshToken', 'sessions', 'lookup']);
    });

    it('has defaults for a lookup, which takes the place of sessions', () => {

        const settings = strategySettings({ jwt: minimal, refreshToken: { query: 'refreshToken' }, lookup: { find, remove: revoke } });
        expect(settings.lookup).to.equal({ maxAge: 90 * day, find, remove: revoke });
        expect(settings).to.not.include('sessions');
    });

    for (const [message, options] of Object.entries<unknown>({
        'sessions.ttl is called sessions.maxIdle now': { refreshToken: { query: 'token' }, sessions: { ttl: day } },
        'refreshToken.ttl is called sessions.maxIdle now': { refreshToken: { query: 'token', ttl: day } },
        'refreshToken.maxAge is called sessions.maxAge, or lookup.maxAge, now': { refreshToken: { query: 'token', maxAge: day } },
        'refreshToken.rotate is called sessions.rotate now': { refreshToken: { query: 'token', rotate: false } },
        'refreshToken.grace is called sessions.grace now': { refreshToken: { query: 'token', grace: 0 } },
        'refreshToken.find is called lookup.find now': { refreshToken: { query: 'token', find } },
        'refreshToken.revoke is called lookup.remove now': { refreshToken: { query: 'token', revoke } },
        'outage is called onOutage now': { outage: 'accept' }
    })) {
        it(`tells the new name of an option: ${message}`, () => {

            expect(() => strategySettings({ jwt: minimal, ...options as object })).to.throw(`hard-logout: invalid strategy options: ${message}`);
        });
    }

    it('takes every option', () => {

        const key = createSecretKey(secret, 'utf8');
        const validate = () => ({ isValid: true });
        const jwt = {
            key,
            algorithms: ['HS512' as const, 'HS256' as const],
            signingKey: { kty: 'oct', k: 'c2VjcmV0' },
            issuer: ['a', 'b'],
            audience: ['c', 'd'],
            clockTolerance: 0,
            maxAge: 2000,
            ttl: 1000,
            sessionClaim: 'login',
            allowBoundTokens: true,
            cache: { maxBytes: 1_048_576 }
        };

        const settings = strategySettings({
            jwt,
            refreshToken: { header: 'X-Refresh-Token' },
            sessions: { maxIdle: 3000, maxAge: 4000, rotate: false, grace: 0, max: 7, whenFull: 'refuse' },
            validate,
            realm: 'Futureflix'
        });

        expect(settings.jwt).to.equal(jwt);
        expect(settings.jwt.key).to.shallow.equal(key);
        expect(settings.validate).to.shallow.equal(validate);
        expect(settings.realm).to.equal('Futureflix');
        expect(settings.refreshToken).to.equal({ place: { from: 'header', name: 'x-refresh-token' } });
        expect(settings.sessions).to.equal({ maxIdle: 3000, maxAge: 4000, rotate: false, grace: 0, max: 7, whenFull: 'refuse' });
    });

    it('has access tokens live no longer than jwt.maxAge by default', () => {

        expect(withJwt({ maxAge: 60_000 })().jwt).to.include({ maxAge: 60_000, ttl: 60_000 });
    });

    it('takes one issuer and one audience for a list of them', () => {

        const { jwt } = withJwt({ issuer: 'a', audience: 'b' })();
        expect(jwt).to.include({ issuer: ['a'], audience: ['b'] });
    });

    it('takes durations at the ends of their ranges', () => {

        for (const options of [{ clockTolerance: 300_000 }, { maxAge: century }, { maxAge: century, ttl: century }, { maxAge: 1000 }, { ttl: 1000 }, { cache: false as const }]) {
            expect(withJwt(options)().jwt).to.include(options);
        }

        for (const options of [{ grace: 300_000 }, { maxAge: century }, { maxIdle: century }, { maxAge: 1000 }, { maxIdle: 1000 }, { max: 1 }, { max: 1000 }, { max: () => 5 }]) {
            expect(withSessions(options)().sessions).to.include(options);
        }
    });

    for (const [message, work] of Object.entries({

        // The strategy

        'value is required': strategy(),
        'value must be of type object': strategy(value),
        'secret is not allowed': strategy({ jwt: minimal, secret: value }),
        'jwt is required': strategy({}),
        'jwt must be of type object': strategy({ jwt: value }),
        'validate must be of type function': strategy({ jwt: minimal, validate: value }),
        'onOutage must be one of [reject, serve]': strategy({ jwt: minimal, onOutage: value }),
        'realm must be a string': strategy({ jwt: minimal, realm: 1 }),
        'realm is not allowed to be empty': strategy({ jwt: minimal, realm: '' }),
        'realm must be printable ASCII without quotes and backslashes': strategy({ jwt: minimal, realm: `"${value}"` }),

        // The access token

        'jwt.secret is not allowed': withJwt({ secret: value }),
        'jwt.key is required': withJwt({ key: undefined }),
        'jwt.algorithms is required': withJwt({ algorithms: undefined }),
        'jwt.algorithms must be an array': withJwt({ algorithms: value }),
        'jwt.algorithms must contain at least 1 items': withJwt({ algorithms: [] }),
        'jwt.algorithms[1] contains a duplicate value': withJwt({ algorithms: ['HS256', 'HS256'] }),
        'jwt.issuer must be a string': withJwt({ issuer: { value } }),
        'jwt.issuer must contain at least 1 items': withJwt({ issuer: [] }),
        'jwt.issuer[1] must be a string': withJwt({ issuer: ['a', { value }] }),
        'jwt.audience must be a string': withJwt({ audience: { value } }),
        'jwt.audience must contain at least 1 items': withJwt({ audience: [] }),
        'jwt.audience[0] is not allowed to be empty': withJwt({ audience: [''] }),
        'jwt.clockTolerance must be greater than or equal to 0': withJwt({ clockTolerance: -1 }),
        'jwt.clockTolerance must be less than or equal to 300000': withJwt({ clockTolerance: 300_001 }),
        'jwt.clockTolerance must be an integer': withJwt({ clockTolerance: 0.5 }),
        'jwt.clockTolerance must be a number': withJwt({ clockTolerance: value }),
        'jwt.maxAge must be greater than or equal to 1000': withJwt({ maxAge: 999 }),
        [`jwt.maxAge must be less than or equal to ${century}`]: withJwt({ maxAge: century + 1 }),
        'jwt.maxAge must be an integer': withJwt({ maxAge: 1000.5 }),
        'jwt.maxAge must be a number': withJwt({ maxAge: value }),
        'jwt.maxAge cannot be infinity': withJwt({ maxAge: Infinity }),
        'jwt.ttl must be greater than or equal to 1000': withJwt({ ttl: 999 }),
        'jwt.ttl must not exceed jwt.maxAge': withJwt({ ttl: 1001, maxAge: 1000 }),
        'jwt.cache.max is replaced by jwt.cache.maxBytes': withJwt({ cache: { max: 1000 } }),
        'jwt.cache.maxBytes must be greater than or equal to 1048576': withJwt({ cache: { maxBytes: 1_048_575 } }),
        'jwt.ttl must be an integer': withJwt({ ttl: 1000.5 }),
        'jwt.sessionClaim must be a string': withJwt({ sessionClaim: { value } }),

        // The refresh token

        'refreshToken must be of type object': withRefresh(value),
        'refreshToken.secret is not allowed': withRefresh({ query: 'a', secret: value }),
        'refreshToken must contain at least one of [query, cookie, header]': withRefresh({}),
        'refreshToken contains a conflict between exclusive peers [query, cookie, header]': withRefresh({ query: value, header: value }),
        'sessions must be of type object': withSessions(value),
        'sessions.secret is not allowed': withSessions({ secret: value }),
        'sessions.maxIdle must be greater than or equal to 1000': withSessions({ maxIdle: 999 }),
        'sessions.maxIdle must be a number': withSessions({ maxIdle: value }),
        [`sessions.maxIdle must be less than or equal to ${century}`]: withSessions({ maxIdle: century + 1 }),
        'sessions.maxAge must be greater than or equal to 1000': withSessions({ maxAge: 999 }),
        [`sessions.maxAge must be less than or equal to ${century}`]: withSessions({ maxAge: century + 1 }),
        'sessions.rotate must be a boolean': withSessions({ rotate: value }),
        'sessions.grace must be greater than or equal to 0': withSessions({ grace: -1 }),
        'sessions.grace must be less than or equal to 300000': withSessions({ grace: 300_001 }),
        'sessions.grace must be an integer': withSessions({ grace: 0.5 }),
        'sessions.max must be greater than or equal to 1': withSessions({ max: 0 }),
        'sessions.max must be less than or equal to 1000': withSessions({ max: 1001 }),
        'sessions.max must be a number': withSessions({ max: value }),
        'sessions.max must be an integer': withSessions({ max: 1.5 }),
        'sessions.whenFull must be one of [end-oldest, refuse]': withSessions({ whenFull: value }),
        'lookup must be of type object': withLookup(value),
        'lookup.secret is not allowed': withLookup({ find, remove: revoke, secret: value }),
        'lookup.find is required': withLookup({ remove: revoke }),
        'lookup.remove is required': withLookup({ find }),
        'lookup.find must be of type function': withLookup({ find: value, remove: revoke }),
        'lookup.remove must be of type function': withLookup({ find, remove: value }),
        'lookup.maxAge must be greater than or equal to 1000': withLookup({ find, remove: revoke, maxAge: 999 }),
        'value contains a conflict between optional exclusive peers [sessions, lookup]': strategy({ jwt: minimal, refreshToken: { query: 'a' }, sessions: {}, lookup: { find, remove: revoke } }),
        'sessions missing required peer refreshToken': strategy({ jwt: minimal, sessions: {} }),
        'lookup missing required peer refreshToken': strategy({ jwt: minimal, lookup: { find, remove: revoke } }),
        'refreshToken.query is not allowed to be empty': withRefresh({ query: '' }),
        'refreshToken.query contains an invalid value': withRefresh({ query: '__proto__' }),
        'refreshToken.query must be a string': withRefresh({ query: { value } }),
        'refreshToken.header must be a string': withRefresh({ header: { value } }),
        'refreshToken.header must be a header name': withRefresh({ header: `${value}:` }),
        'refreshToken.cookie is not allowed to be empty': withCookie(''),
        'refreshToken.cookie must be one of [object, string]': withCookie(7),

        // Its cookie

        'refreshToken.cookie.secret is not allowed': withCookie({ name: 'a', secret: value }),
        'refreshToken.cookie.name is required': withCookie({}),
        'refreshToken.cookie.name must be a cookie name': withCookie({ name: `${value};` }),
        'refreshToken.cookie.isSecure must be a boolean': withCookie({ name: 'a', isSecure: value }),
        'refreshToken.cookie.isSameSite must be one of [Strict, Lax, None]': withCookie({ name: 'a', isSameSite: value }),
        'refreshToken.cookie.path must be an absolute path': withCookie({ name: 'a', path: value }),
        'refreshToken.cookie.domain must be a domain name': withCookie({ name: 'a', domain: `${value};` }),
        'refreshToken.cookie needs isSecure for its name or for isSameSite None': withCookie({ name: 'a', isSameSite: 'None', isSecure: false }),
        'refreshToken.cookie with the prefix __Host- needs the path / and no domain': withCookie({ name: '__Host-a', path: '/a' })
    })) {
        it(`refuses: ${message}`, () => {

            expect(refusal(work)).to.equal(`hard-logout: invalid strategy options: ${message}`);
        });
    }

    it('refuses algorithms it does not know, none first of all', () => {

        for (const algorithm of ['none', 'hs256', 'HS1', 'RSA-OAEP', 'ES256K', 'ML-DSA-44', value, null]) {
            expect(refusal(withJwt({ algorithms: ['HS256', algorithm] }))).to.startWith('hard-logout: invalid strategy options: jwt.algorithms[1] must be one of [HS256, ');
        }
    });

    it('refuses a session claim that has another meaning', () => {

        for (const sessionClaim of ['__proto__', 'aud', 'auth_time', 'exp', 'iat', 'iss', 'jti', 'nbf', 'scope', 'sub']) {
            expect(refusal(withJwt({ sessionClaim }))).to.endWith('jwt.sessionClaim contains an invalid value');
        }
    });

    it('refuses a realm that would end its own quotes, or cannot be sent', () => {

        for (const realm of ['a"', 'a\\', 'a\r\nb', 'a\u0000', 'caf\u00e9', '\ud800']) {
            expect(refusal(strategy({ jwt: minimal, realm }))).to.endWith('realm must be printable ASCII without quotes and backslashes');
        }
    });

    it('refuses metadata of the resource that no client could find, or that would end its own quotes', () => {

        for (const resourceMetadata of ['metadata', '/.well-known/oauth-protected-resource', 'https://a/"', 'https://a/\\', 'https://a/\r\nb', 'https://a/ b', 'https://a/#b', 'https://caf\u00e9/', 'https://']) {
            expect(refusal(strategy({ jwt: minimal, resourceMetadata }))).to.endWith('resourceMetadata must be an http(s) URL without a fragment');
        }

        expect(strategySettings({ jwt: minimal, resourceMetadata: 'http://localhost:3000/metadata' }).resourceMetadata).to.equal('http://localhost:3000/metadata');
    });

    it('refuses a second place for the refresh token', () => {

        for (const places of [{ query: 'a', cookie: 'a' }, { cookie: 'a', header: 'a' }, { query: 'a', cookie: 'a', header: 'a' }]) {
            expect(refusal(withRefresh(places))).to.endWith('refreshToken contains a conflict between exclusive peers [query, cookie, header]');
        }
    });

    it('refuses a header that already means something', () => {

        for (const header of ['Authorization', 'authorization', 'Cookie', 'HOST']) {
            expect(refusal(withRefresh({ header }))).to.endWith('refreshToken.header contains an invalid value');
        }
    });

    it('refuses names that cannot be sent', () => {

        for (const name of ['a b', 'a;', 'a,', 'a=', 'a"', 'caf\u00e9', 'a\r\nb']) {
            expect(refusal(withRefresh({ header: name }))).to.endWith('refreshToken.header must be a header name');
            expect(refusal(withCookie({ name }))).to.endWith('refreshToken.cookie.name must be a cookie name');
            expect(refusal(withCookie(name))).to.equal('hard-logout: invalid refreshToken.cookie: name must be a cookie name');
        }
    });

    it('has defaults for the cookie', () => {

        for (const cookie of ['__Host-refresh', { name: '__Host-refresh' }]) {
            expect(withCookie(cookie)().refreshToken).to.include({
                place: { from: 'cookie', name: '__Host-refresh' },
                cookie: { name: '__Host-refresh', isSecure: true, isSameSite: 'Strict', path: '/' }
            });
        }
    });

    it('takes every option of the cookie', () => {

        const cookie = { name: 'refresh', isSecure: false, isSameSite: 'Lax' as const, path: '/account', domain: 'futureflix.example' };
        expect(withCookie(cookie)().refreshToken).to.include({ place: { from: 'cookie', name: 'refresh' }, cookie });

        const abroad = { name: '__Secure-refresh', isSecure: true, isSameSite: 'None' as const, path: '/account', domain: 'futureflix.example' };
        expect(withCookie(abroad)().refreshToken).to.include({ cookie: abroad });
    });

    it('refuses a cookie that a browser drops without a word', () => {

        for (const name of ['__Secure-a', '__secure-a', '__Host-a', '__HOST-a', '__Http-a', '__Host-Http-a']) {
            expect(refusal(withCookie({ name, isSecure: false }))).to.endWith('refreshToken.cookie needs isSecure for its name or for isSameSite None');
        }

        for (const attributes of [{ path: '/a' }, { domain: 'a.example' }]) {
            for (const name of ['__Host-a', '__host-a']) {
                expect(refusal(withCookie({ name, ...attributes }))).to.endWith('refreshToken.cookie with the prefix __Host- needs the path / and no domain');
            }
        }
    });

    it('refuses attributes that would end where others begin', () => {

        for (const path of ['a', '/a;', '/a b', '/a\r\n', '/caf\u00e9', '/\u007f']) {
            expect(refusal(withCookie({ name: 'a', path }))).to.endWith('refreshToken.cookie.path must be an absolute path');
        }

        for (const domain of ['127.0.0.1', '::1', 'a;b', 'a b', 'a\n', 'caf\u00e9.example']) {
            expect(refusal(withCookie({ name: 'a', domain }))).to.endWith('refreshToken.cookie.domain must be a domain name');
        }
    });

    it('refuses a domain that hapi would refuse at each login', async () => {

        const server = Hapi.server();
        const label = 'a'.repeat(63);

        for (const domain of ['a_b.example', '-a.example', 'a-.example', 'a..example', 'example.', '..example', `${label}a.example`, 'xn--caf-dma.example', '.']) {
            expect(refusal(withCookie({ name: 'a', domain })), domain).to.endWith('refreshToken.cookie.domain must be a domain name');
            await expect(server.states.format({ name: 'a', value: 'b', options: { domain } }), domain).to.reject();
        }

        for (const domain of ['example', '.futureflix.example', 'a.b-c.EXAMPLE', `${label}.example`, '1.example']) {
            expect(withCookie({ name: 'a', domain })().refreshToken!.cookie!.domain).to.equal(domain);
            expect(await server.states.format({ name: 'a', value: 'b', options: { domain } })).to.include([`a=b; Secure; HttpOnly; SameSite=Strict; Domain=${domain.toLowerCase()}`]);
        }
    });

    it('refuses attributes that are too long for a browser, and a name that no object can have', () => {

        expect(refusal(withCookie({ name: 'a', path: `/${'a'.repeat(1024)}` }))).to.endWith('path length must be less than or equal to 1024 characters long');
        expect(refusal(withCookie({ name: 'a', domain: 'a.'.repeat(126) + 'ab' }))).to.endWith('domain length must be less than or equal to 253 characters long');
        expect(refusal(withCookie({ name: '__proto__' }))).to.endWith('refreshToken.cookie.name contains an invalid value');
    });

    it('knows a cookie of the access token by the same rules', () => {

        expect(withJwt({ cookie: 'USER_SESSION' })().jwt.cookie).to.equal({ name: 'USER_SESSION', isSecure: true, isSameSite: 'Strict', path: '/' });
        expect(withJwt({ cookie: { name: 'a', isSecure: false, isSameSite: 'Lax' } })().jwt.cookie).to.equal({ name: 'a', isSecure: false, isSameSite: 'Lax', path: '/' });

        expect(refusal(withJwt({ cookie: 'a b' }))).to.equal('hard-logout: invalid jwt.cookie: name must be a cookie name');
        expect(refusal(withJwt({ cookie: { name: '__Host-a', path: '/a' } }))).to.endWith('jwt.cookie with the prefix __Host- needs the path / and no domain');
        expect(refusal(withJwt({ cookie: 7 }))).to.endWith('jwt.cookie must be one of [object, string]');
    });

    it('knows the directives of Clear-Site-Data', () => {

        expect(strategySettings({ jwt: minimal, clearSiteData: ['cache', 'storage'] }).clearSiteData).to.equal(['cache', 'storage']);
        for (const clearSiteData of ['cache', ['"cache"'], ['cache', 'cache'], [5]]) {
            expect(refusal(() => strategySettings({ jwt: minimal, clearSiteData }))).to.startWith('hard-logout: invalid strategy options: clearSiteData');
        }
    });

    it('stops server.auth.strategy(), without a key', async () => {

        for (const options of [{ jwt: { key: value.repeat(3), algorithms: ['HS256'] }, nonsense: 1 }, { jwt: { key: { key: value }, algorithms: [] } }]) {
            const error: Error = await expect(setStrategy(options)).to.reject(/^hard-logout: invalid strategy options: (nonsense is not allowed|jwt.algorithms must contain)/);
            expect(`${error.stack}${inspect(error, { depth: Infinity, showHidden: true })}`).to.not.include(value);
        }

        await expect(setStrategy()).to.reject('hard-logout: invalid strategy options: jwt is required');
    });

    it('keeps what was given as it was', async () => {

        const refreshToken = Object.freeze({ header: 'X-Refresh' });
        const jwt = Object.freeze({ ...minimal, issuer: 'a' });

        const server = await setStrategy(Object.freeze({ jwt, refreshToken }));

        expect(server.auth.api.session).to.be.an.object();
        expect(refreshToken).to.equal({ header: 'X-Refresh' });
        expect(jwt.issuer).to.equal('a');
    });
});


describe('routeSettings()', () => {

    it('has defaults', () => {

        expect(routeSettings(undefined, 'GET /')).to.equal({ revoke: false, allowSafeMethods: false });
        expect(routeSettings({}, 'GET /')).to.equal({ revoke: false, allowSafeMethods: false });
    });

    it('takes every option', () => {

        for (const tokens of ['access', 'refresh', 'both', 'either'] as const) {
            expect(routeSettings({ tokens, allowSafeMethods: true }, 'GET /')).to.equal({ tokens, revoke: false, allowSafeMethods: true });
        }

        for (const extent of ['token', 'session', 'others', 'subject', false] as const) {
            expect(routeSettings({ revoke: extent }, 'GET /').revoke).to.equal(extent);
        }
    });

    it('takes either answer to an outage', () => {

        for (const onOutage of ['reject', 'serve'] as const) {
            expect(strategySettings({ jwt: minimal, onOutage }).onOutage).to.equal(onOutage);
            expect(routeSettings({ onOutage }, 'GET /').onOutage).to.equal(onOutage);
        }
    });

    it('takes true for the session', () => {

        expect(routeSettings({ revoke: true }, 'GET /').revoke).to.equal('session');
    });

    for (const [message, options] of Object.entries<unknown>({
        'value must be of type object': value,
        'secret is not allowed': { secret: value },
        'tokens must be one of [access, refresh, both, either]': { tokens: value },
        'revoke must be one of [false, true, token, session, others, subject]': { revoke: value },
        'onOutage must be one of [reject, serve]': { onOutage: value },
        'outage is called onOutage now': { outage: value },
        'allowSafeMethods must be a boolean': { allowSafeMethods: value }
    })) {
        it(`refuses: ${message}`, () => {

            expect(refusal(route(options))).to.equal(`hard-logout: invalid plugins['hard-logout'] of the route GET /: ${message}`);
        });
    }
});
