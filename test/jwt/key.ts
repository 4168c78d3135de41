import { createPublicKey, createSecretKey, randomBytes } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Hoek from '@hapi/hoek';
import * as Lab from '@hapi/lab';

import { keyResolver } from '../../lib/jwt/key-resolver';
import { strategySettings } from '../../lib/options/schema';
import { accepted, refused } from '../support/access-tokens';
import { ed25519, ed448, jwkOf, k256, keys, mint, p256, p384, p521, privatePem, problem, pssRsa, publicPem, rsa, secrets, serve, shortRsa, unexpected, x25519 } from '../support/keys';
import { secret } from '../support/server';

import type { KeyObject } from 'node:crypto';
import type { Algorithm, Key } from '../../lib';


export const lab = Lab.script();

const { describe, it } = lab;


describe('One key', () => {

    const text = secrets.HS256.toString('hex').slice(0, 32);

    const forms: Record<string, [Key, Algorithm, KeyObject | Uint8Array]> = {
        'a secret string': [text, 'HS256', Buffer.from(text)],
        'a Buffer': [secrets.HS384, 'HS384', secrets.HS384],
        'a Uint8Array': [new Uint8Array(secrets.HS512), 'HS512', secrets.HS512],
        'a part of a larger buffer': [Buffer.concat([randomBytes(7), secrets.HS256, randomBytes(9)]).subarray(7, 39), 'HS256', secrets.HS256],
        'a secret KeyObject': [createSecretKey(secrets.HS256), 'HS256', secrets.HS256],
        'an oct JWK': [jwkOf(createSecretKey(secrets.HS256)), 'HS256', secrets.HS256],
        'a public PEM text': [publicPem(rsa), 'RS256', rsa.privateKey],
        'a public PEM text after a blank line': [`\n\n${publicPem(p256)}`, 'ES256', p256.privateKey],
        'a public PEM text in PKCS#1': [rsa.publicKey.export({ format: 'pem', type: 'pkcs1' }) as string, 'RS256', rsa.privateKey],
        'a private PEM text': [privatePem(p384), 'ES384', p384.privateKey],
        'a private PEM text in PKCS#1': [rsa.privateKey.export({ format: 'pem', type: 'pkcs1' }) as string, 'PS256', rsa.privateKey],
        'the bytes of a public PEM file': [Buffer.from(publicPem(rsa)), 'RS256', rsa.privateKey],
        'the bytes of a private PEM file': [new Uint8Array(Buffer.from(privatePem(ed25519))), 'EdDSA', ed25519.privateKey],
        'a public KeyObject': [p521.publicKey, 'ES512', p521.privateKey],
        'a private KeyObject': [ed25519.privateKey, 'EdDSA', ed25519.privateKey],
        'a public RSA JWK': [jwkOf(rsa.publicKey), 'PS512', rsa.privateKey],
        'a private RSA JWK': [jwkOf(rsa.privateKey), 'RS384', rsa.privateKey],
        'a public EC JWK': [jwkOf(p256.publicKey), 'ES256', p256.privateKey],
        'a private EC JWK': [jwkOf(p256.privateKey), 'ES256', p256.privateKey],
        'a public OKP JWK': [jwkOf(ed25519.publicKey), 'EdDSA', ed25519.privateKey],
        'a private OKP JWK': [jwkOf(ed25519.privateKey), 'Ed25519', ed25519.privateKey],
        'a JWK meant for the algorithm': [jwkOf(rsa.publicKey, { use: 'sig', alg: 'RS256', kid: 'a' }), 'RS256', rsa.privateKey]
    };

    for (const [form, [key, alg, signs]] of Object.entries(forms)) {
        it(`takes ${form}`, async () => {

            const { me } = await serve(key, alg);

            expect(await me(await mint(alg, signs))).to.equal(accepted);
            expect(await me(await mint(alg, signs, { kid: 'whatever' }))).to.equal(accepted);
            expect(await me(await mint(alg, keys[alg][1].privateKey))).to.equal(refused);
        });
    }

    it('counts the bytes of a secret string, not its characters', async () => {

        const { me } = await serve('\u00e9'.repeat(16), 'HS256');
        expect(await me(await mint('HS256', Buffer.from('\u00e9'.repeat(16))))).to.equal(accepted);
    });

    for (const [alg, bytes] of [['HS256', 32], ['HS384', 48], ['HS512', 64]] as const) {
        it(`refuses a secret of less than ${bytes} bytes for ${alg}`, async () => {

            const short = 's'.repeat(bytes - 1);
            const shortened = [short, Buffer.from(short), createSecretKey(short, 'utf8'), jwkOf(createSecretKey(short, 'utf8')), { kty: 'oct' }, Buffer.alloc(0), ''];
            for (const key of shortened) {
                expect(await problem({ key, algorithms: [alg] }, short)).to.equal(`hard-logout: jwt.key is shorter than the ${bytes * 8} bits that ${alg} needs`);
            }

            // To HMAC these are the same key

            for (const zeros of [8, bytes - 1]) {
                const padded = Buffer.alloc(bytes).fill('s', 0, bytes - zeros);
                expect(await problem({ key: padded, algorithms: [alg] })).to.equal(`hard-logout: jwt.key is shorter than the ${bytes * 8} bits that ${alg} needs`);
            }

            for (const fine of ['s'.repeat(bytes), Buffer.alloc(bytes).fill('s', 0, bytes - 7), Buffer.alloc(bytes).fill('s', 8)]) {
                expect((await serve(fine, alg)).auth).to.be.an.object();
            }
        });
    }

    it('refuses a secret that is too short for one of several algorithms', async () => {

        expect(await problem({ algorithms: ['HS256', 'HS512'] }, secret)).to.equal('hard-logout: jwt.key is shorter than the 512 bits that HS512 needs');
    });

    it('refuses an RSA key of less than 2048 bits', async () => {

        for (const alg of ['RS256', 'PS512'] as const) {
            for (const key of [shortRsa.publicKey, privatePem(shortRsa), jwkOf(shortRsa.publicKey)]) {
                expect(await problem({ key, algorithms: [alg] })).to.equal(`hard-logout: jwt.key is shorter than the 2048 bits that ${alg} needs`);
            }
        }
    });

    it('refuses the text of a URL, which anybody may know', async () => {

        const message = (option: string) => `hard-logout: ${option} is the text of a URL, which is not a secret: pass the URL of a key set as new URL()`;
        for (const url of ['https://issuer.example/.well-known/jwks.json', 'http://issuer.example/a-long-path/keys', ' HTTPS://issuer.example/.well-known/keys']) {
            for (const key of [url, Buffer.from(url)]) {
                expect(await problem({ key }, 'issuer.example')).to.equal(message('jwt.key'));
                expect(await problem({ key: () => null, signingKey: key }, 'issuer.example')).to.equal(message('jwt.signingKey'));

                const { jwt } = strategySettings({ jwt: { key: () => key, algorithms: ['HS256'] } });
                expect(() => keyResolver(jwt, unexpected)({ alg: 'HS256' })).to.throw(message('jwt.key()'));
            }
        }

        expect((await serve('my secret is not https://issuer.example', 'HS256')).auth).to.be.an.object();
    });

    it('refuses a copy of a KeyObject, and says that it is one', async () => {

        const message = (option: string) => `hard-logout: ${option} is a copy of a KeyObject, which does not contain the key: pass the KeyObject itself`;
        for (const [key, alg] of [[createSecretKey(secrets.HS256), 'HS256'], [rsa.publicKey, 'RS256'], [ed25519.privateKey, 'EdDSA']] as const) {
            expect(await problem({ key: Hoek.clone(key), algorithms: [alg] })).to.equal(message('jwt.key'));
            expect(await problem({ key: () => key, signingKey: Hoek.clone(key), algorithms: [alg] })).to.equal(message('jwt.signingKey'));

            const { jwt } = strategySettings({ jwt: { key: () => Hoek.clone(key), algorithms: [alg] } });
            expect(() => keyResolver(jwt, unexpected)({ alg })).to.throw(message('jwt.key()'));
        }
    });

    it('refuses what is left of a KeyObject or a URL in JSON and in a copy by its properties, and says what it was', async () => {

        const message = (option: string) => `hard-logout: ${option} is an empty object, which is what JSON and some copies make of a KeyObject or a URL: pass the KeyObject or the URL itself`;
        for (const [object, alg] of [[createSecretKey(secrets.HS256), 'HS256'], [ed25519.privateKey, 'EdDSA'], [new URL('https://issuer.example/keys'), 'ES256']] as const) {
            const copies: any[] = [{ ...object }, Object.create(null), ...object instanceof URL ? [] : [JSON.parse(JSON.stringify(object))]];
            for (const key of copies) {
                expect(await problem({ key, algorithms: [alg] })).to.equal(message('jwt.key'));
                expect(await problem({ key: () => null, signingKey: key, algorithms: [alg] })).to.equal(message('jwt.signingKey'));
            }
        }
    });

    it('refuses an RSA key with the public exponent 1, for which anybody can sign', async () => {

        const forgeable = { ...jwkOf(rsa.publicKey), e: 'AQ' };
        for (const alg of ['RS256', 'PS512'] as const) {
            for (const key of [forgeable, createPublicKey({ key: forgeable, format: 'jwk' })]) {
                expect(await problem({ key, algorithms: [alg] })).to.equal('hard-logout: jwt.key has the public exponent 1: anybody can sign with it');
            }
        }

        expect((await serve({ ...jwkOf(rsa.publicKey), e: 'Aw' }, 'RS256')).auth).to.be.an.object();
    });

    it('goes by the operations that a JWK allows', async () => {

        const jwks = (key_ops: unknown) => [jwkOf(rsa.publicKey, { key_ops }), jwkOf(createSecretKey(secrets.HS256), { key_ops })] as const;

        for (const operations of [['verify'], ['sign', 'verify'], ['verify', 'encrypt']]) {
            for (const key of jwks(operations)) {
                expect((await serve(key, key.kty === 'RSA' ? 'RS256' : 'HS256')).auth).to.be.an.object();
            }
        }

        for (const operations of [[], ['sign'], ['encrypt'], 'verify', null]) {
            for (const key of jwks(operations)) {
                const alg = key.kty === 'RSA' ? 'RS256' : 'HS256';
                expect(await problem({ key, algorithms: [alg] })).to.equal(`hard-logout: jwt.key is not a key for ${alg}`);
                expect(await problem({ key: { keys: [key] }, algorithms: [alg] })).to.equal('hard-logout: jwt.key holds no key for jwt.algorithms');
            }
        }

        // A private key that may sign, as it is exported by Web Crypto, has a public half

        expect((await serve(jwkOf(rsa.privateKey, { key_ops: ['sign'] }), 'RS256')).auth).to.be.an.object();
        expect(await problem({ key: () => null, signingKey: jwkOf(rsa.privateKey, { key_ops: ['verify'] }), algorithms: ['RS256'] })).to.equal('hard-logout: jwt.signingKey is not a key for RS256');
    });

    const misfits: Record<string, [unknown, ...Algorithm[]]> = {
        'a public key for an HMAC': [publicPem(rsa), 'HS256'],
        'a public key for an HMAC, badly indented': [`\n    ${publicPem(rsa)}`, 'HS256'],
        'the bytes of a public key for an HMAC': [Buffer.from(publicPem(rsa)), 'HS256'],
        'a private key for an HMAC': [rsa.privateKey, 'HS512'],
        'a secret for RSA': [secret, 'RS256'],
        'a secret KeyObject for RSA': [createSecretKey(secret, 'utf8'), 'RS256'],
        'a secret for EC': [Buffer.from(secret), 'ES256'],
        'a secret for EdDSA': [jwkOf(createSecretKey(secret, 'utf8')), 'EdDSA'],
        'an EC key for RSA': [p256.publicKey, 'PS256'],
        'an RSA key for EC': [jwkOf(rsa.publicKey), 'ES256'],
        'an RSA key for EdDSA': [rsa.publicKey, 'EdDSA'],
        'an RSA-PSS key, which cannot be verified with': [pssRsa.publicKey, 'PS256'],
        'a P-384 key for ES256': [p384.publicKey, 'ES256'],
        'a P-256 key for ES384': [publicPem(p256), 'ES384'],
        'a P-384 JWK for ES512': [jwkOf(p384.publicKey), 'ES512'],
        'a secp256k1 key for ES256': [k256.publicKey, 'ES256'],
        'an Ed448 key': [ed448.publicKey, 'EdDSA'],
        'an X25519 key': [jwkOf(x25519.publicKey), 'Ed25519'],
        'a JWK for another algorithm': [jwkOf(rsa.publicKey, { alg: 'RS512' }), 'RS256'],
        'a JWK for encryption': [jwkOf(rsa.publicKey, { use: 'enc' }), 'RS256'],
        'one key for algorithms of two kinds': [secret, 'HS256', 'RS256'],
        'a JWK that is none': [{ kty: 'RSA', n: 7, e: 'AQAB', d: secret }, 'RS256'],
        'a JWK of a kind unknown': [{ kty: 'secret', k: secret }, 'HS256'],
        'a PEM text cut short': [privatePem(rsa).slice(0, 200), 'RS256'],
        'an encrypted private key': [rsa.privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: secret }), 'RS256'],
        'a number': [7, 'HS256'],
        'null': [null, 'HS256'],
        'a list': [[secret], 'HS256'],
        'an object': [{ secret }, 'HS256']
    };

    for (const [misfit, [key, ...names]] of Object.entries(misfits)) {
        it(`refuses ${misfit}`, async () => {

            const message = await problem({ key: key as Key, algorithms: names }, secret, privatePem(rsa).slice(30, 80));
            expect(message).to.equal(`hard-logout: jwt.key is not a key for ${names.at(-1)}`);
        });
    }
});
