import type { Events } from './events';
import type { OpenApiOptions } from './openapi';
import type { HandlerOptions } from './receivers';
import type { RouteOptions } from './routes';
import type { Health, Status } from './status';
import type { Credentials, Party } from './tokens';


/**
 * Types of an authenticated request for hapi: `Request<Refs>`, `server.route<Refs>()`, `Lifecycle.Method<Refs>`. For a whole app, extend
 * `ReqRefDefaults` of `@hapi/hapi`.
 *
 * @typeParam Claims - the claims that the app adds to its access tokens, or credentials that `validate` returns.
 * @typeParam Data - the `data` that the app gives to `issue()`.
 *
 * @example
 * server.route<Refs<{ name: string }>>({ method: 'GET', path: '/name', handler: ({ auth }) => auth.credentials.name });
 */
export interface Refs<Claims extends object = object, Data = unknown> {
    AuthUser: { id: string };

    /** In place of the user, for a client that acts for itself. */
    AuthApp: { id: string };
    AuthCredentialsExtra: Credentials & Claims;
    AuthArtifactsExtra: Artifacts<Data>;
}


/**
 * `request.auth.artifacts`. Dates are in milliseconds since the epoch.
 *
 * @example
 * const { subject, session, data } = request.auth.artifacts as Artifacts<{ device: string }>;
 */
export interface Artifacts<Data = unknown> {
    subject: string;
    session?: string;

    /** The access token's `jti`. */
    jti?: string;

    /** When the access token expires, or the refresh token if there is no live access token. */
    expires: number;

    /** Whether the access token had expired. It is then accepted for the live refresh token beside it. */
    expired?: boolean;

    /** Who acts as the subject. Left out if the user acts alone. */
    actor?: Party;

    /** The `data` of the session, if the refresh token was read. */
    data?: Data;

    [key: string]: unknown;
}


declare module '@hapi/hapi' {

    interface PluginProperties {
        'hard-logout': {

            /** For operators. From memory. */
            status: () => Status;

            /** For probes. Asks the store, within `timeout`. */
            health: () => Promise<Health>;

            /** Options for hapi-swagger, which has then also the routes of this scheme described. After the strategies were added. */
            openapi: () => OpenApiOptions;
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
