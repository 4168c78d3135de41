import Crypto, { randomBytes } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Jose from 'jose';

import { VerifiedTokens } from '../../lib/jwt/token-cache';
import { request as lines, sendRaw } from '../support/raw-http';
import { bearer, jwt, prepare, secret } from '../support/server';

import type { JwtOptions, StrategyOptions } from '../../lib';
import type { AccessToken } from '../../lib/jwt/access-token';
import type { Prepared } from '../support/server';


export const lab = Lab.script();

const { afterEach, beforeEach, describe, it } = lab;


const now = Date.now;

const second = Date.UTC(2030, 0, 1) / 1000;

const freeze = function (ms: number): void {

    Date.now = () => ms;
};


const mint = function (changes: object = {}, header: object = {}): Promise<string> {

    const claims = { iss: jwt.issuer, aud: jwt.audience, sub: '42', iat: second, exp: second + 60, jti: 'one', ...changes };
    return new Jose.CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader({ alg: 'HS256', ...header }).sign(Buffer.from(secret));
};


/** Tokens that were minted elsewhere. */
const serve = function (options: Partial<JwtOptions> = {}, strategy: Partial<StrategyOptions> = {}): Promise<Prepared> {

    return prepare({ jwt: { ...jwt, ...options }, refreshToken: undefined, ...strategy });
};


const accepted = { statusCode: 200, message: undefined };

const refused = { statusCode: 401, message: 'The access token is invalid' };

const expired = { statusCode: 401, message: 'The access token expired' };

const revoked = { statusCode: 401, message: 'The access token was revoked' };


