import { AsyncLocalStorage } from 'node:async_hooks';

import { expect } from '@hapi/code';
import * as Hapi from '@hapi/hapi';
import * as Nes from '@hapi/nes';
import * as Lab from '@hapi/lab';

import { hardLogout, plugin } from '../../lib';
import { RedisServer } from '../support/redis';
import { bearer, jwt, pairOf } from '../support/server';

import type { PluginOptions, StrategyOptions } from '../../lib';
import type { Pair } from '../support/server';


export const lab = Lab.script();
const { after, before, describe, it } = lab;


const minute = 60_000;


// Each server has a clock of its own: what it does, and what comes of that, runs this far (ms) ahead

const ahead = new AsyncLocalStorage<number>();

const { now } = Date;


interface Arrangement {

    /** Their strategies, by name, and how far each server's clock is ahead of Redis's. */
    servers: { strategies: Record<string, Partial<StrategyOptions>>; ahead?: number }[];

    /** Of the routes. */
    mode?: 'try';

    /** By which a client logs out. */
    socket?: boolean;
}


const sessions = { refreshToken: { query: 'refreshToken' } };

// Which verifies what others issue

const verifies = {};

const tolerant = { jwt: { ...jwt, clockTolerance: 2.5 * minute } };

const apart = function (one: number, two: number, others: Partial<StrategyOptions> = sessions): Arrangement['servers'] {

    return [
        { strategies: { one: { ...tolerant, ...sessions } }, ahead: one },
        { strategies: { two: { ...tolerant, ...others } }, ahead: two }
    ];
};


const arrangements: Record<string, Arrangement> = {
    'one strategy': { servers: [{ strategies: { one: sessions } }] },
    'two strategies of one issuer': { servers: [{ strategies: { one: sessions, two: sessions } }] },
    'two strategies of one issuer, of which one keeps sessions': { servers: [{ strategies: { one: sessions, two: verifies } }] },
    'two services on one prefix': { servers: [{ strategies: { one: sessions } }, { strategies: { two: sessions } }] },
    'two services on one prefix, of which one keeps sessions': { servers: [{ strategies: { one: sessions } }, { strategies: { two: verifies } }] },
    'mode \'try\'': { servers: [{ strategies: { one: sessions } }, { strategies: { two: sessions } }], mode: 'try' },
    'web sockets': { servers: [{ strategies: { one: sessions } }, { strategies: { two: sessions } }], socket: true },
    'a clock that is a minute ahead': { servers: apart(minute, 0) },
    'a clock that is a minute behind': { servers: apart(-minute, 0) },
    'clocks that are a minute off in opposite directions': { servers: apart(minute, -minute) },
    'clocks that are a minute off, the other way round': { servers: apart(-minute, minute) },
    'a service that keeps no sessions, whose clock is a minute ahead': { servers: apart(0, minute, verifies) },
    'a service that keeps no sessions, whose clock is a minute behind': { servers: apart(0, -minute, verifies) }
};


describe('A logout', { timeout: 20_000 }, () => {

    let redis: RedisServer;

    const start = function (each: Arrangement['servers'][0], prefix: string, mode: Arrangement['mode']): Promise<Hapi.Server> {

        return ahead.run(each.ahead ?? 0, () => serve({ redis: redis.url, prefix: prefix.replaceAll(' ', '-'), lease: 300 }, each.strategies, mode));
    };

    before(async () => {

        redis = await RedisServer.start({ isSettled: true });
        Date.now = () => now() + (ahead.getStore() ?? 0);
    });

    after(async () => {

        Date.now = now;
        await redis.stop();
    });

    for (const [name, arrangement] of Object.entries(arrangements)) {
        describe(`with ${name}`, () => {

            const stage = async (prefix: string, story: (places: Place[]) => Promise<void>) => {

                const servers = await Promise.all(arrangement.servers.map((each) => start(each, `${prefix} of ${name}`, arrangement.mode)));

                try {
                    await story(servers.flatMap((server, i) => {

                        const { ahead: offset = 0, strategies } = arrangement.servers[i]!;
                        return Object.entries(strategies).map(([strategy, options]) => new Place({ server, strategy, offset, keepsSessions: options.refreshToken !== undefined, socket: arrangement.socket }));
                    }));
                }
                finally {
                    await Promise.all(servers.map((server) => server.stop()));
                }
            };

            const verdicts = (places: Place[], pair: Pair) => Promise.all(places.map((place) => place.me(pair)));

            const everywhere = (places: Place[], status: number) => places.map(() => status);

            it('ends both tokens in all places, wherever it happens', async () => {

                await stage('logout', async (places) => {

                    const [home] = places as [Place];
                    for (const place of places) {
                        const pair = await home.login('42');
                        const other = await home.login('42');
                        expect(await verdicts(places, pair)).to.equal(everywhere(places, 200));

                        expect(await place.logout(pair)).to.equal(204);
                        expect(await verdicts(places, pair)).to.equal(everywhere(places, 401));
                        expect(await home.refresh(pair)).to.equal(null);
                        expect(await verdicts(places, other)).to.equal(everywhere(places, 200));

                        expect(await verdicts(places, await home.login('42'))).to.equal(everywhere(places, 200));
                    }
                });
            });

            it('ends what a session was renewed to, and what it was renewed from', async () => {

                await stage('refresh', async (places) => {

                    for (const home of places.filter(({ keepsSessions }) => keepsSessions)) {
                        const first = await home.login('42');
                        const second = (await home.refresh(first))!;
                        const third = (await home.refresh(second))!;
                        expect(await verdicts(places, first)).to.equal(everywhere(places, 200));
                        expect(await verdicts(places, third)).to.equal(everywhere(places, 200));

                        expect(await home.logout(third)).to.equal(204);
                        for (const pair of [first, second, third]) {
                            expect(await verdicts(places, pair)).to.equal(everywhere(places, 401));
                            expect(await home.refresh(pair)).to.equal(null);
                        }
                    }
                });
            });

            it('is that of an account that is blocked, wherever that happens', async () => {

                await stage('block', async (places) => {

                    const [home] = places as [Place];
                    for (const place of places) {
                        const [one, two] = [await home.login('42'), await home.login('42')];
                        const renewed = (await home.refresh(two))!;
                        const stranger = await home.login('43');

                        await place.block('42');
                        for (const pair of [one, two, renewed]) {
                            expect(await verdicts(places, pair)).to.equal(everywhere(places, 401));
                            expect(await home.refresh(pair)).to.equal(null);
                        }

                        expect(await verdicts(places, stranger)).to.equal(everywhere(places, 200));

                        // Where the sessions are kept, it ends none that begins after it

                        if (place.keepsSessions) {
                            expect(await verdicts(places, await home.login('42'))).to.equal(everywhere(places, 200));
                        }
                    }
                });
            });
        });
    }
});


