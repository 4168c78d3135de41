import * as Fs from 'node:fs';
import * as Path from 'node:path';

import { expect } from '@hapi/code';
import * as Lab from '@hapi/lab';

import { blockUnder } from '../support/documents';
import { run } from '../support/run';
import { key, neighbour, open } from './support/neighbour';

import type { ClientTokens } from '../../lib/client/client';
import type { App } from './support/neighbour';


export const lab = Lab.script();

const { after, afterEach, before, describe, it } = lab;


describe('the guide to clients', () => {

    let app: App;
    const count = { renewals: 0, outages: 0 };
    let away = '/token';
    const seen: string[] = [];

    const recipe = function (heading: string): any {

        const names = ['axios', 'ky', 'got', 'hapi-auth-hard-logout/client'];
        const { text, file } = blockUnder('docs/mobile.md', heading, 'js');
        const modules = new Proxy({}, { get: (_, name: string) => (names.includes(name) ? neighbour(name) : undefined) });
        return run(text, file, modules);
    };

    before(async () => {

        app = await open({ jwt: { key, algorithms: ['HS256'] }, refreshToken: { header: 'x-refresh-token' } }, {
            after: (server) => {

                server.events.on({ name: 'hard-logout', channels: 'refreshed' }, () => ++count.renewals);
                server.ext('onPreAuth', ({ path }, h) => {

                    seen.push(path);
                    return path === away && count.outages-- > 0 ? h.response({ statusCode: 503, code: 'store_unavailable' }).code(503).header('retry-after', '0.01').takeover() : h.continue;
                });
            }
        });
    });

    afterEach(() => {

        Object.assign(count, { renewals: 0, outages: 0 });
        away = '/token';
        seen.splice(0);
    });

    after(() => app.server.stop());

    const issue = async (): Promise<ClientTokens> => (await fetch(`${app.uri}/login`, { method: 'POST' })).json() as Promise<ClientTokens>;

    // With an access token that has expired: the client's clock does not know

    const { createSession, login, logout } = recipe('A session');

    const logOut = (session: any): Promise<void> => logout(session, app.uri);

    const expired = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.AAAA';

    const openExpired = async function (options: object = {}): Promise<any> {

        const { refresh_token: refreshToken } = await issue();
        return createSession(app.uri, { tokens: { access_token: expired, refresh_token: refreshToken }, ...options });
    };

    const calls: Record<string, (session: any) => () => Promise<{ sub: string }>> = {
        fetch: (session) => {

            return () => recipe('fetch').me(session, app.uri);
        },
        axios: (session) => {

            const api = recipe('axios').createApi(session, app.uri);
            return async () => (await api.get('/me')).data;
        },
        ky: (session) => {

            const api = recipe('ky').createApi(session, app.uri);
            return () => api.get('me').json();
        },
        got: (session) => {

            const api = recipe('got').createApi(session, app.uri);
            return () => api.get('me').json();
        }
    };

    for (const [name, prepare] of Object.entries(calls)) {
        it(`has ${name} renew once for twenty requests whose token has expired`, async () => {

            const me = prepare(await openExpired());
            const answers = await Promise.all(Array.from({ length: 20 }, () => me()));
            expect(answers.map(({ sub }) => sub)).to.equal(answers.map(() => '42'));
            expect(count.renewals).to.equal(1);
            expect(seen.filter((path) => path === '/me').length).to.equal(40);
        });

        it(`has ${name} wait for a 503, and keep its tokens`, async () => {

            count.outages = 2;
            let ends = 0;
            const me = prepare(await openExpired({ onEnd: () => ++ends }));
            expect((await me()).sub).to.equal('42');
            expect(count.renewals).to.equal(1);
            expect(ends).to.equal(0);
        });

        it(`has ${name} end with the session`, async () => {

            let ends = 0;
            const session = await openExpired({ onEnd: () => ++ends });
            const me = prepare(session);
            await me();
            await logOut(session);
            await expect(me()).to.reject('The session has ended');
            expect(ends).to.equal(1);
        });
    }

    it('says which of them repeat a 503 of their own requests', async () => {

        away = '/me';
        const statuses: Record<string, string> = {};
        for (const [name, prepare] of Object.entries(calls)) {
            const me = prepare(createSession(app.uri, { tokens: await issue() }));
            count.outages = 1;
            const { code, sub } = await me().catch(({ response }) => ({ code: response.data.code, sub: undefined })) as { code?: string; sub?: string };
            statuses[name] = sub ?? code!;
        }

        expect(statuses).to.equal({ fetch: 'store_unavailable', axios: 'store_unavailable', ky: '42', got: '42' });
    });

    it('logs in, and stores each pair', async () => {

        const stored: unknown[] = [];
        const session = createSession(app.uri, { save: (tokens: unknown) => stored.push(tokens) });
        expect((await login(session, app.uri, {})).status).to.equal(200);
        await session.renew();
        expect(stored).to.have.length(2);
        await logout(session, app.uri);
        expect(stored[2]).to.be.null();
    });

    it('says what axios-auth-refresh loses by default, and what helps', async () => {

        const { createAuthRefresh } = neighbour('axios-auth-refresh');
        const axios = neighbour('axios');

        const losses = async function (isGuided: boolean): Promise<number> {

            const { refresh_token: refreshToken } = await issue();
            let accessToken = expired;
            const api = axios.create({ baseURL: app.uri, headers: { Authorization: `Bearer ${expired}` } });
            createAuthRefresh(api, async (failed: any) => {

                const { data } = await axios.post(`${app.uri}/token`, null, { headers: { 'x-refresh-token': refreshToken } });
                accessToken = data.access_token;
                failed.response.config.headers.Authorization = `Bearer ${accessToken}`;
            }, isGuided ? { deduplicateRefresh: false } : {});

            if (isGuided) {
                api.interceptors.request.use((request: any) => {

                    request.headers.Authorization = `Bearer ${accessToken}`;
                    return request;
                });
            }

            const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => api.get('/me')));
            return outcomes.filter(({ status }) => status === 'rejected').length;
        };

        expect(await losses(false)).to.equal(19);
        expect(await losses(true)).to.equal(0);
    });

    it('says that @badgateway/oauth2-client sends the user to the login on a 503', async () => {

        const { OAuth2Client, OAuth2Fetch } = neighbour('@badgateway/oauth2-client');
        const { refresh_token: refreshToken } = await issue();
        let logins = 0;
        count.outages = 1;
        const client = new OAuth2Fetch({
            client: new OAuth2Client({ server: app.uri, clientId: 'app', tokenEndpoint: '/token' }),
            scheduleRefresh: false,
            getStoredToken: () => ({ accessToken: expired, refreshToken, expiresAt: null }),
            getNewToken: () => {

                ++logins;
                return null;
            }
        });

        const { warn } = console;
        console.warn = () => undefined;
        try {
            await expect(client.fetch(`${app.uri}/me`) as Promise<Response>).to.reject();
        }
        finally {
            console.warn = warn;
        }

        expect(logins).to.equal(1);
    });

    it('says how big the module is', () => {

        const { size } = Fs.statSync(neighbour('module').createRequire(`${__dirname}/package.json`).resolve('hapi-auth-hard-logout/client'));
        const guide = Fs.readFileSync(Path.join(__dirname, '../../docs/mobile.md'), 'utf8');
        expect(guide).to.contain(`has ${Math.round(size / 1000)} KB and no dependencies`);
    });
});
