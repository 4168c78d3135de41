import { createSecretKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import * as Http from 'node:http';
import { inspect } from 'node:util';

import * as Boom from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Jose from 'jose';

import { strategySettings } from '../../lib/options/schema';
import { keyResolver, signingKey } from '../../lib/jwt/key-resolver';
import { bearer, prepare, secret } from '../support/server';

import type { KeyObject } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Algorithm, Jwk, JwtHeader, JwtOptions, Key } from '../../lib';
import type { Prepared } from '../support/server';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


interface KeyPair {
    publicKey: KeyObject;
    privateKey: KeyObject;
}


const secrets = {
    HS256: randomBytes(32),
    HS384: randomBytes(48),
    HS512: randomBytes(64)
};

const ec = (namedCurve: string): KeyPair => generateKeyPairSync('ec', { namedCurve });

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

const shortRsa = generateKeyPairSync('rsa', { modulusLength: 2047 });

const pssRsa = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });

const p256 = ec('P-256');

const p384 = ec('P-384');

const p521 = ec('P-521');

const k256 = ec('secp256k1');

const ed25519 = generateKeyPairSync('ed25519');

const ed448 = generateKeyPairSync('ed448');

const x25519 = generateKeyPairSync('x25519');


const secretPair = (bytes: Uint8Array): KeyPair => ({ publicKey: createSecretKey(bytes), privateKey: createSecretKey(bytes) });


/** What verifies and what signs, and a stranger's key of the same kind. */
const keys: Record<Algorithm, [own: KeyPair, other: KeyPair]> = {
    HS256: [secretPair(secrets.HS256), secretPair(randomBytes(32))],
    HS384: [secretPair(secrets.HS384), secretPair(randomBytes(48))],
    HS512: [secretPair(secrets.HS512), secretPair(randomBytes(64))],
    RS256: [rsa, otherRsa],
    RS384: [rsa, otherRsa],
    RS512: [rsa, otherRsa],
    PS256: [rsa, otherRsa],
    PS384: [rsa, otherRsa],
    PS512: [rsa, otherRsa],
    ES256: [p256, ec('P-256')],
    ES384: [p384, ec('P-384')],
    ES512: [p521, ec('P-521')],
    EdDSA: [ed25519, generateKeyPairSync('ed25519')],
    Ed25519: [ed25519, generateKeyPairSync('ed25519')]
};


const algorithms = Object.keys(keys) as Algorithm[];


const jwkOf = function (key: KeyObject, members: Partial<Jwk> = {}): Jwk {

    return { ...key.export({ format: 'jwk' }), ...members } as Jwk;
};


const publicPem = ({ publicKey }: KeyPair): string => publicKey.export({ format: 'pem', type: 'spki' }) as string;

const privatePem = ({ privateKey }: KeyPair): string => privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;


const mint = function (alg: string, key: KeyObject | Uint8Array, header: object = {}): Promise<string> {

    const iat = Math.floor(Date.now() / 1000);
    return new Jose.SignJWT({ sub: '42', iat, exp: iat + 60 }).setProtectedHeader({ alg, ...header }).sign(key);
};


const unexpected = function (): never {

    throw new Error('Nothing was to be called');
};


