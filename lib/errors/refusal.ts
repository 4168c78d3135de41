// This room has the errors that a request or a call can end with: refusals, as codes, and outages.

/** Why tokens, or a request, are refused. Stable. */
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


/** Every code of this package, in the payload of a response and as `error.data.code`. The first two are hapi's own refusals. */
export type ErrorCode = 'credentials_missing' | 'insufficient_scope' | ChallengeCode | OutageCode;


/** A refusal, as a code: `request/` and `api/` turn it into a response. `detail` is for operators, and has nothing of the token in it. */
export class Refusal extends Error {

    override readonly name = 'Refusal';
    readonly code: ChallengeCode;
    readonly detail?: string;

    /** Whether the token is dead for certain. It is not where another strategy may accept it, or this one later. */
    readonly isCertain: boolean;

    constructor(code: ChallengeCode, detail?: string, { isCertain = true } = {}) {

        super(detail ?? code);
        this.code = code;
        this.detail = detail;
        this.isCertain = isCertain;
    }
}


/** The user was authenticated too long ago, or too weakly. The tokens are good elsewhere. */
export class InsufficientAuthentication extends Refusal {

    /** How long ago (ms) the user may have been authenticated, and in which of these contexts. */
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
