import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import * as Http from 'node:http';

import type * as Boom from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { forge, goodClaims, withMember } from '../support/forge';
import { bearer, jwt as settings, prepare, secret } from '../support/server';
import { StoreWatch } from '../support/watch-store';

import type { AddressInfo } from 'node:net';
import type { JwtOptions, StrategyOptions } from '../../lib';
import type { Prepared } from '../support/server';


export const lab = Lab.script();

const { afterEach, beforeEach, describe, it } = lab;


const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const hs256 = { alg: 'HS256' };

const store = new StoreWatch();


/** The usual server; `asked` notes what its callbacks were asked about. */
const serve = async function (jwt: Partial<JwtOptions> = {}, strategy: Partial<StrategyOptions> = {}): Promise<Prepared & { asked: string[]; logged: string[] }> {

    const asked: string[] = [];
    const logged: string[] = [];
    const prepared = await prepare({
        ...strategy,
        jwt: { ...settings, ...jwt },
        validate: (claims) => {

            asked.push(claims.sub);
            return { isValid: true };
        }
    });

    prepared.server.route({ method: 'POST', path: '/bye', options: { plugins: { 'hard-logout': { tokens: 'access', revoke: true } } }, handler: () => null });
    prepared.server.events.on('log', (event) => logged.push(JSON.stringify(event)));
    prepared.server.events.on({ name: 'request', channels: ['app', 'error', 'internal'] }, (_, event) => {

        logged.push(`${JSON.stringify(event)} ${(event.error as Error | undefined)?.stack}`);
    });

    await prepared.server.initialize();
    return { ...prepared, asked, logged };
};