/** A header and a payload under a signature of any bytes. */
const forge = function (header: unknown, signature = ''): string {

    const iat = Math.floor(Date.now() / 1000);
    const parts = [header, { sub: '42', iat, exp: iat + 60 }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
    return [...parts, signature].join('.');
};


/** A server that only verifies. */
const serve = function (key: JwtOptions['key'], ...names: Algorithm[]): Promise<Prepared> {

    return prepare({ jwt: { key, algorithms: names }, refreshToken: undefined });
};


const accepted = { statusCode: 200, message: undefined };

const refused = { statusCode: 401, message: 'The access token is invalid' };

const lost = { statusCode: 503, message: 'The key set cannot be fetched' };

const broken = { statusCode: 500, message: 'An internal server error occurred' };


/** What the strategy says about keys it does not take. No key is anywhere in the error. */
const problem = async function (jwt: Partial<JwtOptions>, ...hidden: string[]): Promise<string> {

    const error = await expect(prepare({ jwt: { key: secret, algorithms: ['HS256'], ...jwt } })).to.reject(Error) as unknown as Error;

    const text = `${error.stack}${inspect(error, { depth: Infinity, showHidden: true })}`;
    for (const value of hidden) {
        expect(text).to.not.include(value);
    }

    expect(error.cause).to.be.undefined();
    return error.message;
};


describe('keyResolver()', () => {

    for (const alg of algorithms) {
        it(`verifies ${alg}, and by its own key only`, async () => {

            const [{ publicKey, privateKey }, other] = keys[alg];
            const { me } = await serve(publicKey, alg);
            const token = await mint(alg, privateKey);

            expect(await me(token)).to.equal(accepted);
            expect(await me(await mint(alg, other.privateKey))).to.equal(refused);

            const [header, payload, signature] = token.split('.') as [string, string, string];
            const changed = (signature[5] === 'A' ? 'B' : 'A');
            expect(await me(`${header}.${payload}.${signature.slice(0, 5)}${changed}${signature.slice(6)}`)).to.equal(refused);
            expect(await me(`${header}.${payload.slice(0, -4)}.${signature}`)).to.equal(refused);
        });
    }

    it('verifies each of several algorithms of one key', async () => {

        const { me } = await serve(rsa.publicKey, 'PS256', 'RS256', 'RS512');

        for (const alg of ['PS256', 'RS256', 'RS512']) {
            expect(await me(await mint(alg, rsa.privateKey))).to.equal(accepted);
        }
    });

    it('refuses a signature that is shorter, longer, none, or in another encoding', async () => {

        for (const alg of algorithms) {
            const [{ publicKey, privateKey }] = keys[alg];
            const { me } = await serve(publicKey, alg);
            const token = await mint(alg, privateKey);
            expect(await me(token)).to.equal(accepted);

            const input = token.slice(0, token.lastIndexOf('.'));
            const bytes = Buffer.from(token.slice(input.length + 1), 'base64url');
            const half = bytes.length / 2;
            const wrong = [
                Buffer.alloc(0),
                Buffer.alloc(bytes.length),
                bytes.subarray(1),
                bytes.subarray(0, -1),
                bytes.subarray(0, half),
                Buffer.concat([bytes, Buffer.alloc(1)]),
                Buffer.concat([Buffer.alloc(1), bytes]),
                Buffer.concat([Buffer.alloc(1), bytes.subarray(0, half), Buffer.alloc(1), bytes.subarray(half)]),
                ...alg.startsWith('ES') ? [sign(`sha${alg.slice(2)}`, Buffer.from(input), privateKey)] : [],
                ...alg.startsWith('RS') ? [sign(`sha${alg.slice(2)}`, Buffer.from(input), { key: privateKey, padding: 6, saltLength: Number(alg.slice(2)) / 8 })] : [],
                ...alg.startsWith('PS') ? [sign(`sha${alg.slice(2)}`, Buffer.from(input), { key: privateKey, padding: 6, saltLength: 20 })] : []
            ];

            for (const signature of wrong) {
                expect(await me(`${input}.${signature.toString('base64url')}`), `${alg} ${signature.length}`).to.equal(refused);
            }

            expect(await me(input), alg).to.equal(refused);
            expect(await me(`${token}.`), alg).to.equal(refused);
            expect(await me(`${input}.~${token.slice(input.length + 1)}`), alg).to.equal(refused);
        }
    });

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

    describe('with one key', () => {

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

    describe('with a key set', () => {

        const set = (...members: unknown[]) => ({ keys: members as Jwk[] });

        it('chooses by the kid', async () => {

            const { me } = await serve(set(jwkOf(rsa.publicKey, { kid: 'a' }), jwkOf(otherRsa.publicKey, { kid: 'b' })), 'RS256');

            expect(await me(await mint('RS256', rsa.privateKey, { kid: 'a' }))).to.equal(accepted);
            expect(await me(await mint('RS256', otherRsa.privateKey, { kid: 'b' }))).to.equal(accepted);
            expect(await me(await mint('RS256', rsa.privateKey, { kid: 'b' }))).to.equal(refused);
            expect(await me(await mint('RS256', rsa.privateKey, { kid: 'c' }))).to.equal(refused);
            for (const kid of ['', null, 0, ['a'], { a: 1 }]) {
                expect(await me(await mint('RS256', rsa.privateKey, { kid }))).to.equal(refused);
            }
        });

        it('takes secrets, for their rotation', async () => {

            const [own, other] = keys.HS256;
            const { me } = await serve(set(jwkOf(own.publicKey, { kid: 'new' }), jwkOf(other.publicKey, { kid: 'old' })), 'HS256');

            expect(await me(await mint('HS256', own.privateKey, { kid: 'new' }))).to.equal(accepted);
            expect(await me(await mint('HS256', other.privateKey, { kid: 'old' }))).to.equal(accepted);
            expect(await me(await mint('HS256', other.privateKey, { kid: 'new' }))).to.equal(refused);
            expect(await me(await mint('HS256', randomBytes(32), { kid: 'new' }))).to.equal(refused);
        });

        it('takes a token without a kid where one key fits', async () => {

            const { me } = await serve(set(jwkOf(rsa.publicKey, { kid: 'a' }), jwkOf(p256.publicKey, { kid: 'b' })), 'RS256', 'ES256');

            expect(await me(await mint('RS256', rsa.privateKey))).to.equal(accepted);
            expect(await me(await mint('ES256', p256.privateKey))).to.equal(accepted);
        });

        it('refuses a token without a kid where several keys fit', async () => {

            const { me } = await serve(set(jwkOf(rsa.publicKey, { kid: 'a' }), jwkOf(otherRsa.publicKey, { kid: 'b' })), 'RS256');

            expect(await me(await mint('RS256', rsa.privateKey))).to.equal(refused);
        });

        it('refuses a kid that two keys have', async () => {

            const { me } = await serve(set(jwkOf(rsa.publicKey, { kid: 'a' }), jwkOf(otherRsa.publicKey, { kid: 'a' })), 'RS256');

            expect(await me(await mint('RS256', rsa.privateKey, { kid: 'a' }))).to.equal(refused);
        });

        it('refuses an algorithm other than that of the key', async () => {

            const { me } = await serve(set(jwkOf(rsa.publicKey, { kid: 'a', alg: 'RS256' }), jwkOf(otherRsa.publicKey, { kid: 'b' })), 'RS256', 'PS256');

            expect(await me(await mint('RS256', rsa.privateKey, { kid: 'a' }))).to.equal(accepted);
            expect(await me(await mint('PS256', rsa.privateKey, { kid: 'a' }))).to.equal(refused);
            expect(await me(await mint('PS256', otherRsa.privateKey, { kid: 'b' }))).to.equal(accepted);
        });

        it('passes over keys that are meant for something else', async () => {

            const others = [
                jwkOf(otherRsa.publicKey, { use: 'enc' }),
                jwkOf(otherRsa.publicKey, { alg: 'RSA-OAEP' }),
                jwkOf(shortRsa.publicKey, { use: 'enc' }),
                jwkOf(x25519.publicKey),
                jwkOf(k256.publicKey),
                jwkOf(p384.publicKey),
                { kty: 'AKP', alg: 'ML-DSA-44', pub: 'abc' },
                null,
                'nonsense'
            ];

            const { me } = await serve(set(...others, jwkOf(rsa.publicKey), jwkOf(ed25519.publicKey), jwkOf(p256.publicKey)), 'RS256', 'EdDSA', 'ES256');

            expect(await me(await mint('RS256', rsa.privateKey))).to.equal(accepted);
            expect(await me(await mint('EdDSA', ed25519.privateKey))).to.equal(accepted);
            expect(await me(await mint('ES256', p256.privateKey))).to.equal(accepted);
            expect(await me(await mint('RS256', otherRsa.privateKey))).to.equal(refused);
        });

        it('refuses a set without a key that fits', async () => {

            for (const key of [set(), set(jwkOf(p256.publicKey)), set(null), set(jwkOf(rsa.publicKey, { use: 'enc' }))]) {
                expect(await problem({ key, algorithms: ['RS256'] })).to.equal('hard-logout: jwt.key holds no key for jwt.algorithms');
            }
        });

        it('names the key that is too short, or none', async () => {

            const first = jwkOf(rsa.publicKey);
            expect(await problem({ key: set(first, jwkOf(shortRsa.publicKey)), algorithms: ['RS256'] })).to.equal('hard-logout: jwt.key.keys[1] is shorter than the 2048 bits that RS256 needs');
            expect(await problem({ key: set({ kty: 'oct', k: 'c2hvcnQ' }), algorithms: ['HS256'] }, 'c2hvcnQ')).to.equal('hard-logout: jwt.key.keys[0] is shorter than the 256 bits that HS256 needs');
            expect(await problem({ key: set(first, first, { kty: 'RSA', n: '!' }), algorithms: ['RS256'] })).to.equal('hard-logout: jwt.key.keys[2] is not a key for RS256');
        });
    });

    describe('with the URL of a key set', () => {

        const now = Date.now;

        let provider: Http.Server;
        let url: URL;

        // What it answers, and how often it was asked

        let answer: { status: number; body: string } | 'hang up';
        let asked: number;

        const publish = (...jwks: Jwk[]): void => {

            answer = { status: 200, body: JSON.stringify({ keys: jwks }) };
        };

        before(async () => {

            provider = Http.createServer((req, res) => {

                ++asked;
                if (answer === 'hang up') {
                    req.socket.destroy();
                    return;
                }

                res.writeHead(answer.status, { 'content-type': 'application/json', connection: 'close' }).end(answer.body);
            });

            provider.listen(0, '127.0.0.1').unref();
            await once(provider, 'listening');
            url = new URL(`http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`);
        });

        afterEach(() => {

            Date.now = now;
        });

        after(async () => {

            provider.close();
            await once(provider, 'close');
        });

        const remote = async function (...names: Algorithm[]): Promise<Prepared> {

            asked = 0;
            return await serve(url, ...names);
        };

        const advance = function (ms: number): void {

            const then = Date.now() + ms;
            Date.now = () => then;
        };

        it('fetches it once, when the first token comes', async () => {

            publish(jwkOf(rsa.publicKey, { kid: 'a' }), jwkOf(ed25519.publicKey, { kid: 'b' }));
            const { me } = await remote('RS256', 'EdDSA');
            expect(asked).to.equal(0);

            const tokens = [await mint('RS256', rsa.privateKey, { kid: 'a' }), await mint('EdDSA', ed25519.privateKey, { kid: 'b' })];
            expect(await Promise.all([...tokens, ...tokens].map(me))).to.equal([accepted, accepted, accepted, accepted]);
            expect(await me(tokens[0]!)).to.equal(accepted);
            expect(asked).to.equal(1);
        });

        it('refuses a kid that is not published, without asking for each', async () => {

            publish(jwkOf(rsa.publicKey, { kid: 'a' }));
            const { me } = await remote('RS256', 'ES256');

            for (const kid of ['b', 'c', 7, { a: 1 }]) {
                expect(await me(await mint('RS256', rsa.privateKey, { kid }))).to.equal(refused);
            }

            expect(await me(await mint('RS256', otherRsa.privateKey, { kid: 'a' }))).to.equal(refused);
            expect(await me(await mint('ES256', p256.privateKey, { kid: 'a' }))).to.equal(refused);
            expect(asked).to.equal(1);
        });

        it('refuses a token without a kid where several keys fit', async () => {

            publish(jwkOf(rsa.publicKey, { kid: 'a' }), jwkOf(otherRsa.publicKey, { kid: 'b' }));
            const { me } = await remote('RS256');

            expect(await me(await mint('RS256', rsa.privateKey))).to.equal(refused);
        });

        it('follows a rotation, both ways', async () => {

            publish(jwkOf(rsa.publicKey, { kid: 'a' }));
            const { me } = await remote('RS256');
            expect(await me(await mint('RS256', rsa.privateKey, { kid: 'a' }))).to.equal(accepted);

            publish(jwkOf(otherRsa.publicKey, { kid: 'b' }));
            advance(60_000);
            expect(await me(await mint('RS256', otherRsa.privateKey, { kid: 'b' }))).to.equal(accepted);
            expect(await me(await mint('RS256', rsa.privateKey, { kid: 'a' }))).to.equal(refused);
            expect(asked).to.equal(2);
        });

        it('does not trust what a key had verified once it is no longer published', async () => {

            publish(jwkOf(rsa.publicKey, { kid: 'a' }), jwkOf(otherRsa.publicKey, { kid: 'b' }));
            const { me } = await remote('RS256');
            const tokens = [await mint('RS256', rsa.privateKey, { kid: 'a' }), await mint('RS256', otherRsa.privateKey, { kid: 'b' })];
            expect(await Promise.all(tokens.map(me))).to.equal([accepted, accepted]);

            // Fetched anew, as it is after ten minutes, and the same

            const start = Date.now();
            Date.now = () => start + 600_000;
            const young = await Promise.all([mint('RS256', rsa.privateKey, { kid: 'a' }), mint('RS256', otherRsa.privateKey, { kid: 'b' })]);
            expect(await Promise.all(young.map(me))).to.equal([accepted, accepted]);
            expect(asked).to.equal(2);

            // Another key under the same name, and one that is gone

            publish(jwkOf(otherRsa.publicKey, { kid: 'a' }));
            Date.now = () => start + 1_200_000;
            const old = [await mint('RS256', rsa.privateKey, { kid: 'a' }), await mint('RS256', otherRsa.privateKey, { kid: 'b' })];
            Date.now = () => start + 600_000 + 599_999;
            expect(await Promise.all(old.map(me))).to.equal([accepted, accepted]);
            expect(asked).to.equal(2);

            Date.now = () => start + 1_200_000;
            expect(await Promise.all(old.map(me))).to.equal([refused, refused]);
            expect(asked).to.equal(3);
        });

        it('does not trust what it knows once the set is old and cannot be fetched', async () => {

            publish(jwkOf(rsa.publicKey, { kid: 'a' }));
            const { me } = await remote('RS256');
            const start = Date.now();
            Date.now = () => start + 600_000;
            const token = await mint('RS256', rsa.privateKey, { kid: 'a' });
            Date.now = () => start + 599_000;
            expect(await me(token)).to.equal(accepted);

            answer = 'hang up';
            Date.now = () => start + 599_000 + 600_000;
            expect((await me(token)).statusCode).to.equal(503);
        });

        it('asks again where the set was replaced while a key was looked up', async () => {

            publish(jwkOf(rsa.publicKey, { kid: 'a' }));
            const settings = strategySettings({ jwt: { key: url, algorithms: ['RS256'] } });
            const resolve = keyResolver(settings.jwt, unexpected);
            const found = await resolve({ alg: 'RS256', kid: 'a' });
            expect(found.equals(rsa.publicKey)).to.be.true();
            expect(await resolve({ alg: 'RS256', kid: 'a' })).to.shallow.equal(found);

            publish(jwkOf(otherRsa.publicKey, { kid: 'a' }), jwkOf(rsa.publicKey, { kid: 'b' }));
            advance(60_000);
            const [other, own] = await Promise.all([resolve({ alg: 'RS256', kid: 'b' }), resolve({ alg: 'RS256', kid: 'b' })]);
            expect(own).to.shallow.equal(other);
            expect(own.equals(rsa.publicKey)).to.be.true();
            expect((await resolve({ alg: 'RS256', kid: 'a' })).equals(otherRsa.publicKey)).to.be.true();
        });

        it('logs once why a set cannot be fetched, and not from where', async () => {

            url.search = `?token=${secret.replaceAll(' ', '')}`;
            try {
                for (const [given, reason] of [
                    [{ status: 500, body: '' }, 'Expected 200 OK from the JSON Web Key Set HTTP response'],
                    [{ status: 200, body: 'nonsense' }, 'Failed to parse the JSON Web Key Set HTTP response as JSON'],
                    ['hang up' as const, 'UND_ERR_SOCKET']
                ] as const) {
                    answer = given;
                    const { server, me } = await remote('RS256');
                    const logged: Error[] = [];
                    server.events.on({ name: 'log', filter: ['keys'] }, ({ tags, error }) => {

                        expect(tags).to.equal(['hard-logout', 'keys', 'error']);
                        logged.push(error as Error);
                    });

                    const token = await mint('RS256', rsa.privateKey);
                    expect(await Promise.all([me(token), me(token)])).to.equal([lost, lost]);
                    expect(logged.map(({ message }) => message)).to.equal([`The key set cannot be fetched: ${reason}`]);
                    expect(inspect(logged, { depth: Infinity, showHidden: true })).to.not.include(url.port).and.to.not.include(url.search);

                    expect(await me(token)).to.equal(lost);
                    expect(logged.length).to.equal(2);
                }
            }
            finally {
                url.search = '';
            }
        });

        it('goes on with the keys it has while the provider is away', async () => {

            publish(jwkOf(rsa.publicKey, { kid: 'a' }));
            const { me } = await remote('RS256');
            expect(await me(await mint('RS256', rsa.privateKey, { kid: 'a' }))).to.equal(accepted);

            answer = { status: 500, body: '' };
            advance(60_000);
            expect(await me(await mint('RS256', rsa.privateKey, { kid: 'a' }))).to.equal(accepted);

            // A new key, or none: nobody knows

            expect(await me(await mint('RS256', rsa.privateKey, { kid: 'b' }))).to.equal(lost);
        });

        it('answers 503, not 401, when the key set cannot be had', async () => {

            const answers = [[500, ''], [404, '{"keys":[]}'], [302, ''], [200, ''], [200, 'nonsense'], [200, '{}'], [200, '{"keys":7}'], [200, '[]']] as const;
            for (const [status, body] of answers) {
                answer = { status, body };
                const { me } = await remote('RS256');
                expect(await me(await mint('RS256', rsa.privateKey)), `${status} ${body}`).to.equal(lost);
                expect(asked).to.equal(1);
            }
        });

        it('answers 503 with Retry-After when the provider hangs up, and recovers', async () => {

            answer = 'hang up';
            const { server, me } = await remote('RS256');
            const token = await mint('RS256', rsa.privateKey);

            const res = await server.inject({ url: '/me', headers: bearer(token) });
            expect(res.statusCode).to.equal(503);
            expect(Number(res.headers['retry-after'])).to.equal(1);
            expect(res.headers).to.not.include('www-authenticate');
            expect(inspect(res.request.auth.error, { depth: Infinity, showHidden: true })).to.not.include(url.port);

            publish(jwkOf(rsa.publicKey));
            expect(await me(token)).to.equal(accepted);
        });

        it('waits two seconds for it, and no longer', async () => {

            const silent = Http.createServer(() => undefined).listen(0, '127.0.0.1');
            await once(silent, 'listening');

            const { timeout } = AbortSignal;
            const waits: number[] = [];
            AbortSignal.timeout = (ms) => {

                waits.push(ms);
                return timeout.call(AbortSignal, 20);
            };

            try {
                const { me } = await serve(new URL(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`), 'RS256');
                expect(await me(await mint('RS256', rsa.privateKey))).to.equal(lost);
                expect(waits).to.equal([2000]);
            }
            finally {
                AbortSignal.timeout = timeout;
                silent.close();
                silent.closeAllConnections();
            }
        });

        it('answers 503 when the key that is published is none', async () => {

            publish(jwkOf(p256.publicKey, { x: 'AAAA' }));
            const { me } = await remote('ES256');

            expect(await me(await mint('ES256', p256.privateKey))).to.equal(lost);
        });

        it('never accepts by an RSA key of less than 2048 bits', async () => {

            publish(jwkOf(shortRsa.publicKey));
            const { me } = await remote('RS256');
            const token = forge({ alg: 'RS256' });
            const signature = sign('sha256', Buffer.from(token.slice(0, -1)), shortRsa.privateKey);

            expect(await me(token + signature.toString('base64url'))).to.equal(broken);
        });

        it('refuses symmetric algorithms, which would make a secret public', async () => {

            expect(await problem({ key: url, algorithms: ['RS256', 'HS256'] })).to.equal('hard-logout: jwt.algorithms names a symmetric algorithm, which no published key set can serve');
        });

        it('refuses a URL that nothing can be fetched from', async () => {

            for (const place of ['file:///keys.json', 'redis://localhost', `https://user:${secret}@localhost/`, 'https://user@localhost/', `https://:${encodeURIComponent(secret)}@localhost/`]) {
                expect(await problem({ key: new URL(place), algorithms: ['RS256'] }, encodeURIComponent(secret), place)).to.equal('hard-logout: jwt.key is not an http(s) URL without credentials');
            }
        });
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

            const { auth } = await issuing({ key, algorithms: ['RS256'] });
            await expect(auth.issue(null, { sub: '42' })).to.reject('issue() needs a jwt.signingKey');
        }
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
