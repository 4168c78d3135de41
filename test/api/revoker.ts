import * as Boom from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import { Redis } from 'ioredis';

import { MemoryStore } from '../../lib/store/memory';
import { RedisServer } from '../support/redis';
import { bearer, jwt as settings, prepare } from '../support/server';
import { end, look, mint, payload, refused, serve } from '../support/tokens';
import { until } from '../support/until';

import type { Ending, PluginOptions, RevokeTarget } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { after, afterEach, before, describe, it } = lab;


const now = Date.now;

const start = 1_700_000_000_000;

const dead = 'The access token was revoked';

const app = { refreshToken: { query: 'refreshToken' }, lookup: { find: () => null, remove: () => undefined } };

const sid = ({ jwt }: Pair) => payload(jwt).sid as string;


describe('Revoker', () => {

    let redis: RedisServer;

    before(async () => {

        redis = await RedisServer.start({ isSettled: true });
    });

    after(() => redis.stop());

    afterEach(() => {

        Date.now = now;
    });

    const stores: Record<string, (prefix: string) => PluginOptions> = {
        memory: () => ({}),
        redis: (prefix) => ({ redis: redis.url, prefix, lease: 300 })
    };

    const using = async function (options: PluginOptions, test: (prepared: Prepared) => Promise<void>): Promise<void> {

        const prepared = await serve({}, {}, options);
        try {
            await test(prepared);
        }
        finally {
            await prepared.server.stop();
        }
    };

    for (const [store, options] of Object.entries(stores)) {
        describe(`on ${store}`, () => {

            it('ends all sessions of a subject but one', async () => {

                await using(options('except'), async (prepared) => {

                    const [one, kept, three] = [await prepared.login(), await prepared.login(), await prepared.login()];
                    const stranger = await prepared.login('43');
                    await prepared.auth.revoke({ subject: '42', except: sid(kept) });

                    expect(await refused(prepared, { one, kept, three, stranger })).to.equal(['one', 'three']);
                    expect(await refused(prepared, { one: { jwt: one.jwt }, three: { jwt: three.jwt } })).to.equal(['one', 'three']);
                    expect((await prepared.auth.sessions('42')).map(({ id }) => id)).to.equal([sid(kept)]);

                    await prepared.auth.revoke({ subject: '42', except: sid(kept) });
                    expect(await look(prepared, kept)).to.equal(200);
                });
            });

            it('lets a login that comes at the same time live whole or die whole', async () => {

                await using(options('race'), async (prepared) => {

                    // Waits for what may have been there before this process joined

                    await prepared.auth.revoke({ subject: '43' });

                    const outcomes = new Set<number>();
                    for (let i = 0; i < 10; ++i) {
                        const old = await prepared.login();
                        const logins = [prepared.login()];
                        let isRevoked = false;
                        const revoked = prepared.auth.revoke({ subject: '42' }).then(() => {

                            isRevoked = true;
                        });

                        do {
                            logins.push(prepared.login());
                            await new Promise((resolve) => setImmediate(resolve));
                        } while (!isRevoked && logins.length < 20);

                        await revoked;

                        expect(await refused(prepared, { old: { jwt: old.jwt } })).to.equal(['old']);
                        for (const { jwt, refreshToken } of await Promise.all(logins)) {
                            const verdicts = await refused(prepared, { jwt: { jwt }, refresh: { refreshToken } });
                            outcomes.add(verdicts.length);
                        }

                        expect(await look(prepared, await prepared.login())).to.equal(200);
                    }

                    expect(Array.from(outcomes)).to.include(2);
                    expect(Array.from(outcomes)).to.not.include(1);
                });
            });

            it('ends what a subject was issued before a moment', async () => {

                await using(options('before'), async (prepared) => {

                    const old = await prepared.login();
                    const stranger = await prepared.login('43');
                    const [{ created }] = await prepared.auth.sessions('42') as unknown as [{ created: number }];

                    await prepared.auth.revoke({ subject: '42', issuedBefore: created });
                    expect(await look(prepared, old)).to.equal(200);

                    const moment = new Date(created + 1);
                    await prepared.auth.revoke({ subject: '42', issuedBefore: moment });
                    expect(await refused(prepared, { jwt: { jwt: old.jwt }, refresh: { refreshToken: old.refreshToken } })).to.equal(['jwt', 'refresh']);
                    expect(await look(prepared, stranger)).to.equal(200);
                    expect(await prepared.auth.sessions('42')).to.equal([]);

                    const later = await prepared.login();
                    await prepared.auth.revoke({ subject: '42', issuedBefore: moment });
                    expect(await look(prepared, later)).to.equal(200);
                });
            });

            it('ends what everybody was issued before a moment', async () => {

                await using(options('everyone'), async (prepared) => {

                    const createdFor = async (subject: string) => (await prepared.auth.sessions(subject)).at(-1)!.created;

                    const one = await prepared.login();
                    const elsewhere = { jwt: await mint({ iat: Math.floor(Date.now() / 1000) - 10 }) };

                    // In a later millisecond: subjects have clocks of their own

                    let other = await prepared.login('43');
                    while (await createdFor('43') <= await createdFor('42')) {
                        other = await prepared.login('43');
                    }

                    const created = await createdFor('43');

                    await prepared.auth.revoke({ issuedBefore: created });
                    expect(await refused(prepared, { one, other, elsewhere })).to.equal(['one', 'elsewhere']);

                    await prepared.auth.revoke({ issuedBefore: created + 1 });
                    expect(await refused(prepared, { one, other, elsewhere })).to.equal(['one', 'other', 'elsewhere']);
                    expect(await refused(prepared, { one: { refreshToken: one.refreshToken } })).to.equal(['one']);

                    // Several cut-offs: the latest counts

                    await prepared.auth.revoke({ issuedBefore: created - 1000 });
                    expect(await refused(prepared, { other })).to.equal(['other']);
                    expect(await prepared.auth.sessions('43')).to.equal([]);

                    const later = await prepared.login();
                    expect(await look(prepared, later)).to.equal(200);
                });
            });
        });
    }

    it('takes a JWT from elsewhere for as old as the second it names, by a clock that may be ahead', async () => {

        Date.now = () => start + 700;

        const prepared = await serve();
        const jwt = await mint({ iat: start / 1000 });
        await prepared.auth.revoke({ issuedBefore: start - 5000 });
        expect(await look(prepared, { jwt })).to.equal(200);

        await prepared.auth.revoke({ issuedBefore: start - 4999 });
        expect(await look(prepared, { jwt })).to.equal(dead);
    });

    it('keeps a cut-off for as long as a token from before it could be presented, and no longer', async () => {

        const lives: number[] = [];
        const { revoke } = MemoryStore.prototype;
        MemoryStore.prototype.revoke = function (revocations) {

            lives.push(...revocations.map(({ ttl }) => ttl));
            return revoke.call(this, revocations);
        };

        try {
            Date.now = () => start;

            const minute = 60_000;
            const day = 24 * 60 * minute;
            const { auth } = await serve();
            await auth.revoke({ issuedBefore: start });
            await auth.revoke({ issuedBefore: start - day });
            await auth.revoke({ issuedBefore: start + minute });
            await auth.revoke({ issuedBefore: start - 100 * day });
            expect(lives).to.equal([90 * day + 10_000 + 2 * minute, 89 * day + 10_000 + 2 * minute, 90 * day + 10_000 + 3 * minute, 2 * minute]);
        }
        finally {
            MemoryStore.prototype.revoke = revoke;
        }
    });

    it('keeps the tokens of several issuers apart', async () => {

        const issuer = ['https://one.example', 'https://two.example'];
        const prepared = await serve({ issuer });
        const jwts = await Promise.all(issuer.map((iss) => mint({ iss })));
        const verdicts = () => Promise.all(jwts.map((jwt) => look(prepared, { jwt })));

        await prepared.auth.revoke({ issuedBefore: Date.now() + 1, issuer: issuer[1]! });
        expect(await verdicts()).to.equal([200, dead]);

        await prepared.auth.revoke({ issuedBefore: Date.now() + 1 });
        expect(await verdicts()).to.equal([dead, dead]);
    });

    it('wants to know the issuer where there are several: the same name is somebody else\'s in each', async () => {

        const issuer = ['https://one.example', 'https://two.example'];
        const prepared = await serve({ issuer });
        const [one, two] = [await prepared.login(), await prepared.login()];
        const others = { jwt: await mint({ iss: issuer[1], sid: sid(one), jti: 'a' }) };

        for (const target of [{ subject: '42' }, { subject: '42', issuedBefore: Date.now() }, { session: 's' }, { jti: 'a' }]) {
            await expect(prepared.auth.revoke(target)).to.reject('revoke() needs an issuer with a subject, a session or a jti: the strategy has several');
        }

        expect(await refused(prepared, { one, two, others })).to.equal([]);

        // A session that the plugin keeps says whose it is

        await prepared.auth.revoke({ session: sid(one) });
        expect(await refused(prepared, { one, two, others })).to.equal(['one']);

        const three = await prepared.login();
        await prepared.auth.revoke({ subject: '42', except: sid(three) });
        expect(await refused(prepared, { two, three, others })).to.equal(['two']);

        await prepared.auth.revoke({ subject: '42', issuer: issuer[1]! });
        expect(await refused(prepared, { three, others })).to.equal(['others']);
    });

    it('wants the issuer of each session where the strategy keeps none', async () => {

        const prepared = await serve({ issuer: ['https://one.example', 'https://two.example'] }, app);
        const { jwt } = await (await serve()).login();
        await expect(prepared.auth.revoke({ session: payload(jwt).sid as string })).to.reject(/^revoke\(\) needs an issuer/);
    });

    for (const [name, issuedBefore] of Object.entries({ 'seconds': Math.floor(start / 1000), 'a Date made of seconds': new Date(start / 1000), 'the last moment that is refused': 1e12 - 1 })) {

        it(`refuses a moment in seconds, by which it would revoke nothing: ${name}`, async () => {

            const { auth } = await serve();
            await expect(auth.revoke({ issuedBefore })).to.reject('revoke() needs issuedBefore in milliseconds since the epoch: this number looks like seconds');
            await auth.revoke({ issuedBefore: 1e12 });
        });
    }

    it('refuses an issuer that the strategy does not name, and revokes nothing', async () => {

        const prepared = await serve();
        const pair = await prepared.login();
        for (const issuer of ['https://unknown.example', '', settings.issuer.toUpperCase()]) {
            for (const target of [{ subject: '42' }, { session: sid(pair) }, { jti: payload(pair.jwt).jti as string }, { issuedBefore: Date.now() + 1 }]) {
                await expect(prepared.auth.revoke({ ...target, issuer })).to.reject('revoke() needs an issuer of the strategy');
            }
        }

        expect(await look(prepared, pair)).to.equal(200);
    });

    it('ends every token of everybody, those without a session too', async () => {

        Date.now = () => start;
        const prepared = await serve();
        const jwts = await Promise.all([{ jti: 'a' }, { sid: 'b' }, { sub: '43' }].map((claims) => mint({ iat: start / 1000, exp: start / 1000 + 900, ...claims })));

        await prepared.auth.revoke({ issuedBefore: start + 1 });
        expect(await Promise.all(jwts.map((jwt) => look(prepared, { jwt })))).to.equal([dead, dead, dead]);
    });

    for (const issuedBefore of ['', 'yesterday', '2026-01-01', NaN, Infinity, 0, -1, {}, new Date(NaN), start + 60_001, null, []]) {

        it(`refuses what is no moment in the past: ${String(issuedBefore)}`, async () => {

            Date.now = () => start;
            const { auth } = await serve();
            await expect(auth.revoke({ issuedBefore } as unknown as RevokeTarget)).to.reject('revoke() needs issuedBefore to be a date, at most a minute in the future');
        });
    }

    it('refuses to spare a session that is not the subject\'s: a mistake would end all of them', async () => {

        const prepared = await serve();
        const [one, stranger] = [await prepared.login(), await prepared.login('43')];
        for (const except of ['x', sid(stranger), `${sid(one)}x`, sid(one).toUpperCase()]) {
            await expect(prepared.auth.revoke({ subject: '42', except })).to.reject('revoke() needs except to be a session of the subject');
        }

        expect(await look(prepared, one)).to.equal(200);
    });

    it('spares no session where the strategy keeps none', async () => {

        const { auth } = await serve({}, app);
        await expect(auth.revoke({ subject: '42', except: 'x' })).to.reject('revoke() with except needs a strategy with sessions');
    });

    describe('of what is revoked already', () => {

        // Two processes on one Redis, in whose registry there is a third that says nothing: a revocation waits until its lease has run out

        const withSilentProcess = async function (prefix: string, work: (one: Prepared, other: Prepared) => Promise<void>): Promise<void> {

            const raw = new Redis(redis.url);
            const options = { redis: redis.url, lease: 500, prefix };
            const processes = [await prepare({}, options), await prepare({}, options)] as const;
            try {
                await Promise.all(processes.map(({ server }) => server.initialize()));
                await raw.zadd(`{${prefix}}:blacklist:members`, 0, 'silent');
                await work(...processes);
            }
            finally {
                await Promise.all(processes.map(({ server }) => server.stop()));
                raw.disconnect();
            }
        };

        for (const target of ['accessToken', 'refreshToken'] as const) {
            it(`waits for the process that the first revocation still waits for: ${target}`, async () => {

                await withSilentProcess(`silent-${target}`, async (one, other) => {

                    const { jwt, refreshToken } = await one.login();
                    const began = performance.now();
                    const revoke = async ({ auth }: Prepared): Promise<number> => {

                        await auth.revoke(target === 'accessToken' ? { accessToken: jwt } : { refreshToken });
                        return performance.now() - began;
                    };

                    const first = revoke(one);
                    for (const { me } of [one, other]) {
                        await until(async () => (await me(jwt)).statusCode === 401);
                    }

                    const durations = await Promise.all([first, revoke(one), revoke(other)]);
                    expect(Math.min(...durations)).to.be.above(500);
                });
            });
        }
    });

    describe('onRevoke', () => {

        const recording = function (veto: (ending: Ending) => void = () => undefined) {

            const calls: [Ending, string | null][] = [];
            const onRevoke = (ending: Ending, request: { path: string } | null) => {

                calls.push([ending, request && request.path]);
                veto(ending);
            };

            return { calls, onRevoke };
        };

        it('is called before anything is written, with what, whose and why', async () => {

            const { calls, onRevoke } = recording();
            const prepared = await serve({}, { onRevoke });
            const [one, two] = [await prepared.login(), await prepared.login()];
            const issuer = settings.issuer;
            const rest = { before: null, reason: null };
            const early = 1e12;

            await prepared.auth.revoke({ accessToken: one.jwt }, { reason: 'stolen' });
            await prepared.auth.revoke({ accessToken: await mint({ jti: 'a' }) });
            await prepared.auth.revoke({ session: 's' });
            await prepared.auth.revoke({ subject: '42', except: sid(two) });
            await end(prepared, 'session', 'both', two);
            await prepared.auth.revoke({ subject: '42' });
            await prepared.auth.revoke({ subject: '42', issuedBefore: early });
            await prepared.auth.revoke({ issuedBefore: new Date(early) });

            expect(calls).to.equal([
                [{ extent: 'session', issuer, subject: '42', session: sid(one), ...rest, reason: 'stolen' }, null],
                [{ extent: 'token', issuer, subject: '42', session: null, ...rest }, null],
                [{ extent: 'session', issuer, subject: null, session: 's', ...rest }, null],
                [{ extent: 'others', issuer, subject: '42', session: sid(two), ...rest }, null],
                [{ extent: 'session', issuer, subject: '42', session: sid(two), ...rest, reason: 'logout' }, '/session/both'],
                [{ extent: 'subject', issuer, subject: '42', session: null, ...rest }, null],
                [{ extent: 'subject', issuer, subject: '42', session: null, before: early, reason: null }, null],
                [{ extent: 'everyone', issuer, subject: null, session: null, before: early, reason: null }, null]
            ]);
        });

        it('can forbid it: nothing is written, nothing is reported, and the client gets the reason', async () => {

            const { onRevoke } = recording(() => {

                throw Boom.forbidden('Under investigation');
            });

            const prepared = await serve({}, { onRevoke });
            const told: unknown[] = [];
            prepared.server.events.on({ name: 'hard-logout', channels: 'revoked' }, (event) => told.push(event));
            const pair = await prepared.login();

            for (const target of [{ accessToken: pair.jwt }, { refreshToken: pair.refreshToken }, { session: sid(pair) }, { subject: '42' }, { issuedBefore: Date.now() }]) {
                await expect(prepared.auth.revoke(target)).to.reject('Under investigation');
            }

            const res = await prepared.server.inject({ method: 'POST', url: `/logout?refreshToken=${pair.refreshToken}`, headers: bearer(pair.jwt) });
            expect(res.statusCode).to.equal(403);
            expect(res.result).to.include({ message: 'Under investigation' });
            expect(await look(prepared, pair)).to.equal(200);
            expect(told).to.equal([]);
        });

        it('may take its time', async () => {

            const order: string[] = [];
            const prepared = await serve({}, {
                onRevoke: async () => {

                    await new Promise((resolve) => setImmediate(resolve));
                    order.push('asked');
                }
            });

            prepared.server.events.on({ name: 'hard-logout', channels: 'revoked' }, () => order.push('told'));
            const pair = await prepared.login();
            await prepared.auth.revoke({ accessToken: pair.jwt });
            expect(order).to.equal(['asked', 'told']);
            expect(await look(prepared, { jwt: pair.jwt })).to.equal(dead);
        });

        it('that fails is a 500, and nothing was revoked', async () => {

            const { onRevoke } = recording(() => {

                throw new Error('a bug');
            });

            const prepared = await serve({}, { onRevoke });
            const pair = await prepared.login();
            expect(await end(prepared, 'session', 'both', pair)).to.equal('An internal server error occurred');
            expect(await look(prepared, pair)).to.equal(200);
        });

        it('is not asked about theft', async () => {

            const { calls, onRevoke } = recording(() => {

                throw Boom.forbidden();
            });

            const prepared = await serve({}, { onRevoke, refreshToken: { query: 'refreshToken' }, sessions: { grace: 0 } });
            const pair = await prepared.login();
            await prepared.auth.refresh(pair.refreshToken);
            await expect(prepared.auth.refresh(pair.refreshToken)).to.reject('The refresh token was used before');
            expect(calls).to.equal([]);
            expect(await look(prepared, { jwt: pair.jwt })).to.equal(dead);
        });
    });
});
