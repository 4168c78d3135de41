import { randomUUID } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';
import * as Jose from 'jose';

import { RedisServer } from '../support/redis';
import { bearer, jwt as jwtOptions, prepare, secret } from '../support/server';

import type { ResponseToolkit, Server } from '@hapi/hapi';

import type { LookupOptions, PluginOptions, RefreshTokenPlace } from '../../lib';
import type { Pair } from '../support/server';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


interface Answer {
    status: number;
    text: string;

    /** Of a cookie, its first line: the clearing one has no value. */
    cookie?: string;
    challenge?: string;
    cacheControl?: string;
}


interface Call {
    line: string;
    headers: Record<string, string>;
}


type Transport = (server: Server, call: Call) => Promise<Answer>;


interface App {
    login: string;
    renewal: string;
    servers: Server[];

    /** Why a refresh token is refused that was renewed before the logout. */
    refusal: string;

    /** Refresh tokens that the app was told to revoke, where they are its own. */
    told?: string[];
}


describe('the story', () => {

    let redis: RedisServer;
    let app: App;

    before(async () => {

        redis = await RedisServer.start({ isSettled: true });
    });

    after(() => redis.stop());

    afterEach(() => Promise.all(app.servers.map((server) => server.stop())));

    const places: RefreshTokenPlace[] = [{ query: 'refreshToken' }, { cookie: '__Host-refresh' }, { header: 'x-refresh-token' }];

    const cases = [{ kind: 'sessions', create: sessionsOfOurs }, { kind: 'refresh tokens of a lookup', create: tokensOfTheApp }]
        .flatMap((rest) => places.map((place) => ({ ...rest, place })))
        .flatMap((rest) => ['memory', 'Redis'].map((store) => ({ ...rest, store })))
        .flatMap((rest) => [{ ...rest, transport: 'inject', send: overInject }, { ...rest, transport: 'HTTP', send: overHttp }]);

    cases.forEach(({ kind, create, place, store, transport, send }, i) => {

        it(`ends both tokens with a logout: ${kind}, by ${Object.keys(place)[0]}, in ${store}, over ${transport}`, async () => {

            // In memory there is one process, in Redis there are two

            const options = store === 'memory' ? [{}] : [1, 2].map(() => ({ redis: redis.options(), prefix: `story-${i}`, lease: 300 }));
            app = await create(place, options);
            for (const server of app.servers) {
                await server.start();
            }

            await tell(app, place, send);
        });
    });
});


const tell = async function ({ servers, login, renewal, refusal, told }: App, place: RefreshTokenPlace, send: Transport): Promise<void> {

    const one = servers[0]!;
    const call = (server: Server, line: string, { jwt, refreshToken }: Partial<Pair> = {}) => send(server, requestOf(place, line, jwt, refreshToken));

    const pair = async (line: string, tokens?: Partial<Pair>) => {

        const answer = await call(one, line, tokens);
        expect(answer.status, answer.text).to.equal(200);
        expect(answer.cacheControl).to.equal('no-store');
        return pairOf(answer);
    };

    const everywhere = async (line: string, tokens: Partial<Pair>, message: string) => {

        for (const server of servers) {
            const { status, text, challenge } = await call(server, line, tokens);
            expect(status, text).to.equal(401);
            expect(JSON.parse(text).message).to.equal(message);
            expect(challenge).to.contain(`error="invalid_token", error_description="${message}"`);
        }
    };

    // Two devices log in, and one of them renews its tokens

    const first = await pair(login);
    const otherDevice = await pair(login);
    expect(JSON.parse((await call(one, 'GET /me', first)).text)).to.include({ sub: '42' });

    const second = await pair(renewal, { refreshToken: first.refreshToken });
    expect(second.refreshToken).to.not.equal(first.refreshToken);
    for (const server of servers) {
        expect((await call(server, 'GET /me', second)).status).to.equal(200);
    }

    // It logs out

    const logout = await call(one, 'POST /logout', second);
    expect(logout).to.include({ status: 204, text: '', cacheControl: 'no-store' });
    expect(logout.cookie).to.equal(place.cookie ? `${place.cookie}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Strict; Path=/` : undefined);

    // Its tokens are dead in every process, for whatever they are used

    await everywhere('GET /me', second, 'The access token was revoked');
    await everywhere('GET /me', first, 'The access token was revoked');
    await everywhere('POST /logout', second, 'The access token was revoked');
    await everywhere(renewal, { refreshToken: second.refreshToken }, 'The refresh token was revoked');
    await everywhere(renewal, { refreshToken: first.refreshToken }, refusal);

    // The other device goes on, and the one that logged out can log in again

    for (const tokens of [otherDevice, await pair(login)]) {
        const renewed = await pair(renewal, { refreshToken: tokens.refreshToken });
        for (const server of servers) {
            expect((await call(server, 'GET /me', tokens)).status).to.equal(200);
            expect((await call(server, 'GET /me', renewed)).status).to.equal(200);
        }
    }

    if (told) {
        expect(told).to.equal([second.refreshToken]);
    }
};


