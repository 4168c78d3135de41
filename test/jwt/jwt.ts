import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Jose from 'jose';

import { Refusal } from '../../lib/errors/refusal';
import { AccessTokens } from '../../lib/jwt/jwt';
import { strategySettings } from '../../lib/options/schema';
import { accepted, claims, expired, freeze, json, mint, moment, refused, revoked, second, serve, sign, thaw } from '../support/access-tokens';
import { bearer, jwt, prepare, secret } from '../support/server';

import type { JwtOptions } from '../../lib';


export const lab = Lab.script();

const { afterEach, beforeEach, describe, it } = lab;


describe('AccessTokens', () => {

    beforeEach(() => {

        freeze(moment);
    });

    afterEach(thaw);

    describe('verify()', () => {

        it('accepts a token with all that is needed, and answers its claims', async () => {

            const { server } = await serve();
            const res = await server.inject({ url: '/me', headers: bearer(await mint({ role: 'editor' })) });

            expect(res.statusCode).to.equal(200);
            expect(res.result).to.include({ ...claims, role: 'editor' });
        });

        it('refuses what is no set of claims', async () => {

            const { me } = await serve();

            for (const payload of ['', '[]', 'null', '"text"', '1', 'nonsense', `${json()}}`, `[${json()}]`, json().slice(0, -1)]) {
                expect(await me(await sign(payload)), payload).to.equal(refused);
            }

            const bytes = Buffer.from(json({ name: '?' }).replace('?', '\xff'), 'latin1');
            expect(await me(await new Jose.CompactSign(bytes).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret)))).to.equal(refused);
        });

        it('refuses what is no token', async () => {

            const { me } = await serve();
            const [header, payload, signature] = (await mint()).split('.') as [string, string, string];

            const broken = [
                'x', 'x.y', '..', '...', `${header}.${payload}`, `${header}.${payload}.`, `${header}..${signature}`, `.${payload}.${signature}`,
                `${header}.${payload}.${signature}.`, `${header}.${payload}.${signature}.${signature}.${signature}`, `${payload}.${payload}.${signature}`,
                `${header}.${payload}.${signature.slice(0, -2)}`, `${header}.${payload}.${signature}A`, `${header}=.${payload}.${signature}`
            ];

            for (const token of broken) {
                expect(await me(token), token).to.include({ statusCode: token.includes('=') ? 400 : 401 });
            }
        });

        it('refuses what has not three parts, also where it is signed, and asks for no key', async () => {

            let asked = 0;
            const { me } = await serve({ key: () => {

                ++asked;
                return secret;
            } });

            const hmac = (input: string) => `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
            const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
            const header = part({ alg: 'HS256', ...claims });

            expect(await me(hmac(`${header}.${part(claims)}`))).to.equal(accepted);
            expect(asked).to.equal(1);

            for (const token of [hmac(header), hmac(`${header}.${part(claims)}.${part(claims)}`), `${hmac(`${header}.${part(claims)}`)}.`]) {
                expect(await me(token), token).to.equal(refused);
                expect(asked).to.equal(1);
            }
        });

        it('refuses another spelling of a header or of claims, also where it is signed', async () => {

            const { me } = await serve();
            const hmac = (input: string) => `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
            const [header, payload] = ['{"alg":"HS256"}', `${json()} `].map((part) => Buffer.from(part).toString('base64url')) as [string, string];
            expect([header.length % 4, payload.length % 4]).to.equal([0, 2]);

            expect(await me(hmac(`${header}.${payload}`))).to.equal(accepted);

            const spare = String.fromCharCode(payload.charCodeAt(payload.length - 1) + 1);
            for (const [one, other] of [[header, payload.slice(0, -1) + spare], [header, `${payload}~`], [`${header}~`, payload], [`${header}A`, payload]] as const) {
                expect(await me(hmac(`${one}.${other}`)), `${one}.${other}`).to.equal(refused);
            }
        });

        it('refuses extensions that it does not know', async () => {

            const { me } = await serve();
            const input = (header: object) => [JSON.stringify({ alg: 'HS256', ...header }), json()].map((part) => Buffer.from(part).toString('base64url')).join('.');

            const signed = async (header: object) => {

                const key = await crypto.subtle.importKey('raw', Buffer.from(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
                const signature = await crypto.subtle.sign('HMAC', key, Buffer.from(input(header)));
                return `${input(header)}.${Buffer.from(signature).toString('base64url')}`;
            };

            expect(await me(await signed({}))).to.equal(accepted);
            for (const header of [{ crit: ['exp'], exp: 1 }, { crit: [] }, { crit: 'exp' }, { crit: ['b64'], b64: false }, { crit: null }]) {
                expect(await me(await signed(header)), inspect(header)).to.equal(refused);
            }
        });

        it('says no more than that, to the client and in the log', async () => {

            const { server } = await serve();
            const logged: unknown[] = [];
            server.events.on({ name: 'request', channels: ['internal', 'error', 'app'] }, (_, event) => logged.push(event));
            server.events.on('log', (event) => logged.push(event));

            const marker = 'hunter2-claim';
            const tokens = [
                await mint({ marker, exp: second - 60 }),
                await mint({ marker, iat: second + 60 }),
                await mint({ marker, iat: 1 }),
                await mint({ marker, nbf: second + 60 }),
                await mint({ marker, iss: marker }),
                await mint({ marker, aud: marker }),
                await mint({ marker, sub: undefined }),
                await mint({ marker, jti: [marker] }),
                await mint({ marker }, { typ: 'logout+jwt' }),
                await mint({ marker }, { alg: 'HS384' }),
                await sign(json({ marker }), {}, Buffer.from(secret.repeat(2)))
            ];

            for (const token of tokens) {
                const res = await server.inject({ url: '/me', headers: bearer(token) });
                expect(res.statusCode).to.equal(401);

                const told = `${res.payload}${inspect(res.headers)}${inspect([res.request.auth.error, logged], { depth: Infinity, showHidden: true })}`;
                expect(told).to.include('The access token');
                expect(told).to.not.include(marker);
                expect(told).to.not.include(token.split('.')[1]!);
                expect((res.request.auth.error as Error).cause).to.be.undefined();
            }

            expect(logged.length).to.be.at.least(tokens.length);
        });

        it('says no more than that to who revokes by hand', async () => {

            const { auth } = await serve();

            for (const changes of [{ sub: ['hunter2'] }, { iss: 'hunter2' }, { exp: second - 60, jti: { hunter2: 1 } }]) {
                const error = await expect(auth.revoke({ accessToken: await mint(changes) })).to.reject('The access token is invalid');
                expect(inspect(error, { depth: Infinity, showHidden: true })).to.not.include('hunter2');
            }
        });
    });

    describe('verify(), as time passes', () => {

        // Each with the last moment (ms) at which the token is accepted

        const lives: Record<string, [object, Partial<JwtOptions>, last: number]> = {
            'exp and five seconds': [{}, {}, (second + 65) * 1000 - 1],
            'exp': [{}, { clockTolerance: 0 }, (second + 60) * 1000 - 1],
            'exp and the clock tolerance': [{}, { clockTolerance: 30_000 }, (second + 90) * 1000 - 1],
            'exp and a clock tolerance of half a second more': [{}, { clockTolerance: 1500 }, second * 1000 + 61_499],
            'the millisecond of a fractional exp': [{ exp: second + 9.5 }, { clockTolerance: 0 }, second * 1000 + 9499],
            'the greatest age, however far exp is': [{ exp: 8.64e12 }, { maxAge: 60_000, clockTolerance: 0 }, (second + 60) * 1000 - 1],
            'the greatest age and the clock tolerance': [{ exp: 8.64e12 }, { maxAge: 60_000 }, (second + 65) * 1000 - 1],
            'thirty days by default': [{ exp: 8.64e12 }, { clockTolerance: 0 }, (second + 30 * 86_400) * 1000 - 1],
            'exp, if that comes first': [{}, { maxAge: 3_600_000, clockTolerance: 0 }, (second + 60) * 1000 - 1]
        };

        for (const [end, [changes, options, last]] of Object.entries(lives)) {
            it(`accepts a token until ${end}, also by server.auth.verify()`, async () => {

                const { me, server } = await serve(options);
                const token = await mint(changes);
                const { request } = await server.inject({ url: '/me', headers: bearer(token) });

                for (const [at, answer] of [[moment, accepted], [last, accepted], [last + 1, expired], [last + 1e9, expired]] as const) {
                    freeze(at);
                    expect(await me(token)).to.equal(answer);

                    const verified = server.auth.verify(request);
                    await (answer === accepted ? verified : expect(verified).to.reject(expired.message));
                }
            });
        }

        it('refuses a token from the future, beyond the clock tolerance', async () => {

            for (const [clockTolerance, ahead] of [[5000, 5], [0, 0], [1500, 1.5]] as const) {
                const { me } = await serve({ clockTolerance });

                expect(await me(await mint({ iat: second + ahead }))).to.equal(accepted);
                expect(await me(await mint({ nbf: second + ahead }))).to.equal(accepted);
                for (const beyond of [0.251, 1, 1e6]) {
                    expect(await me(await mint({ iat: second + ahead + beyond, exp: second + 1e7 }))).to.equal(refused);
                    expect(await me(await mint({ nbf: second + ahead + beyond }))).to.equal(refused);
                }
            }
        });

        it('calls an old token expired only if nothing else is wrong with it', async () => {

            const { me } = await serve();
            freeze(moment + 3_600_000);

            expect(await me(await mint())).to.equal(expired);
            expect(await me(await mint({}, { typ: 'logout+jwt' }))).to.equal(refused);
            for (const changes of [{ sub: 1 }, { iss: 'other' }, { aud: 'other' }, { jti: '' }, { sid: 1 }, { exp: -1 }, { iat: '1' }, { nbf: second + 7200 }, { scope: 1 }]) {
                expect(await me(await mint(changes)), inspect(changes)).to.equal(refused);
            }

            expect(await me(await sign(json(), {}, Buffer.from(secret.repeat(2))))).to.equal(refused);
        });

        it('tolerates that a token expired, where it is asked to, and nothing else that is wrong', async () => {

            const tokens = new AccessTokens(strategySettings({ jwt }).jwt, () => undefined);
            const verify = (token: string) => tokens.verify(token, { tolerateExpiry: true });
            freeze(moment + 3_600_000);

            expect(await verify(await mint())).to.include({ expired: true, subject: '42' });
            for (const token of [await mint({ jti: 1 }), await mint({ exp: -1 }), await mint({ iss: 'other' }), await mint({}, { typ: 'logout+jwt' }), await mint({ nbf: second + 7200 })]) {
                expect(expect(() => void verify(token)).to.throw(Refusal).code).to.equal('access_token_invalid');
            }
        });

        it('is certain that a token is dead that its key has not signed, and not of others that it refuses', async () => {

            const tokens = new AccessTokens(strategySettings({ jwt }).jwt, () => undefined);
            const isCertain = (token: string) => expect(() => void tokens.verify(token)).to.throw(Refusal).isCertain;
            const wrong = [await mint({ aud: 'other' }), await mint({ iss: 'other' }), await mint({}, { typ: 'logout+jwt' }), await mint({ nbf: second + 7200 })];

            for (const token of wrong) {
                expect(isCertain(token)).to.be.false();
                expect(isCertain(`${token.slice(0, token.lastIndexOf('.'))}.AAAA`)).to.be.true();
            }

            expect(isCertain('x.y.z')).to.be.true();
            expect(isCertain(await mint({ exp: second - 60 }))).to.be.true();
        });

        it('never takes the claims of an error that the app throws for those of a token', async () => {

            const payloads: Jose.JWTPayload[] = [];
            const { server, login, auth } = await prepare({ jwt: { ...jwt, signingKey: secret, key: () => {

                if (payloads.length > 0) {
                    throw new Jose.errors.JWTExpired('of something else', payloads[0]!);
                }

                return secret;
            } } });

            const pair = await login();
            payloads.push(Jose.decodeJwt(pair.jwt));
            const forged = `${pair.jwt.slice(0, pair.jwt.lastIndexOf('.'))}.AAAA`;
            freeze(moment + 3_600_000);

            const res = await server.inject({ method: 'POST', url: `/logout?refreshToken=${pair.refreshToken}`, headers: bearer(forged) });

            expect(res.statusCode).to.equal(500);
            await expect(auth.refresh(pair.refreshToken)).to.not.reject();
        });

        it('revokes an expired token by hand, but not one that is invalid', async () => {

            const { auth, me } = await serve();
            const token = await mint();
            freeze(moment + 70_000);
            expect(await me(token)).to.equal(expired);

            await auth.revoke({ accessToken: token });

            // A clock that is set back, or another process behind

            freeze(moment);
            expect(await me(token)).to.equal(revoked);
        });
    });

    describe('sign()', () => {

        const issue = async function (options: Partial<JwtOptions>, given: object = {}) {

            const { auth, me } = await prepare({ jwt: { ...jwt, ...options } });
            const response = await auth.issue(null, { sub: '42', ...given });
            expect(await me(response.access_token)).to.equal(accepted);
            return { response, header: Jose.decodeProtectedHeader(response.access_token), payload: Jose.decodeJwt(response.access_token) };
        };

        it('sets the claims of a token of a session', async () => {

            const { response, header, payload } = await issue({}, { role: 'editor', scope: ['a', 'b'] });

            expect(header).to.equal({ alg: 'HS256', typ: 'JWT' });
            expect(Object.keys(payload).sort()).to.equal(['aud', 'auth_time', 'exp', 'iat', 'iss', 'jti', 'role', 'scope', 'sid', 'sub']);
            expect(payload).to.include({
                iss: jwt.issuer,
                aud: 'api',
                sub: '42',
                iat: second,
                exp: second + 900,
                auth_time: second,
                role: 'editor',
                scope: ['a', 'b']
            });
            expect(payload.jti).to.match(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.\d+\.\d+$/);
            expect(response.expires_in).to.equal(900);
        });

        it('gives every token a jti of its own', async () => {

            const { auth } = await prepare();
            const tokens = await Promise.all([1, 2, 3].map(() => auth.issue(null, { sub: '42' })));

            expect(new Set(tokens.map((token) => Jose.decodeJwt(token.access_token).jti)).size).to.equal(3);
        });

        it('takes the first issuer, and all audiences', async () => {

            const { payload } = await issue({ issuer: ['a', 'b'], audience: ['c', 'd'] });
            expect(payload).to.include({ iss: 'a', aud: ['c', 'd'] });
        });

        it('leaves out what the strategy does not name', async () => {

            const { payload } = await issue({ issuer: undefined, audience: undefined });
            expect(payload).to.not.include('iss');
            expect(payload).to.not.include('aud');
        });

        it('lets a token live as long as it is asked to', async () => {

            const { response, payload } = await issue({ ttl: 1800 });
            expect(payload).to.include({ iat: second, exp: second + 2 });
            expect(response.expires_in).to.equal(1);
        });

        it('names the key, if that has a name', async () => {

            const k = Buffer.from(secret).toString('base64url');
            const { header } = await issue({ key: { kty: 'oct', k, kid: 'a' } });
            expect(header).to.equal({ alg: 'HS256', typ: 'JWT', kid: 'a' });
        });

        it('names the session where the strategy looks for it', async () => {

            const { payload } = await issue({ sessionClaim: 'login' });
            expect(payload.login).to.be.a.string();
            expect(payload).to.not.include('sid');
        });
    });
});
