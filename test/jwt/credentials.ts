import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { serve } from '../support/access-tokens';
import { look, start } from '../support/look';
import { bearer } from '../support/server';
import { mint, payload } from '../support/tokens';


export const lab = Lab.script();
const { describe, it } = lab;


describe('Credentials', () => {

    describe('as hapi knows them', () => {

        const scopes: [claim: string | string[] | undefined, status: number][] = [
            ['read admin', 200],
            ['admin', 200],
            ['  read   admin ', 200],
            [['read', 'admin'], 200],
            ['read', 403],
            ['administrator', 403],
            [['read admin'], 403],
            ['', 403],
            [[], 403],
            [undefined, 403]
        ];

        for (const [scope, status] of scopes) {

            it(`${status === 200 ? 'lets in' : 'keeps out'} where the scope admin is needed: ${JSON.stringify(scope) ?? 'no scope'}`, async () => {

                const { server } = await start({ tokens: 'access' }, {}, { scope: 'admin' });
                const res = await server.inject({ url: '/look', headers: bearer(await mint({ scope })) });

                expect(res.statusCode).to.equal(status);
                expect(res.headers['www-authenticate']).to.equal(status === 200 ? undefined : 'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a scope"');
            });
        }

        it('shows a scope as a list', async () => {

            const prepared = await start({ tokens: 'access' });
            for (const scope of ['  read   admin ', ['read', 'admin']]) {
                expect((await look(prepared, { jwt: await mint({ scope }) })).credentials).to.include({ scope: ['read', 'admin'] });
            }
        });

        it('gives a scope of a session also where the refresh token alone is wanted', async () => {

            const prepared = await start({ tokens: 'refresh' }, {}, { scope: 'admin' });
            for (const [scope, status] of [['read admin', 200], ['read', 403]] as const) {
                const { refresh_token: refreshToken } = await prepared.auth.issue(null, { sub: '42', scope });
                expect((await look(prepared, { refreshToken })).statusCode).to.equal(status);
            }
        });

        it('leaves hapi\'s other refusals alone', async () => {

            const { server } = await start({ tokens: 'access' }, {}, { entity: 'app' });
            const res = await server.inject({ url: '/look', headers: bearer(await mint()) });

            expect(res.statusCode).to.equal(403);
            expect(res.headers['www-authenticate']).to.not.exist();
        });

        for (const entity of ['user', 'app'] as const) {

            it(`lets in where the entity ${entity} is wanted, and keeps the other out`, async () => {

                const prepared = await start({ tokens: 'access' }, {}, { entity });
                const app = await look(prepared, { jwt: await mint({ sub: 'client', client_id: 'client' }) });
                const user = await look(prepared, { jwt: await mint({ sub: '42', client_id: 'client' }) });

                expect(app.statusCode).to.equal(entity === 'app' ? 200 : 403);
                expect(user.statusCode).to.equal(entity === 'user' ? 200 : 403);

                const { credentials } = entity === 'app' ? app : user;
                expect(credentials).to.include(entity === 'app' ? { app: { id: 'client' } } : { user: { id: '42' } });
                expect(credentials![entity === 'app' ? 'user' : 'app']).to.not.exist();
            });
        }
    });

    describe('validate', () => {

        it('refuses those whom the app refuses, and keeps their tokens', async () => {

            let isValid = false;
            const prepared = await start({ tokens: 'either' }, { validate: () => ({ isValid, credentials: { user: { id: 'forged' } } }) });
            const pair = await prepared.login();

            expect(await look(prepared, pair)).to.include({ statusCode: 401, message: 'The credentials were refused' });

            const res = await prepared.server.inject({ method: 'POST', url: `/logout?refreshToken=${pair.refreshToken}`, headers: bearer(pair.jwt) });
            expect(res.statusCode).to.equal(401);

            isValid = true;
            expect((await look(prepared, pair)).statusCode).to.equal(200);
        });

        it('replaces the credentials where it answers some', async () => {

            let credentials: Record<string, unknown> | undefined = { user: { id: 7 } };
            const prepared = await start({ tokens: 'access' }, { validate: async () => ({ isValid: true, credentials }) });
            const { jwt } = await prepared.login();

            expect((await look(prepared, { jwt })).credentials).to.equal({ user: { id: 7 } });

            credentials = undefined;
            expect((await look(prepared, { jwt })).credentials).to.equal({ user: { id: '42' }, ...payload(jwt) });
        });

        it('is given the claims, whichever token they came with, the request and the toolkit', async () => {

            const seen: unknown[] = [];
            const prepared = await start({ tokens: 'either' }, {
                validate: (claims, request, h) => {

                    seen.push(claims, request.path, h.continue.toString());
                    return { isValid: true };
                }
            });

            const { jwt, refreshToken } = await prepared.login();
            await look(prepared, { jwt, refreshToken });
            await look(prepared, { jwt });
            await look(prepared, { refreshToken });

            const claims = payload(jwt);
            const rest = ['/look', 'Symbol(continue)'];
            expect(seen).to.equal([claims, ...rest, claims, ...rest, { sub: '42', sid: claims.sid, auth_time: claims.auth_time }, ...rest]);
        });

        it('is asked about nobody whose tokens are not good', async () => {

            const prepared = await start({ tokens: 'either' }, {
                validate: () => {

                    throw new Error('nobody asked');
                }
            });

            const one = await prepared.login();
            const two = await prepared.login();
            await prepared.auth.revoke({ accessToken: two.jwt });

            expect((await look(prepared, {})).statusCode).to.equal(401);
            expect((await look(prepared, { jwt: `${one.jwt}x` })).statusCode).to.equal(401);
            expect((await look(prepared, two)).statusCode).to.equal(401);
            expect((await look(prepared, { jwt: one.jwt, refreshToken: 'x' })).statusCode).to.equal(401);
            expect((await look(prepared, one)).statusCode).to.equal(500);
        });

        it('stays a bug where it throws or answers something else', async () => {

            const answers: unknown[] = [undefined, null, true, {}, { isValid: 'yes' }, { credentials: {} }];
            const errors: Error[] = [];
            const prepared = await start({ tokens: 'access' }, { validate: () => answers.shift() as any });
            prepared.server.events.on({ name: 'request', channels: 'error' }, (_, { error }) => {

                errors.push(error as Error);
            });

            const { jwt } = await prepared.login();
            const count = answers.length;
            for (let i = 0; i < count; ++i) {
                expect((await look(prepared, { jwt })).statusCode).to.equal(500);
            }

            expect(errors.map(({ message }) => message)).to.equal(new Array(count).fill('hard-logout: validate() must return { isValid, credentials }'));
        });

        it('stays a bug where it throws, and where authentication is optional', async () => {

            for (const mode of ['required', 'optional'] as const) {
                const prepared = await start({ tokens: 'access' }, {
                    validate: async () => {

                        throw new Error('a bug');
                    }
                }, { mode });

                const { jwt } = await prepared.login();
                expect((await look(prepared, { jwt })).statusCode).to.equal(500);
            }
        });
    });
});