async function sessionsOfOurs(place: RefreshTokenPlace, options: PluginOptions[]): Promise<App> {

    const prepared = await Promise.all(options.map((option) => prepare({ refreshToken: place }, option)));

    return {
        servers: prepared.map(({ server }) => server),
        login: 'POST /login',
        renewal: 'POST /token',
        refusal: 'The refresh token was revoked'
    };
}


// An app that mints and keeps its tokens itself, and leaves it to the blacklist that one it was told to revoke is refused

async function tokensOfTheApp(place: RefreshTokenPlace, options: PluginOptions[]): Promise<App> {

    const rows = new Map<string, { subject: string; session: string }>();
    const told: string[] = [];

    const lookup: LookupOptions = {
        find: (token) => rows.get(token),
        remove: (token) => told.push(token)
    };

    const issue = async (session: string, h: ResponseToolkit) => {

        const token = randomUUID();
        rows.set(token, { subject: '42', session });

        const accessToken = await new Jose.SignJWT({ sid: session })
            .setProtectedHeader({ alg: 'HS256' })
            .setSubject('42')
            .setIssuer(jwtOptions.issuer)
            .setAudience(jwtOptions.audience)
            .setJti(randomUUID())
            .setIssuedAt()
            .setExpirationTime('15 minutes')
            .sign(Buffer.from(secret));

        const response = h.response({ access_token: accessToken, ...!place.cookie && { refresh_token: token } }).header('cache-control', 'no-store');
        return place.cookie ? response.state(place.cookie as string, token) : response;
    };

    const prepared = await Promise.all(options.map((option) => prepare({ refreshToken: place, lookup }, option)));
    for (const { server } of prepared) {
        server.route([
            { method: 'POST', path: '/app/login', options: { auth: false }, handler: (request, h) => issue(randomUUID(), h) },
            {
                method: 'POST',
                path: '/app/token',
                options: { plugins: { 'hard-logout': { tokens: 'refresh' } } },
                handler: ({ auth }, h) => {

                    const { session } = auth.artifacts as { session: string };
                    const current = Array.from(rows).find(([, row]) => row.session === session)![0];
                    rows.delete(current);
                    return issue(session, h);
                }
            }
        ]);
    }

    return {
        servers: prepared.map(({ server }) => server),
        login: 'POST /app/login',
        renewal: 'POST /app/token',
        refusal: 'The refresh token is invalid',
        told
    };
}


const requestOf = function (place: RefreshTokenPlace, line: string, jwt: string | undefined, refreshToken: string | undefined): Call {

    const headers = jwt === undefined ? {} : bearer(jwt);
    if (refreshToken === undefined) {
        return { line, headers };
    }

    if (place.query) {
        return { line: `${line}?${place.query}=${refreshToken}`, headers };
    }

    return { line, headers: { ...headers, ...place.header ? { [place.header]: refreshToken } : { cookie: `${place.cookie as string}=${refreshToken}` } } };
};


const pairOf = function ({ text, cookie }: Answer): Pair {

    const { access_token: jwt, refresh_token: refreshToken } = JSON.parse(text);
    expect(cookie === undefined).to.equal(refreshToken !== undefined);
    return { jwt, refreshToken: refreshToken ?? /^[^=]+=([^;]+);/.exec(cookie!)![1] };
};


async function overInject(server: Server, { line, headers }: Call): Promise<Answer> {

    const [method, url] = line.split(' ') as [string, string];
    const { statusCode, payload, headers: answered } = await server.inject({ method, url, headers });

    return {
        status: statusCode,
        text: payload,
        cookie: (answered['set-cookie'] as string[] | undefined)?.[0],
        challenge: answered['www-authenticate'] as string | undefined,
        cacheControl: answered['cache-control'] as string | undefined
    };
}


async function overHttp(server: Server, { line, headers }: Call): Promise<Answer> {

    const [method, url] = line.split(' ') as [string, string];
    const response = await fetch(`http://127.0.0.1:${server.info.port}${url}`, { method, headers });

    return {
        status: response.status,
        text: await response.text(),
        cookie: response.headers.getSetCookie()[0],
        challenge: response.headers.get('www-authenticate') ?? undefined,
        cacheControl: response.headers.get('cache-control') ?? undefined
    };
}
