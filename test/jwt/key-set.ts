import { randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import * as Http from 'node:http';
import { inspect } from 'node:util';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Refusal } from '../../lib/errors/refusal';
import { keyResolver } from '../../lib/jwt/key-resolver';
import { strategySettings } from '../../lib/options/schema';
import { accepted, refused } from '../support/access-tokens';
import { broken, ed25519, forge, jwkOf, k256, keys, lost, mint, otherRsa, p256, p384, problem, rsa, serve, shortRsa, unexpected, x25519 } from '../support/keys';
import { bearer, secret } from '../support/server';

import type { AddressInfo } from 'node:net';
import type { Algorithm, Jwk } from '../../lib';
import type { Prepared } from '../support/server';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


describe('A key set', () => {

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


describe('The URL of a key set', () => {

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

    it('is not certain that a token is dead whose key may have been published since the set was fetched', async () => {

        publish(jwkOf(rsa.publicKey, { kid: 'a' }));
        const find = keyResolver(strategySettings({ jwt: { key: url, algorithms: ['RS256'] } }).jwt, unexpected);
        const isCertain = async () => (await expect(Promise.resolve(find({ alg: 'RS256', kid: 'b' }))).to.reject(Refusal)).isCertain;

        expect(await isCertain()).to.be.true();
        expect(await isCertain()).to.be.false();
        advance(60_000);
        expect(await isCertain()).to.be.true();
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

    it('finds a key in the set as it is, where that was replaced while an older one was read', async () => {

        publish(jwkOf(rsa.publicKey, { kid: 'a' }));
        const find = keyResolver(strategySettings({ jwt: { key: url, algorithms: ['RS256'] } }).jwt, unexpected);

        // jose reads the key of the first set, for as long as it takes the second set to come

        const { subtle } = globalThis.crypto;
        let release = (): void => undefined;
        const read = new Promise<void>((resolve) => {

            release = resolve;
        });
        let first: ReturnType<typeof find>;
        await new Promise<void>((begun) => {

            subtle.importKey = async (...args: unknown[]) => {

                delete (subtle as Partial<typeof subtle>).importKey;
                begun();
                await read;
                return Reflect.apply(subtle.importKey, subtle, args);
            };

            first = find({ alg: 'RS256', kid: 'a' });
        });

        publish(jwkOf(otherRsa.publicKey, { kid: 'a' }), jwkOf(rsa.publicKey, { kid: 'b' }));
        advance(60_000);
        expect((await find({ alg: 'RS256', kid: 'b' })).equals(rsa.publicKey)).to.be.true();

        release();
        expect((await first!).equals(otherRsa.publicKey)).to.be.true();
        expect((await find({ alg: 'RS256', kid: 'a' })).equals(otherRsa.publicKey)).to.be.true();
    });

    it('is not looked through for a kid that is no text', async () => {

        publish(jwkOf(rsa.publicKey, { kid: '7' }));
        const { me } = await remote('RS256');
        expect(await me(await mint('RS256', rsa.privateKey, { kid: '7' }))).to.equal(accepted);
        expect(await me(await mint('RS256', rsa.privateKey))).to.equal(accepted);

        // To jose any kid that is no text is none, and one key is left; a list of one text is that text where it is put into a name

        for (const kid of [7, ['7'], null, true, { a: 1 }]) {
            expect(await me(await mint('RS256', rsa.privateKey, { kid }))).to.equal(refused);
        }
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

                advance(1000);
                expect(await me(token)).to.equal(lost);
                expect(logged.length).to.equal(1);
            }
        }
        finally {
            url.search = '';
        }
    });

    it('asks the provider once a second while it fails, whatever comes, and logs why when that begins or changes', async () => {

        publish(jwkOf(rsa.publicKey, { kid: 'a' }));
        const { server, me } = await remote('RS256');
        const logged: string[] = [];
        server.events.on({ name: 'log', filter: ['keys'] }, ({ error }) => logged.push((error as Error).message));
        const [good, forged] = await Promise.all(['a', 'b'].map((kid) => mint('RS256', rsa.privateKey, { kid })));

        const flood = async (attempts: number) => {

            for (const ms of [0, 1, 998, 1]) {
                advance(ms);
                expect(await Promise.all([me(forged!), me(forged!)])).to.equal([lost, lost]);
            }

            expect(asked).to.equal(attempts);
        };

        // While there is no set, and with a set in which a key is not found; jose itself waits for half a minute after a fetch that succeeded

        answer = 'hang up';
        await flood(2);
        expect(logged.length).to.equal(1);

        publish(jwkOf(rsa.publicKey, { kid: 'a' }));
        advance(1000);
        expect(await me(good!)).to.equal(accepted);
        expect(asked).to.equal(3);

        advance(40_000);
        answer = 'hang up';
        await flood(5);
        expect(await me(good!)).to.equal(accepted);
        expect(logged.length).to.equal(2);

        answer = { status: 200, body: '{}' };
        advance(1000);
        expect(await me(forged!)).to.equal(lost);
        expect(logged.length).to.equal(3);
        expect(asked).to.equal(6);
    });

    it('asks again at once where the clock was set back', async () => {

        answer = 'hang up';
        const { me } = await remote('RS256');
        const token = await mint('RS256', rsa.privateKey);
        expect(await me(token)).to.equal(lost);

        publish(jwkOf(rsa.publicKey));
        advance(-1000);
        expect(await me(token)).to.equal(accepted);
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
        advance(1000);
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
