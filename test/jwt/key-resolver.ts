import { createSecretKey, sign } from 'node:crypto';
import { inspect } from 'node:util';

import * as Boom from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Jose from 'jose';

import { keyResolver, signingKey } from '../../lib/jwt/key-resolver';
import { strategySettings } from '../../lib/options/schema';
import { accepted, refused } from '../support/access-tokens';
import { broken, ec, ed25519, forge, jwkOf, mint, otherRsa, p256, p521, privatePem, problem, publicPem, rsa, secrets, serve, shortRsa, unexpected } from '../support/keys';
import { prepare, secret } from '../support/server';

import type { KeyObject } from 'node:crypto';
import type { Algorithm, JwtHeader, JwtOptions, Key } from '../../lib';
import type { Prepared } from '../support/server';


export const lab = Lab.script();

const { describe, it } = lab;


describe('keyResolver()', () => {

    it('refuses an algorithm that is not named, none first of all', async () => {

        const { me } = await serve(publicPem(rsa), 'RS256');

        expect(await me(await mint('RS512', rsa.privateKey))).to.equal(refused);
        expect(await me(await mint('PS256', rsa.privateKey))).to.equal(refused);
        for (const alg of ['none', 'None', '', 'rs256', 'RS1', 'toString', '__proto__', null, 1, ['RS256'], undefined]) {
            expect(await me(forge({ alg })), String(alg)).to.equal(refused);
        }
    });

    it('refuses an HMAC by the text of a public key', async () => {

        const { me } = await serve(publicPem(rsa), 'RS256');

        expect(await me(await mint('HS256', Buffer.from(publicPem(rsa))))).to.equal(refused);
    });

    it('ignores a key that the token brings along', async () => {

        const { me } = await serve(rsa.publicKey, 'RS256');
        const token = await mint('RS256', otherRsa.privateKey, { jwk: jwkOf(otherRsa.publicKey), jku: 'http://localhost/keys', x5c: ['abc'] });

        expect(await me(token)).to.equal(refused);
    });

    describe('with a function', () => {

        it('takes every form of a key, at once or later', async () => {

            const found: Key[] = [rsa.publicKey, rsa.privateKey, publicPem(rsa), Buffer.from(publicPem(rsa)), jwkOf(rsa.publicKey)];
            for (const key of found) {
                for (const find of [() => key, async () => key]) {
                    const { me } = await serve(find, 'RS256');
                    expect(await me(await mint('RS256', rsa.privateKey))).to.equal(accepted);
                    expect(await me(await mint('RS256', otherRsa.privateKey))).to.equal(refused);
                }
            }

            const { me } = await serve(() => secret, 'HS256');
            expect(await me(await mint('HS256', Buffer.from(secret)))).to.equal(accepted);
        });

        it('is shown the algorithm, the kid and the type, and is asked each time', async () => {

            const headers: JwtHeader[] = [];
            const { me } = await serve((header) => {

                headers.push(header);
                return header.kid === 'b' ? otherRsa.publicKey : rsa.publicKey;
            }, 'RS256', 'PS256');

            expect(await me(await mint('RS256', rsa.privateKey, { kid: 'a', typ: 'JWT', cty: 'x' }))).to.equal(accepted);
            expect(await me(await mint('PS256', otherRsa.privateKey, { kid: 'b' }))).to.equal(accepted);
            expect(await me(await mint('RS256', rsa.privateKey))).to.equal(accepted);
            expect(await me(await mint('RS256', rsa.privateKey))).to.equal(accepted);
            expect(headers).to.equal([
                { alg: 'RS256', kid: 'a', typ: 'JWT' },
                { alg: 'PS256', kid: 'b', typ: undefined },
                { alg: 'RS256', kid: undefined, typ: undefined },
                { alg: 'RS256', kid: undefined, typ: undefined }
            ]);
        });

        it('is not asked for an algorithm that is not named', async () => {

            let asked = 0;
            const { me } = await serve(() => {

                ++asked;
                return secret;
            }, 'HS256');

            expect(await me(await mint('HS512', Buffer.from(secret.repeat(2))))).to.equal(refused);
            expect(await me(forge({ alg: 'none' }))).to.equal(refused);
            expect(asked).to.equal(0);
        });

        it('is not asked with a query where a name should be', async () => {

            let asked = 0;
            const { me } = await serve(() => {

                ++asked;
                return secret;
            }, 'HS256');

            for (const value of [{ $ne: null }, ['a'], 1, true, null]) {
                expect(await me(await mint('HS256', Buffer.from(secret), { kid: value }))).to.equal(refused);
                expect(await me(forge({ alg: 'HS256', typ: value }))).to.equal(refused);
            }

            expect(asked).to.equal(0);
        });

        it('refuses the token where there is no key', async () => {

            for (const nothing of [null, undefined]) {
                for (const find of [() => nothing, async () => nothing]) {
                    const { me } = await serve(find as () => null, 'HS256');
                    expect(await me(await mint('HS256', Buffer.from(secret)))).to.equal(refused);
                }
            }
        });

        it('refuses the token where the key is for another of the algorithms', async () => {

            const { me } = await serve(({ kid }) => (kid === 'a' ? jwkOf(rsa.publicKey, { alg: 'RS256' }) : secret), 'RS256', 'PS256', 'HS256', 'HS512');

            expect(await me(await mint('RS256', rsa.privateKey, { kid: 'a' }))).to.equal(accepted);
            expect(await me(await mint('HS256', Buffer.from(secret), { kid: 'b' }))).to.equal(accepted);
            expect(await me(await mint('PS256', rsa.privateKey, { kid: 'a' }))).to.equal(refused);
            expect(await me(await mint('HS256', Buffer.from(publicPem(rsa)), { kid: 'a' }))).to.equal(refused);
            expect(await me(await mint('HS512', Buffer.from(secret), { kid: 'b' }))).to.equal(refused);
            expect(await me(await mint('RS256', rsa.privateKey, { kid: 'b' }))).to.equal(refused);
        });

        it('refuses the token where the KeyObject is for another of the algorithms', async () => {

            const found: Record<string, KeyObject> = { rsa: rsa.publicKey, rsaPrivate: rsa.privateKey, ec: p256.publicKey, secret: createSecretKey(secrets.HS256) };
            const { me } = await serve(({ kid }) => found[kid!]!, 'ES256', 'RS256', 'PS256', 'HS256');

            expect(await me(await mint('RS256', rsa.privateKey, { kid: 'rsa' }))).to.equal(accepted);
            expect(await me(await mint('PS256', rsa.privateKey, { kid: 'rsaPrivate' }))).to.equal(accepted);

            // As a signature it is right, by the key that is found, and in another algorithm than the token says

            for (const kid of ['rsa', 'rsaPrivate']) {
                const token = forge({ alg: 'ES256', kid });
                expect(await me(token + sign('sha256', Buffer.from(token.slice(0, -1)), rsa.privateKey).toString('base64url'))).to.equal(refused);
            }

            for (const [alg, key, kid] of [['HS256', secrets.HS256, 'rsa'], ['RS256', rsa.privateKey, 'ec'], ['ES256', p256.privateKey, 'secret'], ['ES256', p256.privateKey, 'rsa']] as const) {
                expect(await me(await mint(alg, key, { kid })), `${alg} ${kid}`).to.equal(refused);
            }
        });

        it('stays a 500 where it throws, whatever it throws', async () => {

            const failures = [new Error('a bug'), new TypeError('a bug'), new Jose.errors.JWKSTimeout(), new Jose.errors.JWKSNoMatchingKey(), new Jose.errors.JWTExpired('a bug', {})];
            for (const failure of failures) {
                const throws = () => {

                    throw failure;
                };

                for (const find of [throws, async () => throws()]) {
                    const { me } = await serve(find, 'HS256');
                    expect(await me(await mint('HS256', Buffer.from(secret)))).to.equal(broken);
                }
            }
        });

        it('ends what a key had verified with the key', async () => {

            let current: Key | null | Promise<Key | null> = rsa.publicKey;
            const { me } = await serve(() => current, 'RS256');
            const token = await mint('RS256', rsa.privateKey);

            const same = [rsa.publicKey, rsa.privateKey, publicPem(rsa), Buffer.from(publicPem(rsa)), jwkOf(rsa.publicKey)];
            for (const own of same.flatMap((key) => [key, Promise.resolve(key)])) {
                for (const [key, answer] of [[own, accepted], [own, accepted], [otherRsa.publicKey, refused], [Promise.resolve(null), refused], [null, refused], ['nonsense', broken]] as const) {
                    current = key;
                    expect(await me(token)).to.equal(answer);
                }
            }
        });

        it('is taken by its value, also where that was changed in place', async () => {

            const jwk = jwkOf(rsa.publicKey);
            const bytes = Buffer.from(publicPem(rsa));
            const another = Buffer.from(publicPem(otherRsa));
            for (const [key, change] of [[jwk, () => Object.assign(jwk, jwkOf(otherRsa.publicKey))], [bytes, () => another.copy(bytes)]] as const) {
                const { me } = await serve(() => key, 'RS256');
                const token = await mint('RS256', rsa.privateKey);
                expect(await me(token)).to.equal(accepted);

                change();
                expect(await me(token)).to.equal(refused);
                expect(await me(await mint('RS256', otherRsa.privateKey))).to.equal(accepted);
            }
        });

        it('is one key as text, and another as what the text says', async () => {

            const jwk = jwkOf(createSecretKey(secrets.HS256));
            let key: Key = jwk;
            const { me } = await serve(() => key, 'HS256');
            const token = await mint('HS256', secrets.HS256);
            expect(await me(token)).to.equal(accepted);

            for (const other of [JSON.stringify(jwk), Buffer.from(JSON.stringify(jwk))]) {
                key = other;
                expect(await me(token)).to.equal(refused);
                expect(await me(await mint('HS256', Buffer.from(JSON.stringify(jwk))))).to.equal(accepted);
            }
        });

        it('may itself say that nothing is known', async () => {

            const { me } = await serve(() => {

                throw Boom.serverUnavailable('The directory is away');
            }, 'HS256');

            expect(await me(await mint('HS256', Buffer.from(secret)))).to.equal({ statusCode: 503, message: 'The directory is away' });
        });

        it('stays a 500 where what it answers can be no key', async () => {

            for (const nonsense of ['short', 7, {}, [], '-----BEGIN nonsense', shortRsa.publicKey, jwkOf(p256.publicKey)]) {
                const { me } = await serve(() => nonsense as Key, 'RS256', 'HS256');
                expect(await me(await mint('HS256', Buffer.from(secret)))).to.equal(broken);
            }
        });

        it('names itself, and no key, where what it answers can be no key', async () => {

            const { jwt } = strategySettings({ jwt: { key: () => 'short-secret', algorithms: ['HS256'] } });
            const error = expect(() => keyResolver(jwt, unexpected)({ alg: 'HS256' })).to.throw('hard-logout: jwt.key() is shorter than the 256 bits that HS256 needs');

            expect(inspect(error, { depth: Infinity, showHidden: true })).to.not.include('short-secret');
        });
    });
});


