import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Jose from 'jose';

import { bearer, jwt, prepare, secret } from '../support/server';

import type { KeyObject } from 'node:crypto';
import type { Algorithm, JwtOptions, StrategyOptions } from '../../lib';
import type { Prepared } from '../support/server';


export const lab = Lab.script();

const { afterEach, beforeEach, describe, it } = lab;


const now = Date.now;


// A second begun, so that it matters what is rounded, and which way

const second = Date.UTC(2030, 0, 1) / 1000;

const moment = second * 1000 + 250;


const freeze = function (ms: number): void {

    Date.now = () => ms;
};


const claims = { iss: jwt.issuer, aud: jwt.audience, sub: '42', iat: second, exp: second + 60, jti: 'one' };


// A number that JSON.stringify() would not write is given as '@1e400'

const json = function (changes: object = {}): string {

    return JSON.stringify({ ...claims, ...changes }).replace(/"@([^"]+)"/g, '$1');
};


const sign = function (payload: string, header: object = {}, key: KeyObject | Uint8Array = Buffer.from(secret)): Promise<string> {

    return new Jose.CompactSign(Buffer.from(payload)).setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...header }).sign(key);
};


const mint = function (changes?: object, header?: object): Promise<string> {

    return sign(json(changes), header);
};


/** A server for tokens that were minted elsewhere, with `POST /bye`, which revokes the one presented, and `GET /artifacts`. */
const serve = async function (options: Partial<JwtOptions> = {}, strategy: Partial<StrategyOptions> = { refreshToken: undefined }): Promise<Prepared> {

    const prepared = await prepare({ jwt: { ...jwt, ...options }, ...strategy });
    prepared.server.route([
        { method: 'POST', path: '/bye', options: { plugins: { 'hard-logout': { tokens: 'access', revoke: 'token' } } }, handler: (request, h) => h.response().code(204) },
        { method: 'GET', path: '/artifacts', handler: (request) => request.auth.artifacts }
    ]);

    return prepared;
};


const bye = async function ({ server }: Prepared, token: string): Promise<number> {

    const { statusCode } = await server.inject({ method: 'POST', url: '/bye', headers: bearer(token) });
    return statusCode;
};


const artifacts = async function ({ server }: Prepared, token: string): Promise<Record<string, unknown>> {

    const { result } = await server.inject({ url: '/artifacts', headers: bearer(token) });
    return result as Record<string, unknown>;
};


const accepted = { statusCode: 200, message: undefined };

const refused = { statusCode: 401, message: 'The access token is invalid' };

const expired = { statusCode: 401, message: 'The access token expired' };

const revoked = { statusCode: 401, message: 'The access token was revoked' };


