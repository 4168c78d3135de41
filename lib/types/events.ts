import type { Extent } from './routes';
import type { Status } from './status';
import type { Party } from './tokens';


/**
 * What ends. Moments are in milliseconds since the epoch.
 *
 * @example
 * const onRevoke = ({ extent, reason }: Ending) => {
 *
 *     if (extent === 'everyone' && reason === null) {
 *         throw new Error('Say why everyone is logged out');
 *     }
 * };
 */
export interface Ending {

    /** `'others'`: all of the subject's sessions but `session`. `'everyone'`: all that was issued before `before`. */
    extent: Extent | 'everyone';

    /** Whose subjects and sessions they are; empty if the strategy checks none. */
    issuer: string;

    /** Null for everyone, and for a session that is ended by its id. */
    subject: string | null;
    session: string | null;

    /** Only what was issued before this moment. Null for all that was issued so far. */
    before: number | null;

    /** `'logout'` on a route, `'sessions.max'`, the name of a receiver, event or endpoint, or what `revoke()` was given. */
    reason: string | null;
}


/**
 * From where a request came.
 *
 * @example
 * const client = ({ headers }: Hapi.Request): Partial<Client> => ({ address: String(headers['x-real-ip']), agent: String(headers['user-agent']) });
 * await Hapi.server().register({ plugin, options: { events: { client } } });
 */
export interface Client {

    /** Of the network. Behind a proxy it is the proxy's, unless the option `events.client` is a function that says otherwise. */
    address: string | null;

    /** The header `User-Agent`, which a client can choose, cut off after 256 characters. */
    agent: string | null;
}


/**
 * What the events for an audit log have in common. No token is ever in an event.
 *
 * @example
 * const write = ({ at, type, strategy, by }: AuditedEvent) => console.log(new Date(at).toISOString(), type, strategy, by?.subject);
 * server.events.on({ name: 'hard-logout', channels: ['issued', 'revoked'] }, write);
 */
export interface AuditedEvent {

    /** What happened: the channel of the event. */
    type: AuditedChannel;

    /** When it had happened, in milliseconds since the epoch. */
    at: number;
    strategy: string;

    /** `request.info.id` of the request it happened in. */
    request: string | null;

    /** Whose tokens authenticated that request. Null without a request, and if no strategy of this scheme authenticated it. */
    by: Party | null;

    /** Who acts as the user: in the session that the event is about, else in the request. Null if the user acts alone. */
    actor: Party | null;

    /** From where the request came, with the plugin option `events.client` only. Null without a request. */
    client?: Client | null;
}


/**
 * An event about one session.
 *
 * @example
 * server.events.on({ name: 'hard-logout', channels: 'reuse-detected' }, ({ subject, session }: SessionEvent) => console.error('stolen', subject, session));
 */
export interface SessionEvent extends AuditedEvent {
    type: 'issued' | 'refreshed' | 'reauthenticated' | 'reuse-detected';
    issuer: string;
    subject: string;
    session: string;
}


/**
 * Something was revoked, in every process.
 *
 * @example
 * server.events.on({ name: 'hard-logout', channels: 'revoked' }, ({ extent, subject, reason }: RevokedEvent) => console.log(extent, subject, reason));
 */
export interface RevokedEvent extends Ending, AuditedEvent {
    type: 'revoked';

    /**
     * From when on (ms) new logins of the subject, or of everyone, are accepted. A token that is issued earlier is refused for its whole life, since its `iat`
     * is in seconds, by a clock that may be ahead by `jwt.clockTolerance`. Null if logins are accepted at once: with sessions, or when one session ended.
     */
    loginsFrom: number | null;
}


/**
 * An order from outside is given up: it could not be carried out within about half a minute. What is not known, of a token that could not be verified, is null.
 *
 * @example
 * server.events.on({ name: 'hard-logout', channels: 'order-lost' }, ({ receive, issuer, reason }: OrderLostEvent) => console.error(receive, issuer, reason));
 */
export interface OrderLostEvent extends AuditedEvent {
    type: 'order-lost';

    /** The handler's `receive`. */
    receive: string;
    issuer: string | null;
    jti: string | null;
    reason: string;
}


/**
 * The channels whose events are for an audit log.
 *
 * @example
 * const channels: AuditedChannel[] = ['issued', 'refreshed', 'reauthenticated', 'reuse-detected', 'revoked', 'order-lost'];
 * for (const channel of channels) {
 *     server.events.on({ name: 'hard-logout', channels: channel }, (event) => console.log(JSON.stringify(event)));
 * }
 */
export type AuditedChannel = 'issued' | 'refreshed' | 'reauthenticated' | 'reuse-detected' | 'revoked' | 'order-lost';


/**
 * The channels of the server event `hard-logout`, and the event of each.
 *
 * @example
 * const count = new Map<keyof Events, number>();
 * server.events.on({ name: 'hard-logout', channels: ['issued', 'revoked'] }, ({ type }) => count.set(type, (count.get(type) ?? 0) + 1));
 */
export interface Events {

    /** A session began. */
    issued: SessionEvent;

    /** A session was renewed. */
    refreshed: SessionEvent;

    /** The user of a session was authenticated once more. */
    reauthenticated: SessionEvent;

    /** A refresh token was used a second time, after its grace: its session was ended. */
    'reuse-detected': SessionEvent;

    /** Something was revoked, in every process. */
    revoked: RevokedEvent;

    /** This process has received revocations, its own included. `affects` returns whether they end the tokens of a request or a socket, by its `auth.artifacts`. */
    invalidated: { affects: (artifacts: object | null | undefined) => boolean };

    'order-lost': OrderLostEvent;

    /** The lease was lost, and was renewed. `ended` is null while the outage lasts. */
    outage: NonNullable<Status['lastOutage']>;
    recovery: NonNullable<Status['lastOutage']>;
}
