import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { bearer, pairOf, prepare, jwt as settings } from '../support/server';
import { mint, payload } from '../support/tokens';

import type { Request, ResponseObject } from '@hapi/hapi';
import type { RouteOptions, StrategyOptions, TokenResponse } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();
const { afterEach, beforeEach, describe, it } = lab;


const second = 1000;
const minute = 60 * second;
const start = Date.UTC(2030, 0, 1);

const realNow = Date.now;


describe('A route with maxAuthAge or acr', () => {

    let now: number;

    beforeEach(() => {

        now = start;
        Date.now = () => now;
    });

    afterEach(() => {

        Date.now = realNow;
    });

    const vault = { maxAuthAge: 5 * minute };

    /** The usual server, with a route `POST /vault` with these settings, and `POST /password`, after the password was asked again. */
    const serve = async function (route: RouteOptions = vault, strategy: Partial<StrategyOptions> = {}): Promise<Prepared> {

        const prepared = await prepare(strategy);
        const { auth, server } = prepared;
        server.route({ method: 'POST', path: '/vault', options: { plugins: { 'hard-logout': route } }, handler: ({ auth: { credentials } }) => credentials });
        if (strategy.refreshToken !== undefined || !('refreshToken' in strategy)) {
            server.route({
                method: 'POST',
                path: '/password',
                options: { plugins: { 'hard-logout': { tokens: 'either' } } },
                handler: (request: Request) => auth.reauthenticate(request, (request.payload ?? {}) as object)
            });
        }

        await server.initialize();
        return prepared;
    };

    const send = async function ({ server }: Prepared, path: string, { jwt, refreshToken }: Partial<Pair>, given?: object) {

        const url = refreshToken === undefined ? path : `${path}?refreshToken=${refreshToken}`;
        const { statusCode, headers, result } = await server.inject({ method: 'POST', url, headers: jwt === undefined ? {} : bearer(jwt), payload: given });
        return { statusCode, challenge: headers['www-authenticate'] as unknown as string, result: result as any };
    };

    const statusOf = async (prepared: Prepared, tokens: Partial<Pair>) => (await send(prepared, '/vault', tokens)).statusCode;

    const stepUp = async (prepared: Prepared, tokens: Partial<Pair>, how?: object) => pairOf((await send(prepared, '/password', tokens, how)).result as TokenResponse);

    it('refuses who was authenticated too long ago, and ends nothing', async () => {

        const prepared = await serve();
        const pair = await prepared.login();
        now += 5 * minute + 5 * second;
        expect(await statusOf(prepared, pair)).to.equal(200);

        now += second;
        const { statusCode, challenge, result } = await send(prepared, '/vault', pair);
        expect(statusCode).to.equal(401);
        expect(result.code).to.equal('insufficient_user_authentication');
        expect(challenge).to.equal('Bearer realm="api", error="insufficient_user_authentication", ' +
            'error_description="A more recent or a stronger authentication is required", max_age="300"');

        expect((await prepared.me(pair.jwt)).statusCode).to.equal(200);
        expect(pairOf(await prepared.auth.refresh(pair.refreshToken)).refreshToken).to.be.a.string();
    });

    it('is not passed by a renewal, but by an authentication, whose moment renewals keep', async () => {

        const prepared = await serve();
        const first = await prepared.login();
        now += 10 * minute;
        const renewed = pairOf(await prepared.auth.refresh(first.refreshToken));
        expect(await statusOf(prepared, renewed)).to.equal(401);
        expect(payload(renewed.jwt).auth_time).to.equal(start / 1000);

        const stepped = await stepUp(prepared, renewed);
        expect(payload(stepped.jwt)).to.include({ auth_time: now / 1000, sid: payload(first.jwt).sid as string, sub: '42' });
        expect(await statusOf(prepared, stepped)).to.equal(200);

        // The access token from before says what it said

        expect(await statusOf(prepared, renewed)).to.equal(401);
        expect((await prepared.me(renewed.jwt)).statusCode).to.equal(200);

        now += 4 * minute;
        const next = pairOf(await prepared.auth.refresh(stepped.refreshToken));
        expect(payload(next.jwt).auth_time).to.equal(payload(stepped.jwt).auth_time);
        expect(await statusOf(prepared, next)).to.equal(200);

        now += 2 * minute;
        expect(await statusOf(prepared, next)).to.equal(401);
    });

    it('lets those pass who were authenticated in one of its ways', async () => {

        const prepared = await serve({ acr: ['otp', 'key'] });
        const login = async (claims: object) => pairOf(await prepared.auth.issue(null, { sub: '42', ...claims }));
        for (const [claims, status] of [[{}, 401], [{ acr: 'password' }, 401], [{ acr: 'otp' }, 200], [{ acr: 'key', amr: ['hwk'] }, 200], [{ acr: 'otp key' }, 401]] as const) {
            expect(await statusOf(prepared, await login(claims))).to.equal(status);
        }

        expect((await send(prepared, '/vault', await login({}))).challenge).to.endWith('is required", acr_values="otp key"');

        const single = await serve({ acr: 'otp', maxAuthAge: minute });
        const pair = pairOf(await single.auth.issue(null, { sub: '42', acr: 'otp' }));
        expect(await statusOf(single, pair)).to.equal(200);
        now += 2 * minute;
        expect((await send(single, '/vault', pair)).challenge).to.endWith('is required", acr_values="otp", max_age="60"');
    });

    it('takes how and when from one authentication: the last', async () => {

        const prepared = await serve({ acr: 'otp', maxAuthAge: 5 * minute });
        const first = pairOf(await prepared.auth.issue(null, { sub: '42', acr: 'otp', amr: ['pwd', 'otp'], name: 'ada' }));
        now += 10 * minute;

        const byPassword = await stepUp(prepared, first);
        expect(payload(byPassword.jwt)).to.not.include(['acr', 'amr']);
        expect(payload(byPassword.jwt).name).to.equal('ada');
        expect(await statusOf(prepared, byPassword)).to.equal(401);

        const byCode = await stepUp(prepared, byPassword, { acr: 'otp', amr: ['pwd', 'otp'] });
        expect(payload(byCode.jwt)).to.include({ acr: 'otp', amr: ['pwd', 'otp'], name: 'ada' });
        expect(await statusOf(prepared, byCode)).to.equal(200);
        expect(payload(pairOf(await prepared.auth.refresh(byCode.refreshToken)).jwt)).to.include({ acr: 'otp', amr: ['pwd', 'otp'], auth_time: now / 1000 });
    });

    it('takes an authentication elsewhere for as old as it is', async () => {

        const prepared = await serve();
        const login = async (moment: number) => pairOf(await prepared.auth.issue(null, { sub: '42', auth_time: moment / 1000 }));
        expect(await statusOf(prepared, await login(now - 4 * minute))).to.equal(200);
        expect(await statusOf(prepared, await login(now - 6 * minute))).to.equal(401);

        const pair = await login(now + 60 * minute);
        expect(payload(pair.jwt).auth_time).to.equal(now / 1000);

        now += 10 * minute;
        expect(await statusOf(prepared, await stepUp(prepared, pair, { auth_time: start / 1000 }))).to.equal(401);
    });

    it('goes by the session where the refresh token is read', async () => {

        for (const tokens of ['refresh', 'either'] as const) {
            const prepared = await serve({ ...vault, tokens });
            const { refreshToken } = await prepared.login();
            expect(await statusOf(prepared, { refreshToken })).to.equal(200);

            now += 10 * minute;
            expect(await statusOf(prepared, { refreshToken })).to.equal(401);
            const stepped = await stepUp(prepared, { refreshToken });
            const { statusCode, result } = await send(prepared, '/vault', { refreshToken: stepped.refreshToken });
            expect(statusCode).to.equal(200);
            expect(result).to.include({ auth_time: now / 1000, sub: '42' });
        }
    });

    it('goes by the access token where both are read, since that is what was asked for', async () => {

        const prepared = await serve({ ...vault, tokens: 'both' });
        const pair = await prepared.login();
        now += 10 * minute;
        const stepped = await stepUp(prepared, pair);
        expect(await statusOf(prepared, { ...stepped, jwt: pair.jwt })).to.equal(401);
        expect(await statusOf(prepared, stepped)).to.equal(200);
    });

    it('refuses a logout, and revokes nothing then', async () => {

        const prepared = await serve({ ...vault, revoke: 'subject' });
        const pair = await prepared.login();
        now += 10 * minute;
        expect((await send(prepared, '/vault', pair)).result.code).to.equal('insufficient_user_authentication');
        expect((await prepared.me(pair.jwt)).statusCode).to.equal(200);
    });

    it('keeps the cookies', async () => {

        const prepared = await serve({ ...vault, tokens: 'refresh' }, { refreshToken: { cookie: 'refresh' } });
        const { refreshToken } = await prepared.login();
        now += 10 * minute;

        const cookie = { cookie: `refresh=${refreshToken}`, 'sec-fetch-site': 'same-origin' };
        const refused = await prepared.server.inject({ method: 'POST', url: '/vault', headers: cookie });
        expect(refused.statusCode).to.equal(401);
        expect(refused.headers).to.not.include('set-cookie');

        const stepped = await prepared.server.inject({ method: 'POST', url: '/password', headers: cookie });
        expect(stepped.result).to.include(['access_token', 'refresh_token_expires_in']).and.to.not.include('refresh_token');
        const renewed = /^refresh=([\w-]{102});/.exec(stepped.headers['set-cookie']![0]!)![1]!;
        expect((await prepared.server.inject({ method: 'POST', url: '/vault', headers: { ...cookie, cookie: `refresh=${renewed}` } })).statusCode).to.equal(200);

        const forged = await prepared.server.inject({ method: 'POST', url: '/password', headers: { ...cookie, cookie: `refresh=${renewed}`, 'sec-fetch-site': 'cross-site' } });
        expect(forged.statusCode).to.equal(403);
    });

    it('asks the app first', async () => {

        const prepared = await serve(vault, { validate: () => ({ isValid: false }) });
        const pair = await prepared.login();
        now += 10 * minute;
        expect((await send(prepared, '/vault', pair)).result.code).to.equal('credentials_refused');
    });

    it('goes by the claims of an identity provider, and believes none that is later than the token', async () => {

        const prepared = await serve({ ...vault, acr: 'mfa' }, { refreshToken: undefined });
        const seconds = now / 1000;
        const status = async (claims: object) => await statusOf(prepared, { jwt: await mint({ acr: 'mfa', iat: seconds, exp: seconds + 3600, ...claims }) });

        expect(await status({ auth_time: seconds })).to.equal(200);
        expect(await status({ auth_time: seconds - 305 })).to.equal(200);
        expect(await status({ auth_time: seconds - 306 })).to.equal(401);
        expect(await status({})).to.equal(401);
        for (const acr of [undefined, 'password', 2, ['mfa'], null]) {
            expect(await status({ auth_time: seconds, acr })).to.equal(401);
        }

        now += 6 * minute;
        expect(await status({ auth_time: seconds + 3600 })).to.equal(401);
    });

    describe('after an authentication', () => {

        const present = (prepared: Prepared, refreshToken: string) => prepared.auth.refresh(refreshToken).then(() => 'accepted', ({ message }: Error) => message);

        it('leads to nothing for a refresh token from before, and is stolen if that comes later', async () => {

            for (const sessions of [{}, { rotate: false }]) {
                const prepared = await serve(vault, { sessions });
                const first = await prepared.login();
                const stepped = await stepUp(prepared, first);
                expect(stepped.refreshToken).to.not.equal(first.refreshToken);

                now += 9 * second;
                expect(await present(prepared, first.refreshToken)).to.equal('The refresh token was revoked');
                expect(await statusOf(prepared, stepped)).to.equal(200);
                const [, next] = [await present(prepared, stepped.refreshToken), await stepUp(prepared, stepped)];

                now += 11 * second;
                expect(await present(prepared, stepped.refreshToken)).to.equal('The refresh token was used before');
                expect(await statusOf(prepared, next)).to.equal(401);
            }
        });

        it('leads to nothing for the token of a renewal that came first, either', async () => {

            const prepared = await serve();
            const first = await prepared.login();
            const { request, result } = await prepared.server.inject({ method: 'POST', url: `/token?refreshToken=${first.refreshToken}` });
            const stepped = pairOf(await prepared.auth.reauthenticate(request));
            expect(await present(prepared, pairOf(result as TokenResponse).refreshToken)).to.equal('The refresh token was revoked');
            expect(await statusOf(prepared, stepped)).to.equal(200);
            expect(await present(prepared, stepped.refreshToken)).to.equal('accepted');
        });

        it('is refused where the session has ended', async () => {

            const prepared = await serve();
            const pair = await prepared.login();
            const { request } = await prepared.server.inject({ method: 'POST', url: `/token?refreshToken=${pair.refreshToken}` });
            await prepared.auth.revoke({ session: payload(pair.jwt).sid as string });
            const refusal = await expect(prepared.auth.reauthenticate(request)).to.reject('The refresh token was revoked');
            expect(refusal).to.include({ isBoom: true, data: { code: 'refresh_token_revoked' } });
        });

        it('has an event', async () => {

            const prepared = await serve();
            const seen: unknown[] = [];
            prepared.server.events.on({ name: 'hard-logout', channels: ['refreshed', 'reauthenticated'] }, (event) => seen.push(event));
            const pair = await prepared.login();
            await stepUp(prepared, pair);
            expect(seen).to.have.length(1);
            expect(seen[0]).to.include({ strategy: 'session', issuer: settings.issuer, subject: '42', session: payload(pair.jwt).sid as string });
        });

        it('needs a request with a refresh token, and claims that can be', async () => {

            const prepared = await serve();
            const pair = await prepared.login();
            const { request } = await prepared.server.inject({ url: '/me', headers: bearer(pair.jwt) });
            const needed = /^reauthenticate\(\) needs a request whose route has tokens/;
            await expect(prepared.auth.reauthenticate(request)).to.reject(needed);
            for (const other of [undefined, null, pair.refreshToken, {}] as unknown as Request[]) {
                await expect(prepared.auth.reauthenticate(other)).to.reject(needed);
            }

            for (const [how, message] of Object.entries({
                'reauthenticate() needs acr as a string': [{ acr: '' }, { acr: 1 }, { acr: null }],
                'reauthenticate() needs amr as a list of strings': [{ amr: 'pwd' }, { amr: [''] }],
                'reauthenticate() needs auth_time in seconds since the epoch': [{ auth_time: '1' }, { auth_time: -1 }, { auth_time: start * 1000 }],
                'reauthenticate() takes acr, amr and auth_time': [{ sub: '43' }, { scope: 'admin' }]
            }).flatMap(([text, list]) => list.map((each) => [each, text] as const))) {
                await expect(prepared.auth.reauthenticate(request, how as object)).to.reject(message);
            }

            for (const claims of [{ acr: 1 }, { amr: 'pwd' }, { auth_time: 'now' }]) {
                await expect(prepared.auth.issue(null, { sub: '42', ...claims })).to.reject(new RegExp(`^issue\\(\\) needs ${Object.keys(claims)[0]} `));
            }

            const lookup = await prepare({ lookup: { find: () => null, remove: () => undefined } });
            await expect(lookup.auth.reauthenticate(request)).to.reject('reauthenticate() needs a strategy with sessions');
        });
    });

    it('is refused when the server starts, where its strategies cannot tell', async () => {

        const launch = async function (route: object, strategy: Partial<StrategyOptions> = {}, auth?: object): Promise<void> {

            const { server } = await prepare(strategy);
            server.auth.scheme('other', () => ({ authenticate: (_, h) => h.authenticated({ credentials: {} }) }));
            server.auth.strategy('other', 'other');
            server.route({ method: 'GET', path: '/vault', options: { ...auth !== undefined && { auth }, plugins: { 'hard-logout': route } }, handler: () => null });
            await server.initialize();
        };

        const lookup = { lookup: { find: () => null, remove: () => undefined } };
        await launch({ ...vault, tokens: 'either' }, lookup);
        await expect(launch({ ...vault, tokens: 'refresh' }, lookup)).to.reject(/^hard-logout: the route GET \/vault has maxAuthAge or acr, but the refresh tokens of a lookup do not have/);
        await expect(launch({ acr: 'otp' }, {}, { strategies: ['session', 'other'] })).to.reject(/GET \/vault has maxAuthAge or acr, and a strategy of another scheme/);
        await expect(launch(vault, {}, { strategies: ['session', 'other'] })).to.reject(/GET \/vault has maxAuthAge or acr, and a strategy of another scheme/);
        await expect(launch(vault, {}, { strategy: 'other' })).to.reject(/needs a hard-logout strategy/);
        for (const refused of [{ maxAuthAge: 999 }, { maxAuthAge: '5 minutes' }, { acr: [] }, { acr: '' }, { acr: 'a b' }, { acr: '"' }]) {
            await expect(launch(refused)).to.reject(/plugins\['hard-logout'\] of the route GET \/vault: (maxAuthAge|acr)/);
        }
    });
});


