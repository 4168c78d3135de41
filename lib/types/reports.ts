import type { Extent, RouteOptions } from '.';


/** What `server.plugins['hard-logout'].status()` answers. Moments are in milliseconds since the epoch. */
export interface Status {
    store: 'memory' | 'redis';

    /** Present on Redis, unless `lease` is false. */
    lease?: {

        /** Since when it has been held without a break; null while it is not. */
        heldSince: number | null;

        /** How often the process has joined: once, and again after each lost connection. */
        generation: number;

        /** Processes that share the blacklist, this one included, as of its last revocation. */
        processes: number;
    };

    cache: {
        size: number;
        max: number;

        /** Whether all of the blacklist is held, so that nothing has to be asked. */
        isComplete: boolean;

        /** Checks that were answered from memory, and those that were not. */
        hits: number;
        misses: number;
    };

    /** How often the lease was lost, and when that was last; `ended` is null while it is. */
    outages: number;
    lastOutage: { began: number; ended: number | null; reason: string } | null;

    /** Requests that were served although the blacklist could not be asked. */
    accepted: number;
}


/** All is served; reads are, by a strategy with `outage: 'accept'`, though the store is away; nothing is. */
export type HealthState = 'ready' | 'degraded' | 'unavailable';


/** What `server.plugins['hard-logout'].health()` answers: for anybody's eyes, as it holds neither addresses nor reasons. */
export interface Health {

    /** Of a route for readiness: 503 while any strategy lets nobody in. */
    statusCode: 200 | 503;

    /** The worst of the strategies'. */
    state: HealthState;
    store: 'memory' | 'redis';

    /** By their names. */
    strategies: Record<string, HealthState>;
}


/** What ends. Moments are in milliseconds since the epoch. */
export interface Ending {

    /** `'others'`: all of the subject's sessions but `session`. `'everyone'`: all that was issued before `before`. */
    extent: Extent | 'everyone';

    /** Whose subjects and sessions they are; empty where the strategy checks none. */
    issuer: string;

    /** Null where it is not known: a session that is ended by its id; everyone. */
    subject: string | null;
    session: string | null;

    /** Only what was issued before; null where it is all that was issued so far. */
    before: number | null;

    /** What `revoke()` was given, `'logout'` on a route. */
    reason: string | null;
}


/** What is told of a session. No token is ever in an event. */
export interface SessionEvent {
    strategy: string;
    issuer: string;
    subject: string;
    session: string;

    /** `request.info.id` of the request it happened in. */
    request: string | null;
}


export interface RevokedEvent extends Ending {
    strategy: string;
    request: string | null;
}


/** Revocations that this process has just heard of, its own included. */
export interface ArrivedEvent {

    /** Whether they end what these artifacts stand for: those of a request, or of a socket that was authenticated by one. */
    affects: (artifacts: object | null | undefined) => boolean;
}


export type OutageEvent = NonNullable<Status['lastOutage']>;


/** The channels of the server event `hard-logout`, and what their listeners are given. */
export interface Events {

    /** A session began. */
    issued: SessionEvent;

    /** A session was renewed. */
    refreshed: SessionEvent;

    /** A refresh token was used a second time, too late or too often: its session was ended. */
    reused: SessionEvent;

    /** Something was revoked, in every process. */
    revoked: RevokedEvent;
    arrived: ArrivedEvent;

    /** The lease was lost; it is held again. */
    outage: OutageEvent;
    recovery: OutageEvent;
}


declare module '@hapi/hapi' {

    interface PluginProperties {
        'hard-logout': {

            /** From memory, for whoever runs the app. */
            status: () => Status;

            /** Asks the store, in bounded time. */
            health: () => Promise<Health>;
        };
    }

    interface PluginSpecificConfiguration {
        'hard-logout'?: RouteOptions;
    }

    interface ServerEvents {
        on<K extends keyof Events>(criteria: { name: 'hard-logout'; channels: K | K[] }, listener: (event: Events[K]) => void): this;
        once<K extends keyof Events>(criteria: { name: 'hard-logout'; channels: K | K[] }, listener: (event: Events[K]) => void): this;
        once<K extends keyof Events>(criteria: { name: 'hard-logout'; channels: K | K[] }): Promise<[Events[K]]>;
    }
}
