import { generateKeyPairSync } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { identify, sessionId } from '../../lib/blacklist/identities';
import { accepted, artifacts, bye, freeze, json, mint, moment, refused, revoked, second, serve, sign, thaw } from '../support/access-tokens';
import { rsa } from '../support/keys';
import { jwt as usual, secret } from '../support/server';

import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../../lib';


export const lab = Lab.script();

const { afterEach, beforeEach, describe, it } = lab;


describe('AccessToken', () => {

    beforeEach(() => {

        freeze(moment);
    });

    afterEach(thaw);

    it('knows when that is, as long as the token lives', async () => {

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

        /** The id of a session of `issue()`, of which anybody may know. */
        const sid = (subject: string, issuer = usual.issuer) => sessionId({ subject: identify('subject', issuer, subject), id: 'AAAAAAAAAAAAAAAA' });

        /** Strategies of one issuer: with sessions, without refresh tokens, and with a lookup. */
        const strategies = function () {

            const lookup = { find: () => null, remove: () => undefined };
            return Promise.all([serve({}, {}), serve({}, { refreshToken: undefined }), serve({}, { lookup })]);
        };

        it('goes by the beginning of a session of issue(), to the millisecond, in every strategy', async () => {

            for (const { auth, me } of await strategies()) {
                freeze(moment);
                await auth.revoke({ subject: '42' });

                freeze(moment + 10_000);
                for (const [began, answer] of [[moment - 1, revoked], [moment, revoked], [moment + 1, accepted]] as const) {
                    expect(await me(await mint({ sid: sid('42'), iat: second + 9, exp: second + 600, jti: `a.${began}.${second + 600}`, auth_time: second + 9 }))).to.equal(answer);
                }
            }
        });

        it('goes by the iat where the session is not one of issue(), or not one of the subject', async () => {

            for (const { auth, me } of await strategies()) {
                freeze(moment);
                await auth.revoke({ subject: '42' });
                freeze(moment + 60_000);

                for (const session of [
                    undefined,
                    'a',
                    sid('43'),
                    sid('42', 'https://other.example'),
                    `${sid('42')}A`
                ]) {
                    expect(await me(await mint({ iat: second, exp: second + 600, sid: session, jti: `a.${(second + 50) * 1000}.${second + 600}` }))).to.equal(revoked);
                    expect(await me(await mint({ iat: second + 50, exp: second + 600, sid: session, jti: `b.${(second - 50) * 1000}.${second + 600}` }))).to.equal(accepted);
                }
            }
        });

        it('does not believe that a session begins in the future', async () => {

            for (const { auth, me } of await strategies()) {
                freeze(moment);
                await auth.revoke({ subject: '42' });

                // The store may be a minute ahead of the process that signed, and that has cut its second off

                const token = (began: number) => mint({ iat: second, exp: second + 600, jti: `a.${Math.round(began * 1000)}.${second + 600}`, sid: sid('42') });
                expect(await me(await token(second + 61))).to.equal(accepted);
                for (const began of [second + 61.001, second + 3600, Date.UTC(5000, 0) / 1000, 8.64e11]) {
                    expect(await me(await token(began))).to.equal(revoked);
                }
            }
        });

        it('is everything that another issuer dates up to the clock tolerance after a moment', async () => {

            const before = second * 1000 - 2000;
            for (const subject of ['42', undefined]) {
                const { auth, me } = await serve({ clockTolerance: 3000 });
                await auth.revoke({ issuedBefore: before, subject });

                expect(await me(await mint({ iat: (before + 2999) / 1000 }))).to.equal(revoked);
                expect(await me(await mint({ iat: (before + 3000) / 1000 }))).to.equal(accepted);
            }
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
});
