import { once } from 'node:events';
import * as Net from 'node:net';
import { text } from 'node:stream/consumers';

import * as Boom from '@hapi/boom';
import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { plugin } from '../../lib';
import { bearer, jwt, prepare } from '../support/server';

import type { RefreshTokenPlace, Tokens } from '../../lib';
import type { Prepared } from '../support/server';


export const lab = Lab.script();

const { describe, it } = lab;


interface Answer {
    statusCode: number;
    message?: string;
}


/** Anything that `inject()` takes, and what it should not take. */
interface Sent {
    url?: string;
    headers?: Record<string, unknown>;
    payload?: object;
}


/** A server with `POST /refresh`, `/both` and `/either`, which want the refresh token from its place. */
const serve = async function (place: RefreshTokenPlace = { query: 'refreshToken' }): Promise<Prepared> {

    const prepared = await prepare({ refreshToken: place });
    for (const tokens of ['refresh', 'both', 'either'] as const) {
        prepared.server.route({ method: 'POST', path: `/${tokens}`, options: { plugins: { 'hard-logout': { tokens } } }, handler: () => 'welcome' });
    }

    return prepared;
};


const answer = async function ({ server }: Prepared, { url = '/me', headers = {}, payload }: Sent, method = 'GET'): Promise<Answer> {

    const { statusCode, result } = await server.inject({ method, url, payload, headers: headers as Record<string, string> });
    return { statusCode, message: (result as { message?: string }).message };
};


const ask = function (prepared: Prepared, authorization: unknown): Promise<Answer> {

    return answer(prepared, { headers: { authorization } });
};


const post = function (prepared: Prepared, tokens: Tokens, { url = '', ...sent }: Sent): Promise<Answer> {

    return answer(prepared, { url: `/${tokens}${url}`, ...sent }, 'POST');
};


/** Lines of a header as they are, over real HTTP: the last one closes the connection. */
const send = async function ({ server }: Prepared, ...lines: string[]): Promise<Answer> {

    await server.start();
    try {
        const socket = Net.connect(server.info.port as number, '127.0.0.1');
        await once(socket, 'connect');
        socket.write([...lines, 'Host: localhost', 'Connection: close', '', ''].join('\r\n'), 'latin1');
        const [head, body] = (await text(socket)).split('\r\n\r\n') as [string, string];
        return { statusCode: Number(head.split(' ')[1]), message: body.startsWith('{') ? JSON.parse(body).message : undefined };
    }
    finally {
        await server.stop();
    }
};


const accepted = { statusCode: 200, message: undefined };

const missing = { statusCode: 401, message: 'Missing authentication' };

const bad = function (message: string): Answer {

    return { statusCode: 400, message };
};

const unauthorized = function (message: string): Answer {

    return { statusCode: 401, message };
};


