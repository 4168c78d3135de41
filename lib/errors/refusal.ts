// This room has the errors that end a request or a call: refusals, as codes, and outages.

/**
 * Why a token or a request is refused. The codes are stable.
 *
 * @example
 * const isDead = (code: ChallengeCode) => code.endsWith('_revoked') || code.endsWith('_reused');
 */
export type ChallengeCode =
    'access_token_malformed' |
    'access_token_repeated' |
    'refresh_token_malformed' |
    'refresh_token_repeated' |
    'access_token_missing' |
    'access_token_invalid' |
    'access_token_expired' |
    'access_token_revoked' |
    'refresh_token_missing' |
    'refresh_token_invalid' |
    'refresh_token_expired' |
    'refresh_token_revoked' |
    'refresh_token_reused' |
    'tokens_mismatched' |
    'credentials_refused' |
    'insufficient_user_authentication' |
    'cross_origin_refused' |
    'actor_refused' |
    'too_many_sessions';


/** What could not be reached. */
export type OutageCode = 'store_unavailable' | 'key_set_unavailable';


/**
 * Every code of this package, in the payload of a response and as `error.data.code`. The first two are hapi's own refusals.
 *
 * @example
 * const codeOf = ({ data }: { data?: { code?: ErrorCode } }) => data?.code;
 * server.ext('onPreResponse', ({ response }, h) => {
 *
 *     if ('isBoom' in response && codeOf(response) === 'store_unavailable') {
 *         console.error('logouts fail');
 *     }
 *
 *     return h.continue;
 * });
 */
export type ErrorCode = 'credentials_missing' | 'insufficient_scope' | ChallengeCode | OutageCode;


/** A refusal, as a code: `request/` and `api/` turn it into a response. `detail` is for operators, and contains nothing of the token. */
export class Refusal extends Error {

    override readonly name = 'Refusal';
    readonly code: ChallengeCode;
    readonly detail?: string;

    /** Whether the token is certainly dead. False if another strategy may accept it, or this one later. */
    readonly isCertain: boolean;

    constructor(code: ChallengeCode, detail?: string, { isCertain = true } = {}) {

        super(detail ?? code);
        this.code = code;
        this.detail = detail;
        this.isCertain = isCertain;
    }
}


/** The user was authenticated too long ago, or too weakly. Other routes accept the tokens. */
export class InsufficientAuthentication extends Refusal {

    /** What the route requires: the longest age (ms) of the authentication, and its contexts. */
    readonly wanted: AuthenticationWanted;

    constructor(wanted: AuthenticationWanted) {

        super('insufficient_user_authentication');
        this.wanted = wanted;
    }
}


export interface AuthenticationWanted {
    maxAuthAge?: number;
    acr?: string[];
}
