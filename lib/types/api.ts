import type { Request } from '@hapi/hapi';
import type { ChallengeCode } from '../errors/refusal';
import type { Artifacts } from './hapi';
import type { Party } from './tokens';


// Of any route, however its types are refined by `Refs`

type AnyRequest = Request<any>;


/**
 * A successful response to a token request (RFC 6749 §5.1).
 *
 * @example
 * const { expires_in, refresh_token_expires_in }: TokenResponse = await hardLogout(server).refresh(request);
 */
export interface TokenResponse {

    /** Left out if it went into a cookie of `request`. */
    access_token?: string;
    token_type: 'Bearer';

    /** Lifetime of the access token, in seconds. */
    expires_in: number;

    /** Left out if it went into a cookie of `request`. */
    refresh_token?: string;

    /** How long the session lives unless it is renewed, in seconds. */
    refresh_token_expires_in: number;
}


/**
 * The same without a request, and so without cookies.
 *
 * @example
 * const { access_token, refresh_token }: TokenPair = await hardLogout(server).issue(null, { sub: '42' });
 */
export type TokenPair = Required<TokenResponse>;


/**
 * What `issue()` takes beside the claims.
 *
 * @example
 * const options: IssueOptions = { data: { device: 'phone' } };
 * const tokens = await hardLogout(server).issue(request, { sub: '42' }, options);
 */
export interface IssueOptions {

    /** Stored with the session, and found in `request.auth.artifacts.data` and `sessions()`: a device name, say. At most 4096 bytes of JSON. */
    data?: unknown;

    /**
     * Who acts as the subject: `request.auth.artifacts` of a support agent, say, whose tokens name a session. The claim `act` says so in each access token
     * (RFC 8693 §4.1), and the session ends with the agent's own, at once and everywhere.
     */
    actor?: Artifacts;

    /**
     * Sets cookies although a page of another origin made the request: for the redirect from an identity provider, whose `state` has proved that this
     * browser began the login (RFC 6749 §10.12). Defaults to `false`, which responds with 403.
     */
    allowCrossOrigin?: boolean;
}


/**
 * How a user was authenticated once more (OpenID Connect Core 1.0 §2): claims of the access token from then on. What is left out is unknown.
 *
 * @example
 * const how: ReauthenticateOptions = { acr: 'otp', amr: ['pwd', 'otp'] };
 * const tokens = await hardLogout(server).reauthenticate(request, how);
 */
export interface ReauthenticateOptions {

    /** The context, as routes name it in `acr`. */
    acr?: string;

    /** The methods. */
    amr?: string[];

    /** When, in seconds since the epoch, if another issuer has authenticated the user. Defaults to now. */
    auth_time?: number;
}


/**
 * What to revoke: one token, one session, a subject, or what was issued before a moment. If the strategy has several issuers, `issuer` is needed
 * with a `jti`, a `subject`, and a `session` that `issue()` has not begun.
 *
 * @example
 * const target: RevokeTarget = { subject: '42' };
 * await hardLogout(server).revoke(target);
 */
export type RevokeTarget =
    Target<{ accessToken: string }> |
    Target<{ refreshToken: string }> |

    /** An access token by its `jti`. */
    Target<{ jti: string; issuer?: string }> |
    Target<{ session: string; issuer?: string }> |
    Target<{ subject: string; issuer?: string }> |

    /** All of a subject's sessions but this one. */
    Target<{ subject: string; except: string; issuer?: string }> |

    /** What was issued before a moment, to a subject or, without one, to everyone. A number is in milliseconds since the epoch, at most a minute ahead. */
    Target<{ issuedBefore: number | Date; subject?: string; issuer?: string }>;


type Target<T> = T & { [K in Exclude<'accessToken' | 'refreshToken' | 'jti' | 'session' | 'subject' | 'except' | 'issuedBefore' | 'issuer', keyof T>]?: never };


/**
 * What `revoke()` takes beside the target.
 *
 * @example
 * const options: RevokeOptions = { reason: 'blocked', request };
 * await hardLogout(server).revoke({ subject: '42' }, options);
 */
export interface RevokeOptions {

    /** Why: for `onRevoke` and the event `revoked`. */
    reason?: string;

    /** In which request, for the same. */
    request?: AnyRequest;
}