describe('VerifiedTokens', () => {

    const { createHmac } = Crypto;
    let verified: number;

    beforeEach(() => {

        freeze(second * 1000);
        verified = 0;
        Crypto.createHmac = (...args) => {

            ++verified;
            return createHmac(...args);
        };
    });

    afterEach(() => {

        Crypto.createHmac = createHmac;
        Date.now = now;
    });

    it('spares a token that verified the second time', async () => {

        const { me } = await serve();
        const [token, other] = [await mint(), await mint({ jti: 'other' })];

        for (const [presented, count] of [[token, 1], [token, 1], [other, 2], [token, 2], [other, 2]] as const) {
            expect(await me(presented)).to.equal(accepted);
            expect(verified).to.equal(count);
        }
    });

    it('does not remember what was refused', async () => {

        const { me } = await serve();
        const forged = `${(await mint()).slice(0, -4)}AAAA`;
        const wrong = await mint({ sub: 7 });
        const late = await mint({ exp: second - 60 });

        for (let i = 1; i <= 3; ++i) {
            expect(await me(forged)).to.equal(refused);
            expect(await me(wrong)).to.equal(refused);
            expect(await me(late)).to.equal(expired);
            expect(verified).to.equal(3 * i);
        }
    });

    it('is for this text only', async () => {

        const { me } = await serve();
        const token = await mint();
        expect(await me(token)).to.equal(accepted);

        const [header, payload, signature] = token.split('.') as [string, string, string];
        const other = Buffer.from(JSON.stringify({ ...Jose.decodeJwt(token), sub: '43' })).toString('base64url');
        for (const text of [`${header}.${other}.${signature}`, `${header}${payload}.${signature}`, `.${token}`, signature, `A${token.slice(1)}`]) {
            expect(await me(text)).to.equal(refused);
        }

        expect(await me(token)).to.equal(accepted);
    });

    it('goes by the end of the text, and by all of it', () => {

        const tokens = new VerifiedTokens({ max: 10, maxBytes: 1_000_000 });
        const access = {} as AccessToken;
        const end = randomBytes(24).toString('base64url');

        tokens.set(`a.b.${end}`, access);
        expect(tokens.get(`a.b.${end}`)).to.shallow.equal(access);
        for (const other of [`a.c.${end}`, `b.${end}`, end, '']) {
            expect(tokens.get(other)).to.be.undefined();
        }

        tokens.delete(`a.b.${end}`);
        expect(tokens.get(`a.b.${end}`)).to.be.undefined();
    });

    it('goes by the header that brought it, where that is the token and no more', () => {

        const end = randomBytes(24).toString('base64url');
        const token = `a.b.${end}`;
        const plain = `Bearer ${token}`;

        for (const header of [undefined, plain, `bearer ${token}`, `Bearer  ${token}`, `Bearer ${token} `, `Bearer x.b.${end}`, `Basic   ${token}`, end]) {
            const tokens = new VerifiedTokens({ max: 10, maxBytes: 1_000_000 });
            const access = {} as AccessToken;
            tokens.set(token, access, header);

            expect(tokens.recognize(plain), header).to.shallow.equal(access);
            expect(tokens.get(token), header).to.shallow.equal(access);
            expect(header === plain || tokens.recognize(header ?? '') === undefined, header).to.be.true();
        }
    });

    it('is bounded by entries and by bytes', () => {

        const texts = Array.from({ length: 10 }, () => randomBytes(300).toString('base64url'));
        for (const bounds of [{ max: 4, maxBytes: 1_000_000 }, { max: 1000, maxBytes: 4 * 1300 }]) {
            const tokens = new VerifiedTokens(bounds);
            texts.forEach((text) => {

                tokens.set(text, {} as AccessToken);
                tokens.get(texts[0]!);
            });

            expect(texts.map((text) => tokens.get(text) !== undefined)).to.equal([true, false, false, false, false, false, false, true, true, true]);
        }

        // What is larger than all of it

        const tokens = new VerifiedTokens({ max: 10, maxBytes: 1500 });
        tokens.set('a'.repeat(16_000), {} as AccessToken);
        expect(tokens.get('a'.repeat(16_000))).to.be.undefined();
    });

    it('does not pass over what a header that was seen before comes with', async () => {

        const { server, me } = await serve({ cookie: { name: 'jwt', isSecure: false } });
        const token = await mint();
        const seen = `Authorization: Bearer ${token}`;
        expect(await me(token)).to.equal(accepted);

        await server.start();
        try {
            for (const [headers, statusCode] of [
                [[seen], 200],
                [[seen, 'Cookie: jwt=another'], 400],
                [[seen, seen], 400],
                [[seen.replace('Bearer', 'bEARER ')], 200],
                [[`${seen}x`], 401],
                [[seen.replace('Bearer', 'Basic')], 401]
            ] as const) {
                expect((await sendRaw(server, lines('GET /me HTTP/1.1', headers.slice()))).statusCode, headers.join()).to.equal(statusCode);
            }
        }
        finally {
            await server.stop();
        }
    });

    it('does not pass over a repeated header either', async () => {

        const { server, me } = await serve();
        const token = await mint();
        expect(await me(token)).to.equal(accepted);

        await server.start();
        try {
            const seen = `Authorization: Bearer ${token}`;
            for (const [headers, statusCode] of [[[seen], 200], [[seen, seen], 400], [[seen, 'authorization: x'], 400]] as const) {
                expect((await sendRaw(server, lines('GET /me HTTP/1.1', headers.slice()))).statusCode).to.equal(statusCode);
            }
        }
        finally {
            await server.stop();
        }
    });

    it('is switched off by an option', async () => {

        const { me } = await serve({ cache: false });
        const token = await mint();

        for (let i = 1; i <= 3; ++i) {
            expect(await me(token)).to.equal(accepted);
            expect(verified).to.equal(i);
        }
    });

    it('holds as many as the options say', async () => {

        const { me } = await serve({ cache: { max: 1 } });
        const tokens = [await mint(), await mint({ jti: 'other' })];

        for (let i = 1; i <= 4; ++i) {
            expect(await me(tokens[i % 2]!)).to.equal(accepted);
            expect(verified).to.equal(i);
        }
    });

    describe('on each use', () => {

        it('looks at the expiry, with the clock tolerance', async () => {

            const { me } = await serve();
            const token = await mint();
            for (const [ms, answer] of [[0, accepted], [64_999, accepted], [65_000, expired], [64_999, accepted], [1e9, expired]] as const) {
                freeze(second * 1000 + ms);
                expect(await me(token), `${ms}`).to.equal(answer);
            }
        });

        it('looks at the age', async () => {

            const { me } = await serve({ maxAge: 10_000, ttl: 10_000 });
            const token = await mint({ exp: second + 1000 });
            for (const [ms, answer] of [[0, accepted], [14_999, accepted], [16_000, expired]] as const) {
                freeze(second * 1000 + ms);
                expect(await me(token), `${ms}`).to.equal(answer);
            }
        });

        it('looks at when a token begins, where the clock was set back', async () => {

            const { me } = await serve();
            for (const token of [await mint({ nbf: second + 20 }), await mint({ iat: second + 20 })]) {
                for (const [ms, answer] of [[15_000, accepted], [14_999, refused], [15_000, accepted]] as const) {
                    freeze(second * 1000 + ms);
                    expect(await me(token), `${ms}`).to.equal(answer);
                }
            }
        });

        it('asks the blacklist', async () => {

            const { auth, me } = await serve();
            const token = await mint();
            expect(await me(token)).to.equal(accepted);

            await auth.revoke({ accessToken: token });
            expect(await me(token)).to.equal(revoked);
            expect(await me(token)).to.equal(revoked);
        });

        it('calls validate()', async () => {

            let isValid = true;
            const { me } = await serve({}, { validate: () => ({ isValid }) });
            const token = await mint();
            expect(await me(token)).to.equal(accepted);

            isValid = false;
            expect(await me(token)).to.equal({ statusCode: 401, message: 'The credentials were refused' });
        });
    });

    it('belongs to one strategy', async () => {

        const { server, me } = await serve();
        server.auth.strategy('other', 'hard-logout', { jwt: { ...jwt, audience: 'other' } } satisfies StrategyOptions);
        server.route({ method: 'GET', path: '/other', options: { auth: 'other' }, handler: () => 'ok' });

        const [token, both] = [await mint(), await mint({ aud: [jwt.audience, 'other'] })];
        expect(await me(token)).to.equal(accepted);
        expect(await me(both)).to.equal(accepted);
        expect(verified).to.equal(2);

        expect((await server.inject({ url: '/other', headers: bearer(token) })).statusCode).to.equal(401);
        expect((await server.inject({ url: '/other', headers: bearer(both) })).statusCode).to.equal(200);
        expect(verified).to.equal(4);
    });

    it('remembers a token whose claims are nested, too', async () => {

        const { me } = await serve();
        const nested = await mint({ deep: [[[{ a: [1] }]]] });
        expect(await me(nested)).to.equal(accepted);
        expect(await me(nested)).to.equal(accepted);
        expect(verified).to.equal(1);
    });
});


