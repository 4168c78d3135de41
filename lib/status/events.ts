import type { Server } from '@hapi/hapi';
import type { Events as Told } from '../types';


const channels: (keyof Told)[] = ['issued', 'refreshed', 'reused', 'revoked', 'arrived', 'outage', 'recovery'];


/** What the application is told, after the fact: `server.events`, the event `hard-logout`, one channel for each kind. */
export class Events {

    readonly #server: Server;

    constructor(server: Server) {

        this.#server = server;
        server.event({ name: 'hard-logout', channels });
    }

    /** A listener that throws undoes nothing of what was done, and keeps no other listener from hearing of it. */
    emit<K extends keyof Told>(channel: K, event: Told[K]): void {

        try {
            this.#server.events.emit({ name: 'hard-logout', channel }, event);
        }
        catch (error) {
            this.#server.log(['hard-logout', 'error'], error as Error);
        }
    }
}
