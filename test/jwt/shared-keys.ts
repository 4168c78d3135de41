import { generateKeyPairSync, randomBytes } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { differingKeys, sharesKey } from '../../lib/jwt/shared-keys';
import { strategySettings } from '../../lib/options/schema';
import { rsa } from '../support/keys';

import type { KeyObject } from 'node:crypto';
import type { JwtOptions, Jwk } from '../../lib';


export const lab = Lab.script();

const { beforeEach, describe, it } = lab;


const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const otherEc = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const secret = randomBytes(64);


const jwk = (key: KeyObject, more: object = {}) => ({ ...key.export({ format: 'jwk' }), ...more }) as Jwk;

const pem = (key: KeyObject) => key.export({ format: 'pem', type: key.type === 'public' ? 'spki' : 'pkcs8' }) as string;

const settings = (options: Partial<JwtOptions> & Pick<JwtOptions, 'key'>) => strategySettings({ jwt: { algorithms: ['ES256'], ...options } }).jwt;

const hs = (key: JwtOptions['key'], more: Partial<JwtOptions> = {}) => settings({ key, algorithms: ['HS256'], ...more });


describe('sharesKey()', () => {

    it('knows a key in whichever form it is given', () => {

        const forms = [ec.publicKey, ec.privateKey, pem(ec.publicKey), pem(ec.privateKey), Buffer.from(pem(ec.publicKey)), jwk(ec.publicKey, { kid: 'one', use: 'sig' }), { keys: [jwk(otherEc.publicKey), jwk(ec.publicKey)] }];
        for (const one of forms) {
            for (const other of forms) {
                expect(sharesKey(settings({ key: one }), settings({ key: other }))).to.be.true();
            }

            expect(sharesKey(settings({ key: one }), settings({ key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey }))).to.be.false();
        }

        expect(sharesKey(hs(secret), hs({ kty: 'oct', k: secret.toString('base64url') }))).to.be.true();
        expect(sharesKey(hs(secret), hs(randomBytes(64)))).to.be.false();
    });

    it('looks at what the algorithms of the strategies have in common', () => {

        const set = { keys: [jwk(rsa.publicKey, { alg: 'PS256' }), jwk(ec.publicKey), { kty: 'EC', crv: 'secp256k1' }] };
        expect(sharesKey(settings({ key: set }), settings({ key: rsa.publicKey, algorithms: ['RS256', 'PS256'] }))).to.be.false();
        expect(sharesKey(settings({ key: set, algorithms: ['PS256'] }), settings({ key: rsa.publicKey, algorithms: ['RS256', 'PS256'] }))).to.be.true();
        expect(sharesKey(settings({ key: set, algorithms: ['PS256'] }), settings({ key: ec.publicKey }))).to.be.false();
    });

    it('knows a key set by its URL, and a function by itself', () => {

        const url = (path: string) => settings({ key: new URL(path, 'https://issuer.example') });
        const find = () => null;
        expect(sharesKey(url('/keys'), url('/keys'))).to.be.true();
        expect(sharesKey(url('/keys'), url('/other'))).to.be.false();
        expect(sharesKey(settings({ key: find }), settings({ key: find }))).to.be.true();
        expect(sharesKey(settings({ key: find }), settings({ key: () => null }))).to.be.false();
        expect(sharesKey(url('/keys'), settings({ key: ec.publicKey }))).to.be.false();
    });
});


describe('differingKeys()', () => {

    let stored: Map<string, string>;
    let calls: [name: string, text: string, ttl: number][];

    beforeEach(() => {

        stored = new Map();
        calls = [];
    });

    const store = {
        exchange: async (name: string, text: string, ttl: number) => {

            const before = stored.get(name) ?? null;
            stored.set(name, text);
            calls.push([name, text, ttl]);
            return before;
        }
    };

    const differ = (jwt: ReturnType<typeof settings>, name = 'session') => differingKeys([{ name, jwt }], store);


    it('names the strategies whose key another process does not have', async () => {

        const one = [{ name: 'a', jwt: hs(secret) }, { name: 'b', jwt: settings({ key: ec.privateKey }) }];
        expect(await differingKeys(one, store)).to.equal([]);
        expect(await differingKeys(one, store)).to.equal([]);
        expect(await differingKeys([{ name: 'a', jwt: hs(randomBytes(32)) }, one[1]!], store)).to.equal(['a']);
        expect(await differingKeys(one, store)).to.equal(['a']);
    });

    it('lets the keys be changed in steps', async () => {

        const [old, next] = [jwk(ec.publicKey, { kid: 'old' }), jwk(otherEc.publicKey, { kid: 'next' })];
        const steps = [
            settings({ key: { keys: [old] }, signingKey: jwk(ec.privateKey, { kid: 'old' }) }),
            settings({ key: { keys: [old, next] }, signingKey: jwk(ec.privateKey, { kid: 'old' }) }),
            settings({ key: { keys: [old, next] }, signingKey: jwk(otherEc.privateKey, { kid: 'next' }) }),
            settings({ key: { keys: [next] }, signingKey: jwk(otherEc.privateKey, { kid: 'next' }) })
        ];

        for (const step of steps) {
            expect(await differ(step)).to.equal([]);
        }

        expect(await differ(steps[0]!)).to.equal(['session']);
    });

    it('compares what only verifies with what signs', async () => {

        await differ(settings({ key: ec.privateKey }));
        expect(await differ(settings({ key: ec.publicKey }))).to.equal([]);
        expect(await differ(settings({ key: otherEc.publicKey }))).to.equal(['session']);
    });

    it('leaves out keys that are not known up front, or not which of them signs', async () => {

        for (const key of [new URL('https://issuer.example/keys'), () => null, { keys: [jwk(ec.publicKey), jwk(otherEc.publicKey)] }]) {
            expect(await differ(settings({ key }))).to.equal([]);
        }

        expect(calls).to.equal([]);
    });

    it('does not compare strategies that have different tokens', async () => {

        await differ(hs(secret));
        expect(await differ(hs(randomBytes(32)), 'other')).to.equal([]);
        expect(await differ(hs(randomBytes(32), { issuer: 'https://one.example' }))).to.equal([]);
        expect(await differ(hs(randomBytes(32), { audience: 'two' }))).to.equal([]);
    });

    it('stores too little of a key to find it by, for as long as its tokens live', async () => {

        await differ(hs('a secret that is a sentence of words', { maxAge: 5000 }));
        expect(calls).to.have.length(1);
        const [[name, text, ttl]] = calls as [typeof calls[0]];
        expect(name).to.match(/^key:[\w-]{22}$/);
        expect(text).to.match(/^[\w-]{3}$/);
        expect(ttl).to.equal(5000);
    });
});
