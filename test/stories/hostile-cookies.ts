import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { bearer, prepare } from '../support/server';
import { request, sendRaw } from '../support/raw-http';

import type { StrategyOptions } from '../../lib';
import type { Pair, Prepared } from '../support/server';


export const lab = Lab.script();

const { describe, it } = lab;


const serve = async function (refreshToken: StrategyOptions['refreshToken'] = { cookie: '__Host-refresh' }): Promise<Prepared> {

    const prepared = await prepare({ refreshToken });
    prepared.server.state('sealed', { encoding: 'iron', password: 'a password of at least 32 characters' });
    prepared.server.route([
        { method: 'GET', path: '/public', options: { auth: false }, handler: () => 'public' },
        { method: 'GET', path: '/other', options: { plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: () => 'other' },
        { method: 'POST', path: '/strict', options: { state: { failAction: (_, h) => h.response('strict').code(418).takeover() }, plugins: { 'hard-logout': { revoke: true } } }, handler: () => null },
        { method: 'POST', path: '/blind', options: { state: { parse: false }, plugins: { 'hard-logout': { revoke: true } } }, handler: () => null }
    ]);

    await prepared.server.initialize();
    return prepared;
};


const logout = function ({ server }: Prepared, { jwt }: Pair, cookie: string, url = '/logout') {

    return server.inject({ method: 'POST', url, headers: { ...bearer(jwt), cookie } });
};


// What a page of a sibling domain, a proxy or another program can leave behind

const strays: Record<string, string> = {
    'one without a value': 'stray',
    'one without a name': '=stray',
    'one without anything': '=',
    'nothing between two semicolons': ';',
    'a space in a value': 'stray=a b',
    'a quote': 'stray="a',
    'a comma': 'stray=a,b',
    'a backslash': 'stray=\\',
    'JSON': 'stray={"a":[1]}',
    'bytes that are no ASCII': 'stray=caf\u00e9',
    'a control character': 'stray=\u0001',
    'brackets in a name': 'stray[a]=b',
    'a name that no object can have': '__proto__=a',
    'names that every object has': 'constructor=a; toString=b; hasOwnProperty=c',
    'one that is not sealed': 'sealed=Fe26.2**nonsense',
    'one that is repeated': 'stray=a; stray=b; stray=c',
    'our name in another case': '__host-refresh=x',
    'our name with a space in it': '__Host-refresh =',
    'our name behind another': 'stray__Host-refresh=x',
    'our name in a value': 'stray=__Host-refresh=x',
    'our name without a name': '=__Host-refresh=x',
    'our name behind a space that is none of HTTP\'s': '\u00a0__Host-refresh=x',
    'our name before one': '__Host-refresh\u00a0=x',
    'our name without a value': '__Host-refresh',
    'a version, as RFC 2109 had it': '$Version=1; stray="a; __Host-x=y"',
    'a thousand others': Array.from({ length: 1000 }, (_, i) => `c${i}=${i}`).join('; ')
};


describe('A logout by cookie', () => {

    for (const [title, stray] of Object.entries(strays)) {
        for (const place of ['before', 'behind']) {

            it(`is not blocked by ${title}, ${place} our own`, async () => {

                const prepared = await serve();
                const pair = await prepared.login();
                const own = `__Host-refresh=${pair.refreshToken}`;

                const res = await logout(prepared, pair, place === 'before' ? `${stray}; ${own}` : `${own}; ${stray}`);

                // An empty one of our own name is one too many

                const expected = stray === '__Host-refresh =' ? 400 : 204;
                expect(res.statusCode).to.equal(expected);
                expect((await prepared.me(pair.jwt)).statusCode).to.equal(expected === 204 ? 401 : 200);
            });
        }
    }

    it('is one too where its cookies come in several lines, and not where the refresh token comes twice', async () => {

        const prepared = await serve();
        await prepared.server.start();
        try {
            const pair = await prepared.login();
            const lines = (...cookies: string[]) => request('POST /logout HTTP/1.1', [`Authorization: Bearer ${pair.jwt}`, 'Content-Length: 0', ...cookies.map((cookie) => `Cookie: ${cookie}`)]);
            const own = `__Host-refresh=${pair.refreshToken}`;

            expect((await sendRaw(prepared.server, lines(own, own))).statusCode).to.equal(400);
            expect((await sendRaw(prepared.server, lines(own, 'stray', '__Host-refresh=x'))).statusCode).to.equal(400);
            expect((await prepared.me(pair.jwt)).statusCode).to.equal(200);
            expect((await sendRaw(prepared.server, lines('stray', own, 'stray=a b'))).statusCode).to.equal(204);
            expect((await prepared.me(pair.jwt)).statusCode).to.equal(401);
        }
        finally {
            await prepared.server.stop();
        }
    });

    it('is refused where our cookie is repeated, whichever comes first, and where nothing is in it', async () => {

        const prepared = await serve();
        const pair = await prepared.login();
        const own = `__Host-refresh=${pair.refreshToken}`;
        const told = async (cookie: string) => {

            const res = await logout(prepared, pair, cookie);
            return [res.statusCode, (res.result as Error).message, res.headers['set-cookie']];
        };

        for (const cookie of [`${own}; ${own}`, `${own}; __Host-refresh=x`, `__Host-refresh=x; ${own}`, `__Host-refresh=; ${own}`, `\t__Host-refresh\t=x; ${own}`]) {
            expect(await told(cookie)).to.equal([400, 'The refresh token is repeated', undefined]);
        }

        expect(await told('__Host-refresh=')).to.equal([401, 'The refresh token is missing', undefined]);
        expect(await told(`__Host-refresh="${pair.refreshToken}"`)).to.equal([401, 'The refresh token is invalid', undefined]);
        expect(await told(`__Host-refresh=${pair.refreshToken.slice(0, -1)}%${pair.refreshToken.charCodeAt(101).toString(16)}`)).to.equal([401, 'The refresh token is invalid', undefined]);
        expect(await told(`__Host-refresh=${'x'.repeat(20_000)}`)).to.equal([400, 'The refresh token is malformed', undefined]);
        expect((await prepared.me(pair.jwt)).statusCode).to.equal(200);
    });

    it('takes no time in the square of what is sent', async () => {

        const prepared = await serve();
        const pair = await prepared.login();

        const spaces = ' '.repeat(200_000);
        for (const cookie of [`__Host-refresh${spaces}x=a`, `${spaces}__Host-refresh=x${spaces}y${spaces}`, '='.repeat(200_000), ';'.repeat(200_000), `a${'"'.repeat(200_000)}`]) {
            const began = process.cpuUsage();
            const { statusCode } = await logout(prepared, pair, cookie);
            expect(statusCode).to.be.within(400, 401);
            expect(process.cpuUsage(began).user / 1000).to.be.below(1000);
        }
    });

    it('is a bad request where the header is no text', async () => {

        const prepared = await serve();
        const pair = await prepared.login();

        for (const cookie of [5, true, {}]) {
            const res = await logout(prepared, pair, cookie as unknown as string);
            expect([res.statusCode, (res.result as Error).message]).to.equal([400, 'The refresh token is malformed']);
        }

        const res = await logout(prepared, pair, [`__Host-refresh=${pair.refreshToken}`] as unknown as string);
        expect([res.statusCode, (res.result as Error).message]).to.equal([400, 'The refresh token is repeated']);
    });

    it('does not need hapi to read cookies', async () => {

        const prepared = await serve();
        const pair = await prepared.login();
        expect((await logout(prepared, pair, `__Host-refresh=${pair.refreshToken}`, '/blind')).statusCode).to.equal(204);
    });

    it('logs and remembers nothing of a header that hapi calls malformed', async () => {

        const prepared = await serve();
        const logged: string[] = [];
        prepared.server.events.on({ name: 'request', channels: ['app', 'error', 'internal'] }, (_, event) => {

            logged.push(`${JSON.stringify(event)}${JSON.stringify(event.error)}`);
        });

        const pair = await prepared.login();
        expect((await logout(prepared, pair, `stray; __Host-refresh=${pair.refreshToken}`)).statusCode).to.equal(204);
        expect(logged.join()).to.not.contain(pair.refreshToken);
    });
});


describe('Routes that do not revoke', () => {

    it('go on answering 400 to malformed cookies, as hapi has it', async () => {

        const { server } = await serve();
        for (const [method, url] of [['GET', '/public'], ['GET', '/me'], ['GET', '/other'], ['POST', '/token'], ['POST', '/login']] as const) {
            const res = await server.inject({ method, url, headers: { cookie: 'stray=a b' } });
            expect([res.statusCode, (res.result as Error).message]).to.equal([400, 'Invalid cookie value']);
        }
    });

    it('have settings of their own, as has a logout that says what it wants', async () => {

        const prepared = await serve();
        const failActions = Object.fromEntries(prepared.server.table().map(({ path, settings }) => [path, settings.state!.failAction]));
        expect(failActions).to.include({ '/public': 'error', '/me': 'error', '/other': 'error', '/token': 'error', '/logout': 'ignore', '/blind': 'ignore' });

        const pair = await prepared.login();
        const res = await logout(prepared, pair, `stray; __Host-refresh=${pair.refreshToken}`, '/strict');
        expect(res.statusCode).to.equal(418);
        expect((await prepared.me(pair.jwt)).statusCode).to.equal(200);
    });
});


describe('A logout by header or query', () => {

    it('is not blocked by cookies either', async () => {

        for (const refreshToken of [{ query: 'refreshToken' }, { header: 'x-refresh-token' }]) {
            for (const stray of Object.values(strays)) {
                const prepared = await serve(refreshToken);
                const pair = await prepared.login();
                const res = await prepared.server.inject({
                    method: 'POST',
                    url: `/logout?refreshToken=${pair.refreshToken}`,
                    headers: { ...bearer(pair.jwt), 'x-refresh-token': pair.refreshToken, cookie: stray }
                });

                expect(res.statusCode).to.equal(204);
            }
        }
    });
});
