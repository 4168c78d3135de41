import { sign } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { accepted, refused } from '../support/access-tokens';
import { algorithms, keys, mint, rsa, serve } from '../support/keys';


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