describe('what a request is given of a token that others bring as well', () => {

    const given = { sub: '42', scope: ['a', 'b'], roles: { admin: [{ at: 'x' }] }, list: [1, [2]], nothing: null, flag: true, user: undefined as unknown };

    const spoil = function (value: unknown): void {

        if (typeof value === 'object' && value !== null) {
            Object.values(value).forEach(spoil);
            Object.assign(value, { spoilt: true, sub: 'root', admin: true });
            (value as { push?: (item: string) => void }).push?.('root');
        }
    };

    for (const [kind, changes] of Object.entries({
        'as claims of every type': given,
        'with a scope of one text': { ...given, scope: 'a b' },
        'with a user of its own': { ...given, user: { id: '7', tags: ['x'] } },
        'of an app': { ...given, client_id: '42' },
        'with a claim that could be mistaken for a prototype': JSON.parse('{"__proto__":{"polluted":[1]},"constructor":{"prototype":{"polluted":1}}}')
    })) {
        it(`is its own: ${kind}`, async () => {

            const token = await mint(changes);
            const seen: string[] = [];

            const { server } = await serve({}, {
                refreshToken: undefined,
                validate(claims) {

                    seen.push(JSON.stringify(claims));
                    spoil(claims);
                    return { isValid: true };
                }
            });

            server.ext('onCredentials', (request, h) => {

                seen.push(JSON.stringify(request.auth.credentials), JSON.stringify(request.auth.artifacts));
                spoil(request.auth.credentials);
                spoil(request.auth.artifacts);
                return h.continue;
            });

            const first = await server.inject({ url: '/me', headers: bearer(token) });
            expect(first.statusCode).to.equal(200);
            expect(first.payload).to.include('"spoilt":true');

            // The second request has them prepared, and the third is given what the second has not spoilt

            const before = seen.splice(0);
            expect(before.length).to.equal(3);
            expect(before.join()).to.not.include('spoilt');

            for (let i = 0; i < 2; ++i) {
                const again = await server.inject({ url: '/me', headers: bearer(token) });
                expect(again.payload).to.equal(first.payload);
                expect(seen.splice(0)).to.equal(before);
            }

            expect(({} as { polluted?: unknown }).polluted).to.be.undefined();
        });
    }
});