describe('Injected credentials', () => {

    afterEach(() => {

        Date.now = realNow;
    });

    it('do not pass a route with maxAuthAge by what a web socket was authenticated with long ago', async () => {

        const { auth, login, server } = await prepare();
        server.route([
            { method: 'POST', path: '/vault', options: { plugins: { 'hard-logout': { maxAuthAge: 5 * minute } } }, handler: () => null },
            { method: 'POST', path: '/safe', options: { plugins: { 'hard-logout': { acr: 'otp' } } }, handler: () => null },
            { method: 'POST', path: '/other', handler: () => null },
            { method: 'POST', path: '/either', options: { plugins: { 'hard-logout': { tokens: 'either' } } }, handler: () => null }
        ]);

        const pair = await login();
        const { request: { auth: { credentials, artifacts } } } = await server.inject({ url: '/me', headers: bearer(pair.jwt) });
        const inject = async (url: string, other: object | null = artifacts) => {

            const res = await server.inject({ method: 'POST', url, auth: { strategy: 'session', credentials, artifacts: other as Record<string, unknown> } });
            return (res.result as { code?: string } | null)?.code ?? res.statusCode;
        };

        const refused = 'insufficient_user_authentication';
        expect([await inject('/vault'), await inject('/safe')]).to.equal([204, refused]);

        const now = realNow();
        Date.now = () => now + 10 * minute;
        expect([await inject('/vault'), await inject('/other')]).to.equal([refused, 204]);

        // A refresh token says of its session when the user was authenticated. Credentials of a test have no tokens

        const { request } = await server.inject({ method: 'POST', url: `/token?refreshToken=${pair.refreshToken}` });
        expect(await inject('/vault', request.auth.artifacts)).to.equal(refused);
        expect(await inject('/vault', {})).to.equal(204);

        // As it does beside an access token that has expired

        const renewed = pairOf((request.response as ResponseObject).source as TokenResponse);
        Date.now = () => now + 40 * minute;
        const { request: { auth: { artifacts: late } } } = await server.inject({ method: 'POST', url: `/either?refreshToken=${renewed.refreshToken}`, headers: bearer(renewed.jwt) });
        expect(late.expired).to.be.true();
        expect(await inject('/vault', late)).to.equal(refused);
        expect((await auth.sessions('42'))).to.have.length(1);
    });
});
