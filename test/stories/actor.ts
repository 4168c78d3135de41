import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Lab from '@hapi/lab';

import { hardLogout, plugin } from '../../lib';
import { MemoryStore } from '../../lib/store/memory';
import { RedisServer } from '../support/redis';
import { bearer, jwt, pairOf } from '../support/server';
import { mint, payload } from '../support/tokens';

import type { Artifacts, PluginOptions, StrategyApi, StrategyOptions } from '../../lib';
import type { Pair } from '../support/server';


export const lab = Lab.script();
const { after, afterEach, before, describe, it } = lab;


const staff = 'https://staff.example';

const minute = 60_000;

const systemNow = Date.now;


interface App {
    server: Hapi.Server;
    users: StrategyApi;
    agents: StrategyApi;

    /** An agent logs in as the user 42. */
    act(agent: Pair): Promise<Pair>;

    /** What the app says to an access token, and to a refresh token. */
    look(pair: Pair): Promise<[access: number, refresh: number]>;
}


/** An app whose users and agents have strategies of their own: of one issuer, or of two. */
const serve = async function (options: PluginOptions = {}, issuer = staff, given: Partial<StrategyOptions> = {}): Promise<App> {

    const server = Hapi.server({ debug: false });
    await server.register({ plugin, options });
    server.auth.strategy('users', 'hard-logout', { jwt, refreshToken: { query: 'refreshToken' }, ...given } satisfies StrategyOptions);
    server.auth.strategy('agents', 'hard-logout', { jwt: { ...jwt, ...given.jwt, issuer }, refreshToken: { header: 'x-refresh' } } satisfies StrategyOptions);
    const [users, agents] = [hardLogout(server, 'users'), hardLogout(server, 'agents')];

    server.route([
        { method: 'POST', path: '/act', options: { auth: 'agents' }, handler: ({ auth }) => users.issue(null, { sub: '42' }, { actor: auth.artifacts as Artifacts }) },
        { method: 'GET', path: '/me', options: { auth: 'users' }, handler: ({ auth: { artifacts, credentials } }) => ({ artifacts, credentials }) },
        { method: 'GET', path: '/session', options: { auth: 'users', plugins: { 'hard-logout': { tokens: 'refresh' } } }, handler: () => null },
        { method: 'POST', path: '/agent/logout', options: { auth: 'agents', plugins: { 'hard-logout': { tokens: 'access', revoke: true } } }, handler: () => null },
        ...(['session', 'others', 'subject'] as const).map((revoke): Hapi.ServerRoute => (
            { method: 'POST', path: `/${revoke}`, options: { auth: 'users', plugins: { 'hard-logout': { tokens: 'either', revoke } } }, handler: () => null }
        ))
    ]);

    await server.initialize();
    return {
        server,
        users,
        agents,

        async act(agent) {

            const { result, statusCode } = await server.inject({ method: 'POST', url: '/act', headers: bearer(agent.jwt) });
            expect(statusCode, JSON.stringify(result)).to.equal(200);
            return pairOf(result as any);
        },

        async look({ jwt: accessToken, refreshToken }) {

            const [access, refresh] = await Promise.all([server.inject({ url: '/me', headers: bearer(accessToken) }), server.inject(`/session?refreshToken=${refreshToken}`)]);
            return [access.statusCode, refresh.statusCode < 300 ? 200 : refresh.statusCode];
        }
    };
};


const login = async (api: StrategyApi, sub: string) => pairOf(await api.issue(null, { sub }));

const sid = ({ jwt: token }: Pair) => payload(token).sid as string;

const dead: [number, number] = [401, 401];


