import type { Extent } from './routes';
import type { Status } from './status';


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


/** An event about one session. No token is ever in an event. */
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

    /**
     * From when on (ms) new logins of those concerned are accepted, where that is later than now: a JWT says in seconds, by a clock that may be ahead by
     * `jwt.clockTolerance`, when it was issued. What is issued before is refused for good. Null where it is now: with sessions, or when one session ended.
     */
    loginsFrom: number | null;
}


/** This process has just learned of revocations, its own included. */
export interface InvalidatedEvent {

    /** Whether they end what these artifacts stand for: those of a request, or of a socket that was authenticated by one. */
    affects: (artifacts: object | null | undefined) => boolean;
}


/** An order from outside is given up: it could not be carried out within about half a minute. What is not known, of a token that nobody could verify, is null. */
export interface OrderLostEvent {
    strategy: string;

    /** The handler's `receive`. */
    receive: string;
    issuer: string | null;
    jti: string | null;
    reason: string;
}


export type OutageEvent = NonNullable<Status['lastOutage']>;


/** The channels of the server event `hard-logout`, and what their listeners are given. */
export interface Events {

    /** A session began. */
    issued: SessionEvent;

    /** A session was renewed. */
    refreshed: SessionEvent;

    /** A refresh token was used a second time, too late or too often: its session was ended. */
    'reuse-detected': SessionEvent;

    /** Something was revoked, in every process. */
    revoked: RevokedEvent;
    invalidated: InvalidatedEvent;

    'order-lost': OrderLostEvent;

    /** The lease was lost; it is held again. */
    outage: OutageEvent;
    recovery: OutageEvent;
}
