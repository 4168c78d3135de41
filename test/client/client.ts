import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Session, SessionEnded, SessionUnavailable } from '../../lib/client/client';
import { prepare } from '../support/server';

import type { AddressInfo } from 'node:net';
import type * as Hapi from '@hapi/hapi';
import type { ClientOptions, ClientTokens } from '../../lib/client/client';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


describe('the session of a client', () => {

    let server: Hapi.Server;
    let uri: string;
    let issue: () => Promise<ClientTokens>;
    let renewals = 0;
    const sessions: Session[] = [];

    before(async () => {

        const prepared = await prepare({ refreshToken: { header: 'x-refresh-token' } });
        server = prepared.server;
        issue = async () => (await prepared.auth.issue(null, { sub: '42' })) as ClientTokens;

        const kill = { 'hard-logout': { tokens: 'access' as const, revoke: 'token' as const } };
        server.route([
            { method: 'POST', path: '/kill', options: { plugins: kill }, handler: () => null },
            { method: 'POST', path: '/echo', handler: (request) => request.payload },
            {
                method: 'GET',
                path: '/wrong',
                options: { auth: false },
                handler: (request, h) => h.response({ code: 'wrong_password' }).code(401)
            },
            {
                method: 'GET',
                path: '/plain',
                options: { auth: false },
                handler: (request, h) => h.response('no').code(request.headers.authorization === 'Bearer stale' ? 401 : 200)
            }
        ]);

        server.events.on({ name: 'hard-logout', channels: 'refreshed' }, () => ++renewals);
        await server.initialize();
        await new Promise<void>((resolve) => server.listener.listen(0, '127.0.0.1', resolve));
        uri = `http://127.0.0.1:${(server.listener.address() as AddressInfo).port}`;
    });

    afterEach(() => {

        sessions.splice(0).forEach((session) => session.close());
        renewals = 0;
    });

    after(async () => {

        server.listener.close();
        await server.stop();
    });

    const renew = (refreshToken?: string, signal?: AbortSignal) => fetch(`${uri}/token`, { method: 'POST', headers: { 'x-refresh-token': refreshToken! }, signal });

    const logout = ({ access_token: accessToken, refresh_token: refreshToken }: Partial<ClientTokens>) => {

        return fetch(`${uri}/logout`, { method: 'POST', headers: { authorization: `Bearer ${accessToken}`, 'x-refresh-token': refreshToken! } });
    };

    const open = function (options: Partial<ClientOptions>): Session {

        const session = new Session({ renew, ...options });
        sessions.push(session);
        return session;
    };

    // With an access token that the server refuses

    const openRefused = async function (options: Partial<ClientOptions> = {}): Promise<Session> {

        const tokens = await issue();
        await fetch(`${uri}/kill`, { method: 'POST', headers: { authorization: `Bearer ${tokens.access_token}` } });
        return open({ tokens, ...options });
    };

    const respond = (status: number, headers: Record<string, string> = {}, body = '{}') => new Response(body, { status, headers });

    it('sends the access token', async () => {

        const session = open({ tokens: await issue() });
        expect((await session.fetch(`${uri}/me`)).status).to.equal(200);
        expect(renewals).to.equal(0);
    });

    it('renews once for twenty requests that are refused together, and sends each again, with its body', async () => {

        const stored: (ClientTokens | null)[] = [];
        const session = await openRefused({ save: (tokens) => stored.push(tokens) });

        const numbers = Array.from({ length: 20 }, (_, i) => i);
        const responses = await Promise.all(numbers.map((i) => session.fetch(`${uri}/echo`, { method: 'POST', body: `{"number":${i}}`, headers: { 'content-type': 'application/json' } })));
        expect(responses.map(({ status }) => status)).to.equal(numbers.map(() => 200));
        expect(await Promise.all(responses.map((response) => response.json()))).to.equal(numbers.map((number) => ({ number })));
        expect(renewals).to.equal(1);

        expect(stored).to.have.length(1);
        expect(await session.accessToken()).to.equal(stored[0]!.access_token);
    });

    it('renews what has expired before it sends it, and without one sends nothing else', async () => {

        const { expires_in: seconds, ...tokens } = await issue();
        let pair: ClientTokens | undefined;
        const session = open({ tokens, save: (stored) => (pair = stored!) });
        await session.renew();
        expect(renewals).to.equal(1);
        expect(pair!.expires_in).to.equal(seconds);

        const now = Date.now;
        Date.now = () => now() + seconds! * 1000;
        try {
            expect(await session.accessToken()).to.not.equal(tokens.access_token);
        }
        finally {
            Date.now = now;
        }

        expect(renewals).to.equal(2);
        const stranger = open({ renew: () => renew(pair!.refresh_token) });
        expect((await stranger.fetch(`${uri}/me`)).status).to.equal(200);
    });

    it('does not use tokens that could not be stored', async () => {

        const session = await openRefused({ save: () => Promise.reject(new Error('The disk is full')) });
        await expect(session.fetch(`${uri}/me`)).to.reject('The disk is full');
    });

    it('keeps a refresh token that a renewal does not replace, and a token without an end', async () => {

        const asked: unknown[] = [];
        const session = open({
            tokens: { access_token: 'a', refresh_token: 'r' },
            renew: async (token) => {

                asked.push(token);
                return respond(200, {}, '{"access_token":"b"}');
            }
        });

        expect(await session.renew()).to.equal('b');
        expect(await session.accessToken()).to.equal('b');
        expect(await session.renew('a')).to.equal('b');
        expect(await session.renew('b')).to.equal('b');
        expect(asked).to.equal(['r', 'r']);
    });

    it('repeats a renewal whose response was lost, and gets the same successor', async () => {

        const successors: string[] = [];
        const session = await openRefused({
            renew: async (refreshToken) => {

                const response = await renew(refreshToken);
                successors.push((await response.clone().json() as ClientTokens).refresh_token!);
                if (successors.length === 1) {
                    throw new TypeError('fetch failed');
                }

                return response;
            }
        });

        expect((await session.fetch(`${uri}/me`)).status).to.equal(200);
        expect(successors).to.have.length(2);
        expect(successors[0]).to.equal(successors[1]);
    });

    it('tries again after a 503, when the server says, and keeps the tokens where that lasts', async () => {

        let outages = 1;
        let ended = 0;
        const session = await openRefused({
            grace: 400,
            onEnd: () => ++ended,
            renew: async (refreshToken) => (outages-- > 0 ? respond(503, { 'retry-after': '0.01' }) : renew(refreshToken))
        });

        expect((await session.fetch(`${uri}/me`)).status).to.equal(200);

        outages = Infinity;
        await expect(session.renew()).to.reject(SessionUnavailable, 'The server responds with 503');
        outages = 0;
        await session.renew();
        expect(ended).to.equal(0);
    });

    it('tries again after a 429 that names no moment', async () => {

        let refusals = 1;
        const session = await openRefused({ renew: async (refreshToken) => (refusals-- > 0 ? respond(429) : renew(refreshToken)) });
        expect((await session.fetch(`${uri}/me`)).status).to.equal(200);
    });

    it('says why the server cannot be reached, and repeats nothing past the grace', async () => {

        let attempts = 0;
        const session = await openRefused({
            grace: 0,
            renew: () => {

                ++attempts;
                return Promise.reject(new TypeError('fetch failed'));
            }
        });

        const error = await expect(session.fetch(`${uri}/me`)).to.reject(SessionUnavailable, 'The server cannot be reached');
        expect((error.cause as Error).message).to.equal('fetch failed');
        expect(attempts).to.equal(1);
    });

    it('ends when the refresh token is refused, and asks no more', async () => {

        const stored: unknown[] = [];
        const ended: number[] = [];
        for (const [status, body] of [[401, '{}'], [400, '{"error":"invalid_grant"}']] as const) {
            let attempts = 0;
            const session = await openRefused({
                save: (tokens) => stored.push(tokens),
                onEnd: () => ended.push(status),
                renew: async () => {

                    ++attempts;
                    return respond(status, {}, body);
                }
            });

            await expect(session.fetch(`${uri}/me`)).to.reject(SessionEnded);
            await expect(session.fetch(`${uri}/me`)).to.reject(SessionEnded, 'The session has ended');
            expect(attempts).to.equal(1);
        }

        expect(ended).to.equal([401, 400]);
        expect(stored).to.equal([null, null]);
    });

    it('takes no other refusal for the end', async () => {

        const refusals: [status: number, body: string][] = [[403, '{}'], [400, '{"error":"Bad Request","code":"refresh_token_repeated"}'], [400, 'no JSON']];
        for (const [status, body] of refusals) {
            let ended = 0;
            const session = await openRefused({ renew: async () => respond(status, {}, body), onEnd: () => ++ended });
            await expect(session.fetch(`${uri}/me`)).to.reject(SessionUnavailable, `The renewal was refused with ${status}`);
            await expect(session.logout(async () => respond(401))).to.reject(SessionUnavailable, `The renewal was refused with ${status}`);
            expect(ended).to.equal(0);
        }
    });

    it('renews for no 401 that is about something else', async () => {

        const session = open({ tokens: await issue() });
        expect((await session.fetch(`${uri}/wrong`)).status).to.equal(401);
        expect(renewals).to.equal(0);
    });

    it('renews for a 401 that says nothing', async () => {

        const { refresh_token: refreshToken } = await issue();
        const session = open({ tokens: { access_token: 'stale', refresh_token: refreshToken } });
        expect((await session.fetch(`${uri}/plain`)).status).to.equal(200);
        expect(renewals).to.equal(1);
    });

    it('logs in and out', async () => {

        let ended = 0;
        const session = open({ onEnd: () => ++ended });
        expect((await session.login(async () => respond(401))).status).to.equal(401);
        expect((await session.login(async () => respond(200, {}, JSON.stringify(await issue())))).status).to.equal(200);
        expect((await session.fetch(`${uri}/me`)).status).to.equal(200);

        await session.logout(logout);
        await expect(session.fetch(`${uri}/me`)).to.reject(SessionEnded);
        await session.logout(logout);
        await session.logout(async () => respond(200));
        expect(ended).to.equal(1);

        await session.login(async () => respond(200, {}, JSON.stringify(await issue())));
        expect((await session.fetch(`${uri}/me`)).status).to.equal(200);
    });

    it('repeats a logout that has no answer, and learns from a renewal that 401 is the end', async () => {

        let ended = 0;
        const session = open({ tokens: await issue(), onEnd: () => ++ended });
        const statuses: number[] = [];
        await session.logout(async (tokens) => {

            const response = await logout(tokens);
            statuses.push(response.status);
            if (statuses.length === 1) {
                throw new TypeError('fetch failed');
            }

            return response;
        });

        expect(statuses).to.equal([204, 401]);
        expect(renewals).to.equal(0);
        expect(ended).to.equal(1);
    });

    it('renews, and logs out once more, where the route refuses an access token that is not good any more', async () => {

        const session = await openRefused();
        const statuses: number[] = [];
        await session.logout(async ({ access_token: accessToken }) => {

            const response = await fetch(`${uri}/kill`, { method: 'POST', headers: { authorization: `Bearer ${accessToken}` } });
            statuses.push(response.status);
            return response;
        });

        expect(statuses).to.equal([401, 204]);
        expect(renewals).to.equal(1);
        await expect(session.fetch(`${uri}/me`)).to.reject(SessionEnded);
    });

    it('does not take a logout for done whose route wants more than the client sends', async () => {

        let ended = 0;
        const session = open({ tokens: await issue(), onEnd: () => ++ended });
        const onlyAccess = ({ access_token: accessToken }: Partial<ClientTokens>) => fetch(`${uri}/logout`, { method: 'POST', headers: { authorization: `Bearer ${accessToken}` } });

        await expect(session.logout(onlyAccess)).to.reject(SessionUnavailable, 'The logout was refused with 401');
        expect(ended).to.equal(0);
        expect((await session.fetch(`${uri}/me`)).status).to.equal(200);
    });

    it('does not take a logout for done while it is not known whether the session has ended', async () => {

        let ended = 0;
        const session = open({ tokens: await issue(), renew: async () => respond(403), onEnd: () => ++ended });

        await expect(session.logout(async () => respond(401))).to.reject(SessionUnavailable, 'The renewal was refused with 403');
        expect(ended).to.equal(0);
    });

    it('stores no token of a renewal that a logout overtakes', async () => {

        const stored: unknown[] = [];
        const session = open({ tokens: await issue(), save: (tokens) => stored.push(tokens && 'a pair') });
        const renewal = session.renew();
        await Promise.all([renewal, session.logout(logout)]);
        expect(stored).to.equal(['a pair', null]);
    });

    it('does not take a logout that is refused for done', async () => {

        const session = open({});
        await expect(session.logout(async () => respond(403))).to.reject(SessionUnavailable, 'The logout was refused with 403');
    });

    describe('in a page', () => {

        // As a browser has them: one holder at a time

        let last: Promise<unknown> = Promise.resolve();
        const locks = {
            request: (name: string, work: () => Promise<unknown>) => {

                expect(name).to.equal('session');
                const done = last.then(work);
                last = done.catch(() => undefined);
                return done;
            }
        };

        const { navigator } = globalThis as unknown as { navigator: unknown };
        const surround = (value: unknown) => Object.defineProperty(globalThis, 'navigator', { configurable: true, writable: true, value });

        afterEach(() => {

            if (navigator === undefined) {
                Reflect.deleteProperty(globalThis, 'navigator');
            }
            else {
                surround(navigator);
            }
        });

        // What was posted before has come

        const settle = async function (): Promise<void> {

            const [one, other] = [new BroadcastChannel('settled'), new BroadcastChannel('settled')];
            await new Promise((resolve) => {

                other.onmessage = resolve;
                one.postMessage(null);
            });
            one.close();
            other.close();
        };

        it('sends nothing while the network is off', async () => {

            surround({ onLine: false });
            const session = await openRefused();
            await expect(session.fetch(`${uri}/me`)).to.reject(SessionUnavailable, 'The network is off');
            expect(renewals).to.equal(0);

            surround({ onLine: true });
            expect((await session.fetch(`${uri}/me`)).status).to.equal(200);
        });

        it('works without TLS, where browsers have no locks', async () => {

            surround({});
            const session = open({ tokens: await issue(), tabs: 'session' });
            await session.renew();
            expect(renewals).to.equal(1);
        });

        it('renews in one tab for all', async () => {

            surround({ locks });
            const tokens = await issue();
            const [one, other] = [open({ tokens, tabs: 'session' }), open({ tokens, tabs: 'session' })];
            const renewed = await one.renew();
            await settle();
            expect(await other.accessToken()).to.equal(renewed);
            expect(await other.renew(tokens.access_token)).to.equal(renewed);
            expect(renewals).to.equal(1);
        });

        it('renews in one tab at a time', async () => {

            surround({ locks });
            const tokens = await issue();
            let running = 0;
            let most = 0;
            const slow = async (refreshToken?: string) => {

                most = Math.max(most, ++running);
                const response = await renew(refreshToken);
                --running;
                return response;
            };

            const tabs = [1, 2, 3].map(() => open({ tokens, tabs: 'session', renew: slow }));
            await Promise.all(tabs.map((tab) => tab.renew()));
            expect(most).to.equal(1);
        });

        it('is logged out and in by another tab', async () => {

            const ended: string[] = [];
            const tokens = await issue();
            const [one, other] = ['one', 'other'].map((name) => open({ tokens, tabs: 'session', onEnd: () => ended.push(name) })) as [Session, Session];
            await one.logout(logout);
            await settle();
            expect(ended).to.equal(['one', 'other']);
            await expect(other.accessToken()).to.reject(SessionEnded);

            const again = await issue();
            await one.login(async () => respond(200, {}, JSON.stringify(again)));
            await settle();
            expect(await other.accessToken()).to.equal(again.access_token);
        });

        it('takes no token of another user', async () => {

            const ended: string[] = [];
            const [one, other] = [open({ tabs: 'session' }), open({ tokens: await issue(), tabs: 'session', onEnd: () => ended.push('other') })];
            await one.login(async () => respond(200, {}, '{"access_token":"of.somebody.else"}'));
            await settle();
            expect(ended).to.equal(['other']);
            await expect(other.accessToken()).to.reject(SessionEnded);
        });
    });
});
