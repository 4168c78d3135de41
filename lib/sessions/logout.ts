import { maxSkew } from '../blacklist/clock';
import { identify, identifyToken, sessionAddress, sessionId } from '../blacklist/identities';
import { forever } from '../store/contract';

import type { Request } from '@hapi/hapi';
import type { Blacklist } from '../blacklist/blacklist';
import type { AcceptedTokens } from './accepted-tokens';
import type { AccessToken } from '../jwt/access-token';
import type { SessionList } from './session-list';
import type { Revocation, SessionAddress, Terms } from '../store/contract';
import type { JwtSettings, LookupSettings, SessionSettings, StrategySettings } from '../options/settings';
import type { Ending } from '../types';


/** The wish to end something. What is not known or not asked for is left out. */
export interface Order extends Pick<Ending, 'extent' | 'issuer'>, Partial<Omit<Ending, 'extent' | 'issuer'>> {
    request: Request | null;

    /** The tokens that a request or a call brought. They are ended in the same step. */
    tokens?: AcceptedTokens;

    /** Of an access token, where that is all that is known of it. */
    jti?: string;
}


/** The sessions of subjects, as far as a logout needs them. */
export type EndableSessions = Pick<SessionList, 'list' | 'remove'>;


/** What it has to know of a strategy. */
export interface LogoutSettings extends Pick<StrategySettings, 'onRevoke'> {
    jwt: Pick<JwtSettings, 'clockTolerance' | 'maxAge' | 'ttl'>;
    sessions?: Pick<SessionSettings, 'maxAge'>;
    lookup?: Pick<LookupSettings, 'maxAge' | 'remove'>;
}


export interface LogoutOptions {
    blacklist: Blacklist;

    /** Where the strategy has sessions. */
    sessions: EndableSessions | null;
    settings: LogoutSettings;

    /** A moment (ms) after all of a subject so far, and before its sessions to come: other strategies and services may keep sessions, by the store's clock. */
    stamp: (subject: string) => Promise<number>;

    /** Is told what was revoked. */
    ended: (ending: Ending, request: Request | null) => void;

    /** Is handed work that the answer need not wait for, and that the server waits for when it stops. */
    later: (work: Promise<void>) => void;
}


// No entry may go while a token is still accepted somewhere, by another clock

const margin = maxSkew;


/** From the wish to log out to what is written: which keys, with which cut-off, for how long. */
export class Logout {

    readonly #blacklist: Blacklist;
    readonly #sessions: EndableSessions | null;
    readonly #settings: LogoutSettings;
    readonly #stamp: LogoutOptions['stamp'];
    readonly #ended: LogoutOptions['ended'];
    readonly #later: LogoutOptions['later'];

    constructor({ blacklist, sessions, settings, stamp, ended, later }: LogoutOptions) {

        this.#blacklist = blacklist;
        this.#sessions = sessions;
        this.#settings = settings;
        this.#stamp = stamp;
        this.#ended = ended;
        this.#later = later;
    }

    /** For how long the strategy accepts tokens of an issuer. */
    terms(issuer: string): Terms {

        return { issuer: identify('everyone', issuer), life: this.#life, tolerance: this.#settings.jwt.clockTolerance };
    }

    /**
     * Ends what is wished to end. One write covers all of it, so that nothing is ever half done; repeating it is harmless.
     *
     * @throws `Outage` when it is not certain that it was written; what the app's `onRevoke` throws, before; what `lookup.remove` throws, after.
     */
    async end(order: Order): Promise<void> {

        const { tokens, request } = order;
        const { onRevoke, lookup } = this.#settings;
        const ending = endingOf(order);

        await onRevoke?.(ending, request);
        await this.#write(ending, order);
        this.#ended(ending, request);

        if (lookup && tokens?.refresh) {
            await lookup.remove(tokens.refresh.token, request);
        }
    }

    /** Ends one session, whatever the app says. `tokens` are ended in the same step. */
    async endSession(issuer: string, session: string, tokens?: AcceptedTokens): Promise<void> {

        const revocations = [...this.#atHand(tokens, identify('session', issuer, session)), this.#sessionRevocation(issuer, session)];
        await this.#blacklist.revoke(revocations);

        const address = this.#sessions && sessionAddress(session);
        if (address) {
            this.#later(this.#forget([address], revocations, tokens));
        }
    }

    /** Ends one token, of which nothing but its `jti` is known. */
    async endToken(issuer: string, jti: string): Promise<void> {

        const { clockTolerance, maxAge } = this.#settings.jwt;
        const revocation = tokenRevocation({ id: identifyToken(issuer, jti), expires: Date.now() + maxAge + clockTolerance });
        await this.#blacklist.revoke([{ ...revocation, terms: { ...this.terms(issuer), life: maxAge } }]);
    }

    async #write({ extent, issuer, subject, session, before }: Ending, { tokens, jti }: Order): Promise<void> {

        if (jti !== undefined) {
            await this.endToken(issuer, jti);
        }
        else if (extent === 'token') {
            await this.#blacklist.revoke(this.#atHand(tokens));
        }
        else if (extent === 'session') {
            await this.endSession(issuer, session!, tokens);
        }
        else if (extent === 'others') {
            await this.#endOthers(issuer, subject!, session);
        }
        else if (before === null) {
            await this.#endSubject(issuer, subject!, tokens);
        }
        else {
            await this.#endBefore(issuer, subject, before);
        }
    }

    // Everything of a subject that was issued so far

    async #endSubject(issuer: string, subject: string, tokens: AcceptedTokens | undefined): Promise<void> {

        const key = identify('subject', issuer, subject);

        // The sessions come first: one that begins after the cut-off must not be among them

        const addresses = await this.#list(key);
        const cutoff = await this.#stamp(key);
        const also = this.#atHand(tokens);
        await this.#blacklist.revoke([...also, this.#cutoff({ issuer, key, cutoff, issued: Date.now() })]);
        this.#later(this.#forget(addresses, also, tokens));
    }

