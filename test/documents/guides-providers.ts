import { once } from 'node:events';
import * as Http from 'node:http';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Jose from 'jose';

import { hardLogout } from '../../lib';
import { example } from '../support/documents';
import { otherRsa as two, rsa as one } from '../support/keys';
import { bearer } from '../support/server';

import type { KeyObject } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Server } from '@hapi/hapi';


export const lab = Lab.script();

const { after, afterEach, before, beforeEach, describe, it } = lab;


const event = 'http://schemas.openid.net/event/backchannel-logout';


describe('the guide to identity providers', () => {

    let provider: Http.Server;
    let origin: string;
    let keys: object[];
    let server: Server | undefined;

    const publish = (kid: string, { publicKey }: { publicKey: KeyObject }) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' });

    before(async () => {

        provider = Http.createServer(({ url }, response) => {

            const isFound = ['/realms/shop/protocol/openid-connect/certs', '/.well-known/jwks.json', '/oauth2/default/v1/keys', '/oauth2/v1/keys'].includes(url!);
            response.writeHead(isFound ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
        });

        provider.listen(0, '127.0.0.1');
        await once(provider, 'listening');
        origin = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
    });

    after(() => {

        provider.close();
        provider.closeAllConnections();
    });

    beforeEach(() => {

        keys = [publish('one', one)];
    });

    afterEach(async () => {

        await server?.stop();
        server = undefined;
    });

    const sign = function (claims: Jose.JWTPayload, { kid = 'one', key = one.privateKey, typ = 'JWT' } = {}): Promise<string> {

        const now = Math.floor(Date.now() / 1000);
        return new Jose.SignJWT({ iat: now, exp: now + 300, ...claims }).setProtectedHeader({ alg: 'RS256', typ, kid }).sign(key);
    };

    const orders = async function (token: string): Promise<{ statusCode: number; result: any }> {

        const { statusCode, result } = await server!.inject({ url: '/orders', headers: bearer(token) });
        return { statusCode, result };
    };

    const post = async (url: string, token: string) => (await server!.inject({ method: 'POST', url, headers: bearer(token) })).statusCode;


    describe('for Keycloak', () => {

        // An access token and an ID token as a realm issues them, with what does not matter left out

        const claims = () => ({
            iss: `${origin}/realms/shop`, aud: ['shop-api', 'account'], sub: '6b1f0d0e-52c1-4b3c-9a3e-2f4e7d9c1a55', sid: 'session-1', typ: 'Bearer', azp: 'shop-web',
            jti: crypto.randomUUID(), scope: 'openid profile', realm_access: { roles: ['customer'] }
        });

        beforeEach(async () => {

            server = await example('docs/identity-providers.md', 'Keycloak').createServer(`${origin}/realms/shop`) as Server;
            await server.initialize();
        });

        it('takes roles from the realm, and access tokens only', async () => {

            const { statusCode, result } = await orders(await sign(claims()));
            expect(statusCode).to.equal(200);
            expect(result).to.equal({ user: { id: claims().sub }, scope: ['customer'] });

            expect((await orders(await sign({ ...claims(), realm_access: { roles: [] } }))).statusCode).to.equal(403);
            expect((await orders(await sign({ ...claims(), typ: 'ID', realm_access: undefined }))).statusCode).to.equal(401);
            expect((await orders(await sign({ ...claims(), aud: 'shop-web' }))).statusCode).to.equal(401);
            expect((await orders(await sign({ ...claims(), iss: `${origin}/realms/shop/` }))).statusCode).to.equal(401);
            expect((await orders(await sign({ ...claims(), realm_access: undefined }))).statusCode).to.equal(403);
        });

        it('ends the provider\'s session here, the tokens to come included', async () => {

            const [first, second, other] = [await sign(claims()), await sign(claims()), await sign({ ...claims(), sid: 'session-2' })];
            expect(await post('/logout', first)).to.equal(204);
            expect((await orders(first)).statusCode).to.equal(401);
            expect((await orders(second)).statusCode).to.equal(401);
            expect((await orders(await sign(claims()))).statusCode).to.equal(401);
            expect((await orders(other)).statusCode).to.equal(200);
        });

        it('knows a new key half a minute after the last fetch, and an old one for ten minutes', async () => {

            const { later } = example('docs/testing.md', 'Time');
            const second = 1000;
            const signedBy = { one: () => sign(claims()), two: () => sign(claims(), { kid: 'two', key: two.privateKey }) };
            const at = (seconds: number, key: keyof typeof signedBy) => later(seconds * second, async () => (await orders(await signedBy[key]())).statusCode);

            expect(await at(0, 'one')).to.equal(200);

            keys = [publish('two', two)];
            expect(await at(20, 'two')).to.equal(401);
            expect(await at(20, 'one')).to.equal(200);
            expect(await at(35, 'two')).to.equal(200);
            expect(await at(35, 'one')).to.equal(401);

            keys = [publish('one', one)];
            expect(await at(35 + 590, 'two')).to.equal(200);
            expect(await at(35 + 610, 'two')).to.equal(401);
        });
    });


    describe('for Auth0', () => {

        const session = 'https://shop.example/session';

        const claims = () => ({ iss: `${origin}/`, aud: ['https://shop.example/api', `${origin}/userinfo`], sub: 'auth0|123456', azp: 'shop-web', scope: 'openid read:orders' });

        beforeEach(async () => {

            server = await example('docs/identity-providers.md', 'Auth0').createServer(`${origin}/`) as Server;
            await server.initialize();
        });

        it('takes tokens of both profiles, whose issuer ends with a slash', async () => {

            expect((await orders(await sign(claims()))).statusCode).to.equal(200);
            expect((await orders(await sign({ ...claims(), jti: 'one' }, { typ: 'at+jwt' }))).statusCode).to.equal(200);
            expect((await orders(await sign({ ...claims(), scope: 'openid' }))).statusCode).to.equal(403);
            expect((await orders(await sign({ ...claims(), iss: origin }))).statusCode).to.equal(401);
        });

        it('ends one token without a session, the session where there is one, and all of the subject on demand', async () => {

            const [first, second] = [await sign({ ...claims(), n: 1 }), await sign({ ...claims(), n: 2 })];
            expect(await post('/logout', first)).to.equal(204);
            expect((await orders(first)).statusCode).to.equal(401);
            expect((await orders(second)).statusCode).to.equal(200);

            const [third, fourth] = [await sign({ ...claims(), [session]: 'a', n: 3 }), await sign({ ...claims(), [session]: 'a', n: 4 })];
            expect(await post('/logout', third)).to.equal(204);
            expect((await orders(fourth)).statusCode).to.equal(401);

            expect(await post('/logout/everywhere', second)).to.equal(204);
            expect((await orders(await sign({ ...claims(), n: 5 }))).statusCode).to.equal(401);

            const { later } = example('docs/testing.md', 'Time');
            expect(await later(7000, async () => (await orders(await sign({ ...claims(), n: 6 }))).statusCode)).to.equal(200);
        });
    });


    describe('for a back-channel logout', () => {

        let issuer: string;

        const claims = (sid: string) => ({ iss: issuer, aud: 'shop-api', sub: '42', sid, jti: crypto.randomUUID() });

        const logoutToken = (extra: object = {}) => sign({ iss: issuer, aud: 'shop-web', sub: '42', sid: 'a', jti: 'logout-1', events: { [event]: {} }, ...extra }, { typ: 'logout+jwt' });

        const tell = async function (token?: string): Promise<number> {

            const form = { payload: new URLSearchParams({ logout_token: token ?? '' }).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } };
            return (await server!.inject({ method: 'POST', url: '/backchannel-logout', ...token !== undefined && form })).statusCode;
        };

        beforeEach(async () => {

            issuer = `${origin}/realms/shop`;
            server = await example('docs/identity-providers.md', 'Logout at the provider').createServer(issuer, 'shop-web') as Server;
            await server.initialize();
        });

        it('ends the session that the provider names, however often', async () => {

            const [a, b] = [await sign(claims('a')), await sign(claims('b'))];
            const token = await logoutToken();
            expect(await tell(token)).to.equal(200);
            expect(await tell(token)).to.equal(200);
            expect((await orders(a)).statusCode).to.equal(401);
            expect((await orders(b)).statusCode).to.equal(200);
        });

        it('ends all that the user has where it names no session', async () => {

            const [a, b] = [await sign(claims('a')), await sign(claims('b'))];
            expect(await tell(await logoutToken({ sid: undefined }))).to.equal(200);
            expect((await orders(a)).statusCode).to.equal(401);
            expect((await orders(b)).statusCode).to.equal(401);
            expect((await hardLogout(server!, 'keycloak').explain(b)).text).to.match(/^All of its subject's tokens/);
        });

        it('refuses what is no logout token, and logs nobody out', async () => {

            const a = await sign(claims('a'));
            const refused = [
                undefined,
                'nothing',
                a,
                await logoutToken({ events: undefined }),
                await logoutToken({ nonce: 'n' }),
                await logoutToken({ jti: undefined }),
                await logoutToken({ aud: 'shop-api' }),
                await logoutToken({ iss: 'https://other.example' }),
                await logoutToken({ sid: undefined, sub: undefined }),
                await sign({ iss: issuer, aud: 'shop-web', sid: 'a', jti: '1', events: { [event]: {} } }, { key: two.privateKey })
            ];

            expect(await Promise.all(refused.map(tell))).to.equal(refused.map(() => 400));
            expect((await orders(a)).statusCode).to.equal(200);
        });
    });


    describe('for Universal Logout and security events', () => {

        const url = 'https://api.shop.example/universal-logout';

        const claims = () => ({ iss: `${origin}/oauth2/default`, aud: 'api://shop', sub: 'ada', jti: crypto.randomUUID() });

        const subject = (email: string) => ({ format: 'email', email });

        beforeEach(async () => {

            const users = { idOf: async (email: string) => (email === 'ada@shop.example' ? 'ada' : null) };
            server = await example('docs/identity-providers.md', 'Universal Logout and security events').createServer(origin, `${origin}/oauth2/default`, users) as Server;
            await server.initialize();
        });

        const revoke = async function (email: string): Promise<number> {

            const token = await sign({ iss: origin, sub: 'integration', aud: url, jti: crypto.randomUUID() }, { typ: 'global-token-revocation+jwt' });
            const { statusCode } = await server!.inject({ method: 'POST', url: '/universal-logout', headers: { ...bearer(token), 'content-type': 'application/json' }, payload: { sub_id: subject(email) } });
            return statusCode;
        };

        it('ends everything of the user of an email address', async () => {

            const token = await sign(claims());
            expect((await orders(token)).statusCode).to.equal(200);
            expect(await revoke('eve@shop.example')).to.equal(404);
            expect((await orders(token)).statusCode).to.equal(200);
            expect(await revoke('ada@shop.example')).to.equal(204);
            expect((await orders(token)).statusCode).to.equal(401);
        });

        it('ends what an event is about', async () => {

            const token = await sign(claims());
            const events = { 'https://schemas.openid.net/secevent/risc/event-type/account-disabled': { reason: 'hijacking' } };
            const payload = await sign({ iss: origin, aud: 'https://api.shop.example/events', jti: '1', exp: undefined, sub_id: subject('ada@shop.example'), events }, { typ: 'secevent+jwt' });
            expect((await server!.inject({ method: 'POST', url: '/events', headers: { 'content-type': 'application/secevent+jwt' }, payload })).statusCode).to.equal(202);
            expect((await orders(token)).statusCode).to.equal(401);
        });
    });
});
