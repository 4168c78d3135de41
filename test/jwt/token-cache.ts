import Crypto, { randomBytes } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Jose from 'jose';

import { AccessTokens } from '../../lib/jwt/jwt';
import { TokenCache } from '../../lib/jwt/token-cache';
import { strategySettings } from '../../lib/options/schema';
import { accepted, expired, freeze, mint, refused, revoked, second, serve as serveTokens, thaw } from '../support/access-tokens';
import { request as lines, sendRaw } from '../support/raw-http';
import { bearer, jwt } from '../support/server';

import type { JwtOptions, StrategyOptions } from '../../lib';
import type { AccessToken } from '../../lib/jwt/access-token';
import type { Prepared } from '../support/server';


export const lab = Lab.script();

const { afterEach, beforeEach, describe, it } = lab;


/** A server without refresh tokens. */
const serve = function (options: Partial<JwtOptions> = {}, strategy: Partial<StrategyOptions> = {}): Promise<Prepared> {

    return serveTokens(options, { refreshToken: undefined, ...strategy });
};


describe('TokenCache', () => {

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
        thaw();
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

        const tokens = new TokenCache({ maxBytes: 1_000_000 });
        const access = { claims: {} } as AccessToken;
        const end = randomBytes(24).toString('base64url');

        tokens.set(`a.b.${end}`, access);
        expect(tokens.get(`a.b.${end}`)).to.shallow.equal(access);
        for (const other of [`a.c.${end}`, `b.${end}`, end, '']) {
            expect(tokens.get(other)).to.be.undefined();
        }

        tokens.delete(`a.b.${end}`);
        expect(tokens.get(`a.b.${end}`)).to.be.undefined();
    });

    it('keeps no more than the text of what it holds', () => {

        const tokens = new TokenCache({ maxBytes: 1_000_000 });
        const header = `Bearer a.b.${randomBytes(24).toString('base64url')}`;
        const access = { claims: {} } as AccessToken;
        tokens.set(header.slice(7), access);

        expect(access.token).to.equal(header.slice(7));
        expect(tokens.get(`${header.slice(7)}`)).to.shallow.equal(access);
    });

    it('recognizes a header that brings a token as most do', async () => {

        const tokens = new AccessTokens(strategySettings({ jwt }).jwt, () => undefined);
        const token = await mint();
        const access = await tokens.verify(token);

        expect(tokens.recognize(`Bearer ${token}`)).to.shallow.equal(access);
        for (const header of [undefined, `bearer ${token}`, `Bearer  ${token}`, `Bearer ${token} `, `Bearer a${token.slice(1)}`, `Basic  ${token}`, token, '']) {
            expect(tokens.recognize(header), header).to.be.undefined();
        }
    });

    it('drops the least recently used ones where the bytes are not enough', () => {

        const texts = Array.from({ length: 10 }, () => randomBytes(300).toString('base64url'));
        const full = new TokenCache({ maxBytes: 4 * 1500 });
        texts.forEach((text) => {

            full.set(text, { claims: {} } as AccessToken);
            full.get(texts[0]!);
        });

        expect(texts.map((text) => full.get(text) !== undefined)).to.equal([true, false, false, false, false, false, false, true, true, true]);

        // What is larger than all of it

        const tokens = new TokenCache({ maxBytes: 1500 });
        tokens.set('a'.repeat(16_000), { claims: {} } as AccessToken);
        expect(tokens.get('a'.repeat(16_000))).to.be.undefined();
    });

    it('takes no more memory than it may, whatever the claims are made of', () => {

        // Each with what it takes (bytes), as it was measured on Node 20 and 24: many times its text

        const list = (length: number, item: (i: number) => unknown) => ({ list: Array.from({ length }, (_, i) => item(i)) });
        const nested = JSON.parse('['.repeat(60) + ']'.repeat(60));
        const shapes: [claims: object, bytes: number][] = [
            [list(300, () => ({})), 19_300],
            [list(300, () => []), 12_100],
            [list(300, () => [1]), 19_300],
            [list(200, (i) => ({ [`key${i}`]: i })), 37_300],
            [list(100, (i) => ({ [`key${i}`]: i, [`k${i}`]: i, [`l${i}`]: i })), 29_900],
            [Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key${i}`, 0])), 20_500],
            [list(200, () => ({ 900: 1 })), 41_700],
            [list(300, (i) => (i % 2 ? i + 0.5 : 'x')), 4900],
            [list(300, (i) => `s${i}`), 9100],
            [list(100, (i) => `\u4e2d${i}`), 4100],
            [{ a: nested, b: nested }, 6800]
        ];

        for (const [claims, bytes] of shapes) {
            const maxBytes = 40 * bytes;
            const tokens = new TokenCache({ maxBytes });
            const texts = Array.from({ length: 100 }, () => `a.b.${randomBytes(24).toString('base64url')}`);
            texts.forEach((text) => tokens.set(text, { claims } as unknown as AccessToken));

            const kept = texts.filter((text) => tokens.get(text)).length;
            expect(kept, JSON.stringify(claims).slice(0, 30)).to.be.within(4, 40);
        }
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

    it('holds as much as the options say', async () => {

        // Each of these weighs more than half of it

        const { me } = await serve({ cache: { maxBytes: 2 ** 20 } });
        const list = Array.from({ length: 3600 }, () => ({}));
        const tokens = [await mint({ list }), await mint({ list, jti: 'other' })];

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

        it('drops what does not hold any more, and verifies it anew', async () => {

            const { me } = await serve();
            const token = await mint();
            for (const [ms, answer, count] of [[0, accepted, 1], [65_000, expired, 2], [0, accepted, 3], [0, accepted, 3]] as const) {
                freeze(second * 1000 + ms);
                expect(await me(token)).to.equal(answer);
                expect(verified).to.equal(count);
            }
        });

        it('knows nothing of a token that had expired, but was tolerated', async () => {

            const tokens = new AccessTokens(strategySettings({ jwt }).jwt, () => undefined);
            const token = await mint();
            freeze(second * 1000 + 65_000);
            expect(await tokens.verify(token, { tolerateExpiry: true })).to.include({ expired: true });
            expect(tokens.recognize(`Bearer ${token}`)).to.be.undefined();

            freeze(second * 1000);
            expect(tokens.recognize(`Bearer ${token}`)).to.be.undefined();
            expect(await tokens.verify(token)).to.include({ expired: false });
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
