import { marginOf, maxSkew } from '../blacklist/clock';
import { identify, identifyToken } from '../blacklist/identities';
import { forever } from '../blacklist/blacklist';

import type { AcceptedTokens } from './accepted-tokens';
import type { JwtSettings, LookupSettings, SessionSettings } from '../options/settings';
import type { Revocation, Terms } from '../store/blacklist-contract';


/** How long (ms) the tokens of a strategy are accepted. */
export interface Lifetimes {
    jwt: Pick<JwtSettings, 'clockTolerance' | 'maxAge' | 'ttl'>;
    sessions?: Pick<SessionSettings, 'maxAge'>;
    lookup?: Pick<LookupSettings, 'maxAge'>;
}


export interface RevocableSession {
    issuer: string;
    session: string;

    /** `'stored'`: its access tokens were signed here. `'gone'`: its refresh token is gone. `'external'`: neither is known. */
    state: 'stored' | 'gone' | 'external';
}


/** A moment up to which everything of a subject, or of everyone, is revoked. */
export interface Cutoff {
    issuer: string;

    identity: string;
    cutoff: number;

    /** When the last token that ends was issued (ms). */
    issued: number;
}


// One process may be ahead of Redis and another behind. An entry lasts until the one behind considers tokens of the one ahead expired

const skew = 2 * maxSkew;


/** Makes the blacklist entries that end something: key, cut-off and life. */
export class Revocations {

    readonly #settings: Lifetimes;

    /** How long (ms) refresh tokens, and all tokens, can be used after their issue. */
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

    terms(issuer: string): Terms {

        return { issuer: identify('everyone', issuer), life: this.#life, tolerance: this.#settings.jwt.clockTolerance };
    }

    /** Ends the tokens given, except those that end anyway. A refresh token of a lookup is never an exception: the app may assign it to another subject. */
    tokens({ access, refresh }: Partial<AcceptedTokens> = {}, isEnded: (token: { identities: string[]; stamp: number }) => boolean = () => false): Revocation[] {

        const { jwt, sessions, lookup } = this.#settings;
        const revocations: Revocation[] = [];

        // Another strategy may accept an access token for longer than this one

        if (access && !isEnded(access)) {
            const isCut = access.expires < access.claims.exp! * 1000 + jwt.clockTolerance;
            revocations.push(tokenRevocation(access, { ...this.terms(access.issuer), life: isCut ? jwt.maxAge : undefined }));
        }

        // A renewal at the same moment would prolong the life of the refresh token

        if (refresh && (lookup || !isEnded(refresh))) {
            revocations.push(tokenRevocation(refresh, { ...this.terms(refresh.issuer), life: this.#refreshLife }, sessions?.maxAge));
        }

        return revocations;
    }

    jti(issuer: string, jti: string): Revocation {

        return this.#forLife(identifyToken(issuer, jti), issuer, this.#settings.jwt.maxAge);
    }

    /** Ends a session, for as long as any of its tokens could be used. */
    session({ issuer, session, state }: RevocableSession): Revocation {

        const { jwt } = this.#settings;
        const accessLife = state === 'stored' ? jwt.ttl : jwt.maxAge;
        return this.#forLife(identify('session', issuer, session), issuer, state === 'gone' ? accessLife : Math.max(accessLife, this.#refreshLife));
    }

    /** Ends everything issued up to a moment, for as long as any of it could be used. */
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
