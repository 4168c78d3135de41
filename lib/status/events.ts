import type { Server } from '@hapi/hapi';
import type { Events as Told } from '../types';


const channels: (keyof Told)[] = ['issued', 'refreshed', 'reuse-detected', 'revoked', 'invalidated', 'outage', 'recovery'];


/** What the application is told, after the fact: `server.events`, the event `hard-logout`, one channel for each kind. */
export class Events {

    readonly #server: Server;

    constructor(server: Server) {

        this.#server = server;
        server.event({ name: 'hard-logout', channels });
    }

    /** Calls all listeners at once. What one throws, or rejects with later, is logged: it undoes nothing, and the other listeners are called all the same. */
    emit<K extends keyof Told>(channel: K, event: Told[K]): void {

        void this.#call(channel, event);
    }

    async #call(channel: keyof Told, event: unknown): Promise<void> {

        const results = await this.#server.events.gauge({ name: 'hard-logout', channel }, event);
        for (const result of results) {
            if (result.status === 'rejected') {
                this.#server.log(['hard-logout', 'error'], result.reason);
            }
        }
    }
}