describe('AccessTokens', () => {

    beforeEach(() => {

        freeze(moment);
    });

    afterEach(() => {

        Date.now = now;
    });

    describe('verify()', () => {

        it('accepts a token with all that is needed, and answers its claims', async () => {

            const { server } = await serve();
            const res = await server.inject({ url: '/me', headers: bearer(await mint({ role: 'editor' })) });

            expect(res.statusCode).to.equal(200);
            expect(res.result).to.include({ ...claims, role: 'editor' });
        });

        const texts = ['', null, 1, true, [], ['42'], {}, '\ud800', 'a\udc00b'];

        const dates = ['@1e400', '@-1e400', '@1e308', '@8640000000001', '1893456060', '2030-01-01', '', null, true, [], [second], {}, -1, '@-0.1'];

        const bad: Record<string, unknown[]> = {
            sub: [undefined, ...texts],
            jti: texts,
            sid: texts,
            exp: [undefined, ...dates],
            iat: [undefined, ...dates],
            nbf: dates,
            auth_time: dates,
            scope: [null, 1, true, {}, [1], ['a', null], [['a']]],
            iss: [undefined, 'https://other.example', `${jwt.issuer}/`, ...texts, [jwt.issuer]],
            aud: [undefined, 'other', ['other'], null, 1, {}, [], '']
        };

        for (const [claim, values] of Object.entries(bad)) {
            it(`refuses what can be no ${claim}`, async () => {

                const { me } = await serve();
                for (const value of values) {
                    expect(await me(await mint({ [claim]: value })), inspect(value)).to.equal(refused);
                }
            });
        }

        const good: Record<string, unknown[]> = {
            sub: ['0', ' ', 'caf\u00e9', '\ud83d\ude00', 's'.repeat(1000)],
            jti: [undefined, '0', '\ud83d\ude00'],
            sid: [undefined, 'a session'],
            exp: [second + 0.5, second + 1e9, '@8640000000000'],
            iat: [second - 100, second - 0.5],
            nbf: [undefined, 0, second],
            auth_time: [undefined, 0, second + 0.25],
            scope: [undefined, '', 'a b', [], ['a', 'b']],
            aud: ['api', ['api'], ['other', 'api']],
            client_id: [null, 1, {}]
        };

        for (const [claim, values] of Object.entries(good)) {
            it(`accepts what can be a ${claim}`, async () => {

                const { me } = await serve();
                for (const value of values) {
                    expect(await me(await mint({ [claim]: value })), inspect(value)).to.equal(accepted);
                }
            });
        }

        it('refuses an iss that is none also where any is accepted', async () => {

            const { me } = await serve({ issuer: undefined });

            for (const iss of texts) {
                expect(await me(await mint({ iss })), inspect(iss)).to.equal(refused);
            }

            for (const iss of [undefined, 'https://other.example']) {
                expect(await me(await mint({ iss }))).to.equal(accepted);
            }
        });

        it('accepts each issuer of a list, and each audience', async () => {

            const { me } = await serve({ issuer: ['a', 'b'], audience: ['c', 'd'] });

            for (const iss of ['a', 'b']) {
                for (const aud of ['c', 'd', ['x', 'd']]) {
                    expect(await me(await mint({ iss, aud }))).to.equal(accepted);
                }
            }

            expect(await me(await mint({ iss: 'c', aud: 'c' }))).to.equal(refused);
            expect(await me(await mint({ iss: 'a', aud: 'a' }))).to.equal(refused);
            expect(await me(await mint({ iss: ['a', 'b'], aud: 'c' }))).to.equal(refused);
        });

        it('accepts any audience where none is named', async () => {

            const { me } = await serve({ audience: undefined });

            for (const aud of [undefined, 'other', ['other']]) {
                expect(await me(await mint({ aud }))).to.equal(accepted);
            }
        });

        it('accepts access tokens only, by their type', async () => {

            const { me } = await serve();

            for (const typ of [undefined, 'JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'application/jwt', 'Application/At+Jwt']) {
                expect(await me(await mint({}, { typ })), typ).to.equal(accepted);
            }

            for (const typ of ['', 'logout+jwt', 'secevent+jwt', 'dpop+jwt', 'id+jwt', 'at+jwt ', 'at+jwt\n', 'x-at+jwt', 'application/', 'text/jwt', 'at', null, 1, ['JWT'], {}]) {
                expect(await me(await mint({}, { typ })), inspect(typ)).to.equal(refused);
            }
        });

        it('refuses another session claim of the wrong type', async () => {

            const { me } = await serve({ sessionClaim: 'login' });

            expect(await me(await mint({ login: 1, sid: 'a' }))).to.equal(refused);
            expect(await me(await mint({ login: 'a', sid: 1 }))).to.equal(accepted);
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
            'the end of the second that the clock tolerance reaches into': [{}, { clockTolerance: 1500 }, (second + 62) * 1000 - 1],
            'the end of the second of a fractional exp': [{ exp: second + 9.5 }, { clockTolerance: 0 }, (second + 10) * 1000 - 1],
            'the greatest age, however far exp is': [{ exp: 8.64e12 }, { maxAge: 60_000, clockTolerance: 0 }, (second + 61) * 1000 - 1],
            'the greatest age and the clock tolerance': [{ exp: 8.64e12 }, { maxAge: 60_000 }, (second + 66) * 1000 - 1],
            'thirty days by default': [{ exp: 8.64e12 }, { clockTolerance: 0 }, (second + 30 * 86_400 + 1) * 1000 - 1],
            'exp, if that comes first': [{}, { maxAge: 3_600_000, clockTolerance: 0 }, (second + 60) * 1000 - 1]
        };

        for (const [end, [changes, options, last]] of Object.entries(lives)) {
            it(`accepts a token until ${end}`, async () => {

                const { me } = await serve(options);
                const token = await mint(changes);

                for (const [at, answer] of [[moment, accepted], [last, accepted], [last + 1, expired], [last + 1e9, expired]] as const) {
                    freeze(at);
                    expect(await me(token)).to.equal(answer);
                }
            });
        }

        it('tells when that is, as long as the token lives', async () => {

            const prepared = await serve({ maxAge: 3_600_000 });

            for (const [changes, expires] of [
                [{}, (second + 65) * 1000],
                [{ exp: second + 9.0625 }, (second + 14) * 1000 + 63],
                [{ exp: 8.64e12 }, (second + 3605) * 1000],
                [{ exp: 8.64e12, iat: second - 600 }, (second + 3005) * 1000]
            ] as const) {
                expect(await artifacts(prepared, await mint(changes))).to.include({ expires, expired: false });
            }
        });

        it('refuses a token from the future, beyond the clock tolerance', async () => {

            for (const [clockTolerance, ahead] of [[5000, 5], [0, 0], [1500, 1.5]] as const) {
                const { me } = await serve({ clockTolerance });

                expect(await me(await mint({ iat: second + ahead }))).to.equal(accepted);
                expect(await me(await mint({ nbf: second + ahead }))).to.equal(accepted);
                for (const beyond of [0.001, 1, 1e6]) {
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

        it('takes an expired token for a logout with a live refresh token, and nothing else that is wrong', async () => {

            const { server, login } = await prepare();
            const pair = await login();
            const { payload } = await Jose.jwtVerify(pair.jwt, Buffer.from(secret), { currentDate: new Date(moment) });
            freeze(moment + 3_600_000);

            const logout = async (token: string) => {

                const { statusCode, result } = await server.inject({ method: 'POST', url: `/logout?refreshToken=${pair.refreshToken}`, headers: bearer(token) });
                return [statusCode, (result as { message?: string } | null)?.message];
            };

            const changed = (changes: object, header?: object) => sign(JSON.stringify({ ...payload, ...changes }), header);

            for (const token of [await changed({ jti: 1 }), await changed({ exp: -1 }), await changed({ iss: 'other' }), await changed({}, { typ: 'logout+jwt' })]) {
                expect(await logout(token)).to.equal([401, 'The access token is invalid']);
            }

            expect(await logout(await changed({ sub: '43' }))).to.equal([401, 'The access token and the refresh token do not belong together']);
            expect(await logout(pair.jwt)).to.equal([204, undefined]);
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

    describe('the identity of a token', () => {

        const orders: Record<string, string> = {
            ES256: 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
            ES384: 'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
            ES512: `1${'f'.repeat(65)}a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`
        };

        const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

        /** One token, as often as it can be written otherwise without its key: what decodes to the same bytes, and what is another signature. */
        const spellings = function (token: string, alg: string): { same: string[]; others: string[] } {

            const dot = token.lastIndexOf('.');
            const input = token.slice(0, dot);
            const signature = token.slice(dot + 1);

            // Bits after the last byte

            const signatures: string[] = [];
            const spare = (signature.length * 6) % 8;
            const last = alphabet.indexOf(signature.at(-1)!);
            for (let i = 1; i < 2 ** spare; ++i) {
                signatures.push(signature.slice(0, -1) + alphabet[last + i]);
            }

            // Padding

            signatures.push(signature.padEnd(Math.ceil(signature.length / 4) * 4, '='));

            // (r, n - s) is a signature wherever (r, s) is

            const others: string[] = [];
            if (orders[alg]) {
                const bytes = Buffer.from(signature, 'base64url');
                const r = bytes.toString('hex', 0, bytes.length / 2);
                const s = BigInt(`0x${bytes.toString('hex', bytes.length / 2)}`);
                const other = (BigInt(`0x${orders[alg]}`) - s).toString(16).padStart(bytes.length, '0');
                others.push(Buffer.from(r + other, 'hex').toString('base64url'));
            }

            const written = (list: string[]) => list.filter((other) => other !== signature).map((other) => `${input}.${other}`);
            return { same: written(signatures), others: written(others) };
        };

        const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

        const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });

        const pairs: Partial<Record<Algorithm, { publicKey: KeyObject | string; privateKey: KeyObject | Uint8Array }>> = {
            HS256: { publicKey: secret, privateKey: Buffer.from(secret) },
            RS256: rsa,
            PS384: rsa,
            ES256: ec('P-256'),
            ES384: ec('P-384'),
            ES512: ec('P-521'),
            EdDSA: generateKeyPairSync('ed25519')
        };

        for (const [alg, { publicKey, privateKey }] of Object.entries(pairs)) {
            for (const [kind, jti] of [['with a jti', (i: number) => `jti-${i}`], ['without a jti', () => undefined]] as const) {
                it(`is one for all spellings of a token with ${alg} ${kind}`, async () => {

                    const prepared = await serve({ key: publicKey, algorithms: [alg as Algorithm] });
                    const nth = (i: number) => sign(json({ jti: jti(i), n: i }), { alg }, privateKey);

                    const token = await nth(0);
                    const { same, others } = spellings(token, alg);
                    expect(same.length + others.length).to.be.at.least(1);

                    // It was logged out: no other spelling lives on

                    for (const spelling of others) {
                        expect(await prepared.me(spelling), spelling).to.equal(accepted);
                    }

                    expect(await bye(prepared, token)).to.equal(204);
                    for (const spelling of [token, ...others]) {
                        expect(await prepared.me(spelling), spelling).to.equal(revoked);
                    }

                    // Another spelling was logged out: neither does it

                    for (let i = 0; i < others.length; ++i) {
                        const original = await nth(i + 1);
                        expect(await bye(prepared, spellings(original, alg).others[i]!)).to.equal(204);
                        expect(await prepared.me(original)).to.equal(revoked);
                    }

                    // The bytes of a signature have one text

                    const live = await nth(-2);
                    for (const spelling of spellings(live, alg).same) {
                        expect(await prepared.me(spelling), spelling).to.equal(refused);
                    }

                    // Any other token does

                    expect(await prepared.me(await nth(-1))).to.equal(accepted);
                });
            }
        }

        it('is one for two signatures over the same, without a jti', async () => {

            const { privateKey, publicKey } = ec('P-256');
            const prepared = await serve({ key: publicKey, algorithms: ['ES256'] });
            const payload = json({ jti: undefined });
            const [one, other] = [await sign(payload, { alg: 'ES256' }, privateKey), await sign(payload, { alg: 'ES256' }, privateKey)];
            expect(one).to.not.equal(other);

            expect(await bye(prepared, one)).to.equal(204);
            expect(await prepared.me(other)).to.equal(revoked);
        });

        it('is the jti, whatever else the token says', async () => {

            const prepared = await serve();

            expect(await bye(prepared, await mint())).to.equal(204);
            expect(await prepared.me(await mint({ exp: second + 3600, role: 'editor' }, { typ: 'at+jwt' }))).to.equal(revoked);
            expect(await prepared.me(await mint({ jti: 'two' }))).to.equal(accepted);
            expect(await prepared.me(await mint({ jti: 'One' }))).to.equal(accepted);
            expect(await prepared.me(await mint({ jti: undefined }))).to.equal(accepted);
        });

        it('keeps apart what two issuers call the same', async () => {

            const prepared = await serve({ issuer: ['a', 'b'] });
            const tokens = await Promise.all(['a', 'b'].map((iss) => mint({ iss, sid: 'session' })));

            expect(await bye(prepared, tokens[0]!)).to.equal(204);
            expect(await Promise.all(tokens.map(prepared.me))).to.equal([revoked, accepted]);

            await prepared.auth.revoke({ session: 'session', issuer: 'a' });
            await prepared.auth.revoke({ subject: '42', issuer: 'a' });
            expect(await prepared.me(tokens[1]!)).to.equal(accepted);

            await prepared.auth.revoke({ session: 'session', issuer: 'b' });
            expect(await prepared.me(tokens[1]!)).to.equal(revoked);
        });

        it('is the same for all issuers where none is checked', async () => {

            const prepared = await serve({ issuer: undefined });

            expect(await bye(prepared, await mint({ iss: 'a' }))).to.equal(204);
            expect(await prepared.me(await mint({ iss: 'b' }))).to.equal(revoked);
            expect(await prepared.me(await mint({ iss: undefined }))).to.equal(revoked);
        });

        it('is never that of a token whose jti imitates it', async () => {

            const prepared = await serve();
            const token = await mint({ jti: undefined });
            const input = token.slice(0, token.lastIndexOf('.'));

            for (const jti of [input, `input ${input}`, token]) {
                expect(await bye(prepared, await mint({ jti }))).to.equal(204);
            }

            expect(await prepared.me(token)).to.equal(accepted);
        });
    });

    describe('what a token falls with', () => {

        it('is its session, by the claim that names it', async () => {

            for (const sessionClaim of ['sid', 'login']) {
                const other = sessionClaim === 'sid' ? 'login' : 'sid';
                const { auth, me } = await serve({ sessionClaim });
                const token = (changes: object) => mint({ jti: undefined, ...changes });

                await auth.revoke({ session: 'a' });

                expect(await me(await token({ [sessionClaim]: 'a' }))).to.equal(revoked);
                expect(await me(await token({ [sessionClaim]: 'b' }))).to.equal(accepted);
                expect(await me(await token({ [other]: 'a' }))).to.equal(accepted);
                expect(await me(await token({ sub: 'a', jti: 'a' }))).to.equal(accepted);
            }
        });

        it('is its subject, for tokens that were issued before', async () => {

            const { auth, me } = await serve({ clockTolerance: 0 });
            freeze(second * 1000 + 500);
            await auth.revoke({ subject: '42' });

            freeze(second * 1000 + 10_000);
            for (const [iat, answer] of [[second - 1, revoked], [second, revoked], [second + 0.5, revoked], [second + 0.5009, revoked], [second + 0.501, accepted], [second + 1, accepted]] as const) {
                expect(await me(await mint({ iat })), `${iat}`).to.equal(answer);
            }

            expect(await me(await mint({ sub: '43' }))).to.equal(accepted);
        });

        it('goes by the beginning of a session of our own, to the millisecond', async () => {

            const { auth, me } = await serve({}, {});
            await auth.revoke({ subject: '42' });

            freeze(moment + 10_000);
            for (const [began, answer] of [[moment - 1, revoked], [moment, revoked], [moment + 1, accepted]] as const) {
                expect(await me(await mint({ sid: 'a', iat: second + 9, auth_time: began / 1000 }))).to.equal(answer);
            }
        });

        it('goes by the iat where there is no session of our own, or no beginning of it', async () => {

            const own = await serve({}, {});
            const foreign = await serve({}, { refreshToken: undefined });
            for (const { auth, me } of [own, foreign]) {
                freeze(moment);
                await auth.revoke({ subject: '42' });
                freeze(moment + 60_000);

                expect(await me(await mint({ iat: second, exp: second + 600, auth_time: second + 50 }))).to.equal(revoked);
                expect(await me(await mint({ iat: second + 50, exp: second + 600, auth_time: second - 50 }))).to.equal(accepted);
                expect(await me(await mint({ iat: second, exp: second + 600, sid: 'a' }))).to.equal(revoked);
                expect(await me(await mint({ iat: second + 50, exp: second + 600, sid: 'a' }))).to.equal(accepted);
            }

            expect(await foreign.me(await mint({ iat: second + 50, exp: second + 600, sid: 'a', auth_time: second - 50 }))).to.equal(accepted);
            expect(await foreign.me(await mint({ iat: second, exp: second + 600, sid: 'a', auth_time: second + 50 }))).to.equal(revoked);
        });

        it('is never younger than a cut-off by the clock of who issued it', async () => {

            const own = await serve({ clockTolerance: 3000 }, {});
            const foreign = await serve({ clockTolerance: 3000 }, { refreshToken: undefined });
            for (const { auth, me } of [own, foreign]) {
                freeze(moment);
                const ahead = await mint({ iat: second + 3, exp: second + 600 });
                expect(await me(ahead)).to.equal(accepted);

                await auth.revoke({ subject: '42' });
                freeze(moment + 60_000);
                expect(await me(ahead)).to.equal(revoked);
                expect(await me(await mint({ iat: second + 4, exp: second + 600 }))).to.equal(accepted);
            }
        });
    });

    describe('sign()', () => {

        const issue = async function (options: Partial<JwtOptions>, given: object = {}) {

            const { auth, me } = await prepare({ jwt: { ...jwt, ...options } });
            const response = await auth.issue(null, { sub: '42', ...given });
            expect(await me(response.access_token)).to.equal(accepted);
            return { response, header: Jose.decodeProtectedHeader(response.access_token), payload: Jose.decodeJwt(response.access_token) };
        };

        it('sets the claims of a token of ours', async () => {

            const { response, header, payload } = await issue({}, { role: 'editor', scope: ['a', 'b'] });

            expect(header).to.equal({ alg: 'HS256', typ: 'JWT' });
            expect(Object.keys(payload).sort()).to.equal(['aud', 'auth_time', 'exp', 'iat', 'iss', 'jti', 'role', 'scope', 'sid', 'sub']);
            expect(payload).to.include({
                iss: jwt.issuer,
                aud: 'api',
                sub: '42',
                iat: second,
                exp: second + 900,
                auth_time: moment / 1000,
                role: 'editor',
                scope: ['a', 'b']
            });
            expect(payload.jti).to.match(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
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

        it('lets a token live as long as it is told', async () => {

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