const bad: Record<string, () => string> = {

    // Algorithms (RFC 8725 §3.1)

    'no algorithm': () => forge({}),
    'the algorithm none': () => forge({ alg: 'none' }),
    'the algorithm none, unsigned': () => forge({ alg: 'none' }).replace(/[^.]+$/, ''),
    'the algorithm None': () => forge({ alg: 'None' }),
    'the algorithm nOnE': () => forge({ alg: 'nOnE' }),
    'an algorithm in lower case': () => forge({ alg: 'hs256' }),
    'an algorithm that is a list': () => forge({ alg: ['HS256'] }),
    'an algorithm that is an object': () => forge({ alg: { toString: 'HS256' } }),
    'an algorithm that is a number': () => forge({ alg: 256 }),
    'an algorithm that is null': () => forge({ alg: null }),
    'an algorithm that every object has': () => forge({ alg: 'constructor' }),
    'another algorithm of the same key': () => forge({ alg: 'HS512' }),
    'an algorithm in the claims only': () => forge({ typ: 'JWT' }, { ...goodClaims(), alg: 'HS256' }),

    // Keys (RFC 8725 §3.10)

    'another key': () => forge(hs256, goodClaims(), 'another shared secret of 32 bytes or so'),
    'an empty key': () => forge(hs256, goodClaims(), ''),

    // Headers (RFC 7515 §4.1.11, RFC 7519 §5.1)

    'an unknown critical extension': () => forge({ ...hs256, crit: ['urn:example:x'], 'urn:example:x': true }),
    'an empty list of critical extensions': () => forge({ ...hs256, crit: [] }),
    'an unencoded payload': () => forge({ ...hs256, crit: ['b64'], b64: false }),
    'a compressed payload': () => forge({ ...hs256, zip: 'DEF', crit: ['zip'] }),
    'a header that is a list': () => forge([hs256]),
    'a header that is null': () => forge('null'),
    'a header that is no JSON': () => forge('{alg:"HS256"}'),
    'a header with more behind it': () => forge('{"alg":"HS256"}{}'),
    'a header with two algorithms, none at last': () => forge('{"alg":"HS256","alg":"none"}'),
    'a header whose algorithm is in its prototype': () => forge('{"__proto__":{"alg":"HS256"}}'),
    'the type of an ID token': () => forge({ ...hs256, typ: 'id+jwt' }),
    'the type of a logout token': () => forge({ ...hs256, typ: 'logout+jwt' }),
    'the type of a security event': () => forge({ ...hs256, typ: 'secevent+jwt' }),
    'the type of a client\'s assertion': () => forge({ ...hs256, typ: 'client-authentication+jwt' }),
    'a type that is a list': () => forge({ ...hs256, typ: ['JWT'] }),
    'a type that is empty': () => forge({ ...hs256, typ: '' }),

    // Claims (RFC 7519 §4.1)

    'no expiry': () => forge(hs256, { ...goodClaims(), exp: undefined }),
    'an expiry that is not finite': () => forge(hs256, withMember('"exp":1e400')),
    'an expiry that is below all numbers': () => forge(hs256, withMember('"exp":-1e400')),
    'an expiry beyond all dates': () => forge(hs256, withMember('"exp":1e308')),
    'an expiry that is text': () => forge(hs256, { ...goodClaims(), exp: '9999999999' }),
    'a last expiry that is null': () => forge(hs256, withMember('"exp":null')),
    'no moment of issue': () => forge(hs256, { ...goodClaims(), iat: undefined }),
    'a moment of issue that is not finite': () => forge(hs256, withMember('"iat":-1e400')),
    'a moment of issue in the future': () => forge(hs256, { ...goodClaims(), iat: 9e9 }),
    'a moment of issue that is a list': () => forge(hs256, { ...goodClaims(), iat: [1] }),
    'a beginning that is text': () => forge(hs256, { ...goodClaims(), nbf: '0' }),
    'a beginning in the far future': () => forge(hs256, { ...goodClaims(), nbf: 8e12 }),
    'no subject': () => forge(hs256, { ...goodClaims(), sub: undefined }),
    'a subject that is a number': () => forge(hs256, { ...goodClaims(), sub: 42 }),
    'a subject that is an object': () => forge(hs256, { ...goodClaims(), sub: { toString: '42' } }),
    'a subject with NUL': () => forge(hs256, { ...goodClaims(), sub: '42\0' }),
    'a subject with a line break': () => forge(hs256, { ...goodClaims(), sub: '42\r\nSet-Cookie: a=b' }),
    'a subject with an escape': () => forge(hs256, { ...goodClaims(), sub: '\u001b[2J' }),
    'a subject with DEL': () => forge(hs256, { ...goodClaims(), sub: '42\u007f' }),
    'a subject that is half a character': () => forge(hs256, withMember('"sub":"\\ud800"')),
    'a subject in bytes that are no UTF-8': () => raw(Buffer.concat([Buffer.from('{"sub":"'), Buffer.from([0xff]), Buffer.from(`",${JSON.stringify(goodClaims()).slice(1)}`)])),
    'an id that is a list': () => forge(hs256, { ...goodClaims(), jti: ['k', 'v', 'EX', '100'] }),
    'an id that is an object': () => forge(hs256, { ...goodClaims(), jti: {} }),
    'an id with a control character': () => forge(hs256, { ...goodClaims(), jti: 'a\u0001' }),
    'an empty id': () => forge(hs256, { ...goodClaims(), jti: '' }),
    'a session that is a number': () => forge(hs256, { ...goodClaims(), sid: 1 }),
    'a session with a control character': () => forge(hs256, { ...goodClaims(), sid: 'a\nb' }),
    'a scope that is a number': () => forge(hs256, { ...goodClaims(), scope: 5 }),
    'a scope of lists': () => forge(hs256, { ...goodClaims(), scope: [['admin']] }),
    'the wrong issuer': () => forge(hs256, { ...goodClaims(), iss: 'https://evil.example' }),
    'issuers': () => forge(hs256, { ...goodClaims(), iss: [settings.issuer] }),
    'the wrong audience': () => forge(hs256, { ...goodClaims(), aud: 'other' }),
    'no audience': () => forge(hs256, { ...goodClaims(), aud: undefined }),
    'claims in a prototype': () => forge(hs256, `{"__proto__":${JSON.stringify(goodClaims())}}`),
    'claims that are a list': () => forge(hs256, [goodClaims()]),
    'claims that are text': () => forge(hs256, '"42"'),
    'claims that are nothing': () => forge(hs256, ''),

    // The serialization (RFC 7515 §3.1, §7.1)

    'another payload under the signature': () => {

        const [header, , signature] = forge(hs256).split('.');
        const payload = Buffer.from(JSON.stringify({ ...goodClaims(), sub: 'admin' })).toString('base64url');
        return [header, payload, signature].join('.');
    },
    'no signature': () => forge(hs256).replace(/[^.]+$/, ''),
    'half a signature': () => forge(hs256).slice(0, -21),
    'a signature with more behind it': () => `${forge(hs256)}AAAA`,
    'five parts, as of an encrypted token': () => `${forge(hs256)}.AAAA.AAAA`,
    'two parts': () => forge(hs256).split('.').slice(0, 2).join('.'),
    'dots': () => '....',
    'a nested token': () => forge({ ...hs256, cty: 'JWT' }, forge(hs256)),
    'as much as a header can hold': () => 'a'.repeat(16_000),
    'as many dots as a header can hold': () => '.'.repeat(16_000)
};


