import type { Request, Server } from '@hapi/hapi';
import type { PluginSettings, StrategySettings } from '../options/settings';
import type { AuditedChannel, AuditedEvent, Client, Ending, Events, Party, SessionEvent } from '../types';


export interface Revoked {
    strategy: string;
    ending: Ending;
    request: Request | null;
    settings: Pick<StrategySettings, 'sessions'> & { jwt: Pick<StrategySettings['jwt'], 'clockTolerance'> };
}


export interface HappenedToSession {
    strategy: string;
    session: Pick<SessionEvent, 'issuer' | 'subject' | 'session'> & { actors?: Party[] };
    request: Request | null | undefined;
}


export interface RequestParties {
    by: Pick<Party, 'issuer' | 'subject'> & { session?: string } | undefined;
    actor: Party | undefined;
}


export interface EmitterOptions {
    client: PluginSettings['events']['client'];
    partiesOf: (request: Request) => RequestParties;
}


// The longest client text in an event: a header may have many kilobytes

const maxText = 256;


const channels: (keyof Events)[] = ['issued', 'refreshed', 'reauthenticated', 'reuse-detected', 'revoked', 'invalidated', 'order-lost', 'outage', 'recovery'];


/** Emits the event `hard-logout` of `server.events`, with a channel for each kind. */
export class Emitter {

    readonly #server: Server;
    readonly #options: EmitterOptions;

    constructor(server: Server, options: EmitterOptions) {

        this.#server = server;
        this.#options = options;
        server.event({ name: 'hard-logout', channels });
    }

    /** Calls all listeners at once. An error of one is logged, and does not affect the others. */
    emit<K extends keyof Events>(channel: K, event: Events[K]): void {

        void this.#call(channel, event);
    }

    /** Like `emit()`, with what an audit log needs: what, when, who, and from where. */
    audit<K extends AuditedChannel>(type: K, event: Omit<Events[K], Exclude<keyof AuditedEvent, 'strategy'>>, { request, actor }: { request: Request | null; actor?: Party }): void {

        const { by, actor: acting } = request ? this.#options.partiesOf(request) : {};
        this.emit(type, {
            type,
            at: Date.now(),
            ...event,
            request: request?.info.id ?? null,
            by: by ? partyOf(by) : null,
            actor: actor ?? acting ?? null,
            ...this.#options.client !== false && { client: this.#clientOf(request) }
        } as unknown as Events[K]);
    }

    session(type: SessionEvent['type'], { strategy, session: { issuer, subject, session, actors }, request = null }: HappenedToSession): void {

        this.audit(type, { strategy, issuer, subject, session }, { request, actor: actors?.map(partyOf)[0] });
    }

    /** The `iat` of an external JWT is in seconds, by a clock that may be ahead, so for a short time new ones look older than the cut-off. */
    revoked({ strategy, ending, request, settings: { sessions, jwt } }: Revoked): void {

        const { extent, before } = ending;
        const now = Date.now();
        const cutoff = extent !== 'subject' && extent !== 'everyone' || sessions ? 0 : before === null ? now : Math.ceil(before) - 1;
        const firstLater = (Math.floor((cutoff + jwt.clockTolerance) / 1000) + 1) * 1000;
        const loginsFrom = firstLater > now ? firstLater : null;

        this.audit('revoked', { strategy, ...ending, loginsFrom }, { request });

        if (loginsFrom !== null) {
            this.#server.log(['hard-logout', 'logins', 'delayed', 'warn'], `The strategy ${strategy} refuses tokens issued to the revoked subjects before ` +
                `${new Date(loginsFrom).toISOString()}, also those of new logins, because clocks may differ by jwt.clockTolerance. Revoking sessions by their ids does not have this effect`);
        }
    }

    // An error in the app's function is logged

    #clientOf(request: Request | null): Client | null {

        const { client } = this.#options;
        if (request === null) {
            return null;
        }

        try {
            const { address, agent } = typeof client === 'function' ? client(request) : { address: request.info.remoteAddress, agent: request.headers['user-agent'] as string | undefined };
            return { address: shorten(address), agent: shorten(agent) };
        }
        catch (error) {
            this.#server.log(['hard-logout', 'error'], error as Error);
            return null;
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


/** A copy, for the app: internal objects also have tokens. */
export const partyOf = function ({ issuer, subject, session }: { issuer: string; subject: string; session?: string | null }): Party {

    return { issuer, subject, session: session ?? null };
};


const shorten = function (text: string | null | undefined): string | null {

    return text?.slice(0, maxText) ?? null;
};