describe('accessToken()', () => {

    it('reads the header in every spelling that RFC 9110 has', async () => {

        const prepared = await serve();
        const { jwt: token } = await prepared.login();

        for (const header of [`Bearer ${token}`, `bearer ${token}`, `BEARER ${token}`, `bEaReR ${token}`, `Bearer     ${token}`, `Bearer ${token}   `]) {
            expect(await ask(prepared, header), header).to.equal(accepted);
        }

        expect(await send(prepared, 'GET /me HTTP/1.1', `AUTHORIZATION: \t bearer  ${token} \t`)).to.equal(accepted);
    });

    it('finds nothing where there is nothing, or something for another scheme', async () => {

        const prepared = await serve();
        const { jwt: token } = await prepared.login();

        for (const header of [undefined, '', 'Basic dXNlcjpwYXNz', 'Digest username="a"', `Bearers ${token}`, `Bear ${token}`, token, `Basic Bearer ${token}`, 'BearerX', `Bearer\t${token}`]) {
            expect(await ask(prepared, header), String(header)).to.equal(missing);
        }
    });

    it('lets another strategy take what is for another scheme', async () => {

        const prepared = await serve();
        const { server } = prepared;
        server.auth.scheme('basic', () => ({

            authenticate(request, h) {

                if (!/^basic /i.test(String(request.headers.authorization))) {
                    throw Boom.unauthorized(null as unknown as string, 'Basic');
                }

                return h.authenticated({ credentials: { user: { name: 'basic' } } });
            }
        }));
        server.auth.strategy('basic', 'basic');
        server.route({
            method: 'GET',
            path: '/either-way',
            options: { auth: { strategies: ['session', 'basic'] } },
            handler: (request) => request.auth.strategy
        });

        const { jwt: token } = await prepared.login();
        const strategy = async (authorization: string) => (await server.inject({ url: '/either-way', headers: { authorization } })).payload;

        expect(await strategy('Basic dXNlcjpwYXNz')).to.equal('basic');
        expect(await strategy(`Bearer ${token}`)).to.equal('session');

        // A token of ours that is not accepted is nobody else's

        expect(await strategy('Bearer nonsense')).to.include('The access token is invalid');
        expect(await strategy('Bearer')).to.include('The access token is malformed');
    });

    it('refuses a header that says Bearer and is none', async () => {

        const prepared = await serve();
        const { jwt: token } = await prepared.login();

        const broken = [
            'Bearer', 'bearer', 'Bearer ', 'Bearer    ', `Bearer ${token} ${token}`, `Bearer ${token},${token}`, `Bearer "${token}"`, `Bearer ${token};`,
            `Bearer token=${token}`, 'Bearer =', 'Bearer a=b', `Bearer ${token}\t`, `Bearer ${token}\n`, `Bearer ${token}\u0000`, 'Bearer caf\u00e9', 'Bearer \ud800', `Bearer \u00a0${token}`
        ];

        for (const header of broken) {
            expect(await ask(prepared, header), JSON.stringify(header)).to.equal(bad('The access token is malformed'));
        }
    });

    it('hands on what could be a token, to be refused as one', async () => {

        const prepared = await serve();

        for (const header of ['Bearer x', 'Bearer a.b.c', 'Bearer dG9rZW4=', 'Bearer a~b+c/d-e_f==']) {
            expect(await ask(prepared, header)).to.equal(unauthorized('The access token is invalid'));
        }
    });

    it('refuses a header far above any token', async () => {

        const prepared = await serve();

        expect(await ask(prepared, `Bearer ${'x'.repeat(16_377)}`)).to.equal(unauthorized('The access token is invalid'));
        expect(await ask(prepared, `Bearer ${'x'.repeat(16_378)}`)).to.equal(bad('The access token is malformed'));
        expect(await ask(prepared, `Bearer${' '.repeat(1_000_000)}`)).to.equal(bad('The access token is malformed'));
    });

    it('refuses a header that is no text', async () => {

        const prepared = await serve();

        for (const header of [1, 0, true, {}]) {
            expect(await ask(prepared, header)).to.equal(bad('The access token is malformed'));
        }
    });

    it('refuses a header that is a list', async () => {

        const prepared = await serve();
        const { jwt: token } = await prepared.login();

        for (const header of [[], [`Bearer ${token}`], [`Bearer ${token}`, `Bearer ${token}`], ['Basic a', `Bearer ${token}`]]) {
            expect(await ask(prepared, header)).to.equal(bad('The access token is repeated'));
        }
    });

    it('refuses a header that is sent twice', async () => {

        const prepared = await serve();
        const { jwt: token } = await prepared.login();
        const own = `Authorization: Bearer ${token}`;
        const get = 'GET /me HTTP/1.1';

        expect(await send(prepared, get, own)).to.equal(accepted);
        expect(await send(prepared, get, own, 'Cache-Control: no-cache', 'Cache-Control: no-store')).to.equal(accepted);
        for (const lines of [[own, own], [own, 'authorization: Basic a'], ['AUTHORIZATION: Basic a', own], [own, 'Authorization:'], ['Authorization:', own]]) {
            expect(await send(prepared, get, ...lines), lines.join()).to.equal(bad('The access token is repeated'));
        }

        expect(await send(prepared, get, 'Authorization:')).to.equal(missing);
    });

    it('is in the Authorization header, and nowhere else', async () => {

        for (const place of [{ query: 'refreshToken' }, { cookie: 'refresh' }, { header: 'x-refresh-token' }]) {
            const prepared = await serve(place);
            const { jwt: token } = await prepared.login();

            const elsewhere: Sent[] = [
                { url: `/me?authorization=${token}&access_token=${token}&token=${token}&jwt=${token}&refreshToken=${token}` },
                { headers: { cookie: `authorization=${token}; access_token=${token}; token=${token}; refresh=${token}` } },
                { headers: { 'x-access-token': token, 'x-refresh-token': token, 'proxy-authorization': `Bearer ${token}`, 'x-authorization': `Bearer ${token}` } }
            ];

            for (const sent of elsewhere) {
                expect(await answer(prepared, sent)).to.equal(missing);
            }
        }
    });
});


/** Our own place of a refresh token, and how something is put there. */
const places: [RefreshTokenPlace, put: (...values: string[]) => Sent][] = [
    [{ query: 'refreshToken' }, (...values) => ({ url: `?${values.map((value) => `refreshToken=${encodeURIComponent(value)}`).join('&')}` })],
    [{ cookie: 'refresh' }, (...values) => ({ headers: { cookie: values.map((value) => `refresh=${value}`).join('; ') } })],
    [{ header: 'X-Refresh-Token' }, (...values) => ({ headers: { 'x-refresh-token': values.length > 1 ? values : values[0] } })]
];


