import { generateKeyPairSync } from 'node:crypto';

import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';
import * as Jose from 'jose';

import { CommandLine } from '../support/command';
import { blockUnder, example } from '../support/documents';
import { RedisServer } from '../support/redis';
import { bearer, pairOf, prepare, secret } from '../support/server';

import type { Pair } from '../support/server';


export const lab = Lab.script();

const { afterEach, describe, it } = lab;


describe('the examples of', () => {

    let server: Hapi.Server | undefined;

    afterEach(async () => {

        await server?.stop();
        server = undefined;
    });

    const post = async function (url: string, { jwt, headers }: Partial<Pair> & { headers?: Record<string, string> } = {}, payload?: object) {

        const response = await server!.inject({ method: 'POST', url, payload, headers: { ...headers, ...jwt !== undefined && bearer(jwt) } });
        return { ...response, result: response.result as any };
    };

    const get = async function (url: string, { jwt, headers }: Partial<Pair> & { headers?: Record<string, string> }) {

        const { statusCode, result } = await server!.inject({ url, headers: { ...headers, ...jwt !== undefined && bearer(jwt) } });
        return { statusCode, result: result as any };
    };

    describe('README.md', () => {

        const start = async function (): Promise<void> {

            const { log } = console;
            const kept = { ...process.env };
            process.env.PORT = '0';
            delete process.env.REDIS_URL;
            delete process.env.JWT_KEY;

            try {
                const printed = await new Promise((resolve) => {

                    // It keeps its server to itself, and prints the address when it has started

                    console.log = resolve;
                    const create = (options: Hapi.ServerOptions) => (server = Hapi.server(options));
                    example('README.md', 'Quick start', { '@hapi/hapi': { ...Hapi, server: create } });
                });

                expect(printed).to.equal(`Listening on ${server!.info.uri}`);
            }
            finally {
                console.log = log;
                delete process.env.PORT;
                Object.assign(process.env, kept);
            }
        };

        it('has an example that logs in, renews and logs out', async () => {

            await start();

            const login = { name: 'ada', password: 'lovelace' };
            expect((await post('/login', {}, { ...login, password: 'byron' })).statusCode).to.equal(401);
            expect((await post('/login')).statusCode).to.equal(401);

            const first = pairOf((await post('/login', {}, login)).result);
            expect((await get('/me', first)).result).to.include({ sub: '42', name: 'ada' });

            const headers = ({ refreshToken }: Pair) => ({ 'x-refresh-token': refreshToken });
            const second = pairOf((await post('/token', { headers: headers(first) })).result);
            expect((await get('/me', second)).statusCode).to.equal(200);

            // Either token is enough

            const other = pairOf((await post('/login', {}, login)).result);
            for (const presented of [{ jwt: second.jwt }, { headers: headers(other) }]) {
                expect(await post('/logout', presented)).to.include({ statusCode: 204, payload: '' });
            }

            for (const pair of [first, second, other]) {
                expect((await get('/me', { jwt: pair.jwt })).result).to.include({ statusCode: 401, message: 'The access token was revoked' });
                expect((await post('/token', { headers: headers(pair) })).result).to.include({ statusCode: 401, message: 'The refresh token was revoked' });
            }

            expect((await get('/me', pairOf((await post('/login', {}, login)).result))).statusCode).to.equal(200);
        });
    });

    describe('the guides to sessions, lookups, tenants and the command line', () => {

        const start = async function (createServer: (...args: unknown[]) => Promise<Hapi.Server>, ...args: unknown[]): Promise<void> {

            server = await createServer(...args);
            await server.initialize();
        };

        const cookieOf = ({ headers }: { headers: object }) => /^([^;]*)/.exec((headers as { 'set-cookie': string[] })['set-cookie'][0]!)![1]!;

        it('has an example of sessions', async () => {

            await start(example('docs/sessions.md', 'An app with all of this').createServer, secret);

            const login = async (agent: string) => {

                const response = await post('/login', { headers: { 'user-agent': agent } });
                expect(response.result.refresh_token).to.not.exist();
                return { jwt: response.result.access_token, headers: { cookie: cookieOf(response) } };
            };

            const [phone, tablet, laptop] = [await login('phone'), await login('tablet'), await login('laptop')];
            expect((await get('/device', phone)).result).to.equal({ device: 'phone' });
            expect((await get('/device', { ...phone, headers: tablet.headers })).statusCode).to.equal(401);

            // A page that was loaded again has no access token, but its cookie

            expect((await post('/logout', { headers: phone.headers })).statusCode).to.equal(204);
            expect((await get('/device', phone)).statusCode).to.equal(401);
            expect((await get('/device', tablet)).statusCode).to.equal(200);

            const others = await post('/logout/others', tablet);
            expect(others.statusCode).to.equal(204);
            expect(others.headers['set-cookie']).to.not.exist();
            expect((await get('/device', laptop)).statusCode).to.equal(401);
            expect((await get('/device', tablet)).statusCode).to.equal(200);

            const renewal = await post('/token', { headers: tablet.headers });
            const renewed = { jwt: renewal.result.access_token, headers: { cookie: cookieOf(renewal) } };
            expect((await get('/device', renewed)).result).to.equal({ device: 'tablet' });

            const password = await post('/password', renewed);
            expect((await get('/device', renewed)).statusCode).to.equal(401);
            expect((await get('/device', { jwt: password.result.access_token, headers: { cookie: cookieOf(password) } })).statusCode).to.equal(200);
        });

        it('has an audit log, whose lines have no token', async () => {

            const { server: created, login, auth } = await prepare();
            server = created;
            const lines: string[] = [];
            example('docs/logging.md', 'An audit log').audit(server, (line: string) => lines.push(line));

            const pair = await login();
            await auth.revoke({ subject: '42' }, { reason: 'a support desk' });
            expect(lines.map((line) => JSON.parse(line)).map(({ type, subject, reason }) => [type, subject, reason])).to.equal([['issued', '42', undefined], ['revoked', '42', 'a support desk']]);
            expect(lines.join()).to.not.include(pair.refreshToken).and.to.not.include(pair.jwt);
        });

        it('has an example of refresh tokens of the app', async () => {

            await start(example('docs/lookup.md', 'An app with its own table').createServer, secret);

            const headers = ({ refreshToken }: Pair) => ({ 'x-refresh-token': refreshToken });
            const login = async () => pairOf((await post('/login')).result);

            const first = await login();
            const second = pairOf((await post('/token', { headers: headers(first) })).result);
            expect((await post('/token', { headers: headers(first) })).result.message).to.equal('The refresh token is invalid');
            expect((await get('/me', second)).result).to.include({ sub: '42', user: { id: '42' } });

            const two = await login();
            const renewals = await Promise.all([1, 2, 3].map(() => post('/token', { headers: headers(two) })));
            expect(renewals.map(({ statusCode }) => statusCode).sort()).to.equal([200, 401, 401]);

            const mixed = await post('/logout', { jwt: second.jwt, headers: headers(await login()) });
            expect(mixed.result.message).to.equal('The access token and the refresh token do not belong together');

            expect((await post('/logout', { jwt: second.jwt, headers: headers(second) })).statusCode).to.equal(204);
            expect((await get('/me', first)).statusCode).to.equal(401);
            expect((await get('/me', second)).statusCode).to.equal(401);
            expect((await post('/token', { headers: headers(second) })).statusCode).to.equal(401);
            expect((await get('/me', two)).statusCode).to.equal(200);
        });

        it('says what the credentials are that the app\'s find returns', async () => {

            await start(example('docs/lookup.md', 'An app with its own table').createServer, secret);

            const pair = pairOf((await post('/login')).result);
            for (const tokens of ['refresh', 'either', 'both'] as const) {
                server!.route({ method: 'GET', path: `/${tokens}`, options: { plugins: { 'hard-logout': { tokens } } }, handler: ({ auth }) => auth.credentials });
            }

            const headers = { 'x-refresh-token': pair.refreshToken };
            const { result: claims } = await get('/me', pair);
            const { result: found } = await get('/refresh', { headers });
            expect(Object.keys(found)).to.equal(['id']);
            expect((await get('/either', { headers })).result).to.equal(found);
            expect((await get('/both', { ...pair, headers })).result).to.equal(claims);
        });

        it('has an example of several strategies', async () => {

            const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
            await start(example('docs/tenants.md', 'Users here, partners elsewhere').createServer, secret, [{ ...publicKey.export({ format: 'jwk' }), kid: 'one' }]);

            const tokenOf = function (issuer: string): Promise<string> {

                return new Jose.SignJWT({})
                    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
                    .setSubject('42')
                    .setIssuer(issuer)
                    .setAudience('https://futureflix.example')
                    .setIssuedAt()
                    .setExpirationTime('1 hour')
                    .sign(privateKey);
            };

            const user = pairOf((await post('/login')).result);
            const [one, two, three] = await Promise.all(['https://one.example', 'https://two.example', 'https://three.example'].map(tokenOf));
            expect((await get('/me', user)).statusCode).to.equal(200);
            expect((await get('/me', { jwt: one })).statusCode).to.equal(401);
            expect((await get('/partners/me', user)).statusCode).to.equal(401);
            expect((await get('/partners/me', { jwt: three })).statusCode).to.equal(401);
            expect((await get('/partners/me', { jwt: two })).statusCode).to.equal(200);

            expect((await post('/partners/logout', { jwt: one })).statusCode).to.equal(204);
            expect((await get('/partners/me', { jwt: one })).statusCode).to.equal(401);
            expect((await get('/partners/me', { jwt: two })).statusCode).to.equal(200);
            expect((await get('/me', user)).statusCode).to.equal(200);
        });

        it('has command lines that run', async () => {

            const redis = await RedisServer.start({ isSettled: true });
            const app = await prepare({}, { redis: redis.url, lease: 100 });
            try {
                await app.server.initialize();
                const { text } = blockUnder('docs/command-line.md', 'Command line', 'sh');
                const lines = Array.from(text.matchAll(/^npx hard-logout (.*)$/gm), ([, line]) => line!.split(' '));
                expect(lines).to.have.length(8);

                for (const line of lines) {

                    // The moment in it is not to come closer with the years

                    const args = line.map((arg) => (/^\d{4}-/.test(arg) ? new Date().toISOString() : arg));
                    const commandLine = new CommandLine([...args, '--redis', redis.url, ...args[0] === 'revoke' ? ['--yes'] : []]);
                    if (args[0] === 'watch') {
                        await commandLine.says(/./);
                        commandLine.signal('SIGINT');
                    }

                    const { code, stderr } = await commandLine.done;
                    expect(code, `${line.join(' ')}: ${stderr}`).to.equal(args[0] === 'watch' ? 130 : args[0] === 'doctor' ? 1 : 0);
                }
            }
            finally {
                await app.server.stop();
                await redis.stop();
            }
        });
    });
});