describe('what a request is given of a token that others bring as well', () => {

    const given = { sub: '42', scope: ['a', 'b'], roles: { admin: [{ at: 'x' }] }, list: [1, [2]], nothing: null, flag: true, user: undefined as unknown };

    const spoil = function (value: unknown): void {

        if (typeof value === 'object' && value !== null) {
            Object.values(value).forEach(spoil);
            Object.assign(value, { spoilt: true, sub: 'root', admin: true });
            (value as { push?: (item: string) => void }).push?.('root');
        }
    };

    for (const [kind, changes] of Object.entries({
        'as claims of every type': given,
        'with a scope of one text': { ...given, scope: 'a b' },
        'with a user of its own': { ...given, user: { id: '7', tags: ['x'] } },
        'of an app': { ...given, client_id: '42' },
        'with a claim that could be mistaken for a prototype': JSON.parse('{"__proto__":{"polluted":[1]},"constructor":{"prototype":{"polluted":1}}}')
    })) {
        it(`is its own: ${kind}`, async () => {

            const iat = Math.floor(Date.now() / 1000);
            const token = await mint({ ...changes, iat, exp: iat + 60 });
            const seen: string[] = [];

            const { server } = await serve({}, {
                validate(claims) {

                    seen.push(JSON.stringify(claims));
                    spoil(claims);
                    return { isValid: true };
                }
            });

            server.ext('onCredentials', (request, h) => {

                seen.push(JSON.stringify(request.auth.credentials), JSON.stringify(request.auth.artifacts));
                spoil(request.auth.credentials);
                spoil(request.auth.artifacts);
                return h.continue;
            });

            const first = await server.inject({ url: '/me', headers: bearer(token) });
            expect(first.statusCode).to.equal(200);
            expect(first.payload).to.include('"spoilt":true');

            const before = seen.splice(0);
            const again = await server.inject({ url: '/me', headers: bearer(token) });
            expect(again.payload).to.equal(first.payload);
            expect(seen).to.equal(before);
            expect(seen.length).to.equal(3);
            expect(seen.join()).to.not.include('spoilt');
            expect(({} as { polluted?: unknown }).polluted).to.be.undefined();
        });
    }
});
