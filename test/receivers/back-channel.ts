import { createSecretKey } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Jose from 'jose';

import { Outage } from '../../lib/errors/outage';
import { MemoryStore } from '../../lib/store/memory';
import { accessToken, form, issuer, logoutEvent, logoutToken, providersJwt, receiving, sign, strangersKey } from '../support/provider';
import { secret } from '../support/server';

import type { OrderLostEvent } from '../../lib';
import type { Receiving } from '../support/provider';


export const lab = Lab.script();

const { afterEach, before, describe, it } = lab;


const now = () => Math.floor(Date.now() / 1000);


describe('a back-channel logout', () => {

    let own: Receiving | undefined;

    afterEach(async () => {

        await own?.server.stop();
        own = undefined;
    });

    it('ends the session that it names, and no other', async () => {

        own = await receiving();
        const [a, second, b] = [await accessToken(), await accessToken(), await accessToken({ sid: 'b' })];

        const response = await own.post(form(await logoutToken()));
        expect(response).to.include({ statusCode: 200, payload: '' });
        expect(response.headers).to.include({ 'cache-control': 'no-store' });

        expect(await own.me(a)).to.equal(401);
        expect(await own.me(second)).to.equal(401);
        expect(await own.me(b)).to.equal(200);
    });

    it('ends a session that no sub is named for', async () => {

        own = await receiving();
        const [a, b] = [await accessToken(), await accessToken({ sid: 'b' })];
        expect(await own.notify(await logoutToken({ sub: undefined }))).to.equal(200);
        expect(await own.me(a)).to.equal(401);
        expect(await own.me(b)).to.equal(200);
    });

    it('ends everything of the subject where it names no session, and nobody else\'s', async () => {

        own = await receiving();
        const [a, b, other] = [await accessToken(), await accessToken({ sid: 'b' }), await accessToken({ sub: '43' })];
        expect(await own.notify(await logoutToken({ sid: undefined }))).to.equal(200);
        expect(await own.me(a)).to.equal(401);
        expect(await own.me(b)).to.equal(401);
        expect(await own.me(other)).to.equal(200);
    });

    it('ends everything of the subject where the route says so', async () => {

        own = await receiving({ extent: 'subject' });
        const [b, other] = [await accessToken({ sid: 'b' }), await accessToken({ sub: '43' })];
        expect(await own.notify(await logoutToken())).to.equal(200);
        expect(await own.me(b)).to.equal(401);
        expect(await own.me(other)).to.equal(200);

        const last = await accessToken({ sid: 'c', sub: '43' });
        expect(await own.notify(await logoutToken({ sub: undefined, sid: 'c' }))).to.equal(200);
        expect(await own.me(last)).to.equal(401);
        expect(await own.me(other)).to.equal(200);
    });

    it('reports what has ended, by which request and why', async () => {

        own = await receiving();
        const revoked = own.server.events.once({ name: 'hard-logout', channels: 'revoked' });
        await own.notify(await logoutToken());
        const [{ request, ...event }] = await revoked;
        expect(event).to.equal({
            type: 'revoked', at: event.at, strategy: 'provider', extent: 'session', issuer, subject: '42', session: 'a', before: null, reason: 'back-channel', loginsFrom: null, by: null, actor: null
        });
        expect(request).to.be.a.string();
    });

    it('is a success where the session has ended before, or is not known', async () => {

        own = await receiving();
        const token = await logoutToken();
        expect(await own.notify(token)).to.equal(200);
        expect(await own.notify(token)).to.equal(200);
        expect(await own.notify(await logoutToken({ sid: 'nobody\'s', sub: 'nobody' }))).to.equal(200);
    });

    it('ends nothing that was issued after it, however late or often it comes', async () => {

        own = await receiving();
        const iat = now() - 60;
        const token = await logoutToken({ sid: undefined, iat });
        const [earlier, same, next] = [await accessToken({ iat: iat - 1 }), await accessToken({ iat }), await accessToken({ iat: iat + 1 })];

        for (let i = 0; i < 2; ++i) {
            expect(await own.notify(token)).to.equal(200);
            expect(await own.me(earlier)).to.equal(401);
            expect(await own.me(same)).to.equal(401);
            expect(await own.me(next)).to.equal(200);
        }
    });

    it('refuses no login that follows it, beyond the second in which it was issued', async () => {

        own = await receiving();
        const revoked = own.server.events.once({ name: 'hard-logout', channels: 'revoked' });
        const iat = now() - 1;
        expect(await own.notify(await logoutToken({ sid: undefined, iat }))).to.equal(200);
        expect(await own.me(await accessToken({ iat: iat + 1 }))).to.equal(200);
        expect((await revoked)[0].loginsFrom).to.be.null();
    });

    it('accepts every spelling of the type, the one of before it had a name, and other events beside its own', async () => {

        own = await receiving();
        const a = await accessToken();
        for (const typ of ['logout+jwt', 'application/logout+jwt', 'Logout+JWT', 'JWT', undefined]) {
            expect(await own.notify(await logoutToken({}, { typ })), String(typ)).to.equal(200);
        }

        expect(await own.me(a)).to.equal(401);

        const b = await accessToken({ sid: 'b' });
        expect(await own.notify(await logoutToken({ sid: 'b', aud: ['shop', 'other'], events: { [logoutEvent]: { more: 1 }, revoke_offline_access: true } }))).to.equal(200);
        expect(await own.me(b)).to.equal(401);
    });

    it('is 503 while the store is away, and is carried out before the server stops', async () => {

        own = await receiving({ maxWait: 1 });
        const { revoke } = MemoryStore.prototype;
        let isAway = true;
        let count = 0;
        MemoryStore.prototype.revoke = async function (revocations) {

            if (isAway) {
                throw new Outage('The store is away');
            }

            ++count;
            return await revoke.call(this, revocations);
        };

        try {
            const lost: OrderLostEvent[] = [];
            own.server.events.on({ name: 'hard-logout', channels: 'order-lost' }, (event) => lost.push(event));
            const response = await own.post(form(await logoutToken()));
            expect(response).to.include({ statusCode: 503, result: { error: 'temporarily_unavailable', error_description: 'The request could not be carried out yet' } });
            expect(response.headers).to.include({ 'retry-after': '1', 'cache-control': 'no-store' });

            isAway = false;
            await own.server.stop();
            expect(count).to.equal(1);
            expect(lost).to.equal([]);

            // A server that stops meanwhile, for good

            await own.server.initialize();
            isAway = true;
            expect(await own.notify(await logoutToken({ jti: 'lost' }))).to.equal(503);
            await own.server.stop();
            expect(lost).to.have.length(1);
            expect(lost[0]).to.include({ type: 'order-lost', strategy: 'provider', receive: 'back-channel', issuer, jti: 'lost', reason: 'The store is away', by: null });
            expect(lost[0]!.request).to.be.a.string();
        }
        finally {
            MemoryStore.prototype.revoke = revoke;
        }
    });

    it('leaves a session what the provider goes on to issue for offline_access, where the route says so, unless the token says otherwise', async () => {

        own = await receiving({ keepOfflineAccess: true });
        const iat = now() - 60;
        const [earlier, moment, later] = [await accessToken({ iat: iat - 1 }), await accessToken({ iat: iat + 5 }), await accessToken({ iat: iat + 6 })];
        const other = await accessToken({ iat: iat - 1, sid: 'b' });
        const revoked = own.server.events.once({ name: 'hard-logout', channels: 'revoked' });
        expect(await own.notify(await logoutToken({ iat }))).to.equal(200);
        expect(await own.me(earlier)).to.equal(401);
        expect(await own.me(moment)).to.equal(401);
        expect(await own.me(later)).to.equal(200);
        expect(await own.me(other)).to.equal(200);
        expect((await revoked)[0]).to.include({ extent: 'session', session: 'a', before: iat * 1000 + 1 });

        expect(await own.notify(await logoutToken({ iat, events: { [logoutEvent]: {}, revoke_offline_access: false } }))).to.equal(200);
        expect(await own.me(later)).to.equal(200);
        expect(await own.notify(await logoutToken({ iat, events: { [logoutEvent]: {}, revoke_offline_access: true } }))).to.equal(200);
        expect(await own.me(later)).to.equal(401);
    });

    it('leaves offline_access only to access tokens of the provider', async () => {

        await expect(receiving({ keepOfflineAccess: true, find: () => null })).to.reject(
            'hard-logout: the route POST /receive has keepOfflineAccess, which is for a strategy that has the access tokens of the provider and no refresh tokens');
        await expect(receiving({ keepOfflineAccess: true }, { strategy: { refreshToken: { query: 'token' }, lookup: { find: () => null, remove: () => null } } })).to.reject(/has keepOfflineAccess/);
    });

    it('takes one logout_token from a form, and looks at no other parameter', async () => {

        own = await receiving();
        const a = await accessToken();
        const token = await logoutToken();
        const refused = ['', 'logout_token=', `logout_token=${token}&logout_token=${token}`, `LOGOUT_TOKEN=${token}`, token, `logout_token[]=${token}`];
        for (const payload of refused) {
            expect((await own.post(payload)).statusCode, payload).to.equal(400);
        }

        for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=a', 'application/x-www-form-urlencoded-too']) {
            expect((await own.post(type.endsWith('json') ? JSON.stringify({ logout_token: token }) : form(token), type)).statusCode, type).to.equal(400);
        }

        expect(await own.me(a)).to.equal(200);
        expect((await own.post(`state=1&${form(token)}&iss=other`, 'Application/X-WWW-Form-Urlencoded; charset=utf-8')).statusCode).to.equal(200);
        expect(await own.me(a)).to.equal(401);
    });

    it('limits the size of the body', async () => {

        own = await receiving();
        expect((await own.post(form('a'.repeat(16 * 1024)))).statusCode).to.equal(413);
    });

    it('is verified in algorithms of its own', async () => {

        own = await receiving({ key: secret, algorithms: ['HS256'] });
        const a = await accessToken();
        expect(await own.notify(await logoutToken())).to.equal(400);
        expect(await own.notify(await logoutToken({}, { alg: 'HS256' }, createSecretKey(Buffer.from(secret))))).to.equal(200);
        expect(await own.me(a)).to.equal(401);
    });

    it('goes by the strategy\'s clock tolerance', async () => {

        own = await receiving({}, { strategy: { jwt: { ...providersJwt, clockTolerance: 30_000 } } });
        expect(await own.notify(await logoutToken({ iat: now() + 25, exp: now() - 25 }))).to.equal(200);
        expect(await own.notify(await logoutToken({ iat: now() + 35 }))).to.equal(400);
        expect(await own.notify(await logoutToken({ exp: now() - 31 }))).to.equal(400);
    });


    describe('that is none', () => {

        let shared: Receiving;
        let victim: string;

        before(async () => {

            shared = await receiving();
            victim = await accessToken();
        });

        const refused: Record<string, () => Promise<string>> = {

            // The modules of the OpenID Foundation's suite for a client

            'the algorithm none': async () => `${Jose.base64url.encode('{"alg":"none"}')}.${(await logoutToken()).split('.')[1]}.`,
            'no event': () => logoutToken({ events: undefined }),
            'a nonce': () => logoutToken({ nonce: 'n' }),
            'another algorithm': () => logoutToken({}, { alg: 'HS256' }, createSecretKey(Buffer.alloc(32, 1))),
            'another audience': () => logoutToken({ aud: 'other' }),
            'another event': () => logoutToken({ events: { 'http://schemas.openid.net/event/other': {} } }),
            'another issuer': () => logoutToken({ iss: 'https://other.example' }),

            // The rest of §2.4 and §2.6

            'a nonce that is null': () => logoutToken({ nonce: null }),
            'neither sub nor sid': () => logoutToken({ sub: undefined, sid: undefined }),
            'no issuer': () => logoutToken({ iss: undefined }),
            'a list of issuers': () => logoutToken({ iss: [issuer] }),
            'no audience': () => logoutToken({ aud: undefined }),
            'an empty audience': () => logoutToken({ aud: [] }),
            'no iat': () => logoutToken({ iat: undefined }),
            'no exp': () => logoutToken({ exp: undefined }),
            'no jti': () => logoutToken({ jti: undefined }),
            'an empty jti': () => logoutToken({ jti: '' }),
            'a jti with a line break': () => logoutToken({ jti: 'a\nb' }),
            'a jti that is a number': () => logoutToken({ jti: 1 }),
            'a sub that is an object': () => logoutToken({ sub: {} }),
            'a sid that is an array': () => logoutToken({ sid: ['a'] }),
            'an empty sid': () => logoutToken({ sid: '' }),
            'an iat to come': () => logoutToken({ iat: now() + 60 }),
            'an iat of 0': () => logoutToken({ iat: 0 }),
            'an iat in text': () => logoutToken({ iat: String(now()) }),
            'an exp that is over': () => logoutToken({ exp: now() - 60 }),
            'an nbf to come': () => logoutToken({ nbf: now() + 60 }),
            'events as text': () => logoutToken({ events: logoutEvent }),
            'events as a list': () => logoutToken({ events: [logoutEvent] }),
            'an event that is null': () => logoutToken({ events: { [logoutEvent]: null } }),
            'an event that is true': () => logoutToken({ events: { [logoutEvent]: true } }),
            'an event that is a list': () => logoutToken({ events: { [logoutEvent]: [] } }),
            'an event deeper than any is': () => logoutToken({ events: { [logoutEvent]: JSON.parse(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`) } }),
            'the type of an access token': () => logoutToken({}, { typ: 'at+jwt' }),
            'the type of a security event': () => logoutToken({}, { typ: 'secevent+jwt' }),
            'a type that is no text': () => logoutToken({}, { typ: ['logout+jwt'] }),
            'an extension that is critical': () => logoutToken({}, { crit: ['x'], x: 1 }),
            'a stranger\'s signature': () => logoutToken({}, {}, strangersKey),
            'a key that nobody has': () => logoutToken({}, { kid: 'two' }),
            'a key that is no name': () => logoutToken({}, { kid: { a: 1 } }),
            'an access token': () => accessToken({ aud: 'shop' }),
            'an ID token': () => sign({ aud: 'shop', sub: '42', sid: 'a', nonce: 'n', exp: now() + 60, jti: '1' }),
            'no token at all': async () => 'a.b.c',
            'an encrypted token': async () => 'a.b.c.d.e'
        };

        const demandRefusal = async function (token: string): Promise<void> {

            const response = await shared.post(form(token));
            expect(response.statusCode).to.equal(400);
            expect(response.headers).to.include({ 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' });
            expect(response.result.error).to.be.a.string();
            expect(Object.keys(response.result)).to.equal(['error', 'error_description']);
            expect(await shared.me(victim)).to.equal(200);
        };

        for (const [what, make] of Object.entries(refused)) {
            it(`is refused with 400, and logs nobody out: ${what}`, async () => demandRefusal(await make()));
        }
    });
});
