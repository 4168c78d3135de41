import type { Request, Server } from '@hapi/hapi';
import type { StrategySettings } from '../options/settings';
import type { Ending, Events, SessionEvent } from '../types';


/** What is emitted as `revoked`. */
export interface Revoked {
    strategy: string;
    ending: Ending;
    request: Request | null;
    settings: Pick<StrategySettings, 'sessions'> & { jwt: Pick<StrategySettings['jwt'], 'clockTolerance'> };
}


const channels: (keyof Events)[] = ['issued', 'refreshed', 'reauthenticated', 'reuse-detected', 'revoked', 'invalidated', 'order-lost', 'outage', 'recovery'];


/** Emits the event `hard-logout` of `server.events`, one channel for each kind, once something has happened. */
export class Emitter {

    readonly #server: Server;

    constructor(server: Server) {

        this.#server = server;
        server.event({ name: 'hard-logout', channels });
    }

    /** Calls all listeners at once. Where one throws, or rejects later, that is logged, and the others are called all the same. */
    emit<K extends keyof Events>(channel: K, event: Events[K]): void {

        void this.#call(channel, event);
    }

    /** What was revoked. The `iat` of an external JWT is in seconds, by a clock that may be ahead: for a while new ones look older than the cut-off. */
    revoked({ strategy, ending, request, settings: { sessions, jwt } }: Revoked): void {

        const { extent, before } = ending;
        const now = Date.now();
        const cutoff = extent !== 'subject' && extent !== 'everyone' || sessions ? 0 : before === null ? now : Math.ceil(before) - 1;
        const firstLater = (Math.floor((cutoff + jwt.clockTolerance) / 1000) + 1) * 1000;
        const loginsFrom = firstLater > now ? firstLater : null;

        this.emit('revoked', { strategy, ...ending, request: request?.info.id ?? null, loginsFrom });

        if (loginsFrom !== null) {
            this.#server.log(['hard-logout', 'logins', 'delayed', 'warn'], `The strategy ${strategy} refuses tokens that are issued to the revoked subjects before ` +
                `${new Date(loginsFrom).toISOString()}, also by new logins, since clocks may differ by jwt.clockTolerance. Revoking sessions by their ids has no such effect`);
        }
    }

    async #call(channel: keyof Events, event: unknown): Promise<void> {

        const results = await this.#server.events.gauge({ name: 'hard-logout', channel }, event);
        for (const result of results) {
            if (result.status === 'rejected') {
                this.#server.log(['hard-logout', 'error'], result.reason);
            }
        }
    }
}


/** What an event says of a session. */
export const sessionEvent = function (strategy: string, { issuer, subject, session }: Pick<SessionEvent, 'issuer' | 'subject' | 'session'>, request: Request | null | undefined): SessionEvent {

    return { strategy, issuer, subject, session, request: request?.info.id ?? null };
};
