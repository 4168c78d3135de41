import { once } from 'node:events';
import * as Net from 'node:net';

import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { hardLogout, plugin } from '../../lib';
import { request, sendRaw } from '../support/raw-http';
import { bearer, jwt as settings, pairOf, prepare } from '../support/server';

import type { RefreshTokenPlace, StrategyOptions } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();

const { afterEach, describe, it } = lab;


let running: Prepared | undefined;


const serve = async function (refreshToken: RefreshTokenPlace = { query: 'refreshToken' }, strategy: Partial<StrategyOptions> = {}): Promise<Prepared> {

    const prepared = await prepare({ refreshToken, ...strategy });
    prepared.server.route([
        {
            method: 'POST',
            path: '/either',
            options: { plugins: { 'hard-logout': { tokens: 'either', revoke: true } }, payload: { maxBytes: 1000, timeout: 100 } },
            handler: (_, h) => h.response().code(204)
        },
        { method: '*', path: '/any', options: { plugins: { 'hard-logout': { revoke: true, allowSafeMethods: true } } }, handler: (_, h) => h.response().code(204) }
    ]);

    await prepared.server.start();
    running = prepared;
    return prepared;
};


const isAlive = async function ({ server, auth }: Prepared, { jwt, refreshToken }: Pair): Promise<boolean> {

    const { statusCode } = await server.inject({ url: '/me', headers: bearer(jwt) });
    const renewed = await auth.refresh(refreshToken).catch(() => null);
    return statusCode === 200 && renewed !== null;
};


/** What a pair becomes on the wire. */
type Write = (pair: Pair, other: Pair) => string;


const authorization = ({ jwt }: Pair) => `Authorization: Bearer ${jwt}`;