interface PlaceOptions {
    server: Hapi.Server;
    strategy: string;
    offset: number;
    keepsSessions: boolean;
    socket?: boolean;
}


/** A strategy of a server, where a user comes with tokens. */
class Place {

    readonly keepsSessions: boolean;
    readonly #options: PlaceOptions;

    constructor(options: PlaceOptions) {

        this.#options = options;
        this.keepsSessions = options.keepsSessions;
    }

    async login(sub: string): Promise<Pair> {

        return pairOf((await this.#inject('POST', `login/${sub}`)).result as any);
    }

    async refresh({ refreshToken }: Pair): Promise<Pair | null> {

        const { statusCode, result } = await this.#inject('POST', `token?refreshToken=${refreshToken}`);
        return statusCode === 200 ? pairOf(result as any) : null;
    }

    async me({ jwt: token }: Pair): Promise<number> {

        return (await this.#inject('GET', 'me', bearer(token))).statusCode;
    }

    /** With both tokens where the strategy reads both, over a socket with what that was opened with. */
    async logout({ jwt: token, refreshToken }: Pair): Promise<number> {

        const { server, strategy, socket } = this.#options;
        if (!socket) {
            return (await this.#inject('POST', this.keepsSessions ? `logout?refreshToken=${refreshToken}` : 'logout', bearer(token))).statusCode;
        }

        const client = new Nes.Client(`ws://127.0.0.1:${server.info.port}`);
        await client.connect({ auth: { headers: bearer(token) }, reconnect: false });
        try {
            return (await client.request({ method: 'POST', path: `/${strategy}/logout` })).statusCode;
        }
        finally {
            await client.disconnect();
        }
    }

    block(sub: string): Promise<void> {

        const { server, strategy, offset } = this.#options;
        return ahead.run(offset, () => hardLogout(server, strategy).revoke({ subject: sub }));
    }

    #inject(method: string, path: string, headers = {}): Promise<Hapi.ServerInjectResponse> {

        const { server, strategy, offset } = this.#options;
        return ahead.run(offset, () => server.inject({ method, url: `/${strategy}/${path}`, headers }));
    }
}


const serve = async function (options: PluginOptions, strategies: Arrangement['servers'][0]['strategies'], mode: 'try' | 'required' = 'required'): Promise<Hapi.Server> {

    const server = Hapi.server({ debug: false, port: 0, host: '127.0.0.1' });
    await RedisServer.settle(options);
    await server.register({ plugin, options });

    for (const [strategy, own] of Object.entries(strategies)) {
        server.auth.strategy(strategy, 'hard-logout', { jwt, ...own } satisfies StrategyOptions);
        const auth = { strategy, mode };

        server.route([
            { method: 'GET', path: `/${strategy}/me`, options: { auth }, handler: ({ auth: { isAuthenticated } }, h) => h.response('').code(isAuthenticated ? 200 : 401) },
            { method: 'POST', path: `/${strategy}/logout`, options: { auth, plugins: { 'hard-logout': { revoke: true, tokens: own.refreshToken ? 'either' : 'access' } } }, handler: () => null }
        ]);

        if (own.refreshToken) {
            const refresh = { auth: strategy, plugins: { 'hard-logout': { tokens: 'refresh' as const } } };
            server.route([
                { method: 'POST', path: `/${strategy}/login/{sub}`, options: { auth: false }, handler: (request) => hardLogout(server, strategy).issue(request, { sub: String(request.params.sub) }) },
                { method: 'POST', path: `/${strategy}/token`, options: refresh, handler: (request) => hardLogout(server, strategy).refresh(request) }
            ]);
        }
    }

    await server.register({ plugin: Nes, options: { auth: { type: 'direct', route: { strategy: Object.keys(strategies)[0]! } } } });
    await server.start();
    return server;
};
