import { generateKeyPairSync } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';
import { SignJWT } from 'jose';

import { hardLogout, plugin } from '../../lib';
import { key } from './support/app';

import type { JwtOptions } from '../../lib';


export const lab = Lab.script();

const { afterEach, describe, it } = lab;


// What the guide says of JWTs that were minted before the switch

describe('a JWT in circulation', () => {

    const servers: Hapi.Server[] = [];

    afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

    const serve = async function (jwt: Partial<JwtOptions> = {}): Promise<Hapi.Server> {

        const server = Hapi.server({ debug: false });
        servers.push(server);
        await server.register(plugin);
        server.auth.strategy('session', 'hard-logout', { jwt: { key, algorithms: ['HS256'], ...jwt }, refreshToken: { query: 'refreshToken' } });
        server.auth.default('session');
        server.route([
            { method: 'GET', path: '/me', handler: (request) => request.auth },
            { method: 'POST', path: '/logout/both', options: { plugins: { 'hard-logout': { revoke: true } } }, handler: () => null },
            { method: 'POST', path: '/logout/either', options: { plugins: { 'hard-logout': { tokens: 'either', revoke: true } } }, handler: () => null }
        ]);

        await server.initialize();
        return server;
    };

    const day = 24 * 60 * 60;

    const mint = function (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {

        const now = Math.floor(Date.now() / 1000);
        return new SignJWT({ sub: '42', iat: now, exp: now + day, ...claims }).setProtectedHeader({ alg: 'HS256', ...header }).sign(Buffer.from(key));
    };

    /** The message of a refusal, or 200. */
    const verdict = async function (server: Hapi.Server, authorization: string, url = '/me', method = 'GET'): Promise<string | number> {

        const { result, statusCode } = await server.inject({ method, url, headers: { authorization } });
        return statusCode < 300 ? 200 : (result as Error).message;
    };

    const look = async (server: Hapi.Server, claims?: Record<string, unknown>) => verdict(server, `Bearer ${await mint(claims)}`);

    it('is accepted with sub, iat and exp alone', async () => {

        const server = await serve();

        expect(await look(server)).to.equal(200);
        expect(await look(server, { iss: 'https://any.example', aud: 'any', id: 42, email: 'ada@futureflix.example' })).to.equal(200);
    });

    it('is refused without one of them, and with a sub that is a number', async () => {

        const server = await serve();

        for (const claims of [{ sub: undefined }, { sub: 42 }, { iat: undefined }, { exp: undefined }]) {
            expect(await look(server, claims)).to.equal('The access token is invalid');
        }
    });

    it('is refused without the issuer and the audience that are configured', async () => {

        const server = await serve({ issuer: 'https://futureflix.example', audience: 'api' });

        expect(await look(server)).to.equal('The access token is invalid');
        expect(await look(server, { iss: 'https://futureflix.example', aud: 'api' })).to.equal(200);
    });

    it('is refused with another typ, without a header, and without a signature', async () => {

        const server = await serve();
        const [, payload, signature] = (await mint()).split('.');
        const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');

        expect(await verdict(server, `Bearer ${await mint({}, { typ: 'JWT' })}`)).to.equal(200);
        expect(await verdict(server, `Bearer ${await mint({}, { typ: 'at+jwt' })}`)).to.equal(200);
        for (const token of [await mint({}, { typ: 'session' }), `${payload}.${signature}`, `${unsigned}.${payload}.`]) {
            expect(await verdict(server, `Bearer ${token}`)).to.equal('The access token is invalid');
        }
    });

    it('has to be signed with a key that is long enough', async () => {

        const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });

        await expect(serve({ key: key.slice(0, 31) })).to.reject('hard-logout: jwt.key is shorter than the 256 bits that HS256 needs');
        await expect(serve({ key: publicKey, algorithms: ['RS256'] })).to.reject('hard-logout: jwt.key is shorter than the 2048 bits that RS256 needs');
    });

    it('without a jti is the same token as another of its second, and with one is not', async () => {

        const server = await serve();
        const claims = { iat: Math.floor(Date.now() / 1000) };

        expect(await mint(claims)).to.equal(await mint(claims));

        await hardLogout(server).revoke({ accessToken: await mint({ ...claims, jti: 'one' }) });
        expect(await look(server, { ...claims, jti: 'one' })).to.equal('The access token was revoked');
        expect(await look(server, { ...claims, jti: 'another' })).to.equal(200);
        expect(await look(server, claims)).to.equal(200);
    });

    it('is told by explain() what is wrong with it', async () => {

        const { accepted, code, text } = await hardLogout(await serve()).explain(await mint({ sub: undefined }));

        expect({ accepted, code }).to.equal({ accepted: false, code: 'access_token_invalid' });
        expect(text).to.include('claim');
    });

    it('expires by maxAge, which is 30 days', async () => {

        const iat = Math.floor(Date.now() / 1000) - 40 * day;

        expect(await look(await serve(), { iat })).to.equal('The access token expired');
        expect(await look(await serve({ maxAge: 60 * day * 1000 }), { iat })).to.equal(200);
    });

    it('has to come as Bearer', async () => {

        const server = await serve();
        const token = await mint();

        expect(await verdict(server, `bearer ${token}`)).to.equal(200);
        expect(await verdict(server, token)).to.equal('Missing authentication');
        expect(await verdict(server, `JWT ${token}`)).to.equal('Missing authentication');
    });

    it('has no refresh token to log out with, and does not need one where either will do', async () => {

        const server = await serve();
        const authorization = `Bearer ${await mint()}`;

        expect(await verdict(server, authorization, '/logout/both', 'POST')).to.equal('The refresh token is missing');
        expect(await verdict(server, authorization, '/logout/either', 'POST')).to.equal(200);
        expect(await verdict(server, authorization)).to.equal('The access token was revoked');
    });

    it('leaves its text in no artifact, and its claims in the credentials', async () => {

        const server = await serve();
        const token = await mint({ email: 'ada@futureflix.example' });

        const { result } = await server.inject({ url: '/me', headers: { authorization: `Bearer ${token}` } });
        expect(result).to.include({ isAuthenticated: true });
        expect((result as Hapi.RequestAuth).credentials).to.include({ sub: '42', email: 'ada@futureflix.example', user: { id: '42' } });
        expect((result as Hapi.RequestAuth).artifacts).to.include({ subject: '42', session: undefined, expired: false });
        expect(JSON.stringify((result as Hapi.RequestAuth).artifacts)).to.not.include(token.slice(0, 10));
    });

    it('ends with all others of its user, and what is minted in the seconds of the tolerance too', async () => {

        const server = await serve();
        const now = Math.floor(Date.now() / 1000);
        await hardLogout(server).revoke({ subject: '42' });

        expect(await look(server, { iat: now - 60 })).to.equal('The access token was revoked');
        expect(await look(server)).to.equal('The access token was revoked');
        expect(await look(server, { sub: '43' })).to.equal(200);

        const { access_token: ours } = await hardLogout(server).issue(null, { sub: '42' });
        expect(await verdict(server, `Bearer ${ours}`)).to.equal(200);
    });
});
