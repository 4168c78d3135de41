import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { Outage } from '../errors/outage';

import type { Server } from '@hapi/hapi';


// Half a minute, with the waits between them

const attempts = 10;


/** Work that no response waits for. The server waits for it when it stops. */
export class Background {

    readonly #server: Server;
    readonly #pending = new Set<Promise<unknown>>();
    #stopping = stopper();

    constructor(server: Server) {

        this.#server = server;
    }

    track(work: Promise<void>): void {

        this.add(work.catch((error) => this.#server.log(['hard-logout', 'error'], error)));
    }

    add(work: Promise<unknown>): void {

        const pending: Promise<unknown> = work.finally(() => this.#pending.delete(pending));
        this.#pending.add(pending);
    }

    /** Repeats work during an outage, for half a minute. When the server stops, once more, at once. */
    async insist<T>(work: () => Promise<T>): Promise<T> {

        const { signal } = this.#stopping;
        for (let i = 0; i < attempts && !signal.aborted; ++i) {
            try {
                return await work();
            }
            catch (error) {
                if (!(error instanceof Outage)) {
                    throw error;
                }
            }

            await sleep(Math.min(100 * 2 ** i, 5000), undefined, { signal, ref: false }).catch(() => undefined);
        }

        return await work();
    }

    /** After a `drain()`, before the server starts again. */
    resume(): void {

        this.#stopping = stopper();
    }

    async drain(): Promise<void> {

        this.#stopping.abort();
        while (this.#pending.size > 0) {
            await Promise.all(this.#pending);
        }
    }
}


// With any number of listeners

const stopper = function (): AbortController {

    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    return controller;
};
