import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';

import * as Boom from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { RedisServer } from '../support/redis';
import { bearer, jwt as settings, pairOf, prepare } from '../support/server';
import { end, look, mint, payload, serve } from '../support/tokens';

import type { Request } from '@hapi/hapi';
import type { Artifacts, Events, PluginOptions, RevokeTarget } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { afterEach, describe, it } = lab;


const sid = ({ jwt }: Pair) => payload(jwt).sid as string;

const { issuer } = settings;


describe('events', () => {

    const listen = function ({ server }: Pick<Prepared, 'server'>, ...channels: (keyof Events)[]): [channel: string, event: any][] {

        const heard: [string, unknown][] = [];
        for (const channel of channels) {
            server.events.on({ name: 'hard-logout', channels: channel }, (event) => heard.push([channel, event]));
        }

        return heard;
    };

    it('tell of a session\'s life, whose it is and in which request', async () => {

        const prepared = await serve();
        const { server, auth } = prepared;
        const heard = listen(prepared, 'issued', 'refreshed', 'reuse-detected', 'revoked');
        const requests: string[] = [];
        server.ext('onRequest', (request, h) => {

            requests.push(request.info.id);
            return h.continue;
        });

        const login = await server.inject({ method: 'POST', url: '/login' });
        const pair = pairOf(login.result as any);
        const renewed = pairOf((await server.inject({ method: 'POST', url: `/token?refreshToken=${pair.refreshToken}` })).result as any);
        await server.inject({ method: 'POST', url: `/logout?refreshToken=${renewed.refreshToken}`, headers: bearer(renewed.jwt) });

        const byHand = await prepared.login('43');
        await auth.refresh(byHand.refreshToken);
        await auth.revoke({ session: sid(byHand) }, { reason: 'a support desk' });

        const me = { issuer, subject: '42', session: sid(pair) };
        const mine = { strategy: 'session', ...me, actor: null };
        const theirs = { strategy: 'session', issuer, subject: '43', session: sid(byHand), actor: null, by: null, request: null };
        expect(heard.map(([channel, { at: _, ...event }]) => [channel, event])).to.equal([
            ['issued', { type: 'issued', ...mine, by: null, request: requests[0] }],
            ['refreshed', { type: 'refreshed', ...mine, by: me, request: requests[1] }],
            ['revoked', { type: 'revoked', ...mine, by: me, extent: 'session', before: null, reason: 'logout', request: requests[2], loginsFrom: null }],
            ['issued', { type: 'issued', ...theirs }],
            ['refreshed', { type: 'refreshed', ...theirs }],
            ['revoked', { type: 'revoked', ...theirs, subject: null, extent: 'session', before: null, reason: 'a support desk', loginsFrom: null }]
        ]);

        const moments = heard.map(([, { at }]) => at);
        expect(moments).to.equal(moments.toSorted());
        expect(Date.now() - moments[0]).to.be.within(0, 60_000);
    });

    describe('say for an audit log', () => {

        const acting = async function () {

            const prepared = await serve();
            const { server, auth } = prepared;
            server.route([
                {
                    method: 'POST',
                    path: '/act',
                    handler: ({ auth: { artifacts } }) => auth.issue(null, { sub: '43' }, { actor: artifacts as Artifacts })
                },
                { method: 'POST', path: '/begin', handler: (request) => auth.issue(request, { sub: '44' }) },
                { method: 'POST', path: '/password', options: { plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: (request) => auth.reauthenticate(request) },
                {
                    method: 'POST',
                    path: '/block/{subject}',
                    options: { auth: { mode: 'try' } },
                    handler: async (request) => {

                        await auth.revoke({ subject: request.params.subject as string }, { request });
                        return null;
                    }
                }
            ]);

            const agent = await prepared.login('agent');
            const post = async (url: string, { jwt }: Pair) => (await server.inject({ method: 'POST', url, headers: bearer(jwt) })).result as any;
            const user = pairOf(await post('/act', agent));
            const parties = { agent: { issuer, subject: 'agent', session: sid(agent) }, user: { issuer, subject: '43', session: sid(user) } };
            const heard = listen(prepared, 'issued', 'refreshed', 'reauthenticated', 'reuse-detected', 'revoked');
            const who = () => heard.splice(0).map(([channel, { by, actor }]) => [channel, by, actor]);
            return { ...prepared, agent, user, post, parties, who };
        };

        it('who acts: in the session, else in the request', async () => {

            const { server, auth, agent, user, post, parties, who } = await acting();
            await post('/act', agent);
            expect(who()).to.equal([['issued', null, parties.agent]]);

            await post('/begin', user);
            expect(who()).to.equal([['issued', parties.user, parties.agent]]);

            const next = pairOf(await auth.refresh(user.refreshToken));
            expect(who()).to.equal([['refreshed', null, parties.agent]]);

            const last = pairOf((await server.inject({ method: 'POST', url: `/password?refreshToken=${next.refreshToken}` })).result as any);
            expect(who()).to.equal([['reauthenticated', parties.user, parties.agent]]);

            await post('/block/44', last);
            expect(who()).to.equal([['revoked', parties.user, parties.agent]]);

            await expect(auth.refresh(user.refreshToken)).to.reject('The refresh token was used before');
            expect(who()).to.equal([['reuse-detected', null, parties.agent]]);
        });

        it('who made the request, if it was authenticated, and by this scheme', async () => {

            const { server, agent, post, parties, who } = await acting();
            await post('/block/44', agent);
            expect(who()).to.equal([['revoked', parties.agent, null]]);

            await server.inject({ method: 'POST', url: '/block/44', headers: bearer(`${agent.jwt}x`) });
            expect(who()).to.equal([['revoked', null, null]]);

            const credentials = { sub: 'agent', user: { id: 'agent' } };
            await server.inject({ method: 'POST', url: '/block/44', auth: { strategy: 'session', credentials, artifacts: { subject: 'agent', session: sid(agent) } } });
            expect(who()).to.equal([['revoked', null, null]]);
        });

        it('who made the request, where its tokens name no session', async () => {

            const prepared = await serve();
            const heard = listen(prepared, 'revoked');
            await end(prepared, 'token', 'access', { jwt: await mint({ jti: 'a' }) });
            expect(heard[0]![1].by).to.equal({ issuer, subject: '42', session: null });
        });

        it('no token of the request, and none of its session', async () => {

            const prepared = await serve({}, { sessions: { grace: 0 } }, { events: { client: true } });
            const heard = listen(prepared, 'issued', 'refreshed', 'reuse-detected', 'revoked');
            const pair = await prepared.login();
            const next = pairOf((await prepared.server.inject({ method: 'POST', url: `/token?refreshToken=${pair.refreshToken}` })).result as any);
            await end(prepared, 'session', 'both', next);
            const other = await prepared.login();
            await prepared.auth.refresh(other.refreshToken);
            await expect(prepared.auth.refresh(other.refreshToken)).to.reject();

            expect(heard.map(([channel]) => channel)).to.equal(['issued', 'refreshed', 'revoked', 'issued', 'refreshed', 'reuse-detected']);
            for (const token of [pair, next, other].flatMap(({ jwt, refreshToken }) => [jwt, refreshToken])) {
                expect(inspect(heard, { depth: null, showHidden: true })).to.not.include(token);
            }
        });
    });

    describe('say from where the request came', () => {

        const remoteAddress = '192.0.2.7';

        const clientOf = async function (options: PluginOptions['events'], headers: Record<string, string> = { 'user-agent': 'Firefox' }) {

            const prepared = await prepare({}, options && { events: options });
            const heard = listen(prepared, 'issued');
            const logs: unknown[] = [];
            prepared.server.events.on('log', ({ error }) => logs.push((error as Error).constructor.name));
            expect((await prepared.server.inject({ method: 'POST', url: '/login', headers, remoteAddress })).statusCode).to.equal(200);
            return { ...heard[0]![1], logs };
        };

        it('only where the app wants it', async () => {

            for (const options of [undefined, {}, { client: false }]) {
                const event = await clientOf(options);
                expect(event).to.not.include('client');
                expect(JSON.stringify(event)).to.not.include(remoteAddress).and.to.not.include('Firefox');
            }
        });

        it('by its connection and its header', async () => {

            expect((await clientOf({ client: true })).client).to.equal({ address: remoteAddress, agent: 'Firefox' });
            expect((await clientOf({ client: true }, { 'user-agent': '' })).client).to.equal({ address: remoteAddress, agent: '' });
        });

        it('without a request not at all', async () => {

            const prepared = await prepare({}, { events: { client: true } });
            const heard = listen(prepared, 'issued');
            await prepared.login();
            expect(heard[0]![1].client).to.be.null();
        });

        it('in 256 characters', async () => {

            const long = 'x'.repeat(10_000);
            expect((await clientOf({ client: true }, { 'user-agent': long })).client.agent).to.equal(long.slice(0, 256));
            expect((await clientOf({ client: () => ({ address: long }) })).client).to.equal({ address: long.slice(0, 256), agent: null });
        });

        it('as a function of the app says, and its mistakes are logged and undo nothing', async () => {

            const forwarded = (request: Request) => ({ address: request.headers['x-forwarded-for'] as string, agent: null });
            const { client } = await clientOf({ client: forwarded }, { 'x-forwarded-for': '198.51.100.1' });
            expect(client).to.equal({ address: '198.51.100.1', agent: null });

            for (const mistake of [() => undefined, () => ({ agent: 5 })]) {
                expect(await clientOf({ client: mistake as any })).to.include({ client: null, logs: ['TypeError'] });
            }
        });
    });

    describe('say from when on logins are accepted after', () => {

        const start = Date.UTC(2030, 0, 1) + 300;
        const { now } = Date;

        afterEach(() => {

            Date.now = now;
        });

        const lookup = { refreshToken: { query: 'refreshToken' }, lookup: { find: () => null, remove: () => undefined } };
        const none = { refreshToken: undefined };

        const revoked = async function (strategy: object, target: RevokeTarget, clockTolerance = 5000) {

            Date.now = () => start;
            const prepared = await prepare({ jwt: { ...settings, clockTolerance }, ...strategy });
            const heard = listen(prepared, 'revoked');
            const logs: unknown[] = [];
            prepared.server.events.on('log', ({ tags, data }) => logs.push([tags, data]));
            await prepared.auth.revoke(target);
            return { ...prepared, loginsFrom: heard[0]![1].loginsFrom as number | null, logs };
        };

        for (const [name, target, from] of [
            ['a subject', { subject: '42' }, start + 5700],
            ['what a subject was issued before a moment', { subject: '42', issuedBefore: start - 1300 }, start + 3700],
            ['what everybody was issued before a moment', { issuedBefore: start - 1299 }, start + 4700]
        ] as const) {

            it(name, async () => {

                for (const strategy of [lookup, none]) {
                    const { loginsFrom, logs, me } = await revoked(strategy, target);
                    expect(loginsFrom).to.equal(from);
                    expect(logs).to.equal([[['hard-logout', 'logins', 'delayed', 'warn'], `The strategy session refuses tokens issued to the revoked subjects before ${new Date(from).toISOString()}, ` +
                        'also those of new logins, because clocks may differ by jwt.clockTolerance. Revoking sessions by their ids does not have this effect']]);

                    Date.now = () => from;
                    expect((await me(await mint({ iat: from / 1000 - 1 }))).statusCode).to.equal(401);
                    expect((await me(await mint({ iat: from / 1000 }))).statusCode).to.equal(200);
                }
            });
        }

        it('anything after which they are accepted at once', async () => {

            for (const [strategy, target] of [
                [{}, { subject: '42' }],
                [{}, { issuedBefore: start }],
                [lookup, { session: 's' }],
                [lookup, { jti: 'a' }],
                [lookup, { issuedBefore: start - 6000 }]
            ] as const) {
                const { loginsFrom, logs } = await revoked(strategy, target);
                expect(loginsFrom).to.be.null();
                expect(logs).to.equal([]);
            }
        });

        it('clocks that are known to agree better', async () => {

            expect((await revoked(lookup, { subject: '42' }, 0)).loginsFrom).to.equal(start + 700);
        });
    });

    it('tell of the request that revoke() was called in', async () => {

        const prepared = await serve();
        const heard = listen(prepared, 'revoked');
        let id = '';
        prepared.server.route({
            method: 'POST',
            path: '/block',
            options: { auth: false },
            handler: async (request) => {

                id = request.info.id;
                await prepared.auth.revoke({ subject: '42' }, { request, reason: 'blocked' });
                return null;
            }
        });

        await prepared.server.inject({ method: 'POST', url: '/block' });
        expect(heard[0]![1]).to.include({ extent: 'subject', subject: '42', reason: 'blocked', request: id });
    });

    it('tell once of theft, by whichever call it came out', async () => {

        for (const present of [
            ({ auth }: Prepared, token: string) => auth.refresh(token).catch(() => null),
            (prepared: Prepared, token: string) => end(prepared, 'session', 'refresh', { refreshToken: token }),
            ({ auth }: Prepared, token: string) => auth.revoke({ refreshToken: token })
        ]) {
            const prepared = await serve({}, { refreshToken: { query: 'refreshToken' }, sessions: { grace: 0 } });
            const pair = await prepared.login();
            const next = pairOf(await prepared.auth.refresh(pair.refreshToken));
            const heard = listen(prepared, 'reuse-detected', 'revoked');

            await present(prepared, pair.refreshToken);
            await present(prepared, pair.refreshToken);
            expect(heard).to.have.length(1);
            expect(heard[0]![0]).to.equal('reuse-detected');
            expect(heard[0]![1]).to.include({ strategy: 'session', issuer, subject: '42', session: sid(pair) });
            expect(await look(prepared, { jwt: next.jwt })).to.equal('The access token was revoked');
        }
    });

    it('tell nothing that has not happened', async () => {

        const redis = await RedisServer.start({ isSettled: true });
        try {
            const prepared = await serve({}, {}, { redis: redis.url, lease: 300, timeout: 100 });
            const pair = await prepared.login();
            const heard = listen(prepared, 'issued', 'refreshed', 'reuse-detected', 'revoked');
            await redis.kill();
            await prepared.auth.revoke({ accessToken: pair.jwt }).catch(() => null);
            await prepared.login().catch(() => null);
            await prepared.auth.refresh(pair.refreshToken).catch(() => null);
            expect(heard).to.equal([]);
            await prepared.server.stop();
        }
        finally {
            await redis.stop();
        }
    });

    it('tell of what has arrived, and whom it ends', async () => {

        const prepared = await serve();
        const { server, auth } = prepared;
        const artifacts: Artifacts[] = [];
        server.ext('onPostAuth', (request, h) => {

            artifacts.push(request.auth.artifacts as Artifacts);
            return h.continue;
        });

        const [one, two, three] = [await prepared.login(), await prepared.login(), await prepared.login('43')];
        await look(prepared, { jwt: one.jwt });
        await look(prepared, { refreshToken: one.refreshToken });
        await look(prepared, two);
        await look(prepared, three);

        const affected: boolean[][] = [];
        server.events.on({ name: 'hard-logout', channels: 'invalidated' }, ({ affects }) => affected.push(artifacts.map(affects)));

        await auth.revoke({ issuedBefore: 1e12 });
        await auth.revoke({ session: sid(one) });
        await auth.refresh(two.refreshToken);
        await auth.revoke({ subject: '42' });
        await auth.revoke({ issuedBefore: Date.now() + 1000 });
        expect(affected).to.equal([
            [false, false, false, false],
            [true, true, false, false],
            [true, true, true, false],
            [true, true, true, true]
        ]);
    });

    it('affect nothing without a request of this scheme behind it', async () => {

        const prepared = await serve();
        const pair = await prepared.login();
        const artifacts = [undefined, null, {}, { subject: '42', session: sid(pair) }];
        let affected: boolean[] = [];
        prepared.server.events.on({ name: 'hard-logout', channels: 'invalidated' }, ({ affects }) => {

            affected = artifacts.map(affects);
        });

        await prepared.auth.revoke({ subject: '42' });
        expect(affected).to.equal([false, false, false, false]);
    });

    for (const [how, fail] of Object.entries({
        'throws': (error: Error) => {

            throw error;
        },
        'rejects, later': async (error: Error) => {

            await nextTurn();
            throw error;
        }
    })) {

        it(`have listeners whose mistakes undo nothing and are logged: one ${how}`, async () => {

            const prepared = await serve();
            const logs: unknown[] = [];
            prepared.server.events.on('log', ({ tags, error }) => logs.push([tags, (error as Error).message]));
            for (const channel of ['issued', 'revoked', 'invalidated'] as const) {
                prepared.server.events.on({ name: 'hard-logout', channels: channel }, () => fail(Boom.badImplementation(channel)));
            }

            const heard = listen(prepared, 'revoked');
            const pair = await prepared.login();
            expect(await end(prepared, 'session', 'both', pair)).to.equal(204);
            expect(await look(prepared, { jwt: pair.jwt })).to.equal('The access token was revoked');
            expect(heard).to.have.length(1);

            await nextTurn();
            expect(logs).to.equal(['issued', 'invalidated', 'revoked'].map((channel) => [['hard-logout', 'error'], channel]));
        });
    }

    it('log each of several mistakes', async () => {

        const prepared = await serve();
        const logs: unknown[] = [];
        prepared.server.events.on('log', ({ error }) => logs.push((error as Error).message));
        for (const name of ['one', 'two']) {
            prepared.server.events.on({ name: 'hard-logout', channels: 'issued' }, () => {

                throw new Error(name);
            });
        }

        await prepared.login();
        await nextTurn();
        expect(logs).to.equal(['one', 'two']);
    });
});
