import type { Request } from '@hapi/hapi';
import type { ChallengeCode } from '../errors/refusal';


/** A request of any route, however its types are refined by `Refs`. */
export type AnyRequest = Request<any>;


/** A successful response to a token request (RFC 6749 §5.1). */
export interface TokenResponse {

    /** Left out where it went into the cookie of `request`. */
    access_token?: string;
    token_type: 'Bearer';

    /** Lifetime of the access token, in seconds. */
    expires_in: number;

    /** Left out where it went into the cookie of `request`. */
    refresh_token?: string;
}


/** The same where no request is at hand, and so no cookie. */
export type TokenPair = Required<TokenResponse>;


export interface IssueOptions {

    /** Kept with the session and shown as `request.auth.artifacts.data` and by `sessions()`: a device name, say. At most 4096 bytes of JSON. */
    data?: unknown;

    /**
     * Sets cookies although a page of another origin made the request: for the way back from an identity provider, whose `state` has proved that this
     * browser began the login (RFC 6749 §10.12). Defaults to `false`: 403.
     */
    allowCrossOrigin?: boolean;
}


/**
 * What to revoke: one token, one session, a subject, or what was issued before a moment. Where the strategy has several issuers, `issuer` is needed
 * beside a `jti`, a `session` that the plugin does not keep, and a `subject`.
 */
export type RevokeTarget =
    Target<{ accessToken: string }> |
    Target<{ refreshToken: string }> |

    /** An access token by its `jti`, of which nothing else is known. */
    Target<{ jti: string; issuer?: string }> |
    Target<{ session: string; issuer?: string }> |
    Target<{ subject: string; issuer?: string }> |

    /** All of a subject's sessions but this one. */
    Target<{ subject: string; except: string; issuer?: string }> |

    /** Of a subject's tokens or, without a subject, of everybody's: those issued before. In milliseconds since the epoch; at most a minute ahead. */
    Target<{ issuedBefore: number | Date; subject?: string; issuer?: string }>;


type Target<T> = T & { [K in Exclude<'accessToken' | 'refreshToken' | 'jti' | 'session' | 'subject' | 'except' | 'issuedBefore' | 'issuer', keyof T>]?: never };


export interface RevokeOptions {

    /** Why: for `onRevoke` and the event `revoked`. */
    reason?: string;

    /** By which request: the same. */
    request?: AnyRequest;
}


/** A live session. Moments are in milliseconds since the epoch. */
export interface SessionInfo {

    /** As in the access token's session claim. */
    id: string;
    created: number;

    /** When its refresh token was used last; at first, when it was created. */
    renewed: number;

    /** When it ends unless it is renewed. */
    expires: number;

    /** What `issue()` was given as `data`. */
    data?: unknown;
}


/** Why a token is accepted or not. Moments are in milliseconds since the epoch. */
export interface Explanation {
    kind: 'access_token' | 'refresh_token';
    accepted: boolean;

    /** With what a request would be refused. */
    code: ChallengeCode | null;

    /** A sentence for an operator. */
    text: string;

    /** Of a token that verifies. */
    subject?: string;
    session?: string;
    issued?: number;
    expires?: number;
}


/** `server.auth.api[strategy]`, typed by `hardLogout(server, strategy)`. */
export interface StrategyApi {

    /**
     * Begins a session and resolves with its first pair of tokens.
     *
     * @param request - the request whose response carries the tokens, and sets the cookies that the strategy has; `null` where there is none.
     * @param claims - of the access token. `sub` is required; those the scheme sets itself are refused.
     * @throws 503 when the store cannot be reached.
     */
    issue(request: null, claims: { sub: string } & Record<string, unknown>, options?: IssueOptions): Promise<TokenPair>;
    issue(request: AnyRequest, claims: { sub: string } & Record<string, unknown>, options?: IssueOptions): Promise<TokenResponse>;

    /**
     * Renews the session of a refresh token: the one of an authenticated request, or one given by hand.
     *
     * @throws 401 when the token is unknown, revoked, expired or was used before (then its session ends); 503 when the store cannot be reached.
     */
    refresh(token: string): Promise<TokenPair>;
    refresh(request: AnyRequest): Promise<TokenResponse>;

    /**
     * Revokes from outside a request: a password change, a blocked account, a support desk. Ending twice is a success.
     *
     * @throws 401 when a token given does not verify; 503 when the store cannot be reached; what `onRevoke` or `lookup.remove` throws.
     */
    revoke(target: RevokeTarget, options?: RevokeOptions): Promise<void>;

    /**
     * A subject's live sessions, oldest first.
     *
     * @throws 503 when the store cannot be reached.
     */
    sessions(subject: string): Promise<SessionInfo[]>;

    /**
     * Why a token is or is not accepted at this moment, without any effect on it. `validate` and what a route asks for are left out.
     *
     * @throws 503 when the store cannot be reached.
     */
    explain(token: string): Promise<Explanation>;
}
