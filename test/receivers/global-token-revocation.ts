import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { Outage } from '../../lib/errors/outage';
import { MemoryStore } from '../../lib/store/memory';
import { accessToken, issuer, providersJwt, receiving, sign, strangersKey } from '../support/provider';
import { bearer, jwt as ownJwt } from '../support/server';

import type { GlobalTokenRevocationOptions, Named, SubjectIdentifier } from '../../lib';
import type { Receiving, ReceivingOptions } from '../support/provider';


export const lab = Lab.script();

const { afterEach, beforeEach, describe, it } = lab;


const url = 'https://api.example/global-token-revocation';

const now = () => Math.floor(Date.now() / 1000);


describe('a global token revocation', () => {

    let receiver: Receiving;

    const start = async function (handler: Partial<GlobalTokenRevocationOptions> = {}, options: ReceivingOptions = {}): Promise<void> {

        receiver = await receiving({ receive: 'global-token-revocation', audience: url, ...handler }, options);
    };

    const callersToken = (claims: object = {}, header: object = {}, key?: Parameters<typeof sign>[2]) => {

        return sign({ sub: 'integration-1', aud: url, exp: now() + 300, jti: crypto.randomUUID(), ...claims }, { typ: 'global-token-revocation+jwt', ...header }, key);
    };

    const issSub = (sub = '42', iss = issuer): SubjectIdentifier => ({ format: 'iss_sub', iss, sub });

    const order = (body: object | string, token?: string) => receiver.post(typeof body === 'string' ? body : JSON.stringify(body), 'application/json', token === undefined ? {} : bearer(token));

    const revoke = async (identifier: object) => (await order({ sub_id: identifier }, await callersToken())).statusCode;

    afterEach(() => receiver.server.stop());


    describe('by the JWT of its sender', () => {

        beforeEach(() => start());

        it('ends everything of a user, and nobody else\'s', async () => {

            const [a, b, other] = [await accessToken(), await accessToken({ sid: 'b' }), await accessToken({ sub: '43' })];
            const revoked = receiver.server.events.once({ name: 'hard-logout', channels: 'revoked' });
            const response = await order({ sub_id: issSub() }, await callersToken());
            expect(response).to.include({ statusCode: 204, payload: '' });
            expect(response.headers).to.include({ 'cache-control': 'no-store' });
            expect(await receiver.me(a)).to.equal(401);
            expect(await receiver.me(b)).to.equal(401);
            expect(await receiver.me(other)).to.equal(200);
            expect((await revoked)[0]).to.include({ extent: 'subject', subject: '42', issuer, reason: 'global-token-revocation' });
        });

        it('knows a user by an id that the provider gave', async () => {

            const a = await accessToken();
            expect(await revoke({ format: 'opaque', id: '42' })).to.equal(204);
            expect(await receiver.me(a)).to.equal(401);
        });

        it('is a 400 for a body, a kind of identifier or an issuer that are not known', async () => {

            const a = await accessToken();
            for (const body of ['', '{', '[]', 'null', '{}', { sub_id: '42' }, { sub_id: {} }, `{"sub_id":${'['.repeat(100)}${']'.repeat(100)}}`, { sub_id: { format: 'email', email: 'a@b.example' } }, { sub_id: issSub('42', 'https://other.example') }]) {
                const { statusCode, result, headers } = await order(body, await callersToken());
                expect(statusCode).to.equal(400);
                expect(result.error).to.equal('invalid_request');
                expect(headers['www-authenticate']).to.not.exist();
            }

            expect((await receiver.post(JSON.stringify({ sub_id: issSub() }), 'text/plain', bearer(await callersToken()))).statusCode).to.equal(400);
            expect(await receiver.me(a)).to.equal(200);
        });

        it('is a 401 without a JWT of the sender that is for this', async () => {

            const a = await accessToken();
            const tokens = [
                undefined,
                'nothing',
                await accessToken(),
                await callersToken({}, { typ: 'at+jwt' }),
                await callersToken({}, { typ: 'logout+jwt' }),
                await callersToken({ aud: `${url}/` }),
                await callersToken({ iss: 'https://other.example' }),
                await callersToken({ exp: now() - 60 }),
                await callersToken({ exp: undefined }),
                await callersToken({ jti: undefined }),
                await callersToken({ sub: undefined }),
                await callersToken({ iat: now() - 3700 }),
                await callersToken({}, {}, strangersKey)
            ];

            for (const token of tokens) {
                const { statusCode, result, headers } = await order({ sub_id: issSub() }, token);
                expect(statusCode).to.equal(401);
                expect(result).to.equal({ error: 'authentication_failed', error_description: 'A JWT of the sender is needed, which was not used before' });
                expect(headers['www-authenticate']).to.match(/^Bearer realm="api", error="invalid_token"/);
            }

            expect((await receiver.post('{}', 'application/json', { authorization: 'Basic YTpi' })).statusCode).to.equal(401);
            expect(await receiver.me(a)).to.equal(200);
        });

        it('uses such a JWT once', async () => {

            const token = await callersToken();
            const both = await Promise.all([order({ sub_id: issSub() }, token), order({ sub_id: issSub() }, token)]);
            expect(both.map(({ statusCode }) => statusCode).sort()).to.equal([204, 401]);
            const victim = await accessToken({ sub: '43' });
            expect((await order({ sub_id: issSub('43') }, token)).statusCode).to.equal(401);
            expect((await order({ sub_id: issSub('43') }, token)).statusCode).to.equal(401);
            expect(await receiver.me(victim)).to.equal(200);
        });

        it('uses it once in all processes, and distinguishes its own use from another after an outage', async () => {

            const { exchange } = MemoryStore.prototype;
            const stored = new Map<string, string>();
            let isAway = true;
            Object.assign(MemoryStore.prototype, { exchange: async (name: string, text: string) => {

                const known = stored.get(name) ?? null;
                stored.set(name, text);
                if (isAway) {
                    isAway = false;
                    throw new Outage('It was written, and the answer was lost');
                }

                return known;
            } });

            try {
                const token = await callersToken();
                expect((await order({ sub_id: issSub() }, token)).statusCode).to.equal(204);
                expect(Array.from(stored.keys(), (name) => /^order:[\w-]{22}$/.test(name))).to.equal([true]);

                await receiver.server.stop();
                await start();
                expect((await order({ sub_id: issSub() }, token)).statusCode).to.equal(401);
            }
            finally {
                Object.assign(MemoryStore.prototype, { exchange });
            }
        });

        it('accepts one without a type of its own', async () => {

            expect((await order({ sub_id: issSub() }, await callersToken({}, { typ: undefined }))).statusCode).to.equal(204);
            expect((await order({ sub_id: issSub() }, await callersToken({}, { typ: 'JWT' }))).statusCode).to.equal(204);
        });
    });


    it('is of one integration where the route says so', async () => {

        await start({ client: 'integration-2' });
        expect((await order({ sub_id: issSub() }, await callersToken())).statusCode).to.equal(401);
        expect((await order({ sub_id: issSub() }, await callersToken({ sub: 'integration-2' }))).statusCode).to.equal(204);
    });

    it('finds the user of an email address, or responds with 404', async () => {

        const asked: Named[] = [];
        const find = async (named: Named) => {

            asked.push(named);
            return named.identifier!.email === 'ada@example.com' ? { subject: '1' } : null;
        };

        await start({ issuer, key: providersJwt.key, algorithms: ['ES256'], find }, { strategy: { jwt: ownJwt, refreshToken: { query: 'refreshToken' } } });
        const { access_token: token } = await receiver.api.issue(null, { sub: '1' });

        const response = await order({ sub_id: { format: 'email', email: 'eve@example.com' } }, await callersToken());
        expect(response).to.include({ statusCode: 404, result: { error: 'not_found', error_description: 'The user is not known here' } });
        expect(await receiver.me(token)).to.equal(200);

        expect(await revoke({ format: 'email', email: 'ada@example.com' })).to.equal(204);
        expect(await receiver.me(token)).to.equal(401);
        expect(asked[1]).to.equal({ issuer, identifier: { format: 'email', email: 'ada@example.com' } });
    });

    it('is a 503 while the sender\'s key set is away, and not a 401', async () => {

        await start({ key: new URL('http://127.0.0.1:1/keys'), algorithms: ['ES256'], maxWait: 0 });
        expect((await order({ sub_id: issSub() }, await callersToken())).statusCode).to.equal(503);
    });

    it('finds nobody for a stranger', async () => {

        await start({ find: () => {

            throw new Error('A stranger must not be looked up for');
        } });

        expect((await order({ sub_id: { format: 'email', email: 'ada@example.com' } })).statusCode).to.equal(401);
    });

    it('leaves authentication to a route that has its own', async () => {

        await start({ audience: undefined }, { route: { auth: 'provider' } });
        const [a, admin] = [await accessToken(), await accessToken({ sub: 'admin', sid: 'x' })];
        expect((await order({ sub_id: issSub() })).statusCode).to.equal(401);
        expect(await receiver.me(a)).to.equal(200);
        expect((await order({ sub_id: issSub() }, admin)).statusCode).to.equal(204);
        expect(await receiver.me(a)).to.equal(401);
        expect((await order({ sub_id: { format: 'opaque', id: 'nobody' } }, admin)).statusCode).to.equal(204);
    });

    it('names subjects without an issuer where the strategy checks none', async () => {

        await start({ audience: undefined }, { route: { auth: 'provider' }, strategy: { jwt: { ...providersJwt, issuer: undefined } } });
        const [a, admin] = [await accessToken(), await accessToken({ sub: 'admin', sid: 'x' })];
        expect((await order({ sub_id: { format: 'opaque', id: '42' } }, admin)).statusCode).to.equal(204);
        expect(await receiver.me(a)).to.equal(401);
    });
});


describe('the route of a global token revocation', () => {

    it('has an audience, or an auth of its own', async () => {

        await expect(receiving({ receive: 'global-token-revocation' })).to.reject(
            'hard-logout: the route POST /receive needs audience, the URL by which the sender knows it, or an auth of its own');
        await expect(receiving({ receive: 'global-token-revocation', audience: url }, { route: { auth: 'provider' } })).to.reject(
            'hard-logout: the route POST /receive has an auth of its own, and needs no audience for the JWT of a sender');
    });
});
