import { once } from 'node:events';
import * as Http from 'node:http';
import * as Stream from 'node:stream';
import Timers = require('node:timers/promises');

import { expect } from '@hapi/code';
import * as Boom from '@hapi/boom';
import * as Lab from '@hapi/lab';

import { Outage } from '../../lib/errors/outage';
import { MemoryStore } from '../../lib/store/memory';
import { RedisStore } from '../../lib/store/redis';
import { alive, dead, fate, gate, turns } from '../support/logout';
import { RedisServer } from '../support/redis';
import { bearer, prepare } from '../support/server';
import { until } from '../support/until';

import type { AddressInfo } from 'node:net';
import type { Lifecycle, Request, ResponseToolkit, RouteOptions as HapiRouteOptions } from '@hapi/hapi';
import type { RouteOptions, Validation } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { after, afterEach, before, describe, it } = lab;


const { revoke } = MemoryStore.prototype;

const { setTimeout: sleep } = Timers;


describe('revocation for clients that hang up', () => {

    const running: Prepared[] = [];
    let awake: NodeJS.Timeout;

    // A process that has nothing to wait for ends, and with success, whether or not its tests have

    before(() => {

        awake = setInterval(() => undefined, 1000);
    });

    after(() => clearInterval(awake));

    // Over real HTTP: only there a client can hang up

    const start = async function (...args: Parameters<typeof prepare>): Promise<Prepared> {

        const prepared = await prepare(...args);
        running.push(prepared);
        await prepared.server.start();
        return prepared;
    };

    afterEach(async () => {

        MemoryStore.prototype.revoke = revoke;
        Object.assign(Timers, { setTimeout: sleep });
        await Promise.all(running.splice(0).map(({ server }) => server.stop()));
    });

    describe('in the handler', () => {

        for (const response of [undefined, { disconnectStatusCode: 444 }]) {
            it(`revokes at once on a GET route that allows it${response ? ', whatever its status for this' : ''}`, async () => {

                const prepared = await start();
                const held = hold();
                route(prepared, () => 'bye', { held, response, method: 'GET', settings: { allowSafeMethods: true, revoke: true } });
                const pair = await prepared.login();

                await hangUp(prepared, pair, held, { method: 'GET' });
                await until(async () => (await prepared.me(pair.jwt)).statusCode === 401);
                expect(await fate(prepared, pair)).to.equal(dead);
                held.open();
            });
        }

        const ends: Record<string, [Fate, Handler]> = {
            'revokes when the handler then succeeds': ['dead', () => 'bye'],
            'revokes when the handler then redirects': ['dead', (request, h) => h.redirect('/')],
            'revokes when the handler then abandons': ['dead', (request, h) => h.abandon],
            'revokes when the handler then closes': ['dead', (request, h) => h.close],
            'keeps both tokens when the handler then answers an error': ['alive', (request, h) => h.response({ no: true }).code(400)],
            'keeps both tokens when the handler then throws an error': ['alive', () => {

                throw Boom.conflict();
            }],
            'keeps both tokens when the handler then fails': ['alive', () => {

                throw new Error('a bug');
            }]
        };

        for (const [title, [expected, handler]] of Object.entries(ends)) {
            for (const body of [undefined, '{"device":1}']) {
                it(`${title} on a POST route, ${body ? 'with' : 'without'} a body`, async () => {

                    const prepared = await start();
                    const held = hold();
                    route(prepared, handler, { held });
                    const pair = await prepared.login();

                    await hangUp(prepared, pair, held, { body });
                    await turns();
                    expect((await prepared.me(pair.jwt)).statusCode).to.equal(200);

                    await finished(prepared, held);
                    expect(await fate(prepared, pair)).to.equal(expected === 'dead' ? dead : alive);
                });
            }
        }

        it('keeps both tokens while an error is being sent to them', async () => {

            const prepared = await start();
            route(prepared, (request, h) => {

                const stream = new Stream.PassThrough();
                stream.write('no');
                return h.response(stream).code(400);
            });
            const pair = await prepared.login();

            const done = prepared.server.events.once('response');
            const client = call(prepared, pair);
            client.end();
            const [res] = await once(client, 'response');
            expect(res.statusCode).to.equal(400);
            client.destroy();
            const [{ response }] = await done;
            expect((response as Boom.Boom).output.statusCode).to.equal(499);
            await turns();
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('logs that the artifacts were replaced, which leaves nothing to revoke', async () => {

            const prepared = await start();
            const held = hold();
            route(prepared, (request) => {

                request.auth.artifacts = { ...request.auth.artifacts };
                return 'bye';
            }, { held });
            const pair = await prepared.login();

            await hangUp(prepared, pair, held);
            const logged = prepared.server.events.once('log');
            held.open();
            const [event] = await logged;
            expect(event.tags).to.equal(['hard-logout', 'error']);
            expect(event.error).to.be.an.error('hard-logout: nothing can be revoked: request.auth.artifacts was replaced, or is from another scheme');
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('keeps both tokens when the handler takes too long, however it ends', async () => {

            const prepared = await start();
            const held = hold();
            route(prepared, () => 'bye', { held, timeout: { server: 150 } });
            const pair = await prepared.login();

            const done = prepared.server.events.once('response');
            await hangUp(prepared, pair, held);
            const [{ response }] = await done;
            expect((response as Boom.Boom).output.statusCode).to.equal(503);

            held.open();
            await turns();
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('keeps both tokens on a route that does not revoke', async () => {

            const prepared = await start();
            const held = hold();
            route(prepared, () => 'hello', { held, settings: { tokens: 'both' } });
            const pair = await prepared.login();

            await hangUp(prepared, pair, held);
            await finished(prepared, held);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('keeps the tokens of two people where a route tries to authenticate and goes on without', async () => {

            const prepared = await start();
            const held = hold();
            route(prepared, () => 'bye', { held, auth: { mode: 'try' } });
            const mine = await prepared.login('42');
            const yours = await prepared.login('43');

            const { auth } = await hangUp(prepared, { jwt: mine.jwt, refreshToken: yours.refreshToken }, held);
            expect(auth.isAuthenticated).to.be.false();
            await finished(prepared, held);
            expect(await fate(prepared, mine)).to.equal(alive);
            expect(await fate(prepared, yours)).to.equal(alive);
        });
    });

    it('logs that the store was away where a route tries to authenticate and goes on without', async () => {

        const { cutoffs } = MemoryStore.prototype;
        const prepared = await start();
        const held = hold();
        route(prepared, () => 'bye', { held, auth: { mode: 'try' } });
        const pair = await prepared.login();

        try {
            MemoryStore.prototype.cutoffs = () => Promise.reject(new Outage('away'));
            await hangUp(prepared, pair, held);
        }
        finally {
            MemoryStore.prototype.cutoffs = cutoffs;
        }

        const logged = prepared.server.events.once({ name: 'log', filter: ['error'] });
        held.open();
        const [event] = await logged;
        expect(event.tags).to.equal(['hard-logout', 'error']);
        expect(event.error).to.be.an.error('The token store cannot be reached');
        expect(await fate(prepared, pair)).to.equal(alive);
    });

    describe('during authentication', () => {

        const startHeld = async function (validation: Validation, options: Parameters<typeof route>[2] = {}) {

            const held = hold();
            const prepared = await start({
                async validate(claims, request) {

                    await held.wait(request);
                    return request.path === '/end' ? validation : { isValid: true };
                }
            });
            route(prepared, unreachable, options);
            return { prepared, held, pair: await prepared.login() };
        };

        for (const method of ['GET', 'POST'] as const) {
            it(`revokes once validate() has accepted a ${method}`, async () => {

                const { prepared, held, pair } = await startHeld({ isValid: true }, { method, settings: { allowSafeMethods: true, revoke: true } });
                await hangUp(prepared, pair, held, { method });
                await turns();
                expect((await prepared.me(pair.jwt)).statusCode).to.equal(200);

                held.open();
                await until(async () => (await prepared.me(pair.jwt)).statusCode === 401);
                expect(await fate(prepared, pair)).to.equal(dead);
            });
        }

        it('keeps both tokens when validate() refuses', async () => {

            const { prepared, held, pair } = await startHeld({ isValid: false });
            await hangUp(prepared, pair, held);
            held.open();
            await turns();
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('keeps both tokens on a route that does not revoke', async () => {

            const { prepared, held, pair } = await startHeld({ isValid: true }, { settings: { tokens: 'both' } });
            await hangUp(prepared, pair, held);
            held.open();
            await turns();
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('keeps both tokens where a scope is lacking', async () => {

            const { prepared, held, pair } = await startHeld({ isValid: true }, { auth: { scope: 'admin' } });
            await hangUp(prepared, pair, held);
            held.open();
            await turns();
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('revokes where the scope is there', async () => {

            const { prepared, held, pair } = await startHeld({ isValid: true, credentials: { scope: ['admin'] } }, { auth: { scope: 'admin' } });
            await hangUp(prepared, pair, held);
            held.open();
            await until(async () => (await prepared.me(pair.jwt)).statusCode === 401);
            expect(await fate(prepared, pair)).to.equal(dead);
        });

        it('survives credentials that hapi cannot check, and logs that', async () => {

            const { prepared, held, pair } = await startHeld({ isValid: true, credentials: { scope: 5 as any } }, { auth: { scope: 'admin' } });
            await hangUp(prepared, pair, held);
            const logged = prepared.server.events.once('log');
            held.open();
            const [event] = await logged;
            expect(event.tags).to.equal(['hard-logout', 'error']);
            expect(event.error).to.be.an.error(TypeError);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('revokes once the app has found its refresh token', async () => {

            const held = hold();
            const revoked: string[] = [];
            const prepared = await start({
                refreshToken: { query: 'refreshToken' },
                lookup: {
                    async find(token, request) {

                        await held.wait(request!);
                        return { subject: '42' };
                    },
                    remove: (token) => revoked.push(token)
                }
            });
            route(prepared, unreachable, { settings: { tokens: 'refresh', revoke: true } });

            await hangUp(prepared, { jwt: '', refreshToken: 'secret' }, held);
            expect(revoked).to.equal([]);

            held.open();
            await until(async () => revoked.length > 0);
            expect(revoked).to.equal(['secret']);

            const again = await prepared.server.inject({ method: 'POST', url: '/token?refreshToken=secret' });
            expect(again.statusCode).to.equal(401);
            expect((again.result as Error).message).to.equal('The refresh token was revoked');
        });

        it('leaves it to the handler where hapi still comes to it', async () => {

            // Once the body was read, by whomever, hapi does not give the request up

            const held = hold();
            const handling = hold();
            const prepared = await start({
                async validate(claims, request) {

                    await held.wait(request);
                    return { isValid: true };
                }
            });
            route(prepared, () => Boom.conflict(), {
                held: handling,
                ext: {
                    onPreAuth: {
                        async method(request, h) {

                            await request.raw.req.toArray();
                            Object.assign(request, { payload: {} });
                            return h.continue;
                        }
                    }
                }
            });
            const pair = await prepared.login();

            const logged: unknown[] = [];
            prepared.server.events.on('log', (event) => logged.push(event));
            await hangUp(prepared, pair, held, { body: '{}' });
            held.open();
            await handling.entered;
            await turns();
            expect((await prepared.me(pair.jwt)).statusCode).to.equal(200);

            await finished(prepared, handling);
            expect(logged).to.equal([]);
            expect(await fate(prepared, pair)).to.equal(alive);
        });
    });

    it('revokes when the body never came to its end', async () => {

        const held = hold();
        const prepared = await start({
            async validate(claims, request) {

                await held.wait(request);
                return { isValid: true };
            }
        });
        route(prepared, unreachable);
        const pair = await prepared.login();

        const client = call(prepared, pair, { 'content-length': '100' });
        client.write('{');
        const { auth } = await held.entered;
        held.open();
        await until(async () => auth.isAuthenticated);
        await turns();
        expect((await prepared.me(pair.jwt)).statusCode).to.equal(200);

        client.destroy();
        await until(async () => (await prepared.me(pair.jwt)).statusCode === 401);
        expect(await fate(prepared, pair)).to.equal(dead);
    });

    describe('while their answer awaits the revocation', () => {

        for (const method of ['GET', 'POST'] as const) {

            const options = { method, settings: { allowSafeMethods: true, revoke: true } };

            it(`writes it once for a ${method}`, async () => {

                const prepared = await start();
                route(prepared, () => 'bye', options);
                const pair = await prepared.login();
                const writing = gate();
                const finish = gate();
                const writes = store(async () => {

                    writing.open();
                    await finish.opened;
                });

                const done = prepared.server.events.once('response');
                const client = call(prepared, pair, {}, method);
                client.end();
                await writing.opened;
                client.destroy();
                await turns();
                finish.open();
                await done;
                await turns();
                expect(writes()).to.equal(1);
                expect(await fate(prepared, pair)).to.equal(dead);
            });

            it(`insists on it for a ${method} when the store was away`, async () => {

                const prepared = await start();
                route(prepared, () => 'bye', options);
                const pair = await prepared.login();
                const writing = gate();
                const finish = gate();
                const writes = store(async (count) => {

                    writing.open();
                    await finish.opened;
                    if (count === 1) {
                        throw new Outage('away');
                    }
                });

                const client = call(prepared, pair, {}, method);
                client.end();
                await writing.opened;
                client.destroy();
                await turns();
                finish.open();
                await until(async () => (await prepared.me(pair.jwt)).statusCode === 401);
                expect(writes()).to.equal(2);
                expect(await fate(prepared, pair)).to.equal(dead);
            });
        }

        it('does not insist on what is no outage', async () => {

            const prepared = await start();
            const pair = await prepared.login();
            const writing = gate();
            const finish = gate();
            const writes = store(async () => {

                writing.open();
                await finish.opened;
                throw new Error('a bug');
            });

            const done = prepared.server.events.once('response');
            const client = call(prepared, pair, {}, 'POST', '/logout');
            client.end();
            await writing.opened;
            client.destroy();
            await turns();
            finish.open();
            await done;
            await turns();
            expect(writes()).to.equal(1);
        });
    });

    describe('while the store is away', () => {

        const startGone = async function (handler: Handler = () => 'bye') {

            const prepared = await start();
            const held = hold();
            route(prepared, handler, { held });
            const pair = await prepared.login();
            await hangUp(prepared, pair, held);

            const logged: { tags: string[]; error: unknown }[] = [];
            prepared.server.events.on('log', ({ tags, error }) => logged.push({ tags, error }));
            return { prepared, held, pair, logged };
        };

        it('insists until it is back', async () => {

            const { prepared, held, pair, logged } = await startGone();
            const writes = store(async (count) => {

                if (count <= 2) {
                    throw new Outage('away');
                }
            });

            held.open();
            await until(async () => (await prepared.me(pair.jwt)).statusCode === 401);
            expect(writes()).to.equal(3);
            expect(await fate(prepared, pair)).to.equal(dead);
            expect(logged).to.equal([]);
        });

        it('ends a login of that time too, if everything is to end', async () => {

            const prepared = await start();
            const held = hold();
            route(prepared, () => 'bye', { held, settings: { revoke: 'subject' } });
            const pair = await prepared.login();
            const logins: Pair[] = [];
            const writes = store(async (count) => {

                if (count === 1) {
                    logins.push(await prepared.login());
                    throw new Outage('away');
                }
            });

            await hangUp(prepared, pair, held);
            held.open();
            await until(async () => writes() === 2);
            await until(async () => (await prepared.me(pair.jwt)).statusCode === 401);
            expect(await fate(prepared, logins[0]!)).to.equal(dead);
        });

        it('insists until Redis is back', { timeout: 10_000 }, async () => {

            const redis = await RedisServer.start({ isSettled: true });
            const original = RedisStore.prototype.revoke;
            let writes = 0;
            RedisStore.prototype.revoke = function (revocations) {

                ++writes;
                return original.call(this, revocations);
            };

            try {
                const prepared = await start({}, { redis: redis.url, lease: false });
                const held = hold();
                route(prepared, () => 'bye', { held });
                const pair = await prepared.login();

                await hangUp(prepared, pair, held);
                redis.pause();
                held.open();
                await until(async () => writes > 1);

                redis.resume();
                await until(async () => (await prepared.me(pair.jwt)).statusCode === 401);
                expect(await fate(prepared, pair)).to.equal(dead);
                await prepared.server.stop();
            }
            finally {
                RedisStore.prototype.revoke = original;
                redis.resume();
                await redis.stop();
            }
        });

        it('gives up after half a minute, and logs that', async () => {

            const { prepared, held, pair, logged } = await startGone();
            const failure = new Outage('away');
            const writes = store(() => Promise.reject(failure));
            const delays: number[] = [];
            Object.assign(Timers, {
                setTimeout(delay: number) {

                    delays.push(delay);
                    return Promise.resolve();
                }
            });

            const gaveUp = prepared.server.events.once('log');
            held.open();
            await gaveUp;
            expect(delays).to.equal([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000]);
            expect(writes()).to.equal(11);
            expect(logged).to.equal([{ tags: ['hard-logout', 'error'], error: failure }]);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('logs what is no outage at once', async () => {

            const { prepared, held, logged } = await startGone();
            const failure = new Error('a bug');
            const writes = store(() => Promise.reject(failure));

            const done = prepared.server.events.once('log');
            held.open();
            await done;
            expect(writes()).to.equal(1);
            expect(logged).to.equal([{ tags: ['hard-logout', 'error'], error: failure }]);
        });

        it('tries once more when the server stops, and waits for that', async () => {

            const { prepared, held, pair, logged } = await startGone();
            Object.assign(Timers, { setTimeout: (...[, ...rest]: Parameters<typeof sleep>) => sleep(60_000, ...rest) });
            const failed = gate();
            let done = false;
            const writes = store(async (count) => {

                if (count === 1) {
                    failed.open();
                    throw new Outage('away');
                }

                await turns();
                done = true;
            });

            held.open();
            await failed.opened;
            await turns();
            await prepared.server.stop();
            expect(done).to.be.true();
            expect(writes()).to.equal(2);
            expect(logged).to.equal([]);
            expect(await fate(prepared, pair)).to.equal(dead);
        });

        it('gives up when the server stops and it still is away', async () => {

            const { prepared, held, pair, logged } = await startGone();
            const failure = new Outage('away');
            const failed = gate();
            const writes = store(async () => {

                failed.open();
                throw failure;
            });

            held.open();
            await failed.opened;
            await turns();
            await prepared.server.stop();
            expect(writes()).to.equal(2);
            expect(logged).to.equal([{ tags: ['hard-logout', 'error'], error: failure }]);
            expect(await fate(prepared, pair)).to.equal(alive);
        });

        it('insists again once the server was started again', async () => {

            const prepared = await start();
            await prepared.server.stop();
            await prepared.server.start();

            const held = hold();
            route(prepared, () => 'bye', { held });
            const pair = await prepared.login();
            await hangUp(prepared, pair, held);
            const writes = store(async (count) => {

                if (count <= 2) {
                    throw new Outage('away');
                }
            });

            held.open();
            await until(async () => (await prepared.me(pair.jwt)).statusCode === 401);
            expect(writes()).to.equal(3);
        });

        it('gathers no listeners, however many there are', async () => {

            const prepared = await start();
            const held = hold();
            route(prepared, () => 'bye', { held });
            const warnings: Error[] = [];
            const warn = (warning: Error) => warnings.push(warning);
            process.on('warning', warn);

            try {
                const writes = store(() => Promise.reject(new Outage('away')));
                for (let i = 0; i < 12; ++i) {
                    await hangUp(prepared, await prepared.login(`${i}`), held);
                }

                held.open();
                await until(async () => writes() >= 12);
                await turns();
                expect(warnings).to.equal([]);
            }
            finally {
                process.off('warning', warn);
            }
        });
    });

    it('waits for their revocations when the server stops', async () => {

        const prepared = await start();
        const held = hold();
        route(prepared, () => 'bye', { held });
        const pair = await prepared.login();
        await hangUp(prepared, pair, held);

        const writing = gate();
        let done = false;
        store(async () => {

            writing.open();
            await turns();
            done = true;
        });

        held.open();
        await writing.opened;
        await prepared.server.stop();
        expect(done).to.be.true();
        expect(await fate(prepared, pair)).to.equal(dead);
    });
});


type Fate = 'alive' | 'dead';

type Handler = (request: Request, h: ResponseToolkit) => Lifecycle.ReturnValue;

// A route /end that revokes, and holds its handler back

const route = function ({ server }: Prepared, handler: Handler, { held, method = 'POST', settings = { revoke: true }, ...options }: HapiRouteOptions & {
    held?: Hold;
    method?: 'GET' | 'POST';
    settings?: RouteOptions;
} = {}) {

    server.route({
        method,
        path: '/end',
        options: { ...options, plugins: { 'hard-logout': settings } },
        async handler(request, h) {

            await held?.wait(request);
            return handler(request, h);
        }
    });
};


const unreachable = function (): never {

    throw new Error('The handler was reached');
};


// A request to /end that can be broken off

const call = function ({ server }: Prepared, { jwt, refreshToken }: Pair, headers: Http.OutgoingHttpHeaders = {}, method = 'POST', path = '/end'): Http.ClientRequest {

    const client = Http.request({
        host: '127.0.0.1',
        port: (server.listener.address() as AddressInfo).port,
        method,
        path: `${path}?refreshToken=${refreshToken}`,
        headers: { ...jwt && bearer(jwt), ...headers }
    });

    return client.on('error', () => undefined);
};


// Hangs up where /end is held back. Resolves when the server has noticed

const hangUp = async function (prepared: Prepared, pair: Pair, held: Hold, { method = 'POST', body }: { method?: string; body?: string } = {}): Promise<Request> {

    const entered = held.entered;
    const client = call(prepared, pair, body ? { 'content-type': 'application/json', 'content-length': body.length } : {}, method);
    client.end(body);

    const request = await entered;
    const closed = once(request.raw.res, 'close');
    client.destroy();
    await closed;
    return request;
};


// Lets /end go on to its end, and whatever it leaves to do

const finished = async function ({ server }: Prepared, held: Hold) {

    const done = server.events.once('response');
    held.open();
    await done;
    await turns();
};


// Where requests to /end wait until it is opened

class Hold {

    #gate = gate();
    #entered = gate<Request>();

    get entered(): Promise<Request> {

        return this.#entered.opened;
    }

    open(): void {

        this.#gate.open();
    }

    async wait(request: Request): Promise<void> {

        if (request.path === '/end') {
            this.#entered.open(request);
            this.#entered = gate();
            await this.#gate.opened;
        }
    }
}


const hold = function (): Hold {

    return new Hold();
};


// Puts something in front of each write, and counts them

const store = function (method: (count: number) => Promise<void>): () => number {

    let writes = 0;
    MemoryStore.prototype.revoke = async function (revocations) {

        await method(++writes);
        return revoke.call(this, revocations);
    };

    return () => writes;
};