describe('A malformed logout', () => {

    afterEach(async () => {

        await running?.server.stop();
        running = undefined;
    });

    // Each is answered with this status, and nobody is logged out

    const cases: Record<string, [status: number, write: Write]> = {

        // The access token

        'with two Authorization lines': [400, (pair, other) => request(`POST /logout?refreshToken=${pair.refreshToken} HTTP/1.1`, [authorization(pair), authorization(other)])],
        'with the same Authorization line twice': [400, (pair) => request(`POST /logout?refreshToken=${pair.refreshToken} HTTP/1.1`, [authorization(pair), authorization(pair)])],
        'with Authorization lines in two cases': [400, (pair) => request(`POST /logout?refreshToken=${pair.refreshToken} HTTP/1.1`, ['AUTHORIZATION: Basic dTpw', authorization(pair)])],
        'with two tokens in one line': [400, (pair, other) => request(`POST /logout?refreshToken=${pair.refreshToken} HTTP/1.1`, [`${authorization(pair)}, Bearer ${other.jwt}`])],
        'with a folded line': [400, (pair) => request(`POST /logout?refreshToken=${pair.refreshToken} HTTP/1.1`, [`Authorization: Bearer\r\n ${pair.jwt}`])],
        'with NUL in the token': [400, (pair) => request(`POST /logout?refreshToken=${pair.refreshToken} HTTP/1.1`, [`${authorization(pair)}\0`])],
        'with bytes that are no ASCII in the token': [400, (pair) => request(`POST /logout?refreshToken=${pair.refreshToken} HTTP/1.1`, [`${authorization(pair)}\xff`])],
        'with a percent-encoded token': [400, (pair) => request(`POST /logout?refreshToken=${pair.refreshToken} HTTP/1.1`, [authorization(pair).replace('.', '%2E')])],
        'with more than a header can hold': [400, (pair) => request(`POST /logout?refreshToken=${pair.refreshToken} HTTP/1.1`, [`${authorization(pair)}${'A'.repeat(40_000)}`])],
        'with the token in the body': [401, (pair) => form(`/logout?refreshToken=${pair.refreshToken}`, `access_token=${pair.jwt}`)],
        'with the token in the query': [401, (pair) => request(`POST /logout?refreshToken=${pair.refreshToken}&access_token=${pair.jwt} HTTP/1.1`)],
        'with the token for another scheme': [401, (pair) => request(`POST /logout?refreshToken=${pair.refreshToken} HTTP/1.1`, [`Authorization: DPoP ${pair.jwt}`])],

        // The refresh token

        'with two refresh tokens': [400, (pair, other) => logout(pair, `refreshToken=${pair.refreshToken}&refreshToken=${other.refreshToken}`)],
        'with the same refresh token twice': [400, (pair) => logout(pair, `refreshToken=${pair.refreshToken}&refreshToken=${pair.refreshToken}`)],
        'with the same name in two spellings': [400, (pair) => logout(pair, `refreshToken=${pair.refreshToken}&%72efreshToken=x`)],
        'with the refresh token and an empty one': [400, (pair) => logout(pair, `refreshToken=&refreshToken=${pair.refreshToken}`)],
        'with a refresh token in brackets': [401, (pair) => logout(pair, `refreshToken[]=${pair.refreshToken}`)],
        'with a refresh token in an object': [401, (pair) => logout(pair, `refreshToken[a]=${pair.refreshToken}`)],
        'with a refresh token in another case': [401, (pair) => logout(pair, `refreshtoken=${pair.refreshToken}`)],
        'with an empty refresh token': [401, (pair) => logout(pair, 'refreshToken=')],
        'with a refresh token without a value': [401, (pair) => logout(pair, 'refreshToken')],
        'with a refresh token behind a fragment': [401, (pair) => logout(pair, `#?refreshToken=${pair.refreshToken}`)],
        'with a refresh token behind a semicolon': [401, (pair) => logout(pair, `a=b;refreshToken=${pair.refreshToken}`)],
        'with a space before the refresh token': [401, (pair) => logout(pair, `refreshToken=%20${pair.refreshToken}`)],
        'with NUL behind the refresh token': [401, (pair) => logout(pair, `refreshToken=${pair.refreshToken}%00`)],
        'with padding behind the refresh token': [401, (pair) => logout(pair, `refreshToken=${pair.refreshToken}%3D%3D`)],
        'with a doubly encoded refresh token': [401, (pair) => logout(pair, `refreshToken=%25${pair.refreshToken.charCodeAt(0).toString(16)}${pair.refreshToken.slice(1)}`)],
        'with an encoding that is none': [401, (pair) => logout(pair, `refreshToken=%zz${pair.refreshToken}`)],
        'with bytes that are no UTF-8': [401, (pair) => logout(pair, `refreshToken=%ff%fe${pair.refreshToken}`)],
        'with a refresh token that is huge': [401, (pair) => logout(pair, `refreshToken=${pair.refreshToken}${'A'.repeat(12_000)}`)],
        'with thousands of parameters before it': [401, (pair) => logout(pair, `${'a&'.repeat(2000)}refreshToken=${pair.refreshToken}`)],
        'with the refresh token in the body': [401, (pair) => form('/logout', `refreshToken=${pair.refreshToken}`, [authorization(pair)])],
        'with the refresh token in a cookie': [401, (pair) => request('POST /logout HTTP/1.1', [authorization(pair), `Cookie: refreshToken=${pair.refreshToken}`])],
        'with the refresh token in a header': [401, (pair) => request('POST /logout HTTP/1.1', [authorization(pair), `refreshToken: ${pair.refreshToken}`])],
        'with a refresh token called __proto__': [401, (pair) => logout(pair, `__proto__=${pair.refreshToken}&constructor=${pair.refreshToken}`)],

        // The two

        'with the refresh token of somebody else': [401, (pair, other) => logout(pair, `refreshToken=${other.refreshToken}`)],
        'with the tokens in each other\'s place': [401, (pair) => request(`POST /logout?refreshToken=${pair.jwt} HTTP/1.1`, [`Authorization: Bearer ${pair.refreshToken}`])],

        // The method and the path

        'by GET': [404, (pair) => logout(pair).replace('POST', 'GET')],
        'by HEAD': [404, (pair) => logout(pair).replace('POST', 'HEAD')],
        'by OPTIONS': [404, (pair) => logout(pair).replace('POST', 'OPTIONS')],
        'by PUT': [404, (pair) => logout(pair).replace('POST', 'PUT')],
        'by TRACE': [404, (pair) => logout(pair).replace('POST', 'TRACE')],
        'by a method in lower case': [400, (pair) => logout(pair).replace('POST', 'post')],
        'by a method that a header would have': [404, (pair) => logout(pair, undefined, ['X-HTTP-Method-Override: POST']).replace('POST', 'GET')],
        'to a path with a slash': [404, (pair) => logout(pair).replace('/logout', '/logout/')],
        'to a path in capitals': [404, (pair) => logout(pair).replace('/logout', '/LOGOUT')],
        'to a path with NUL': [404, (pair) => logout(pair).replace('/logout', '/logout%00')],
        'to a path with an encoding that is none': [404, (pair) => logout(pair).replace('/logout', '/%zz')],
        'to a path with two slashes': [404, (pair) => logout(pair).replace('/logout', '//logout')],
        'to an address with a bad port': [400, (pair) => logout(pair).replace('/logout', 'http://localhost:x/logout')],

        // The body

        'with a body that is no JSON': [400, (pair) => body(pair, '{"a":', ['Content-Type: application/json'])],
        'with a body of another type': [415, (pair) => body(pair, 'x', ['Content-Type: application/x-nonsense'])],
        'with a body that sets a prototype': [400, (pair) => body(pair, '{"__proto__":{"a":1}}', ['Content-Type: application/json'])],
        'with a body that is too long': [413, (pair) => body(pair, 'x'.repeat(2000), ['Content-Type: text/plain'])],
        'with a body of two lengths': [400, (pair) => body(pair, 'x', ['Content-Length: 1', 'Content-Length: 2'])],
        'with a body of a length and in pieces': [400, (pair) => body(pair, '0\r\n\r\n', ['Content-Length: 5', 'Transfer-Encoding: chunked'])]
    };

    for (const [title, [status, write]] of Object.entries(cases)) {

        it(`is answered ${status} and logs nobody out: ${title}`, async () => {

            const prepared = await serve();
            const [pair, other] = [await prepared.login(), await prepared.login('43')];

            const { statusCode, head } = await sendRaw(prepared.server, write(pair, other));
            expect(statusCode).to.equal(status);
            if (status === 401) {
                expect(head).to.match(/\r\nWWW-Authenticate: Bearer realm="api", error="invalid_token"/i);
                expect(head).to.match(/\r\ncache-control: no-store/i);
            }

            expect(await isAlive(prepared, pair)).to.be.true();
            expect(await isAlive(prepared, other)).to.be.true();
        });
    }

    it('is heard in every spelling that is none of a fault', async () => {

        const spellings: Record<string, Write> = {
            'as it is': (pair) => logout(pair),
            'with an encoded name': (pair) => logout(pair, `%72efreshToken=${pair.refreshToken}`),
            'with an encoded token': (pair) => logout(pair, `refreshToken=${Array.from(pair.refreshToken, (c) => `%${c.charCodeAt(0).toString(16)}`).join('')}`),
            'among other parameters': (pair) => logout(pair, `a=b&&=&refreshToken=${pair.refreshToken}&refreshToken[]=x&__proto__=x`),
            'with an encoded path': (pair) => logout(pair).replace('/logout', '/log%6fut'),
            'with a whole address': (pair) => logout(pair).replace('/logout', 'http://localhost/logout'),
            'with two dots in it': (pair) => logout(pair).replace('/logout', 'http://localhost/x/../logout'),
            'with a body that nobody asked for': (pair) => body(pair, '{"refreshToken":"x"}', ['Content-Type: application/json', 'Content-Length: 20']).replace('either', 'logout'),
            'for any method': (pair) => logout(pair).replace('POST /logout', 'PUT /any'),
            'by HEAD, where that is allowed': (pair) => logout(pair).replace('POST /logout', 'HEAD /any'),
            'by OPTIONS, where that is allowed': (pair) => logout(pair).replace('POST /logout', 'OPTIONS /any')
        };

        const prepared = await serve();
        for (const [title, write] of Object.entries(spellings)) {
            const pair = await prepared.login();
            expect((await sendRaw(prepared.server, write(pair, pair))).statusCode, title).to.equal(204);
            expect(await isAlive(prepared, pair), title).to.be.false();
        }
    });

    it('goes by the router of the app: capitals and a slash where that takes them', async () => {

        const server = Hapi.server({ debug: false, router: { isCaseSensitive: false, stripTrailingSlash: true } });
        await server.register(plugin);
        server.auth.strategy('session', 'hard-logout', { jwt: settings, refreshToken: { query: 'refreshToken' } } satisfies StrategyOptions);
        server.auth.default('session');
        server.route({ method: 'POST', path: '/logout', options: { plugins: { 'hard-logout': { revoke: true } } }, handler: (_, h) => h.response().code(204) });

        for (const path of ['/logout/', '/LOGOUT', '/Logout/']) {
            const pair = pairOf(await hardLogout(server).issue(null, { sub: '42' }));
            const sent = { method: 'POST', url: `${path}?refreshToken=${pair.refreshToken}`, headers: bearer(pair.jwt) };
            expect((await server.inject(sent)).statusCode).to.equal(204);
            expect((await server.inject(sent)).statusCode).to.equal(401);
        }
    });

    it('is over when its client is: one that sends its headers bit by bit holds nobody up', async () => {

        const prepared = await serve();
        const pair = await prepared.login();
        const slow = Net.connect(prepared.server.info.port as number, '127.0.0.1');
        await once(slow, 'connect');
        slow.write(logout(pair).slice(0, -30));

        expect((await sendRaw(prepared.server, request('GET /me HTTP/1.1', [authorization(pair)]))).statusCode).to.equal(200);
        slow.destroy();
        expect(await isAlive(prepared, pair)).to.be.true();
    });

    for (const [title, headers, content] of [['', ['Content-Length: 100'], 'x'], [', in pieces', ['Transfer-Encoding: chunked'], '1\r\nx\r\n']] as const) {

        it(`is not one yet, and holds up nobody else, while its body does not end${title}`, async () => {

            const prepared = await serve({ query: 'refreshToken' }, {
                validate: () => {

                    authenticated();
                    return { isValid: true };
                }
            });

            const pair = await prepared.login();
            let authenticated = () => {};
            const begun = new Promise<void>((resolve) => {

                authenticated = resolve;
            });

            const socket = Net.connect(prepared.server.info.port as number, '127.0.0.1');
            await once(socket, 'connect');
            socket.write(body(pair, content, ['Content-Type: text/plain', ...headers]));
            await begun;
            expect(await isAlive(prepared, pair)).to.be.true();

            // Its client leaves with a wish that was never completed: better one login too few than one too many

            const gone = prepared.server.events.once('response');
            socket.destroy();
            await gone;
            await prepared.server.stop();
            expect(await isAlive(prepared, pair)).to.be.false();
        });
    }

    it('does not wait for a body that was promised where the tokens are refused', async () => {

        const prepared = await serve();
        const socket = Net.connect(prepared.server.info.port as number, '127.0.0.1');
        await once(socket, 'connect');
        socket.write(['POST /either HTTP/1.1', 'Host: localhost', 'Authorization: Bearer x', 'Content-Length: 1000000', 'Expect: 100-continue', '', ''].join('\r\n'));
        const [answer] = await once(socket, 'data');
        socket.destroy();
        expect(String(answer)).to.startWith('HTTP/1.1 401');
    });
});


const logout = function (pair: Pair, query = `refreshToken=${pair.refreshToken}`, headers: string[] = []): string {

    return request(`POST /logout?${query} HTTP/1.1`, [authorization(pair), ...headers]);
};


const form = function (path: string, content: string, headers: string[] = []): string {

    return request(`POST ${path} HTTP/1.1`, [...headers, 'Content-Type: application/x-www-form-urlencoded', `Content-Length: ${content.length}`], content);
};


const body = function (pair: Pair, content: string, headers: string[]): string {

    const length = headers.some((header) => /^(content-length|transfer-encoding)/i.test(header)) ? [] : [`Content-Length: ${content.length}`];
    return request(`POST /either?refreshToken=${pair.refreshToken} HTTP/1.1`, [authorization(pair), ...headers, ...length], content);
};