describe('signingKey()', () => {

    const issuing = function (jwt: JwtOptions): Promise<Prepared> {

        return prepare({ jwt });
    };

    const pairs: Record<string, [JwtOptions, header: object]> = {
        'a secret': [{ key: secret, algorithms: ['HS256'] }, { alg: 'HS256', typ: 'JWT' }],
        'the first algorithm': [{ key: secret.repeat(2), algorithms: ['HS512', 'HS256'] }, { alg: 'HS512', typ: 'JWT' }],
        'a private PEM text': [{ key: privatePem(rsa), algorithms: ['PS384'] }, { alg: 'PS384', typ: 'JWT' }],
        'the bytes of a private PEM file': [{ key: Buffer.from(privatePem(p256)), algorithms: ['ES256'] }, { alg: 'ES256', typ: 'JWT' }],
        'a private KeyObject': [{ key: p521.privateKey, algorithms: ['ES512'] }, { alg: 'ES512', typ: 'JWT' }],
        'a private JWK, with its kid': [{ key: jwkOf(ed25519.privateKey, { kid: 'a' }), algorithms: ['EdDSA'] }, { alg: 'EdDSA', typ: 'JWT', kid: 'a' }],
        'an oct JWK, with its kid': [{ key: jwkOf(createSecretKey(secret, 'utf8'), { kid: 'b' }), algorithms: ['HS256'] }, { alg: 'HS256', typ: 'JWT', kid: 'b' }],
        'a signingKey beside a public key': [{ key: publicPem(p256), signingKey: privatePem(p256), algorithms: ['ES256'] }, { alg: 'ES256', typ: 'JWT' }],
        'a signingKey beside a key set': [{ key: { keys: [jwkOf(rsa.publicKey, { kid: 'c' })] }, signingKey: jwkOf(rsa.privateKey, { kid: 'c' }), algorithms: ['RS256'] }, { alg: 'RS256', typ: 'JWT', kid: 'c' }],
        'a signingKey beside a function': [{ key: () => secret, signingKey: secret, algorithms: ['HS256'] }, { alg: 'HS256', typ: 'JWT' }]
    };

    for (const [form, [jwt, header]] of Object.entries(pairs)) {
        it(`signs with ${form}`, async () => {

            const { login, me } = await issuing(jwt);
            const pair = await login();

            expect(Jose.decodeProtectedHeader(pair.jwt)).to.equal(header);
            expect(await me(pair.jwt)).to.equal(accepted);
        });
    }

    it('is not there where a strategy can only verify', async () => {

        const keyForms: JwtOptions['key'][] = [rsa.publicKey, publicPem(rsa), jwkOf(rsa.publicKey), { keys: [jwkOf(rsa.privateKey)] }, new URL('http://localhost/keys'), () => rsa.privateKey];
        for (const key of keyForms) {
            expect(signingKey(strategySettings({ jwt: { key, algorithms: ['RS256'] } }).jwt)).to.be.null();

            await expect(issuing({ key, algorithms: ['RS256'] })).to.reject('hard-logout: sessions needs a key that signs: a private jwt.key or a secret, or a jwt.signingKey');
            expect((await serve(key, 'RS256')).auth).to.be.an.object();
        }
    });

    it('is not there where a JWK may only verify', () => {

        const signing = (key_ops: string[]) => signingKey(strategySettings({ jwt: { key: jwkOf(createSecretKey(secrets.HS256), { key_ops }), algorithms: ['HS256'] } }).jwt);
        expect(signing(['verify'])).to.be.null();
        expect(signing(['sign', 'verify'])).to.be.an.object();
    });

    it('must be private', async () => {

        for (const own of [rsa.publicKey, publicPem(rsa), jwkOf(rsa.publicKey)]) {
            expect(await problem({ key: rsa.publicKey, signingKey: own, algorithms: ['RS256'] })).to.equal('hard-logout: jwt.signingKey must be a private key');
        }
    });

    it('must fit the first algorithm', async () => {

        const signing = (own: unknown, ...names: Algorithm[]) => problem({ key: () => null, signingKey: own as Key, algorithms: names }, secret.slice(0, 31));

        expect(await signing(secret.slice(0, 31), 'HS256')).to.equal('hard-logout: jwt.signingKey is shorter than the 256 bits that HS256 needs');
        expect(await signing(shortRsa.privateKey, 'RS256')).to.equal('hard-logout: jwt.signingKey is shorter than the 2048 bits that RS256 needs');
        expect(await signing(p256.privateKey, 'ES384', 'ES256')).to.equal('hard-logout: jwt.signingKey is not a key for ES384');
        expect(await signing(jwkOf(rsa.privateKey, { alg: 'RS512' }), 'RS256')).to.equal('hard-logout: jwt.signingKey is not a key for RS256');
        expect(await signing(secret, 'RS256')).to.equal('hard-logout: jwt.signingKey is not a key for RS256');
        expect(await signing(() => secret, 'HS256')).to.equal('hard-logout: jwt.signingKey is not a key for HS256');
        expect(await signing(null, 'HS256')).to.equal('hard-logout: jwt.signingKey is not a key for HS256');
    });

    it('must belong to the key that verifies', async () => {

        const cases: JwtOptions[] = [
            { key: rsa.publicKey, signingKey: otherRsa.privateKey, algorithms: ['RS256'] },
            { key: secret, signingKey: secrets.HS256, algorithms: ['HS256'] },
            { key: p256.publicKey, signingKey: ec('P-256').privateKey, algorithms: ['ES256'] },
            { key: { keys: [jwkOf(rsa.publicKey, { kid: 'a' })] }, signingKey: jwkOf(rsa.privateKey, { kid: 'b' }), algorithms: ['RS256'] },
            { key: { keys: [jwkOf(rsa.publicKey, { kid: 'a' }), jwkOf(otherRsa.publicKey, { kid: 'b' })] }, signingKey: rsa.privateKey, algorithms: ['RS256'] },
            { key: { keys: [jwkOf(rsa.publicKey, { kid: 'a' }), jwkOf(otherRsa.publicKey, { kid: 'b' })] }, signingKey: jwkOf(rsa.privateKey, { kid: 'b' }), algorithms: ['RS256'] }
        ];

        for (const options of cases) {
            expect(await problem(options)).to.equal('hard-logout: jwt.signingKey signs what jwt.key does not verify');
        }
    });
});
