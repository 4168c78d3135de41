import { inspect } from 'node:util';

import { expect } from '@hapi/code';
import * as Boom from '@hapi/boom';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';
import * as Joi from 'joi';

import { Outage } from '../../lib/errors/outage';
import { MemoryStore } from '../../lib/store/memory';
import { alive, dead, fate, gate, logout, turns } from '../support/logout';
import { RedisServer } from '../support/redis';
import { bearer, jwt as jwtOptions, prepare } from '../support/server';
import { until } from '../support/until';

import type { Lifecycle, Request, ResponseToolkit, RouteOptions as HapiRouteOptions } from '@hapi/hapi';
import type { PluginOptions, RouteOptions } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const { remove, revoke } = MemoryStore.prototype;


describe('A logout', () => {

    afterEach(() => {

        Object.assign(MemoryStore.prototype, { remove, revoke });
    });

    describe('answers', () => {

        it('revokes both tokens before the answer leaves', async () => {

            const prepared = await prepare();
            const pair = await prepared.login();

            const order: string[] = [];
            prepared.server.events.on('response', () => order.push('answered'));
            MemoryStore.prototype.revoke = async function (revocations) {

                await turns();
                const peers = await revoke.call(this, revocations);
                order.push('written');
                return peers;
            };

            const res = await logout(prepared, pair);
            expect(res.statusCode).to.equal(204);
            expect(res.headers['cache-control']).to.equal('no-store');
            expect(order).to.equal(['written', 'answered']);
            expect(await fate(prepared, pair)).to.equal(dead);
        });

        it('clears the cookie with the answer, as it was set', async () => {

            const prepared = await prepare({ refreshToken: { cookie: 'refresh' } });
            const pair = await prepared.login();

            const res = await prepared.server.inject({ method: 'POST', url: '/logout', headers: withCookie(pair) });
            expect(res.statusCode).to.equal(204);
            expect(res.headers['set-cookie']).to.equal(['refresh=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Strict; Path=/']);
        });

        for (const settings of [{ revoke: 'session' }, { revoke: 'subject' }, { revoke: 'token' }, { revoke: 'session', tokens: 'access' }, { revoke: 'subject', tokens: 'access' }] as const) {
            it(`clears the cookie of a refresh token that died (${Object.values(settings).join(', ')})`, async () => {

                const prepared = await prepare({ refreshToken: { cookie: 'refresh' } });
                route(prepared, () => 'bye', {}, settings);
                const pair = await prepared.login();

                const res = await prepared.server.inject({ method: 'POST', url: '/end', headers: withCookie(pair) });
                expect(res.statusCode).to.equal(200);
                expect(res.headers['set-cookie']![0]).to.startWith('refresh=; Max-Age=0;');
                expect((await prepared.server.inject({ method: 'POST', url: '/token', headers: withCookie(pair) })).statusCode).to.equal(401);
            });
        }

        for (const settings of [{ revoke: 'others' }, { revoke: 'token', tokens: 'access' }] as const) {
            it(`keeps the cookie of a refresh token that lives (${Object.values(settings).join(', ')})`, async () => {

                const prepared = await prepare({ refreshToken: { cookie: 'refresh' } });
                route(prepared, () => 'bye', {}, settings);
                const pair = await prepared.login();

                const res = await prepared.server.inject({ method: 'POST', url: '/end', headers: withCookie(pair) });
                expect(res.statusCode).to.equal(200);
                expect(res.headers).to.not.include('set-cookie');
                expect((await prepared.server.inject({ method: 'POST', url: '/token', headers: withCookie(pair) })).statusCode).to.equal(200);
            });
        }

        const successes: Record<string, Lifecycle.Method> = {
            'a value': () => ({ bye: true }),
            'a redirection': (request, h) => h.redirect('/'),
            'a takeover': (request, h) => h.response('bye').takeover()
        };

        for (const [title, handler] of Object.entries(successes)) {
            it(`revokes when the handler answers ${title}`, async () => {

                const prepared = await prepare();
                route(prepared, handler);
                const pair = await prepared.login();

                const { statusCode } = await logout(prepared, pair, '/end');
                expect(statusCode).to.be.below(400);
                expect(await fate(prepared, pair)).to.equal(dead);
            });
        }

        it('revokes when an extension before the handler takes over with a success', async () => {

            const prepared = await prepare();
            route(prepared, unreachable, { ext: { onPreHandler: { method: (request, h) => h.response('bye').takeover() } } });
            const pair = await prepared.login();

            const res = await logout(prepared, pair, '/end');
            expect(res.statusCode).to.equal(200);
            expect(await fate(prepared, pair)).to.equal(dead);
        });

        const failures: Record<string, [number, Lifecycle.Method]> = {
            'a 400': [400, (request, h) => h.response({ no: true }).code(400)],
            'a 500': [500, (request, h) => h.response({ no: true }).code(500)],
            'an error': [409, () => Boom.conflict()],
            'a takeover with an error': [422, (request, h) => h.response({ no: true }).code(422).takeover()],
            'nothing, but throws an error': [404, () => {

                throw Boom.notFound();
            }],
            'nothing, but fails': [500, () => {

                throw new Error('a bug');
            }]
        };

        for (const [title, [statusCode, handler]] of Object.entries(failures)) {
            it(`keeps both tokens when the handler answers ${title}`, async () => {

                const prepared = await prepare();
                route(prepared, handler);
                const pair = await prepared.login();

                const res = await logout(prepared, pair, '/end');
                expect(res.statusCode).to.equal(statusCode);
                expect(await fate(prepared, pair)).to.equal(alive);
            });
        }

        it('keeps both tokens when an extension before the handler takes over with an error', async () => {

            const prepared = await prepare();
            route(prepared, unreachable, { ext: { onPreHandler: { method: (request, h) => h.response('no').code(429).takeover() } } });
            const pair = await prepared.login();

            const res = await logout(prepared, pair, '/end');
            expect(res.statusCode).to.equal(429);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('keeps both tokens when the request does not pass validation', async () => {

            const prepared = await prepare();
            route(prepared, unreachable, { validate: { query: Joi.object({ refreshToken: Joi.string(), device: Joi.required() }) } });
            const pair = await prepared.login();

            const res = await logout(prepared, pair, '/end');
            expect(res.statusCode).to.equal(400);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('keeps both tokens when the answer does not pass validation', async () => {

            const prepared = await prepare();
            route(prepared, () => 'bye', { response: { schema: Joi.number() } });
            const pair = await prepared.login();

            const res = await logout(prepared, pair, '/end');
            expect(res.statusCode).to.equal(500);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('keeps both tokens when a scope is lacking, and says so in a challenge', async () => {

            const prepared = await prepare();
            route(prepared, unreachable, { auth: { scope: 'admin' } });
            const pair = await prepared.login();

            const res = await logout(prepared, pair, '/end');
            expect(res.statusCode).to.equal(403);
            expect(res.headers['www-authenticate']).to.equal('Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope"');
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('keeps both tokens when they authenticate nobody together', async () => {

            const prepared = await prepare();
            const mine = await prepared.login('42');
            const yours = await prepared.login('43');

            const res = await logout(prepared, { jwt: mine.jwt, refreshToken: yours.refreshToken });
            expect(res.statusCode).to.equal(401);
            expect(await fate(prepared, mine)).to.equal(alive);
            expect(await fate(prepared, yours)).to.equal(alive);
        });

        // Each is a pair of which something lives, so that a success would be untrue

        const refused: Record<string, [string, (prepared: Prepared) => Promise<Partial<Pair>>]> = {
            'tokens of two sessions': ['tokens_mismatched', async ({ login }) => {

                const mine = await login('42');
                const yours = await login('43');
                return { jwt: mine.jwt, refreshToken: yours.refreshToken };
            }],
            'an access token alone': ['refresh_token_missing', async ({ login }) => ({ jwt: (await login()).jwt })],
            'a refresh token alone': ['access_token_missing', async ({ login }) => ({ refreshToken: (await login()).refreshToken })]
        };

        for (const [title, [code, present]] of Object.entries(refused)) {
            for (const mode of ['try', 'optional', 'required'] as const) {
                it(`is refused with ${title}, and revokes nothing, where authentication is '${mode}'`, async () => {

                    const prepared = await prepare();
                    route(prepared, () => 'bye', { auth: { mode } });
                    const { jwt, refreshToken } = await present(prepared);

                    const res = await prepared.server.inject({ method: 'POST', url: `/end?${refreshToken ? `refreshToken=${refreshToken}` : ''}`, headers: jwt ? bearer(jwt) : {} });
                    expect(res.statusCode).to.equal(401);
                    expect(res.headers['www-authenticate']).to.contain('error="invalid_token"');
                    expect(codeOf(res)).to.equal(code);
                    expect(jwt === undefined ? 200 : (await prepared.me(jwt)).statusCode).to.equal(200);
                    expect(refreshToken === undefined ? 200 : (await prepared.server.inject({ method: 'POST', url: `/token?refreshToken=${refreshToken}` })).statusCode).to.equal(200);
                });
            }
        }

        for (const [tokens, code] of [['access', 'access_token_missing'], ['refresh', 'refresh_token_missing']] as const) {
            it(`is refused with a token that a route with tokens '${tokens}' does not read, where authentication is tried`, async () => {

                const prepared = await prepare();
                route(prepared, () => 'bye', { auth: { mode: 'try' } }, { revoke: true, tokens });
                const { jwt, refreshToken } = await prepared.login();

                const unread = tokens === 'access' ? { url: `/end?refreshToken=${refreshToken}` } : { url: '/end', headers: bearer(jwt) };
                const res = await prepared.server.inject({ method: 'POST', ...unread });
                expect([res.statusCode, codeOf(res)]).to.equal([401, code]);
                expect((await prepared.server.inject({ method: 'POST', url: '/end' })).statusCode).to.equal(200);
            });
        }

        it('is refused with what validate() refuses, where authentication is tried', async () => {

            const prepared = await prepare({ validate: (claims, { path }) => ({ isValid: path !== '/end' }) });
            route(prepared, () => 'bye', { auth: { mode: 'try' } });
            const pair = await prepared.login();

            const res = await logout(prepared, pair, '/end');
            expect([res.statusCode, codeOf(res)]).to.equal([401, 'credentials_refused']);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('fails with what validate() throws, where authentication is tried', async () => {

            const prepared = await prepare({
                validate: (claims, { path }) => {

                    if (path === '/end') {
                        throw new Error('a bug');
                    }

                    return { isValid: true };
                }
            });
            route(prepared, () => 'bye', { auth: { mode: 'try' } });
            const pair = await prepared.login();

            expect((await logout(prepared, pair, '/end')).statusCode).to.equal(500);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('is refused with half a pair for one strategy and nothing for the other, where authentication is tried', async () => {

            const prepared = await prepare();
            prepared.server.auth.strategy('second', 'hard-logout', { jwt: jwtOptions, refreshToken: { header: 'x-refresh-token' } });
            route(prepared, () => 'bye', { auth: { mode: 'try', strategies: ['session', 'second'] } }, { revoke: true, tokens: 'both' });
            const { refreshToken } = await prepared.login();

            const res = await prepared.server.inject({ method: 'POST', url: `/end?refreshToken=${refreshToken}` });
            expect([res.statusCode, codeOf(res)]).to.equal([401, 'access_token_missing']);
            expect((await prepared.server.inject({ method: 'POST', url: '/end' })).statusCode).to.equal(200);
        });

        for (const mode of ['try', 'optional'] as const) {
            it(`lets strangers pass where authentication is '${mode}', also those with other credentials`, async () => {

                const prepared = await prepare();
                route(prepared, () => 'bye', { auth: { mode } });
                expect((await prepared.server.inject({ method: 'POST', url: '/end' })).statusCode).to.equal(200);
                expect((await prepared.server.inject({ method: 'POST', url: '/end', headers: { authorization: 'Basic YTpi' } })).statusCode).to.equal(200);
            });
        }

        it('revokes where a route tries to authenticate and does', async () => {

            const prepared = await prepare();
            route(prepared, () => 'bye', { auth: { mode: 'try' } });
            const pair = await prepared.login();

            expect((await logout(prepared, pair, '/end')).statusCode).to.equal(200);
            expect(await fate(prepared, pair)).to.equal(dead);
        });

        it('revokes for HEAD on a GET route that allows it', async () => {

            const prepared = await prepare();
            route(prepared, () => 'bye', {}, { allowSafeMethods: true, revoke: true }, 'GET');
            const pair = await prepared.login();

            const res = await prepared.server.inject({ method: 'HEAD', url: `/end?refreshToken=${pair.refreshToken}`, headers: bearer(pair.jwt) });
            expect(res.statusCode).to.equal(200);
            expect(await fate(prepared, pair)).to.equal(dead);
        });

        it('has revoked already when the answer turns out to be impossible to write', async () => {

            const prepared = await prepare();
            route(prepared, () => {

                const circle: { self?: unknown } = {};
                circle.self = circle;
                return circle;
            });
            const pair = await prepared.login();

            const res = await logout(prepared, pair, '/end');
            expect(res.statusCode).to.equal(500);
            expect(await fate(prepared, pair)).to.equal(dead);
        });

        it('keeps both tokens when the handler takes too long, however it ends', async () => {

            const prepared = await prepare();
            const entered = gate();
            const finish = gate();
            const finished = gate();
            route(prepared, async () => {

                entered.open();
                await finish.opened;
                finished.open();
                return 'bye';
            }, { timeout: { server: 150 } });
            const pair = await prepared.login();

            const [res] = await Promise.all([logout(prepared, pair, '/end'), entered.opened]);
            expect(res.statusCode).to.equal(503);
            expect(res.headers).to.not.include('retry-after');

            finish.open();
            await finished.opened;
            await turns();
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('keeps both tokens when authentication takes too long, however it ends', async () => {

            const entered = gate();
            const finish = gate();
            const prepared = await prepare({
                async validate(claims, { path }) {

                    if (path === '/end') {
                        entered.open();
                        await finish.opened;
                    }

                    return { isValid: true };
                }
            });
            route(prepared, unreachable, { timeout: { server: 150 } });
            const pair = await prepared.login();

            const [res] = await Promise.all([logout(prepared, pair, '/end'), entered.opened]);
            expect(res.statusCode).to.equal(503);

            finish.open();
            await turns();
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('revokes when the handler closes the connection', async () => {

            const prepared = await prepare();
            route(prepared, (request, h) => h.close);
            const pair = await prepared.login();

            await logout(prepared, pair, '/end');
            expect(await fate(prepared, pair)).to.equal(dead);
        });

        it('revokes when the handler answers by itself', async () => {

            const prepared = await prepare();
            route(prepared, (request, h) => {

                request.raw.res.end('bye');
                return h.abandon;
            });
            const pair = await prepared.login();

            const res = await logout(prepared, pair, '/end');
            expect(res.payload).to.equal('bye');
            expect(await fate(prepared, pair)).to.equal(dead);
        });

        it('revokes when the handler says that it will answer by itself', async () => {

            const prepared = await prepare();
            const answer = gate();
            route(prepared, (request, h) => {

                void answer.opened.then(() => request.raw.res.end('bye'));
                return h.abandon;
            });
            const pair = await prepared.login();

            const answered = logout(prepared, pair, '/end');
            await until(async () => (await prepared.me(pair.jwt)).statusCode === 401);
            answer.open();
            await answered;
            expect(await fate(prepared, pair)).to.equal(dead);
        });

        it('ends both of two logouts at once well', async () => {

            const prepared = await prepare();
            const entered = [gate(), gate()];
            const finish = gate();
            let requests = 0;
            route(prepared, async () => {

                entered[requests++]!.open();
                await finish.opened;
                return 'bye';
            });
            const pair = await prepared.login();

            const both = [logout(prepared, pair, '/end'), logout(prepared, pair, '/end')];
            await Promise.all(entered.map(({ opened }) => opened));
            finish.open();

            expect((await Promise.all(both)).map(({ statusCode }) => statusCode)).to.equal([200, 200]);
            expect((await logout(prepared, pair)).statusCode).to.equal(401);
            expect(await fate(prepared, pair)).to.equal(dead);
        });
    });

    describe('a second time', () => {

        const again: Record<string, (prepared: Prepared, pair: Pair) => Promise<{ statusCode: number; result: unknown }>> = {
            'with both tokens': logout,
            'with the refresh token beside an access token that does not verify': (prepared, { jwt, refreshToken }) => logout(prepared, { jwt: `${jwt.slice(0, -9)}AAAAAAAAA`, refreshToken }),
            'with the refresh token': ({ server }, { refreshToken }) => server.inject({ method: 'POST', url: `/end?refreshToken=${refreshToken}` }),
            'over a web socket': ({ server }, { artifacts }: Pair & { artifacts?: any }) => server.inject({ method: 'POST', url: '/logout', auth: { strategy: 'session', credentials: {}, artifacts } })
        };

        for (const [title, leave] of Object.entries(again)) {
            it(`is refused only when the first one holds in every process (${title})`, async () => {

                const prepared = await prepare();
                route(prepared, () => 'bye', {}, { revoke: true, tokens: 'refresh' });
                const pair = await prepared.login();
                const { request: { auth: { artifacts } } } = await prepared.server.inject({ url: '/me', headers: bearer(pair.jwt) });
                expect((await logout(prepared, pair)).statusCode).to.equal(204);

                // What the second one waits for

                const asked = gate();
                const confirmed = gate();
                MemoryStore.prototype.remove = () => Promise.resolve();
                MemoryStore.prototype.revoke = async function (revocations) {

                    expect(revocations).to.equal([]);
                    asked.open();
                    await confirmed.opened;
                    return revoke.call(this, revocations);
                };

                let isAnswered = false;
                const answer = leave(prepared, { ...pair, artifacts } as Pair).finally(() => {

                    isAnswered = true;
                });

                await asked.opened;
                await turns();
                expect(isAnswered).to.be.false();
                confirmed.open();
                const res = await answer;
                expect(res.statusCode).to.equal(401);
                expect(codeOf(res)).to.match(/^(access|refresh)_token_revoked$/);
            });

            it(`is a 503 where that is not certain (${title})`, async () => {

                const prepared = await prepare();
                route(prepared, () => 'bye', {}, { revoke: true, tokens: 'refresh' });
                const pair = await prepared.login();
                const { request: { auth: { artifacts } } } = await prepared.server.inject({ url: '/me', headers: bearer(pair.jwt) });
                expect((await logout(prepared, pair)).statusCode).to.equal(204);

                MemoryStore.prototype.revoke = () => Promise.reject(new Outage('away'));
                expect((await leave(prepared, { ...pair, artifacts } as Pair)).statusCode).to.equal(503);
            });
        }

        it('is waited for by no other request', async () => {

            const prepared = await prepare();
            const pair = await prepared.login();
            expect((await logout(prepared, pair)).statusCode).to.equal(204);
            MemoryStore.prototype.revoke = () => Promise.reject(new Outage('away'));
            expect(await fate(prepared, pair)).to.equal(dead);
        });
    });

    describe('other extensions', () => {

        it('keeps both tokens when an earlier extension throws', async () => {

            const prepared = await prepare();
            before(prepared, () => {

                throw Boom.teapot();
            });
            const pair = await prepared.login();

            expect((await logout(prepared, pair)).statusCode).to.equal(418);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('revokes when an earlier extension takes over with a success', async () => {

            const prepared = await prepare();
            before(prepared, (request, h) => h.response('bye').takeover());
            const pair = await prepared.login();

            const order: string[] = [];
            prepared.server.events.on('response', () => order.push('answered'));
            MemoryStore.prototype.revoke = async function (revocations) {

                await turns();
                const peers = await revoke.call(this, revocations);
                order.push('written');
                return peers;
            };

            const res = await logout(prepared, pair);
            expect(res.statusCode).to.equal(200);
            expect(res.headers['cache-control']).to.equal('no-store');
            expect(order).to.equal(['written', 'answered']);
            expect(await fate(prepared, pair)).to.equal(dead);
        });

        it('keeps both tokens when an earlier extension takes over with an error', async () => {

            const prepared = await prepare();
            before(prepared, (request, h) => h.response('no').code(409).takeover());
            const pair = await prepared.login();

            expect((await logout(prepared, pair)).statusCode).to.equal(409);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        for (const symbol of ['close', 'abandon'] as const) {
            it(`revokes when an earlier extension returns h.${symbol}`, async () => {

                const prepared = await prepare();
                before(prepared, (request, h) => {

                    request.raw.res.end();
                    return h[symbol];
                });
                const pair = await prepared.login();

                await logout(prepared, pair);
                expect(await fate(prepared, pair)).to.equal(dead);
            });
        }

        it('has revoked already when a later extension makes an error of the answer', async () => {

            const prepared = await prepare({ refreshToken: { cookie: 'refresh' } });
            prepared.server.ext('onPreResponse', ({ path }, h) => (path === '/logout' ? Boom.conflict() : h.continue));
            const pair = await prepared.login();

            const res = await prepared.server.inject({ method: 'POST', url: '/logout', headers: withCookie(pair) });
            expect(res.statusCode).to.equal(409);
            expect(res.headers['set-cookie']![0]).to.startWith('refresh=; Max-Age=0;');
            expect((await prepared.me(pair.jwt)).statusCode).to.equal(401);
            expect((await prepared.server.inject({ method: 'POST', url: '/token', headers: withCookie(pair) })).statusCode).to.equal(401);
        });

        it('lets no later extension make a success of a failure', async () => {

            const prepared = await prepare();
            prepared.server.ext('onPreResponse', ({ path }, h) => (path === '/logout' ? h.response('bye') : h.continue));
            const pair = await prepared.login();
            fail(1);

            expect((await logout(prepared, pair)).statusCode).to.equal(503);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('writes once however many points of its life a request passes', async () => {

            const prepared = await prepare();
            const pair = await prepared.login();
            const writes = fail(0);

            const done = prepared.server.events.once('response');
            expect((await logout(prepared, pair)).statusCode).to.equal(204);
            await done;
            await turns();
            expect(writes()).to.equal(1);
        });

        it('writes once when a later extension closes the connection', async () => {

            const prepared = await prepare();
            prepared.server.ext('onPreResponse', ({ path }, h) => (path === '/logout' ? h.close : h.continue));
            const pair = await prepared.login();
            const writes = fail(0);

            await logout(prepared, pair);
            await turns();
            expect(writes()).to.equal(1);
            expect(await fate(prepared, pair)).to.equal(dead);
        });
    });

    describe('outages', () => {

        for (const [title, handler] of Object.entries<Lifecycle.Method>({
            'nothing': (request, h) => h.response().code(204),
            'a value': () => ({ bye: true }),
            'a redirection': (request, h) => h.redirect('/')
        })) {
            it(`answers 503 over a handler that answers ${title}, keeps everything, and succeeds when tried again`, async () => {

                const prepared = await prepare({ refreshToken: { cookie: 'refresh' } });
                route(prepared, handler);
                const pair = await prepared.login();
                const leave = () => prepared.server.inject({ method: 'POST', url: '/end', headers: withCookie(pair) });
                fail(1);

                const res = await leave();
                expect(res.statusCode).to.equal(503);
                expect(`${res.headers['retry-after']}`).to.equal('1');
                expect(res.headers['cache-control']).to.equal('no-store');
                expect(res.headers).to.not.include('set-cookie');
                expect(res.headers).to.not.include('location');
                expect(res.result).to.equal({ statusCode: 503, error: 'Service Unavailable', message: 'The token store cannot be reached', code: 'store_unavailable' });

                expect((await prepared.me(pair.jwt)).statusCode).to.equal(200);
                expect((await prepared.server.inject({ method: 'POST', url: '/token', headers: withCookie(pair) })).statusCode).to.equal(200);

                expect((await leave()).statusCode).to.be.below(400);
                expect((await prepared.me(pair.jwt)).statusCode).to.equal(401);
                expect((await prepared.server.inject({ method: 'POST', url: '/token', headers: withCookie(pair) })).statusCode).to.equal(401);
            });
        }

        it('answers 503 over an extension that took over with a success', async () => {

            const prepared = await prepare();
            before(prepared, (request, h) => h.response('bye').takeover());
            const pair = await prepared.login();
            const writes = fail(1);

            const res = await logout(prepared, pair);
            expect(res.statusCode).to.equal(503);
            expect(`${res.headers['retry-after']}`).to.equal('1');
            expect(writes()).to.equal(1);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('leaves it to a client whose response says to try again', async () => {

            const prepared = await prepare();
            const pair = await prepared.login();
            const writes = fail(1);

            expect((await logout(prepared, pair)).statusCode).to.equal(503);
            await prepared.server.stop();
            expect(writes()).to.equal(1);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('answers 500 to what is no outage', async () => {

            const prepared = await prepare();
            const pair = await prepared.login();
            MemoryStore.prototype.revoke = () => Promise.reject(new Error('a bug'));

            expect((await logout(prepared, pair)).statusCode).to.equal(500);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('answers 503 where a route tries to authenticate and the store is away', async () => {

            const { cutoffs } = MemoryStore.prototype;
            const prepared = await prepare();
            route(prepared, () => 'bye', { auth: { mode: 'try' } });
            prepared.server.route([
                { method: 'POST', path: '/refused', options: { auth: { mode: 'try' }, plugins: { 'hard-logout': { revoke: true } } }, handler: () => Boom.notFound() },
                { method: 'GET', path: '/glance', options: { auth: { mode: 'try' } }, handler: ({ auth }) => ({ left: auth.isAuthenticated }) }
            ]);
            const pair = await prepared.login();

            try {
                MemoryStore.prototype.cutoffs = () => Promise.reject(new Outage('away'));

                const res = await logout(prepared, pair, '/end');
                expect(res.statusCode).to.equal(503);
                expect(`${res.headers['retry-after']}`).to.equal('1');

                expect((await logout(prepared, pair, '/refused')).statusCode).to.equal(404);

                const { statusCode, result } = await prepared.server.inject({ url: '/glance', headers: bearer(pair.jwt) });
                expect({ statusCode, result }).to.equal({ statusCode: 200, result: { left: false } });
            }
            finally {
                MemoryStore.prototype.cutoffs = cutoffs;
            }

            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('answers 503 while Redis takes no writes, keeps both tokens, and succeeds as soon as it does', { timeout: 10_000 }, async () => {

            await withRedis(async (prepared, redis) => {

                const admin = new Redis(redis.options());
                try {
                    const pair = await prepared.login();

                    await admin.config('SET', 'maxmemory', '1');
                    expect((await logout(prepared, pair)).statusCode).to.equal(503);
                    expect((await prepared.me(pair.jwt)).statusCode).to.equal(200);

                    await admin.config('SET', 'maxmemory', '0');
                    expect((await prepared.server.inject({ method: 'POST', url: `/token?refreshToken=${pair.refreshToken}` })).statusCode).to.equal(200);
                    expect((await logout(prepared, pair)).statusCode).to.equal(204);
                    expect(await fate(prepared, pair)).to.equal(dead);
                }
                finally {
                    admin.disconnect();
                }
            }, { timeout: 5000 });
        });

        it('answers 503 within half a second while Redis is frozen, and logs out within a second of its return', { timeout: 10_000 }, async () => {

            await withRedis(async (prepared, redis) => {

                const pair = await prepared.login();
                redis.pause();

                let began = performance.now();
                const res = await logout(prepared, pair);
                expect(performance.now() - began).to.be.below(900);
                expect(res.statusCode).to.equal(503);
                expect(`${res.headers['retry-after']}`).to.equal('1');

                redis.resume();
                began = performance.now();
                await until(async () => (await logout(prepared, pair)).statusCode === 204);
                expect(performance.now() - began).to.be.below(1000);
                expect(await fate(prepared, pair)).to.equal(dead);
            });
        });

        it('answers 503 within half a second when Redis freezes under the handler, and ends well when tried again', { timeout: 10_000 }, async () => {

            await withRedis(async (prepared, redis) => {

                let began = 0;
                route(prepared, () => {

                    redis.pause();
                    began = performance.now();
                    return 'bye';
                });
                const pair = await prepared.login();

                const res = await logout(prepared, pair, '/end');
                expect(performance.now() - began).to.be.below(900);
                expect(res.statusCode).to.equal(503);

                // Whether it was written is unknown

                redis.resume();
                began = performance.now();
                await until(async () => [204, 401].includes((await logout(prepared, pair)).statusCode));
                expect(performance.now() - began).to.be.below(1000);
                expect(await fate(prepared, pair)).to.equal(dead);
            });
        });
    });

    describe('other authentication', () => {

        it('refuses to answer when the artifacts were replaced', async () => {

            const prepared = await prepare();
            route(prepared, (request) => {

                request.auth.artifacts = { ...request.auth.artifacts };
                return 'bye';
            });
            const pair = await prepared.login();

            expect((await logout(prepared, pair, '/end')).statusCode).to.equal(500);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('refuses to answer when the artifacts were taken away', async () => {

            const prepared = await prepare();
            route(prepared, (request) => {

                request.auth.artifacts = null as any;
                return 'bye';
            });
            const pair = await prepared.login();

            expect((await logout(prepared, pair, '/end')).statusCode).to.equal(500);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('lets injected credentials pass, which have no tokens behind them', async () => {

            const prepared = await prepare();
            const writes = fail(0);

            const res = await prepared.server.inject({ method: 'POST', url: '/logout', auth: { strategy: 'session', credentials: {} } });
            expect(res.statusCode).to.equal(204);
            expect(writes()).to.equal(0);
        });

        for (const extent of ['session', 'subject', 'token'] as const) {
            it(`revokes what artifacts prove that another request injects, as web sockets do (${extent})`, async () => {

                const prepared = await prepare();
                route(prepared, () => 'bye', {}, { revoke: extent, tokens: 'access' });
                const pair = await prepared.login();
                const { request: { auth } } = await prepared.server.inject({ url: '/me', headers: bearer(pair.jwt) });

                const socket = { strategy: 'session', credentials: auth.credentials, artifacts: auth.artifacts };
                const leave = () => prepared.server.inject({ method: 'POST', url: '/end', auth: socket });
                expect((await leave()).statusCode).to.equal(200);
                expect(await fate(prepared, pair)).to.equal(extent === 'token' ? { jwt: 401, refreshToken: 200 } : dead);

                // And no more once that is revoked

                const other = await prepared.login();
                const res = await leave();
                expect([res.statusCode, codeOf(res)]).to.equal([401, 'access_token_revoked']);
                expect(await fate(prepared, other)).to.equal(alive);
            });
        }

        it('revokes what is left of a pair that another request injects, whichever of the two was revoked alone', async () => {

            for (const lost of ['access', 'refresh'] as const) {
                const prepared = await prepare();
                route(prepared, () => 'bye', {}, { revoke: 'token', tokens: lost });
                prepared.server.route({ method: 'GET', path: '/pair', options: { auth: 'session', plugins: { 'hard-logout': { tokens: 'both' } } }, handler: () => null });
                const pair = await prepared.login();
                const { request: { auth } } = await prepared.server.inject({ url: `/pair?refreshToken=${pair.refreshToken}`, headers: bearer(pair.jwt) });
                const sent = lost === 'access' ? { url: '/end', headers: bearer(pair.jwt) } : { url: `/end?refreshToken=${pair.refreshToken}` };
                expect((await prepared.server.inject({ method: 'POST', ...sent })).statusCode).to.equal(200);
                expect(await fate(prepared, pair)).to.equal(lost === 'access' ? { jwt: 401, refreshToken: 200 } : { jwt: 200, refreshToken: 401 });

                const socket = { strategy: 'session', credentials: auth.credentials, artifacts: auth.artifacts };
                const leave = () => prepared.server.inject({ method: 'POST', url: '/logout', auth: socket });
                expect((await leave()).statusCode).to.equal(204);
                expect(await fate(prepared, pair)).to.equal(dead);
                expect((await leave()).statusCode).to.equal(401);
            }
        });

        it('fails for injected artifacts whose strategy cannot do what the route asks for', async () => {

            const prepared = await prepare();
            prepared.server.auth.strategy('plain', 'hard-logout', { jwt: jwtOptions });
            prepared.server.route({ method: 'GET', path: '/plain', options: { auth: 'plain' }, handler: () => null });
            route(prepared, () => 'bye', {}, { revoke: 'others' });
            const pair = await prepared.login();
            const { request: { auth } } = await prepared.server.inject({ url: '/plain', headers: bearer(pair.jwt) });

            // The route has been used by the strategy that can

            expect((await logout(prepared, pair, '/end')).statusCode).to.equal(200);
            const res = await prepared.server.inject({ method: 'POST', url: '/end', auth: { strategy: 'plain', credentials: auth.credentials, artifacts: auth.artifacts } });
            expect(res.statusCode).to.equal(500);
            expect((res.request.response as any)._error.message).to.equal('hard-logout: the route POST /end has revoke \'others\', but its strategy has no sessions');
        });

        for (const api of [undefined, {}]) {
            it(`fails when another scheme has authenticated, injected or not, since there is nothing to revoke (${api ? 'with' : 'without'} an api)`, async () => {

                const prepared = await prepare();
                prepared.server.auth.scheme('other', () => ({ api, authenticate: (request, h) => h.authenticated({ credentials: {} }) }));
                prepared.server.auth.strategy('other', 'other');
                route(prepared, () => 'bye', { auth: { strategies: ['session', 'other'] } });
                const pair = await prepared.login();
                const writes = fail(0);

                expect((await prepared.server.inject({ method: 'POST', url: '/end' })).statusCode).to.equal(500);
                expect((await prepared.server.inject({ method: 'POST', url: '/end', auth: { strategy: 'other', credentials: {} } })).statusCode).to.equal(500);
                expect(writes()).to.equal(0);

                expect((await logout(prepared, pair, '/end')).statusCode).to.equal(200);
                expect(await fate(prepared, pair)).to.equal(dead);
            });
        }
    });

    describe('a server that stops', () => {

        it('waits for the revocation of an answer under way', async () => {

            const prepared = await prepare();
            const pair = await prepared.login();
            const entered = gate();
            const order: string[] = [];
            MemoryStore.prototype.revoke = async function (revocations) {

                entered.open();
                await turns();
                const peers = await revoke.call(this, revocations);
                order.push('written');
                return peers;
            };

            const answered = logout(prepared, pair);
            await entered.opened;
            await prepared.server.stop();
            order.push('stopped');

            expect((await answered).statusCode).to.equal(204);
            expect(order).to.equal(['written', 'stopped']);
        });

        it('does not log what the response under way has said to the client', async () => {

            const prepared = await prepare();
            const pair = await prepared.login();
            const tags: string[][] = [];
            prepared.server.events.on('log', (event) => tags.push(event.tags));
            fail(1);

            expect((await logout(prepared, pair)).statusCode).to.equal(503);
            await prepared.server.stop();
            expect(tags).to.equal([]);
        });
    });

    it('logs no token', async () => {

        const prepared = await prepare();
        const logged: unknown[] = [];
        prepared.server.events.on('log', (event) => logged.push(event));
        prepared.server.events.on({ name: 'request', channels: ['app', 'error', 'internal'] }, (request, event) => logged.push(event));
        route(prepared, (request, h) => h.close);
        const pairs = await Promise.all(['1', '2', '3', '4'].map((sub) => prepared.login(sub)));
        const [first, second, third, fourth] = pairs as [Pair, Pair, Pair, Pair];

        // Each way to fail: the store under an answer, without one, in the background, tokens of two people, a revoked one

        MemoryStore.prototype.revoke = () => Promise.reject(new Error('a bug'));
        expect((await logout(prepared, first)).statusCode).to.equal(500);
        await logout(prepared, second, '/end');
        await prepared.server.stop();

        MemoryStore.prototype.revoke = revoke;
        MemoryStore.prototype.remove = () => Promise.reject(new Outage('away'));
        expect((await logout(prepared, third)).statusCode).to.equal(204);
        expect((await logout(prepared, { jwt: second.jwt, refreshToken: fourth.refreshToken })).statusCode).to.equal(401);
        expect((await logout(prepared, third)).statusCode).to.equal(401);
        await prepared.server.stop();

        const text = inspect(logged, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity, showHidden: true });
        expect(text).to.contain(['a bug', 'away', 'tokens_mismatched', 'access_token_revoked']);
        for (const { jwt, refreshToken } of pairs) {
            expect(text).to.not.contain(jwt.split('.')[1]!);
            expect(text).to.not.contain(jwt.split('.')[2]!);
            expect(text).to.not.contain(refreshToken);
        }
    });
});


const codeOf = function ({ result }: { result: unknown }): unknown {

    return (result as { code?: string } | null)?.code;
};


const withCookie = function ({ jwt, refreshToken }: Pair) {

    return { ...bearer(jwt), cookie: `refresh=${refreshToken}` };
};


// A route /end that revokes

const route = function ({ server }: Prepared, handler: Lifecycle.Method, options: HapiRouteOptions = {}, settings: RouteOptions = { revoke: true }, method = 'POST') {

    server.route({ method: method as 'POST', path: '/end', options: { ...options, plugins: { 'hard-logout': settings } }, handler });
};


const unreachable = function (): never {

    throw new Error('The handler was reached');
};


// An extension in front of ours, for the logout only

const before = function ({ server }: Prepared, method: (request: Request, h: ResponseToolkit) => Lifecycle.ReturnValue) {

    server.ext('onPreResponse', (request, h) => (request.path === '/logout' ? method(request, h) : h.continue), { before: 'hard-logout' });
};


// Lets the next writes fail, and counts all of them

const fail = function (times: number): () => number {

    let writes = 0;
    MemoryStore.prototype.revoke = function (revocations) {

        ++writes;
        return writes > times ? revoke.call(this, revocations) : Promise.reject(new Outage('away'));
    };

    return () => writes;
};


const withRedis = async function (test: (prepared: Prepared, redis: RedisServer) => Promise<void>, options: PluginOptions = {}) {

    const redis = await RedisServer.start({ isSettled: true });
    const prepared = await prepare({}, { lease: 300, ...options, redis: redis.url });
    try {
        await prepared.server.initialize();
        await test(prepared, redis);
    }
    finally {
        redis.resume();
        await prepared.server.stop();
        await redis.stop();
    }
};
