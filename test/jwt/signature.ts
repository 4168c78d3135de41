import { sign } from 'node:crypto';
import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Refusal } from '../../lib/errors/refusal';
import { AccessTokens } from '../../lib/jwt/jwt';
import { strategySettings } from '../../lib/options/schema';
import { accepted, refused } from '../support/access-tokens';
import { algorithms, keys, mint, rsa, serve } from '../support/keys';

import type { Algorithm, Jwk } from '../../lib';


export const lab = Lab.script();

const { describe, it } = lab;


describe('isSignature()', () => {

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

    it('refuses a signature without its leading zero, which OpenSSL takes for PSS', async () => {

        const [{ publicKey, privateKey }] = keys.PS256;
        const { me } = await serve(publicKey, 'PS256');
        let [input, bytes] = ['', Buffer.from([1])];
        while (bytes[0] !== 0) {
            const token = await mint('PS256', privateKey);
            input = token.slice(0, token.lastIndexOf('.'));
            bytes = Buffer.from(token.slice(input.length + 1), 'base64url');
        }

        expect(await me(`${input}.${bytes.toString('base64url')}`)).to.equal(accepted);
        expect(await me(`${input}.${bytes.subarray(1).toString('base64url')}`)).to.equal(refused);
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
});


interface Group {
    comment: string;
    private?: Jwk | { keys: Jwk[] };
    public?: Jwk | { keys: Jwk[] };
    tests: { tcId: number; comment: string; jws?: string | object; result: 'valid' | 'invalid' }[];
}


const read = function (file: string): Group[] {

    const text = Fs.readFileSync(Path.join(__dirname, 'vectors', file), 'utf8');
    return (JSON.parse(text) as { testGroups: Group[] }).testGroups;
};


const known = function (name: string | undefined): name is Algorithm {

    return algorithms.includes(name as Algorithm);
};


// The JSON serialization of a JWS is no text

const text = function (jws: string | object): string {

    return typeof jws === 'string' ? jws : JSON.stringify(jws);
};


// What a strategy would name for a key: its own algorithm or, of a key for something else, one of its kind

const algorithmsFor = function ({ alg, kty }: Jwk): Algorithm[] {

    return known(alg) ? [alg] : kty === 'EC' ? ['ES256', 'ES512'] : kty === 'RSA' ? ['RS256', 'PS256'] : ['HS256'];
};


// Nearly all payloads are no claims, which is only looked at once the signature was right

const outcome = function ({ private: own, public: key = own! }: Pick<Group, 'private' | 'public'>, jws: string): 'valid' | 'invalid' {

    const jwks = 'keys' in key ? key.keys as Jwk[] : [key];
    const names = Array.from(new Set(jwks.flatMap(algorithmsFor)));

    let tokens;
    try {
        tokens = new AccessTokens(strategySettings({ jwt: { key, algorithms: names, cache: false } }).jwt, () => undefined);
    }
    catch {
        return 'invalid';
    }

    const refusal = expect(() => void tokens.verify(jws)).to.throw(Refusal);
    return refusal.detail === 'its claims are not a JSON object' || refusal.detail!.startsWith('its claim ') ? 'valid' : 'invalid';
};


// Why vectors come out otherwise than they say

const otherAlg = 'The key says PS256, and the token PS384: a key is for the one algorithm it names (RFC 7517 §4.4)';

const noAlg = 'The key says ES521, which is no algorithm: ES512 is meant';

const zeros = 'The key is all zeros: to HMAC that is the key of no bytes, which is refused when the strategy is registered (RFC 8725 §3.5)';

const spelling = `${zeros}. Also with another key a character that base64url does not have is refused (RFC 7515 §2)`;

const roca = 'The modulus was made by a chip with a fault (CVE-2017-15361). Keys are not tested for that here';

const mixed = 'A set may hold keys of several kinds: a token is verified by the one key that fits its alg and its kid, and that has to be named in jwt.algorithms';


const deviations: Record<string, Record<number, string>> = {
    'json_web_signature_test.json': {
        346: otherAlg,
        347: noAlg,
        350: otherAlg,
        351: noAlg,
        357: zeros,
        358: zeros,
        359: zeros,
        372: spelling,
        373: spelling,
        376: zeros,
        377: zeros
    },
    'json_web_key_test.json': {
        1: mixed,
        7: roca
    },
    'json_web_crypto_test.json': {
        46: roca,
        47: mixed
    }
};


// All with a JWS, of which there is one in each test of the first two; a JWE is no access token

const counts: Record<string, number> = { 'json_web_signature_test.json': 401, 'json_web_key_test.json': 26, 'json_web_crypto_test.json': 49 };


describe('Wycheproof\'s vectors of signatures and keys', () => {

    for (const [file, explained] of Object.entries(deviations)) {
        const groups = read(file);

        it(`agree on ${file}, apart from what is explained`, () => {

            const otherwise: string[] = [];
            let count = 0;
            for (const group of groups) {
                for (const { tcId, jws, result } of group.tests.filter((test) => test.jws !== undefined)) {
                    ++count;
                    if (outcome(group, text(jws!)) !== result) {
                        otherwise.push(`${tcId}`);
                    }
                }
            }

            expect(otherwise).to.equal(Object.keys(explained));
            expect(count).to.equal(counts[file]!);
        });
    }

    it('agree on the examples of RFC 7520, where the key names the algorithm of the token', () => {

        const named: Record<number, Algorithm> = { 346: 'PS384', 347: 'ES512', 350: 'PS384', 351: 'ES512' };
        const groups = read('json_web_signature_test.json').filter(({ tests }) => tests[0]!.tcId in named);
        expect(groups.map(({ public: key, tests: [test] }) => outcome({ public: { ...key as Jwk, alg: named[test!.tcId] } }, text(test!.jws!)))).to.equal(['valid', 'valid', 'valid', 'valid']);
    });
});
