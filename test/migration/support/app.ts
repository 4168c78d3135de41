import * as HardLogout from '../../../lib';
import { load } from '../../support/run';

import type { Server, ServerInjectResponse } from '@hapi/hapi';


/** What the apps are given. */
export interface Surroundings {
    redis?: string;
    key?: string;
    retiredKey?: string;
    refreshKey?: string;
}


export const key = 'a shared secret of 32 bytes or more';


// A logout that comes soon after a process has joined takes a lease, and so does the first process on a new Redis

const hurried = {
    'hapi-auth-hard-logout': {
        ...HardLogout,
        plugin: {
            ...HardLogout.plugin,
            register: (server: Server, options: HardLogout.PluginOptions) => HardLogout.plugin.register(server, { ...options, lease: 300 })
        }
    }
};


export interface Tokens {
    token: string;
    refreshToken: string;
}


export interface Call {
    token?: string;
    headers?: Record<string, string>;
    payload?: object;
}


export interface Answer {
    statusCode: number;
    result: any;
    headers: ServerInjectResponse['headers'];
}


/** The servers of a test. */
export class Apps {

    readonly #servers: Server[] = [];

    /** One more server of an app (`tutorial/before`), ready for requests. */
    async open(app: string, surroundings: Surroundings): Promise<Server> {

        const server: Server = await load(`test/migration/${app}.js`, hurried).createServer(surroundings);
        server.settings.debug = false;
        this.#servers.push(server);
        await server.initialize();
        return server;
    }

    async close(): Promise<void> {

        await Promise.all(this.#servers.splice(0).map((server) => server.stop()));
    }
}


/** A request as `'POST /login'`, with an access token in the Authorization header. */
export const call = async function (server: Server, line: string, { token, headers, payload }: Call = {}): Promise<Answer> {

    const [method, url] = line.split(' ') as [string, string];
    const response = await server.inject({ method, url, payload, headers: { ...headers, ...token !== undefined && { authorization: `Bearer ${token}` } } });
    return { statusCode: response.statusCode, result: response.result, headers: response.headers };
};


/** The status alone. */
export const status = async function (...args: Parameters<typeof call>): Promise<number> {

    const { statusCode } = await call(...args);
    return statusCode;
};


export const login = async function (server: Server, payload = { name: 'ada', password: 'lovelace' }): Promise<Tokens> {

    const { statusCode, result } = await call(server, 'POST /login', { payload });
    if (statusCode !== 200) {
        throw new Error(`The login was answered ${statusCode}`);
    }

    return result;
};


/** The pairs of cookies that a response sets; one that it clears has no value. */
export const cookiesOf = function ({ headers }: Answer): Record<string, string> {

    const lines = [headers['set-cookie'] ?? []].flat();
    return Object.fromEntries(lines.map((line) => /^([^=]*)=([^;]*)/.exec(line)!.slice(1)));
};
