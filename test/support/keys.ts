import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';

import { expect } from '@hapi/code';
import * as Jose from 'jose';

import { prepare, secret } from './server';

import type { KeyObject } from 'node:crypto';
import type { Algorithm, Jwk, JwtOptions } from '../../lib';
import type { Prepared } from './server';


export interface KeyPair {
    publicKey: KeyObject;
    privateKey: KeyObject;
}


export const secrets = {
    HS256: randomBytes(32),
    HS384: randomBytes(48),
    HS512: randomBytes(64)
};

export const ec = (namedCurve: string): KeyPair => generateKeyPairSync('ec', { namedCurve });

export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

export const shortRsa = generateKeyPairSync('rsa', { modulusLength: 2047 });

export const pssRsa = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });

export const p256 = ec('P-256');

export const p384 = ec('P-384');

export const p521 = ec('P-521');

export const k256 = ec('secp256k1');

export const ed25519 = generateKeyPairSync('ed25519');

export const ed448 = generateKeyPairSync('ed448');

export const x25519 = generateKeyPairSync('x25519');


const secretPair = (bytes: Uint8Array): KeyPair => ({ publicKey: createSecretKey(bytes), privateKey: createSecretKey(bytes) });


/** What verifies and what signs, and a stranger's key of the same kind. */
export const keys: Record<Algorithm, [own: KeyPair, other: KeyPair]> = {
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


export const algorithms = Object.keys(keys) as Algorithm[];


export const jwkOf = function (key: KeyObject, members: Partial<Jwk> = {}): Jwk {

    return { ...key.export({ format: 'jwk' }), ...members } as Jwk;
};


export const publicPem = ({ publicKey }: KeyPair): string => publicKey.export({ format: 'pem', type: 'spki' }) as string;

export const privatePem = ({ privateKey }: KeyPair): string => privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;


export const mint = function (alg: string, key: KeyObject | Uint8Array, header: object = {}): Promise<string> {

    const iat = Math.floor(Date.now() / 1000);
    return new Jose.SignJWT({ sub: '42', iat, exp: iat + 60 }).setProtectedHeader({ alg, ...header }).sign(key);
};


export const unexpected = function (): never {

    throw new Error('Nothing was to be called');
};


/** A header and a payload under a signature of any bytes. */
export const forge = function (header: unknown, signature = ''): string {

    const iat = Math.floor(Date.now() / 1000);
    const parts = [header, { sub: '42', iat, exp: iat + 60 }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
    return [...parts, signature].join('.');
};


/** A server that only verifies. */
export const serve = function (key: JwtOptions['key'], ...names: Algorithm[]): Promise<Prepared> {

    return prepare({ jwt: { key, algorithms: names }, refreshToken: undefined });
};


export const lost = { statusCode: 503, message: 'The key set cannot be fetched' };

export const broken = { statusCode: 500, message: 'An internal server error occurred' };


/** What the strategy says about keys it does not take. No key is anywhere in the error. */
export const problem = async function (jwt: Partial<JwtOptions>, ...hidden: string[]): Promise<string> {

    const error = await expect(prepare({ jwt: { key: secret, algorithms: ['HS256'], ...jwt } })).to.reject(Error) as unknown as Error;

    const text = `${error.stack}${inspect(error, { depth: Infinity, showHidden: true })}`;
    for (const value of hidden) {
        expect(text).to.not.include(value);
    }

    expect(error.cause).to.be.undefined();
    return error.message;
};