    // A list of everybody's sessions there is not: theirs expire by themselves, and with them the cut-off

    async #endBefore(issuer: string, subject: string | null, before: number): Promise<void> {

        const key = subject === null ? identify('everyone', issuer) : identify('subject', issuer, subject);
        const cutoff = Math.ceil(before) - 1;
        const addresses = subject === null ? [] : await this.#list(key, cutoff);
        await this.#blacklist.revoke([this.#cutoff({ issuer, key, cutoff, issued: before })]);
        this.#later(this.#forget(addresses, []));
    }

    async #endOthers(issuer: string, subject: string, session: string | null): Promise<void> {

        const sessions = await this.#list(identify('subject', issuer, subject));
        const others = sessions.filter((address) => sessionId(address) !== session);
        if (others.length > 0) {
            const revocations = others.map((address) => this.#sessionRevocation(issuer, sessionId(address)));
            await this.#blacklist.revoke(revocations);
            this.#later(this.#forget(others, revocations));
        }
    }

    async #list(subject: string, latest = forever): Promise<SessionAddress[]> {

        const sessions = await this.#sessions?.list(subject) ?? [];
        return sessions.filter(({ created }) => created <= latest).map(({ id }) => ({ subject, id }));
    }

    // The tokens at hand. What falls with `session` need not be named, unless it is the app that says so, which may say otherwise tomorrow

    #atHand({ access, refresh }: Partial<AcceptedTokens> = {}, session = ''): Revocation[] {

        const { sessions, lookup } = this.#settings;
        const revocations: Revocation[] = [];

        if (access && !access.identities.includes(session)) {
            revocations.push({ ...tokenRevocation(access), terms: this.#tokenTerms(access) });
        }

        if (refresh && lookup) {
            revocations.push({ ...tokenRevocation(refresh), terms: { ...this.terms(refresh.issuer), life: lookup.maxAge } });
        }

        // One of ours may be renewed meanwhile, and then lives for longer than was seen

        else if (refresh && !refresh.identities.includes(session)) {
            revocations.push({ ...tokenRevocation(refresh, sessions!.maxAge), terms: { ...this.terms(refresh.issuer), life: sessions!.maxAge } });
        }

        return revocations;
    }

    // Another strategy may accept it to its end, where this one did not

    #tokenTerms({ issuer, expires, claims }: AccessToken): Revocation['terms'] {

        const { clockTolerance, maxAge } = this.#settings.jwt;
        const isCut = expires < claims.exp! * 1000 + clockTolerance;
        return { ...this.terms(issuer), life: isCut ? maxAge : undefined };
    }

    /** How long (ms) a token could be presented from the moment it is issued, tolerance and clocks left aside. */
    get #life(): number {

        const { jwt, sessions, lookup } = this.#settings;
        return Math.max(jwt.maxAge, (sessions ?? lookup)?.maxAge ?? 0);
    }

    // As long as any token of the session could be presented

    #sessionRevocation(issuer: string, session: string): Revocation {

        const { jwt, sessions, lookup } = this.#settings;
        const isOwn = sessions && sessionAddress(session);
        const life = Math.max(isOwn ? jwt.ttl : jwt.maxAge, (sessions ?? lookup)?.maxAge ?? 0);
        return { key: identify('session', issuer, session), cutoff: forever, ttl: life + jwt.clockTolerance + margin, terms: { ...this.terms(issuer), life } };
    }

    // As long as any token could be presented that was issued until then (ms)

    #cutoff({ issuer, key, cutoff, issued }: { issuer: string; key: string; cutoff: number; issued: number }): Revocation {

        const longest = this.#life + this.#settings.jwt.clockTolerance + margin;
        return { key, cutoff, ttl: Math.max(longest - (Date.now() - issued), margin), terms: this.terms(issuer) };
    }

    // Once its row is gone no token of a session can be renewed, and the blacklist need not outlive the access tokens. Without this it
    // would hold every logout of a month; with it, those of a quarter of an hour

    async #forget(addresses: SessionAddress[], revocations: Revocation[], tokens?: AcceptedTokens): Promise<void> {

        if (addresses.length === 0) {
            return;
        }

        const ttl = tokens?.access ? tokenRevocation(tokens.access).ttl : 0;
        await this.#sessions!.remove(addresses[0]!.subject, addresses.map(({ id }) => id), {
            revocations: revocations.map((revocation) => ({ ...revocation, ttl })),
            margin: this.#settings.jwt.clockTolerance + margin
        });
    }
}


// A session that nobody named is the token alone

const endingOf = function ({ extent, issuer, subject = null, session = null, before = null, reason = null }: Order): Ending {

    return { extent: extent === 'session' && session === null ? 'token' : extent, issuer, subject, session, before, reason };
};


const tokenRevocation = function ({ id, expires }: { id: string; expires: number }, least = 0): Revocation {

    return { key: id, cutoff: forever, ttl: Math.max(expires - Date.now(), least) + margin };
};