describe('an agent who acts as a user', () => {

    let redis: RedisServer;
    const apps: App[] = [];

    const start = async function (...given: Parameters<typeof serve>): Promise<App> {

        const app = await serve(...given);
        apps.push(app);
        return app;
    };

    before(async () => {

        redis = await RedisServer.start();
    });

    after(() => redis.stop());

    afterEach(async () => {

        Date.now = systemNow;
        await Promise.all(apps.splice(0).map(({ server }) => server.stop()));
    });

    const stores: [string, () => PluginOptions][] = [['in memory', () => ({})], ['in Redis', () => ({ redis: redis.url, lease: 300 })], ['without a lease', () => ({ redis: redis.url, lease: false, prefix: 'asked' })]];

    for (const [where, options] of stores) {
        for (const [whose, issuer] of [['of the same issuer', jwt.issuer], ['of another issuer', staff]] as const) {

            it(`is out with the agent's own logout, whoever orders that, at once: ${where}, ${whose}`, async () => {

                const app = await start(options(), issuer);
                const { agents, server } = app;
                for (const [i, end] of [
                    (agent: Pair) => server.inject({ method: 'POST', url: '/agent/logout', headers: bearer(agent.jwt) }),
                    (agent: Pair, name: string) => agents.revoke({ subject: name }),
                    (agent: Pair) => agents.revoke({ session: sid(agent) }),
                    (agent: Pair) => agents.revoke({ refreshToken: agent.refreshToken }),
                    (agent: Pair, name: string) => agents.revoke({ subject: name, issuedBefore: Date.now() + 1 })
                ].entries()) {
                    const name = `${where} agent ${i}`;
                    const agent = await login(agents, name);
                    const other = await login(agents, `${name} b`);
                    const [acted, spared] = [await app.act(agent), await app.act(other)];
                    const own = await login(app.users, '42');
                    const renewed = pairOf(await app.users.refresh(acted.refreshToken));
                    expect(await app.look(renewed)).to.equal([200, 200]);

                    await end(agent, name);
                    expect(await app.look(acted)).to.equal(dead);
                    expect(await app.look(renewed)).to.equal(dead);
                    await expect(app.users.refresh(renewed.refreshToken)).to.reject();
                    expect(await app.look(spared)).to.equal([200, 200]);
                    expect(await app.look(own)).to.equal([200, 200]);
                    expect((await app.users.sessions('42')).map(({ id }) => id)).to.include([sid(spared), sid(own)]).and.not.include([sid(acted)]);
                    await app.users.revoke({ subject: '42' });

                    // The agent's next login begins anew

                    expect(await app.look(await app.act(await login(agents, name)))).to.equal([200, 200]);
                    await app.users.revoke({ subject: '42' });
                }
            });
        }
    }

    it('is out in every process', async () => {

        const [one, two] = [await start({ redis: redis.url, lease: 300, prefix: 'two' }), await start({ redis: redis.url, lease: 300, prefix: 'two' })];
        const agent = await login(one.agents, 'agent');
        const acted = await one.act(agent);
        expect(await two.look(acted)).to.equal([200, 200]);
        await two.agents.revoke({ session: sid(agent) });
        expect(await one.look(acted)).to.equal(dead);
        expect(await two.look(acted)).to.equal(dead);
    });

    it('is out for good: for as long as the session could be renewed', async () => {

        // What is revoked meanwhile takes the place of it in the cache: the store has to know

        const app = await start({ cache: { max: 1 } });
        const agent = await login(app.agents, 'agent');
        const acted = await app.act(agent);
        await app.agents.revoke({ session: sid(agent) });
        for (const days of [1, 20, 29]) {
            const later = systemNow() + days * 24 * 60 * minute;
            Date.now = () => later;
            await app.agents.revoke({ session: `${days}` });
            expect(await app.look(acted)).to.equal(dead);
            await expect(app.users.refresh(acted.refreshToken)).to.reject();
        }
    });

    it('is out for good as well where the agent\'s session was revoked after it had expired', async () => {

        const app = await start({ cache: { max: 1 } }, staff, { jwt: { ...jwt, maxAge: 60 * minute } });
        const agent = await login(app.agents, 'agent');
        const acted = await app.act(agent);
        let later = systemNow();
        Date.now = () => later;
        for (const days of [20, 20]) {
            later += days * 24 * 60 * minute;
            Object.assign(acted, pairOf(await app.users.refresh(acted.refreshToken)));
        }

        expect(await app.agents.sessions('agent')).to.equal([]);
        expect(await app.look(acted)).to.equal([200, 200]);
        await app.agents.revoke({ session: sid(agent) });
        for (const days of [0, 1, 20]) {
            later += days * 24 * 60 * minute;
            await app.agents.revoke({ session: `${days}` });
            expect((await app.look(acted))[1]).to.equal(401);
            await expect(app.users.refresh(acted.refreshToken)).to.reject();
        }
    });

    it('has a session that ends no later than the agent\'s own could', async () => {

        const app = await start({}, jwt.issuer);
        const agent = await login(app.agents, 'agent');
        let later = systemNow();
        Date.now = () => later;
        for (let i = 0; i < 4; ++i) {
            later += 20 * 24 * 60 * minute;
            agent.refreshToken = pairOf(await app.agents.refresh(agent.refreshToken)).refreshToken;
        }

        later += 9 * 24 * 60 * minute;
        agent.jwt = pairOf(await app.agents.refresh(agent.refreshToken)).jwt;
        await app.act(agent);
        const [session] = await app.users.sessions('42');
        expect(session!.expires - later).to.be.within(23 * 60 * minute, 24 * 60 * minute);
    });

    it('counts from the agent\'s login, not from the session that the agent began', async () => {

        const app = await start();
        const agent = await login(app.agents, 'agent');
        const began = systemNow();
        Date.now = () => began + 10 * minute;
        const acted = await app.act(agent);
        await app.agents.revoke({ subject: 'agent', issuedBefore: began + 5 * minute });
        expect(await app.look(acted)).to.equal(dead);
    });

    it('is visible in claims, credentials, artifacts and lists', async () => {

        const app = await start();
        const agent = await login(app.agents, 'agent');
        const acted = await app.act(agent);
        const actor = { issuer: staff, subject: 'agent', session: sid(agent) };
        const { act } = payload(acted.jwt);
        expect(act).to.equal({ sub: 'agent', iss: staff, sid: sid(agent), auth_time: (await app.agents.sessions('agent'))[0]!.created / 1000 });

        const { result } = await app.server.inject({ url: '/me', headers: bearer(acted.jwt) });
        expect(result).to.include({ credentials: { ...payload(acted.jwt), user: { id: '42' } } });
        expect((result as { artifacts: Artifacts }).artifacts.actor).to.equal(actor);

        const own = await login(app.users, '42');
        const sessions = await app.users.sessions('42');
        expect(sessions.map((session) => session.actor)).to.equal([actor, undefined]);
        expect(payload(own.jwt).act).to.be.undefined();
        expect(payload(pairOf(await app.users.refresh(acted.refreshToken)).jwt).act).to.equal(act);

        await app.agents.revoke({ subject: 'agent' });
        expect(await app.users.explain(acted.jwt)).to.include({ accepted: false, code: 'access_token_revoked', text: 'Its actor was logged out.' });
        expect(await app.users.explain(acted.refreshToken)).to.include({ accepted: false, code: 'refresh_token_revoked' });
    });

    it('ends that session, and none of the user\'s own', async () => {

        const app = await start();
        const [own, acted] = [await login(app.users, '42'), await app.act(await login(app.agents, 'agent'))];
        const end = async (extent: string, { jwt: token, refreshToken }: Pair) => (await app.server.inject({ method: 'POST', url: `/${extent}?refreshToken=${refreshToken}`, headers: bearer(token) })).statusCode;

        expect(await end('others', acted)).to.equal(403);
        expect(await end('subject', acted)).to.equal(403);

        // Over a web socket, which was authenticated on another route

        const { request: { auth } } = await app.server.inject({ url: '/me', headers: bearer(acted.jwt) });
        const over = await app.server.inject({ method: 'POST', url: '/subject', auth: { strategy: 'users', credentials: auth.credentials, artifacts: auth.artifacts } });
        expect(over.statusCode).to.equal(403);
        expect(await app.look(own)).to.equal([200, 200]);
        expect(await end('session', acted)).to.equal(204);
        expect(await app.look(acted)).to.equal(dead);
        expect(await app.look(own)).to.equal([200, 200]);
    });

    it('is out with the user\'s logout everywhere', async () => {

        const app = await start();
        const [own, acted] = [await login(app.users, '42'), await app.act(await login(app.agents, 'agent'))];
        await app.server.inject({ method: 'POST', url: '/subject', headers: bearer(own.jwt) });
        expect(await app.look(acted)).to.equal(dead);
    });

    it('does not count among the sessions that a login ends', async () => {

        const app = await start({}, staff, { sessions: { max: 2 } });
        const own = [await login(app.users, '42'), await login(app.users, '42')];
        const acted = await app.act(await login(app.agents, 'agent'));
        for (const pair of [...own, acted]) {
            expect(await app.look(pair)).to.equal([200, 200]);
        }
    });

    it('affects web sockets', async () => {

        const app = await start();
        const agent = await login(app.agents, 'agent');
        const acted = await app.act(agent);
        const { request } = await app.server.inject({ url: '/me', headers: bearer(acted.jwt) });
        const affected: boolean[] = [];
        app.server.events.on({ name: 'hard-logout', channels: 'invalidated' }, ({ affects }) => affected.push(affects(request.auth.artifacts)));
        await app.agents.revoke({ subject: 'another' });
        await app.agents.revoke({ session: sid(agent) });
        expect(affected).to.equal([false, true]);
        await expect(app.server.auth.verify(request)).to.reject('The access token was revoked');
    });

    it('begins nothing with tokens that are dead, or that no logout would end', async () => {

        const app = await start();
        const held: Artifacts[] = [];
        app.server.route([
            { method: 'GET', path: '/agent', options: { auth: 'agents' }, handler: ({ auth }) => held.push(auth.artifacts as Artifacts) },
            { method: 'GET', path: '/user', options: { auth: 'users' }, handler: ({ auth }) => held.push(auth.artifacts as Artifacts) }
        ]);

        const agent = await login(app.agents, 'agent');
        await app.server.inject({ url: '/agent', headers: bearer(agent.jwt) });
        await app.server.inject({ url: '/agent', headers: bearer(await mint({ iss: staff })) });
        await app.server.inject({ url: '/user', headers: bearer((await app.act(agent)).jwt) });
        await app.server.inject({ url: '/agent', headers: bearer(await mint({ iss: staff, sub: 'agent', sid: 's' })) });
        const act = (actor: unknown) => app.users.issue(null, { sub: '42' }, { actor: actor as Artifacts });

        await expect(act({ subject: 'agent', session: sid(agent) })).to.reject('issue() needs actor to be the request.auth.artifacts of a hard-logout strategy');
        await expect(act(held[1])).to.reject('issue() needs an actor whose tokens have a session and a date of issue: otherwise no logout of the actor would end the new session');
        await expect(act(held[2])).to.reject('issue() needs an actor who does not act through another actor');
        await expect(app.users.issue(null, { sub: '42', act: { sub: 'agent' } })).to.reject('issue() sets the claim act itself');

        await app.agents.revoke({ session: sid(agent) });
        await app.agents.revoke({ session: 's' });
        for (const artifacts of [held[0], held[3]]) {
            const refused = await expect(act(artifacts)).to.reject('The access token was revoked');
            expect((refused as any).output.statusCode).to.equal(401);
        }
    });

    it('begins nothing where the agent\'s session is gone, and nobody would remember that it was ended', async () => {

        const app = await start();
        const held: Artifacts[] = [];
        app.server.route({ method: 'GET', path: '/agent', options: { auth: 'agents' }, handler: ({ auth }) => held.push(auth.artifacts as Artifacts) });
        const agent = await login(app.agents, 'agent');
        await app.server.inject({ url: '/agent', headers: bearer(agent.jwt) });

        const { prolong } = MemoryStore.prototype;
        MemoryStore.prototype.prolong = async function (...args) {

            await app.agents.revoke({ session: sid(agent) });
            return prolong.apply(this, args);
        };

        try {
            await expect(app.users.issue(null, { sub: '42' }, { actor: held[0]! })).to.reject('The access token was revoked');
            expect(await app.users.sessions('42')).to.equal([]);
        }
        finally {
            MemoryStore.prototype.prolong = prolong;
        }
    });

    it('may show the refresh token of the agent', async () => {

        const app = await start();
        const held: Artifacts[] = [];
        app.server.route({
            method: 'GET',
            path: '/agent',
            options: { auth: 'agents', plugins: { 'hard-logout': { tokens: 'refresh' } } },
            handler: ({ auth }) => held.push(auth.artifacts as Artifacts)
        });

        const agent = await login(app.agents, 'agent');
        await app.server.inject({ url: '/agent', headers: { 'x-refresh': agent.refreshToken } });
        const act = () => app.users.issue(null, { sub: '42' }, { actor: held[0]! });
        const acting = pairOf(await act());
        expect(await app.look(acting)).to.equal([200, 200]);

        await app.agents.revoke({ session: sid(agent) });
        expect(await app.look(acting)).to.equal(dead);
        await expect(act()).to.reject('The refresh token was revoked');

        // Ended, and the blacklist had been asked before

        const { prolong } = MemoryStore.prototype;
        const other = await login(app.agents, 'agent');
        await app.server.inject({ url: '/agent', headers: { 'x-refresh': other.refreshToken } });
        MemoryStore.prototype.prolong = () => Promise.resolve(false);
        try {
            await expect(app.users.issue(null, { sub: '42' }, { actor: held[1]! })).to.reject('The refresh token was revoked');
        }
        finally {
            MemoryStore.prototype.prolong = prolong;
        }
    });

    it('may be an agent of an identity provider, whose tokens name a session', async () => {

        const app = await start({ redis: redis.url, lease: 300, prefix: 'provider' });
        const acted = await app.act({ jwt: await mint({ iss: staff, sub: 'agent', sid: 's' }), refreshToken: '' });
        const later = await app.act({ jwt: await mint({ iss: staff, sub: 'agent', sid: 't' }), refreshToken: '' });
        await app.agents.revoke({ session: 's' });
        expect(await app.look(acted)).to.equal(dead);
        expect(await app.look(later)).to.equal([200, 200]);
        await app.agents.revoke({ subject: 'agent' });
        expect(await app.look(later)).to.equal(dead);
    });

    it('is named in tokens of others as well, which end with it', async () => {

        const app = await start();
        const acted = { jwt: await mint({ act: { sub: 'service', iss: staff, act: { sub: 'agent', iss: staff } } }), refreshToken: '' };
        expect((await app.look(acted))[0]).to.equal(200);
        await app.agents.revoke({ subject: 'agent' });
        expect((await app.look(acted))[0]).to.equal(401);

        for (const act of ['agent', null, {}, { sub: '' }, { sub: 'agent', iss: 1 }, { sub: 'agent', sid: '' }, { sub: 'agent', auth_time: 'now' }, { sub: 'agent', act: {} }]) {
            expect((await app.look({ jwt: await mint({ act }), refreshToken: '' }))[0]).to.equal(401);
        }
    });

    it('is served during an outage where the strategy says so, unless it is known to be out', async () => {

        const mortal = await RedisServer.start();
        try {
            const app = await start({ redis: mortal.url, lease: false, timeout: 100 }, staff, { onOutage: 'serve' });
            const [agent, other] = [await login(app.agents, 'agent'), await login(app.agents, 'other')];
            const [acted, kept] = [await app.act(agent), await app.act(other)];
            await app.agents.revoke({ session: sid(agent) });
            await mortal.kill();
            expect((await app.look(acted))[0]).to.equal(401);
            expect((await app.look(kept))[0]).to.equal(200);
            expect(app.server.plugins['hard-logout'].status().served).to.equal(2);
        }
        finally {
            await mortal.stop();
        }
    });
});
