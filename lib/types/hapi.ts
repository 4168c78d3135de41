import type { Events } from './events';
import type { HandlerOptions } from './receivers';
import type { RouteOptions } from './routes';
import type { Health, Status } from './status';


/**
 * `request.auth.credentials`, where `validate` does not answer others: the claims of the access token or, where only the refresh token was read,
 * those that `issue()` was given and the session claim. `user`, `app` and `scope` are hapi's. Dates are in seconds since the epoch.
 */
export interface Credentials {
    sub: string;
    iss?: string;
    aud?: string | string[];
    exp?: number;
    nbf?: number;
    iat?: number;
    jti?: string;
    sid?: string;
    auth_time?: number;

    [claim: string]: unknown;
}


/** Whom the credentials are of: `credentials.user`, or `credentials.app` for a client that acts for itself. */
export interface Identity {
    id: string;
}


/**
 * What hapi is to know of an authenticated request: `Request<Refs>`, `server.route<Refs>()`, `Lifecycle.Method<Refs>`. For a whole app,
 * `ReqRefDefaults` of `@hapi/hapi` can be told the same.
 *
 * @typeParam Claims - what the app puts into its access tokens, or answers in `validate`, besides what every token has.
 * @typeParam Data - what `issue()` is given as `data`.
 */
export interface Refs<Claims extends object = object, Data = unknown> {
    AuthUser: Identity;
    AuthApp: Identity;
    AuthCredentialsExtra: Credentials & Claims;
    AuthArtifactsExtra: Artifacts<Data>;
}


/** `request.auth.artifacts`. Dates are in milliseconds since the epoch. `Data` is what `issue()` is given as `data`. */
export interface Artifacts<Data = unknown> {
    subject: string;
    session?: string;

    /** The access token's `jti`. */
    jti?: string;

    /** When the credentials expire: with the access token, or with the refresh token where there is no other. */
    expires: number;

    /** Whether the access token had expired: only where a live refresh token vouches for it. */
    expired?: boolean;

    /** What `issue()` kept with the session, where the refresh token was read. */
    data?: Data;

    [key: string]: unknown;
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

    interface HandlerDecorations {
        'hard-logout'?: HandlerOptions;
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
