import * as Timers from 'node:timers/promises';

import { bearer } from './server';

import type { Pair, Prepared } from './server';


export const alive = { jwt: 200, refreshToken: 200 };

export const dead = { jwt: 401, refreshToken: 401 };


/** The status of the response to each token of a pair, presented alone. */
export const fate = async function ({ server, me }: Prepared, { jwt, refreshToken }: Pair) {

    const renewal = await server.inject({ method: 'POST', url: `/token?refreshToken=${refreshToken}` });
    return { jwt: (await me(jwt)).statusCode, refreshToken: renewal.statusCode };
};


export const logout = function ({ server }: Prepared, { jwt, refreshToken }: Pair, path = '/logout') {

    return server.inject({ method: 'POST', url: `${path}?refreshToken=${refreshToken}`, headers: bearer(jwt) });
};


/** What can be waited for until it is opened. */
export function gate<T = void>() {

    let open!: (value: T) => void;
    const opened = new Promise<T>((resolve) => {

        open = resolve;
    });

    return { opened, open };
}


/** Long enough for everything that nothing holds back. */
export const turns = async function () {

    for (let i = 0; i < 20; ++i) {
        await Timers.setImmediate();
    }
};