describe('refreshToken()', () => {

    for (const [place, put] of places) {
        const from = Object.keys(place)[0]!;

        it(`reads it from the ${from}`, async () => {

            const prepared = await serve(place);
            const { refreshToken, jwt: token } = await prepared.login();

            expect(await post(prepared, 'refresh', put(refreshToken))).to.equal(accepted);
            expect(await post(prepared, 'either', put(refreshToken))).to.equal(accepted);

            const { url, headers } = put(refreshToken);
            expect(await post(prepared, 'both', { url, headers: { ...headers, ...bearer(token) } })).to.equal(accepted);
        });

        it(`takes none in the ${from}, and an empty one, for none`, async () => {

            const prepared = await serve(place);
            const { jwt: token } = await prepared.login();

            for (const { url, headers } of [{}, put('')] as Sent[]) {
                expect(await post(prepared, 'refresh', { url, headers })).to.equal(missing);
                expect(await post(prepared, 'both', { url, headers: { ...headers, ...bearer(token) } })).to.equal(unauthorized('The refresh token is missing'));
                expect(await post(prepared, 'either', { url, headers: { ...headers, ...bearer(token) } })).to.equal(accepted);
            }
        });

        it(`refuses one that is repeated in the ${from}`, async () => {

            const prepared = await serve(place);
            const { refreshToken } = await prepared.login();

            for (const values of [[refreshToken, refreshToken], [refreshToken, 'x'], ['x', refreshToken], [refreshToken, '']]) {
                expect(await post(prepared, 'refresh', put(...values))).to.equal(bad('The refresh token is repeated'));
                expect(await post(prepared, 'either', put(...values))).to.equal(bad('The refresh token is repeated'));
            }
        });

        it(`refuses one in the ${from} that is far above any token`, async () => {

            const prepared = await serve(place);

            expect(await post(prepared, 'refresh', put('x'.repeat(16_384)))).to.equal(unauthorized('The refresh token is invalid'));
            expect(await post(prepared, 'refresh', put('x'.repeat(16_385)))).to.equal(bad('The refresh token is malformed'));
        });

        it(`reads it from the ${from}, and from nowhere else`, async () => {

            const prepared = await serve(place);
            const { refreshToken, jwt: token } = await prepared.login();
            const others = places.filter(([other]) => other !== place).map(([, putElsewhere]) => putElsewhere(refreshToken));

            const elsewhere: Sent[] = [
                ...others,
                { headers: bearer(refreshToken) },
                { headers: { authorization: refreshToken } },
                { url: `?refresh=${refreshToken}&X-Refresh-Token=${refreshToken}&x-refresh-token=${refreshToken}` },
                { headers: { cookie: `refreshToken=${refreshToken}; x-refresh-token=${refreshToken}`, refresh: refreshToken, refreshtoken: refreshToken } },
                { payload: { refreshToken, refresh: refreshToken, 'x-refresh-token': refreshToken } }
            ];

            for (const sent of elsewhere) {
                expect(await post(prepared, 'refresh', sent)).to.equal(missing);

                const { url, headers, payload } = sent;
                expect(await post(prepared, 'both', { url, payload, headers: { ...headers, ...bearer(token) } })).to.equal(unauthorized('The refresh token is missing'));
            }
        });

        it(`is not a JWT, nor a JWT one, whatever the ${from} holds`, async () => {

            const prepared = await serve(place);
            const { refreshToken, jwt: token } = await prepared.login();
            const { url, headers } = put(token);

            expect(await post(prepared, 'refresh', { url, headers })).to.equal(unauthorized('The refresh token is invalid'));
            expect(await post(prepared, 'either', { url, headers })).to.equal(unauthorized('The refresh token is invalid'));
            expect(await post(prepared, 'both', { url, headers })).to.equal(unauthorized('The access token is missing'));
            expect(await post(prepared, 'both', { url, headers: { ...headers, ...bearer(token) } })).to.equal(unauthorized('The refresh token is invalid'));

            expect(await ask(prepared, `Bearer ${refreshToken}`)).to.equal(unauthorized('The access token is invalid'));
            expect(await post(prepared, 'either', { headers: bearer(refreshToken) })).to.equal(unauthorized('The access token is invalid'));

            const swapped = put(token);
            expect(await post(prepared, 'both', { url: swapped.url, headers: { ...swapped.headers, ...bearer(refreshToken) } })).to.equal(unauthorized('The access token is invalid'));
        });
    }

    it('leaves the Authorization header alone where only the refresh token is wanted', async () => {

        const prepared = await serve();
        const { refreshToken } = await prepared.login();

        for (const authorization of ['Bearer', 'Bearer nonsense', 'Basic a', ['a', 'b'], 1]) {
            expect(await post(prepared, 'refresh', { url: `?refreshToken=${refreshToken}`, headers: { authorization } })).to.equal(accepted);
        }
    });

    it('leaves the place of the refresh token alone where only the JWT is wanted', async () => {

        const prepared = await serve();
        const { jwt: token } = await prepared.login();

        expect(await answer(prepared, { url: '/me?refreshToken=a&refreshToken=b', headers: bearer(token) })).to.equal(accepted);
    });

    it('refuses lone surrogates, of which two would be one', async () => {

        const found: string[] = [];
        const prepared = await prepare({
            refreshToken: { query: 'refreshToken' },
            lookup: {
                find: (token) => {

                    found.push(token);
                    return null;
                },
                remove: () => undefined
            }
        });
        prepared.server.settings.query = { parser: ({ refreshToken }) => ({ refreshToken: JSON.parse(`"${refreshToken}"`) }) };
        prepared.server.route({ method: 'POST', path: '/refresh', options: { plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: () => 'never' });

        for (const value of ['\\ud800', 'a\\udc00b', '\\udc00\\ud800']) {
            expect(await post(prepared, 'refresh', { url: `?refreshToken=${value}` })).to.equal(bad('The refresh token is malformed'));
        }

        expect(found).to.equal([]);
        expect(await post(prepared, 'refresh', { url: '?refreshToken=\\ud83d\\ude00' })).to.equal(unauthorized('The refresh token is invalid'));
        expect(found).to.equal(['\ud83d\ude00']);
    });

    it('refuses what a parser of queries makes of brackets', async () => {

        const prepared = await serve();
        const parse = ([name, value]: [string, string]) => {

            const [field, key] = name.split(/[[\]]/) as [string, string?];
            return [field, key === undefined ? JSON.parse(value) : key === '' ? [value] : { [key]: value }];
        };

        prepared.server.settings.query = { parser: (fields) => Object.fromEntries(Object.entries(fields).map(parse)) };

        expect(await post(prepared, 'refresh', { url: '?refreshToken[$ne]=x' })).to.equal(bad('The refresh token is malformed'));
        expect(await post(prepared, 'refresh', { url: '?refreshToken[]=x' })).to.equal(bad('The refresh token is repeated'));
        for (const value of ['{}', '1', '0', 'true', 'false']) {
            expect(await post(prepared, 'refresh', { url: `?refreshToken=${value}` })).to.equal(bad('The refresh token is malformed'));
        }

        expect(await post(prepared, 'refresh', { url: '?refreshToken=null' })).to.equal(missing);
    });

    it('takes brackets for a part of the name where nobody parses them', async () => {

        const prepared = await serve();
        const { refreshToken } = await prepared.login();

        for (const name of ['refreshToken[]', 'refreshToken[a]', 'refreshtoken', 'refreshToken.']) {
            expect(await post(prepared, 'refresh', { url: `?${name}=${refreshToken}` })).to.equal(missing);
        }
    });

    it('finds nothing in a name that every object has', async () => {

        for (const query of ['constructor', 'toString', 'hasOwnProperty']) {
            const prepared = await serve({ query });
            expect(await post(prepared, 'refresh', {})).to.equal(missing);

            prepared.server.settings.query = { parser: (fields) => ({ ...fields }) };
            expect(await post(prepared, 'refresh', {})).to.equal(missing);
        }
    });

    it('refuses a header that is sent twice, where Node joins the lines or keeps the first', async () => {

        for (const header of ['x-refresh-token', 'from']) {
            const prepared = await serve({ header });
            const { refreshToken } = await prepared.login();
            const request = ['POST /refresh HTTP/1.1', 'Content-Length: 0'];

            expect(await send(prepared, ...request, `${header}: ${refreshToken}`)).to.equal(accepted);
            for (const lines of [[refreshToken, refreshToken], [refreshToken, 'x'], ['', refreshToken], [refreshToken, '']]) {
                expect(await send(prepared, ...request, ...lines.map((value) => `${header}: ${value}`))).to.equal(bad('The refresh token is repeated'));
            }

            expect(await send(prepared, ...request)).to.equal(missing);
        }
    });

    it('finds a cookie also before hapi reads the cookies', async () => {

        const server = Hapi.server({ debug: false, routes: { plugins: { 'hard-logout': { tokens: 'refresh' } } } });
        await server.register(plugin);
        server.auth.strategy('session', 'hard-logout', { jwt, refreshToken: { cookie: 'refresh' } });
        server.ext('onRequest', async (request) => {

            await server.auth.test('session', request);
            throw new Error('never');
        });

        const res = await server.inject({ url: '/nowhere', headers: { cookie: 'refresh=a' } });

        expect(res.statusCode).to.equal(401);
        expect((res.result as Error).message).to.equal('The refresh token is invalid');
    });
});