const raw = function (payload: Buffer): string {

    const input = `${Buffer.from(JSON.stringify(hs256)).toString('base64url')}.${payload.toString('base64url')}`;
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
};


describe('A token of another issuer', () => {

    beforeEach(() => store.begin());

    afterEach(() => store.release());

    for (const [name, make] of Object.entries(bad)) {

        it(`is refused, asks nobody and revokes nothing: ${name}`, async () => {

            const prepared = await serve();
            const { server, auth, asked, logged } = prepared;
            const token = make();
            store.calls.length = 0;

            for (const [method, url] of [['GET', '/me'], ['POST', '/bye']] as const) {
                const res = await server.inject({ method, url, headers: bearer(token) });
                expect(res.statusCode).to.equal(401);
                expect(res.headers['www-authenticate']).to.equal('Bearer realm="api", error="invalid_token", error_description="The access token is invalid"');
                expect(res.headers['cache-control']).to.equal('no-store');
            }

            const refusal = await expect(auth.revoke({ accessToken: token })).to.reject('The access token is invalid') as Boom.Boom;
            expect(refusal.output.statusCode).to.equal(401);

            expect(store.calls).to.equal([]);
            expect(asked).to.equal([]);
            expect(logged.join()).to.not.contain(token);

            // Whoever it pretends to be is where they were

            expect((await server.inject({ url: '/me', headers: bearer(forge(hs256)) })).statusCode).to.equal(200);
        });
    }

    it('is refused as what it is where it would be one, were it not too old', async () => {

        const { server, asked } = await serve();
        store.calls.length = 0;

        for (const claims of [{ exp: 0 }, { exp: 1, iat: 0 }, { iat: 1e9 - 31 * 86_400, exp: 1e9 }]) {
            const res = await server.inject({ url: '/me', headers: bearer(forge(hs256, { ...goodClaims(), ...claims })) });
            expect((res.result as Error).message).to.equal('The access token expired');
        }

        expect([store.calls, asked]).to.equal([[], []]);
    });

    it('is refused with a DER signature, and with that of another curve or of nothing', async () => {

        const { server } = await serve({ key: ec.publicKey, algorithms: ['ES256'] }, { refreshToken: undefined });
        const token = forge({ alg: 'ES256' }, goodClaims(), ec.privateKey);
        const input = token.slice(0, token.lastIndexOf('.'));
        const status = async (signature: Buffer) => {

            const { statusCode } = await server.inject({ url: '/me', headers: bearer(`${input}.${signature.toString('base64url')}`) });
            return statusCode;
        };

        expect((await server.inject({ url: '/me', headers: bearer(token) })).statusCode).to.equal(200);
        expect(await status(sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: 'der' }))).to.equal(401);
        expect(await status(Buffer.alloc(64))).to.equal(401);
        expect(await status(Buffer.alloc(64, 255))).to.equal(401);
        expect(await status(createHmac('sha256', ec.publicKey.export({ type: 'spki', format: 'pem' })).update(input).digest())).to.equal(401);
        expect(await status(sign('sha384', Buffer.from(input), { key: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey, dsaEncoding: 'ieee-p1363' }))).to.equal(401);
    });

    it('never has a key fetched that it names or brings along', async () => {

        const visits: string[] = [];
        const listener = Http.createServer((req, res) => {

            visits.push(req.url!);
            res.end(JSON.stringify({ keys: [ec.publicKey.export({ format: 'jwk' })] }));
        });

        listener.listen(0, '127.0.0.1');
        await once(listener, 'listening');
        try {
            const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/keys`;
            const jwk = ec.publicKey.export({ format: 'jwk' });
            const x5c = [ec.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')];
            const headers = [{ jku: url }, { x5u: url }, { jwk }, { x5c }, { jku: url, kid: url }, { jwk: { ...jwk, kid: url }, kid: url }, { kid: `../../${url}` }, { kid: '\' OR 1=1 --' }];

            for (const key of [ec.publicKey, { keys: [{ ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), kty: 'EC', kid: 'own' }] }]) {
                const { server } = await serve({ key, algorithms: ['ES256'] }, { refreshToken: undefined });
                const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
                for (const header of headers) {
                    const res = await server.inject({ url: '/me', headers: bearer(forge({ alg: 'ES256', ...header }, goodClaims(), other)) });
                    expect(res.statusCode).to.equal(401);
                }
            }

            expect(visits).to.equal([]);
        }
        finally {
            listener.close();
        }
    });

    it('is nothing for a logger that a client writes to', async () => {

        const { server, logged } = await serve();
        const marker = '\u001b]0;owned';
        const res = await server.inject({ url: '/me', headers: { authorization: `Bearer ${marker}` } });
        expect(res.statusCode).to.equal(400);
        expect(`${res.payload}${JSON.stringify(res.headers)}${logged.join()}`).to.not.contain('owned');
    });
});


describe('A token of the strategy that is strange', () => {

    it('is accepted and revoked by the last of repeated members, which is what everybody reads', async () => {

        const { server } = await serve();
        const twice = forge(hs256, withMember('"jti":"first","jti":"last"'));
        const status = async (method: string, url: string, token: string) => {

            const res = await server.inject({ method, url, headers: bearer(token) });
            return res.statusCode;
        };

        expect(await status('GET', '/me', twice)).to.equal(200);
        expect(await status('POST', '/bye', twice)).to.equal(204);
        expect(await status('GET', '/me', twice)).to.equal(401);
        expect(await status('GET', '/me', forge(hs256, { ...goodClaims(), jti: 'last' }))).to.equal(401);
        expect(await status('GET', '/me', forge(hs256, { ...goodClaims(), jti: 'first' }))).to.equal(200);
    });

    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', '*', '0', ' ', '{a}', 'a:b', '../a', 'ｆｕｌｌ', 'x'.repeat(8000)]) {

        it(`is accepted, revoked and nobody else's with the ids ${name.slice(0, 20)}`, async () => {

            const { server } = await serve();
            const status = async (method: string, url: string, claims: object) => {

                const res = await server.inject({ method, url, headers: bearer(forge(hs256, { ...goodClaims(), ...claims })) });
                return res.statusCode;
            };

            // One kind of id at a time, so that it has to be told from the others

            for (const claims of [{ jti: name }, { sid: name }]) {
                expect(await status('GET', '/me', claims)).to.equal(200);
                expect(await status('POST', '/bye', claims)).to.equal(204);
                expect(await status('GET', '/me', claims)).to.equal(401);
                expect(await status('GET', '/me', { jti: `other ${name}` })).to.equal(200);
            }

            expect(await status('GET', '/me', { sub: name, jti: 'fresh' })).to.equal(200);
            expect(({} as Record<string, unknown>).revoked).to.be.undefined();
        });
    }

    it('is refused where it is nested too deeply for a serializer, in no time', async () => {

        const { server } = await serve();
        const ask = async (member: string) => {

            const token = forge(hs256, withMember(member));
            expect(token.length).to.be.below(16_377);

            const began = process.cpuUsage();
            const res = await server.inject({ url: '/me', headers: bearer(token) });
            expect(process.cpuUsage(began).user / 1000).to.be.below(1000);
            return res.statusCode;
        };

        const lists = (depth: number) => `"a":${'['.repeat(depth)}${']'.repeat(depth)}`;
        const objects = (depth: number) => `"a":${'{"b":'.repeat(depth)}1${'}'.repeat(depth)}`;

        expect(await ask(lists(63))).to.equal(200);
        expect(await ask(objects(63))).to.equal(200);
        for (const member of [lists(64), objects(64), lists(1000), objects(1900), lists(5900)]) {
            expect(await ask(member)).to.equal(401);
        }

        expect(await ask(`"a":[${'[],'.repeat(2000)}[]]`)).to.equal(200);
    });

    it('does not put claims into every object, however it names them', async () => {

        const { server } = await serve();
        const res = await server.inject({ url: '/me', headers: bearer(forge(hs256, withMember('"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}'))) });
        expect(res.statusCode).to.equal(200);
        expect(({} as Record<string, unknown>).admin).to.be.undefined();
        expect((res.request.auth.credentials as Record<string, unknown>).admin).to.be.undefined();
    });
});


describe('issue()', () => {

    it('refuses what the strategy would not accept as a token, and begins no session', async () => {

        const { auth } = await serve();
        store.begin();
        try {
            for (const scope of [5, null, {}, [5], [['a']], true]) {
                await expect(auth.issue(null, { sub: '42', scope })).to.reject('issue() needs the claim scope as a string or a list of strings');
            }

            for (const sub of ['', 'a\nb', 'a\0', '\ud800']) {
                await expect(auth.issue(null, { sub })).to.reject('issue() needs the claim sub, a string');
            }

            let deep: unknown[] = [];
            for (let i = 0; i < 63; ++i) {
                deep = [deep];
            }

            await expect(auth.issue(null, { sub: '42', deep })).to.reject('issue() needs claims that are nested less deeply');

            expect(store.calls).to.equal([]);
            await auth.issue(null, { sub: '42', deep: deep[0], scope: 'a b' });
        }
        finally {
            store.release();
        }
    });
});
