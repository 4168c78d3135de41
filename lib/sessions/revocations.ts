import { marginOf, maxSkew } from '../blacklist/clock';
import { identify, identifyToken } from '../blacklist/identities';
import { forever } from '../blacklist/blacklist';

import type { AcceptedTokens } from './accepted-tokens';
import type { JwtSettings, LookupSettings, SessionSettings } from '../options/settings';
import type { Revocation, Terms } from '../store/blacklist-contract';


/** For how long (ms) the tokens of a strategy are accepted. */
export interface Lifetimes {
    jwt: Pick<JwtSettings, 'clockTolerance' | 'maxAge' | 'ttl'>;
    sessions?: Pick<SessionSettings, 'maxAge'>;
    lookup?: Pick<LookupSettings, 'maxAge'>;
}


/** A session, as far as its tokens could be presented. */
export interface RevocableSession {
    issuer: string;
    session: string;

    /** `'stored'`: its access tokens were signed here. `'gone'`: it has no refresh token any more. `'external'`: neither is known. */
    state: 'stored' | 'gone' | 'external';
}


/** A moment up to which everything of a subject, or of everyone, is revoked. */
export interface Cutoff {
    issuer: string;

    /** The blacklist key of the subject, or of everyone. */
    identity: string;
    cutoff: number;

    /** When the last token that it ends was issued (ms). */
    issued: number;
}


// One process may be ahead of Redis and another behind it. An entry lasts until the process behind refuses what the process ahead has signed

const skew = 2 * maxSkew;


/** The blacklist entries that end something: which keys, up to which cut-off, and for how long. */
export class Revocations {

    readonly #settings: Lifetimes;

    /** How long (ms) refresh tokens, and tokens of any kind, could be presented from the moment when they are issued. */
    readonly #refreshLife: number;
    readonly #life: number;

    /** How long (ms) an entry outlives what it covers. */
    readonly margin: number;

    constructor(settings: Lifetimes) {

        const { jwt, sessions, lookup } = settings;
        this.#settings = settings;
        this.#refreshLife = (sessions ?? lookup)?.maxAge ?? 0;
        this.#life = Math.max(jwt.maxAge, this.#refreshLife);
        this.margin = marginOf(jwt.clockTolerance);
    }

    /** For how long the strategy accepts tokens of an issuer. */
    terms(issuer: string): Terms {

        return { issuer: identify('everyone', issuer), life: this.#life, tolerance: this.#settings.jwt.clockTolerance };
    }

    /** Ends the tokens that are given, except those that end anyway. A refresh token of a lookup may not: the app may say otherwise tomorrow whose it is. */
    tokens({ access, refresh }: Partial<AcceptedTokens> = {}, isEnded: (token: { identities: string[]; stamp: number }) => boolean = () => false): Revocation[] {

        const { jwt, sessions, lookup } = this.#settings;
        const revocations: Revocation[] = [];

        // Another strategy may accept an access token to its end, where this one does not

        if (access && !isEnded(access)) {
            const isCut = access.expires < access.claims.exp! * 1000 + jwt.clockTolerance;
            revocations.push(tokenRevocation(access, { ...this.terms(access.issuer), life: isCut ? jwt.maxAge : undefined }));
        }

        // The refresh token of a session may be renewed meanwhile, and then lives longer than was seen

        if (refresh && (lookup || !isEnded(refresh))) {
            revocations.push(tokenRevocation(refresh, { ...this.terms(refresh.issuer), life: this.#refreshLife }, sessions?.maxAge));
        }

        return revocations;
    }

    /** Ends an access token of which only its `jti` is known. */
    jti(issuer: string, jti: string): Revocation {

        return this.#forLife(identifyToken(issuer, jti), issuer, this.#settings.jwt.maxAge);
    }

    /** Ends a session, for as long as any of its tokens could be presented. */
    session({ issuer, session, state }: RevocableSession): Revocation {

        const { jwt } = this.#settings;
        const accessLife = state === 'stored' ? jwt.ttl : jwt.maxAge;
        return this.#forLife(identify('session', issuer, session), issuer, state === 'gone' ? accessLife : Math.max(accessLife, this.#refreshLife));
    }

    /** Ends what was issued so far, or before a moment, for as long as any of it could be presented. */
    cutoff({ issuer, identity, cutoff, issued }: Cutoff): Revocation {

        const longest = this.#life + this.margin;
        return { key: identity, cutoff, ttl: Math.max(longest - (Date.now() - issued), skew), terms: this.terms(issuer) };
    }

    #forLife(key: string, issuer: string, life: number): Revocation {

        return { key, cutoff: forever, ttl: life + this.margin, terms: { ...this.terms(issuer), life } };
    }
}


const tokenRevocation = function ({ id, expires }: { id: string; expires: number }, terms: Revocation['terms'], least = 0): Revocation {

    return { key: id, cutoff: forever, ttl: Math.max(expires - Date.now(), least) + skew, terms };
};