/**
 * A live session. Moments are in milliseconds since the epoch.
 *
 * @example
 * const sessions: SessionInfo[] = await hardLogout(server).sessions('42');
 * const devices = sessions.map(({ id, renewed, data }) => ({ id, renewed: new Date(renewed), data }));
 */
export interface SessionInfo {

    /** As in the access token's session claim. */
    id: string;
    created: number;

    /** When its refresh token was used last; at first, when it was created. */
    renewed: number;

    /** When it ends unless it is renewed (`sessions.maxIdle`), and when it ends in any case (`sessions.maxAge`). */
    expires: number;
    ends: number;

    /** Who acts as the subject in this session. Left out if the user acts alone. */
    actor?: Party;

    /** What `issue()` was given as `data`. */
    data?: unknown;
}


/**
 * Why a token is accepted or not. Moments are in milliseconds since the epoch.
 *
 * @example
 * const { accepted, code, text }: Explanation = await hardLogout(server).explain(accessToken);
 */
export interface Explanation {
    kind: 'access_token' | 'refresh_token';
    accepted: boolean;

    /** The code of the refusal. */
    code: ChallengeCode | null;

    /** A sentence for an operator. */
    text: string;

    /** Of a token that verifies. */
    subject?: string;
    session?: string;
    issued?: number;
    expires?: number;
}


/**
 * `server.auth.api[strategy]`, typed by `hardLogout(server, strategy)`.
 *
 * @example
 * const session: StrategyApi = hardLogout(server, 'session');
 */
export interface StrategyApi {

    /**
     * Begins a session and resolves with its first pair of tokens.
     *
     * @param request - the request whose response has the tokens, and sets the strategy's cookies; `null` if there is none.
     * @param claims - of the access token. `sub` is required; those that the scheme sets are refused.
     * @throws 409 when the user has as many sessions as `sessions.max` allows, and `sessions.whenFull` is `'refuse'`; 503 when the store cannot be reached.
     *
     * @example
     * const { access_token, refresh_token } = await hardLogout(server).issue(null, { sub: '42', scope: ['user'] });
     */
    issue(request: null, claims: { sub: string } & Record<string, unknown>, options?: IssueOptions): Promise<TokenPair>;
    issue(request: AnyRequest, claims: { sub: string } & Record<string, unknown>, options?: IssueOptions): Promise<TokenResponse>;

    /**
     * Renews the session of a refresh token: the one of an authenticated request, or one given by hand.
     *
     * @throws 401 when the token is unknown, revoked, expired or was used before (then its session ends); 503 when the store cannot be reached.
     *
     * @example
     * const tokens = await hardLogout(server).refresh(request);
     */
    refresh(token: string): Promise<TokenPair>;
    refresh(request: AnyRequest): Promise<TokenResponse>;

    /**
     * Notes that the user of an authenticated request was authenticated once more, and renews the session: for routes with `maxAuthAge` or `acr`. The refresh tokens
     * from before are refused, without a grace; access tokens from before go on to say what they said.
     *
     * @throws 401 and 503 as `refresh()`.
     * @example
     * const tokens = await hardLogout(server).reauthenticate(request, { acr: 'password' });
     */
    reauthenticate(request: AnyRequest, how?: ReauthenticateOptions): Promise<TokenResponse>;

    /**
     * Revokes by hand: after a password change, for a blocked account, at a support desk. Revoking twice is a success.
     *
     * @throws 401 when a token given does not verify; 503 when the store cannot be reached; what `onRevoke` or `lookup.remove` throws.
     *
     * @example
     * await hardLogout(server).revoke({ subject: '42' }, { reason: 'blocked' });
     */
    revoke(target: RevokeTarget, options?: RevokeOptions): Promise<void>;

    /**
     * A subject's live sessions, oldest first.
     *
     * @throws 503 when the store cannot be reached.
     *
     * @example
     * const [oldest] = await hardLogout(server).sessions('42');
     */
    sessions(subject: string): Promise<SessionInfo[]>;

    /**
     * Why a token is or is not accepted now. Changes nothing. `validate` and the settings of routes are not looked at.
     *
     * @throws 503 when the store cannot be reached.
     *
     * @example
     * const { accepted, text } = await hardLogout(server).explain(accessToken);
     */
    explain(token: string): Promise<Explanation>;
}
